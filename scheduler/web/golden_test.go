package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// stateOf is a state as the core tells it and as JSON.
type stateOf struct {
	status *cluster.Status
	json   string
}

// states are those that the stories of scheduler/cluster/testdata/status end with, by name.
func states(t *testing.T) map[string]stateOf {
	t.Helper()
	files, err := filepath.Glob("../cluster/testdata/status/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no states: %v", err)
	}
	all := map[string]stateOf{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := new(cluster.Status)
		if err := json.Unmarshal(data, s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = stateOf{s, string(data)}
	}
	return all
}

// TestWhatReadersGetOfEachState shows the bodies of GET /v1/explain in testdata/NAME.explain.json.
// The body of GET /v1/status is the file of the state itself, and texts are in
// scheduler/web/text/testdata.
func TestWhatReadersGetOfEachState(t *testing.T) {
	t.Parallel()
	var shown []string
	for name, state := range states(t) {
		a := newAPI()
		a.Snapshot = func(context.Context) (*cluster.Status, error) { return state.status, nil }
		body := func(path string) string {
			got := exchangeOn(t, a, exchange{method: http.MethodGet, target: path})
			if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s of %s: %d as %s", path, name, got.Code, got.Header().Get("Content-Type"))
			}
			return got.Body.String()
		}
		if got := body("/v1/status"); got != state.json {
			t.Errorf("the body of /v1/status in the state %s is another one:\n%s", name, got)
		}
		for kind, path := range map[string]string{".explain.json": "/v1/explain",
			".explain-alluxio-worker-0.json": "/v1/explain?of=alluxio-worker-0"} {
			file := filepath.Join("testdata", name+kind)
			golden.Compare(t, file, body(path))
			shown = append(shown, file)
		}
	}
	golden.Complete(t, "testdata/*.explain*.json", shown)
}

// exchange is one request and what stands for the loop while it is answered.
type exchange struct {
	why, method, target string
	loop                error // of whatever is asked of the loop; nil for success
	remote              string
	header              http.Header
	panics              bool
}

// whileAsking is x with what becomes of the question to the loop.
func (x exchange) whileAsking(loop error) exchange {
	x.loop = loop
	return x
}

// errNoTeardown is the refusal of a cluster that is not being ended.
func errNoTeardown() error { return new(cluster.State).CheckCancelTeardown() }

// read and change are requests from this host, the second with the token.
func read(why, target string) exchange {
	return exchange{why: why, method: http.MethodGet, target: target}
}

func change(why, method, target string) exchange {
	return exchange{why: why, method: method, target: target, header: withHeader("Authorization", "Bearer "+token)}
}

func withHeader(name, value string) http.Header { return http.Header{name: {value}} }

// exchanges have every kind of answer but the bodies of a state.
func exchanges() []exchange {
	list := []exchange{
		read("it is healthy", "/healthz"),
		{why: "its loop is stuck", method: "GET", target: "/healthz", loop: errors.New("its present cycle has taken 31s")},
		read("this version", "/v1/version"),
		read("no such path", "/v1"),
		{why: "another method than the path has", method: "PUT", target: "/v1/status"},
		read("another method than the two that the path has", "/v1/teardown"),
		{why: "a reader on another host", method: "GET", target: "/v1/status", remote: "10.9.9.9:9"},
		{why: "a reader on another host with a wrong token", method: "GET", target: "/v1/status",
			remote: "10.9.9.9:9", header: withHeader("Authorization", "Bearer x")},
		{why: "a change without the token", method: "POST", target: "/v1/teardown"},
		{why: "a change with a wrong token", method: "POST", target: "/v1/teardown",
			header: withHeader("Authorization", "Bearer x")},
		{why: "a change from a web page of another origin", method: "POST", target: "/v1/teardown",
			header: withHeader("Origin", "http://evil.example")},
		{why: "a body that is too large", method: "POST", target: "/v1/teardown",
			header: withHeader("Content-Length", "99999999")},
		{why: "a name that leads to loopback", method: "GET", target: "/v1/status",
			header: withHeader("Host", "evil.example")},
		{why: "a request that fails", method: "GET", target: "/v1/status", panics: true},
		change("a dry run of a replacement", "POST", "/v1/replace?slot=alluxio-worker-0&dryRun=true"),
		change("a replacement", "POST", "/v1/replace?slot=alluxio-worker-0"),
		change("a replacement of no slot", "POST", "/v1/replace"),
		change("a replacement that is refused", "POST", "/v1/replace?slot=alluxio-worker-9"),
		change("a parameter that is neither true nor false", "POST", "/v1/replace?slot=a&destroyVolume=1"),
		change("an unknown parameter", "POST", "/v1/replace?slot=a&force=true"),
		change("a query that cannot be read", "POST", "/v1/replace?slot=%25zz%zz"),
		change("a dry run of an uninstall", "POST", "/v1/uninstall?destroyVolumes=true&dryRun=true"),
		change("an uninstall", "POST", "/v1/uninstall"),
		change("an unknown parameter", "POST", "/v1/uninstall?all=true"),
		change("a time that is none", "POST", "/v1/uninstall?timeout=soon"),
		change("a teardown", "POST", "/v1/teardown?timeout=5m"),
		change("a time that is none", "POST", "/v1/teardown?timeout=0s"),
		change("a teardown is cancelled", "DELETE", "/v1/teardown"),
		change("there is no teardown to cancel", "DELETE", "/v1/teardown").whileAsking(errNoTeardown()),
	}
	for _, r := range routes {
		if r.path == "/v1/version" {
			continue
		}
		target := r.path
		if r.path == "/v1/replace" {
			target += "?slot=alluxio-worker-0"
		}
		for _, l := range []struct {
			why  string
			loop error
		}{
			{"an instance that stands by", &Standby{Leader: "http://10.0.0.2:8090"}},
			{"one that stands by while none acts", &Standby{}},
			{"a loop that is too busy", context.DeadlineExceeded},
			{"a loop that has ended", errors.New("the framework has stopped")}} {
			list = append(list, change(l.why, r.method, target).whileAsking(l.loop))
		}
	}
	return list
}

