package alluxio

import (
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// withJobMasters gives a spec two masters, a job master beside each, and a way to elect leaders.
func withJobMasters(by config.Election) func(*launch.Spec) {
	return func(s *launch.Spec) {
		several(s, by)
		s.Endpoints[config.JobMaster] = []launch.Address{{Host: "agent1.example", RPC: 20001, Web: 20002, Raft: 20003},
			{Host: "agent2.example", RPC: 31001, Web: 31002, Raft: 31003}}
	}
}

// withLoneJobMaster gives a spec one job master, with ports of its own.
func withLoneJobMaster(s *launch.Spec) {
	s.Endpoints[config.JobMaster] = []launch.Address{{Host: "j.example", RPC: 31001, Web: 31002}}
}

func TestSiteFilesOfTheJobServiceCombinePlacementAndOperator(t *testing.T) {
	t.Parallel()
	const m, j, w, p = config.Master, config.JobMaster, config.JobWorker, config.Proxy
	journal := []string{"alluxio.master.journal.type", "EMBEDDED"}
	zookeeper := []string{"alluxio.zookeeper.enabled", "true", "alluxio.zookeeper.address", "z:2181"}
	paths := append(slices.Clone(zookeeper), "alluxio.zookeeper.election.path", "/a/election",
		"alluxio.zookeeper.leader.path", "/a/leader/ ")
	const members, port = "alluxio.job.master.rpc.addresses", "alluxio.job.master.rpc.port"
	for _, c := range []struct {
		sentence string
		role     config.Role
		site     []string
		change   func(*launch.Spec)
		want     map[string]string
		warning  string
	}{
		{"a master learns where the job master is", m, nil, withLoneJobMaster,
			map[string]string{jobMasterHost: "j.example", port: "31001", members: ""}, ""},
		{"without one of the framework's, the site file may name another", m,
			[]string{jobMasterHost, "by.hand", port, "21001"}, nil,
			map[string]string{jobMasterHost: "by.hand", port: "21001"}, ""},
		{"with one, that of the site file is not used", m, []string{jobMasterHost, "by.hand"}, withLoneJobMaster,
			map[string]string{jobMasterHost: "j.example"},
			"alluxio.job.master.hostname (alluxio-site.properties:7) is not used"},
		{"masters with the embedded journal learn of all job masters", m, journal, withJobMasters(config.ByJournal),
			map[string]string{members: "agent1.example:20001,agent2.example:31001", jobMasterHost: "",
				"alluxio.job.master.embedded.journal.addresses": ""}, ""},
		{"masters with ZooKeeper find the leading job master there", m, zookeeper, withJobMasters(config.ByZooKeeper),
			map[string]string{members: "", jobMasterHost: "", "alluxio.zookeeper.job.election.path": "",
				"alluxio.zookeeper.job.leader.path": ""}, ""},
		{"the paths of job masters are apart where those of masters are", m, paths, withJobMasters(config.ByZooKeeper),
			map[string]string{"alluxio.zookeeper.job.election.path": "/a/election-job",
				"alluxio.zookeeper.job.leader.path": "/a/leader-job"}, ""},
		{"job masters have the same paths", j, paths, withJobMasters(config.ByZooKeeper),
			map[string]string{"alluxio.zookeeper.job.election.path": "/a/election-job",
				"alluxio.zookeeper.job.leader.path": "/a/leader-job", jobMasterHost: "agent1.example"}, ""},
		{"job workers have the same paths", w, paths, withJobMasters(config.ByZooKeeper),
			map[string]string{"alluxio.zookeeper.job.election.path": "/a/election-job",
				"alluxio.zookeeper.job.leader.path": "/a/leader-job", jobMasterHost: ""}, ""},
		{"the site file may choose the paths", w, append(slices.Clone(paths), "alluxio.zookeeper.job.leader.path", "/x"),
			withJobMasters(config.ByZooKeeper), map[string]string{"alluxio.zookeeper.job.leader.path": "/x"}, ""},
		{"the masters' journal is never a job master's", j, []string{"alluxio.master.journal.folder", "hdfs://nn/journal"},
			nil, map[string]string{"alluxio.master.journal.folder": "/sandbox/job-journal",
				"alluxio.master.journal.type": "UFS"}, ""},
		{"a lone job master needs no embedded journal", j, journal, nil,
			map[string]string{"alluxio.master.journal.type": "UFS", "alluxio.job.master.embedded.journal.addresses": "",
				"alluxio.standby.master.grpc.enabled": "false"}, ""},
		{"several job masters elect by a journal of their own", j, journal, withJobMasters(config.ByJournal),
			map[string]string{"alluxio.master.journal.type": "EMBEDDED", jobMasterHost: "agent1.example",
				"alluxio.standby.master.grpc.enabled":           "",
				"alluxio.master.journal.folder":                 "/sandbox/job-journal",
				"alluxio.job.master.embedded.journal.addresses": "agent1.example:20003,agent2.example:31003",
				members:                        "agent1.example:20001,agent2.example:31001",
				"alluxio.master.rpc.addresses": "agent1.example:19998,agent2.example:31998"}, ""},
		{"bind=agent reaches that journal", j, journal, func(s *launch.Spec) {
			withJobMasters(config.ByJournal)(s)
			s.Bind, s.Ports[config.JobMasterRaft] = "127.0.0.2", 31003
		}, map[string]string{ratisHost: "127.0.0.2", "alluxio.job.master.embedded.journal.port": "31003",
			"alluxio.job.master.bind.host": "127.0.0.2", "alluxio.job.master.web.bind.host": "127.0.0.2"}, ""},
		{"ports that were picked replace the 0 of the site file", j,
			[]string{port, "0", "alluxio.job.master.web.port", "0"}, func(s *launch.Spec) {
				s.Ports = map[config.PortName]uint16{config.JobMasterRPC: 31001, config.JobMasterWeb: 31002}
			}, map[string]string{port: "31001", "alluxio.job.master.web.port": "31002"}, ""},
		{"a job worker learns where master and job master are, and has the worker's host name", w, nil, withLoneJobMaster,
			map[string]string{"alluxio.master.hostname": "agent0.example", jobMasterHost: "j.example", port: "31001",
				"alluxio.job.worker.hostname": "agent1.example"}, ""},
		{"a job worker's web server is for its own host", w, nil, nil,
			map[string]string{"alluxio.job.worker.web.bind.host": "127.0.0.1", "alluxio.job.worker.bind.host": ""}, ""},
		{"the site file may open a job worker's web server", w, []string{"alluxio.job.worker.web.bind.host", "10.0.0.1"}, nil,
			map[string]string{"alluxio.job.worker.web.bind.host": "10.0.0.1"}, ""},
		{"a job master, which shows its site file, has no secrets", j,
			[]string{"aws.secretKey", "x", "alluxio.master.mount.table.root.option.fs.s3a.secret.key", "x", "fs.s3a.endpoint",
				"e"}, nil, map[string]string{"aws.secretKey": "", "fs.s3a.endpoint": "e",
				"alluxio.master.mount.table.root.option.fs.s3a.secret.key": ""}, ""},
		{"a job worker has those of the under store", w, []string{"aws.secretKey", "x"}, nil,
			map[string]string{"aws.secretKey": "x"}, ""},
		{"a job worker listens where it is asked to", w, nil, func(s *launch.Spec) {
			s.Bind = "127.0.0.2"
			s.Ports = map[config.PortName]uint16{config.JobWorkerRPC: 31001, config.JobWorkerData: 31002,
				config.JobWorkerWeb: 31003}
		}, map[string]string{"alluxio.job.worker.bind.host": "127.0.0.2", "alluxio.job.worker.web.bind.host": "127.0.0.2",
			"alluxio.job.worker.rpc.port": "31001", "alluxio.job.worker.data.port": "31002",
			"alluxio.job.worker.web.port": "31003"}, ""},
		{"job workers know every job master", w, journal, withJobMasters(config.ByJournal),
			map[string]string{members: "agent1.example:20001,agent2.example:31001", jobMasterHost: "",
				"alluxio.master.rpc.addresses": "agent1.example:19998,agent2.example:31998"}, ""},
		{"a proxy learns where the master is", p, nil, func(s *launch.Spec) {
			s.Bind, s.Ports[config.ProxyWeb] = "127.0.0.2", 31999
		}, map[string]string{"alluxio.master.hostname": "agent0.example", "alluxio.proxy.web.hostname": "agent1.example",
			"alluxio.proxy.web.bind.host": "127.0.0.2", "alluxio.proxy.web.port": "31999"}, ""},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := prepare(t, c.role, "2.9.6", func(s *launch.Spec, _ *Environment) {
				set(s, c.site...)
				if c.change != nil {
					c.change(s)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range c.want {
				if value, ok := got.pairs[key]; value != want || ok != (want != "") {
					t.Errorf("%s is %q, want %q", key, value, want)
				}
			}
			said := strings.Join(got.Warnings, "\n")
			if (c.warning == "") != (said == "") || !strings.Contains(said, c.warning) {
				t.Errorf("warnings %q, want one with %q", said, c.warning)
			}
		})
	}
}

// The journal of a job master begins empty with each task: none is formatted, and none is kept.
func TestAJobMasterFormatsNothing(t *testing.T) {
	t.Parallel()
	got, err := prepare(t, config.JobMaster, "2.9.6", func(s *launch.Spec, _ *Environment) {
		withJobMasters(config.ByJournal)(s)
		set(s, "alluxio.master.journal.type", "EMBEDDED")
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Format != nil || !slices.Contains(got.Dirs, "/sandbox/job-journal") {
		t.Errorf("it formats with %q and makes %q", got.Format, got.Dirs)
	}
}

func TestTheJobServiceIsRefusedWithoutTheAddressesThatItReads(t *testing.T) {
	t.Parallel()
	for _, role := range []config.Role{config.JobMaster, config.JobWorker, config.Proxy} {
		_, err := prepare(t, role, "2.9.6", func(s *launch.Spec, _ *Environment) { s.Endpoints = nil })
		if err == nil || !strings.Contains(err.Error(), "without the address of an Alluxio master") {
			t.Errorf("%s without masters: %v", role, err)
		}
	}
	_, err := prepare(t, config.JobMaster, "2.9.6", func(s *launch.Spec, _ *Environment) {
		byJournal(s)
		delete(s.Endpoints, config.JobMaster)
	})
	if err == nil || !strings.Contains(err.Error(), "without their addresses") {
		t.Errorf("one of several job masters without the others: %v", err)
	}
	_, err = prepare(t, config.JobWorker, "2.9.6", func(s *launch.Spec, _ *Environment) {
		delete(s.Endpoints, config.JobMaster)
	})
	if err == nil || !strings.Contains(err.Error(), "without the address of a job master") {
		t.Errorf("a job worker without job masters: %v", err)
	}
}
