package main

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/web"
)

// TestAnswersOfAnInstanceThatHasJustBegun shows what the API says before there is a loop.
func TestAnswersOfAnInstanceThatHasJustBegun(t *testing.T) {
	t.Parallel()
	in := &instance{}
	a := &web.API{Snapshot: in.snapshot, Health: in.health, Teardown: in.teardown, CancelTeardown: in.cancelTeardown,
		Replace: in.replace, Uninstall: in.uninstall, Token: config.NewSecret("token"), Version: "1.0"}
	handler := a.Handler()
	var shown strings.Builder
	for _, request := range []string{"GET /healthz", "GET /v1/status", "GET /v1/explain", "GET /v1/version",
		"POST /v1/replace?slot=alluxio-worker-0", "POST /v1/teardown", "DELETE /v1/teardown", "POST /v1/uninstall"} {
		method, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.RemoteAddr = "127.0.0.1:9"
		r.Header.Set("Authorization", "Bearer token")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		fmt.Fprintf(&shown, "%s\n%d\n%s\n", request, answer.Code, answer.Body)
	}
	golden.Compare(t, "testdata/instance-that-has-just-begun.txt", shown.String())
}
