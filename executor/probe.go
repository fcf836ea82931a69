package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/internal/masterelection"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

const (
	// askWithin bounds one question while starting: a standby master of Alluxio 2.9 accepts the
	// connection and never answers.
	askWithin = 4 * time.Second
	// answerLimit bounds an answer, in bytes: /api/v1/master/info is tens of kilobytes and grows with the workers.
	answerLimit = 8 << 20
)

// prober asks Alluxio whether it serves. What the answers mean is decided in package alluxio.
type prober struct {
	what   atomic.Pointer[alluxio.Probe] // MasterUpdate may change whom to ask
	client *http.Client
	// election is for a master of several that is known by it; when it is nil there, noElection says why.
	election   *masterelection.Reader
	noElection string
	// first is for a master, nil for other roles.
	first *firstService
}

func newProber(what alluxio.Probe, first *firstService) *prober {
	p := &prober{first: first, client: &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	p.what.Store(&what)
	return p
}

func (p *prober) probe(ctx context.Context, probe task.Probe) task.Probed {
	what := p.what.Load()
	return p.first.check(ctx, p, what, p.ready(ctx, what, probe))
}

// ready asks whether the process serves, whatever it serves from.
func (p *prober) ready(ctx context.Context, what *alluxio.Probe, probe task.Probe) task.Probed {
	if what.Standby != "" {
		return p.probeMember(ctx, what, probe)
	}
	if probe.Watch {
		ok, why := what.Alive(p.ask(ctx, what.OwnURL, probe.Within))
		return task.Probed{OK: ok, Why: why}
	}
	own := p.ask(ctx, what.OwnURL, askWithin)
	var leader []alluxio.Answer
	if own.Err == "" && own.Status == http.StatusOK { // the leader is asked late: its answer is dear in a big cluster
		leader = p.askAll(ctx, what.LeaderURLs)
	}
	ok, why := what.Judge(own, leader)
	return task.Probed{OK: ok, Why: why}
}

// probeMember asks a master of several whether it leads, else whether it stands by.
func (p *prober) probeMember(ctx context.Context, what *alluxio.Probe, probe task.Probe) task.Probed {
	within := askWithin
	if probe.Watch {
		within = probe.Within
	}
	own := p.ask(ctx, what.OwnURL, within)
	state := what.ElectionStateOf(own)
	if state == launch.Leading {
		return task.Probed{OK: true, ElectionState: state}
	}
	var elected alluxio.Elected
	if what.Standby == alluxio.StandbyElected {
		elected = p.readElection(ctx)
	}
	var ok bool
	var why string
	switch {
	case probe.Watch:
		ok, why = what.StandsBy(own, elected)
	case own.Closed:
		ok, why = what.JudgeStandby(own, p.askAll(ctx, what.LeaderURLs), elected)
	default:
		ok, why = what.JudgeStandby(own, nil, elected)
	}
	return task.Probed{OK: ok, Why: why, ElectionState: state}
}

func (p *prober) readElection(ctx context.Context) alluxio.Elected {
	if p.election == nil {
		return alluxio.Elected{Err: p.noElection}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, askWithin, fmt.Errorf("no answer within %v", askWithin))
	defer cancel()
	ids, err := p.election.Read(ctx)
	if err != nil {
		return alluxio.Elected{Err: err.Error()}
	}
	return alluxio.Elected{IDs: ids}
}

// askAll asks several at once.
func (p *prober) askAll(ctx context.Context, urls []string) []alluxio.Answer {
	answers := make([]alluxio.Answer, len(urls))
	var asking sync.WaitGroup
	for i, url := range urls {
		asking.Go(func() { answers[i] = p.ask(ctx, url, askWithin) })
	}
	asking.Wait()
	return answers
}

func (p *prober) ask(ctx context.Context, url string, within time.Duration) alluxio.Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer from %s within %v", url, within))
	defer cancel()
	status, body, err := p.get(ctx, url)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
		return alluxio.Answer{Err: whyNoAnswer(err), Closed: closed}
	}
	return alluxio.Answer{Status: status, Body: body}
}

// whyNoAnswer says why a request had no answer: the address and what the system said, without what
// each layer of Go's client adds.
func whyNoAnswer(err error) string {
	var dialed *net.OpError
	var failed syscall.Errno
	var asked *url.Error
	switch {
	case errors.As(err, &dialed) && dialed.Addr != nil && errors.As(err, &failed):
		return dialed.Addr.String() + ": " + failed.Error()
	case errors.As(err, &asked) && errors.Is(err, io.EOF):
		return "the connection was closed without an answer"
	case errors.As(err, &asked):
		return asked.Err.Error()
	}
	return err.Error()
}

func (p *prober) get(ctx context.Context, url string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	return resp.StatusCode, body, err
}
