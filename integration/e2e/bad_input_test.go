package e2e

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// untouched is the address of a Mesos master that must not be contacted.
func untouched(t *testing.T) string {
	t.Helper()
	return listen(t, func(conn net.Conn) { t.Errorf("Mesos was contacted by %s", conn.RemoteAddr()) })
}

// listen serves each connection with answer, which need not close it.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// says checks that a script has ended with code and has said all of words, and nothing more than once.
func says(t *testing.T, err error, code int, words ...string) {
	t.Helper()
	var exit *clitest.ExitError
	if !errors.As(err, &exit) || exit.Code != code {
		t.Fatalf("got %v, want exit code %d", err, code)
	}
	for _, word := range words {
		if strings.Count(exit.Output, word) != 1 {
			t.Errorf("%q is not exactly once in:\n%s", word, exit.Output)
		}
	}
}

func TestEveryProblemOfASiteFileIsSaidAtOnceAndNothingIsStarted(t *testing.T) {
	t.Parallel()
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		`fs.path=C:\users`,
		"alluxio.integration.mesos.worker.cuont=3",
		"alluxio.integration.worker.resource.mem=lots",
		"alluxio.worker.memory.size=5XB",
		"alluxio.master.port=70000",
		"alluxio.worker.port=30000",
		"alluxio.integration.master.resource.cpu=-1",
		"alluxio.integration.mesos.role=/prod",
		"alluxio.integration.mesos.master.node.count=3",
		"alluxio.integration.mesos.start.timeout=soon",
	}
	home := newHome(t, lines...)
	site := home.Path("conf/alluxio-site.properties")
	_, err := home.Start(t.Context(), "-w", "--property", "alluxio.integration.mesos.kill.grace=never", untouched(t))
	says(t, err, 2,
		site+`:2: fs.path: `, `four hexadecimal digits must follow \u`,
		site+`:3: alluxio.integration.mesos.worker.cuont: there is no such property; did you mean `+
			`alluxio.integration.mesos.worker.count?`,
		site+`:4: alluxio.integration.worker.resource.mem = "lots": is not a size; write for example`,
		site+`:5: alluxio.worker.memory.size = "5XB": has the unknown unit "XB"; use `,
		site+`:6: alluxio.master.port = "70000": not a port; write 1 to 65535`,
		`port 30000 is also alluxio.worker.`,
		site+`:8: alluxio.integration.master.resource.cpu = "-1": must be over 0.1`,
		site+`:9: alluxio.integration.mesos.role = "/prod": `,
		site+`:10: alluxio.integration.mesos.master.node.count = "3": `,
		site+`:11: alluxio.integration.mesos.start.timeout = "soon": is not a time`,
		`--property: alluxio.integration.mesos.kill.grace = "never": is not a time`,
		`alluxio-mesos: 11 problems in the configuration; nothing was started`,
	)
	for _, left := range []string{"mesos-state", "logs/framework.out"} {
		if _, err := os.Stat(home.Path(left)); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", left, err)
		}
	}
}

func TestASiteFileThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(site string) error
		says  string
	}{
		"missing": {os.Remove, "does not exist; create it, or say with ALLUXIO_CONF_DIR"},
		"a folder": {func(site string) error { return errors.Join(os.Remove(site), os.Mkdir(site, 0o755)) },
			"cannot be read: is a directory"},
		"of somebody else's": {func(site string) error { return os.Chmod(site, 0o000) }, "cannot be read: permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := newHome(t)
			site := home.Path("conf/alluxio-site.properties")
			if err := c.spoil(site); err != nil {
				t.Fatal(err)
			}
			// As an ordinary user: no permission stops root.
			start := exec.Command(home.Path("integration/mesos/bin/alluxio-mesos-start.sh"), untouched(t))
			start.Dir, start.Env = "/", []string{"PATH=" + os.Getenv("PATH"), "COLUMNS=1000"}
			start.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryUser, Gid: ordinaryUser}}
			out, err := start.CombinedOutput()
			if start.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), site+": "+c.says) ||
				strings.Count(string(out), "\n") != 2 {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestAMesosMasterThatIsNoneIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>welcome</html>"))
	}))
	defer page.Close()
	tls := httptest.NewUnstartedServer(page.Config.Handler)
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of our plain HTTP
	tls.StartTLS()
	defer tls.Close()
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"version":"1.3.2"}`))
	}))
	defer old.Close()
	shell := listen(t, func(conn net.Conn) { _, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n")) })
	closes := listen(t, func(net.Conn) {})
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }

	for name, c := range map[string]struct {
		master string
		code   int // 0: the framework keeps trying
		says   []string
	}{
		"a web page": {address(page), 0,
			[]string{"is not a Mesos master: it answers GET /version with 200 and a web page", "keeps trying"}},
		"a TLS port":                     {address(tls), 0, []string{"is it a TLS port", "keeps trying"}},
		"another protocol":               {shell, 0, []string{"does not speak HTTP", "keeps trying"}},
		"a port that closes connections": {closes, 0, []string{"closes the connection without an answer", "keeps trying"}},
		"a Mesos that is too old": {address(old), 1,
			[]string{"runs Mesos 1.3.2; the oldest that is supported is 1.4", "upgrade the masters and agents of Mesos"}},
	} {
		t.Run(name, func(t *testing.T) { startAgainst(t, c.master, c.code, c.says...) })
	}
}

// startAgainst runs the start script against a wrong Mesos master, which must be said by the
// script, by status and by the log.
func startAgainst(t *testing.T, master string, code int, words ...string) {
	t.Helper()
	home := newHome(t, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.underfs.address=hdfs://namenode/")
	out, err := home.Start(t.Context(), master)
	var exit *clitest.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Code != code) || err == nil && code != 0 {
		t.Fatalf("got %v, want exit code %d: %s", err, code, out)
	}
	said := map[string]string{"the script": out}
	if code == 0 {
		if said["status"], err = home.CLI(t.Context(), "status"); err != nil {
			t.Error(err)
		}
	}
	for place, text := range said {
		for _, word := range append(words, master) {
			if !strings.Contains(text, word) && (place == "the script" || word != "keeps trying") {
				t.Errorf("%s does not say %q:\n%s", place, word, text)
			}
		}
	}
	if !strings.Contains(home.Log(), words[0]) {
		t.Errorf("the log does not say %q:\n%s", words[0], home.Log())
	}
}

func TestAGenuineMesosThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	mesos, err := realmesos.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := testcluster.OpenDir(t)
	credentials := filepath.Join(dir, "credentials.json")
	if err := os.WriteFile(credentials, []byte(`{"credentials":[{"principal":"alluxio","secret":"right"}]}`),
		0o600); err != nil {
		t.Fatal(err)
	}
	master, err := mesos.StartMaster(t.Context(),
		realmesos.MasterOptions{Dir: filepath.Join(dir, "master"), Flags: []string{
			"--authenticate_http_frameworks", "--http_framework_authenticators=basic", "--credentials=" + credentials}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Stop() }()
	agent, err := mesos.StartAgent(t.Context(),
		realmesos.AgentOptions{Dir: filepath.Join(dir, "agent"), Master: master.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = agent.Stop() }()
	t.Run("without credentials", func(t *testing.T) {
		startAgainst(t, master.Addr(), 1, "answers SUBSCRIBE with 401 Unauthorized",
			"set alluxio.integration.mesos.principal and alluxio.integration.mesos.secret.file to credentials that this "+
				"master knows")
	})
	t.Run("with wrong credentials, and with the right ones", func(t *testing.T) {
		secret := filepath.Join(dir, "secret")
		home := newHome(t, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.underfs.address=hdfs://namenode/",
			"alluxio.integration.mesos.secret.file="+secret)
		for content, want := range map[string]string{
			"wrong-secret\n": "check alluxio.integration.mesos.principal, and its secret (alluxio.integration.mesos.secret.file",
			"right\n":        "subscribed to Mesos",
		} {
			if err := os.WriteFile(secret, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := home.Start(t.Context(), master.Addr())
			if !strings.Contains(out, want) || (err == nil) != (content == "right\n") ||
				strings.Contains(out+home.Log(), "wrong-secret") {
				t.Errorf("%v: %q is not in %s", err, want, out)
			}
			if _, err := home.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("an agent in the master's place", func(t *testing.T) {
		startAgainst(t, agent.Addr(), 0, "answers SUBSCRIBE as a Mesos agent does; give the address of the Mesos master",
			"keeps trying")
	})
}
