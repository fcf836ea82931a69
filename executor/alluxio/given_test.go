package alluxio

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// The table of docs/configuration.md is made in package config, which does not know what is given here.
func TestThePropertiesThatAreGivenAreThoseOfTheConfigurationPage(t *testing.T) {
	t.Parallel()
	given := map[string]bool{}
	for _, version := range []string{"1.4.0", "1.8.1", "2.0.0", "2.9.6"} {
		rules, _ := RulesFor(version)
		for _, pages := range []string{"", "core/server/src/main/webapp"} {
			layout, err := Identify([]string{strings.Replace(rules.ServerJar, "*", version, 1), pages})
			if err != nil {
				t.Fatal(err)
			}
			for _, role := range config.AlluxioRoles().InStartOrder() {
				if config.AlluxioRoles().Row(role).Version2 && strings.HasPrefix(version, "1.") {
					continue
				}
				spec := specOf(role, version)
				spec.Site = nil
				if role == config.Worker && pages == "" {
					spec.Folders = []config.Folder{{Level: 1, Path: "/ssd", Size: config.GB, Disk: true}}
				}
				run, err := Prepare(spec, environment(layout, "17.0.15"))
				if err != nil {
					t.Fatal(err)
				}
				_, section, _ := strings.Cut(string(run.Files[0].Data), "# Given because the site file does not set them.")
				list, problems := config.ParseProperties("site", []byte(section))
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				for _, p := range list {
					given[p.Key] = true
				}
			}
		}
	}
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "The executor sets these if the site file does not.")
	var written []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9.]+)` \\|").FindAllStringSubmatch(section, -1) {
		written = append(written, row[1])
	}
	slices.Sort(written)
	if got := slices.Sorted(maps.Keys(given)); !slices.Equal(got, written) {
		t.Errorf("given are\n%q, on the page are\n%q", got, written)
	}
}
