package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func (l *loader) checkKeys() {
	known := knownKeys()
	for _, p := range l.entries {
		if IsOurs(p.Key) && !isKnown(p.Key) {
			message := "there is no such property; remove the line, or see the configuration table for the name"
			if near := suggestion(p.Key, 1+len(p.Key)/4); near != "" {
				message = "there is no such property; did you mean " + near + "?"
			}
			// Without the value: what a misspelt key holds may be a secret.
			l.problems = append(l.problems, Problem{Key: p.Key, Source: p.Source, Message: message})
		} else if !IsOurs(p.Key) {
			if near := cmp.Or(suggestion(p.Key, 3), known.suggestion(p.Key)); near != "" {
				l.warn("%s (%s) is passed on to Alluxio, which does not know it; did you mean %s?", oneLine(p.Key),
					p.Source, near)
			}
		}
	}
	for i := range Keys {
		newer, ok := l.find(Keys[i].Name)
		older, okOld := l.find(Keys[i].OldName)
		if ok && okOld && Keys[i].OldName != "" && strings.TrimSpace(newer.Value) != strings.TrimSpace(older.Value) {
			l.problem(newer.Key,
				"%s says %q (%s), and both name the same thing in different versions of Alluxio; keep one line, or give both the "+
					"same value", older.Key, shown(older.Key, older.Value), older.Source)
		}
	}
}

// parseAll reads the value of every key. Without a site file there is no complaint about what is missing in it.
func (l *loader) parseAll(haveSite bool) {
	for i := range Keys {
		k := &Keys[i]
		if p, ok := l.written(k); k.Name == KeyJarURL && (!ok || strings.TrimSpace(p.Value) == "") {
			if haveSite && !l.isReported(k.Name) {
				l.problem(k.Name,
					"must be set: LOCAL when Alluxio is installed on every agent under %s, else the URL of a release tarball such "+
						"as http://host/alluxio-2.9.6-bin.tar.gz", KeyHome)
			}
			continue
		}
		l.parse(k)
	}
}

// isReported is true for a property whose line could not be read at all.
func (l *loader) isReported(name string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Key == name })
}

// parse reads the value of one key into l.parsed, or adds a Problem.
func (l *loader) parse(k *Key) {
	p, ok := l.written(k)
	text := p.Value
	if !ok {
		text = k.Default
	}
	if k.Kind == KindSecret || k.Kind == KindAlluxio {
		l.parsed[k.Name] = text
		return
	}
	text, err := l.expand(strings.TrimSpace(text))
	if err == nil && text == "" && k.Default == "" && !ok {
		return
	}
	var value any
	if err == nil {
		value, err = k.Kind.parse(text)
	}
	if err != nil {
		message := err.Error()
		if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
			message = "write the value without quotes: a properties file has none (" + message + ")"
		}
		l.problem(p.Key, "%s", message)
		return
	}
	if (k.Kind == KindDuration || k.Kind == KindHangTime) && withoutUnit.MatchString(text) {
		l.warn("%s = %s (%s) has no unit and means milliseconds, as in Alluxio; write %ss or %sms", p.Key, text,
			p.Source, text, text)
	}
	l.parsed[k.Name] = value
}

// withoutUnit is a time that is only a number.
var withoutUnit = regexp.MustCompile(`^[0-9]+$`)

// get returns what parse made of a property: the zero value when it was unset without a default, or a problem.
func get[T any](l *loader, name string) T {
	value, _ := l.parsed[name].(T)
	return value
}

// problem adds a problem with a property, at the place where it was written, else at the site file.
func (l *loader) problem(name, format string, args ...any) {
	p, _ := l.find(name)
	l.problems = append(l.problems,
		Problem{Key: name, Value: shown(name, p.Value), Source: p.Source, Message: fmt.Sprintf(format, args...)})
}

// hasProblem is true if a Problem of the property name is recorded.
func (l *loader) hasProblem(name string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Key == name })
}

// warnInShort is warn with a long text, which only validate and the log show as it is.
func (l *loader) warnInShort(short, text string) {
	l.inShort[text] = short + "; `alluxio-mesos validate` says more"
	l.warn("%s", text)
}

func (l *loader) warn(format string, args ...any) {
	warning := fmt.Sprintf(format, args...)
	if !slices.Contains(l.warnings, warning) {
		l.warnings = append(l.warnings, warning)
	}
}
