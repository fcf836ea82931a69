package alluxio

import (
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func TestJavaVersionsAreReadAsTheReleaseFileHasThem(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{
		"1.8.0_151": 8, `"1.8.0_392"`: 8, "17.0.15": 17, "11": 11, "21-ea": 21, "25.0.1+8": 25, "1.7.0": 7, "9": 9,
		"": 0, "x": 0, "-1": 0, "1.": 0, "999999999999": 0, "\u0661": 0,
	} {
		if got := javaMajor(version); got != want {
			t.Errorf("%q is Java %d, want %d", version, got, want)
		}
	}
}

func TestTheOperatorsOwnMemoryOptionsReplaceOurs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		options  []string
		memory   []string // what sets memory on the command line, in order
		warning  string
	}{
		{"heap and direct memory follow from the task's share", []string{"-XX:+UseG1GC"},
			[]string{"-Xmx640m", "-XX:MaxDirectMemorySize=256m"}, ""},
		{"a heap of the operator replaces ours", []string{"-Xmx512m"}, []string{"-XX:MaxDirectMemorySize=256m", "-Xmx512m"},
			""},
		{"a heap above the share is warned about", []string{"-Xmx2g"}, []string{"-XX:MaxDirectMemorySize=256m", "-Xmx2g"},
			"-Xmx2g in alluxio.integration.worker.java.opts is more than 640MB, the task's heap"},
		{"of two heaps the last counts", []string{"-Xmx2g", "-Xmx1m"},
			[]string{"-XX:MaxDirectMemorySize=256m", "-Xmx2g", "-Xmx1m"}, ""},
		{"direct memory above the share is warned about", []string{"-XX:MaxDirectMemorySize=1g"},
			[]string{"-Xmx640m", "-XX:MaxDirectMemorySize=1g"}, "the task's direct memory"},
		{"the other names of -Xmx replace ours, too", []string{"-mx64m", "-XX:MaxHeapSize=512m"},
			[]string{"-XX:MaxDirectMemorySize=256m", "-XX:MaxHeapSize=512m"}, ""},
	} {
		p, err := prepare(t, config.Worker, "2.9.6", func(s *launch.Spec, _ *Environment) { s.JavaOpts = c.options })
		if err != nil {
			t.Fatal(err)
		}
		var memory []string
		for _, arg := range p.Argv {
			if strings.HasPrefix(arg, "-Xmx") || strings.HasPrefix(arg, "-XX:Max") {
				memory = append(memory, arg)
			}
		}
		said := strings.Join(p.Warnings, "\n")
		if !slices.Equal(memory, c.memory) || (said == "") != (c.warning == "") || !strings.Contains(said, c.warning) {
			t.Errorf("%s: %q, warnings %q", c.sentence, memory, said)
		}
		if own := p.Argv[len(p.Argv)-1-len(c.options) : len(p.Argv)-1]; !slices.Equal(own, c.options) {
			t.Errorf("%s: the operator's options are not the last: %q", c.sentence, p.Argv)
		}
	}
}

func TestAnOptionThatContradictsPlacementIsWarnedAbout(t *testing.T) {
	t.Parallel()
	p, err := prepare(t, config.Worker, "2.9.6", func(s *launch.Spec, _ *Environment) {
		s.JavaOpts = []string{"-Dalluxio.worker.hostname=SECRET"}
	})
	if said := strings.Join(p.Warnings, ""); err != nil ||
		!strings.Contains(said, "-Dalluxio.worker.hostname contradicts placement") || strings.Contains(said, "SECRET") {
		t.Errorf("warnings %q, %v", said, err)
	}
}

func TestWhoseLogConfigurationCounts(t *testing.T) {
	t.Parallel()
	find := func(p prepared) (data, logger string) {
		for _, f := range p.Files {
			if f.Name == log4jName {
				data += string(f.Data)
			}
		}
		for _, arg := range p.Argv {
			if value, ok := strings.CutPrefix(arg, "-Dalluxio.logger.type="); ok {
				logger += value
			}
		}
		return data, logger
	}
	own := config.File{Name: log4jName, Data: []byte("log4j.rootLogger=DEBUG\n")}
	for _, c := range []struct {
		sentence, start, logger string
		change                  func(*launch.Spec, *Environment)
	}{
		{"the operator's, as it is", string(own.Data), "WORKER_LOGGER", func(s *launch.Spec, _ *Environment) {
			s.Files = []config.File{own}
		}},
		{"else the release's, with errors to stderr", "log4j.rootLogger=INFO, ${alluxio.logger.type}\n# ... and the rest",
			"WORKER_LOGGER,SANDBOX_STDERR", func(*launch.Spec, *Environment) {}},
		{"else one of ours, with errors to stderr", "# Written by alluxio-mesos", "WORKER_LOGGER,SANDBOX_STDERR",
			func(_ *launch.Spec, e *Environment) { e.Log4j = nil }},
	} {
		p, err := prepare(t, config.Worker, "2.9.6", c.change)
		if err != nil {
			t.Fatal(err)
		}
		data, logger := find(p)
		if !strings.HasPrefix(data, c.start) || logger != c.logger || strings.Contains(data, "%!") ||
			strings.Contains(logger, stderrName) != strings.Contains(data, "appender."+stderrName+"=") {
			t.Errorf("%s: logger %q and\n%s", c.sentence, logger, data)
		}
	}
}
