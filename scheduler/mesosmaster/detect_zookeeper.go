package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// infoPrefix begins the names of the znodes of candidates; the one with the lowest sequence number
// leads. Before Mesos 0.24 they were called info_ and held protobuf. Mesos:
// src/master/constants.hpp, MASTER_INFO_JSON_LABEL; src/zookeeper/group.cpp.
const infoPrefix = "json.info_"

// patience is how long ZooKeeper may give no answer before it is said.
const patience = 5 * time.Second

// errAgain is no answer of ZooKeeper's, so the question is asked again.
var errAgain = errors.New("the znode was made in between")

// ZooKeeperDetector finds the leading MesosMaster in ZooKeeper, as --zk of mesos-master has it put there.
//
// While ZooKeeper is away the last leader stays known: if Mesos's own session ends too, its leader
// steps down by itself and thus ends the subscription, and until then it serves.
type ZooKeeperDetector struct {
	// ByName finds masters by their host names, as their certificates bear them, not by their
	// addresses. It is set before Run.
	ByName bool

	o   zookeeper.Options
	log zerolog.Logger

	silent bool // Run's: ZooKeeper's silence was said

	mu      sync.Mutex
	conn    *zookeeper.Conn // nil before Run
	now     Detection
	changed chan struct{}
}

// NewZooKeeperDetector makes a Detector for the znode of an address such as zk://host:2181/mesos.
func NewZooKeeperDetector(o zookeeper.Options) *ZooKeeperDetector {
	d := &ZooKeeperDetector{o: o, log: o.Log, changed: make(chan struct{})}
	d.now = Detection{Missing: "no word yet from ZooKeeper at " + d.place(), Changed: d.changed}
	return d
}

func (d *ZooKeeperDetector) place() string {
	return strings.Join(d.o.Address.Servers, ",") + d.o.Address.Path
}

// Current implements Detector.
func (d *ZooKeeperDetector) Current() Detection {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// SilentSince is since when ZooKeeper does not answer; zero while it does, and before Run.
func (d *ZooKeeperDetector) SilentSince() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return time.Time{}
	}
	return d.conn.SilentSince()
}

// set makes a Detection the current one, if it differs: leader is host:port, or "" for the reason missing.
func (d *ZooKeeperDetector) set(leader, missing string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := Detection{Missing: missing}
	if leader != "" {
		next.Hosts, next.Leads = []string{leader}, true
	}
	if slices.Equal(next.Hosts, d.now.Hosts) && next.Missing == d.now.Missing {
		return
	}
	if leader != "" {
		d.log.Info().Str("master", leader).Str("zookeeper", d.place()).Msg("found the leading Mesos master")
	} else {
		d.log.Warn().Str("zookeeper", d.place()).Str("reason",
			missing).Msg("ZooKeeper names no leading Mesos master; the present subscription is kept")
	}
	close(d.changed)
	d.changed = make(chan struct{})
	next.Changed = d.changed
	d.now = next
}

// Run implements Detector. A Problem is that ZooKeeper refuses to show the znode.
func (d *ZooKeeperDetector) Run(ctx context.Context) error {
	conn, err := zookeeper.Connect(d.o)
	if err != nil {
		return err
	}
	defer conn.Close()
	d.mu.Lock()
	d.conn = conn
	d.mu.Unlock()
	for {
		watch, err := d.look(ctx, conn)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, zk.ErrNoAuth) && len(d.Current().Hosts) == 0:
			return &Problem{
				Kind: ErrUnauthorized, Message: fmt.Sprintf("ZooKeeper refuses to show the znode %s", d.place()),
				Hint: "check user and password in MESOS_MASTER (zk://user:password@host:2181/mesos) and the ACL of the znode",
			}
		case err != nil:
			d.away(err)
			watch = nil
		case d.silent:
			d.silent = false
			d.log.Info().Str("zookeeper", d.place()).Msg("ZooKeeper answers again")
		}
		again := time.NewTimer(time.Second)
		if watch != nil {
			again.Stop()
		}
		select {
		case <-watch:
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil
		}
	}
}

// away says that ZooKeeper gives no answer.
func (d *ZooKeeperDetector) away(err error) {
	leader := d.Current().Hosts
	if len(leader) == 0 {
		d.set("", err.Error())
	} else if !d.silent {
		d.log.Warn().Err(err).Str("master", leader[0]).Msg("ZooKeeper does not answer; the last known Mesos " +
			"master is used")
	}
	d.silent = true
}

// look reads once who leads, and returns a channel that says when to look again.
func (d *ZooKeeperDetector) look(ctx context.Context, conn *zookeeper.Conn) (<-chan zk.Event, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("none within %s", patience))
	defer cancel()
	path := d.o.Address.Path
	var names []string
	var watch <-chan zk.Event
	err := conn.Try(ctx, func(z *zk.Conn) (err error) {
		names, _, watch, err = z.ChildrenW(path)
		if errors.Is(err, zk.ErrNoNode) { // before the first master was ever there
			var found bool
			if found, _, watch, err = z.ExistsW(path); found {
				err = errAgain
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	name := leading(names)
	if name == "" {
		d.set("", fmt.Sprintf("ZooKeeper knows no leading Mesos master at %s", d.place()))
		return watch, nil
	}
	var data []byte
	err = conn.Try(ctx, func(z *zk.Conn) (err error) {
		data, _, err = z.Get(path + "/" + name)
		return err
	})
	switch {
	case errors.Is(err, zk.ErrNoNode): // gone again; the watch has seen it
		return watch, nil
	case err != nil:
		return nil, err
	}
	leader, err := masterAddress(data, d.ByName)
	if err != nil {
		d.set("", fmt.Sprintf("znode %s/%s does not describe a Mesos master: %s", d.place(), name, err))
		return watch, nil
	}
	d.set(leader, "")
	return watch, nil
}

// leading is the name with the lowest sequence number, or "".
func leading(names []string) string {
	lowest, first := "", int64(0)
	for _, name := range names {
		n, err := strconv.ParseInt(strings.TrimPrefix(name, infoPrefix), 10, 64)
		if strings.HasPrefix(name, infoPrefix) && err == nil && (lowest == "" || n < first) {
			lowest, first = name, n
		}
	}
	return lowest
}
