package alluxio

import (
	"os"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

const ownWorker = `{"capacity":{"total":104857600,"used":0},"rpcAddress":"/127.0.77.5:31001"}`

// probeOf is the Probe of the process that the recorded answers of testdata are about.
func probeOf(role config.Role, listing Listing) Probe {
	p := Probe{Role: role, OwnURL: "http://127.0.0.1:30000/info", Host: "127.0.77.5", RPC: 31001, Listing: listing,
		Leader: "Alluxio master"}
	if role == config.Worker {
		p.LeaderURLs = []string{"http://m.example:19999/info"}
	}
	return p
}

func ok(body string) Answer { return Answer{Status: 200, Body: []byte(body)} }

func TestRealAnswersOfRegisteredWorkers(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.5.0", "1.8.1", "2.9.6"} {
		body, err := os.ReadFile("testdata/leader-" + version + ".json")
		if err != nil {
			t.Fatal(err)
		}
		leader := []Answer{{Status: 200, Body: body}}
		if ready, why := probeOf(config.Master, ListInfo).Judge(leader[0], nil); !ready {
			t.Errorf("%s: the master is not ready: %s", version, why)
		}
		p := probeOf(config.Worker, ListInfo)
		if ready, why := p.Judge(ok(ownWorker), leader); !ready {
			t.Errorf("%s: the worker is not ready: %s", version, why)
		}
		p.RPC++
		if ready, why := p.Judge(ok(ownWorker), leader); ready ||
			!strings.Contains(why, "does not list 127.0.77.5 with RPC port 31002") {
			t.Errorf("%s: a worker with another port is ready=%v: %s", version, ready, why)
		}
	}
}

func TestWhatIsReadyAndWhatIsNot(t *testing.T) {
	t.Parallel()
	const listed = `{"workers":[{"address":{"host":"127.0.77.5","rpcPort":31001},"capacityBytes":1}]}`
	for _, c := range []struct {
		sentence string
		role     config.Role
		listing  Listing
		own      Answer
		leader   []Answer
		why      string // "" when ready
	}{
		{"a worker is ready when its JVM answers and the leader lists it", config.Worker, ListInfo, ok(ownWorker),
			[]Answer{ok(listed)}, ""},
		{"the leader alone is not enough: it lists dead workers", config.Worker, ListInfo, Answer{Err: "connection refused"},
			[]Answer{ok(listed)}, "does not answer yet: connection refused"},
		{"the JVM alone is not enough", config.Worker, ListInfo, ok(ownWorker), []Answer{{Err: "timeout"}},
			"no Alluxio master leads at http://m.example:19999/info: timeout"},
		{"one leader among standbys is enough", config.Worker, ListInfo, ok(ownWorker),
			[]Answer{{Err: "timeout"}, {Status: 503}, ok(listed)}, ""},
		{"no answer at all is not enough", config.Worker, ListInfo, ok(ownWorker), nil, "no Alluxio master leads"},
		{"a worker without capacity is not ready", config.Worker, ListInfo, ok(ownWorker),
			[]Answer{ok(strings.Replace(listed, `s":1`, `s":0`, 1))}, "without capacity"},
		{"the same host with another port is another worker", config.Worker, ListInfo, ok(ownWorker),
			[]Answer{ok(strings.Replace(listed, "31001", "29999", 1))}, "it lists 1 workers"},
		{"1.2 answers with the bare list of workers", config.Worker, ListBare, ok(`"x"`),
			[]Answer{ok(`[{"address":{"host":"127.0.77.5","rpcPort":31001},"capacityBytes":1}]`)}, ""},
		{"a list is not what 1.4 answers", config.Worker, ListInfo, ok(ownWorker), []Answer{ok("[]")},
			"no Alluxio master leads"},
		{"a master is ready when it answers as a leader", config.Master, ListInfo, ok(`{"workers":[]}`), nil, ""},
		{"a master of 1.2 answers with a list", config.Master, ListBare, ok(`[]`), nil, ""},
		{"a master in safe mode is not ready", config.Master, ListInfo, Answer{Status: 500}, nil,
			"Alluxio is still starting: "},
		{"another server on the port is no master", config.Master, ListInfo, ok(`<html>hello`), nil, "is the port taken?"},
		{"another JSON server on the port is no master", config.Master, ListInfo, ok(`{"nodes":[]}`), nil,
			"is the port taken?"},
		{"another server on the port is no worker", config.Worker, ListInfo, ok(`hello`), []Answer{ok(listed)},
			"is the port taken?"},
		{"1.0 has pages only", config.Worker, ListNone, ok(`<html>`), []Answer{ok(`<html>`)}, ""},
		{"1.0 needs a master too", config.Worker, ListNone, ok(`<html>`), []Answer{{Status: 404}}, "HTTP status 404"},
		{"a redirect is no answer", config.Master, ListNone, Answer{Status: 302}, nil, "HTTP status 302"},
	} {
		p := probeOf(c.role, c.listing)
		p.Hint = "if that stays so, ..."
		ready, why := p.Judge(c.own, c.leader)
		if ready != (c.why == "") || (why == "") != ready || !strings.Contains(why, c.why) {
			t.Errorf("%s: ready=%v, %q", c.sentence, ready, why)
		}
	}
}

func TestAHostNameIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	p := probeOf(config.Worker, ListInfo)
	p.Host = "Node1.Example"
	if ready, why := p.Judge(ok(ownWorker),
		[]Answer{ok(`{"workers":[{"address":{"host":"node1.example","rpcPort":31001},"capacityBytes":1}]}`)}); !ready {
		t.Error(why)
	}
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{"", "{}", "[]", "null", "[null]", `{"workers":null}`, `{"workers":[null,{}]}`,
		`{"workers":[{"address":[]}]}`, `{"workers":{"a":1}}`,
		`{"workers":[{"address":{"host":1,"rpcPort":1e99},"capacityBytes":-1}]}`, "\xff\xfe", strings.Repeat("[", 20000),
		`{"workers":[{"address":{"host":"h","rpcPort":1},"capacityBytes":9223372036854775808}]}`} {
		f.Add([]byte(seed), []byte(seed), 200, "")
	}
	f.Fuzz(func(t *testing.T, own, leader []byte, status int, failure string) {
		for _, listing := range []Listing{ListInfo, ListBare, ListNone} {
			for _, role := range config.AlluxioRoles().InStartOrder() {
				p := probeOf(role, listing)
				ready, why := p.Judge(Answer{Status: status, Body: own, Err: failure}, []Answer{{Status: 200, Body: leader}, {}})
				if ready != (why == "") {
					t.Errorf("ready=%v and why=%q", ready, why)
				}
				if ready && (status != 200 || failure != "") {
					t.Errorf("ready with status %d and error %q", status, failure)
				}
				if len(why) > 1000 {
					t.Errorf("%d bytes of why", len(why))
				}
			}
		}
	})
}
