package leaderelection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// look reads once who stands. It returns a channel that says when to look again, or none when this instance leads.
func (c *Candidate) look(ctx context.Context) (<-chan zk.Event, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	if err := c.conn.Make(ctx, folder); err != nil {
		return nil, err
	}
	for {
		var names []string
		var stat *zk.Stat
		var watch <-chan zk.Event
		err := c.conn.Try(ctx, func(z *zk.Conn) (err error) {
			names, stat, watch, err = z.ChildrenW(c.path(""))
			return err
		})
		if err != nil {
			return nil, c.conn.Explain("watch", c.path(""), err)
		}
		if c.isOver(stat.Version) {
			return nil, ErrOver
		}
		first, mine := lowest(names), ""
		for _, name := range names {
			if strings.HasPrefix(name, prefix+c.id+"-") {
				mine = name
			}
		}
		if mine == "" {
			if err := c.register(ctx); err != nil {
				return nil, err
			}
			continue
		}
		api, ours, err := c.read(ctx, first)
		switch {
		case errors.Is(err, zk.ErrNoNode): // gone again
			continue
		case err != nil:
			return nil, err
		case first != mine:
			c.see(api, "")
			return watch, nil
		case ours:
			c.see(api, c.path(first))
			return nil, nil
		}
		if err := c.withdraw(ctx, mine); err != nil { // it belongs to a session of ours that has ended
			return nil, err
		}
	}
}

func (c *Candidate) path(name string) string {
	return strings.TrimSuffix(c.o.Address.Path+"/"+folder+"/"+name, "/")
}

// register makes our znode.
func (c *Candidate) register(ctx context.Context) error {
	data, _ := json.Marshal(notice{API: c.o.API}) // of a string only
	path := c.path(prefix + c.id + "-")
	// Once, not Try: after a lost answer it may be there, which the next look tells.
	err := c.conn.Once(ctx, func(z *zk.Conn) error {
		_, err := z.Create(path, data, zk.FlagEphemeral|zk.FlagSequence, c.conn.ACL())
		return err
	})
	if err != nil && zookeeper.Answered(err) {
		return c.conn.Explain("make", path, err)
	}
	return nil
}

// read returns what a candidate says, and whether its znode belongs to our present session.
func (c *Candidate) read(ctx context.Context, name string) (api string, ours bool, err error) {
	var data []byte
	var stat *zk.Stat
	var session int64
	err = c.conn.Try(ctx, func(z *zk.Conn) (err error) {
		data, stat, err = z.Get(c.path(name))
		session = z.SessionID()
		return err
	})
	if err != nil {
		return "", false, c.conn.Explain("read", c.path(name), err)
	}
	var n notice
	_ = json.Unmarshal(data, &n) // one that cannot be read leads all the same; it has no address then
	return n.API, stat.EphemeralOwner == session, nil
}

func (c *Candidate) withdraw(ctx context.Context, name string) error {
	err := c.conn.Try(ctx, func(z *zk.Conn) error { return z.Delete(c.path(name), -1) })
	if err != nil && !errors.Is(err, zk.ErrNoNode) {
		return c.conn.Explain("remove", c.path(name), err)
	}
	return nil
}

// lowest is the name with the lowest sequence number, or "".
func lowest(names []string) string {
	found, first := "", int64(0)
	for _, name := range names {
		n, err := strconv.ParseInt(name[strings.LastIndexByte(name, '-')+1:], 10, 64)
		if strings.HasPrefix(name, prefix) && err == nil && (found == "" || n < first) {
			found, first = name, n
		}
	}
	return found
}

// Acting returns the API of the candidate that leads, "" when none stands. It is for programs that
// are no candidates: it makes nothing, and waits until ctx ends for a ZooKeeper that does not answer.
// A leader that has died counts until its session ends.
func Acting(ctx context.Context, o zookeeper.Options) (api string, err error) {
	conn, err := zookeeper.Connect(o)
	if err != nil {
		return "", fmt.Errorf("look who leads: %w", err)
	}
	defer conn.Close()
	c := &Candidate{o: Options{Options: o}, conn: conn}
	var names []string
	err = conn.Try(ctx, func(z *zk.Conn) (err error) {
		names, _, err = z.Children(c.path(""))
		return err
	})
	if err == nil { // else an answer that comes late may still change names
		if first := lowest(names); first != "" {
			api, _, err = c.read(ctx, first)
		}
	}
	switch {
	case errors.Is(err, zk.ErrNoNode):
		return "", nil
	case err != nil:
		return "", conn.Explain("look at", c.path(""), err)
	}
	return api, nil
}
