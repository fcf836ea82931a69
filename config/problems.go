package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong with what the operator wrote.
type Problem struct {
	// Key is the property, or "" when the problem is not with a property.
	Key string
	// Value is what was written, as it may be shown: credentials are "***". It is "" where nothing may or can be shown.
	Value string
	// Source is where: "file:line", a file, "--property" or "MESOS_MASTER". Never empty.
	Source string
	// Message says what is wrong and what to write instead.
	Message string
}

// String is the problem in one line.
func (p Problem) String() string {
	line := p.Source + ": "
	if p.Key != "" {
		line += oneLine(p.Key)
		if p.Value != "" {
			line += " = " + strconv.Quote(p.Value)
		}
		line += ": "
	} else if p.Value != "" {
		line += strconv.Quote(p.Value) + ": "
	}
	return line + oneLine(p.Message)
}

// Problems is every problem that Load found, in the order of the places. It is the only error type of Load.
type Problems []Problem

// Error is one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// The Sources of problems with the arguments of the command line.
const (
	sourceMesosMaster = "MESOS_MASTER"
	sourceMasterHost  = "ALLUXIO_MASTER_HOSTNAME"
)

// sort orders by place: the command line, then files by name and line, so that the list reads along with the file.
func (p Problems) sort() {
	place := func(source string) (rank int, file string, line int) {
		switch source {
		case sourceMesosMaster, sourceMasterHost:
			return 0, "", 0
		case Flag:
			return 1, "", 0
		}
		if i := strings.LastIndexByte(source, ':'); i >= 0 {
			if n, err := strconv.Atoi(source[i+1:]); err == nil {
				return 2, source[:i], n
			}
		}
		return 2, source, 0
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		rankA, fileA, lineA := place(a.Source)
		rankB, fileB, lineB := place(b.Source)
		return cmp.Or(cmp.Compare(rankA, rankB), cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB))
	})
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// IsCredential is true for a property whose name says that its value must not be shown: Mesos's
// secret, the keys and passwords of under stores, tokens. It sees substrings and prefers one mask
// too many.
func IsCredential(key string) bool {
	if k := FindKey(key); k != nil { // a file of ours that holds a secret is none itself
		return k.Kind == KindSecret
	}
	name := strings.NewReplacer(".", "", "-", "", "_", "").Replace(strings.ToLower(key))
	for _, word := range []string{"secret", "password", "passwd", "passphrase", "accesskey", "accountkey", "privatekey",
		"apikey", "credential", "token"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// longestShown bounds a value in a message.
const longestShown = 200

var (
	userInfo = regexp.MustCompile(`://[^/?#\s]*@`)
	urlQuery = regexp.MustCompile(`(://[^?\s]*)\?.*`)
	// systemProperty is one among JVM options.
	systemProperty = regexp.MustCompile(`-D([^=\s]+)=`)
)

// shown is a value as a message may show it: credentials masked, also those inside a URL, and cut to a readable length.
func shown(key, value string) string {
	if value == "" {
		return ""
	}
	if IsCredential(key) || slices.ContainsFunc(systemProperty.FindAllStringSubmatch(value, -1), func(m []string) bool {
		return IsCredential(m[1])
	}) {
		return "***"
	}
	if at := strings.LastIndexByte(value, '@'); at >= 0 && IsZooKeeper(value) { // whose password may hold a '/'
		value = "zk://***" + value[at:]
	}
	value = userInfo.ReplaceAllString(value, "://***@")
	value = urlQuery.ReplaceAllString(value, "$1?***")
	if len(value) > longestShown {
		return fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(value[:longestShown], ""), len(value))
	}
	return value
}
