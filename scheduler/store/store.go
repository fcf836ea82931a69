package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// FileName is the name of the Record's file in the state folder.
const FileName = "framework.db"

// The two buckets of the file, and the keys of the first.
var (
	metaBucket   = []byte("meta")
	recordBucket = []byte("record")
	schemaKey    = []byte("schema")
	digestKey    = []byte("digest")
)

// ErrLocked is what Open's error wraps when another process holds the file.
var ErrLocked = errors.New("the state is in use by another framework")

// ErrDamaged is what errors wrap when a file, or ZooKeeper, does not hold what was saved.
var ErrDamaged = errors.New("the state is damaged; restore it from a backup, or move it away to start again: the " +
	"framework then gets a new " +
	"framework ID and knows nothing of tasks that still run")

// ErrNewer is what errors wrap when the state was written by a later version of this program.
var ErrNewer = errors.New("the state was written by a later version of alluxio-mesos; run that version")

// Store is the durable Record. Its methods are safe for concurrent use.
type Store struct {
	db   *bbolt.DB
	path string
}

// Open opens framework.db in folder and makes both when they are missing. It never waits for the
// lock: when another process has it, the error is ErrLocked, with that process's id when
// process.json names a living one. Other errors: ErrDamaged, ErrNewer, and those of the file
// system.
func Open(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	s := &Store{path: filepath.Join(folder, FileName)}
	var file *os.File
	err := guard(func() (err error) {
		s.db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{
			// The least that bbolt takes for "do not wait"; 0 would wait for ever.
			Timeout: time.Nanosecond,
			// The list of free pages stays in the file: without it Open walks all pages in a
			// goroutine of its own, where guard cannot catch what a damaged file does to it.
			NoFreelistSync: false,
			FreelistType:   bbolt.FreelistMapType,
			NoStatistics:   true,
			OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
				file, err = os.OpenFile(name, flag, mode)
				return file, err
			},
		})
		if err != nil {
			return err
		}
		if err := s.prepare(); err != nil {
			return err
		}
		return s.migrate()
	})
	if err != nil {
		s.abandon(file, err)
		return nil, openError(folder, err)
	}
	return s, nil
}

// prepare checks the schema version and makes the buckets of a new file.
func (s *Store) prepare() error {
	fresh := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		// bbolt makes a file with transactions 0 and 1, under a checksum. A later one without our
		// bucket is not new but damaged: taken for new, it would begin a second cluster beside the
		// one that runs.
		if fresh = tx.ID() <= 1; fresh {
			return nil
		}
		meta := tx.Bucket(metaBucket)
		if meta == nil {
			return fmt.Errorf("%w (a bucket is missing)", ErrDamaged)
		}
		_, err := checkSchema(meta.Get(schemaKey))
		return err
	})
	if err != nil || !fresh {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucket(recordBucket); err != nil {
			return err
		}
		if err := meta.Put(digestKey, digest(0).encode()); err != nil {
			return err
		}
		return meta.Put(schemaKey, fmt.Append(nil, SchemaVersion))
	})
}

// abandon drops what a failed Open leaves. After a panic bbolt's own Close could wait for ever for
// locks that the panic left held, so only the file, and with it the lock, is closed.
func (s *Store) abandon(file *os.File, cause error) {
	if s.db != nil && !errors.Is(cause, errPanic) {
		_ = s.db.Close()
		return
	}
	if file != nil {
		_ = file.Close()
	}
}

func openError(folder string, err error) error {
	path := filepath.Join(folder, FileName)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		if p, _ := ReadProcess(folder); p.Alive() {
			return fmt.Errorf("open %s: %w: process %d", path, ErrLocked, p.PID)
		}
		return fmt.Errorf("open %s: %w", path, ErrLocked)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch),
		strings.HasPrefix(err.Error(), "file size too small"): // bbolt has no name for it
		err = fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// Load reads the whole Record. It fails with ErrDamaged when a single byte of it is not as it was saved.
func (s *Store) Load(context.Context) (map[string][]byte, error) {
	var record map[string][]byte
	err := guard(func() (err error) {
		record, err = s.load()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", s.path, err)
	}
	return record, nil
}

func (s *Store) load() (map[string][]byte, error) {
	record := map[string][]byte{}
	err := s.db.View(func(tx *bbolt.Tx) error {
		meta, rows := tx.Bucket(metaBucket), tx.Bucket(recordBucket)
		if meta == nil || rows == nil {
			return fmt.Errorf("%w (a bucket is missing)", ErrDamaged)
		}
		saved, err := decodeDigest(meta.Get(digestKey))
		if err != nil {
			return err
		}
		var found digest
		err = rows.ForEach(func(k, v []byte) error {
			found ^= digestOf(k, v)
			record[string(k)] = append([]byte{}, v...)
			return nil
		})
		if err == nil && found != saved {
			return fmt.Errorf("%w (its contents do not match their digest)", ErrDamaged)
		}
		return err
	})
	return record, err
}

// Save makes changes durable in one transaction, all or none, before it returns. The context is not
// looked at: a Save that has begun is worth finishing, also while the process ends. After an error
// the process has to end: the disk is full, gone or damaged.
func (s *Store) Save(_ context.Context, changes cluster.Changes) error {
	if len(changes) == 0 {
		return nil
	}
	err := guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error { return putAll(tx, changes) })
	})
	if err != nil {
		return fmt.Errorf("save %s: %w", s.path, err)
	}
	return nil
}

// putAll makes changes in tx.
func putAll(tx *bbolt.Tx, changes cluster.Changes) error {
	meta, rows := tx.Bucket(metaBucket), tx.Bucket(recordBucket)
	sum, err := decodeDigest(meta.Get(digestKey))
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		// thousands of new rows in any other order are moved about over and over
		if sum, err = put(rows, sum, []byte(key), changes[key]); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	return meta.Put(digestKey, sum.encode())
}

// put changes one row and returns the digest of the rows after it.
func put(rows *bbolt.Bucket, sum digest, key, value []byte) (digest, error) {
	if old := rows.Get(key); old != nil {
		sum ^= digestOf(key, old)
	}
	if value == nil {
		return sum, rows.Delete(key)
	}
	return sum ^ digestOf(key, value), rows.Put(key, value)
}

// Close ends the use of the file and gives up its lock. It waits for a Save that is under way.
func (s *Store) Close() error {
	if err := guard(s.db.Close); err != nil {
		return fmt.Errorf("close %s: %w", s.path, err)
	}
	return nil
}
