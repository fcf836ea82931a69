package mesosmaster

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestTheAnswerOfAnExecutorComesInAndOtherMessagesDoNoHarm(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	for _, data := range [][]byte{{}, []byte("not ours"), launch.MasterUpdate{}.Encode(),
		launch.AdminAnswer{ID: "alluxio-worker-0.1-1", State: launch.AdminDone}.Encode()} {
		m.Send(&scheduler.Event{Type: scheduler.Event_MESSAGE, Message: &scheduler.Event_Message{
			AgentID: mesos.AgentID{Value: "a"}, ExecutorID: mesos.ExecutorID{Value: "e"}, Data: data}})
	}
	e := next[cluster.Administered](r, nil)
	if e.Subscription != 1 || e.Answer.ID != "alluxio-worker-0.1-1" || e.Answer.State != launch.AdminDone {
		t.Errorf("%+v", e)
	}
}
