package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// The client learns other masters, so that a framework whose operator has named one of several
// survives the end of that one: each leader that a redirect names, and the ZooKeeper in the
// masters' flags. Each change is an event, which the core saves. A Detector needs none of it.

// listed is true when the masters to try are those of a list.
func (c *Client) listed() bool { return len(c.cfg.Masters) > 0 }

// candidates are the hosts to try, in order: the last leader, those of the list, and those that led
// before.
func (c *Client) candidates(hosts []string) []string {
	order := slices.Concat([]string{c.leader}, hosts)
	if c.listed() {
		c.learning.Lock()
		order = append(order, c.known.Leaders...)
		c.learning.Unlock()
	}
	var candidates []string
	for _, host := range order {
		if host != "" && !slices.Contains(candidates, host) {
			candidates = append(candidates, host)
		}
	}
	return candidates
}

// followed notes a leader that the list does not name.
func (s *subscription) followed(ctx context.Context, leader string) {
	c := s.client
	if !c.listed() || slices.Contains(c.cfg.Masters, leader) || !plainAddress(leader) {
		return
	}
	s.learn(ctx, func() {
		rest := slices.DeleteFunc(slices.Clone(c.known.Leaders), func(l string) bool { return l == leader })
		c.known.Leaders = append([]string{leader}, rest[:min(len(rest), cluster.MaxKnownLeaders-1)]...)
	})
}

// learn changes what is known and reports it if it differs from what was reported last. Reports are
// in the order of the changes.
func (s *subscription) learn(ctx context.Context, change func()) {
	c := s.client
	c.learning.Lock()
	defer c.learning.Unlock()
	change()
	event := cluster.MastersLearned{Masters: c.known, Warning: c.oneAddress()}
	if c.reported.Masters.Equal(event.Masters) && c.reported.Warning == event.Warning {
		return
	}
	select {
	case s.events <- event:
		c.reported = event
	case <-ctx.Done():
	}
}

// oneAddress warns when the end of the one master that is named may be the end of the framework; ""
// when it is not, or when there is one only.
func (c *Client) oneAddress() string {
	if len(c.cfg.Masters) != 1 || c.known.ZooKeeper != "" || c.flags == nil {
		return ""
	}
	return fmt.Sprintf("MESOS_MASTER names one Mesos master, and the others are not known: %v; "+
		"if it dies, the framework may not find them; name all of them in MESOS_MASTER, or zk://host:2181/mesos",
		c.flags)
}

// askFlags learns from a master where it elects. Credentials in that address are not kept: the
// znodes of Mesos may be read without any.
// Mesos: endpoints/master/flags.md; src/zookeeper/authentication.cpp, EVERYONE_READ_CREATOR_ALL.
func (s *session) askFlags(ctx context.Context) {
	t := s.endpoint.transport()
	defer t.CloseIdleConnections()
	address, err := s.endpoint.electsAt(ctx, t)
	if ctx.Err() != nil {
		return
	}
	s.sub.learn(ctx, func() {
		if s.client.flags = err; err == nil {
			s.client.known.ZooKeeper = address
		}
	})
}

// electsAt is the ZooKeeper of a master, without credentials; "" for a master that stands alone.
func (e *endpoint) electsAt(ctx context.Context, t *http.Transport) (string, error) {
	var answer struct {
		Flags struct {
			ZK string `json:"zk"`
		} `json:"flags"`
	}
	r := e.request(ctx, nil)
	r.Method, r.Body, r.ContentLength, r.URL.Path = http.MethodGet, nil, 0, "/flags"
	if leader, err := e.ask(ctx, t, r, &answer); err != nil || leader != "" {
		if err == nil {
			err = errMoved
		}
		return "", fmt.Errorf("GET /flags: %w", err)
	}
	if answer.Flags.ZK == "" {
		return "", nil
	}
	zk, err := config.ParseZooKeeper(answer.Flags.ZK)
	if err != nil {
		return "", fmt.Errorf("GET /flags of %s: zk is %w", e.address, err)
	}
	zk.User, zk.Password = "", config.Secret{}
	return zk.String(), nil
}

// lookUp asks the ZooKeeper of the masters, if it is known, who leads.
func (c *Client) lookUp(ctx context.Context) (leader string, err error) {
	c.learning.Lock()
	address := c.known.ZooKeeper
	c.learning.Unlock()
	if !c.listed() || address == "" {
		return "", nil
	}
	zk, err := config.ParseZooKeeper(address)
	if err != nil {
		return "", fmt.Errorf("the saved address of Mesos's ZooKeeper is %w", err)
	}
	d := NewZooKeeperDetector(zookeeper.Options{Address: zk, SessionTimeout: c.cfg.ZooKeeperTimeout,
		Log: zerolog.Nop()})
	d.ByName = c.cfg.TLS != nil
	conn, err := zookeeper.Connect(d.o)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := d.look(ctx, conn); err != nil {
		return "", fmt.Errorf("ZooKeeper at %s: %w", d.place(), err)
	}
	now := d.Current()
	if len(now.Hosts) == 0 {
		return "", errors.New(now.Missing)
	}
	c.cfg.Log.Info().Str("master", now.Hosts[0]).Str("zookeeper", d.place()).Msg("found the leading Mesos master")
	return now.Hosts[0], nil
}

// plainAddress is true for what can stand in a URL as host:port.
func plainAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || !plainHost(host) {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
