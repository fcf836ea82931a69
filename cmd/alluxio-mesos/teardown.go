package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/web"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// dropTime is how long, after the deadline of a teardown, the framework may take to drop a request
// that has not begun.
const dropTime = 10 * time.Second

// tellTime bounds the request that asks whether a teardown is pending.
const tellTime = 2 * time.Second

// tearDown asks the framework to end the cluster, once the operator has confirmed it, and reports the
// progress until the framework has ended by itself. A request that has not begun within the limit of
// e is dropped.
func (c *cli) tearDown(ctx context.Context, e ending) error {
	if e.limit <= 0 {
		return &exitError{exitConfiguration, fmt.Sprintf("--timeout %s is not a positive time; write for example "+
			"--timeout 5m", e.limit)}
	}
	if err := c.checkConfirmable(e); err != nil {
		return err
	}
	a, err := c.findAPI()
	if err != nil {
		return fmt.Errorf("%w; only a running framework can end the cluster", c.afterSavedTeardown(ctx, err))
	}
	if err := c.confirm(ctx, a, e); err != nil {
		return err
	}
	options, err := c.options(nil)
	if err != nil {
		return err
	}
	folder, err := config.LoadStateDir(options)
	if err != nil {
		return err
	}
	logEnd := int64(0)
	if info, err := os.Stat(filepath.Join(options.LogsDir, logName)); err == nil {
		logEnd = info.Size()
	}
	deadline := time.Now().Add(e.limit)
	body, err := c.requestTeardown(ctx, a, e)
	if err == nil && e.path == uninstallPath && e.yes { // else it was shown before the question
		err = c.tellChange(body)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, "the cluster is being ended")
	if gone, err := c.followTeardown(ctx, a, e.limit, deadline); err != nil || !gone {
		return err
	}
	return c.afterTeardown(a.process, folder, options.LogsDir, logEnd)
}

// requestTeardown asks the framework to end the cluster and to drop the request after the limit of e
// unless it has begun. A framework of an earlier version refuses an uninstall with a deadline; it
// gets the request without one.
func (c *cli) requestTeardown(ctx context.Context, a *api, e ending) ([]byte, error) {
	if e.files.persist { // an earlier version would end workers at once; only its uninstall says that it cannot persist
		if _, err := a.do(ctx, http.MethodPost, uninstallPath+"?"+e.dryQuery().Encode()); err != nil {
			return nil, err
		}
	}
	q := e.query()
	q.Set(web.TimeoutParameter, e.limit.String())
	body, err := a.do(ctx, http.MethodPost, e.path+"?"+q.Encode())
	if !refusesTimeout(err) {
		return body, err
	}
	q.Del(web.TimeoutParameter)
	return a.do(ctx, http.MethodPost, e.path+"?"+q.Encode())
}

// refusesTimeout is true for the answer of an API that lists the parameters it knows, without the
// timeout.
func refusesTimeout(err error) bool {
	var refused *apiError
	return errors.As(err, &refused) && refused.status == http.StatusBadRequest &&
		strings.HasPrefix(refused.message, "the parameters are ") &&
		!strings.Contains(refused.message, web.TimeoutParameter)
}

