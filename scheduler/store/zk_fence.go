package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-zookeeper/zk"
)

// errNotElected is that the holder's znode is gone.
var errNotElected = errors.New("its election was lost meanwhile")

// fence is the znode of that name. Every change of the state changes it in the same multi, under
// the condition that it has the version that the writer knows: so nothing of a writer that was
// replaced is ever carried out, and a writer that got no answer can see whether its change was.
type fence struct {
	// Writer is drawn at random by whoever takes the state over.
	Writer string `json:"writer"`
	// Cycle counts the cycles that were saved.
	Cycle uint64 `json:"frame"`
	// Digest is that of all rows after the cycle.
	Digest digest `json:"digest,string"`
	// Staged is the number of parts of a cycle that is saved, but lies in staged/ yet; Moved says
	// how many of them have come to record/.
	Staged int `json:"staged,omitempty"`
	Moved  int `json:"moved,omitempty"`
}

func (f fence) encode() []byte {
	data, _ := json.Marshal(f) // of strings and numbers only
	return data
}

func parseFence(data []byte) (fence, error) {
	var f fence
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fmt.Errorf("%w (its fence is not readable)", ErrDamaged)
	}
	if f.Staged < 0 || f.Moved < 0 || f.Moved > f.Staged {
		return f, fmt.Errorf("%w (its fence counts %d of %d parts)", ErrDamaged, f.Moved, f.Staged)
	}
	return f, nil
}

// commit carries out ops and makes next the fence, all or nothing and exactly once, though a
// connection may break before the answer.
func (s *ZooKeeper) commit(ctx context.Context, next fence, ops []any) error {
	data := next.encode()
	all := append([]any{&zk.SetDataRequest{Path: s.path(fenceNode), Data: data, Version: s.version}}, ops...)
	electing, version := s.o.Holder != "" && s.rows == nil, s.version+1
	asked := false // whether it may have been carried out without our knowing
	err := s.conn.Try(ctx, func(z *zk.Conn) error {
		if asked {
			now, stat, err := z.Get(s.path(fenceNode))
			if err != nil {
				return err
			}
			if stat.Version == version && bytes.Equal(now, data) {
				return nil
			}
		}
		asked = true
		answers, err := z.Multi(all...)
		if electing && len(answers) > 1 && errors.Is(answers[1].Error, zk.ErrNoNode) {
			return fmt.Errorf("%w: %w", errNotElected, err)
		}
		if errors.Is(err, zk.ErrBadVersion) {
			// Perhaps it is our own first try that came through after all.
			if now, stat, e := z.Get(s.path(fenceNode)); e != nil {
				return e
			} else if stat.Version == version && bytes.Equal(now, data) {
				return nil
			}
		}
		return err
	})
	if err != nil {
		return s.explain(err)
	}
	s.fence, s.version = next, version
	return nil
}

// explain says what a failed multi means.
func (s *ZooKeeper) explain(err error) error {
	switch {
	case errors.Is(err, zk.ErrBadVersion):
		return ErrFenced
	case errors.Is(err, errNotElected):
		return fmt.Errorf("%w (%w)", ErrFenced, errNotElected)
	case errors.Is(err, zk.ErrNoNode), errors.Is(err, zk.ErrNodeExists), errors.Is(err, zk.ErrNotEmpty):
		return fmt.Errorf("%w (somebody else has changed its znodes: %w)", ErrDamaged, err)
	}
	return s.conn.Explain("write below", s.o.Address.Path, err)
}
