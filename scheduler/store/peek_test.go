package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestPeekReadsARowAndChangesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if row, err := Peek(filepath.Join(folder, "never"), "framework"); row != nil || err != nil {
		t.Errorf("of no state: %q, %v", row, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("it made %v, %v", entries, err)
	}
	s := open(t, folder)
	save(t, s, cluster.Changes{"framework": []byte("1"), "slot/alluxio-worker-0": []byte("2")})
	check := func(when string) {
		t.Helper()
		for key, want := range map[string]string{"framework": "1", "slot/alluxio-worker-0": "2",
			"slot/alluxio-worker-1": ""} {
			if row, err := Peek(folder, key); string(row) != want || err != nil {
				t.Errorf("%s: %s is %q, %v", when, key, row, err)
			}
		}
	}
	check("while a framework has the lock")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, folder)
	check("while none runs")
	if after := contents(t, folder); !same(before, after) {
		t.Errorf("there are %v, and were %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
}

func TestPeekMigratesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	old, err := os.ReadFile("testdata/framework-1.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, FileName), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if row, err := Peek(folder, "framework"); err != nil || !bytes.Equal(row, older(t)["framework"]) {
		t.Errorf("it reads %q, %v", row, err)
	}
	if after := contents(t, folder); len(after) != 1 || !bytes.Equal(after[FileName], old) {
		t.Errorf("there are %v", slices.Sorted(maps.Keys(after)))
	}
}

func TestPeekRefusesADamagedState(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	save(t, s, thousands(50))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := contents(t, folder)[FileName]
	for name, data := range map[string][]byte{
		"cut off":      whole[:len(whole)/2],
		"empty":        {},
		"another file": bytes.Repeat([]byte("x"), 100_000),
		"a flipped byte in a row": func() []byte {
			data := bytes.Clone(whole)
			data[bytes.Index(data, []byte("vvvv"))] = 'w'
			return data
		}(),
	} {
		if err := os.WriteFile(filepath.Join(folder, FileName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if row, err := Peek(folder, "framework"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %q, %v", name, row, err)
		}
	}
}

// contents are the files of a folder.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// peeks is one of TestARecordInZooKeeper: the fence, which every change changes, stays as it is.
func peeks(t *testing.T, address string) {
	o, err := zkOptions(address)
	if err != nil {
		t.Fatal(err)
	}
	check := func(when, want string) {
		t.Helper()
		if row, err := PeekZooKeeper(t.Context(), o.Options, "framework"); string(row) != want || err != nil {
			t.Errorf("%s: %q, %v", when, row, err)
		}
	}
	check("before there is a state", "")
	s := openZK(t, address)
	check("of a new state", "")
	saveZK(t, s, cluster.Changes{"framework": []byte("1")})
	check("of a saved row", "1")
	staged := thousands(3000)
	staged["framework"] = []byte("2")
	half(t, s, staged, -1)
	check("of a cycle that was never saved", "1")
	s = openZK(t, address)
	loadZK(t, s)
	half(t, s, staged, 0)
	var before, after []byte
	fence := func(into *[]byte) func(z *zk.Conn) error {
		return func(z *zk.Conn) (err error) {
			*into, _, err = z.Get(s.path(fenceNode))
			return err
		}
	}
	behind(t, s, fence(&before))
	check("of a cycle that was saved in parts", "2")
	behind(t, s, fence(&after))
	if !bytes.Equal(before, after) {
		t.Errorf("the fence is %s, and was %s", after, before)
	}
}

func TestPeekGivesUpOnAZooKeeperThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections, and nobody ever answers on them
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	o, err := zkOptions(fmt.Sprintf("zk://%s/alluxio", listener.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if row, err := PeekZooKeeper(ctx, o.Options, "framework"); row != nil || err == nil ||
		!strings.Contains(err.Error(), "does not answer") {
		t.Errorf("it reads %q, %v", row, err)
	}
}
