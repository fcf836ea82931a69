package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// planted are the secrets of an operator by where they were written, each random: what is found is really it.
type planted map[string]string

func (p planted) plant(where string) string {
	p[where] = testcluster.NewSecret()
	return p[where]
}

// TestNoSecretIsShown plants secrets wherever an operator may write one, runs genuine Alluxio as an
// ordinary user under an agent of root, on a Mesos that wants credentials and is found through
// ZooKeeper, and looks for them in all that Mesos, the framework, Alluxio's logs and this machine
// show, from before the start until after the teardown.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("this test runs tasks as another user and needs root for it")
	}
	tc := newCluster(t)
	tc.Check(tc.Master.Stop())
	tc.StartZooKeeper()
	p := planted{}
	f := plantedFramework(tc, p)
	masters := tc.PrivateFile("mesos-master", "zk://alluxio:"+p.plant("MESOS_MASTER")+"@"+tc.ZooKeeper.Addr()+"/mesos\n")
	search := newSearch(tc, p)
	search.watchProcesses()

	credentials := tc.PrivateFile("credentials.json",
		fmt.Sprintf(`{"credentials":[{"principal":"alluxio","secret":%q}]}`, p["secret.file"]))
	tc.StartMaster("--zk=zk://"+tc.ZooKeeper.Addr()+"/mesos", "--quorum=1",
		"--authenticate_http_frameworks", "--http_framework_authenticators=basic", "--credentials="+credentials)
	search.subscribeToMesos()
	agent := tc.AddAgent(realmesos.AgentOptions{
		Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000",
		Flags: []string{"--authenticate_http_readonly", "--authenticate_http_readwrite",
			"--http_credentials=" +
				tc.PrivateFile("agent-credentials.json",
					fmt.Sprintf(`{"credentials":[{"principal":%q,"secret":%q}]}`, mesosUser, mesosPassword))},
	})
	if out, err := f.Start(t.Context(), "-w", "--debug", "file://"+masters); err != nil {
		f.Fatalf("start: %v\n%s", err, out)
	} else {
		search.in("what the start script says", out)
	}
	status, err := f.Status(t.Context())
	tc.Check(err)

	t.Run("the search finds what is there, closed to all but the user of the task", func(t *testing.T) {
		for _, name := range []string{"alluxio-master-0", "alluxio-worker-0"} {
			conf := filepath.Join(f.Sandbox(f.Slot(status, name).TaskID), "conf")
			checkPrivate(t, conf, ordinaryUser)
			for file, secret := range map[string]string{"alluxio-site.properties": p["aws.secretKey"],
				"core-site.xml": p["core-site.xml"]} {
				if data, err := os.ReadFile(filepath.Join(conf, file)); err != nil || !strings.Contains(string(data), secret) {
					t.Errorf("%s of %s does not have it: %v", file, name, err)
				}
			}
		}
	})
	t.Run("executors and JVMs run as the user of the tasks, under an agent of root", func(t *testing.T) {
		for _, name := range []string{"alluxio-master-0", "alluxio-worker-0"} {
			slot := f.Slot(status, name)
			for what, pid := range map[string]int{"executor": f.Executor(slot), "JVM": f.JVM(slot)} {
				info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
				if err != nil || ownerOf(info) != ordinaryUser {
					t.Errorf("the %s of %s runs as %d: %v", what, name, ownerOf(info), err)
				}
			}
		}
		if info, err := os.Stat(fmt.Sprintf("/proc/%d", agent.PID())); err != nil || ownerOf(info) != 0 {
			t.Errorf("the agent runs as %d: %v", ownerOf(info), err)
		}
	})
	t.Run("an agent that asks for credentials does not show a sandbox without them", func(t *testing.T) {
		site := filepath.Join(f.Sandbox(f.Slot(status, "alluxio-worker-0").TaskID), "conf/alluxio-site.properties")
		for password, want := range map[string]int{"": http.StatusUnauthorized, mesosPassword: http.StatusOK} {
			code, body := ask(t, http.MethodGet, "http://"+agent.Addr()+"/files/read?offset=0&path="+site, "", password)
			if code != want || strings.Contains(body, p["aws.secretKey"]) != (want == http.StatusOK) {
				t.Errorf("with the password %q: %d %s", password, code, body)
			}
		}
	})
	search.everywhere(f)
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	} else {
		search.in("what the stop script says", out)
	}
	search.everywhere(f)
	if search.processes() < 10 || search.events() < 3 {
		t.Errorf("%d processes and %d bytes of events were seen", search.processes(), search.events())
	}
}

// plantedFramework is a configuration with a secret in each place that has room for one.
func plantedFramework(tc *testcluster.Cluster, p planted) *testcluster.Framework {
	release := tc.Release("1.8.1")
	mirror, _ := tc.Mirror(release.Tarball)
	cache := tc.Folder("nobodys-cache")
	tc.Check(os.Chmod(cache, 0o755))
	tc.Check(os.Chown(cache, ordinaryUser, ordinaryUser))
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=" + strings.Replace(mirror, "://", "://mirror:"+p.plant("jar.url")+"@",
			1) + "/" + filepath.Base(release.Tarball),
		"alluxio.integration.mesos.cache.dir=" + cache,
		"alluxio.integration.mesos.user=nobody",
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.secret.file=" + tc.PrivateFile("secret", p.plant("secret.file")+"\n"),
		"alluxio.integration.mesos.state=zk://alluxio:" + p.plant("state") + "@" + tc.ZooKeeper.Addr() + "/alluxio",
	}
	for _, key := range []string{
		"aws.accessKeyId", "aws.secretKey", "fs.s3a.access.key", "fs.s3a.secret.key", "s3a.accessKeyId", "s3a.secretKey",
		"fs.oss.accessKeySecret",
		"fs.swift.password", "fs.azure.account.key.container.blob.core.windows.net",
		"alluxio.master.mount.table.root.option.aws.secretKey",
		"alluxio.underfs.store.password", "alluxio.underfs.store.token",
	} {
		lines = append(lines, key+"="+p.plant(key))
	}
	lines = append(lines, "alluxio.underfs.proxy=http://proxy:"+p.plant("a URL")+"@proxy.example:3128")
	f := tc.NewFramework("secrets", lines...)
	tc.Check(os.WriteFile(f.Path("conf/core-site.xml"),
		[]byte("<configuration><property><name>fs.s3a.secret.key</name><value>"+p.plant("core-site.xml")+
			"</value></property></configuration>\n"), 0o600))
	return f
}

// checkPrivate checks that a folder and all in it are closed to everyone but a user.
func checkPrivate(t *testing.T, dir string, user int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Errorf("%s: %v %v", dir, entries, err)
	}
	names := []string{dir}
	for _, entry := range entries {
		names = append(names, filepath.Join(dir, entry.Name()))
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if owner := ownerOf(info); !slices.Contains([]os.FileMode{0o600, 0o700}, info.Mode().Perm()) || owner != user {
			t.Errorf("%s has mode %v and belongs to %d", name, info.Mode(), owner)
		}
	}
}
