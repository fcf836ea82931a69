package alluxio

import (
	"os"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// metrics is how the metrics of any process begin.
const metrics = `{"version":"4.0.0","gauges":{}}`

// jobProbeOf is the Probe of the process that the recorded answer of a job master is about.
func jobProbeOf(role config.Role) Probe {
	p := probeOf(role, ListInfo)
	p.Leader = processes[role].leader
	if role != config.JobMaster {
		p.LeaderURLs = []string{"http://j.example:20002/info"}
	}
	return p
}

func TestJobServiceServesWhenItsProbesAndItsLeaderAnswer(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/job-master-2.9.6.json")
	if err != nil {
		t.Fatal(err)
	}
	const j, w, p = config.JobMaster, config.JobWorker, config.Proxy
	leads := ok(string(body))
	for _, c := range []struct {
		sentence string
		role     config.Role
		own      Answer
		leader   []Answer
		why      string // "" when ready
	}{
		{"a job master answers with its job workers", j, leads, nil, ""},
		{"something else does not", j, ok(metrics), nil, "something else than an Alluxio job master answers"},
		{"a job worker answers, and the job master lists it", w, ok(metrics), []Answer{{Err: "refused"}, leads}, ""},
		{"the job master lists a job worker that was killed for a minute", w, Answer{Err: "refused"}, []Answer{leads},
			"does not answer yet"},
		{"a job worker answers before it has registered", w, ok(metrics), []Answer{ok(`{"workers":[]}`)},
			"the Alluxio job master does not list 127.0.77.5 with RPC port 31001 yet (it lists 0 job workers)"},
		{"another job worker of the host is another one", w, ok(metrics),
			[]Answer{ok(strings.Replace(string(body), "31001", "30001", 1))}, "it lists 1 job workers"},
		{"a job worker needs a job master that leads", w, ok(metrics), []Answer{{Err: "refused"}},
			"no Alluxio job master leads at http://j.example:20002/info: refused"},
		{"a proxy answers, and a master leads", p, ok(metrics), []Answer{{Status: 503}, ok(`{"workers":[]}`)}, ""},
		{"a proxy answers without any master", p, ok(metrics), []Answer{{Err: "refused"}}, "no Alluxio master leads"},
		{"an empty answer is of no process", p, ok(""), []Answer{ok(`{"workers":[]}`)}, "is the port taken?"},
	} {
		if ready, why := jobProbeOf(c.role).Judge(c.own, c.leader); ready != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: ready=%v, %q", c.sentence, ready, why)
		}
	}
}

func TestAStandbyOfTheJobMastersClosesConnectionsWhileAnotherLeads(t *testing.T) {
	t.Parallel()
	p := jobProbeOf(config.JobMaster)
	p.Standby, p.LeaderURLs = StandbyCloses, []string{"http://j2.example:20002/info"}
	closed := Answer{Err: "EOF", Closed: true}
	if ready, why := p.JudgeStandby(closed, []Answer{ok(`{"workers":[]}`)}, Elected{}); !ready {
		t.Error(why)
	}
	const none = "no Alluxio job master leads at http://j2.example:20002/info: EOF"
	if ready, why := p.JudgeStandby(closed, []Answer{closed}, Elected{}); ready || why != none {
		t.Errorf("without a leader it is ready=%v, %q", ready, why)
	}
}
