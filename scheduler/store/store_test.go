package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func open(t testing.TB, folder string) *Store {
	t.Helper()
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func save(t testing.TB, s *Store, changes cluster.Changes) {
	t.Helper()
	if err := s.Save(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, s *Store) map[string][]byte {
	t.Helper()
	record, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func same(a, b map[string][]byte) bool { return maps.EqualFunc(a, b, bytes.Equal) }

func TestLoadReturnsWhatWasSavedLastAndNothingThatWasRemoved(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a", "state")
	s := open(t, folder)
	if got := load(t, s); len(got) != 0 {
		t.Fatalf("a new store holds %q", got)
	}
	save(t, s,
		cluster.Changes{"framework": []byte("1"), "slot/alluxio-worker-0": []byte("{}"),
			"slot/alluxio-worker-1": []byte("{}")})
	save(t, s, nil)
	save(t, s, cluster.Changes{"framework": []byte("2"), "slot/alluxio-worker-0": nil, "never/there": nil, "empty": {}})
	want := map[string][]byte{"framework": []byte("2"), "slot/alluxio-worker-1": []byte("{}"), "empty": {}}
	if got := load(t, s); !same(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := load(t, open(t, folder)); !same(got, want) {
		t.Fatalf("after opening again: got %q, want %q", got, want)
	}
	assertMode(t, folder, 0o700)
	assertMode(t, filepath.Join(folder, FileName), 0o600)
}

func assertMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", path, got, want)
	}
}

func TestAFailedSaveChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	save(t, s, cluster.Changes{"framework": []byte("1")})
	err := s.Save(t.Context(), cluster.Changes{"framework": []byte("2"), "": []byte("no key")})
	if err == nil || !strings.Contains(err.Error(), `key ""`) {
		t.Fatalf("got %v, want an error that names the key", err)
	}
	if got := load(t, s); !same(got, map[string][]byte{"framework": []byte("1")}) {
		t.Fatalf("got %q", got)
	}
}

func TestSaveAfterCloseIsAnError(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), cluster.Changes{"framework": []byte("1")}); err == nil {
		t.Error("Save succeeded")
	}
	if _, err := s.Load(t.Context()); err == nil {
		t.Error("Load succeeded")
	}
}

func TestASecondWriterIsKeptOutAtOnceAndToldWhoIsIn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	if _, err := Open(folder); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
	p, err := NewProcess(folder, "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(folder); err != nil {
		t.Fatal(err)
	}
	_, err = Open(folder)
	if !errors.Is(err, ErrLocked) || !strings.HasSuffix(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Fatalf("got %v, want ErrLocked with our pid", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
}

func TestALaterSchemaIsRefusedByNumber(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	setMeta(t, s, schemaKey, []byte("7"))
	_, err := Open(folder)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "schema version is 7") {
		t.Fatalf("got %v, want ErrNewer with its number", err)
	}
}

func TestAnUnreadableSchemaIsDamage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	setMeta(t, s, schemaKey, []byte("x"))
	if _, err := Open(folder); !errors.Is(err, ErrDamaged) {
		t.Fatalf("got %v, want ErrDamaged", err)
	}
}

// setMeta changes a row behind the Store's back and closes it.
func setMeta(t *testing.T, s *Store, key, value []byte) {
	t.Helper()
	err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(key, value) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// filled makes a store of rows slots and returns its file's bytes and its Record.
func filled(t testing.TB, rows int) (data []byte, record map[string][]byte) {
	t.Helper()
	folder := t.TempDir()
	s := open(t, folder)
	record = map[string][]byte{}
	for i := range rows {
		record[fmt.Sprintf("slot/alluxio-worker-%d", i)] = fmt.Appendf(nil,
			`{"task":"alluxio-worker-%d.1","host":"h%d","pad":"%s"}`, i, i, strings.Repeat("x", i%200))
	}
	save(t, s, record)
	for i := 0; i < rows; i += 7 { // leaves free pages behind, as a life does
		key := fmt.Sprintf("slot/alluxio-worker-%d", i)
		record[key] = fmt.Appendf(nil, `{"again":%d}`, i)
		save(t, s, cluster.Changes{key: record[key]})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, FileName))
	if err != nil {
		t.Fatal(err)
	}
	return data, record
}

