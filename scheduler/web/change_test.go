package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

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
		{"slot=alluxio-worker-0", http.StatusAccepted, `"said": "Task x is ended.\n"`},
		{"slot=alluxio-worker-0&destroyVolume=true&dryRun=true", http.StatusOK, `"dryRun": true`},
		{"slot=alluxio-master-0", http.StatusConflict, "refused: its volume holds the journal"},
		{"slot=alluxio-master-1", http.StatusServiceUnavailable, "the loop has ended"},
		{"", http.StatusBadRequest, "say which slot, such as ?slot=alluxio-worker-0"},
		{"slot=a&destroyVolume=yes", http.StatusBadRequest, "destroyVolume is true or false"},
		{"slot=a&dryRun=1", http.StatusBadRequest, "dryRun is true or false"},
		{"slot=a&destroyVolumes=true", http.StatusBadRequest, "the parameters are [slot destroyVolume dryRun], each at most once"},
		{"slot=a&slot=b", http.StatusBadRequest, "each at most once"},
		{"slot=%zz", http.StatusBadRequest, ""},
	} {
		resp, body := do(t, "POST", base+"/v1/replace?"+c.query, "Authorization", "Bearer "+token)
		if resp.StatusCode != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s: %s %s", c.query, resp.Status, body)
		}
	}
	if got := strings.Join(asked, ", "); got != "alluxio-worker-0 false false, alluxio-worker-0 true true, alluxio-master-0 false false, alluxio-master-1 false false" {
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
	for query, code := range map[string]int{"": http.StatusAccepted, "?dryRun=true&destroyVolumes=true": http.StatusOK, "?destroyVolumes=all": http.StatusBadRequest} {
		if resp, body := do(t, "POST", base+"/v1/uninstall"+query, "Authorization", "Bearer "+token); resp.StatusCode != code {
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
