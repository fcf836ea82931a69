package mesosmaster

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	mesosscheduler "github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// frameworks is an answer to GET_FRAMEWORKS, as Mesos 1.11 gives it.
func frameworks(name, principal, allocated string) string {
	return fmt.Sprintf(
		`{"type":"GET_FRAMEWORKS","get_frameworks":{"frameworks":[{"active":false,"connected":false,"recovered":false,
		"framework_info":{"id":{"value":"f-old"},"name":%q,"principal":%q,"user":"root"},
		"unregistered_time":{"nanoseconds":1700000000000000000},"allocated_resources":[%s]}],
		"completed_frameworks":[{"framework_info":{"id":{"value":"f-older"},"name":"test"},
			"allocated_resources":[{"name":"cpus"}]}]}}`,
		name, principal, allocated)
}

const (
	someCPUs  = `{"name":"cpus","type":"SCALAR","scalar":{"value":1}}`
	tasksJSON = `{"frameworks":[{"id":"f-old","tasks":[{"id":"alluxio-worker-0.3","slave_id":"S1",` +
		`"state":"TASK_RUNNING"},{"id":"alluxio-master-0.1","slave_id":"S0"}]}]}`
)

func TestANewStateDoesNotBecomeASecondFrameworkBesideOneThatHasTasks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		operator map[string]string
		says     []string
	}{
		{"with its tasks", map[string]string{"/api/v1": frameworks("test", "", someCPUs), "/frameworks": tasksJSON}, []string{
			"framework f-old of the same name", "is disconnected since 2023-11-14T22:13:20Z",
			"has tasks: alluxio-master-0.1 on agent S0, alluxio-worker-0.3 on agent S1"}},
		{"which are not listed", map[string]string{"/api/v1": frameworks("test", "", someCPUs)},
			[]string{"has tasks: which Mesos does not list"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			m := startFake(t, fakemesos.Options{Operator: c.operator})
			r := run(t, configFor(m.Addr()))
			p := asProblem(t, r.ended(), ErrDuplicate)
			for _, want := range append(c.says, "alluxio-mesos recover --framework-id f-old",
				"alluxio.integration.mesos.framework.name") {
				if !strings.Contains(p.Error(), want) {
					t.Errorf("%q is not in: %v", want, p)
				}
			}
			if n := m.Count(mesosscheduler.Call_SUBSCRIBE); n != 0 {
				t.Errorf("%d subscriptions", n)
			}
		})
	}
}

func TestLeaderIsAskedForDuplicateFrameworks(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		allocated string
		kind      error // nil: it subscribes
	}{
		"that knows one with tasks": {someCPUs, ErrDuplicate},
		"that knows none":           {"", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			leader := startFake(t, fakemesos.Options{Operator: map[string]string{"/api/v1": frameworks("test", "",
				c.allocated), "/frameworks": tasksJSON}})
			follower := startFake(t, fakemesos.Options{Operator: map[string]string{"/api/v1": frameworks("test", "",
				someCPUs)}})
			follower.Redirect(leader.Addr())
			log := new(journal)
			cfg := configFor(follower.Addr())
			cfg.Log = zerolog.New(log)
			r := run(t, cfg)
			if c.kind != nil {
				if p := asProblem(t, r.ended(), c.kind); !strings.Contains(p.Error(),
					"Mesos master "+leader.Addr()+" knows framework f-old") {
					t.Errorf("problem %v", p)
				}
			} else if e := next[cluster.Subscribed](r, nil); e.Master.Address != leader.Addr() {
				t.Errorf("event %+v", e)
			}
			if n := follower.Count(mesosscheduler.Call_SUBSCRIBE); n != 0 {
				t.Errorf("the follower got %d SUBSCRIBE", n)
			}
			if strings.Contains(log.String(), "whether this one has run before is not known") {
				t.Errorf("the log: %s", log)
			}
		})
	}
}

func TestFailedDuplicateCheckIsLoggedOnceSubscribed(t *testing.T) {
	t.Parallel()
	log := new(journal)
	var leads atomic.Bool
	m := startFake(t, fakemesos.Options{Operator: map[string]string{"/api/v1": "<html>"}})
	m.OnCall(func(*mesosscheduler.Call) fakemesos.Answer {
		if leads.Swap(true) {
			return fakemesos.Answer{}
		}
		return fakemesos.Answer{Status: http.StatusServiceUnavailable, Body: "No leader elected"}
	})
	cfg := configFor(m.Addr())
	cfg.Log = zerolog.New(log)
	r := run(t, cfg)
	next(r, func(e cluster.Disconnected) bool { return strings.Contains(e.Reason, "knows no leading master") })
	next[cluster.Subscribed](r, nil)
	if n := strings.Count(log.String(), "whether this one has run before is not known"); n != 1 {
		t.Errorf("%d warnings: %s", n, log)
	}
}

func TestANewFrameworkSubscribesBesideOthers(t *testing.T) {
	t.Parallel()
	for sentence, answer := range map[string]string{
		"of another name":                        frameworks("others", "", someCPUs),
		"of another principal":                   frameworks("test", "other", someCPUs),
		"without tasks, as a lost answer leaves": frameworks("test", "", ""),
		"that are not told":                      `{"type":"GET_FRAMEWORKS","get_frameworks":{}}`,
		"in an answer that is none":              `<html>`,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := startFake(t, fakemesos.Options{Operator: map[string]string{"/api/v1": answer, "/frameworks": tasksJSON}})
			next[cluster.Subscribed](run(t, configFor(m.Addr())), nil)
		})
	}
	t.Run("with an ID of its own, whatever there is", func(t *testing.T) {
		t.Parallel()
		m := startFake(t, fakemesos.Options{Operator: map[string]string{"/api/v1": frameworks("test", "", someCPUs)}})
		cfg := configFor(m.Addr())
		cfg.FrameworkID = "f-old"
		next[cluster.Subscribed](run(t, cfg), nil)
	})
}
