package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Change is the body of an answer to a change that is refused by nothing.
type Change struct {
	Schema
	// Message is what the change does, one sentence on a line.
	Message string `json:"message"`
	// DryRun is true when nothing was done.
	DryRun bool `json:"dryRun"`
}

func (a *API) replace(w http.ResponseWriter, r *http.Request) {
	a.change(w, r, []string{"slot", "destroyVolume", UnpersistedParameter, "dryRun"},
		func(ctx context.Context, q url.Values, dry bool) (string, error) {
			destroy, err := flag(q, "destroyVolume")
			files, errFiles := unpersisted(q)
			err = cmp.Or(err, errFiles)
			if err == nil && q.Get("slot") == "" {
				err = &badRequest{"say which slot, such as ?slot=alluxio-worker-0"}
			}
			if err != nil {
				return "", err
			}
			return a.Replace(ctx, cluster.ReplaceRequested{Slot: q.Get("slot"), DestroyVolume: destroy,
				Unpersisted: files}, dry)
		})
}

func (a *API) backup(w http.ResponseWriter, r *http.Request) {
	a.change(w, r, []string{"dryRun"}, func(ctx context.Context, _ url.Values, dry bool) (string, error) {
		return a.Backup(ctx, dry)
	})
}

func (a *API) uninstall(w http.ResponseWriter, r *http.Request) {
	a.change(w, r, []string{"destroyVolumes", UnpersistedParameter, "dryRun", TimeoutParameter},
		func(ctx context.Context, q url.Values, dry bool) (string, error) {
			destroy, err := flag(q, "destroyVolumes")
			files, errFiles := unpersisted(q)
			until, errUntil := deadline(q)
			if err := cmp.Or(err, errFiles, errUntil); err != nil {
				return "", err
			}
			return a.Uninstall(ctx, cluster.UninstallRequested{DestroyVolumes: destroy, Unpersisted: files,
				Until: until}, dry)
		})
}

func (a *API) teardown(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	q, err := parameters(r, UnpersistedParameter, TimeoutParameter)
	until, errUntil := deadline(q)
	files, errFiles := unpersisted(q)
	if err := cmp.Or(err, errUntil, errFiles); err != nil {
		a.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := a.Teardown(ctx, cluster.TeardownRequested{Unpersisted: files, Until: until}); err != nil {
		a.failAsking(w, r, err)
		return
	}
	a.Log.Info().Str("client", r.RemoteAddr).Msg("teardown was asked for through the API")
	a.answer(w, http.StatusAccepted, Accepted{schema, "the cluster is being ended"})
}

func (a *API) cancelTeardown(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	switch err := a.CancelTeardown(ctx); {
	case errors.Is(err, cluster.ErrRefused):
		a.fail(w, http.StatusConflict, err.Error())
	case err != nil:
		a.failAsking(w, r, err)
	default:
		a.Log.Info().Str("client", r.RemoteAddr).Msg("the teardown was cancelled through the API")
		a.answer(w, http.StatusOK, Accepted{schema, "the teardown is cancelled; nothing had begun"})
	}
}

// UnpersistedParameter says what becomes of files that are in workers only: persist or lose.
const UnpersistedParameter = "unpersisted"

// unpersisted reads UnpersistedParameter, "" without it.
func unpersisted(q url.Values) (config.Unpersisted, error) {
	switch files := config.Unpersisted(q.Get(UnpersistedParameter)); files {
	case "", config.PersistUnpersisted, config.LoseUnpersisted:
		return files, nil
	}
	return "", &badRequest{UnpersistedParameter + " is persist or lose"}
}

// TimeoutParameter says how long a request may wait until it begins.
const TimeoutParameter = "timeout"

// deadline is when a request is dropped unless it has begun; zero without the parameter.
func deadline(q url.Values) (time.Time, error) {
	text := q.Get(TimeoutParameter)
	if text == "" {
		return time.Time{}, nil
	}
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		return time.Time{}, &badRequest{TimeoutParameter + " is a time, such as 90s or 5m"}
	}
	return time.Now().UTC().Add(limit), nil
}

// badRequest is a request that cannot be understood; a change is not guessed at.
type badRequest struct{ message string }

func (e *badRequest) Error() string { return e.message }

// flag reads a parameter that is true or false, and false without a word.
func flag(q url.Values, name string) (bool, error) {
	switch q.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, &badRequest{fmt.Sprintf("%s is true or false", name)}
}

// parameters reads those of a request, which has each at most once and no others: no change is guessed at.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, &badRequest{"the query cannot be read"}
	}
	for name, values := range q {
		if !slices.Contains(known, name) || len(values) > 1 {
			return q, &badRequest{fmt.Sprintf("the parameters are %v, each at most once", known)}
		}
	}
	return q, nil
}

// change does what a request with parameters asks for, and answers it.
func (a *API) change(w http.ResponseWriter, r *http.Request, known []string,
	do func(context.Context, url.Values, bool) (string, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	q, err := parameters(r, known...)
	dry, said := false, ""
	if err == nil {
		dry, err = flag(q, "dryRun")
	}
	if err == nil {
		said, err = do(ctx, q, dry)
	}
	var bad *badRequest
	switch {
	case errors.As(err, &bad):
		a.fail(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, cluster.ErrRefused):
		a.fail(w, http.StatusConflict, err.Error())
	case err != nil:
		a.failAsking(w, r, err)
	case dry:
		a.answer(w, http.StatusOK, Change{Schema: schema, Message: said, DryRun: true})
	default:
		a.Log.Info().Str("client", r.RemoteAddr).Str("path", r.URL.Path).Str("query",
			r.URL.RawQuery).Msg("a change was asked for through the API")
		a.answer(w, http.StatusAccepted, Change{Schema: schema, Message: said})
	}
}
