package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

const token = "a token that nobody guesses"

func newAPI() *API {
	return &API{
		Snapshot: func(context.Context) (*cluster.Status, error) {
			return &cluster.Status{
				Framework: cluster.FrameworkStatus{Name: "alluxio", Version: "1.0"},
				Mesos:     cluster.MesosStatus{State: "subscribed", Offers: "wanted"},
				Slots: []cluster.SlotStatus{{Slot: "alluxio-master-0", State: "serving"},
					{Slot: "alluxio-worker-0", State: "waiting"}},
				Waiting: []cluster.Waiting{{Slot: "alluxio-worker-0", Message: "no offer yet"}},
			}, nil
		},
		Health:   func() error { return nil },
		Teardown: func(context.Context, cluster.TeardownRequested) error { return nil },
		Token:    config.NewSecret(token),
		Version:  "1.0",
		Log:      zerolog.Nop(),
	}
}

// start serves a on a loopback port and returns its base URL.
func start(t *testing.T, a *API) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveUntilEnd(t, func(ctx context.Context) error { return a.Serve(ctx, listener) })
	return "http://" + listener.Addr().String()
}

func serveUntilEnd(t *testing.T, serve func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// do sends a request with headers given in pairs and returns the answer with its body read.
func do(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// assertError checks that an answer is {"error": "..."} and returns the sentence.
func assertError(t *testing.T, what string, resp *http.Response, body string, code int) string {
	t.Helper()
	var f failure
	if err := json.Unmarshal([]byte(body), &f); err != nil || f.Error == "" || resp.StatusCode != code ||
		resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: got %s %q, want %d and an error as JSON", what, resp.Status, body, code)
	}
	return f.Error
}

func TestReadersNeedNoToken(t *testing.T) {
	t.Parallel()
	base := start(t, newAPI())
	for path, want := range map[string]string{
		"/healthz":                `"status": "ok"`,
		"/v1/version":             `"version": "1.0"`,
		"/v1/status":              `"rejections": []`,
		"/v1/status?format=text":  "Framework  alluxio",
		"/v1/explain":             `"message": "no offer yet"`,
		"/v1/explain?format=text": "alluxio-worker-0: no offer yet\n",
	} {
		resp, body := do(t, "GET", base+path)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: got %s %q, want %q in it", path, resp.Status, body, want)
		}
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("X-Content-Type-Options") != "nosniff" ||
			resp.Header.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" {
			t.Errorf("%s: headers are %v", path, resp.Header)
		}
		if resp, body := do(t, "HEAD", base+path); resp.StatusCode != http.StatusOK || body != "" {
			t.Errorf("HEAD %s: got %s %q", path, resp.Status, body)
		}
	}
}

func TestExplainHasNoSlotThatServes(t *testing.T) {
	t.Parallel()
	_, body := do(t, "GET", start(t, newAPI())+"/v1/explain")
	var e Explanation
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if len(e.Slots) != 1 || e.Slots[0].Slot != "alluxio-worker-0" || len(e.Waiting) != 1 || e.Rejections == nil ||
		e.Warnings == nil {
		t.Errorf("got %+v", e)
	}
}

func TestAChangeNeedsTheToken(t *testing.T) {
	t.Parallel()
	a := newAPI()
	asked := 0
	a.Teardown = func(context.Context, cluster.TeardownRequested) error { asked++; return nil }
	base := start(t, a)
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer x", "Basic " + token, token,
		"Bearer " + token + "x"} {
		resp, body := do(t, "POST", base+"/v1/teardown", "Authorization", authorization)
		assertError(t, authorization, resp, body, http.StatusUnauthorized)
		if strings.Contains(body, token) {
			t.Error("the answer holds the token")
		}
	}
	if asked != 0 {
		t.Errorf("without the token: asked %d times", asked)
	}
	if resp, body := do(t, "POST", base+"/v1/teardown", "Authorization",
		"Bearer "+token); resp.StatusCode != http.StatusAccepted || asked != 1 {
		t.Errorf("with the token: got %s %q, asked %d times", resp.Status, body, asked)
	}
}

func TestWithoutATokenNothingCanBeChanged(t *testing.T) {
	t.Parallel()
	a := newAPI()
	a.Token = config.Secret{}
	base := start(t, a)
	for _, authorization := range []string{"", "Bearer ", "Bearer x"} {
		resp, body := do(t, "POST", base+"/v1/teardown", "Authorization", authorization)
		assertError(t, authorization, resp, body, http.StatusUnauthorized)
	}
}

func TestAWebPageOfAnotherOriginMayChangeNothing(t *testing.T) {
	t.Parallel()
	base := start(t, newAPI())
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}} {
		resp, body := do(t, "POST", base+"/v1/teardown", append(headers, "Authorization", "Bearer "+token)...)
		assertError(t, headers[0], resp, body, http.StatusForbidden)
	}
}

