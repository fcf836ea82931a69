package main

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// SIGTERM may come while the framework still looks its own address up. That takes seconds where DNS
// is slow, and is an ordinary end: exit status 0, no error in the log.
func TestASignalBeforeTheLoopRunsIsAnOrdinaryEnd(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	state := t.TempDir()
	settings, err := config.Load(config.Options{ConfDir: h.Path("conf"), LogsDir: h.Path("logs"), StateDir: state,
		MesosMaster: "name-that-is-looked-up.invalid:5050"})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx, stop := context.WithCancel(t.Context())
	stop()
	in := &instance{settings: settings, log: zerolog.Nop(), local: db}
	if err := in.act(ctx, db, nil); err != nil {
		t.Errorf("act with an ended context: %v", err)
	}
}
