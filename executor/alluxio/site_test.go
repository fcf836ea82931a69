package alluxio

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

const releaseJar = "assembly/alluxio-server-"

// prepared is what Alluxio and the operator see of one Prepare.
type prepared struct {
	Run
	file  string
	pairs map[string]string
}

// prepare runs Prepare for a stock release on Java 17, after change.
func prepare(t *testing.T, role config.Role, version string, change func(*launch.Spec, *Environment)) (prepared,
	error) {
	t.Helper()
	layout, err := Identify([]string{releaseJar + version + ".jar", "webui"})
	if err != nil {
		t.Fatal(err)
	}
	spec, env := specOf(role, version), environment(layout, "17.0.15")
	spec.Site = nil
	change(spec, &env)
	run, err := Prepare(spec, env)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{Run: run, file: string(run.Files[0].Data), pairs: map[string]string{}}
	list, problems := config.ParseProperties("site", run.Files[0].Data)
	if len(problems) > 0 {
		t.Fatalf("the site file cannot be read back: %v", problems)
	}
	for _, l := range list {
		if _, twice := p.pairs[l.Key]; twice {
			t.Errorf("%s is in the site file twice", l.Key)
		}
		p.pairs[l.Key] = l.Value
	}
	return p, nil
}

// byZooKeeper and byJournal make a spec one of several masters, or of their workers. The second
// master has ports of its own.
func byZooKeeper(s *launch.Spec) { several(s, config.ByZooKeeper) }
func byJournal(s *launch.Spec)   { several(s, config.ByJournal) }

func several(s *launch.Spec, by config.Election) {
	s.Election = by
	s.Endpoints[config.Master] = []launch.Address{{Host: "agent1.example", RPC: 19998, Web: 19999, Raft: 19200},
		{Host: "agent2.example", RPC: 31998, Web: 31999, Raft: 31200}}
	if by == config.ByJournal && s.Role == config.Master {
		s.Ports[config.MasterRaft] = 19200
	}
}

func set(spec *launch.Spec, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		spec.Site = append(spec.Site, config.Property{Key: pairs[i], Value: pairs[i+1], Source: "alluxio-site.properties:7"})
	}
}

