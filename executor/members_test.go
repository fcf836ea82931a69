package executor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// leaderOf is the web port of another master, which leads and lists the master of spec as a standby.
func (r *rig) leaderOf(spec *launch.Spec) launch.Address {
	r.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"primaryMasterInfo":{},"standbyMasterInfos":[{"address":{"host":%q,"rpcPort":%d}}]}`, spec.Host,
			spec.Ports[config.MasterRPC])
	}))
	r.t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	check(r.t, err)
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	check(r.t, err)
	return launch.Address{Host: u.Hostname(), RPC: 2, Web: uint16(port), Raft: 4}
}

// member is a LaunchSpec of one of two masters with the embedded journal; it stands by until the file lead is there.
func (r *rig) member(lead string) *launch.Spec {
	spec := r.master("-Dfake=standby", "-Dfake.lead="+lead)
	spec.Election, spec.HangTimeout = config.ByJournal, time.Minute
	spec.Site = []config.Property{{Key: "alluxio.master.journal.type", Value: "EMBEDDED"}}
	spec.Ports[config.MasterRaft] = 3
	spec.Endpoints[config.Master] = []launch.Address{{Host: spec.Host, RPC: spec.Ports[config.MasterRPC],
		Web:  spec.Ports[config.MasterWeb],
		Raft: 3}, r.leaderOf(spec)}
	return spec
}

// electionState waits for an update of a running master that says what it is.
func (r *rig) electionState(want launch.ElectionState) launch.Report {
	r.t.Helper()
	for {
		if report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data); report.ElectionState == want {
			return report
		}
	}
}

func TestAMasterThatStandsByServesAndSaysWhenItLeads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lead := filepath.Join(r.dir, "lead")
	r.launch("m.1", r.member(lead))
	first := r.electionState(launch.Standby)
	check(t, os.WriteFile(lead, nil, 0o600))
	if second := r.electionState(launch.Leading); second.Number <= first.Number {
		t.Errorf("update %d comes after %d", second.Number, first.Number)
	}
}

func TestWordOfMastersThatMovedChangesTheSiteFileAndIsAnswered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.member(filepath.Join(r.dir, "never"))
	r.launch("m.1", spec)
	r.electionState(launch.Standby)
	jvm := read(t, r.dir, "record")
	moved := []launch.Address{spec.Masters()[0], {Host: "elsewhere", RPC: 5, Web: 6, Raft: 7}}
	send := func(data []byte) {
		r.stream.Send(&executor.Event{Type: executor.Event_MESSAGE, Message: &executor.Event_Message{Data: data}})
	}
	send([]byte("from a later version"))
	for range 2 { // it is answered each time, since the last answer may be lost
		send(launch.MasterUpdate{Masters: moved}.Encode())
		if report := r.electionState(launch.Standby); report.Moved != launch.AddressText(moved) {
			t.Errorf("the answer is %+v", report)
		}
	}
	want := fmt.Sprintf("alluxio.master.rpc.addresses=%s:%d,elsewhere:5\n", spec.Host, spec.Masters()[0].RPC)
	if site := read(t, r.sandbox, "conf/alluxio-site.properties"); !strings.Contains(site, want) {
		t.Errorf("%q is not in\n%s", want, site)
	}
	for port := range uint16(50) { // many at once: the last one counts
		moved[1].Raft = 100 + port
		send(launch.MasterUpdate{Masters: moved}.Encode())
	}
	last := fmt.Sprintf("alluxio.master.embedded.journal.addresses=%s:%d,elsewhere:149\n", spec.Host,
		spec.Masters()[0].Raft)
	for r.electionState(launch.Standby).Moved != launch.AddressText(moved) {
	}
	if site := read(t, r.sandbox, "conf/alluxio-site.properties"); !strings.Contains(site, last) {
		t.Errorf("%q is not in\n%s", last, site)
	}
	if read(t, r.dir, "record") != jvm {
		t.Error("the JVM was restarted")
	}
}