// followTeardown reports the progress of a teardown until the framework has ended (gone), or with
// an error what became of the request.
func (c *cli) followTeardown(ctx context.Context, a *api, limit time.Duration,
	deadline time.Time) (gone bool, err error) {
	shown, reported := newProgress(c.rawOut, c.width(c.rawOut), time.Now()), false
	waits := "" // of a teardown whose files are being persisted
	for {
		if gone, err := awaitEnd(ctx, a.process, pollTime); gone || err != nil {
			return gone, err
		}
		s, err := a.status(ctx)
		late := time.Now().After(deadline)
		switch {
		case err != nil && late:
			return false, fmt.Errorf("the cluster has not ended after %s, and the framework does not answer: %w",
				limit, err)
		case err != nil:
			continue
		case !s.Framework.Teardown && late:
			return false, &exitError{exitFatal, fmt.Sprintf("the teardown is dropped: it had not begun after %s "+
				"(--timeout), and nothing was ended (%s)%s", limit, text.Progress(s), waits)}
		case !s.Framework.Teardown:
			return false, &exitError{exitFatal, "the teardown was cancelled; nothing was ended"}
		case late && s.Framework.TeardownBegun:
			return false, &exitError{exitFatal, fmt.Sprintf("the cluster has not ended after %s (--timeout); the "+
				"teardown has begun and goes on: alluxio-mesos status shows it\n%s", limit, text.Explain(s, 0))}
		case late && s.Framework.TeardownUntil.IsZero():
			return false, &exitError{exitFatal, fmt.Sprintf("the cluster has not ended after %s (--timeout); the "+
				"teardown has no deadline and goes on: alluxio-mesos status shows it\n%s", limit, text.Explain(s, 0))}
		case time.Now().After(deadline.Add(dropTime)): // somebody else's request goes on for longer
			return false, &exitError{exitFatal, fmt.Sprintf("the teardown has not begun after %s (--timeout) and goes "+
				"on waiting (%s)", limit, text.Progress(s))}
		}
		// a framework of an earlier version knows neither
		if f := s.Framework; !reported && !f.TeardownBegun && f.TeardownUntil.IsZero() {
			fmt.Fprintf(c.stderr, "alluxio-mesos: the framework (%s) knows no deadline for this teardown: it goes on "+
				"until the cluster has ended, also after --timeout\n", a.name)
			reported = true
		}
		if shown.show(s, false, time.Now()); s.Framework.TeardownPersisting && s.Mesos.State == "subscribed" {
			waits = "; it waited for files that are in workers only:\n" + text.Explain(s, 0)
		}
	}
}

// cancelTeardown takes a teardown back that has not begun.
func (c *cli) cancelTeardown(ctx context.Context) error {
	a, err := c.findAPI()
	if err != nil {
		return err
	}
	body, err := a.do(ctx, http.MethodDelete, teardownPath)
	var refused *apiError
	if errors.As(err, &refused) && refused.status == http.StatusMethodNotAllowed {
		return fmt.Errorf("the framework (%s) is of an earlier version, which cannot cancel a teardown; nothing "+
			"was changed", a.name)
	}
	if err != nil {
		return err
	}
	var answer web.Accepted
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the answer of the API cannot be read: %w", err)
	}
	_, err = fmt.Fprintln(c.stdout, answer.Status)
	return err
}

// tellPending says that the framework that is about to be stopped has a teardown to finish: its
// next start goes on with it, or the instance that acts.
func (c *cli) tellPending(ctx context.Context, p store.Process) {
	if acting, err := c.acting(ctx); err == nil && acting != "" && acting != p.API {
		if text := c.savedTeardown(ctx); text != "" {
			fmt.Fprintln(c.stdout, text)
		}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	a, err := newAPI(p, c.caFile)
	if err != nil {
		return // it can be stopped all the same
	}
	if s, err := a.status(ctx); err == nil && s.Framework.Teardown {
		fmt.Fprintln(c.stdout, pendingTeardown(s)+"; the next start goes on with it")
	}
}

// pendingTeardown is what start and stop say first of a teardown that is not done.
func pendingTeardown(s *cluster.Status) string {
	return "a teardown of this cluster is pending: " + text.Teardown(s)
}

// errPendingTeardown ends a wait for a cluster that is to end.
var errPendingTeardown = errors.New("the cluster is being ended, so it will not serve")

// afterTeardown reports how the framework ended: after the teardown, which it records in folder, or
// before.
func (c *cli) afterTeardown(was store.Process, folder, logs string, from int64) error {
	p, err := store.ReadProcess(folder)
	if err != nil {
		return err
	}
	if p.PID != was.PID { // another one was started since
		p.Reason = ""
	}
	if p.Reason == scheduler.ErrTornDown.Error() {
		fmt.Fprintln(c.stdout, "the cluster and its framework have ended")
		return nil
	}
	message := "the framework has ended before the cluster had; start it and tear down again"
	if why := cmp.Or(p.Reason, errorsIn(logs, from)); why != "" {
		message += ":\n" + why
	}
	return &exitError{exitFatal, message}
}