func TestWhoOwnsWhichProperty(t *testing.T) {
	t.Parallel()
	const m, w = config.Master, config.Worker
	for _, c := range []struct {
		sentence string
		role     config.Role
		version  string
		site     []string // what the operator wrote
		change   func(*launch.Spec)
		want     map[string]string // what Alluxio reads; "" for a key that must not be there
		warning  string            // part of the one warning; "" for none
	}{
		{"a master's host name comes from the offer, whatever the site file says", m, "2.9.6",
			[]string{"alluxio.master.hostname", "elsewhere"}, nil,
			map[string]string{"alluxio.master.hostname": "agent1.example"},
			"alluxio.master.hostname (alluxio-site.properties:7) is not used"},
		{"a host name that is right draws no warning", m, "2.9.6", []string{"alluxio.master.hostname", "agent1.example"}, nil,
			map[string]string{"alluxio.master.hostname": "agent1.example"}, ""},
		{"a worker learns where the master is", w, "2.9.6", nil, func(s *launch.Spec) {
			s.Endpoints[config.Master][0] = launch.Address{Host: "m.example", RPC: 31998, Web: 31999}
		},
			map[string]string{"alluxio.worker.hostname": "agent1.example", "alluxio.master.hostname": "m.example",
				"alluxio.master.rpc.port": "31998"}, ""},
		{"a folder that every task has of its own is taken out of the site file", w, "2.9.6",
			[]string{"alluxio.logs.dir", "/var/log/alluxio"}, nil,
			map[string]string{"alluxio.logs.dir": ""}, "under logs/"},
		{"lists of masters that were written before any was placed are taken out", w, "2.9.6",
			[]string{"alluxio.master.rpc.addresses", "old1:19998,old2:19998"}, nil,
			map[string]string{"alluxio.master.rpc.addresses": "", "alluxio.master.hostname": "agent0.example"},
			"alluxio.master.rpc.addresses (alluxio-site.properties:7) is not used"},
		{"the same for the lists of an embedded journal", m, "2.9.6",
			[]string{"alluxio.master.embedded.journal.addresses", "old1:19200"}, nil,
			map[string]string{"alluxio.master.embedded.journal.addresses": ""}, "follows from where they run"},
		{"default ports are not written at all", w, "2.9.6", nil, nil,
			map[string]string{"alluxio.worker.rpc.port": "", "alluxio.worker.web.port": ""}, ""},
		{"a port of the site file stays under the name that the operator used", m, "2.9.6",
			[]string{"alluxio.master.port", "21998"}, func(s *launch.Spec) { s.Ports[config.MasterRPC] = 21998 },
			map[string]string{"alluxio.master.port": "21998", "alluxio.master.rpc.port": ""}, ""},
		{"a port picked from the offer replaces the 0", w, "1.8.1",
			[]string{"alluxio.worker.port", "0", "alluxio.worker.data.port", "0", "alluxio.worker.web.port", "0"},
			func(s *launch.Spec) {
				s.Ports = map[config.PortName]uint16{config.WorkerRPC: 31001, config.WorkerData: 31002, config.WorkerWeb: 31003}
			},
			map[string]string{"alluxio.worker.port": "31001", "alluxio.worker.data.port": "31002",
				"alluxio.worker.web.port": "31003"}, "made for Java 8"},
		{"2.x is told a picked port under one name, though the 0 was under the other", w, "2.9.6",
			[]string{"alluxio.worker.port", "0"}, func(s *launch.Spec) { s.Ports[config.WorkerRPC] = 31001 },
			map[string]string{"alluxio.worker.rpc.port": "31001", "alluxio.worker.port": ""}, ""},
		{"1.x is told a port that the site file has under the name of 2.x", m, "1.8.1",
			[]string{"alluxio.master.rpc.port", "21998"}, func(s *launch.Spec) { s.Ports[config.MasterRPC] = 21998 },
			map[string]string{"alluxio.master.port": "21998"}, "made for Java 8"},
		{"2.x takes the data port when the ports of both families were claimed", w, "2.9.6", nil,
			func(s *launch.Spec) { s.Ports[config.WorkerRPC], s.Ports[config.WorkerData] = 29998, 29999 },
			map[string]string{"alluxio.worker.rpc.port": "", "alluxio.worker.data.port": ""}, ""},
		{"with both families' ports claimed, a port of the site file counts", w, "2.9.6",
			[]string{"alluxio.worker.port", "21000"},
			func(s *launch.Spec) { s.Ports[config.WorkerRPC], s.Ports[config.WorkerData] = 21000, 29999 },
			map[string]string{"alluxio.worker.port": "21000", "alluxio.worker.rpc.port": ""}, ""},
		{"bind=agent sets every bind host of a 1.x worker", w, "1.8.1", []string{"alluxio.worker.bind.host", "0.0.0.0"},
			func(s *launch.Spec) { s.Bind = "127.0.0.2" },
			map[string]string{"alluxio.worker.bind.host": "127.0.0.2", "alluxio.worker.data.bind.host": "127.0.0.2",
				"alluxio.worker.web.bind.host": "127.0.0.2"}, "bind=agent; remove the line"},
		{"2.x has no bind host for data", w, "2.9.6", nil, func(s *launch.Spec) { s.Bind = "127.0.0.2" },
			map[string]string{"alluxio.worker.bind.host": "127.0.0.2", "alluxio.worker.data.bind.host": ""}, ""},
		{"bind=any leaves the bind hosts to the site file", m, "2.9.6", []string{"alluxio.master.bind.host", "10.0.0.1"}, nil,
			map[string]string{"alluxio.master.bind.host": "10.0.0.1", "alluxio.master.web.bind.host": ""}, ""},
		{"bind=agent reaches the embedded journal", m, "2.9.6", []string{"alluxio.master.journal.type", "EMBEDDED"},
			func(s *launch.Spec) { s.Bind = "127.0.0.2"; s.Ports[config.MasterRaft] = 31200 },
			map[string]string{"alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host": "127.0.0.2",
				"alluxio.master.embedded.journal.port": "31200", "alluxio.master.journal.type": "EMBEDDED"}, ""},
		{"a journal folder of the site file is not touched", m, "2.9.6",
			[]string{"alluxio.master.journal.folder", "hdfs://nn/journal", "alluxio.master.metastore.dir", "/ssd/meta",
				"alluxio.master.update.check.enabled", "true"}, nil,
			map[string]string{"alluxio.master.journal.folder": "hdfs://nn/journal", "alluxio.master.metastore.dir": "/ssd/meta",
				"alluxio.master.update.check.enabled": "true"}, ""},
		{"1.x is given nothing that only 2.x knows", m, "1.8.1", nil, nil,
			map[string]string{"alluxio.master.journal.type": "", "alluxio.master.metastore.dir": "",
				"alluxio.master.update.check.enabled": "",
				"alluxio.master.journal.folder":       "/var/lib/alluxio-mesos/alluxio/journal"}, "made for Java 8"},
		{"2.0 has no update check and no switch for web pages", m, "2.0.1", nil, nil,
			map[string]string{"alluxio.master.update.check.enabled": "", "alluxio.web.ui.enabled": "",
				"alluxio.master.journal.type": "UFS"}, ""},
		{"the ramdisk's size has its old name before 2.4", w, "2.3.0", nil, nil,
			map[string]string{"alluxio.worker.memory.size": "1GB", "alluxio.worker.ramdisk.size": ""}, ""},
		{"a size under the old name is left as it is", w, "2.9.6", []string{"alluxio.worker.memory.size", "1024mb"}, nil,
			map[string]string{"alluxio.worker.memory.size": "1024mb", "alluxio.worker.ramdisk.size": ""}, ""},
		{"1.x is told the size that the site file has under the name of 2.x", w, "1.8.1",
			[]string{"alluxio.worker.ramdisk.size", "1GB"}, nil, map[string]string{"alluxio.worker.memory.size": "1GB"},
			"made for Java 8"},
		{"sizes are spelled as Alluxio reads them", w, "2.9.6",
			[]string{"alluxio.worker.ramdisk.size", "1 GB", "alluxio.worker.tieredstore.level1.dirs.quota",
				"16.GB,1GiB , 2gb ,?", "alluxio.worker.tieredstore.level1.dirs.mediumtype", "SSD , HDD"},
			nil,
			map[string]string{"alluxio.worker.ramdisk.size": "1GB",
				"alluxio.worker.tieredstore.level1.dirs.quota":      "16GB,1GB,2gb,?",
				"alluxio.worker.tieredstore.level1.dirs.mediumtype": "SSD,HDD"}, ""},
		{"a size that is not what was claimed is corrected, and said", w, "2.9.6",
			[]string{"alluxio.worker.ramdisk.size", "64GB"}, nil, map[string]string{"alluxio.worker.ramdisk.size": "1GB"},
			"claimed from Mesos, 1GB"},
		{"the site file's own tiers stay", w, "2.9.6",
			[]string{"alluxio.worker.tieredstore.levels", "2", "alluxio.worker.tieredstore.level0.dirs.path", "/ram",
				"alluxio.worker.tieredstore.level0.dirs.quota", "900MB", "alluxio.worker.tieredstore.level1.alias", "HDD",
				"alluxio.worker.tieredstore.level1.dirs.path", "/d1,/d2"}, nil,
			map[string]string{"alluxio.worker.tieredstore.level0.alias": "",
				"alluxio.worker.tieredstore.level0.dirs.path": "/ram", "alluxio.worker.tieredstore.level0.dirs.quota": "900MB",
				"alluxio.worker.tieredstore.level1.dirs.path": "/d1,/d2", "alluxio.worker.ramdisk.size": "1GB"}, ""},
		{"a tier that says MEM on a folder of disk is warned about", w, "2.9.6",
			[]string{"alluxio.worker.tieredstore.level0.alias", "MEM"}, func(s *launch.Spec) { s.Slot = "disk" },
			map[string]string{"alluxio.worker.tieredstore.level0.alias": "MEM"}, "the folder is of the kind HDD"},
		{"workers find several masters through ZooKeeper", w, "2.9.6",
			[]string{"alluxio.zookeeper.enabled", "true", "alluxio.zookeeper.address", "z:2181"}, byZooKeeper,
			map[string]string{"alluxio.master.hostname": "", "alluxio.master.rpc.port": "",
				"alluxio.zookeeper.address": "z:2181"}, ""},
		{"also when the first is placed and the others are not yet", w, "2.9.6",
			[]string{"alluxio.zookeeper.enabled", "true", "alluxio.zookeeper.address", "z:2181"},
			func(s *launch.Spec) { s.Election, s.Endpoints[config.Master][0].RPC = config.ByZooKeeper, 31000 },
			map[string]string{"alluxio.master.hostname": "", "alluxio.master.rpc.port": ""}, ""},
		{"a master name is of no use to them", w, "2.9.6", []string{"alluxio.master.hostname", "m"}, byZooKeeper,
			map[string]string{"alluxio.master.hostname": ""}, "found through ZooKeeper; remove the line"},
		{"masters with ZooKeeper keep a journal of the type UFS", m, "2.9.6", []string{"alluxio.zookeeper.enabled", "true"},
			byZooKeeper,
			map[string]string{"alluxio.master.journal.type": "UFS", "alluxio.master.hostname": "agent1.example",
				"alluxio.master.rpc.addresses": ""}, ""},
		{"members of the embedded journal know each other", m, "2.9.6", []string{"alluxio.master.journal.type", "EMBEDDED"},
			byJournal,
			map[string]string{"alluxio.master.embedded.journal.addresses": "agent1.example:19200,agent2.example:31200",
				"alluxio.master.rpc.addresses":                                       "agent1.example:19998,agent2.example:31998",
				"alluxio.master.hostname":                                            "agent1.example",
				"alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host": ""}, ""},
		{"a member on an address of its own listens there for its journal, too", m, "2.9.6",
			[]string{"alluxio.master.journal.type", "EMBEDDED"}, func(s *launch.Spec) { byJournal(s); s.Bind = "127.0.0.5" },
			map[string]string{"alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host": "127.0.0.5"}, ""},
		{"addresses in the site file are not used", m, "2.9.6",
			[]string{"alluxio.master.journal.type", "EMBEDDED", "alluxio.master.rpc.addresses", "x:1"}, byJournal,
			map[string]string{"alluxio.master.rpc.addresses": "agent1.example:19998,agent2.example:31998"},
			"alluxio.master.rpc.addresses (alluxio-site.properties:7) is not used"},
		{"workers know every member", w, "2.9.6", []string{"alluxio.master.journal.type", "EMBEDDED"}, byJournal,
			map[string]string{"alluxio.master.rpc.addresses": "agent1.example:19998,agent2.example:31998",
				"alluxio.master.hostname": "", "alluxio.master.rpc.port": "", "alluxio.master.embedded.journal.addresses": ""}, ""},
		{"a lone master with the embedded journal needs no list", m, "2.9.6",
			[]string{"alluxio.master.journal.type", "EMBEDDED"}, nil,
			map[string]string{"alluxio.master.embedded.journal.addresses": "", "alluxio.master.rpc.addresses": ""}, ""},
		{"the network channel of 1.5 is one that works on Java 17, unless the operator chose", w, "1.7.1",
			[]string{"alluxio.user.network.netty.channel", "EPOLL"}, nil,
			map[string]string{"alluxio.worker.network.netty.channel": "NIO", "alluxio.user.network.netty.channel": "EPOLL"},
			"made for Java 8"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			p, err := prepare(t, c.role, c.version, func(s *launch.Spec, e *Environment) {
				set(s, c.site...)
				if c.change != nil {
					c.change(s)
				}
				if s.Slot == "disk" {
					e.StorageKind = "HDD"
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range c.want {
				if got, ok := p.pairs[key]; got != want || ok != (want != "") {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
			said := strings.Join(slices.Concat(p.Warnings, p.Doubts), "\n")
			if (c.warning == "") != (said == "") || !strings.Contains(said, c.warning) {
				t.Errorf("warnings %q, want one with %q", said, c.warning)
			}
		})
	}
}

func TestEverythingElseReachesAlluxioByteForByteAndInOrder(t *testing.T) {
	t.Parallel()
	pairs := []string{
		"alluxio.underfs.hdfs.prefixes", "hdfs://, glusterfs:///", "fs.s3a.secret.key", " =:#!\\t\u00e4\U0001F600\n",
		"z.last", "", "a.first", "${alluxio.home}/x",
		"key with spaces", "v", "alluxio.unknown.key", "stays",
	}
	for _, role := range config.AlluxioRoles().InStartOrder() {
		if role == config.JobMaster { // has no secrets
			continue
		}
		p, err := prepare(t, role, "2.9.6", func(s *launch.Spec, _ *Environment) { set(s, pairs...) })
		if err != nil {
			t.Fatal(err)
		}
		list, _ := config.ParseProperties("site", []byte(p.file))
		var got []string
		for _, l := range list[:len(pairs)/2] {
			got = append(got, l.Key, l.Value)
		}
		if !slices.Equal(got, pairs) {
			t.Errorf("%s reads %q, want %q", role, got, pairs)
		}
	}
}

func TestWhatIsGivenWhenUnsetIsSaidInTheFile(t *testing.T) {
	t.Parallel()
	p, err := prepare(t, config.Worker, "2.9.6", func(*launch.Spec, *Environment) {})
	if err != nil {
		t.Fatal(err)
	}
	const want = "# Given because the site file does not set them.\n# - what was claimed from Mesos; Alluxio's default " +
		"is two thirds of the machine\nalluxio.worker.ramdisk.size=1GB\n"
	if !strings.Contains(p.file, want) {
		t.Errorf("the site file is\n%s\nwithout\n%s", p.file, want)
	}
}

func TestPrepareLeavesTheSpecAsItIs(t *testing.T) {
	t.Parallel()
	layout, _ := Identify([]string{releaseJar + "2.9.6.jar"})
	spec := specOf(config.Master, "2.9.6")
	set(spec, "alluxio.home", "/x", "alluxio.master.hostname", "y", "alluxio.master.port", "0", "k", "v")
	before := slices.Clone(spec.Site)
	if _, err := Prepare(spec, environment(layout, "17")); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, spec.Site) {
		t.Errorf("the site is %v, was %v", spec.Site, before)
	}
}

func TestNothingOfTheSiteFileIsOnACommandLineOrInTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.8.1", "2.9.6"} {
		for _, role := range config.AlluxioRoles().InStartOrder() {
			if !atLeast(version, processes[role].since) {
				continue
			}
			p, err := prepare(t, role, version, func(s *launch.Spec, _ *Environment) {
				set(s, "aws.secretKey", "0123SECRET", "alluxio.user.file.writetype.default", "0123SECRET", "alluxio.home",
					"/0123SECRET", "alluxio.master.hostname", "0123SECRET", "alluxio.worker.ramdisk.size", "0123SECRET")
			})
			if err != nil {
				t.Fatal(err)
			}
			public := slices.Concat(p.Argv, p.Format, p.Env, p.Warnings, p.Doubts, p.Dirs, p.Probe.LeaderURLs,
				[]string{p.Probe.OwnURL, p.Probe.Hint})
			if strings.Contains(strings.Join(public, "\n"), "0123SECRET") {
				t.Errorf("%s %s shows a value of the site file: %q", role, version, public)
			}
		}
	}
}
