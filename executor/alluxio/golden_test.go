package alluxio

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// Each file of testdata shows everything that one Alluxio process is run with, for a stock release
// and a plain site file.
func TestEveryVersionIsRunAsItsFileOfTestdataShows(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.0", "1.5.0", "1.8.1", "2.9.6"} {
		showRuns(t, version, version, func(*launch.Spec) {})
	}
}

// The same for one of three masters on hosts of their own, and for their workers.
func TestSeveralMastersAreRunAsTheirFilesOfTestdataShow(t *testing.T) {
	t.Parallel()
	masters := func(s *launch.Spec, by config.Election, raft uint16) {
		s.Election, s.Endpoints[config.Master] = by, nil
		for i := range 3 {
			s.Endpoints[config.Master] = append(s.Endpoints[config.Master],
				launch.Address{Host: fmt.Sprintf("agent%d.example", i), RPC: 19998, Web: 19999, Raft: raft})
		}
	}
	write := func(s *launch.Spec, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			s.Site = append(s.Site, config.Property{Key: pairs[i], Value: pairs[i+1], Source: "alluxio-site.properties:3"})
		}
	}
	for _, version := range []string{"1.8.1", "2.9.6"} {
		showRuns(t, "zookeeper-"+version, version, func(s *launch.Spec) {
			masters(s, config.ByZooKeeper, 0)
			write(s, "alluxio.zookeeper.enabled", "true", "alluxio.zookeeper.address", "zk1:2181,zk2:2181,zk3:2181",
				"alluxio.master.journal.folder", "hdfs://nn:9000/journal")
		})
	}
	showRuns(t, "embedded-2.9.6", "2.9.6", func(s *launch.Spec) {
		masters(s, config.ByJournal, 19200)
		s.Bind = "10.0.0.1"
		write(s, "alluxio.master.journal.type", "EMBEDDED")
		if s.Role == config.Master {
			s.Ports[config.MasterRaft] = 19200
		}
	})
}

// releases are stock ones: their server jar, their web pages, and a Java that they run on.
var releases = map[string]struct{ jar, pages, java string }{
	"1.4.0": {"assembly/target/alluxio-assemblies-1.4.0-jar-with-dependencies.jar", "core/server/src/main/webapp",
		"17.0.15"},
	"1.5.0": {"assembly/server/target/alluxio-assembly-server-1.5.0-jar-with-dependencies.jar",
		"core/server/common/src/main/webapp", "1.8.0_151"},
	"1.8.1": {"assembly/alluxio-server-1.8.1.jar", "assembly/webapp.war", "1.8.0_151"},
	"2.9.6": {"assembly/alluxio-server-2.9.6.jar", "", "17.0.15"},
}

// showRuns compares a master and a worker of a version with testdata/master-NAME.txt and worker-NAME.txt.
func showRuns(t *testing.T, name, version string, change func(*launch.Spec)) {
	t.Helper()
	release := releases[version]
	layout, err := Identify([]string{release.pages, release.jar})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range config.AlluxioRoles().InStartOrder() {
		t.Run(name+" "+string(role), func(t *testing.T) {
			t.Parallel()
			spec, env := specOf(role, version), environment(layout, release.java)
			change(spec)
			run, err := Prepare(spec, env)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", strings.TrimPrefix(string(role), "alluxio-")+"-"+name+".txt")
			golden.Compare(t, file, show(spec, env, run))
		})
	}
}

// specOf is a plain cluster: one master, workers with 1GB, and the site file of an operator who set
// only the under store.
func specOf(role config.Role, version string) *launch.Spec {
	ufs := "alluxio.underfs.address"
	ports := map[config.PortName]uint16{config.MasterRPC: 19998, config.MasterWeb: 19999}
	if role == config.Worker {
		ports = map[config.PortName]uint16{config.WorkerRPC: 29998, config.WorkerData: 29999, config.WorkerWeb: 30000}
	}
	if family(version) == "2.x" {
		ufs = "alluxio.master.mount.table.root.ufs"
		if role == config.Worker {
			ports = map[config.PortName]uint16{config.WorkerRPC: 29999, config.WorkerWeb: 30000}
		}
	}
	return &launch.Spec{
		Version: launch.SchemaVersion, Slot: string(role) + "-0", Role: role, Cluster: "alluxio",
		Install: config.Install{Version: version},
		Site: []config.Property{{Key: ufs, Value: "s3a://bucket/alluxio", Source: "alluxio-site.properties:1"},
			{Key: "aws.secretKey", Value: "s3-secret", Source: "alluxio-site.properties:2"}},
		Host: "agent1.example", Ports: ports,
		Endpoints: map[config.Role][]launch.Address{config.Master: {{Host: "agent0.example", RPC: 19998, Web: 19999}}},
		Memory:    launch.Memory{Heap: 640 * config.MB, Direct: 256 * config.MB}, Ramdisk: config.Ramdisk{Size: config.GB},
	}
}

func environment(layout Layout, java string) Environment {
	return Environment{
		Layout: layout, Home: "/cache/alluxio-" + layout.Version, JavaHome: "/usr/lib/jvm/java", JavaVersion: java,
		Sandbox: "/sandbox", ConfDir: "/sandbox/conf", LogsDir: "/sandbox/logs",
		Log4j:   []byte("log4j.rootLogger=INFO, ${alluxio.logger.type}\n# ... and the rest of the release's own file\n"),
		Journal: "/var/lib/alluxio-mesos/alluxio/journal", Metastore: "/var/lib/alluxio-mesos/alluxio/metastore",
		Storage: "/mnt/alluxio-mesos/alluxio/alluxio-worker-0.1", StorageKind: "MEM",
	}
}

// show writes a Run for people.
func show(spec *launch.Spec, env Environment, run Run) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Alluxio %s as %s in %s, on %s with Java %s\n", env.Layout.Version, spec.Role, env.Layout.ServerJar,
		spec.Host, env.JavaVersion)
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&out, "\n== %s\n%s\n", title, strings.Join(lines, "\n"))
		}
	}
	list("folders to make", run.Dirs)
	for _, f := range run.Files {
		list("file "+env.ConfDir+"/"+f.Name, []string{strings.TrimSuffix(string(f.Data), "\n")})
	}
	list("format the journal", run.Format)
	list("run", run.Argv)
	list("environment", run.Env)
	switch p := run.Probe; {
	case p.Standby != "":
		list("it leads when this answers", []string{p.OwnURL})
		switch p.Standby {
		case StandbyElected:
			list("else it stands by when ZooKeeper "+p.Election.Servers+" has it in the election",
				[]string{p.Election.Path + ": " + p.Election.ID})
		default:
			list(fmt.Sprintf("else it stands by when that closes every connection and a leader lists %s with RPC port %d",
				p.Host, p.RPC), p.LeaderURLs)
		}
	case spec.Role == config.Master:
		list("it serves when this answers", []string{p.OwnURL})
	default:
		list("it lives while this answers", []string{p.OwnURL})
	}
	if len(run.Probe.LeaderURLs) > 0 && spec.Role == config.Worker {
		title := fmt.Sprintf("it serves when the leader also lists %s with RPC port %d (shape: %s)", run.Probe.Host,
			run.Probe.RPC, run.Probe.Listing)
		list(title, run.Probe.LeaderURLs)
	}
	list("warnings", run.Warnings)
	list("warnings until it serves", run.Doubts)
	return out.String()
}
