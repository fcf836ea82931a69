package alluxio

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func TestEveryVersionHasItsRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ version, since, warning string }{
		{"1.0.0", "1.0.0", ""},
		{"1.3.1", "1.1.0", ""},
		{"1.4.0", "1.4.0", ""},
		{"1.5.0", "1.5.0", ""},
		{"1.8.2-SNAPSHOT", "1.8.0", ""},
		{"2.0.1", "2.0.0", ""},
		{"2.3.0-2", "2.3.0", ""},
		{"2.9.0", "2.4.0", ""},
		{"2.9.6", "2.9.1", ""},
		{"2.9.99", "2.9.1", ""},
		{"2.10.0", "2.9.1", "newer than 2.9.6"},
		{"3.1", "2.9.1", "newer than 2.9.6"},
		{"300.0.0", "2.9.1", "newer than 2.9.6"},
		{"0.8.2", "1.0.0", "older than 1.0.0"},
		{"", "2.9.1", "not one like 2.9.6"},
		{"latest", "2.9.1", "not one like 2.9.6"},
		{"2.9.6\nalluxio.x=y", "2.9.1", "not one like 2.9.6"},
		{"99999999999999999999.1.1", "2.9.1", "not one like 2.9.6"},
	} {
		rules, warning := RulesFor(c.version)
		if rules.Since != c.since || (warning == "") != (c.warning == "") || !strings.Contains(warning, c.warning) {
			t.Errorf("%q is run as %s (%q), want %s (%q)", c.version, rules.Since, warning, c.since, c.warning)
		}
	}
}

func TestTheTableAscendsAndIsComplete(t *testing.T) {
	t.Parallel()
	for i, r := range table {
		v, ok := config.ParseVersion(r.Since)
		if !ok || r.ServerJar == "" || r.FormatClass == "" || r.MinJava < 7 || len(r.MasterRPC) == 0 ||
			len(r.WorkerRPC) == 0 || len(r.RamdiskSize) == 0 || r.MasterInfo == "" || r.WorkerInfo == "" || r.Listing == "" {
			t.Errorf("row %+v is incomplete", r)
		}
		if i > 0 {
			if before, _ := config.ParseVersion(table[i-1].Since); slices.Compare(before, v) >= 0 {
				t.Errorf("row %s does not come after %s", r.Since, table[i-1].Since)
			}
		}
		if name := strings.Replace(r.ServerJar, "*", r.Since, 1); !slices.Contains(jars, r.ServerJar) {
			t.Errorf("%s is no candidate", name)
		} else if layout, err := Identify([]string{name}); err != nil || layout.Version != r.Since ||
			layout.ServerJar != name {
			t.Errorf("Identify(%s) is %v, %v", name, layout, err)
		}
	}
}

func TestWhichFileIsAlluxio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		files    []string
		want     Layout
		err      string
	}{
		{"the newer place counts, since releases link from the older one",
			[]string{"assembly/server/target/alluxio-assembly-server-1.8.1-jar-with-dependencies.jar",
				"assembly/alluxio-server-1.8.1.jar", "assembly/webapp.war", "assembly/alluxio-client-1.8.1.jar"},
			Layout{"1.8.1", "assembly/alluxio-server-1.8.1.jar", "assembly/alluxio-client-1.8.1.jar", "assembly/webapp.war"},
			""},
		{"other files do not matter",
			[]string{"x", "", "assembly/alluxio-server-.jar", "assembly/alluxio-server-x.jar",
				"assembly/a/alluxio-server-1.8.1.jar", "assembly/alluxio-server-2.9.6-SNAPSHOT.jar",
				"assembly/alluxio-client-1.8.1.jar"},
			Layout{"2.9.6-SNAPSHOT", "assembly/alluxio-server-2.9.6-SNAPSHOT.jar", "", ""}, ""},
		{"two versions in one place are refused",
			[]string{"assembly/alluxio-server-1.8.1.jar", "assembly/alluxio-server-2.9.6.jar"}, Layout{}, "two Alluxio servers"},
		{"a folder without Alluxio is refused", []string{"bin/hadoop"}, Layout{}, "no Alluxio inside"},
		{"nothing at all is refused", nil, Layout{}, "no Alluxio inside"},
	} {
		got, err := Identify(c.files)
		if got != c.want || (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %+v, %v", c.sentence, got, err)
		}
	}
	for _, pattern := range JarCandidates() {
		if _, err := path.Match(pattern, "x"); err != nil || path.IsAbs(pattern) {
			t.Errorf("%s is no relative pattern: %v", pattern, err)
		}
	}
}

