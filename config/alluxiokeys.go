package config

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// alluxioKeys lists the properties of Alluxio 1.4 to 2.9 under alluxio., a line each, sorted; "%s"
// stands for a name in the middle of one. After the name comes the property's scope, which is that
// of all versions together, but for those that only versions before 1.8 have. Source: the class
// PropertyKey of the versions in integration/testkit/realalluxio; `make keys` writes the file.
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
	// names has the scope of each property, scopeNone where no version says one.
	names     map[string]Scope
	templates []*regexp.Regexp
}

// knownKeys is the catalogue, built at its first use: it never changes, and building it takes time.
var knownKeys = sync.OnceValue(newCatalogue)

func newCatalogue() *catalogue {
	c := &catalogue{names: map[string]Scope{}}
	for line := range strings.Lines(alluxioKeys) {
		name, scope, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if strings.Contains(name, "%s") {
			c.templates = append(c.templates, regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(name), "%s",
				".+")+"$"))
			continue
		}
		c.names[name] = scopes[scope]
	}
	return c
}

// suggestion is the property of Alluxio nearest to key, or "" when key is one, is not of Alluxio's
// namespace, or is near to none.
func (c *catalogue) suggestion(key string) string {
	namespace, _, _ := strings.Cut(key, ".")
	if len(key) < leastLength || editDistance(namespace+".", alluxioPrefix, 3) == 3 {
		return ""
	}
	if _, known := c.names[key]; known {
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
