package executor

import (
	"cmp"
	"encoding/xml"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// shortest is the length of a secret that is worth a mask: shorter ones would hide parts of ordinary words.
const shortest = 4

// userInfo is what stands before the @ of a URL.
var userInfo = regexp.MustCompile(`://([^/?#\s]*)@`)

// masker returns a function that replaces the values of secret properties by ***, also those of
// files beside the site file, and what stands before the @ of a URL. Lines of Alluxio's logs can
// hold them, and Mesos shows the messages of tasks to everybody.
func masker(site []config.Property, files []config.File) func(string) string {
	secrets := map[string]bool{}
	add := func(key, value string) {
		value = strings.TrimSpace(value)
		if len(value) >= shortest && value != "true" && value != "false" && config.IsCredential(key) {
			secrets[value] = true
		}
		for _, m := range userInfo.FindAllStringSubmatch(value, -1) {
			if _, password, ok := strings.Cut(m[1], ":"); ok && len(password) >= shortest {
				secrets[password] = true
			}
		}
	}
	for _, p := range site {
		add(p.Key, p.Value)
	}
	for _, f := range files {
		for _, p := range properties(f) {
			add(p.Key, p.Value)
		}
	}
	// The longest first: of a secret that begins with another one nothing may be left over.
	list := slices.SortedFunc(maps.Keys(secrets), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, s := range list {
		pairs = append(pairs, s, "***")
	}
	return strings.NewReplacer(pairs...).Replace
}

// properties are those of a file beside the site file: Java's, or Hadoop's in XML. Of what cannot
// be read there are none.
func properties(f config.File) []config.Property {
	if !strings.HasSuffix(f.Name, ".xml") {
		found, _ := config.ParseProperties(f.Name, f.Data)
		return found
	}
	var hadoop struct {
		Properties []struct {
			Name  string `xml:"name"`
			Value string `xml:"value"`
		} `xml:"property"`
	}
	if xml.Unmarshal(f.Data, &hadoop) != nil {
		return nil
	}
	var found []config.Property
	for _, p := range hadoop.Properties {
		found = append(found, config.Property{Key: strings.TrimSpace(p.Name), Value: p.Value})
	}
	return found
}
