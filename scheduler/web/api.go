package web

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// API answers for a framework. Its fields are set before Handler is called and not changed after it.
type API struct {
	// Snapshot returns a picture of the last cycle, which is not modified. It ends with its context.
	Snapshot func(context.Context) (*cluster.Status, error)
	// Health returns why the framework does not work, or nil. It answers at once.
	Health func() error
	// Teardown asks the loop to end the cluster. It returns when the loop has taken the request,
	// which is dropped at its Until (zero for never) unless it has begun. CancelTeardown cancels it
	// before it has begun; a refusal is an error that wraps cluster.ErrRefused.
	Teardown       func(ctx context.Context, e cluster.TeardownRequested) error
	CancelTeardown func(context.Context) error
	// Replace and Uninstall ask the loop for these changes and say what they do; a dry run only
	// says it. A change that is refused is an error that wraps cluster.ErrRefused.
	Replace   func(ctx context.Context, e cluster.ReplaceRequested, dry bool) (said string, err error)
	Uninstall func(ctx context.Context, e cluster.UninstallRequested, dry bool) (said string, err error)
	// Backup is such a change: it has the metadata of Alluxio backed up.
	Backup func(ctx context.Context, dry bool) (message string, err error)
	// Token is what a request that changes something, or that does not come from this host, must
	// bring as "Authorization: Bearer <token>". Without one none of these is accepted.
	Token config.Secret
	// Certificate, unless nil, makes the API speak TLS only; it is asked for each connection.
	Certificate func() (*tls.Certificate, error)
	// Version is this program's version.
	Version string
	Log     zerolog.Logger

	sharing sharing
}

// Schema is part of every body.
type Schema struct {
	// SchemaVersion is the version of the body's fields.
	SchemaVersion int `json:"schemaVersion"`
}

var schema = Schema{cluster.SchemaVersion}

// Explanation is the body of GET /v1/explain: what of the Status is about things that do not run.
type Explanation struct {
	Schema
	// Mesos is the subscription to Mesos.
	Mesos cluster.MesosStatus `json:"mesos"`
	// Failure is why the framework has stopped; absent while it runs.
	Failure string `json:"failure,omitempty"`
	// Complete is that of GET /v1/status: companions and proxies do not count.
	Complete bool `json:"complete"`
	// Waiting is everything that should run and does not, with the reason.
	Waiting []cluster.Waiting `json:"waiting"`
	// Slots are those that are not known to serve; with the parameter `of` all that it is about.
	Slots []cluster.SlotStatus `json:"slots"`
	// Rejections are the reasons, per agent and role, why the last offer was not used.
	Rejections []cluster.RejectionStatus `json:"rejections"`
	// Warnings are sentences about the settings and the cluster.
	Warnings []string `json:"warnings"`
}

// Version is the body of GET /v1/version.
type Version struct {
	Schema
	// Version is the version of the framework.
	Version string `json:"version"`
}

// Accepted is the body of an answer to a change that has begun.
type Accepted struct {
	Schema
	// Status is one sentence that says what begins, or `ok`.
	Status string `json:"status"`
}

// failure is the body of every answer that is not a success.
type failure struct {
	Schema
	// Error is one sentence that says why.
	Error string `json:"error"`
}

// route is one row of the API; docs/api.md has the same ones.
type route struct {
	method, path string
	// changes is true when the request needs the token from wherever it comes.
	changes bool
	serve   func(*API, http.ResponseWriter, *http.Request)
}

// healthPath is open to everybody, so that whatever watches over the framework needs no token.
const healthPath = "/healthz"

var routes = []route{
	{http.MethodGet, healthPath, false, (*API).health},
	{http.MethodGet, "/v1/status", false, (*API).status},
	{http.MethodGet, "/v1/explain", false, (*API).explain},
	{http.MethodGet, "/v1/version", false, (*API).version},
	{http.MethodPost, "/v1/backup", true, (*API).backup},
	{http.MethodPost, "/v1/replace", true, (*API).replace},
	{http.MethodPost, "/v1/teardown", true, (*API).teardown},
	{http.MethodDelete, "/v1/teardown", true, (*API).cancelTeardown},
	{http.MethodPost, "/v1/uninstall", true, (*API).uninstall},
}

