package main

import (
	"context"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

// While Mesos is away nothing is ended. What an operator asked for then must not happen hours later
// without a word.
func TestATeardownThatHasNotBegunIsDroppedOrTakenBack(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	_, err := h.Stop(h.within(), "--teardown", "--yes", "--timeout", "1s")
	h.fails(err, 1, "the teardown is dropped: it had not begun after 1s (--timeout), and nothing was ended")
	_, err = h.Stop(h.within(), "--cancel-teardown")
	h.fails(err, 1, "refused: no teardown is pending")

	ended, ctx := make(chan error, 1), h.within()
	go func() {
		_, err := h.Stop(ctx, "--teardown", "--yes")
		ended <- err
	}()
	h.pending()
	if out, err := h.CLI(h.within(), "status"); err != nil ||
		!strings.HasPrefix(out, "Teardown   it has not begun, because Mesos is away; it is dropped at ") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := h.Stop(h.within(), "--cancel-teardown"); err != nil ||
		out != "the teardown is cancelled; nothing had begun\n" {
		t.Errorf("%v %s", err, out)
	}
	h.fails(<-ended, 1, "the teardown was cancelled; nothing was ended")
	if s, err := h.Status(h.within()); err != nil || s.Framework.Teardown {
		t.Errorf("%v %+v", err, s)
	}
}

// pending waits until the framework knows of a teardown.
func (h home) pending() {
	h.t.Helper()
	if err := clitest.Await(h.within(), "the teardown", func(ctx context.Context) (bool, error) {
		s, err := h.Status(ctx)
		return err == nil && s.Framework.Teardown, err
	}); err != nil {
		h.t.Fatal(err)
	}
}

func TestStopAndStartSayAPendingTeardownFirst(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1})
	h := newHome(t)
	h.start(nobody(t))
	ctx, stop := context.WithCancel(h.within())
	ended := make(chan error, 1)
	go func() {
		_, err := h.Stop(ctx, "--teardown", "--yes", "--timeout", "1h")
		ended <- err
	}()
	h.pending()
	stop() // an operator's Ctrl-C; the request stands
	<-ended
	const pending = "a teardown of this cluster is pending: it has not begun, because Mesos is away; it is dropped at "
	if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out, pending) ||
		!strings.Contains(out, "; the next start goes on with it\n") {
		t.Errorf("stop: %v %s", err, out)
	}
	_, err := h.Start(h.within(), "-w", nobody(t))
	h.fails(err, 1, pending, "the cluster is being ended, so it will not serve")
	if _, err := h.Stop(h.within()); err != nil {
		t.Fatal(err)
	}
	// Where Mesos is there, the start goes on with the teardown: there is nothing to end but the
	// framework.
	if _, err := h.Start(h.within(), m.Addr()); err == nil {
		p := h.process()
		if err := clitest.Await(h.within(), "its end", func(context.Context) (bool,
			error) {
			return !p.Alive(), nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.process(); p.Reason != "the cluster was torn down on request" {
		t.Errorf("the framework has ended for another reason: %q\n%s", p.Reason, h.Log())
	}
}
