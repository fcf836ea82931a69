package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestAZooKeeperThatDoesNotAnswerIsNamedInTheStatus(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	since := map[string]time.Time{}
	var z zooKeepers
	for _, name := range []string{"a", "b"} {
		z.add(config.ZooKeeper{Servers: []string{name + ":2181"}, User: "u", Password: config.NewSecret("geheim")},
			func() time.Time { return since[name] }, "nothing of "+name+" works")
	}
	s := &cluster.Status{Warnings: []string{"w"}}
	if got, err := z.withSilence(s, nil, now); got != s || err != nil {
		t.Errorf("all answer: %+v, %v", got, err)
	}
	since["a"] = now.Add(-time.Second)
	if got, _ := z.withSilence(s, nil, now); got != s {
		t.Errorf("silent for a moment: %+v", got)
	}
	since["b"] = now.Add(-time.Minute)
	const text = "ZooKeeper at b:2181 has not answered since 2026-01-02T03:03:05Z: nothing of b works"
	got, err := z.withSilence(s, nil, now)
	if err != nil || len(got.Warnings) != 2 || got.Warnings[0] != text || len(s.Warnings) != 1 {
		t.Errorf("one is silent: %+v, %v, and the shared one %+v", got, err, s)
	}
	if _, err := z.withSilence(nil, context.DeadlineExceeded, now); err == nil || err.Error() != text ||
		errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the loop waits for it: %v", err)
	}
	if _, err := z.withSilence(nil, context.Canceled, now); !errors.Is(err, context.Canceled) ||
		strings.Contains(err.Error(), "geheim") {
		t.Errorf("a reader that is gone: %v", err)
	}
}
