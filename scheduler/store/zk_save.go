package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// ZooKeeper drops a connection that sends more than jute.maxbuffer, 1 MB by default (ZooKeeper:
// zookeeperAdmin.md, "Unsafe Options"). A multi of ours stays below maxMulti bytes with opSize for
// the path's prefix, the ACL and the headers of each operation; so do staged parts, which are
// written in base64. A quarter of what is allowed, because ZooKeeper's servers keep the last 500
// changes in memory, however big they are.
const (
	maxMulti = 256 << 10
	maxPart  = maxMulti * 5 / 8
	opSize   = 256
)

// maxKeyParts is from cluster.Changes.
const maxKeyParts = 3

// Save makes changes durable, all or none, before it returns. What fits is one multi. A bigger
// cycle is written in parts beside the record first; one change of the fence then makes all of them
// valid, and they are moved to their places, by the next Load if need be.
//
// After an error the process has to end, and further Saves fail: ErrFenced when another framework
// has taken over, or none that answers within Patience. The context is not looked at: a Save that
// has begun is worth finishing, also while the process ends.
func (s *ZooKeeper) Save(ctx context.Context, changes cluster.Changes) error {
	if len(changes) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.failed
	if err == nil {
		err = s.save(context.WithoutCancel(ctx), changes)
		s.failed = err
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", s.o.Address, err)
	}
	return nil
}

func (s *ZooKeeper) save(ctx context.Context, changes cluster.Changes) error {
	ctx, cancel := s.patiently(ctx)
	defer cancel()
	if s.rows == nil {
		if _, err := s.load(ctx); err != nil {
			return err
		}
	}
	next := s.fence
	next.Cycle++
	for key, value := range changes {
		if err := checkRow(key, value); err != nil {
			return err
		}
		next.Digest ^= s.rows[key] // 0 for a new one
		if value != nil {
			next.Digest ^= digestOf([]byte(key), value)
		}
	}
	parts := split(changes)
	if len(parts) == 1 {
		return s.apply(ctx, next, parts[0], nil)
	}
	for i, part := range parts {
		if err := s.stage(ctx, i, part); err != nil {
			return err
		}
	}
	next.Staged = len(parts)
	if err := s.commit(ctx, next, nil); err != nil {
		return err
	}
	for i, part := range parts {
		if err := s.unstage(ctx, i, part); err != nil {
			return err
		}
	}
	return nil
}

// checkRow refuses what cluster.Changes does not promise and ZooKeeper could not keep.
func checkRow(key string, value []byte) error {
	parts := strings.Split(key, "/")
	if len(parts) > maxKeyParts {
		return fmt.Errorf("key %q: it has more than %d parts", key, maxKeyParts)
	}
	for _, part := range parts {
		if part == "" || part == "." || part == ".." ||
			strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" {
			return fmt.Errorf("key %q: its parts must be of letters, digits, '.', '-' and '_'", key)
		}
	}
	if value != nil && len(value) == 0 {
		return fmt.Errorf("key %q: it has an empty value", key)
	}
	if size := len(key) + len(value) + opSize; size > maxPart {
		return fmt.Errorf("key %q: a value of %d bytes is too big for ZooKeeper", key, len(value))
	}
	return nil
}

// split cuts changes, in the order of their keys, into parts of at most maxPart.
func split(changes cluster.Changes) []cluster.Changes {
	part, size := cluster.Changes{}, 0
	parts := []cluster.Changes{part}
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		n := len(key) + len(changes[key]) + opSize
		if size+n > maxPart {
			part, size = cluster.Changes{}, 0
			parts = append(parts, part)
		}
		part[key] = changes[key]
		size += n
	}
	return parts
}

func stagedName(i int) string { return fmt.Sprintf("%s/%06d", stagedNode, i) }

// stage writes a part beside the record, where nobody looks at it until the fence counts it.
func (s *ZooKeeper) stage(ctx context.Context, i int, part cluster.Changes) error {
	data, _ := json.Marshal(part) // of strings and bytes only
	check := s.check()
	err := s.conn.Try(ctx, func(z *zk.Conn) error {
		_, err := z.Multi(check, &zk.CreateRequest{Path: s.path(stagedName(i)), Data: data, Acl: s.conn.ACL()})
		return err
	})
	// The fence is ours and staged/ was empty: it is there because an earlier try came through without an answer.
	if err != nil && !errors.Is(err, zk.ErrNodeExists) {
		return s.explain(err)
	}
	return nil
}

// unstage moves part i to its place.
func (s *ZooKeeper) unstage(ctx context.Context, i int, part cluster.Changes) error {
	next := s.fence
	next.Moved = i + 1
	if next.Moved == next.Staged {
		next.Moved, next.Staged = 0, 0
	}
	return s.apply(ctx, next, part, &zk.DeleteRequest{Path: s.path(stagedName(i)), Version: -1})
}

// apply writes a part into the record with one multi, of which also, unless nil, is an operation too.
func (s *ZooKeeper) apply(ctx context.Context, next fence, part cluster.Changes, also *zk.DeleteRequest) error {
	var ops []any
	var folders []string
	for _, key := range slices.Sorted(maps.Keys(part)) {
		value := part[key]
		_, exists := s.rows[key]
		path := s.path(recordNode + "/" + key)
		switch {
		case value == nil && exists:
			ops = append(ops, &zk.DeleteRequest{Path: path, Version: -1})
		case value == nil:
		case exists:
			ops = append(ops, &zk.SetDataRequest{Path: path, Data: value, Version: -1})
		default:
			for i, r := range key {
				if folder := key[:i]; r == '/' && !s.folders[folder] && !slices.Contains(folders, folder) {
					folders = append(folders, folder)
					ops = append(ops, &zk.CreateRequest{Path: s.path(recordNode + "/" + folder), Acl: s.conn.ACL()})
				}
			}
			ops = append(ops, &zk.CreateRequest{Path: path, Data: value, Acl: s.conn.ACL()})
		}
	}
	if also != nil {
		ops = append(ops, also)
	}
	if err := s.commit(ctx, next, ops); err != nil {
		return err
	}
	for _, folder := range folders {
		s.folders[folder] = true
	}
	for key, value := range part {
		if value == nil {
			delete(s.rows, key)
		} else {
			s.rows[key] = digestOf([]byte(key), value)
		}
	}
	return nil
}
