package mesosmaster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// learnt waits for a report that ok likes.
func learnt(r *running, ok func(cluster.MastersLearned) bool) cluster.MastersLearned {
	r.t.Helper()
	return next(r, ok)
}

func TestALeaderThatWasRedirectedToIsTriedAfterARestart(t *testing.T) {
	t.Parallel()
	leader := startFake(t, fakemesos.Options{})
	follower, err := fakemesos.Start(fakemesos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	given := follower.Addr()
	follower.Redirect(leader.Addr())
	cfg := configFor(given)
	cfg.Known.Setting = given
	r := run(t, cfg)
	known := learnt(r, func(e cluster.MastersLearned) bool { return len(e.Masters.Leaders) > 0 }).Masters
	if !known.Equal(cluster.KnownMasters{Setting: given, Leaders: []string{leader.Addr()}}) {
		t.Errorf("known are %+v", known)
	}
	id := next[cluster.Subscribed](r, nil).FrameworkID
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if err := follower.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Known, cfg.FrameworkID = known, id
	if e := next[cluster.Subscribed](run(t, cfg), nil); e.Master.Address != leader.Addr() || e.FrameworkID != id {
		t.Errorf("after a restart %+v", e)
	}
}

func TestOneAddressIsWarnedAboutWhereTheOtherMastersAreNotKnown(t *testing.T) {
	t.Parallel()
	const zk = `{"flags":{"zk":"zk://mesos:hunter2@z1:2181,z2:2181/mesos"}}`
	for sentence, c := range map[string]struct {
		flags     string // "": 404
		zooKeeper string
		says      string // "": no warning
	}{
		"flags that are not shown": {"", "",
			"MESOS_MASTER names one Mesos master, and the others are not known: GET /flags: "},
		"flags that are none":    {"<html>", "", "answers /flags with something that cannot be read"},
		"a ZooKeeper of nothing": {`{"flags":{"zk":"zk://mesos:hunter2@/"}}`, "", "zk is "},
		"a ZooKeeper":            {zk, "zk://z1:2181,z2:2181/mesos", ""},
		"a master that is alone": {`{"flags":{"port":"5050"}}`, "", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			o := fakemesos.Options{Operator: map[string]string{}}
			if c.flags != "" {
				o.Operator["/flags"] = c.flags
			}
			m := startFake(t, o)
			cfg := configFor(m.Addr())
			if c.says == "" {
				cfg.Known.ZooKeeper = "zk://old:2181/mesos" // so that there is something to report
			}
			e := learnt(run(t, cfg), nil)
			if !strings.Contains(e.Warning, c.says) || c.says == "" && e.Warning != "" ||
				e.Masters.ZooKeeper != c.zooKeeper {
				t.Errorf("report %+v, want %q and ZooKeeper %q", e, c.says, c.zooKeeper)
			}
			if strings.Contains(fmt.Sprintf("%+v", e), "hunter2") {
				t.Errorf("the report shows the password: %+v", e)
			}
		})
	}
}

func TestSeveralAddressesAreNotWarnedAbout(t *testing.T) {
	t.Parallel()
	for masters, want := range map[string]bool{"m1:5050": true, "m1:5050,m2:5050": false} {
		c := New(Config{Masters: strings.Split(masters, ",")})
		c.flags = errMoved
		if got := c.oneAddress(); (got != "") != want {
			t.Errorf("%s: %q", masters, got)
		}
	}
}

func TestKnownLeadersAreBoundedAndTheLatestIsFirst(t *testing.T) {
	t.Parallel()
	c := New(Config{Masters: []string{"m0:5050"}})
	s := &subscription{client: c, events: make(chan cluster.Event, 100)}
	for _, leader := range []string{"m0:5050", "m1:5050", "m2:5050", "evil/path:5050", "m3:0", "m4", "m1:5050",
		"m5:5050", "m6:5050", "m7:5050", "m8:5050", "m9:5050", "m10:5050"} {
		s.followed(t.Context(), leader)
	}
	want := []string{"m10:5050", "m9:5050", "m8:5050", "m7:5050", "m6:5050", "m5:5050", "m1:5050", "m2:5050"}
	if !slices.Equal(c.known.Leaders, want) {
		t.Errorf("%q, want %q", c.known.Leaders, want)
	}
	if got := c.candidates([]string{"m0:5050", "m9:5050"}); !slices.Equal(got,
		[]string{"m0:5050", "m9:5050", "m10:5050", "m8:5050", "m7:5050", "m6:5050", "m5:5050", "m1:5050", "m2:5050"}) {
		t.Errorf("candidates %q", got)
	}
}

// What a learnt master refuses says nothing about the one that the operator has named.
func TestRejectionByALearntMasterEndsNothing(t *testing.T) {
	t.Parallel()
	other := startFake(t, fakemesos.Options{Principal: "somebody", Secret: "s",
		Operator: map[string]string{"/frameworks": listing("ours")}})
	cfg := configFor("127.0.0.1:1")
	cfg.FrameworkID, cfg.Known.Leaders = "ours", []string{other.Addr()}
	r := run(t, cfg)
	for range 2 {
		if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason, "127.0.0.1:1 does not answer") ||
			!strings.Contains(e.Reason, other.Addr()+" answers SUBSCRIBE with 401") {
			t.Errorf("event %+v", e)
		}
	}
}