func TestWhatIsRefusedBeforeAnythingIsStarted(t *testing.T) {
	t.Parallel()
	const m, w = config.Master, config.Worker
	for _, c := range []struct {
		role    config.Role
		version string
		change  func(*launch.Spec, *Environment)
		err     string
	}{
		{m, "2.9.6", func(_ *launch.Spec, e *Environment) {
			e.JavaVersion = "1.7.0_80"
		}, "is 1.7.0_80, and Alluxio 2.9.6 needs Java 8"},
		{m, "1.6.1", func(_ *launch.Spec, e *Environment) { e.JavaVersion = "1.6.0" }, "needs Java 7"},
		{m, "2.9.6", func(_ *launch.Spec, e *Environment) {
			e.JavaVersion = ""
		}, `version "" of the Java in /usr/lib/jvm/java is unreadable`},
		{m, "2.9.6", func(_ *launch.Spec, e *Environment) { e.JavaVersion = "\x00-1" }, "is unreadable"},
		{w, "2.9.6", func(s *launch.Spec, _ *Environment) {
			s.Install.Version = "1.8.1"
		}, "claimed for Alluxio 1.8.1 and the install is Alluxio 2.9.6"},
		{w, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Endpoints[config.Master] = nil }, "without the address"},
		{w, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Host = "" }, "names no host"},
		{w, "1.8.1", func(s *launch.Spec, _ *Environment) {
			delete(s.Ports, config.WorkerData)
		}, "no port was claimed for worker.data, which Alluxio 1.8.1 needs"},
		{w, "2.9.6", func(_ *launch.Spec, e *Environment) { e.Storage = "" }, "no folder for its top tier"},
		{m, "2.9.6", func(_ *launch.Spec, e *Environment) { e.Journal = "" }, "no folder for the journal"},
		{m, "2.9.6", func(s *launch.Spec, _ *Environment) {
			s.Endpoints[config.Master] = append(s.Endpoints[config.Master], s.Endpoints[config.Master][0])
		}, "2 Alluxio masters were launched without a way to elect their leader"},
		{m, "1.8.1", func(s *launch.Spec, _ *Environment) { byJournal(s) }, "there is no embedded journal in Alluxio 1.8.1"},
		{w, "1.8.1", func(s *launch.Spec, _ *Environment) { byJournal(s) }, "there is no embedded journal in Alluxio 1.8.1"},
		{m, "2.9.6", func(s *launch.Spec, _ *Environment) {
			byZooKeeper(s)
			set(s, "alluxio.master.journal.type", "EMBEDDED")
		}, "needs a journal of type UFS"},
		{m, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Files = []config.File{{Name: "../x"}} }, "cannot travel"},
		{m, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Files = []config.File{{Name: siteName}} }, "cannot travel"},
	} {
		if _, err := prepare(t, c.role, c.version, c.change); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("the error is %v, want one with %q", err, c.err)
		}
	}
}

func TestAnotherVersionOfTheSameFamilyIsRunAndSaid(t *testing.T) {
	t.Parallel()
	p, err := prepare(t, config.Worker, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Install.Version = "2.4.1" })
	if err != nil || len(p.Warnings) != 1 ||
		!strings.Contains(p.Warnings[0], "2.4.1 was expected and the install is Alluxio 2.9.6") {
		t.Errorf("warnings %q, %v", p.Warnings, err)
	}
}
