package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

func zkOptions(address string) (ZooKeeperOptions, error) {
	z, err := config.ParseZooKeeper(address)
	return ZooKeeperOptions{Options: zookeeper.Options{Address: z, SessionTimeout: 2 * time.Second},
		Patience: time.Minute}, err
}

func openAddress(ctx context.Context, address string) (*ZooKeeper, error) {
	o, err := zkOptions(address)
	if err != nil {
		return nil, err
	}
	return OpenZooKeeper(ctx, o)
}

func openZK(t testing.TB, address string) *ZooKeeper {
	t.Helper()
	s, err := openAddress(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func saveZK(t testing.TB, s *ZooKeeper, changes cluster.Changes) {
	t.Helper()
	if err := s.Save(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

func loadZK(t testing.TB, s *ZooKeeper) map[string][]byte {
	t.Helper()
	record, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// behind does something with the znodes behind the store's back.
func behind(t testing.TB, s *ZooKeeper, do func(z *zk.Conn) error) {
	t.Helper()
	if err := s.conn.Try(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// thousands is a Record of the size that a big cluster has.
func thousands(rows int) cluster.Changes {
	all := cluster.Changes{"framework": []byte(`{"id":"f"}`)}
	for i := range rows {
		all[fmt.Sprintf("slot/alluxio-worker-%d", i)] = bytes.Repeat([]byte("v"), 400)
	}
	return all
}

// TestARecordInZooKeeper are tests that share one server, each with a path of its own.
func TestARecordInZooKeeper(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	for name, test := range map[string]func(t *testing.T, address string){
		"Load returns what was saved last, and nothing that was removed":       loadsWhatWasSaved,
		"of two writers the first one fails":                                   secondWriterFences,
		"a writer that was not elected any more takes nothing over":            holderMustBeThere,
		"another identity can neither read nor write":                          otherIdentities,
		"10,000 records are saved all or none":                                 tenThousand,
		"a cycle that was saved in parts is finished by the next Load":         finishesACycle,
		"parts of a cycle that was never saved are thrown away":                forgetsACycle,
		"a later schema is refused by number":                                  laterSchema,
		"Peek reads a row and takes nothing over":                              peeks,
		"an earlier schema is migrated":                                        migratesZooKeeper,
		"znodes that somebody else changed are found":                          foundDamage,
		"rows that ZooKeeper could not keep are refused by name":               badRows,
		"kill -9 of the writer at any moment leaves all of a cycle or nothing": killedWriter,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, "zk://me:hunter2@"+server.Addr()+"/test/"+strings.Map(func(r rune) rune {
				if r < 'A' || r > 'z' {
					return '-'
				}
				return r
			}, name))
		})
	}
}

func loadsWhatWasSaved(t *testing.T, address string) {
	s := openZK(t, address)
	if got := loadZK(t, s); len(got) != 0 {
		t.Fatalf("a new store holds %q", got)
	}
	saveZK(t, s,
		cluster.Changes{"framework": []byte("1"), "slot/a-0": []byte("{}"), "slot/a-1": []byte("{}"), "a/b/c": []byte("x")})
	saveZK(t, s, nil)
	saveZK(t, s, cluster.Changes{"framework": []byte("2"), "slot/a-0": nil, "never/there": nil, "a/b/c": nil})
	want := map[string][]byte{"framework": []byte("2"), "slot/a-1": []byte("{}")}
	if got := loadZK(t, s); !same(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openZK(t, address)
	saveZK(t, again, cluster.Changes{"a/b/d": []byte("y")}) // without a Load
	want["a/b/d"] = []byte("y")
	if got := loadZK(t, again); !same(got, want) {
		t.Fatalf("after opening again: got %q, want %q", got, want)
	}
	if err := again.Confirm(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Save(t.Context(), cluster.Changes{"framework": []byte("3")}); err == nil {
		t.Error("Save after Close succeeded")
	}
}

func secondWriterFences(t *testing.T, address string) {
	first := openZK(t, address)
	saveZK(t, first, cluster.Changes{"framework": []byte("1")})
	second := openZK(t, address)
	if got := loadZK(t, second); string(got["framework"]) != "1" {
		t.Fatalf("got %q", got)
	}
	if err := first.Confirm(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("Confirm: %v", err)
	}
	if _, err := first.Load(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("Load: %v", err)
	}
	for range 2 {
		if err := first.Save(t.Context(), cluster.Changes{"framework": []byte("old")}); !errors.Is(err, ErrFenced) {
			t.Errorf("Save: %v", err)
		}
	}
	if err := first.Save(t.Context(), thousands(3000)); !errors.Is(err, ErrFenced) {
		t.Errorf("Save of a big cycle: %v", err)
	}
	saveZK(t, second, cluster.Changes{"framework": []byte("2")})
	if got := loadZK(t, second); !same(got, map[string][]byte{"framework": []byte("2")}) {
		t.Errorf("got %q", got)
	}
}

func holderMustBeThere(t *testing.T, address string) {
	first := openZK(t, address)
	o, err := zkOptions(address)
	if err != nil {
		t.Fatal(err)
	}
	o.Holder = o.Address.Path + "/candidate"
	if _, err := OpenZooKeeper(t.Context(), o); !errors.Is(err, ErrFenced) {
		t.Errorf("without its znode: %v", err)
	}
	saveZK(t, first, cluster.Changes{"framework": []byte("1")})
	behind(t, first, func(z *zk.Conn) error {
		_, err := z.Create(o.Holder, nil, 0, first.conn.ACL())
		return err
	})
	second, err := OpenZooKeeper(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Confirm(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("Confirm: %v", err)
	}
}

func otherIdentities(t *testing.T, address string) {
	s := openZK(t, address)
	saveZK(t, s, thousands(10))
	for _, other := range []string{strings.Replace(address, "hunter2", "hunter3", 1),
		strings.Replace(address, "me:hunter2@", "", 1)} {
		_, err := openAddress(t.Context(), other)
		if !errors.Is(err, zk.ErrNoAuth) || strings.Contains(err.Error(), "hunter") ||
			!strings.Contains(err.Error(), "check user and password") {
			t.Errorf("another identity: %v", err)
		}
	}
	stranger, _, err := zk.Connect(s.o.Address.Servers, time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for _, below := range []string{"", "/schema", "/fence", "/record", "/record/framework", "/record/slot",
		"/record/slot/alluxio-worker-0", "/staged"} {
		path := s.o.Address.Path + below
		if _, _, err := stranger.Get(path); !errors.Is(err, zk.ErrNoAuth) {
			t.Errorf("read %s: %v", path, err)
		}
		if _, err := stranger.Set(path, nil, -1); !errors.Is(err, zk.ErrNoAuth) {
			t.Errorf("write %s: %v", path, err)
		}
		if _, err := stranger.Create(path+"/x", nil, 0, zk.WorldACL(zk.PermAll)); !errors.Is(err, zk.ErrNoAuth) {
			t.Errorf("make below %s: %v", path, err)
		}
	}
	openZK(t, strings.Replace(address, "me:hunter2@", "", 1)+"-open")
	if _, err := openAddress(t.Context(), address+"-open"); err == nil ||
		!strings.Contains(err.Error(), "open to everyone") {
		t.Errorf("an unprotected path: %v", err)
	}
}

func tenThousand(t *testing.T, address string) {
	s := openZK(t, address)
	loadZK(t, s)
	want := thousands(10_000)
	began := time.Now()
	saveZK(t, s, want)
	saved := time.Since(began)
	began = time.Now()
	if got := loadZK(t, openZK(t, address)); !same(got, want) {
		t.Errorf("%d rows", len(got))
	}
	t.Logf("10,000 records in one cycle: Save %s, open and Load %s", saved, time.Since(began))
}

// half saves a cycle in parts as a process does that is killed in the midst of it; moved is -1 before it is valid.
func half(t *testing.T, s *ZooKeeper, changes cluster.Changes, moved int) {
	t.Helper()
	loadZK(t, s)
	next := s.fence
	next.Cycle++
	for key, value := range changes {
		next.Digest ^= s.rows[key]
		if value != nil {
			next.Digest ^= digestOf([]byte(key), value)
		}
	}
	parts := split(changes)
	if len(parts) < 3 {
		t.Fatalf("%d parts are too few", len(parts))
	}
	for i, part := range parts {
		if err := s.stage(t.Context(), i, part); err != nil {
			t.Fatal(err)
		}
	}
	if moved < 0 {
		return
	}
	next.Staged = len(parts)
	if err := s.commit(t.Context(), next, nil); err != nil {
		t.Fatal(err)
	}
	for i := range moved {
		if err := s.unstage(t.Context(), i, parts[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func finishesACycle(t *testing.T, address string) {
	for moved := range 2 {
		s := openZK(t, address)
		before := thousands(2000)
		saveZK(t, s, before)
		changes := thousands(3000)
		for i := range 1000 {
			changes[fmt.Sprintf("slot/alluxio-worker-%d", i)] = nil
		}
		half(t, s, changes, moved)
		want := thousands(3000)
		for i := range 1000 {
			delete(want, fmt.Sprintf("slot/alluxio-worker-%d", i))
		}
		s = openZK(t, address)
		if got := loadZK(t, s); !same(got, want) {
			t.Errorf("%d rows, want %d", len(got), len(want))
		}
		behind(t, s, func(z *zk.Conn) error {
			if names, _, err := z.Children(s.path(stagedNode)); err != nil || len(names) != 0 {
				t.Errorf("staged are %v, %v", names, err)
			}
			return nil
		})
	}
}

func forgetsACycle(t *testing.T, address string) {
	s := openZK(t, address)
	saveZK(t, s, cluster.Changes{"framework": []byte("1")})
	half(t, s, thousands(3000), -1)
	s = openZK(t, address)
	if got := loadZK(t, s); !same(got, map[string][]byte{"framework": []byte("1")}) {
		t.Errorf("%d rows", len(got))
	}
	saveZK(t, s, thousands(3000))
	if got := loadZK(t, s); !same(got, thousands(3000)) {
		t.Errorf("%d rows", len(got))
	}
}

func killedWriter(t *testing.T, address string) {
	killWriters(t, address, func() map[string][]byte {
		s := openZK(t, address)
		defer s.Close()
		return loadZK(t, s)
	})
}

// TestManyVolumesToDestroyFitIntoZooKeeper saves what an earlier version had in one row, of which
// ZooKeeper takes 160 KB.
func TestManyVolumesToDestroyFitIntoZooKeeper(t *testing.T) {
	t.Parallel()
	toDestroy := map[string]any{}
	for i := range 3000 {
		toDestroy[fmt.Sprintf("f1.alluxio-worker-%d.1", i)] = map[string]string{"slot": fmt.Sprint("alluxio-worker-", i),
			"host": fmt.Sprint("host-", i)}
	}
	row, err := json.Marshal(map[string]any{"id": "f1", "cluster": "f1", "doomed": toDestroy})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkRow("framework", row); err == nil {
		t.Fatalf("a row of %d bytes is no test", len(row))
	}
	changes, _, err := cluster.KillUnknown(map[string][]byte{"framework": row})
	if err != nil {
		t.Fatal(err)
	}
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	s := openZK(t, "zk://"+server.Addr()+"/alluxio")
	saveZK(t, s, changes)
	record := loadZK(t, s)
	if !same(record, changes) || len(record) != len(toDestroy)+1 {
		t.Errorf("%d rows were saved and %d are there", len(changes), len(record))
	}
	for key, value := range record {
		if len(value) > 1<<10 {
			t.Errorf("row %q has %d bytes", key, len(value))
		}
	}
}
