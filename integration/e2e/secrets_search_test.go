package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// Who may read the agent of the search.
const (
	mesosUser     = "operator"
	mesosPassword = "operators-password"
)

// search looks for planted secrets and fails its test for each place that shows one. Its methods
// may be called by any goroutine.
type search struct {
	tc *testcluster.Cluster
	p  planted

	mu     sync.Mutex
	told   map[string]bool
	pids   map[string]bool
	stream bytes.Buffer
}

func newSearch(tc *testcluster.Cluster, p planted) *search {
	return &search{tc: tc, p: p, told: map[string]bool{}, pids: map[string]bool{}}
}

// in looks for the secrets in what a place shows.
func (s *search) in(place, text string) {
	for where, secret := range s.p {
		if !strings.Contains(text, secret) {
			continue
		}
		s.mu.Lock()
		known := s.told[place+where]
		s.told[place+where] = true
		s.mu.Unlock()
		if !known {
			s.tc.T.Errorf("the secret of %s is in %s", where, place)
		}
	}
}

// everywhere looks at all that can be looked at now.
func (s *search) everywhere(f *testcluster.Framework) {
	s.tc.T.Helper()
	if len(s.p) < 15 {
		s.tc.T.Errorf("only %d secrets are planted", len(s.p))
	}
	s.mu.Lock()
	stream := s.stream.String()
	s.mu.Unlock()
	s.in("the events of Mesos's operator API", stream)
	s.endpoints()
	s.commands(f)
	s.files(f)
	s.allProcesses()
}

// mesosPaths are what masters and agents show by GET, mesosCalls by the v1 operator API; what one
// of the two kinds does not have is 404 or 400.
var (
	mesosPaths = []string{"/state", "/state-summary", "/slaves", "/tasks", "/frameworks", "/roles", "/flags",
		"/containers", "/monitor/statistics", "/metrics/snapshot", "/quota", "/weights", "/machine/down", "/files/debug"}
	mesosCalls = []string{"GET_STATE", "GET_TASKS", "GET_FRAMEWORKS", "GET_EXECUTORS", "GET_AGENTS", "GET_ROLES",
		"GET_FLAGS", "GET_CONTAINERS", "GET_OPERATIONS", "GET_MASTER", "GET_AGENT", "GET_VERSION"}
)

func (s *search) endpoints() {
	s.tc.T.Helper()
	answered := 0
	for kind, addr := range map[string]string{"master": s.tc.Master.Addr(), "agent": s.tc.Agents[0].Addr()} {
		for _, path := range mesosPaths {
			code, body := ask(s.tc.T, http.MethodGet, "http://"+addr+path, "", mesosPassword)
			s.in(path+" of the Mesos "+kind, body)
			answered += ok(code)
		}
		for _, call := range mesosCalls {
			code, body := ask(s.tc.T, http.MethodPost, "http://"+addr+"/api/v1", `{"type":"`+call+`"}`, mesosPassword)
			s.in(call+" of the Mesos "+kind, body)
			answered += ok(code)
		}
	}
	if answered < 25 {
		s.tc.T.Errorf("only %d endpoints of Mesos answer", answered)
	}
}

func ok(code int) int {
	if code == http.StatusOK {
		return 1
	}
	return 0
}

// ask sends a request without credentials, or with those of the operator of Mesos.
func ask(t *testing.T, method, url, body, password string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	if password != "" {
		request.SetBasicAuth(mesosUser, password)
	}
	response, err := (&http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Do(
		request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// commands looks at our own API and at what the command line says; after a teardown that is only why nothing answers.
func (s *search) commands(f *testcluster.Framework) {
	for _, command := range []string{"status", "status -o json", "explain", "explain -o json", "validate", "version",
		"framework --help"} {
		out, err := f.CLI(s.tc.T.Context(), strings.Fields(command)...)
		s.in("what "+command+" says", fmt.Sprint(out, err))
	}
	if _, err := f.Status(s.tc.T.Context()); err != nil {
		return
	}
	for _, path := range []string{"/healthz", "/v1/status", "/v1/status?format=text", "/v1/explain",
		"/v1/explain?format=text", "/v1/version", "/", "/v1/secret"} {
		_, body := ask(s.tc.T, http.MethodGet, "http://"+f.APIAddress()+path, "", "")
		s.in(path+" of the API", body)
	}
}

// files looks into every file of the cluster but what the operator and the executors have written for themselves alone.
func (s *search) files(f *testcluster.Framework) {
	s.tc.T.Helper()
	looked := 0
	err := filepath.WalkDir(s.tc.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !entry.Type().IsRegular() {
			if entry != nil && entry.IsDir() && slices.Contains([]string{"nobodys-cache", "fetch"}, entry.Name()) {
				return fs.SkipDir // Alluxio's release and our binary
			}
			return nil //nolint:nilerr // what has gone in between shows nothing
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		looked++
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() == 0o600 && s.mayHold(f, path, ownerOf(info)) {
			return nil
		}
		s.in(path, string(data))
		return nil
	})
	if err != nil || looked < 30 {
		s.tc.T.Errorf("%d files, %v", looked, err)
	}
}

// mayHold is true for files that an operator has made private, and for the configuration in a
// sandbox, when it is its user's.
func (s *search) mayHold(f *testcluster.Framework, path string, owner int) bool {
	if filepath.Dir(path) == s.tc.Dir || filepath.Dir(path) == f.Path("conf") {
		return owner == 0
	}
	return filepath.Base(filepath.Dir(path)) == "conf" && strings.Contains(path, "/runs/") && owner == ordinaryUser
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// watchProcesses looks at the command line and environment of every process again and again until
// the test ends: some live for a moment only.
func (s *search) watchProcesses() {
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			s.allProcesses()
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	})
	s.tc.T.Cleanup(func() {
		close(end)
		done.Wait()
	})
}

func (s *search) allProcesses() {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		cmdline, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		environ, _ := os.ReadFile(filepath.Join(folder, "environ"))
		name := strings.ReplaceAll(string(cmdline[:min(len(cmdline), 100)]), "\x00", " ")
		s.in("the command line of "+name, string(cmdline))
		s.in("the environment of "+name, string(environ))
		if len(environ) > 0 {
			s.mu.Lock()
			s.pids[folder] = true
			s.mu.Unlock()
		}
	}
}

func (s *search) processes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pids)
}

// subscribeToMesos keeps every event that the master tells an operator, from now until the test ends.
func (s *search) subscribeToMesos() {
	s.tc.T.Helper()
	var response *http.Response
	s.tc.Check(clitest.Await(s.tc.T.Context(), "Mesos's events", func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.tc.Master.Addr()+"/api/v1",
			strings.NewReader(`{"type":"SUBSCRIBE"}`))
		s.tc.Check(err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json")
		response, err = (&http.Transport{}).RoundTrip(request)
		s.tc.Check(err)
		if response.StatusCode != http.StatusOK { // it leads, and still recovers
			return false, response.Body.Close()
		}
		return true, nil
	}))
	var done sync.WaitGroup
	done.Go(func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := response.Body.Read(buffer)
			s.mu.Lock()
			s.stream.Write(buffer[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	s.tc.T.Cleanup(func() {
		_ = response.Body.Close()
		done.Wait()
	})
}

func (s *search) events() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.stream.String(), "TASK_")
}
