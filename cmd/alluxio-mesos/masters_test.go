package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

// The operator has named a follower. It dies, and the framework is started again with its address.
func TestALeaderThatWasRedirectedToIsFoundAfterARestart(t *testing.T) {
	t.Parallel()
	// ZooKeeper is not there, so that what was redirected to has to do; its password must not be
	// kept.
	flags := map[string]string{"/flags": `{"flags":{"zk":"zk://mesos:hunter2@` + nobody(t) + `/mesos"}}`}
	leader := newMesos(t, fakemesos.Options{Agents: 1, Operator: flags})
	follower, err := fakemesos.Start(fakemesos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	follower.Redirect(leader.Addr())
	h := newHome(t)
	h.start("-w", follower.Addr())
	before := taskIDs(leader)
	if out, err := h.Stop(h.within()); err != nil {
		t.Fatalf("stop: %v: %s", err, out)
	}
	if err := follower.Close(); err != nil {
		t.Fatal(err)
	}
	h.start("-w", follower.Addr())
	status, err := h.Status(h.within())
	if err != nil || status.Mesos.Leader != leader.Addr() || !slices.Equal(taskIDs(leader), before) {
		t.Errorf("%v: Mesos %+v, tasks %v, before %v", err, status.Mesos, taskIDs(leader), before)
	}
	saved, err := os.ReadFile(h.Path("mesos-state/framework.db"))
	if err != nil || !strings.Contains(string(saved), "knownMasters") {
		t.Errorf("the state has no known masters: %v", err)
	}
	if strings.Contains(string(saved)+h.Log(), "hunter2") {
		t.Error("the password is kept or shown")
	}
}
