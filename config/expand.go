package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var reference = regexp.MustCompile(`\$\{([^{}]*)\}`)

// longestExpanded bounds what references may grow a value to, nestedReferences how deep they go.
const (
	longestExpanded  = 64 << 10
	nestedReferences = 20
)

// expand resolves `${key}` in a value that the framework itself reads, as Alluxio does
// (alluxio.conf.InstancedConfiguration.lookup). What reaches Alluxio keeps its references.
func (l *loader) expand(text string) (string, error) {
	var missing string
	for depth := 0; reference.MatchString(text) && missing == ""; depth++ {
		if depth == nestedReferences || len(text) > longestExpanded {
			return "", errors.New("its ${...} references do not end; write the value itself")
		}
		text = reference.ReplaceAllStringFunc(text, func(found string) string {
			name := found[2 : len(found)-1]
			p, ok := l.find(name)
			if !ok || l.isPlaced(name) {
				missing = name
			}
			return strings.TrimSpace(p.Value)
		})
	}
	if missing != "" {
		return "",
			fmt.Errorf("it refers to ${%s}, which is not known before Alluxio runs; write the value itself", oneLine(missing))
	}
	return text, nil
}
