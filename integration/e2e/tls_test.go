package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestMesosWithTLS has masters and agents that speak TLS only and are found through ZooKeeper. The
// install is one that cannot start, so that no Alluxio is needed: what counts is that the executor
// tells it to the framework, which takes every connection that there is.
func TestMesosWithTLS(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	tc.Check(tc.Master.Stop())
	tc.StartZooKeeper()
	ca, err := certificate.NewCA(tc.Folder("certificates"))
	tc.Check(err)
	// Mesos looks for the name of the peer's host in the certificates of clients as well.
	mesos, err := ca.Issue("mesos", tc.Block.IP(1), tc.Block.IP(2), "127.0.0.1", "localhost")
	tc.Check(err)
	own, err := ca.Issue("framework", "127.0.0.1", "localhost")
	tc.Check(err)
	tc.TLS = &realmesos.TLS{CAFile: ca.File, CertFile: mesos.CertFile, KeyFile: mesos.KeyFile, Clients: true}
	tc.StartMaster("--zk=zk://"+tc.ZooKeeper.Addr()+"/mesos", "--quorum=1")

	// The first agent asks executors for certificates and says how; the second says nothing, as is the default.
	environment := map[string]string{}
	for _, variable := range (&realmesos.TLS{CAFile: ca.File, CertFile: own.CertFile,
		KeyFile: own.KeyFile}).Environment() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	variables, err := json.Marshal(environment)
	tc.Check(err)
	resources := testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000"
	tc.AddAgent(realmesos.AgentOptions{Resources: resources,
		Flags: []string{"--executor_environment_variables=" + string(variables)}})
	lenient := *tc.TLS
	lenient.Clients = false
	tc.AddAgent(realmesos.AgentOptions{Resources: resources, TLS: &lenient})

	masters := "zk://" + tc.ZooKeeper.Addr() + "/mesos"
	tls := []string{
		"alluxio.integration.mesos.tls.enabled=true", "alluxio.integration.mesos.tls.ca.file=" + ca.File,
		"alluxio.integration.mesos.tls.cert.file=" + own.CertFile, "alluxio.integration.mesos.tls.key.file=" + own.KeyFile,
	}
	install := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=/nowhere"}
	for i, name := range []string{"executors-that-are-told", "executors-that-find-out"} {
		host := tc.Block.IP(1 + i)
		t.Run(name, func(t *testing.T) {
			f := tc.In(t).NewFramework(name, append(tls, install...)...)
			if out, err := f.Start(t.Context(), masters, host); err != nil || !strings.Contains(out, "subscribed to Mesos") {
				f.Fatalf("%v: %s", err, out)
			}
			status := f.Await("the executor's word", func(s *cluster.Status) bool {
				return f.Slot(s, "alluxio-master-0").LastFailure != nil
			})
			if failure := f.Slot(status, "alluxio-master-0").LastFailure; !strings.Contains(failure.Message,
				"there is no such folder") || failure.Host != host {
				t.Errorf("%+v", failure)
			}
			if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			logs, _ := filepath.Glob(filepath.Join(tc.Dir,
				fmt.Sprintf("agent%d/work/slaves/*/frameworks/*/executors/*/runs/*/stderr", 1+i)))
			var said strings.Builder // of all executors: one that was ended at its start may have said nothing
			for _, log := range logs {
				data, err := os.ReadFile(log)
				tc.In(t).Check(err)
				said.Write(data)
			}
			if said.Len() == 0 ||
				strings.Contains(said.String(), "perhaps it speaks TLS only, so that is tried next") != (i == 1) {
				t.Errorf("the executors say: %s", said.String())
			}
		})
	}
	t.Run("a framework without TLS is told", func(t *testing.T) {
		f := tc.In(t).NewFramework("plain", install...)
		out, err := f.Start(t.Context(), masters)
		if err != nil ||
			!strings.Contains(out, "does it speak TLS only (then set alluxio.integration.mesos.tls.enabled=true)") {
			t.Errorf("%v: %s", err, out)
		}
	})
}
