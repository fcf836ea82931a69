package mesosmaster

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	mesosscheduler "github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// stranger is a Mesos that would take any SUBSCRIBE. It counts the requests that it must not get.
type stranger struct {
	*httptest.Server
	credentials, subscribes atomic.Int64
}

func startStranger(t *testing.T, frameworks http.HandlerFunc) *stranger {
	t.Helper()
	s := new(stranger)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			s.credentials.Add(1)
		}
		switch r.URL.Path {
		case "/version":
			_, _ = io.WriteString(w, `{"version":"1.11.0"}`)
		case "/frameworks":
			frameworks(w, r)
		default:
			s.subscribes.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stranger) addr() string { return s.Listener.Addr().String() }

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// listing is an answer to GET /frameworks.
func listing(id string) string {
	return fmt.Sprintf(`{"frameworks":[{"id":%q,"name":"test","tasks":[]}],"completed_frameworks":[]}`, id)
}

// An address that led once may be another cluster's today. That cluster gets neither our credentials
// nor our framework.
func TestALearntMasterThatDoesNotKnowTheFrameworkIsNotSubscribedTo(t *testing.T) {
	t.Parallel()
	second := startStranger(t, answer(http.StatusOK, listing("other")))
	for sentence, c := range map[string]struct {
		frameworks http.HandlerFunc
		says       string
	}{
		"it lists other frameworks": {answer(http.StatusOK, listing("other")), "it does not list framework ours"},
		"it lists none":             {answer(http.StatusOK, `{"frameworks":[]}`), "it does not list framework ours"},
		"it asks who we are":        {answer(http.StatusUnauthorized, ""), "answers 401"},
		"it does not tell":          {answer(http.StatusForbidden, ""), "answers 403"},
		"it is something else":      {answer(http.StatusOK, "<html>"), "cannot be read"},
		"it points to another one": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "//"+second.addr()+r.URL.Path, http.StatusTemporaryRedirect)
		}, second.addr() + " led once"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := startStranger(t, c.frameworks)
			cfg := configFor("127.0.0.1:1")
			cfg.FrameworkID, cfg.Known.Leaders = "ours", []string{s.addr()}
			cfg.Principal, cfg.Secret = "alluxio", config.NewSecret("hunter2")
			r := run(t, cfg)
			for range 2 {
				e := next[cluster.Disconnected](r, nil)
				for _, want := range []string{"127.0.0.1:1 does not answer", "led once", c.says, "MESOS_MASTER"} {
					if !strings.Contains(e.Reason, want) {
						t.Errorf("%q is not in %q", want, e.Reason)
					}
				}
			}
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			if c, n := s.credentials.Load()+second.credentials.Load(), s.subscribes.Load()+second.subscribes.Load(); c+n > 0 {
				t.Errorf("%d requests with credentials, %d besides the questions", c, n)
			}
		})
	}
}

func TestALearntMasterThatListsTheFrameworkIsSubscribedTo(t *testing.T) {
	t.Parallel()
	leader := startFake(t, fakemesos.Options{Principal: "alluxio", Secret: "hunter2",
		Operator: map[string]string{"/frameworks": listing("ours")}})
	follower := startFake(t, fakemesos.Options{Operator: map[string]string{"/frameworks": ""}})
	follower.Redirect(leader.Addr())
	cfg := configFor("127.0.0.1:1")
	cfg.FrameworkID, cfg.Known.Leaders = "ours", []string{follower.Addr()}
	cfg.Principal, cfg.Secret = "alluxio", config.NewSecret("hunter2")
	e := next[cluster.Subscribed](run(t, cfg), nil)
	if e.Master.Address != leader.Addr() || follower.Count(mesosscheduler.Call_SUBSCRIBE) != 0 {
		t.Errorf("%+v, after %d SUBSCRIBE at the follower", e, follower.Count(mesosscheduler.Call_SUBSCRIBE))
	}
}

// Without a framework ID no Mesos can say that the framework is one of its own.
func TestAFrameworkWithoutAnIDSubscribesAtNamedMastersOnly(t *testing.T) {
	t.Parallel()
	s := startStranger(t, answer(http.StatusOK, listing("")))
	cfg := configFor("127.0.0.1:1")
	cfg.Known.Leaders = []string{s.addr()}
	e := next[cluster.Disconnected](run(t, cfg), nil)
	if !strings.Contains(e.Reason, "no framework ID yet") || s.subscribes.Load() > 0 {
		t.Errorf("%q, %d requests", e.Reason, s.subscribes.Load())
	}
}
