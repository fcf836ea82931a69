package testcluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Framework is a configuration of ours in a cluster.
type Framework struct {
	*clitest.Home
	Cluster *Cluster
	Name    string // in Mesos
	// Client are properties by which Shell finds the leading master; without any it is given the addresses of all masters.
	Client map[string]string
}

// NewFramework lays out a home whose site file has the lines of every test, then lines. Its framework
// bears the home's name.
func (tc *Cluster) NewFramework(name string, lines ...string) *Framework {
	tc.T.Helper()
	return tc.NewInstance(name, name, lines...)
}

// NewInstance is NewFramework for one of several homes of the same framework, called name in Mesos.
func (tc *Cluster) NewInstance(dir, name string, lines ...string) *Framework {
	tc.T.Helper()
	home, err := clitest.NewHome(filepath.Join(tc.Dir, dir), tc.Binary)
	tc.Check(err)
	f := &Framework{Home: home, Cluster: tc, Name: name}
	tc.T.Cleanup(func() { tc.Ended(home.Close()) })
	tc.Check(home.WriteSite(append(tc.Site(name), lines...)...))
	return f
}

// In is f as a part of the test sees it, see [Cluster.In].
func (f *Framework) In(t *testing.T) *Framework {
	return &Framework{Home: f.Home, Cluster: f.Cluster.In(t), Name: f.Name, Client: f.Client}
}

// Site is small and quick: several of these run on two cores.
func (tc *Cluster) Site(name string) []string {
	ufs := tc.Folder(name + "-ufs")
	return []string{
		"alluxio.integration.mesos.framework.name=" + name,
		"alluxio.integration.mesos.bind=agent",
		"alluxio.integration.mesos.job.enabled=false", // two more JVMs for each master and worker
		"alluxio.integration.mesos.data.dir=" + tc.Folder(name+"-data"),
		// the executor makes it: nobody else may write there
		"alluxio.integration.mesos.cache.dir=" + filepath.Join(tc.Dir, "cache"),
		"alluxio.integration.master.resource.cpu=0.5",
		"alluxio.integration.master.resource.mem=448MB",
		"alluxio.integration.master.java.opts=-XX:TieredStopAtLevel=1", // a start takes 40% less of the processor
		"alluxio.integration.worker.resource.cpu=0.5",
		"alluxio.integration.worker.resource.mem=448MB",
		"alluxio.integration.worker.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.worker.memory.size=64MB",
		"alluxio.underfs.address=" + ufs,
		"alluxio.master.mount.table.root.ufs=" + ufs,
		"alluxio.user.file.writetype.default=CACHE_THROUGH",
		"alluxio.user.block.size.bytes.default=8MB",
		"alluxio.user.worker.list.refresh.interval=1s", // else a worker that ends by plan waits for clients for 2 min
		"alluxio.master.journal.tailer.shutdown.quiet.wait.time=200ms",
		"alluxio.master.worker.connect.wait.time=1sec",
	}
}

// WithoutJobLine is a site file without the line that turns the job service off, which versions before the
// job service do not know.
func WithoutJobLine(site []string) []string {
	return slices.DeleteFunc(slices.Clone(site), func(line string) bool {
		return strings.HasPrefix(line, config.KeyJobEnabled)
	})
}

// NewSecret is random text that occurs nowhere else.
func NewSecret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Mirror serves files by base name and counts the bodies that it sent.
func (tc *Cluster) Mirror(files ...string) (url string, bodies *atomic.Int64) {
	tc.T.Helper()
	bodies = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for _, file := range files {
			if filepath.Base(file) == strings.TrimPrefix(r.URL.Path, "/") {
				if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == "" {
					bodies.Add(1)
				}
				rw.Header().Set("ETag", fmt.Sprintf("%q", filepath.Base(file)))
				http.ServeFile(rw, r, file)
				return
			}
		}
		http.NotFound(rw, r)
	}))
	tc.T.Cleanup(server.Close)
	return server.URL, bodies
}

// Serve runs the start script with -w.
func (f *Framework) Serve(args ...string) {
	f.Cluster.T.Helper()
	out, err := f.Start(f.Cluster.T.Context(), append(append([]string{"-w"}, args...), f.Cluster.Address())...)
	if err != nil {
		f.Fatalf("start: %v", err)
	}
	f.Cluster.T.Logf("start:\n%s", out)
}

