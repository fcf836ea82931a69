package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// spyOnSudo makes a sudo that only notes its arguments. It returns the agent flag that puts it in
// front of the executors' PATH, and what was noted. Mesos: executors do not inherit the agent's
// environment.
func spyOnSudo(tc *testcluster.Cluster) (flag string, calls func() string) {
	tc.T.Helper()
	bin, notes := tc.Folder("sudo"), filepath.Join(tc.Folder("sudo-notes"), "calls")
	tc.Check(os.WriteFile(filepath.Join(bin, "sudo"),
		[]byte("#!/bin/sh\nprintf '%s\\n' \"$*\" >> "+notes+"\necho no >&2\nexit 1\n"), 0o755))
	tc.Check(os.Chmod(bin, 0o755))
	return fmt.Sprintf(`--executor_environment_variables={"PATH":%q}`, bin+":"+os.Getenv("PATH")), func() string {
		data, _ := os.ReadFile(notes)
		return string(data)
	}
}

// watch follows the tasks of f in Mesos itself until the returned function is called: which states
// each slot went through, and where Mesos said TASK_RUNNING while the address of the slot did not
// answer.
func watch(tc *testcluster.Cluster, f *testcluster.Framework,
	addresses map[string]string) func() (seen map[string][]string, lies []string) {
	ctx, end := tc.T.Context(), make(chan struct{})
	seen, lies := map[string][]string{}, []string(nil)
	var done sync.WaitGroup
	look := func() {
		state, err := tc.Master.State(ctx)
		if err != nil {
			return
		}
		tasks, _ := state.Framework(filepath.Base(f.Dir))
		for _, task := range tasks.Tasks {
			slot := task.ID[:strings.LastIndex(task.ID, ".")]
			if states := seen[slot]; len(states) > 0 && states[len(states)-1] == task.State {
				continue
			}
			seen[slot] = append(seen[slot], task.State)
			if why := answers(ctx, addresses[slot]); task.State == "TASK_RUNNING" && why != nil {
				lies = append(lies, fmt.Sprintf("%s is TASK_RUNNING, but %v", task.ID, why))
			}
		}
	}
	done.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			look()
			select {
			case <-end:
				look()
				return
			case <-tick.C:
			}
		}
	})
	stop := sync.OnceFunc(func() {
		close(end)
		done.Wait()
	})
	tc.T.Cleanup(stop)
	return func() (map[string][]string, []string) {
		stop()
		return seen, lies
	}
}

// answers is nil when a GET of url is answered with 200.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Do(
		request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// metrics are the counters of the Mesos master.
func metrics(ctx context.Context, tc *testcluster.Cluster) map[string]float64 {
	tc.T.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+tc.Master.Addr()+"/metrics/snapshot", nil)
	tc.Check(err)
	response, err := http.DefaultClient.Do(request)
	tc.Check(err)
	defer response.Body.Close()
	all := map[string]float64{}
	tc.Check(json.NewDecoder(response.Body).Decode(&all))
	return all
}
