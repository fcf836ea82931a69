package mesosmaster

import (
	"fmt"
	"strings"
	"testing"

	mesosscheduler "github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// frameworks is an answer to GET_FRAMEWORKS, as Mesos 1.11 gives it.
func frameworks(name, principal, allocated string) string {
	return fmt.Sprintf(`{"type":"GET_FRAMEWORKS","get_frameworks":{"frameworks":[{"active":false,"connected":false,"recovered":false,
		"framework_info":{"id":{"value":"f-old"},"name":%q,"principal":%q,"user":"root"},
		"unregistered_time":{"nanoseconds":1700000000000000000},"allocated_resources":[%s]}],
		"completed_frameworks":[{"framework_info":{"id":{"value":"f-older"},"name":"test"},"allocated_resources":[{"name":"cpus"}]}]}}`,
		name, principal, allocated)
}

const (
	someCPUs  = `{"name":"cpus","type":"SCALAR","scalar":{"value":1}}`
	tasksJSON = `{"frameworks":[{"id":"f-old","tasks":[{"id":"alluxio-worker-0.3","slave_id":"S1","state":"TASK_RUNNING"},{"id":"alluxio-master-0.1","slave_id":"S0"}]}]}`
)

func TestANewStateDoesNotBecomeASecondFrameworkBesideOneThatHasTasks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		operator map[string]string
		says     []string
	}{
		{"with its tasks", map[string]string{"/api/v1": frameworks("test", "", someCPUs), "/frameworks": tasksJSON}, []string{
			"framework f-old of the same name", "is disconnected since 2023-11-14T22:13:20Z", "has tasks: alluxio-master-0.1 on agent S0, alluxio-worker-0.3 on agent S1"}},
		{"which are not listed", map[string]string{"/api/v1": frameworks("test", "", someCPUs)}, []string{"has tasks: which Mesos does not list"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			m := startFake(t, fakemesos.Options{Operator: c.operator})
			r := run(t, configFor(m.Addr()))
			p := asProblem(t, r.ended(), ErrTwin)
			for _, want := range append(c.says, "alluxio-mesos recover --framework-id f-old", "alluxio.integration.mesos.framework.name") {
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
