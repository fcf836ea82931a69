package alluxio

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	masters := func(s *launch.Spec, by config.Election) {
		s.Election = by
		for role, lone := range s.Endpoints {
			s.Endpoints[role] = nil
			for i := range 3 {
				address := lone[0]
				address.Host = fmt.Sprintf("agent%d.example", i)
				s.Endpoints[role] = append(s.Endpoints[role], address)
			}
		}
	}
	write := func(s *launch.Spec, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			s.Site = append(s.Site, config.Property{Key: pairs[i], Value: pairs[i+1], Source: "alluxio-site.properties:3"})
		}
	}
	for _, version := range []string{"1.8.1", "2.9.6"} {
		showRuns(t, "zookeeper-"+version, version, func(s *launch.Spec) {
			masters(s, config.ByZooKeeper)
			write(s, "alluxio.zookeeper.enabled", "true", "alluxio.zookeeper.address", "zk1:2181,zk2:2181,zk3:2181",
				"alluxio.master.journal.folder", "hdfs://nn:9000/journal")
		})
	}
	showRuns(t, "embedded-2.9.6", "2.9.6", func(s *launch.Spec) {
		masters(s, config.ByJournal)
		s.Bind = "10.0.0.1"
		write(s, "alluxio.master.journal.type", "EMBEDDED")
		for role, raft := range map[config.Role]uint16{config.Master: defaultMasterRaft,
			config.JobMaster: defaultJobMasterRaft} {
			for i := range s.Endpoints[role] {
				s.Endpoints[role][i].Raft = raft
			}
		}
		if s.Role == config.Master {
			s.Ports[config.MasterRaft] = defaultMasterRaft
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

// showRuns compares each role of a version with testdata/ROLE-NAME.txt.
func showRuns(t *testing.T, name, version string, change func(*launch.Spec)) {
	t.Helper()
	release := releases[version]
	layout, err := Identify([]string{release.pages, release.jar, "assembly/alluxio-client-" + version + ".jar"})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range config.AlluxioRoles().InStartOrder() {
		if !atLeast(version, processes[role].since) {
			continue
		}
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
	masters := map[config.Role][]launch.Address{config.Master: {{Host: "agent0.example", RPC: 19998, Web: 19999}}}
	if role == config.Worker {
		ports = map[config.PortName]uint16{config.WorkerRPC: 29998, config.WorkerData: 29999, config.WorkerWeb: 30000}
	}
	if row := config.AlluxioRoles().Row(role); row.Version2 {
		ports = map[config.PortName]uint16{}
		for _, port := range row.Ports {
			ports[port.Name] = port.V2
		}
		for _, read := range row.Reads {
			if read == config.JobMaster {
				masters[read] = []launch.Address{{Host: "agent0.example", RPC: defaultJobMasterRPC, Web: defaultJobMasterWeb}}
			}
		}
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
		Endpoints: masters,
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
		case StandbyCloses:
			list("else it stands by when that closes every connection and one of these leads: "+p.Leader, p.LeaderURLs)
		default:
			list(fmt.Sprintf("else it stands by when that closes every connection and a leader lists %s with RPC port %d",
				p.Host, p.RPC), p.LeaderURLs)
		}
	case len(p.LeaderURLs) == 0:
		list("it serves when this answers", []string{p.OwnURL})
	default:
		list("it lives while this answers", []string{p.OwnURL})
	}
	if run.Probe.Standby == "" && len(run.Probe.LeaderURLs) > 0 {
		title := "it serves when one of these also leads: " + run.Probe.Leader
		if run.Probe.RPC != 0 {
			title = fmt.Sprintf("it serves when the leader also lists %s with RPC port %d (shape: %s)", run.Probe.Host,
				run.Probe.RPC, run.Probe.Listing)
		}
		list(title, run.Probe.LeaderURLs)
	}
	showAdmin(list, run.Admin)
	list("warnings", run.Warnings)
	list("warnings until it serves", run.Doubts)
	return out.String()
}

// showAdmin writes the administration commands for a worker.
func showAdmin(list func(title string, lines []string), admin Admin) {
	if len(admin.Operations) == 0 {
		return
	}
	worker := launch.Address{Host: "agent2.example", Web: 30000}
	list(fmt.Sprintf("administration: %v, by this JVM", admin.Operations), admin.java)
	arguments := func(argv []string) []string { return argv[len(admin.java):] }
	for _, operation := range admin.Operations {
		switch operation {
		case launch.AdminFind:
			list("find files with", []string{BlocksURL(worker, 0, 1000)})
		case launch.AdminPersist:
			list("persist with", arguments(admin.PersistCommand([]string{"/a file", "/another"}, time.Minute)))
		case launch.AdminDecommission:
			list("decommission with", arguments(admin.DecommissionCommand(worker)))
			list("decommissioned already when this lists it", arguments(admin.DecommissionedCommand()))
		case launch.AdminBackup:
			list("back up with", arguments(admin.BackupCommand("/backups")))
		}
	}
	list("environment of these commands", admin.Env)
	list("one of these leads", admin.MasterURLs)
}
