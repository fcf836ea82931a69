package config

import (
	"os"
	"strings"
	"testing"
)

func TestWhichVersionsOfAlluxioMayFollowEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		embedded bool
		kind     string
		rejected bool
	}{
		{"", "2.9.6", false, "a version that is not known", false},
		{"2.9.6", "", false, "a version that is not known", false},
		{"2.9.6", "trunk", false, "a version that is not known", false},
		{"2.9.6", "2.9.6", true, "the same minor", false},
		{"2.9.4", "2.9.6", true, "the same minor", false},
		{"2.9.6", "2.9.4-SNAPSHOT", false, "the same minor", false},
		{"2.7.3", "2.9.6", true, "a later minor", false},
		{"2.9.6", "2.10.0", false, "a later minor", false},
		{"1.5.0", "1.8.1", false, "a later minor", false},
		{"2.3.0", "2.9.6", false, "a later minor", false},
		{"2.3.0", "2.4.0", true, "2.3 or earlier to a later 2.x, with the embedded journal", true},
		{"2.4.0", "2.9.6", true, "a later minor", false},
		{"1.4.0", "1.5.0", false, "1.4 or earlier to a later 1.x", true},
		{"1.3.0", "1.4.0", false, "a later minor", false},
		{"2.9.6", "2.7.3", false, "an earlier minor", true},
		{"2.10.0", "2.9.6", false, "an earlier minor", true},
		{"1.8.1", "1.7.1", false, "an earlier minor", true},
		{"1.8.1", "2.9.6", false, "1.x to 2.x", true},
		{"1.4.0", "2.9.6", false, "1.x to 2.x", true},
		{"2.9.6", "3.0.0", false, "1.x to 2.x", true},
		{"2.9.6", "1.8.1", false, "2.x to 1.x", true},
	} {
		change := ChangeOfVersion(c.from, c.to, c.embedded)
		if change.Kind != c.kind || change.Rejected() != c.rejected {
			t.Errorf("%s to %s, embedded %v: %s, rejected %v, want %s, %v", c.from, c.to, c.embedded, change.Kind,
				change.Rejected(), c.kind, c.rejected)
		}
		if change.Rejected() != strings.Contains(change.Steps, "--lose-journal") {
			t.Errorf("%s: %s", change.Kind, change.Steps)
		}
	}
}

func TestTheLaterOfTwoVersions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, other string
		later          bool
	}{
		{"2.9.6", "2.7.3", true}, {"2.10.0", "2.9.6", true}, {"2.9.6", "2.9.6", false}, {"2.7.3", "2.9.6", false},
		{"1.8.1", "", true}, {"", "", true}, {"", "1.8.1", false}, {"trunk", "1.8.1", false},
	} {
		if got := LaterVersion(c.version, c.other); got != c.later {
			t.Errorf("%q is later than %q: %v", c.version, c.other, got)
		}
	}
}

func TestTheVersionHasTheKeyFromWhichItWasRead(t *testing.T) {
	t.Parallel()
	for site, want := range map[string]string{
		KeyJarURL + "=http://h/alluxio-2.9.6-bin.tar.gz":                           KeyJarURL,
		KeyJarURL + "=http://h/alluxio.tar.gz\n" + KeyVersion + "=2.9.6":           KeyVersion,
		KeyJarURL + "=http://h/alluxio-2.7.3-bin.tar.gz\n" + KeyVersion + "=2.9.6": KeyVersion,
		KeyJarURL + "=LOCAL\n" + KeyHome + "=/opt/alluxio-2.9.6":                   KeyHome,
		KeyJarURL + "=LOCAL\n" + KeyVersion + "=2.9.6":                             KeyVersion,
	} {
		s := load(t, conf(t, override(enough, site)))
		if got := s.Install.VersionKey(); got != want || s.Install.Version != "2.9.6" {
			t.Errorf("%s: %s of %s", site, s.Install.Version, got)
		}
	}
}

func TestOperationsHasTheTableOfVersions(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range versionChanges {
		word := "rolls it out"
		if change.Rejected() {
			word = "refuses it"
		}
		if row := "| " + change.Kind + " | " + word; !strings.Contains(string(page), row) {
			t.Errorf("docs/operations.md has no %q", row)
		}
	}
}
