package executor

import (
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// masker returns a function that replaces the values of secret properties by ***. Lines of Alluxio's logs can hold them, and Mesos shows the
// messages of tasks to everybody.
func masker(site []config.Property) func(string) string {
	var secrets []string
	for _, p := range site {
		if v := strings.TrimSpace(p.Value); len(v) >= 4 && v != "true" && v != "false" && config.IsCredential(p.Key) {
			secrets = append(secrets, v)
		}
	}
	// The longest first: of a secret that begins with another one nothing may be left over.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, "***")
	}
	return strings.NewReplacer(pairs...).Replace
}
