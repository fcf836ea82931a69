package process

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// tailBytes is how much of the end of a log is looked at.
	tailBytes = 128 << 10
	// lineLimit bounds one line in a message, in bytes.
	lineLimit = 300
)

// Reasons returns at most n lines of the logs at paths that say why a process ended: errors and
// exceptions with their causes, the last ones of the first log that has any; else the last lines of
// the first log that has lines at all. Lines of the level INFO and below are no cause. mask takes
// the secrets out of a line before it may be cut in two.
func Reasons(n int, mask func(string) string, paths ...string) []string {
	var rest []string
	for _, path := range paths {
		lines := lastLines(path, mask)
		if found := reasons(lines, n); len(found) > 0 {
			return found
		}
		if len(rest) == 0 {
			lines = slices.DeleteFunc(lines, quiet.MatchString)
			rest = lines[max(0, len(lines)-n):]
		}
	}
	return rest
}

// reasonLine matches lines of log4j, of the JVM itself and of stack traces that say what went wrong.
var reasonLine = regexp.MustCompile(`\b(ERROR|FATAL)\b|^(Error|Exception|Caused ` +
	`by|Unrecognized|Invalid|Improperly|Could not)\b|` +
	`\b[A-Z]\w*(Exception|Error)\b|OutOfMemory|^# |[Ff]ailed to|[Uu]ncaught|^(\[[^\]]*\])*\[error\]|No space left on ` +
	`device|os::commit_memory`)

// quiet matches lines of log4j and of the JVM's own log that are no cause, whatever words are in
// them.
var quiet = regexp.MustCompile(`^[-\d/:.,TZ+\[\]() ]*(TRACE|DEBUG|INFO)\b|^(\[[^\]]*\])*\[(trace|debug|info) *\]`)

// leveled matches log lines, which are not messages of the JVM itself.
var leveled = regexp.MustCompile(`^[-\d/:.,TZ+\[\]() ]*(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b`)

// frame matches the lines of a stack trace that only say where.
var frame = regexp.MustCompile(`^\s+(at |\.\.\. \d+ more)`)

// The JVM reports a wrong option as free text: after the first of these, or before the second.
const (
	vmFails    = "Error occurred during initialization of "
	vmGivesUp  = "Error: Could not create the Java Virtual Machine"
	vmSentence = 3 // lines at most
)

func reasons(lines []string, n int) []string {
	isReason := make([]bool, len(lines))
	for i, l := range lines {
		isReason[i] = isReason[i] || reasonLine.MatchString(l) && !quiet.MatchString(l)
		step := 0
		switch {
		case strings.HasPrefix(l, vmFails):
			step = 1
		case strings.HasPrefix(l, vmGivesUp):
			step = -1
		}
		for k := 1; step != 0 && k <= vmSentence; k++ {
			if at := i + k*step; at >= 0 && at < len(lines) && !leveled.MatchString(lines[at]) {
				isReason[at] = true
				continue
			}
			break
		}
	}
	var found []string
	for i, l := range lines {
		if !isReason[i] || frame.MatchString(l) || strings.TrimSpace(l) == "#" {
			continue
		}
		if len(found) == 0 || found[len(found)-1] != l {
			found = append(found, l)
		}
	}
	return slices.Clone(found[max(0, len(found)-n):])
}

// ours matches lines of this program's own log, as JSON or for people: it shares its stderr with the JVM.
var ours = regexp.MustCompile(`^(\{"level":"|\d{4}-\d\d-\d\dT\S+ (TRC|DBG|INF|WRN|ERR|FTL) )`)

// lastLines reads the end of a file as clean lines: valid UTF-8, no control characters, none blank, none too long.
func lastLines(path string, mask func(string) string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil // a pipe would block
	}
	start := max(0, info.Size()-tailBytes)
	data := make([]byte, min(info.Size(), tailBytes))
	n, err := f.ReadAt(data, start)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	text := string(data[:n])
	if start > 0 { // begins in the middle of a line
		_, text, _ = strings.Cut(text, "\n")
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = cut(mask(clean(line))); line != "" && !ours.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func clean(line string) string {
	line = strings.ToValidUTF8(line, "?")
	line = strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, line)
	return strings.TrimRight(line, " ")
}

func cut(line string) string {
	if len(line) > lineLimit {
		end := lineLimit
		for !utf8.RuneStart(line[end]) {
			end--
		}
		line = line[:end] + "…"
	}
	return line
}