// tryFile opens and loads a file of these bytes.
func tryFile(t *testing.T, data []byte) (map[string][]byte, error) {
	t.Helper()
	return tryFileIn(t, t.TempDir(), data)
}

// tryFileIn opens and loads a file of these bytes in folder.
func tryFileIn(t *testing.T, folder string, data []byte) (map[string][]byte, error) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, FileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(folder)
	if err != nil {
		return nil, err
	}
	record, err := s.Load(t.Context())
	if errors.Is(err, errPanic) {
		return nil, err // its locks may be held: Close could wait for ever
	}
	if e := s.Close(); e != nil {
		t.Error(e)
	}
	return record, err
}

func TestATruncatedFileIsDamageAndNeverAPanic(t *testing.T) {
	t.Parallel()
	data, _ := filled(t, 300)
	for _, size := range []int{1, 64, 4095, 4096, 8192, 8193, 12288, 16384, len(data) / 4, len(data) / 2} {
		record, err := tryFile(t, data[:size])
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%d of %d bytes: got %d rows and %v, want ErrDamaged", size, len(data), len(record), err)
		}
	}
}

func TestAFileOfSomethingElseIsDamage(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{[]byte("hello"), bytes.Repeat([]byte("<html>"), 10000), make([]byte, 65536)} {
		if _, err := tryFile(t, data); !errors.Is(err, ErrDamaged) {
			t.Errorf("%.6q: got %v, want ErrDamaged", data, err)
		}
	}
}

func TestFlippedBytesAreFoundOrDoNotMatter(t *testing.T) {
	t.Parallel()
	data, want := filled(t, 300)
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 300 {
		bad := bytes.Clone(data)
		at := rng.IntN(len(bad))
		bad[at] ^= byte(1 + rng.IntN(255))
		record, err := tryFile(t, bad)
		switch {
		case err != nil && errors.Is(err, ErrDamaged):
			found++
		case err != nil:
			t.Errorf("byte %d: %v, want ErrDamaged", at, err)
		case !same(record, want) && !isEarlier(record, want):
			t.Errorf("byte %d: a wrong record of %d rows was loaded without an error", at, len(record))
		}
	}
	if found == 0 {
		t.Error("no damage was found at all")
	}
}

// isEarlier is true for the record of the save before the last: bbolt falls back to it when the
// newest meta page is damaged.
func isEarlier(record, want map[string][]byte) bool {
	differ := 0
	for k, v := range want {
		if !bytes.Equal(record[k], v) {
			differ++
		}
	}
	return len(record) == len(want) && differ == 1
}

// BenchmarkSaveOneOf10000 saves one changed row, in memory and on the disk of the temporary folder.
func BenchmarkSaveOneOf10000(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		folder, err := os.MkdirTemp("/dev/shm", "alluxio-mesos-store")
		if err != nil {
			b.Fatal(err)
		}
		defer os.RemoveAll(folder)
		benchmarkSaves(b, folder)
	})
	b.Run("disk", func(b *testing.B) { benchmarkSaves(b, b.TempDir()) })
}

func benchmarkSaves(b *testing.B, folder string) {
	s := open(b, folder)
	all := cluster.Changes{}
	for i := range 10000 {
		all[fmt.Sprintf("slot/alluxio-worker-%d", i)] = bytes.Repeat([]byte("v"), 400)
	}
	save(b, s, all)
	for i := 0; b.Loop(); i++ {
		save(b, s, cluster.Changes{fmt.Sprintf("slot/alluxio-worker-%d", i%10000): fmt.Appendf(nil, "%0400d", i)})
	}
}

// BenchmarkSave10000 saves the rows of 10,000 slots at once, as the cycle that launches them does.
func BenchmarkSave10000(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		all := cluster.Changes{}
		for n := range 10000 {
			all[fmt.Sprintf("slot/alluxio-worker-%d.%d", i, n)] = bytes.Repeat([]byte("v"), 400)
		}
		save(b, s, all)
	}
}

func BenchmarkLoad10000(b *testing.B) {
	s := open(b, b.TempDir())
	all := cluster.Changes{}
	for i := range 10000 {
		all[fmt.Sprintf("slot/alluxio-worker-%d", i)] = bytes.Repeat([]byte("v"), 400)
	}
	save(b, s, all)
	for b.Loop() {
		load(b, s)
	}
}
