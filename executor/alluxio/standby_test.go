package alluxio

import (
	"os"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func member(rule StandbyRule) Probe {
	p := Probe{Role: config.Master, OwnURL: "http://127.0.77.1:19999/info", Host: "127.0.77.1", RPC: 19998,
		Listing: ListInfo, Standby: rule, Leader: "Alluxio master"}
	if rule == StandbyElected {
		p.Election = ElectionPath{Servers: "zk:2181", Path: "/election", ID: "127.0.77.1:19998"}
	} else {
		p.LeaderURLs = []string{"http://127.0.77.2:19999/x", "http://127.0.77.3:19999/x"}
	}
	return p
}

func TestAStandbyIsReadyAsItsVersionShowsIt(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/standbys-2.9.6.json")
	if err != nil {
		t.Fatal(err)
	}
	listed, silent, refused, closed := ok(string(body)), Answer{Err: "no answer within 4s"},
		Answer{Err: "connection refused"}, Answer{Err: "EOF", Closed: true}
	in := Elected{IDs: []string{"127.0.77.2:19998", "127.0.77.1:19998"}}
	for _, c := range []struct {
		sentence string
		rule     StandbyRule
		own      Answer
		leader   []Answer
		elected  Elected
		why      string // "" when ready
	}{
		{"2.9 closes connections and its leader lists it", StandbyListed, closed, []Answer{closed, listed}, Elected{}, ""},
		{"a leader that lists it is not enough: it lists the dead, too", StandbyListed, refused, []Answer{listed}, Elected{},
			"connection refused"},
		{"a JVM that hangs closes nothing", StandbyListed, silent, []Answer{listed}, Elected{}, "no answer within 4s"},
		{"without a leader there is nobody to stand by", StandbyListed, closed, []Answer{closed, refused}, Elected{},
			"no Alluxio master leads at http://127.0.77.2:19999/x, http://127.0.77.3:19999/x"},
		{"a leader has to list it", StandbyListed, closed,
			[]Answer{ok(strings.ReplaceAll(string(body), "127.0.77.1", "127.0.77.9"))}, Elected{},
			"does not list 127.0.77.1:19998 as a standby yet (it lists 2)"},
		{"the same host with another port is another master", StandbyListed, closed,
			[]Answer{ok(strings.ReplaceAll(string(body), "19998", "19997"))}, Elected{}, "does not list"},
		{"another server's JSON lists nothing", StandbyListed, closed, []Answer{ok("{}")}, Elected{},
			"no Alluxio master leads"},
		{"2.8 closes connections while another leads", StandbyCloses, closed, []Answer{closed, ok(`{"workers":[]}`)},
			Elected{}, ""},
		{"2.8 without a leader", StandbyCloses, closed, []Answer{closed}, Elected{}, "no Alluxio master leads"},
		{"2.8 that starts", StandbyCloses, refused, []Answer{ok(`{"workers":[]}`)}, Elected{}, "connection refused"},
		{"1.x is in the election", StandbyElected, refused, nil, in, ""},
		{"1.x is not in the election yet", StandbyElected, refused, nil, Elected{IDs: []string{"127.0.77.1:19999"}},
			"127.0.77.1:19998 is not in the election at /election of ZooKeeper zk:2181"},
		{"1.x while ZooKeeper is away", StandbyElected, refused, nil, Elected{Err: "no ZooKeeper"}, "no ZooKeeper"},
	} {
		if ready, why := member(c.rule).JudgeStandby(c.own, c.leader, c.elected); ready != (c.why == "") ||
			(why == "") != ready || !strings.Contains(why, c.why) {
			t.Errorf("%s: ready=%v, %q", c.sentence, ready, why)
		}
	}
}

func TestAStandbyThatServedIsWatchedByItsOwnJVMAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		rule     StandbyRule
		own      Answer
		elected  Elected
		alive    bool
	}{
		{"it closes connections", StandbyListed, Answer{Err: "EOF", Closed: true}, Elected{}, true},
		{"it answers: it leads now", StandbyListed, ok(`{"workers":[]}`), Elected{}, true},
		{"it hangs", StandbyListed, Answer{Err: "timeout"}, Elected{}, false},
		{"it is in the election", StandbyElected, Answer{Err: "connection refused"},
			Elected{IDs: []string{"127.0.77.1:19998"}}, true},
		{"it was thrown out of the election", StandbyElected, Answer{Err: "connection refused"}, Elected{}, false},
		{"ZooKeeper is away: nothing is known against it", StandbyElected, Answer{Err: "connection refused"},
			Elected{Err: "no ZooKeeper"}, true},
	} {
		if alive, why := member(c.rule).StandsBy(c.own, c.elected); alive != c.alive || (why == "") != alive {
			t.Errorf("%s: alive=%v, %q", c.sentence, alive, why)
		}
	}
}

func TestWhoLeadsIsReadFromTheOwnWebPort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		own  Answer
		want launch.ElectionState
	}{
		{ok(`{"workers":[]}`), launch.Leading},
		{ok(`{"nodes":[]}`), launch.Standby},
		{Answer{Status: 500}, launch.Standby},
		{Answer{Err: "EOF", Closed: true}, launch.Standby},
	} {
		if got := member(StandbyListed).ElectionStateOf(c.own); got != c.want {
			t.Errorf("%+v: %s", c.own, got)
		}
	}
}
