package config

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// alluxioKeys lists the properties of Alluxio 1.4 to 2.9 under alluxio., a line each, sorted; "%s"
// stands for a name in the middle of one. Source: the class PropertyKey of 1.4.0 to 1.8.1 and of
// 2.0.0 to 2.9.6.
//
//go:embed alluxio_keys.txt
var alluxioKeys string

const (
	alluxioPrefix = "alluxio."
	// mostEdits is how far a misspelt property may be from the one that is suggested.
	mostEdits = 3
	// leastLength is the shortest name that is suggested: short names resemble too many others.
	leastLength = 16
)

// catalogue is alluxioKeys, ready for questions.
type catalogue struct {
	names     map[string]bool
	templates []*regexp.Regexp
}

// knownKeys is the catalogue, built at its first use: it never changes, and building it takes time.
var knownKeys = sync.OnceValue(newCatalogue)

func newCatalogue() *catalogue {
	c := &catalogue{names: map[string]bool{}}
	for name := range strings.Lines(alluxioKeys) {
		if name = strings.TrimSuffix(name, "\n"); strings.Contains(name, "%s") {
			c.templates = append(c.templates, regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(name), "%s",
				".+")+"$"))
			continue
		}
		c.names[name] = true
	}
	return c
}

// suggestion is the property of Alluxio nearest to key, or "" when key is one, is not of Alluxio's
// namespace, or is near to none.
func (c *catalogue) suggestion(key string) string {
	namespace, _, _ := strings.Cut(key, ".")
	if len(key) < leastLength || editDistance(namespace+".", alluxioPrefix, 3) == 3 || c.names[key] {
		return ""
	}
	if slices.ContainsFunc(c.templates, func(t *regexp.Regexp) bool { return t.MatchString(key) }) {
		return ""
	}
	best, bestDistance := "", mostEdits+1
	for name := range c.names {
		if d := editDistance(key, name, mostEdits+1); d < bestDistance || d == bestDistance && name < best {
			best, bestDistance = name, d
		}
	}
	return best
}
