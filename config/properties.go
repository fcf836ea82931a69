package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/magiconair/properties"
)

// ParseProperties reads data as java.util.Properties.load(InputStream) of Java 17 does: ISO-8859-1,
// with \uXXXX for everything else. It returns one Property for each entry in the order of the file,
// repeated keys included (the last one counts), each with Source "name:line". `${...}` stays as
// written.
//
// A line with a broken \uXXXX becomes a Problem and the other lines are still read. So does half a
// surrogate pair: Java keeps it, but no text that leaves Java can carry it. Problems never show the
// value.
func ParseProperties(name string, data []byte) ([]Property, Problems) {
	var found []Property
	var problems Problems
	for _, line := range logicalLines(data) {
		source := fmt.Sprintf("%s:%d", name, line.number)
		p, err := parseLine(line.text)
		if err != nil {
			problems = append(problems, Problem{Key: p.Key, Source: source, Message: err.Error()})
			continue
		}
		p.Source = source
		found = append(found, p)
	}
	return found, problems
}

// logicalLine is a natural line with its continuations, without comments, leading white space and line ends.
type logicalLine struct {
	text   string
	number int
}

// logicalLines splits as java.util.Properties.LineReader does. magiconair/properties reads most of
// that too, but it takes a continuation inside a key for a part of the key, and it does not say on
// which line a key is.
func logicalLines(data []byte) []logicalLine {
	var lines []logicalLine
	s := lineSplitter{}
	for i := 0; i < len(data); i++ {
		c := data[i]
		end, crlf := c == '\n' || c == '\r', false
		if c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
			crlf = true
		}
		if s.take(c, end) {
			lines = append(lines, s.finish())
		}
		if end {
			s.natural++
			s.dangling = s.dangling && !crlf
		}
	}
	if len(s.text) > 0 || s.dangling {
		// A backslash before the end of the file continues into nothing: it is dropped.
		s.dropBackslash()
		lines = append(lines, s.finish())
	}
	return lines
}

type lineSplitter struct {
	// text is ISO-8859-1.
	text []byte
	// natural counts the line ends so far, first is that count where the logical line began.
	natural, first int
	// inLine is true after the first character of a natural line that is not white space.
	inLine, comment bool
	// escaped is true after an odd number of backslashes.
	escaped bool
	// dangling is true right after a line end that such a backslash took away. A file that ends
	// there has one more entry, even when it is the empty one; Java does not do that after \r\n or
	// white space.
	dangling bool
}

// take adds one character and reports whether it ended a logical line.
func (s *lineSplitter) take(c byte, end bool) bool {
	if end {
		return s.takeEnd()
	}
	s.dangling = false
	if s.comment {
		return false
	}
	if !s.inLine {
		if c == ' ' || c == '\t' || c == '\f' {
			return false
		}
		s.inLine = true
	}
	if len(s.text) == 0 {
		// Also after a continuation of nothing, as since Java 11.
		if c == '#' || c == '!' {
			s.comment = true
			return false
		}
		s.first = s.natural
	}
	s.escaped = c == '\\' && !s.escaped
	s.text = append(s.text, c)
	return false
}

func (s *lineSplitter) takeEnd() bool {
	s.inLine, s.comment = false, false
	if s.escaped {
		s.dropBackslash()
		s.dangling = true
		return false
	}
	s.dangling = false
	return len(s.text) > 0
}

func (s *lineSplitter) dropBackslash() {
	if !s.escaped {
		return
	}
	s.text = s.text[:len(s.text)-1]
	s.escaped = false
}

func (s *lineSplitter) finish() logicalLine {
	line := logicalLine{text: latin1(s.text), number: s.first + 1}
	s.text = s.text[:0]
	s.inLine, s.escaped = false, false
	return line
}

func latin1(text []byte) string {
	var out strings.Builder
	for _, c := range text {
		out.WriteRune(rune(c))
	}
	return out.String()
}

// keyMark is put before every line that magiconair/properties gets: it reads neither an empty key
// nor one that begins with an escaped line end, both of which Java does.
const keyMark = "k"

// parseLine reads one logical line. With an error, the Property has the key when that much is readable.
func parseLine(text string) (Property, error) {
	joined, err := joinSurrogates(text)
	if err != nil {
		return Property{Key: readableKey(text)}, err
	}
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	parsed, err := loader.LoadBytes([]byte(keyMark + joined))
	if err != nil || parsed.Len() != 1 {
		return Property{Key: readableKey(text)}, errors.New("the line cannot be read as a property; write key=value")
	}
	key := parsed.Keys()[0]
	value, _ := parsed.Get(key)
	return Property{Key: strings.TrimPrefix(key, keyMark), Value: value}, nil
}

// readableKey is the part of a broken line that cannot be a value.
func readableKey(text string) string {
	if i := strings.IndexAny(text, "=: \t\f"); i >= 0 {
		text = text[:i]
	}
	if strings.Contains(text, `\`) {
		return ""
	}
	return text
}

// joinSurrogates checks every \uXXXX of a line and replaces two that make up one character by that
// character, as Java's UTF-16 strings do by themselves.
func joinSurrogates(text string) (string, error) {
	if !strings.Contains(text, `\u`) {
		return text, nil
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '\\' || i+1 == len(text) || text[i+1] != 'u' {
			width := 1
			if text[i] == '\\' {
				width = min(2, len(text)-i)
			}
			out.WriteString(text[i : i+width])
			i += width
			continue
		}
		unit, ok := escapedUnit(text[i:])
		if !ok {
			return "",
				errors.New(`a broken \uXXXX: four hexadecimal digits must follow \u; a backslash of the text itself is written \\`)
		}
		if !utf16.IsSurrogate(unit) {
			out.WriteString(text[i : i+unitLength])
			i += unitLength
			continue
		}
		low, _ := escapedUnit(text[i+unitLength:])
		r := utf16.DecodeRune(unit, low)
		if r == '\uFFFD' {
			return "",
				errors.New(`half of a \uXXXX\uXXXX pair: a character beyond \uFFFF is written as two escapes, high surrogate first`)
		}
		out.WriteRune(r)
		i += 2 * unitLength
	}
	return out.String(), nil
}

const unitLength = len(`\uXXXX`)

// escapedUnit reads the \uXXXX at the beginning of text.
func escapedUnit(text string) (rune, bool) {
	if len(text) < unitLength || text[:2] != `\u` {
		return 0, false
	}
	for _, c := range text[2:unitLength] {
		if !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(text[2:unitLength], 16, 16)
	return rune(n), err == nil
}
