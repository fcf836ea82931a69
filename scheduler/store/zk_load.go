package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// readers is how many reads are under way at once: ZooKeeper has no read of many znodes.
const readers = 64

// Load reads the whole Record and finishes a cycle that was saved, but not moved to its place. It
// fails with ErrDamaged when a single row is not as it was saved, and with ErrFenced when another
// framework has taken over.
func (s *ZooKeeper) Load(ctx context.Context) (map[string][]byte, error) {
	ctx, cancel := s.patiently(ctx)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	record, err := s.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", s.o.Address, err)
	}
	return record, nil
}

func (s *ZooKeeper) load(ctx context.Context) (map[string][]byte, error) {
	record, folders, err := s.readTree(ctx)
	if err == nil {
		// Nobody but us can write since we took over; so what was read is of one moment if that is still so.
		err = s.confirm(ctx)
	}
	if errors.Is(err, zk.ErrNoNode) {
		if e := s.confirm(ctx); e != nil {
			return nil, e
		}
		return nil, fmt.Errorf("%w (somebody else has removed znodes)", ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	s.rows, s.folders = make(map[string]digest, len(record)), folders
	for key, value := range record {
		s.rows[key] = digestOf([]byte(key), value)
	}
	if err := s.finish(ctx, record); err != nil {
		s.rows = nil
		return nil, err
	}
	var sum digest
	for _, d := range s.rows {
		sum ^= d
	}
	if sum != s.fence.Digest {
		s.rows = nil
		return nil, fmt.Errorf("%w (its contents do not match their digest)", ErrDamaged)
	}
	return record, nil
}

// finish moves the rest of a staged cycle to its place, in record too, and removes parts of one that was never saved.
func (s *ZooKeeper) finish(ctx context.Context, record map[string][]byte) error {
	for s.fence.Staged > 0 {
		i := s.fence.Moved
		data, _, err := s.get(ctx, stagedName(i))
		if errors.Is(err, zk.ErrNoNode) {
			return fmt.Errorf("%w (part %d of %d of its last cycle is missing)", ErrDamaged, i+1, s.fence.Staged)
		} else if err != nil {
			return err
		}
		var part cluster.Changes
		if err := json.Unmarshal(data, &part); err != nil {
			return fmt.Errorf("%w (part %d of %d of its last cycle is not readable)", ErrDamaged, i+1, s.fence.Staged)
		}
		if err := s.unstage(ctx, i, part); err != nil {
			return err
		}
		maps.Copy(record, part)
		maps.DeleteFunc(record, func(_ string, value []byte) bool { return value == nil })
	}
	left, err := s.children(ctx, stagedNode)
	if err != nil {
		return err
	}
	for _, name := range left {
		check := s.check()
		err := s.conn.Try(ctx, func(z *zk.Conn) error {
			_, err := z.Multi(check, &zk.DeleteRequest{Path: s.path(stagedNode + "/" + name), Version: -1})
			return err
		})
		if err != nil && !errors.Is(err, zk.ErrNoNode) { // gone by a try that got no answer
			return s.explain(err)
		}
	}
	return nil
}

func (s *ZooKeeper) children(ctx context.Context, name string) ([]string, error) {
	var names []string
	err := s.conn.Try(ctx, func(z *zk.Conn) (err error) {
		names, _, err = z.Children(s.path(name))
		return err
	})
	if err != nil {
		return nil, s.conn.Explain("read", s.path(name), err)
	}
	return names, nil
}

// znode is one of the record's while it is being read.
type znode struct {
	key    string
	data   []byte
	folder bool // it has children
}

// readTree reads everything below record/, level by level.
func (s *ZooKeeper) readTree(ctx context.Context) (record map[string][]byte, folders map[string]bool, err error) {
	record, folders = map[string][]byte{}, map[string]bool{}
	above := []znode{{folder: true}}
	for range maxKeyParts {
		var level []znode
		for _, n := range above {
			if !n.folder {
				continue
			}
			names, err := s.children(ctx, strings.TrimSuffix(recordNode+"/"+n.key, "/"))
			if err != nil {
				return nil, nil, err
			}
			for _, name := range names {
				level = append(level, znode{key: strings.TrimPrefix(n.key+"/"+name, "/")})
			}
		}
		if err := s.readAll(ctx, level); err != nil {
			return nil, nil, err
		}
		for _, n := range level {
			if len(n.data) > 0 {
				record[n.key] = n.data
			} else {
				folders[n.key] = true
			}
		}
		above = level
	}
	return record, folders, nil
}

// readAll fills in znodes whose keys are known.
func (s *ZooKeeper) readAll(ctx context.Context, level []znode) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(readers, len(level)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(level)); i = next.Add(1) - 1 {
				if err := s.readOne(ctx, &level[i]); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (s *ZooKeeper) readOne(ctx context.Context, n *znode) error {
	var data []byte
	var stat *zk.Stat
	path := s.path(recordNode + "/" + n.key)
	err := s.conn.Try(ctx, func(z *zk.Conn) (err error) {
		data, stat, err = z.Get(path)
		return err
	})
	if err != nil {
		return s.conn.Explain("read", path, err)
	}
	n.data, n.folder = data, stat.NumChildren > 0
	return nil
}
