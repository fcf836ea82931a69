package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-zookeeper/zk"
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// Peek returns a row of the state in folder as it was saved last, nil when there is none. It is for
// programs that are not the framework: it reads a copy in memory, so that it takes no lock that a
// framework could miss at its start, and it writes and migrates nothing. While a framework saves,
// the copy may be torn: ErrDamaged. Other errors are those of Open.
func Peek(folder, key string) ([]byte, error) {
	path := filepath.Join(folder, FileName)
	copied, err := copyToMemory(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	s := &Store{path: path}
	var record map[string][]byte
	err = guard(func() (err error) {
		s.db, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, NoStatistics: true,
			OpenFile: func(string, int, os.FileMode) (*os.File, error) { return copied, nil }})
		if err != nil {
			return err
		}
		if record, err = s.load(); err != nil {
			return err
		}
		return s.db.View(func(tx *bbolt.Tx) error {
			_, err := checkSchema(tx.Bucket(metaBucket).Get(schemaKey))
			return err
		})
	})
	s.abandon(copied, err)
	if err != nil {
		return nil, openError(folder, err)
	}
	return record[key], nil
}

// copyToMemory returns a file that only this process has, with the contents of the one at path.
func copyToMemory(path string) (*os.File, error) {
	original, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer original.Close()
	fd, err := unix.MemfdCreate(FileName, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a file in memory: %w", err)
	}
	copied := os.NewFile(uintptr(fd), path)
	if _, err := io.Copy(copied, original); err != nil {
		return nil, errors.Join(err, copied.Close())
	}
	return copied, nil
}

// errBusy is that somebody saves at this moment.
var errBusy = errors.New("a framework changes it at this moment")

// PeekZooKeeper is Peek for a state in ZooKeeper. It takes nothing over and waits until ctx ends
// for a ZooKeeper that does not answer. It fails when a framework saves meanwhile.
func PeekZooKeeper(ctx context.Context, o zookeeper.Options, key string) ([]byte, error) {
	conn, err := zookeeper.Connect(o)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", o.Address, err)
	}
	defer conn.Close()
	s := &ZooKeeper{o: ZooKeeperOptions{Options: o}, conn: conn}
	value, err := s.peek(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", o.Address, err)
	}
	return value, nil
}

func (s *ZooKeeper) peek(ctx context.Context, key string) ([]byte, error) {
	schema, _, err := s.get(ctx, schemaNode)
	if errors.Is(err, zk.ErrNoNode) {
		return nil, nil
	}
	if err == nil {
		_, err = checkSchema(schema)
	}
	if err != nil {
		return nil, err
	}
	data, version, err := s.get(ctx, fenceNode)
	if err != nil {
		return nil, err
	}
	fence, err := parseFence(data)
	if err != nil {
		return nil, err
	}
	value, _, err := s.get(ctx, recordNode+"/"+key)
	if err != nil && !errors.Is(err, zk.ErrNoNode) {
		return nil, err
	}
	for i := fence.Moved; i < fence.Staged; i++ {
		data, _, err := s.get(ctx, stagedName(i))
		if err != nil {
			return nil, err
		}
		var part cluster.Changes
		if err := json.Unmarshal(data, &part); err != nil {
			return nil, fmt.Errorf("%w (part %d of %d of its last cycle is not readable)", ErrDamaged, i+1,
				fence.Staged)
		}
		if staged, ok := part[key]; ok {
			value = staged
		}
	}
	if _, now, err := s.get(ctx, fenceNode); err != nil || now != version {
		return nil, errors.Join(errBusy, err)
	}
	return value, nil
}