// answering is an API on a cluster of one master and one worker that has just begun. fails stands
// for whatever is asked of the loop, unless it is nil.
func answering(t *testing.T, fails error) *API {
	t.Helper()
	settings := &config.Settings{Roles: config.AlluxioRoles(), MesosMaster: "m:5050", Name: "alluxio", MesosRole: "*",
		Master: config.RoleSettings{Count: 1, Mem: config.GB}, Worker: config.RoleSettings{Count: 1, Mem: config.GB}}
	state, err := cluster.NewState(cluster.Options{Settings: settings, Version: "1.0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	return &API{
		Snapshot:       func(context.Context) (*cluster.Status, error) { return state.Snapshot(now), fails },
		Health:         func() error { return fails },
		Teardown:       func(context.Context, cluster.TeardownRequested) error { return fails },
		CancelTeardown: func(context.Context) error { return fails },
		Replace: func(_ context.Context, e cluster.ReplaceRequested, _ bool) (string, error) {
			if fails != nil {
				return "", fails
			}
			return state.CheckReplace(e)
		},
		Uninstall: func(_ context.Context, e cluster.UninstallRequested, _ bool) (string, error) {
			return state.CheckUninstall(e), fails
		},
		Token: config.NewSecret(token), Version: "1.0", Log: zerolog.Nop(),
	}
}

// TestEveryOtherAnswer shows in testdata/answers.txt each answer that is no state: status line,
// the headers that matter, and the body.
func TestEveryOtherAnswer(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	asked := map[string]bool{}
	for _, x := range exchanges() {
		asked[x.method+" "+strings.SplitN(x.target, "?", 2)[0]] = true
		a := answering(t, x.loop)
		if x.panics {
			a.Snapshot = func(context.Context) (*cluster.Status, error) { panic("a defect") }
		}
		got := exchangeOn(t, a, x)
		fmt.Fprintf(&out, "# %s\n%s %s\n%d %s\n", x.why, x.method, x.target, got.Code, http.StatusText(got.Code))
		for _, name := range []string{"Allow", "Location", "WWW-Authenticate"} {
			for _, value := range got.Header()[http.CanonicalHeaderKey(name)] {
				fmt.Fprintf(&out, "%s: %s\n", name, value)
			}
		}
		out.WriteString(got.Body.String() + "\n")
	}
	golden.Compare(t, "testdata/answers.txt", out.String())
	for _, r := range routes {
		states := []string{"/v1/status", "/v1/explain"} // of which other goldens show the bodies
		if !asked[r.method+" "+r.path] && !slices.Contains(states, r.path) {
			t.Errorf("no answer of %s %s is shown", r.method, r.path)
		}
	}
}

func exchangeOn(t *testing.T, a *API, x exchange) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey,
		net.Addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1234})), x.method, "http://localhost:1234"+x.target, nil)
	request.RemoteAddr = "127.0.0.1:9"
	if x.remote != "" {
		request.RemoteAddr = x.remote
	}
	for name, values := range x.header {
		switch name {
		case "Host":
			request.Host = values[0]
		case "Content-Length":
			fmt.Sscan(values[0], &request.ContentLength)
		}
		request.Header[name] = values
	}
	got := httptest.NewRecorder()
	a.Handler().ServeHTTP(got, request)
	return got
}