func TestOnLoopbackAForeignNameIsRefused(t *testing.T) {
	t.Parallel()
	base := start(t, newAPI())
	for host, code := range map[string]int{
		"evil.example": 403, "evil.example:80": 403, "localhost.evil.example": 403,
		"localhost": 200, "localhost:80": 200, "127.0.0.1": 200, "[::1]:80": 200,
	} {
		if resp, body := do(t, "GET", base+"/v1/status", "Host", host); resp.StatusCode != code {
			t.Errorf("%s: got %s %q, want %d", host, resp.Status, body, code)
		}
	}
}

func TestWrongMethodsAndPathsAreNamed(t *testing.T) {
	t.Parallel()
	base := start(t, newAPI())
	for _, path := range []string{"/", "/v1", "/v1/status/", "/v1/../v1/status", "/v2/status", "/favicon.ico", "/%00"} {
		resp, body := do(t, "GET", base+path)
		assertError(t, path, resp, body, http.StatusNotFound)
	}
	for path, allow := range map[string]string{"/v1/status": "GET", "/healthz": "GET"} {
		resp, body := do(t, "DELETE", base+path)
		assertError(t, path, resp, body, http.StatusMethodNotAllowed)
		if resp.Header.Get("Allow") != allow {
			t.Errorf("%s: Allow is %q", path, resp.Header.Get("Allow"))
		}
	}
	resp, body := do(t, "GET", base+"/v1/teardown", "Authorization", "Bearer "+token)
	assertError(t, "GET teardown", resp, body, http.StatusMethodNotAllowed)
}

func TestALoopThatDoesNotAnswerIsSaid(t *testing.T) {
	t.Parallel()
	a := newAPI()
	for err, want := range map[error]string{context.DeadlineExceeded: "too busy",
		errors.New("the framework has stopped"): "has stopped"} {
		a.Snapshot = func(context.Context) (*cluster.Status, error) { return nil, err }
		a.Teardown = func(context.Context, cluster.TeardownRequested) error { return err }
		base := start(t, a)
		for _, path := range []string{"/v1/status", "/v1/explain"} {
			resp, body := do(t, "GET", base+path)
			if said := assertError(t, path, resp, body, http.StatusServiceUnavailable); !strings.Contains(said, want) {
				t.Errorf("%s: %q has no %q", path, said, want)
			}
		}
		resp, body := do(t, "POST", base+"/v1/teardown", "Authorization", "Bearer "+token)
		assertError(t, "teardown", resp, body, http.StatusServiceUnavailable)
	}
}

func TestHealthDoesNotAskTheLoop(t *testing.T) {
	t.Parallel()
	a := newAPI()
	a.Snapshot = func(ctx context.Context) (*cluster.Status, error) {
		t.Error("health asked for a snapshot")
		return nil, errors.New("the loop is blocked")
	}
	base := start(t, a)
	if resp, body := do(t, "GET", base+"/healthz"); resp.StatusCode != http.StatusOK {
		t.Errorf("got %s %q", resp.Status, body)
	}
	a = newAPI()
	a.Health = func() error { return errors.New("its present cycle has taken 31s") }
	resp, body := do(t, "GET", start(t, a)+"/healthz")
	if why := assertError(t, "stuck", resp, body, http.StatusServiceUnavailable); !strings.Contains(why,
		"has taken 31s") {
		t.Errorf("%q", why)
	}
}

func TestAPanicIsAnAnswerAndALine(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	a := newAPI()
	a.Log = zerolog.New(zerolog.SyncWriter(&lines))
	a.Snapshot = func(context.Context) (*cluster.Status, error) { panic("oh") }
	base := start(t, a)
	resp, body := do(t, "GET", base+"/v1/status")
	assertError(t, "panic", resp, body, http.StatusInternalServerError)
	if resp, _ := do(t, "GET", base+"/v1/version"); resp.StatusCode != http.StatusOK {
		t.Error("the server does not answer after it")
	}
	if !strings.Contains(lines.String(), `"panic":"oh"`) {
		t.Errorf("the log is %q", lines.String())
	}
}

func TestABodyIsBounded(t *testing.T) {
	t.Parallel()
	base := start(t, newAPI())
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn,
		"POST /v1/teardown HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\nAuthorization: Bearer "+token+
			"\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !resp.Close {
		t.Errorf("%v; the connection stays open for the rest of the body: %v", err, !resp.Close)
	}
	assertError(t, "a large body", resp, string(body), http.StatusRequestEntityTooLarge)
}

func TestTheDocumentListsEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, served []string
	for _, m := range regexp.MustCompile("(?m)^\\| ([A-Z]+) \\| `(/[^`]*)` \\| (yes|no) \\|").FindAllStringSubmatch(
		string(data), -1) {
		documented = append(documented, strings.Join(m[1:], " "))
	}
	for _, r := range routes {
		served = append(served, r.method+" "+r.path+" "+map[bool]string{true: "yes", false: "no"}[r.changes])
	}
	if !slices.Equal(documented, served) {
		t.Errorf("documented: %q\nserved: %q", documented, served)
	}
}
