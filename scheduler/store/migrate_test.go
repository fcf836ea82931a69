package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"
	"go.etcd.io/bbolt"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// older is the Record in testdata/framework-1.db, as version 1 of the store has written it.
func older(t *testing.T) cluster.Changes {
	t.Helper()
	data, err := os.ReadFile("testdata/record-1.json")
	if err != nil {
		t.Fatal(err)
	}
	rows, record := map[string]json.RawMessage{}, cluster.Changes{}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for key, row := range rows {
		record[key] = row
	}
	return record
}

func TestAnOlderFileIsMigratedAndACopyOfItIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	old, err := os.ReadFile("testdata/framework-1.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, FileName), old, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing is left to be migrated
		s := open(t, folder)
		record := load(t, s)
		if !same(record, older(t)) {
			t.Fatalf("it holds %q", record)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := cluster.KillUnknown(older(t)); err != nil {
		t.Errorf("the core cannot read it: %v", err)
	}
	backup := filepath.Join(folder, FileName+".schema-1")
	assertMode(t, backup, 0o600)
	kept, err := bbolt.Open(backup, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if version, rows := versionOf(kept); version != "1" || rows != len(older(t)) {
		t.Errorf("the copy is of version %q with %d rows", version, rows)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

func versionOf(db *bbolt.DB) (version string, rows int) {
	_ = db.View(func(tx *bbolt.Tx) error {
		version, rows = string(tx.Bucket(metaBucket).Get(schemaKey)), tx.Bucket(recordBucket).Stats().KeyN
		return nil
	})
	return version, rows
}

func TestAnOlderFileThatIsDamagedIsNotMigrated(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/framework-1.db")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("alluxio-worker-1.1"))
	data[at+len("alluxio-worker-1.")]++
	if _, err := tryFile(t, data); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
}

func TestAMigrationWithoutRoomForItsCopyChangesNothing(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "48k")
	if folder == "" {
		return
	}
	old, err := os.ReadFile("testdata/framework-1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, FileName)
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("got %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Errorf("the file has changed: %v", err)
	}
}

func TestMigrationsFollowEachOtherFromTheVersionOfTheRecord(t *testing.T) {
	t.Parallel()
	steps := []step{
		func(record map[string][]byte) (cluster.Changes, error) {
			return cluster.Changes{"b": record["a"], "a": nil}, nil
		},
		func(record map[string][]byte) (cluster.Changes, error) {
			return cluster.Changes{"b": append(record["b"], '!')}, nil
		},
	}
	record := map[string][]byte{"a": []byte("1"), "b": []byte("0")}
	for from, want := range map[int]map[string][]byte{
		1: {"a": nil, "b": []byte("1!")}, 2: {"b": []byte("0!")}, 3: {},
	} {
		changes, err := migrate(record, from, steps)
		if err != nil || !same(changes, want) {
			t.Errorf("from version %d: %q, %v", from, changes, err)
		}
	}
	if len(record) != 2 || string(record["a"]) != "1" {
		t.Errorf("the Record itself was changed: %q", record)
	}
	broken := func(map[string][]byte) (cluster.Changes, error) { return nil, ErrDamaged }
	if _, err := migrate(record, 1, []step{steps[0], broken}); !errors.Is(err, ErrDamaged) ||
		!strings.Contains(err.Error(), "from version 2 to 3") {
		t.Errorf("got %v", err)
	}
}

// migratesZooKeeper opens what version 1 has left in ZooKeeper: its layout is today's.
func migratesZooKeeper(t *testing.T, address string) {
	s := openZK(t, address)
	saveZK(t, s, older(t))
	behind(t, s, func(z *zk.Conn) error {
		_, err := z.Set(s.path(schemaNode), []byte("1"), -1)
		return err
	})
	for range 2 {
		again := openZK(t, address)
		if got := loadZK(t, again); !same(got, older(t)) {
			t.Fatalf("it holds %q", got)
		}
		if version, _, err := again.get(t.Context(), schemaNode); err != nil ||
			string(version) != fmt.Sprint(SchemaVersion) {
			t.Errorf("its version is %q, %v", version, err)
		}
		saveZK(t, again, cluster.Changes{"framework": older(t)["framework"]})
	}
	if err := s.Confirm(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("who had it before may write on: %v", err)
	}
}
