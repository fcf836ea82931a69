package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestAReplacementSaysWhatItDoesOrWhyNot(t *testing.T) {
	t.Parallel()
	a := newAPI()
	var asked []string
	a.Replace = func(_ context.Context, e cluster.ReplaceRequested, dry bool) (string, error) {
		asked = append(asked, fmt.Sprintf("%s %v %v", e.Slot, e.DestroyVolume, dry))
		switch e.Slot {
		case "alluxio-master-0":
			return "", fmt.Errorf("%w: its volume holds the journal", cluster.ErrRefused)
		case "alluxio-master-1":
			return "", errors.New("the loop has ended")
		}
		return "Task x is ended.\n", nil
	}
	base := start(t, a)
	for _, c := range []struct {
		query string
		code  int
		want  string
	}{
		{"slot=alluxio-worker-0", http.StatusAccepted, `"message": "Task x is ended.\n"`},
		{"slot=alluxio-worker-0&destroyVolume=true&dryRun=true", http.StatusOK, `"dryRun": true`},
		{"slot=alluxio-master-0", http.StatusConflict, "refused: its volume holds the journal"},
		{"slot=alluxio-master-1", http.StatusServiceUnavailable, "the loop has ended"},
		{"", http.StatusBadRequest, "say which slot, such as ?slot=alluxio-worker-0"},
		{"slot=a&destroyVolume=yes", http.StatusBadRequest, "destroyVolume is true or false"},
		{"slot=a&dryRun=1", http.StatusBadRequest, "dryRun is true or false"},
		{"slot=a&destroyVolumes=true", http.StatusBadRequest,
			"the parameters are [slot destroyVolume unpersisted dryRun], each at most once"},
		{"slot=a&slot=b", http.StatusBadRequest, "each at most once"},
		{"slot=%zz", http.StatusBadRequest, ""},
	} {
		resp, body := do(t, "POST", base+"/v1/replace?"+c.query, "Authorization", "Bearer "+token)
		if resp.StatusCode != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s: %s %s", c.query, resp.Status, body)
		}
	}
	if got := strings.Join(asked, ", "); got != "alluxio-worker-0 false false, alluxio-worker-0 true true, "+
		"alluxio-master-0 false false, alluxio-master-1 false false" {
		t.Errorf("the loop was asked for %s", got)
	}
	if resp, _ := do(t, "POST", base+"/v1/replace?slot=alluxio-worker-0"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %s", resp.Status)
	}
}

func TestAnUninstallSaysWhichVolumesEnd(t *testing.T) {
	t.Parallel()
	a := newAPI()
	var asked []string
	a.Uninstall = func(_ context.Context, e cluster.UninstallRequested, dry bool) (string, error) {
		asked = append(asked, fmt.Sprintf("%v %v", e.DestroyVolumes, dry))
		return "Every task is ended.\n", nil
	}
	base := start(t, a)
	for query, code := range map[string]int{"": http.StatusAccepted, "?dryRun=true&destroyVolumes=true": http.StatusOK,
		"?destroyVolumes=all": http.StatusBadRequest} {
		if resp, body := do(t, "POST", base+"/v1/uninstall"+query, "Authorization",
			"Bearer "+token); resp.StatusCode != code {
			t.Errorf("%s: %s %s", query, resp.Status, body)
		}
	}
	if len(asked) != 2 {
		t.Errorf("the loop was asked for %v", asked)
	}
	if resp, _ := do(t, "POST", base+"/v1/uninstall"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %s", resp.Status)
	}
}

func TestATeardownHasADeadlineAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	a := newAPI()
	var until time.Time
	var files config.Unpersisted
	a.Teardown = func(_ context.Context, e cluster.TeardownRequested) error {
		until, files = e.Until, e.Unpersisted
		return nil
	}
	a.Uninstall = func(_ context.Context, e cluster.UninstallRequested, _ bool) (string, error) {
		until, files = e.Until, e.Unpersisted
		return "", nil
	}
	var rejection error
	a.CancelTeardown = func(context.Context) error { return rejection }
	base := start(t, a)
	ask := func(method, path string) (int, string) {
		resp, body := do(t, method, base+path, "Authorization", "Bearer "+token)
		return resp.StatusCode, body
	}
	for _, path := range []string{"/v1/teardown", "/v1/uninstall"} {
		if code, body := ask("POST", path); code != http.StatusAccepted || !until.IsZero() {
			t.Errorf("%s: %d %s, until %s", path, code, body, until)
		}
		earliest := time.Now().Add(time.Hour)
		if code, body := ask("POST", path+"?timeout=1h"); code != http.StatusAccepted || until.Before(earliest) ||
			until.After(time.Now().Add(time.Hour)) {
			t.Errorf("%s: %d %s, until %s", path, code, body, until)
		}
		for _, bad := range []string{"soon", "-1s", "0s"} {
			if code, body := ask("POST", path+"?timeout="+bad); code != http.StatusBadRequest ||
				!strings.Contains(body, "timeout is a time, such as 90s or 5m") {
				t.Errorf("%s?timeout=%s: %d %s", path, bad, code, body)
			}
		}
	}
	for _, path := range []string{"/v1/teardown", "/v1/uninstall"} {
		if code, body := ask("POST", path+"?unpersisted=lose"); code != http.StatusAccepted ||
			files != config.LoseUnpersisted {
			t.Errorf("%s: %d %s, files: %q", path, code, body, files)
		}
		if code, body := ask("POST", path+"?unpersisted=wait"); code != http.StatusBadRequest ||
			!strings.Contains(body, "unpersisted is persist or lose") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	for _, query := range []string{"unpersited=lose", "unpersisted=lose&unpersisted=persist", "timeuot=5m",
		"unpersisted=lose;timeout=5m"} {
		if code, body := ask("POST", "/v1/teardown?"+query); code != http.StatusBadRequest {
			t.Errorf("?%s: %d %s", query, code, body)
		}
	}
	if code, body := ask("DELETE", "/v1/teardown"); code != http.StatusOK ||
		!strings.Contains(body, "the teardown is cancelled") {
		t.Errorf("%d %s", code, body)
	}
	rejection = fmt.Errorf("%w: the teardown has begun", cluster.ErrRefused)
	if code, body := ask("DELETE", "/v1/teardown"); code != http.StatusConflict ||
		!strings.Contains(body, "the teardown has begun") {
		t.Errorf("%d %s", code, body)
	}
	if resp, _ := do(t, "DELETE", base+"/v1/teardown"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %s", resp.Status)
	}
}
