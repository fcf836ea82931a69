package cluster

import (
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// fingerprintOf is the fingerprint of a worker on host a.
func fingerprintOf(t *testing.T, settings *config.Settings, options Options) string {
	t.Helper()
	options.Settings = settings
	s, err := NewState(options, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.fingerprint(config.Worker, "a", portsOfWorker)
}

var portsOfWorker = map[config.PortName]uint16{config.WorkerRPC: 29998, config.WorkerWeb: 30000}

// A fingerprint that changes without its version would make every running task look outdated after
// an upgrade of this program.
func TestTheFingerprintOfTheSameSettingsIsTheSameInEveryVersion(t *testing.T) {
	t.Parallel()
	settings := testSettings(2)
	settings.Site = []config.Property{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}}
	settings.Files = []config.File{{Name: "log4j.properties", Data: []byte("x")}}
	const golden = "v2:194b38f1c4c3b9b6a434177a"
	if got := fingerprintOf(t, settings, Options{}); got != golden {
		t.Errorf("it is %s, and was %s: if that has to be, count fingerprintVersion up", got, golden)
	}
	const earlier = "v1:194b38f1c4c3b9b6a434177a" // of the time when every role saw every property
	digests := earlierDigests(settings, config.Worker)
	if got := earlierVersion + placementDigest(digests[0], "a", portsOfWorker); len(digests) != 1 || got != earlier {
		t.Errorf("that of the version before is %s, and was %s: tasks with it would be replaced", got, earlier)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	base := fingerprintOf(t, testSettings(2), Options{Version: "1"})
	for _, c := range []struct {
		sentence string
		change   func(*config.Settings, *Options)
		outdates bool
	}{
		{"our own version does not change it", func(_ *config.Settings, o *Options) { o.Version = "2" }, false},
		{"where the executor is fetched from does not change it", func(_ *config.Settings, o *Options) {
			o.ExecutorURI = "http://y/e"
		}, false},
		{"the executor's path does not change it", func(s *config.Settings, _ *Options) { s.ExecutorPath = "/e" }, false},
		{"our own addresses do not change it", func(s *config.Settings, _ *Options) {
			s.APIAddress, s.ArtifactAddress = "x:1", "x:2"
		}, false},
		{"the number of workers does not change it", func(s *config.Settings, _ *Options) { s.Worker.Count = 9 }, false},
		{"the name and the Mesos master do not change it", func(s *config.Settings, _ *Options) {
			s.Name, s.MesosMaster = "x", "x:1"
		}, false},
		{"what the master gets does not change a worker's", func(s *config.Settings, _ *Options) {
			s.Master.Mem, s.Master.JavaOpts = config.GB*2, []string{"-x"}
		}, false},
		{"the cache of tarballs does not change it", func(s *config.Settings, _ *Options) {
			s.Install.CacheDir, s.Install.CacheSize = "/c", 5
		}, false},
		{"what the tiers claim does not change it", func(s *config.Settings, _ *Options) {
			s.Ramdisk.Property, s.Ramdisk.Size, s.Ramdisk.Disk = s.Ramdisk.Size, 8*config.GB, true
			s.Folders = []config.Folder{{Level: 1, Path: "/ssd", Disk: true, Size: config.TB}}
		}, false},
		{"who wrote the folder of the JDK does not change it", func(s *config.Settings, _ *Options) {
			s.Install.JDKPathSet = true
		}, false},
		{"a property that workers do not see does not change it", func(s *config.Settings, _ *Options) {
			s.Site = []config.Property{{Key: "alluxio.master.heartbeat.timeout", Value: "1min"}}
		}, false},
		{"whether the executor may use sudo does not change it", func(s *config.Settings, _ *Options) {
			s.Ramdisk.Sudo = true
		}, false},
		{"where the journal is does not change a worker's", func(s *config.Settings, _ *Options) {
			s.Journal.DataDir = "/data"
		}, false},
		{"a property that workers see changes it", func(s *config.Settings, _ *Options) {
			s.Site = []config.Property{{Key: "alluxio.worker.block.heartbeat.interval", Value: "2s"}}
		}, true},
		{"a property changes it", func(s *config.Settings, _ *Options) { s.Site = []config.Property{{Key: "a", Value: "1"}} },
			true},
		{"a file beside the site file changes it", func(s *config.Settings, _ *Options) {
			s.Files = []config.File{{Name: "x"}}
		}, true},
		{"another Alluxio changes it", func(s *config.Settings, _ *Options) {
			s.Install.Alluxio.URL = "http://x/alluxio.tgz"
		}, true},
		{"another Java changes it", func(s *config.Settings, _ *Options) { s.Install.JDK.URL = "http://x/jdk.tgz" }, true},
		{"memory changes it", func(s *config.Settings, _ *Options) { s.Worker.Mem++ }, true},
		{"the ramdisk changes it", func(s *config.Settings, _ *Options) { s.Ramdisk.Size++ }, true},
		{"the operator's JVM flags change it", func(s *config.Settings, _ *Options) {
			s.Worker.JavaOpts = []string{"-x"}
		}, true},
		{"a container changes it", func(s *config.Settings, _ *Options) {
			s.Container.Image, s.Container.Type = "alluxio", config.MesosContainer
		}, true},
		{"the kind of a container that is not used does not change it", func(s *config.Settings, _ *Options) {
			s.Container.Type = config.DockerContainer
		}, false},
		{"the user changes it", func(s *config.Settings, _ *Options) { s.User = "alluxio" }, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			settings, options := testSettings(2), Options{Version: "1"}
			c.change(settings, &options)
			if changed := fingerprintOf(t, settings, options) != base; changed != c.outdates {
				t.Errorf("changed: %v", changed)
			}
		})
	}
	settings := testSettings(2)
	settings.Site = []config.Property{{Key: "a", Value: "1", Source: "x:1"}, {Key: "b", Value: "2", Source: "x:2"}}
	turned := testSettings(2)
	turned.Site = []config.Property{{Key: "b", Value: "2", Source: "y:1"}, {Key: "a", Value: "1", Source: "y:2"}}
	if fingerprintOf(t, settings, Options{}) != fingerprintOf(t, turned, Options{}) {
		t.Error("the order of properties, or where they were written, changes it")
	}
}

func TestATaskOfAnOlderFingerprintVersionIsNotOutdated(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(2))
	slot := &Slot{Role: config.Worker, Host: "a", Task: &Task{Fingerprint: "v0:other"}}
	if s.outdated(slot, s.endpoints.addresses) {
		t.Error("it is")
	}
	if slot.Task.Fingerprint = fingerprintVersion + "other"; !s.outdated(slot, s.endpoints.addresses) {
		t.Error("one of today's version with other settings is not outdated")
	}
}