// Fatalf ends the test with what helps to see why.
func (f *Framework) Fatalf(format string, args ...any) {
	f.Cluster.T.Helper()
	explain, _ := f.CLI(context.Background(), "explain")
	log := f.Log()
	f.Cluster.T.Fatalf(format+"\n--- explain\n%s\n--- framework.out\n%s",
		append(args, explain, log[max(0, len(log)-6000):])...)
}

// Await polls the status until done says so.
func (f *Framework) Await(what string, done func(*cluster.Status) bool) *cluster.Status {
	f.Cluster.T.Helper()
	var status *cluster.Status
	err := f.Cluster.await(what, func(ctx context.Context) (bool, error) {
		s, err := f.Status(ctx)
		if err != nil {
			return false, err
		}
		status = s
		return done(s), nil
	})
	if err != nil {
		f.Fatalf("%v", err)
	}
	return status
}

// Serving counts the slots of a role that serve.
func Serving(s *cluster.Status, role config.Role) int {
	n := 0
	for _, slot := range s.Slots {
		if slot.Role == role && slot.State == "serving" {
			n++
		}
	}
	return n
}

// Slot is the status of one slot.
func (f *Framework) Slot(s *cluster.Status, name string) cluster.SlotStatus {
	f.Cluster.T.Helper()
	for _, slot := range s.Slots {
		if slot.Slot == name {
			return slot
		}
	}
	f.Fatalf("there is no slot %s", name)
	return cluster.SlotStatus{}
}

// TaskIDs are the tasks of all slots.
func TaskIDs(s *cluster.Status) map[string]string {
	ids := map[string]string{}
	for _, slot := range s.Slots {
		ids[slot.Slot] = slot.TaskID
	}
	return ids
}

// Shell runs Alluxio's own file system shell against the master of f, or against whichever of several leads.
func (f *Framework) Shell(r realalluxio.Release, args ...string) string {
	f.Cluster.T.Helper()
	return f.ShellWith(r, nil, args...)
}

// ShellWith is Shell with properties of the client.
func (f *Framework) ShellWith(r realalluxio.Release, client map[string]string, args ...string) string {
	f.Cluster.T.Helper()
	out, err := f.tryShell(r, client, args...)
	if err != nil {
		f.Fatalf("alluxio fs %v: %v\n%s", args, err, out)
	}
	return out
}

func (f *Framework) tryShell(r realalluxio.Release, client map[string]string, args ...string) (string, error) {
	f.Cluster.T.Helper()
	properties := map[string]string{
		"alluxio.user.file.writetype.default": "CACHE_THROUGH", "alluxio.user.block.size.bytes.default": "8MB",
		"alluxio.user.network.netty.channel": "NIO", // the other one of 1.4 and 1.5 needs Java 8
	}
	maps.Copy(properties, f.client())
	maps.Copy(properties, client)
	return r.Shell(f.Cluster.T.Context(), "java", properties, args...)
}

// AwaitFile waits until a file of Alluxio can be read, and holds text. After an election a new
// leader knows no worker until the next heartbeat of one, and Alluxio refuses to read meanwhile.
func (f *Framework) AwaitFile(r realalluxio.Release, path, text string) {
	f.Cluster.T.Helper()
	f.Cluster.Await(path+" in Alluxio", func(context.Context) (bool, error) {
		out, err := f.tryShell(r, nil, "cat", path)
		if err != nil {
			return false, fmt.Errorf("%w\n%s", err, out)
		}
		return strings.Contains(out, text), nil
	})
}

// client is how a client finds the masters.
func (f *Framework) client() map[string]string {
	f.Cluster.T.Helper()
	if f.Client != nil {
		return f.Client
	}
	s, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	var addresses []string
	for _, slot := range s.Slots {
		if slot.Role == config.Master {
			addresses = append(addresses, fmt.Sprintf("%s:%d", slot.Host, slot.Ports[config.MasterRPC]))
		}
	}
	if len(addresses) > 1 {
		return map[string]string{"alluxio.master.rpc.addresses": strings.Join(addresses, ",")}
	}
	m := f.Slot(s, "alluxio-master-0")
	port := fmt.Sprint(m.Ports[config.MasterRPC])
	return map[string]string{"alluxio.master.hostname": m.Host, "alluxio.master.port": port,
		"alluxio.master.rpc.port": port}
}