// dispatch finds the route of a request. HEAD is answered as GET; net/http drops the body.
func (a *API) dispatch(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	for _, route := range routes {
		if route.path != r.URL.Path {
			continue
		}
		if route.method != method {
			allowed = append(allowed, route.method)
			continue
		}
		if !a.permits(route, w, r) {
			return
		}
		route.serve(a, w, r)
		return
	}
	if allowed != nil {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		a.fail(w, http.StatusMethodNotAllowed, "use "+strings.Join(allowed, " or ")+" for this path")
		return
	}
	a.fail(w, http.StatusNotFound, "there is no such path; docs/api.md lists them all")
}

// snapshot asks the loop and answers the request itself when that fails.
func (a *API) snapshot(w http.ResponseWriter, r *http.Request) *cluster.Status {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	s, err := a.Snapshot(ctx)
	if err != nil {
		a.failAsking(w, r, err)
		return nil
	}
	return s
}

// Standby is the error of an instance of the framework that does not act. The API points at the one that does.
type Standby struct {
	// Leader is the base URL of the API of the instance that acts, or "" while none is known.
	Leader string
}

func (s *Standby) Error() string {
	if s.Leader == "" {
		return "this instance stands by, and none acts yet"
	}
	return "this instance stands by; the one that acts is at " + s.Leader
}

func (a *API) failAsking(w http.ResponseWriter, r *http.Request, err error) {
	var standby *Standby
	if errors.As(err, &standby) && standby.Leader != "" {
		w.Header().Set("Location", standby.Leader+r.URL.RequestURI())
		a.fail(w, http.StatusTemporaryRedirect, err.Error())
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		a.fail(w, http.StatusServiceUnavailable, "the framework is too busy to answer; try again")
		return
	}
	a.fail(w, http.StatusServiceUnavailable, "the framework does not answer: "+err.Error())
}

// health asks nothing of the loop, since everybody may call it as often as they like.
func (a *API) health(w http.ResponseWriter, r *http.Request) {
	if err := a.Health(); err != nil {
		a.failAsking(w, r, err)
		return
	}
	a.answer(w, http.StatusOK, Accepted{schema, "ok"})
}

func (a *API) status(w http.ResponseWriter, r *http.Request) {
	people := func(s *cluster.Status) string { return text.Status(s, text.Width) }
	a.read(w, r, "status", people, func(s *cluster.Status) any {
		full := *s
		full.Slots, full.Rejections = present(s.Slots), present(s.Rejections)
		full.Waiting, full.Warnings = present(s.Waiting), present(s.Warnings)
		return &full
	})
}

// explain answers about everything, or about the one host, agent or slot that the parameter `of`
// names.
func (a *API) explain(w http.ResponseWriter, r *http.Request) {
	of := r.URL.Query().Get("of")
	if of == "" {
		people := func(s *cluster.Status) string { return text.Explain(s, text.Width) }
		a.read(w, r, "explain", people, func(s *cluster.Status) any {
			idle := slices.DeleteFunc(slices.Clone(s.Slots),
				func(slot cluster.SlotStatus) bool { return slot.Answers() })
			return explanation(s, idle)
		})
		return
	}
	if s := a.snapshot(w, r); s != nil && wantsText(r) {
		a.answerText(w, []byte(text.ExplainOne(s, of, text.Width)))
	} else if s != nil {
		one := s.About(of)
		a.answer(w, http.StatusOK, explanation(one, one.Slots))
	}
}

func explanation(s *cluster.Status, slots []cluster.SlotStatus) Explanation {
	return Explanation{Schema: schema, Mesos: s.Mesos, Failure: s.Framework.Failure, Complete: s.Complete,
		Waiting: present(s.Waiting),
		Slots:   present(slots), Rejections: present(s.Rejections), Warnings: present(s.Warnings)}
}

func (a *API) version(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, http.StatusOK, Version{schema, a.Version})
}

func wantsText(r *http.Request) bool { return r.URL.Query().Get("format") == "text" }
