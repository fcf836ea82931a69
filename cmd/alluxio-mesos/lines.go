package main

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"
)

// lines writes log lines for people: time, level, message, then the fields by name; no colours, since they are read in files. They are those of
// zerolog's ConsoleWriter, which decodes each into a map: with thousands of tasks that costs more than all decisions about them. What is
// not plain, such as text with escapes, is left to it.
type lines struct {
	to    io.Writer
	other zerolog.ConsoleWriter
}

func readable(to io.Writer) lines {
	return lines{to: to, other: zerolog.ConsoleWriter{Out: to, NoColor: true, TimeFormat: time.RFC3339}}
}

// Write writes the line of one event, which is a JSON object.
func (l lines) Write(event []byte) (int, error) {
	line, plain := lineOf(event)
	if !plain {
		return l.other.Write(event)
	}
	if _, err := l.to.Write(line); err != nil {
		return 0, err
	}
	return len(event), nil
}

// field is one of an event; text is false for numbers and the like.
type field struct {
	name, value []byte
	text        bool
}

// lineOf is the line of an event with a time, a level and a message, and fields without escapes, without parts and with names of their own.
func lineOf(event []byte) (line []byte, plain bool) {
	var buffer [16]field
	fields, ok := fieldsOf(buffer[:0], event)
	if !ok {
		return nil, false
	}
	slices.SortFunc(fields, func(a, b field) int { return bytes.Compare(a.name, b.name) })
	line = make([]byte, 0, 2*len(event))
	for _, name := range []string{zerolog.TimestampFieldName, zerolog.LevelFieldName, zerolog.MessageFieldName} {
		at := slices.IndexFunc(fields, func(f field) bool { return string(f.name) == name })
		if at < 0 || !fields[at].text || len(fields[at].value) == 0 {
			return nil, false
		}
		value := fields[at].value
		if name == zerolog.LevelFieldName {
			level, err := zerolog.ParseLevel(string(value))
			if value = []byte(zerolog.FormattedLevels[level]); err != nil || len(value) == 0 {
				return nil, false
			}
		}
		line = append(append(line, value...), ' ')
		fields = slices.Delete(fields, at, at+1)
	}
	for i, f := range fields {
		switch name := string(f.name); {
		case name == zerolog.ErrorFieldName, name == zerolog.CallerFieldName, i > 0 && name == string(fields[i-1].name):
			return nil, false
		case name == zerolog.TimestampFieldName, name == zerolog.LevelFieldName, name == zerolog.MessageFieldName: // once more
			return nil, false
		}
		line = append(append(line, f.name...), '=')
		if f.text && slices.ContainsFunc(f.value, func(c byte) bool { return c <= ' ' || c > '~' }) {
			line = strconv.AppendQuote(line, string(f.value))
		} else {
			line = append(line, f.value...)
		}
		line = append(line, ' ')
	}
	line[len(line)-1] = '\n'
	return line, true
}

// fieldsOf appends the fields of a JSON object to fields; ok is false for one that is not plain.
func fieldsOf(fields []field, event []byte) (_ []field, ok bool) {
	rest := event
	for separator := byte('{'); ; separator = ',' {
		if len(rest) == 0 || rest[0] != separator {
			return fields, string(rest) == "}\n"
		}
		var f field
		if f.name, rest, ok = quoted(rest[1:]); !ok || len(rest) < 2 || rest[0] != ':' {
			return nil, false
		}
		rest = rest[1:]
		if f.text = rest[0] == '"'; f.text {
			if f.value, rest, ok = quoted(rest); !ok {
				return nil, false
			}
		} else {
			end := bytes.IndexAny(rest, ",}{[")
			if end <= 0 || rest[end] == '{' || rest[end] == '[' {
				return nil, false
			}
			f.value, rest = rest[:end], rest[end:]
		}
		fields = append(fields, f)
	}
}

// quoted reads a string without escapes.
func quoted(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 || bytes.IndexByte(b[1:1+end], '\\') >= 0 {
		return nil, nil, false
	}
	return b[1 : 1+end], b[2+end:], true
}
