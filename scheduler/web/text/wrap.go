package text

import (
	"strings"
	"unicode/utf8"
)

// Width is the number of columns of text that is not written to a terminal.
const Width = 100

// leastWidth is the smallest width that is kept to: a narrower terminal wraps by itself.
const leastWidth = 40

// Wrap breaks the lines of s that have more than width columns at spaces; 0 leaves them as they are. A
// word, such as a path or a URL, is never broken, and neither is a command that has room on a line of
// its own. The lines that follow are indented: below the last column of a table, else by two columns
// more than the first.
func Wrap(s string, width int) string {
	if width <= 0 {
		return s
	}
	width = max(width, leastWidth)
	var b strings.Builder
	for line := range strings.Lines(s) {
		if utf8.RuneCountInString(line) <= width {
			b.WriteString(line)
			continue
		}
		body, end := strings.CutSuffix(line, "\n")
		wrapLine(&b, body, width, hangOf(body, width))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Fill is Wrap for a paragraph of prose, which is one line: the lines that follow are not indented.
func Fill(paragraph string, width int) string {
	if width <= 0 {
		return paragraph
	}
	var b strings.Builder
	wrapLine(&b, paragraph, max(width, leastWidth), 0)
	return b.String()
}

// wrapLine writes one line as several, of which those after the first are indented by hang.
func wrapLine(b *strings.Builder, line string, width, hang int) {
	first := len(line) - len(strings.TrimLeft(line, " \t"))
	b.WriteString(line[:first])
	column, fresh := first, true // fresh: nothing but the indent is on the present line
	for gap, word := range words(line[first:], width-hang) {
		n := utf8.RuneCountInString(word)
		if !fresh && column+gap+n > width {
			b.WriteString("\n" + strings.Repeat(" ", hang))
			column, fresh = hang, true
		}
		if !fresh {
			b.WriteString(strings.Repeat(" ", gap))
			column += gap
		}
		b.WriteString(word)
		column, fresh = column+n, false
	}
}

// hangOf is the indent of the lines that follow the first of line.
func hangOf(line string, width int) int {
	text := strings.TrimLeft(line, " \t")
	indent := len(line) - len(text)
	if at := strings.LastIndex(text, "  "); at >= 0 {
		// the last column of a table, unless little room is below it
		if column := indent + utf8.RuneCountInString(text[:at+2]); column <= width/2 {
			return column
		}
	}
	return indent + 2
}

// words yields the words of text, each with the number of spaces in front of it. A command counts as
// one word when it has at most room columns.
func words(text string, room int) func(yield func(gap int, word string) bool) {
	return func(yield func(int, string) bool) {
		for text != "" {
			rest := strings.TrimLeft(text, " ")
			gap := len(text) - len(rest)
			end := wordEnd(rest, room)
			if end > 0 && !yield(gap, rest[:end]) {
				return
			}
			text = rest[end:]
		}
	}
}

// program begins a command that is not in backquotes.
const program = "alluxio-mesos"

// wordEnd is where the first word of text ends. It goes on to the second of two backquotes, from the
// name of this program to its command, and from a command of this program to its flags.
func wordEnd(text string, room int) int {
	end := endAt(text, 0)
	for {
		next := end
		switch tail := text[end:]; {
		case strings.Count(text[:end], "`")%2 == 1 && strings.Contains(tail, "`"):
			next = endAt(text, end+strings.IndexByte(tail, '`'))
		case strings.HasSuffix(text[:end], program) && strings.HasPrefix(tail, " "),
			strings.Contains(text[:end], program) && strings.HasPrefix(tail, " --"):
			next = endAt(text, end+1)
		}
		if next == end || utf8.RuneCountInString(text[:next]) > room {
			return end
		}
		end = next
	}
}

// endAt is where the first space of text from an index on is, or its end.
func endAt(text string, from int) int {
	if i := strings.IndexByte(text[from:], ' '); i >= 0 {
		return from + i
	}
	return len(text)
}
