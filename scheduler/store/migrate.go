package store

import (
	"fmt"
	"maps"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// SchemaVersion is the version of the state that this binary writes, in a file and in ZooKeeper. A
// state of a later version is refused, one of an earlier version is migrated when it is opened.
//
//	1  the framework, its slots and tasks, the journals
//	2  the same rows, which programs of version 1 must not write: they would drop what they do not
//	   know, such as the permission to kill unknown
//	   tasks, and they do not ask whether the state is current
//	3  a row for each volume that is to be destroyed; the core reads the volumes of the one row of
//	   version 2 and saves a row for each
const SchemaVersion = 3

// step returns what changes in a Record on the way to the next version. It may be called again for
// a Record that it was called for before.
type step func(record map[string][]byte) (cluster.Changes, error)

// migrations are the steps from version 1 to 2, from 2 to 3 and so on.
var migrations = [SchemaVersion - 1]step{
	sameRows,
	sameRows,
}

// sameRows is a step after which only programs of the next version may write.
func sameRows(map[string][]byte) (cluster.Changes, error) { return nil, nil }

// migrate returns all that changes in a Record of version from on its way through steps, of which
// the first is for version 1.
func migrate(record map[string][]byte, from int, steps []step) (cluster.Changes, error) {
	record, all := maps.Clone(record), cluster.Changes{}
	for i := from - 1; i < len(steps); i++ {
		changes, err := steps[i](record)
		if err != nil {
			return nil, fmt.Errorf("migrate the state from version %d to %d: %w", i+1, i+2, err)
		}
		for key, value := range changes {
			all[key] = value
			if value == nil {
				delete(record, key)
			} else {
				record[key] = value
			}
		}
	}
	return all, nil
}

// migrate brings an older file to today's version, in one transaction, after a copy of it was put
// beside it: framework.db.schema-N, which is for the program of version N should somebody go back
// to it.
func (s *Store) migrate() error {
	from := 0
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		from, err = strconv.Atoi(string(tx.Bucket(metaBucket).Get(schemaKey))) // it was checked
		if err == nil && from < SchemaVersion {
			err = tx.CopyFile(fmt.Sprintf("%s.schema-%d", s.path, from), 0o600)
		}
		return err
	})
	if err != nil || from == SchemaVersion {
		return err
	}
	record, err := s.load()
	if err != nil {
		return err
	}
	changes, err := migrate(record, from, migrations[:])
	if err != nil {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		if err := putAll(tx, changes); err != nil {
			return err
		}
		return tx.Bucket(metaBucket).Put(schemaKey, fmt.Append(nil, SchemaVersion))
	})
}
