package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// earlierBody is a status as versions before 0.1.0 wrote it.
const earlierBody = `{
  "framework": {"name": "alluxio", "version": "before", "started": "2026-11-30T12:00:00Z"},
  "mesos": {"state": "disconnected", "reason": "10.0.0.1:5050 does not answer", "master": "10.0.0.1:5050",
    "offers": "wanted"},
  "slots": [
    {"slot": "alluxio-master-0", "role": "alluxio-master", "state": "serving", "confirmed": true, "host": "a",
      "taskId": "alluxio-master-0.1", "standing": "standby", "restarts": 0},
    {"slot": "alluxio-worker-0", "role": "alluxio-worker", "state": "waiting", "confirmed": false, "restarts": 0}],
  "refusals": [{"host": "b", "agentId": "S1", "role": "alluxio-worker", "requirement": "resources",
    "reason": "2 CPUs are missing", "mend": "set fewer CPUs", "since": "2026-11-30T12:00:00Z",
    "last": "2026-11-30T12:00:00Z", "count": 3}],
  "waiting": [{"slot": "alluxio-worker-0", "role": "alluxio-worker", "reason": "no offer fits", "mend": "add hosts"}],
  "warnings": [], "complete": false, "now": "2026-11-30T12:01:00Z"}`

// After an upgrade of the program a framework of the version before still runs, until it is started
// again.
func TestTheStatusOfAFrameworkOfAnEarlierVersionIsWhole(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(earlierBody))
	}))
	t.Cleanup(server.Close)
	for command, words := range map[string][]string{
		"status":  {"at 10.0.0.1:5050, disconnected: 10.0.0.1:5050 does not answer", "serving (standby)"},
		"explain": {"no offer fits", "add hosts", "2 CPUs are missing", "set fewer CPUs"},
	} {
		out, err := h.CLI(h.within(), command, "--api", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		for _, word := range words {
			if !strings.Contains(out, word) {
				t.Errorf("%s: %q is not in\n%s", command, word, out)
			}
		}
	}
}
