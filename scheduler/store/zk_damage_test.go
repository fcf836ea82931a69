package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func laterSchema(t *testing.T, address string) {
	s := openZK(t, address)
	behind(t, s, func(z *zk.Conn) error {
		_, err := z.Set(s.path(schemaNode), []byte("7"), -1)
		return err
	})
	if _, err := openAddress(t.Context(), address); !errors.Is(err, ErrNewer) ||
		!strings.Contains(err.Error(), "schema version is 7") {
		t.Errorf("got %v, want ErrNewer with its number", err)
	}
	if err := s.Confirm(t.Context()); err != nil {
		t.Errorf("who was refused has taken over: %v", err)
	}
}

func foundDamage(t *testing.T, address string) {
	set := func(name, data string) func(s *ZooKeeper, z *zk.Conn) error {
		return func(s *ZooKeeper, z *zk.Conn) error {
			_, err := z.Set(s.path(name), []byte(data), -1)
			return err
		}
	}
	remove := func(name string) func(s *ZooKeeper, z *zk.Conn) error {
		return func(s *ZooKeeper, z *zk.Conn) error { return z.Delete(s.path(name), -1) }
	}
	for i, c := range []struct {
		do   func(s *ZooKeeper, z *zk.Conn) error
		want string
	}{
		{set("record/slot/alluxio-worker-3", "x"), "do not match their digest"},
		{remove("record/slot/alluxio-worker-3"), "do not match their digest"},
		{set("fence", "x"), "its fence is not readable"},
		{set("fence", `{"staged":2,"moved":3}`), "3 of 2 parts"},
		{set("fence", `{"staged":2}`), "part 1 of 2 of its last cycle is missing"},
		{remove("fence"), "its fence is missing"},
		{remove("schema"), "its schema version is missing"},
		{set("schema", "x"), `schema version "x"`},
	} {
		place := fmt.Sprintf("%s/%d", address, i)
		s := openZK(t, place)
		saveZK(t, s, thousands(10))
		behind(t, s, func(z *zk.Conn) error { return c.do(s, z) })
		again, err := openAddress(t.Context(), place)
		if err == nil {
			_, err = again.Load(t.Context())
			_ = again.Close()
		}
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d: got %v, want ErrDamaged and %q", i, err, c.want)
		}
	}
}

func badRows(t *testing.T, address string) {
	for _, c := range []struct {
		key, value, want string
	}{
		{"", "x", `key ""`},
		{"a//b", "x", `key "a//b"`},
		{"a/../b", "x", `key "a/../b"`},
		{"a/b/c/d", "x", "more than 3 parts"},
		{"ä", "x", "must be of letters"},
		{"a", "", "empty value"},
		{"a", strings.Repeat("x", 1<<20), "1048576 bytes is too big"},
	} {
		s := openZK(t, address)
		err := s.Save(t.Context(), cluster.Changes{c.key: []byte(c.value), "framework": []byte("1")})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %q", c.key, err, c.want)
		}
		if got := loadZK(t, openZK(t, address)); len(got) != 0 {
			t.Errorf("a failed Save left %d rows", len(got))
		}
	}
}
