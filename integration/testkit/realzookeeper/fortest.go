package realzookeeper

import (
	"path/filepath"
	"testing"
)

// StartForTest starts a ZooKeeper of one server for t and stops it when t ends. Its folder is a
// temporary one of t, unless o names another.
func StartForTest(t testing.TB, o Options) *Server {
	t.Helper()
	install, err := Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "zk")
	}
	server, err := install.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}
