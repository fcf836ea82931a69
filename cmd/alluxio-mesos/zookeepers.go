package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// silentAfter is how long ZooKeeper may not answer before status says so: a session that moves to
// another server takes less.
const silentAfter = 5 * time.Second

// zooKeepers are those that this instance uses, each with what does not work while it is silent.
// The zero value is ready for use.
type zooKeepers struct {
	mu   sync.Mutex
	list []zooKeeperUse
}

type zooKeeperUse struct {
	address     config.ZooKeeper
	silentSince func() time.Time
	without     string
}

func (z *zooKeepers) add(address config.ZooKeeper, silentSince func() time.Time, without string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.list = append(z.list, zooKeeperUse{address, silentSince, without})
}

// silent says which ZooKeepers do not answer, a sentence each.
func (z *zooKeepers) silent(now time.Time) (texts []string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, use := range z.list {
		if since := use.silentSince(); !since.IsZero() && now.Sub(since) >= silentAfter {
			texts = append(texts, fmt.Sprintf("ZooKeeper at %s has not answered since %s: %s",
				strings.Join(use.address.Servers, ","), since.UTC().Format(time.RFC3339), use.without))
		}
	}
	return texts
}

// withSilence is s with warnings of the ZooKeepers that do not answer; s itself when all do. A loop
// that does not answer may wait for one.
func (z *zooKeepers) withSilence(s *cluster.Status, err error, now time.Time) (*cluster.Status, error) {
	texts := z.silent(now)
	switch {
	case len(texts) == 0:
		return s, err
	case errors.Is(err, context.DeadlineExceeded):
		return nil, errors.New(strings.Join(texts, "; "))
	case err != nil:
		return nil, err
	}
	full := *s
	full.Warnings = append(texts, s.Warnings...)
	return &full, nil
}
