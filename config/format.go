package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// FormatProperty writes p as one line without its line end. java.util.Properties and
// ParseProperties read exactly p.Key and p.Value back, whatever they hold; everything but printable
// ASCII is \uXXXX, so that the encoding of the reader does not matter. Bytes that are not UTF-8
// become U+FFFD.
func FormatProperty(p Property) string {
	var out strings.Builder
	for _, r := range p.Key {
		// In a key these would end it or, in front, make the line a comment.
		if strings.ContainsRune(" =:#!", r) {
			out.WriteByte('\\')
		}
		writeEscaped(&out, r)
	}
	out.WriteByte('=')
	leading := true
	for _, r := range p.Value {
		leading = leading && r == ' '
		if leading {
			out.WriteByte('\\')
		}
		writeEscaped(&out, r)
	}
	return out.String()
}

// FormatProperties writes each of list as a line of its own.
func FormatProperties(list []Property) []byte {
	var out bytes.Buffer
	for _, p := range list {
		out.WriteString(FormatProperty(p))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

func writeEscaped(out *strings.Builder, r rune) {
	switch {
	case r == '\\':
		out.WriteString(`\\`)
	case r == '\n':
		out.WriteString(`\n`)
	case r == '\r':
		out.WriteString(`\r`)
	case r == '\t':
		out.WriteString(`\t`)
	case r == '\f':
		out.WriteString(`\f`)
	case r >= ' ' && r <= '~':
		out.WriteRune(r)
	default:
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(out, `\u%04X`, unit)
		}
	}
}
