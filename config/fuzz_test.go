package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzProperties: what FormatProperty writes is one line, and ParseProperties reads exactly the same back.
func FuzzProperties(f *testing.F) {
	for _, p := range generatedProperties(seed, 20) {
		f.Add(p.Key, p.Value)
	}
	f.Add("", "")
	f.Add("#a", "  b\\")
	f.Fuzz(func(t *testing.T, key, value string) {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return
		}
		line := FormatProperty(Property{Key: key, Value: value})
		if strings.ContainsAny(line, "\r\n") {
			t.Fatalf("%q, %q is more than a line: %q", key, value, line)
		}
		got, problems := ParseProperties("f", []byte(line+"\nnext=1\n"))
		if len(problems) > 0 || len(got) != 2 || got[0] != (Property{key, value, "f:1"}) ||
			got[1] != (Property{"next", "1", "f:2"}) {
			t.Fatalf("%q, %q was written as %q and read as %q, %v", key, value, line, got, problems)
		}
	})
}

// FuzzLoadProperties: whatever the site file holds, Load gives Settings or Problems with a place
// and a message, and what was read can be written and read again.
func FuzzLoadProperties(f *testing.F) {
	f.Add([]byte(enough))
	for _, d := range append(nastyDocuments, brokenDocuments...) {
		f.Add([]byte(d))
	}
	for _, k := range Keys {
		f.Add([]byte(enough + k.Name + "=" + k.Default + "x${y}\n"))
	}
	for _, paths := range []string{"/a,/b", "/a\\nb,/a\\nb", "/a,/a/b\\nc", "a\\nb", "/alluxio/\\nx"} {
		f.Add([]byte(enough + "alluxio.underfs.address=/alluxio\n" + tierPrefix + "s=2\n" + topLevel(paths, "1GB,2GB\\n") +
			level(1, paths, "1GB") + tierPrefix + "0.dirs.mediumtype=MEM,S\\nD\n"))
	}
	o := Options{ConfDir: f.TempDir(), MesosMaster: "mesos"} // a folder for each input would cost more than Load
	path := filepath.Join(o.ConfDir, SiteFile)
	f.Fuzz(func(t *testing.T, site []byte) {
		first, _ := ParseProperties("f", site)
		again, problems := ParseProperties("f", FormatProperties(first))
		if len(problems) > 0 || !maps.Equal(asMap(first), asMap(again)) {
			t.Fatalf("%q was written and read again as %q, %v", first, again, problems)
		}
		if err := os.WriteFile(path, site, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Load(o)
		var found Problems
		if err == nil && s != nil {
			return
		}
		if s != nil || !errors.As(err, &found) || len(found) == 0 {
			t.Fatalf("Load returned %v, %v", s, err)
		}
		for _, p := range found {
			if !strings.HasPrefix(p.Source, path) || p.Message == "" || strings.Contains(p.String(), "\n") {
				t.Errorf("%q", p.String())
			}
		}
	})
}
