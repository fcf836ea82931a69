package config

import (
	"slices"
	"strings"
	"testing"
)

const unknownVersion = KeyJarURL + "=https://mirror.example.org/alluxio.tar.gz\n" + KeyRootUFS + "=hdfs://nn/\n"

func TestTheJobServiceRunsWhereAlluxioHasItAndNobodyElseRunsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence, site string
		runs           bool
	}{
		{"with 2.x", enough, true},
		{"while the version is unknown", unknownVersion, false},
		{"with 1.x", override(enough, KeyVersion+"=1.8.1"), false},
		{"turned off", override(enough, KeyJobEnabled+"=false"), false},
		{"turned on while the version is unknown", unknownVersion + KeyJobEnabled + "=true\n", true},
		{"with job masters of the operator", override(enough, "alluxio.job.master.hostname=other"), false},
		{"turned on although the site file names job masters",
			override(enough, "alluxio.job.master.hostname=other\n"+KeyJobEnabled+"=true"), true},
	} {
		s := load(t, conf(t, c.site))
		for _, role := range []Role{JobMaster, JobWorker} {
			if runs := s.Of(role).Count == 1; runs != c.runs {
				t.Errorf("%s: %s runs: %v", c.sentence, role, runs)
			}
		}
		if c.runs && s.Of(JobWorker).Unreachable != s.Worker.Unreachable {
			t.Errorf("%s: a job worker is waited for %s, and its worker %s", c.sentence, s.Of(JobWorker).Unreachable,
				s.Worker.Unreachable)
		}
	}
}

func TestAProxyRunsByCount(t *testing.T) {
	t.Parallel()
	if s := load(t, conf(t, enough)); s.Of(Proxy).Count != 0 || len(s.Of(Proxy).Ports) != 0 {
		t.Errorf("without a count: %+v", s.Of(Proxy))
	}
	if s := load(t, conf(t, override(enough, KeyProxyCount+"=2"))); s.Of(Proxy).Count != 2 ||
		s.Of(Proxy).Ports[0].Number != 39999 {
		t.Errorf("two: %+v", s.Of(Proxy))
	}
}

func TestRolesThatCannotRunAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sentence, site, want string }{
		{"a job service with 1.x", KeyVersion + "=1.8.1\n" + KeyJobEnabled + "=true",
			"Alluxio 1.8.1 has no job service; remove the line"},
		{"a proxy with 1.x", KeyVersion + "=1.8.1\n" + KeyProxyCount + "=1", "Alluxio 1.8.1 has no proxy"},
		{"a port of a worker that its job worker has", KeyJobWorkerRPC + "=29999",
			"port 29999 is also alluxio.worker.rpc.port (its default), and a job worker runs beside each worker"},
		{"a port of a job worker that its worker has", KeyWorkerWeb + "=30001\n" + KeyJobEnabled + "=true",
			"port 30001 is also alluxio.job.worker.rpc.port (its default), and a job worker runs beside each worker"},
		{"both written", KeyWorkerWeb + "=31000\n" + KeyJobWorkerWeb + "=31000",
			"port 31000 is also alluxio.worker.web.port (site:3)"},
	} {
		problems := problemsOf(t, conf(t, override(enough, c.site)))
		if len(problems) != 1 || !strings.Contains(problems[0], c.want) {
			t.Errorf("%s: %q, want only %q", c.sentence, problems, c.want)
		}
	}
}

func TestWhatIsOddAboutTheJobServiceDrawsAWarning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sentence, site, want string }{
		{"a port of a job worker that masters have", KeyJobWorkerWeb + "=19999",
			"alluxio.master.web.port and alluxio.job.worker.web.port are both 19999: no job worker will run on the host of a " +
				"master"},
		{"a port of a worker that is the default of a job worker", KeyWorkerWeb + "=30001",
			"alluxio.worker.web.port is 30001, the default of alluxio.job.worker.rpc.port: a job worker gets any port"},
		{"a write type that needs it, by default", KeyJobEnabled + "=false", "is not set, and the default of Alluxio 2.x"},
		{"a write type that needs it", KeyJobEnabled + "=false\n" + KeyWriteType + "=async_through",
			"alluxio-site.properties:4), and without the job service"},
		{"job masters that are not used", KeyJobEnabled + "=true\nalluxio.job.master.hostname=other",
			"it follows from where the job masters run"},
	} {
		s := load(t, conf(t, override(enough, c.site)))
		if !slices.ContainsFunc(s.Warnings, func(w string) bool { return strings.Contains(w, c.want) }) {
			t.Errorf("%s: %q, want %q", c.sentence, s.Warnings, c.want)
		}
	}
	for _, site := range []string{KeyJobEnabled + "=false\n" + KeyWriteType + "=CACHE_THROUGH",
		"alluxio.job.master.hostname=other", ""} {
		if s := load(t, conf(t, override(enough, site))); len(s.Warnings) > 0 {
			t.Errorf("%q draws %q", site, s.Warnings)
		}
	}
}
