//go:build testall

package jobservice

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/awscli"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// proxy is the web address of the one that serves.
func (s *service) proxy() string {
	s.tc.T.Helper()
	slot := s.Slot(s.awaitAll(), "alluxio-proxy-0")
	return fmt.Sprintf("http://%s:%d", slot.Host, slot.Ports[config.ProxyWeb])
}

// servesS3 puts objects through the proxy and gets them back, one of them in several parts.
func (s *service) servesS3() {
	tc, t := s.tc, s.tc.T
	me, err := user.Current()
	tc.Check(err)
	aws, err := awscli.New(t.Context(), tc.Folder("aws"), s.proxy()+"/api/v1/s3", me.Username)
	tc.Check(err)
	run := func(args ...string) string {
		t.Helper()
		out, err := aws.Run(t.Context(), append([]string{"s3"}, args...)...)
		tc.Check(err)
		return out
	}
	objects := map[string]string{"small": text, "folder/large": strings.Repeat(text, 600)} // the client sends it in parts
	file := filepath.Join(tc.Dir, "object")
	run("mb", "s3://bucket")
	for key, object := range objects {
		tc.Check(os.WriteFile(file, []byte(object), 0o644))
		run("cp", "--no-progress", file, "s3://bucket/"+key)
		s.awaitStored("bucket/"+key, object)
	}
	gets := func(when string) {
		t.Helper()
		for key, object := range objects {
			run("cp", "--no-progress", "s3://bucket/"+key, file)
			if got, err := os.ReadFile(file); err != nil || string(got) != object {
				t.Errorf("%s, %s comes back with %d of %d bytes, %v", when, key, len(got), len(object), err)
			}
		}
	}
	gets("at once")
	s.KillJVM("alluxio-proxy-0")
	gets("after kill -9 of the proxy")
	if out := run("ls", "--recursive", "s3://bucket"); !strings.Contains(out, "small") ||
		!strings.Contains(out, "folder/large") {
		t.Errorf("the bucket has %s", out)
	}
	run("rm", "s3://bucket/small")
	if out := run("ls", "s3://bucket"); strings.Contains(out, "small") {
		t.Errorf("after rm, the bucket has %s", out)
	}
}

// servesREST writes and reads a file over REST, which needs a property of proxies.
func (s *service) servesREST() {
	tc, t := s.tc, s.tc.T
	before := s.Slot(s.awaitAll(), "alluxio-proxy-0")
	tc.Check(s.WriteSite(append(append(tc.Site(s.Name), s.lines...), "alluxio.proxy.s3.v2.version.enabled=false")...))
	tc.Check(syscall.Kill(s.PID(), syscall.SIGHUP))
	s.Await("a proxy with the property", func(now *cluster.Status) bool {
		return s.Slot(now, before.Slot).TaskID != before.TaskID
	})
	base := s.proxy() + "/api/v1/"
	call := func(path, body string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(body))
		tc.Check(err)
		request.Header.Set("Content-Type", "application/json")
		if strings.HasSuffix(path, "/write") {
			request.Header.Set("Content-Type", "application/octet-stream")
		}
		response, err := http.DefaultClient.Do(request)
		tc.Check(err)
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		tc.Check(err)
		if response.StatusCode != http.StatusOK {
			t.Fatalf("POST %s: %s: %s", path, response.Status, answer)
		}
		return string(answer)
	}
	const file = "paths//rest/" // Alluxio takes what is between the first slash and the last for the path
	out := call(file+"create-file", "{}")
	call("streams/"+out+"/write", text)
	call("streams/"+out+"/close", "")
	in := call(file+"open-file", "{}")
	if got := call("streams/"+in+"/read", ""); got != text {
		t.Errorf("REST reads %.100s", got)
	}
	s.awaitStored("/rest", text)
}
