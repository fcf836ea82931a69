package alluxio

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// siteName is the file that Alluxio reads in its configuration folder.
const siteName = "alluxio-site.properties"

// site is the site file of one task while it is being made. Three kinds of keys are kept apart:
// what the operator wrote and stays as it is, what placement decides whatever the operator wrote,
// and what is given because the operator wrote nothing.
type site struct {
	operator []config.Property
	placed   []line
	given    []line
	warnings []string
}

// line is a property of ours and why it is there.
type line struct {
	property config.Property
	comment  string
}

// get returns what the operator set under any of several names. As in java.util.Properties the last line wins.
func (s *site) get(names ...string) (config.Property, bool) {
	for _, p := range slices.Backward(s.operator) {
		if slices.Contains(names, p.Key) {
			return p, true
		}
	}
	return config.Property{}, false
}

// drop takes the operator's lines of a key out, and says so unless they already have the value that counts.
func (s *site) drop(value, why string, names ...string) {
	s.operator = slices.DeleteFunc(s.operator, func(p config.Property) bool {
		if !slices.Contains(names, p.Key) {
			return false
		}
		if p.Value != value {
			s.warn("%s (%s) is not used: %s; remove the line", p.Key, source(p), why)
		}
		return true
	})
}

// place sets the first of names to what placement decided. The other names are aliases that could contradict it.
func (s *site) place(value, why string, names ...string) {
	s.drop(value, why, names...)
	s.placed = append(s.placed, line{config.Property{Key: names[0], Value: value}, why})
}

// override is place for a property that the operator wrote for another process: its lines go without
// a word.
func (s *site) override(value, why, name string) {
	s.operator = slices.DeleteFunc(s.operator, func(p config.Property) bool { return p.Key == name })
	s.place(value, why, name)
}

// withoutSecrets removes the operator's credentials for a process that has no use for them.
func (s *site) withoutSecrets() {
	s.operator = slices.DeleteFunc(s.operator, func(p config.Property) bool { return config.IsCredential(p.Key) })
}

// respellSizes writes the operator's sizes so that every version of Alluxio reads them: "16 GB" and
// "1GiB" as 16GB and 1GB, without spaces around. What is not a size stays as it is.
func (s *site) respellSizes(isSize func(key string) bool) {
	for i := range s.operator {
		p := &s.operator[i]
		if !isSize(p.Key) {
			continue
		}
		parts := strings.Split(p.Value, ",")
		for j, part := range parts {
			size, err := config.ParseBytes(part)
			switch {
			case err != nil:
			case config.AlluxioReadsSize(part):
				parts[j] = strings.TrimSpace(part)
			default:
				parts[j] = size.String()
			}
		}
		p.Value = strings.Join(parts, ",")
	}
}

// trimLists removes the spaces around the parts of lists, which Alluxio would take for a part of them.
func (s *site) trimLists(isList func(key string) bool) {
	for i := range s.operator {
		p := &s.operator[i]
		if !isList(p.Key) {
			continue
		}
		parts := strings.Split(p.Value, ",")
		for j := range parts {
			parts[j] = strings.TrimSpace(parts[j])
		}
		p.Value = strings.Join(parts, ",")
	}
}

// give sets the first of names unless the operator set one of them.
func (s *site) give(value, why string, names ...string) {
	if _, ok := s.get(names...); !ok {
		s.given = append(s.given, line{config.Property{Key: names[0], Value: value}, why})
	}
}

// port tells Alluxio a claimed port, unless it would take that one anyway. number 0 is a port that was not claimed.
func (s *site) port(number, standard uint16, names ...string) {
	const why = "the port that was claimed from Mesos"
	written, ok := s.get(names...)
	text := strconv.Itoa(int(number))
	switch {
	case number == 0, !ok && number == standard, ok && strings.TrimSpace(written.Value) == text:
		return
	case ok && strings.TrimSpace(written.Value) == "0":
		s.operator = slices.DeleteFunc(s.operator, func(p config.Property) bool { return slices.Contains(names, p.Key) })
	}
	s.place(text, why, names...)
}

func (s *site) warn(format string, args ...any) {
	s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
}

func source(p config.Property) string {
	if p.Source == "" {
		return "site file"
	}
	return p.Source
}

// file writes the whole site file. Its content may hold the under store's keys: it goes into a file
// that only the task's user can read.
func (s *site) file(version string) config.File {
	var out bytes.Buffer
	fmt.Fprintf(&out,
		"# Written by alluxio-mesos for Alluxio %s. It is written again for every task: change the framework's site file "+
			"instead.\n", version)
	section := func(title string) { fmt.Fprintf(&out, "\n# %s\n", title) }
	if len(s.operator) > 0 {
		section("As the operator wrote it.")
		for _, p := range s.operator {
			out.WriteString(config.FormatProperty(p) + "\n")
		}
	}
	lines := func(list []line) {
		for i, l := range list {
			if i == 0 || list[i-1].comment != l.comment {
				fmt.Fprintf(&out, "# - %s\n", l.comment)
			}
			out.WriteString(config.FormatProperty(l.property) + "\n")
		}
	}
	section("Set by placement; the site file has no say in these.")
	lines(s.placed)
	section("Given because the site file does not set them.")
	lines(s.given)
	return config.File{Name: siteName, Data: out.Bytes()}
}
