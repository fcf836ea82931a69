package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

const (
	// askWithin bounds one question while starting: a standby master of Alluxio 2.9 accepts the connection and never answers.
	askWithin = 4 * time.Second
	// answerLimit bounds an answer, in bytes: /api/v1/master/info is tens of kilobytes and grows with the workers.
	answerLimit = 8 << 20
)

// prober asks Alluxio whether it serves. What the answers mean is decided in package alluxio.
type prober struct {
	what   alluxio.Probe
	client *http.Client
}

func newProber(what alluxio.Probe) *prober {
	return &prober{what: what, client: &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *prober) probe(ctx context.Context, probe task.Probe) task.Probed {
	if probe.Watch {
		ok, why := p.what.Alive(p.ask(ctx, p.what.OwnURL, probe.Within))
		return task.Probed{OK: ok, Why: why}
	}
	own := p.ask(ctx, p.what.OwnURL, askWithin)
	var leader []alluxio.Answer
	if own.Err == "" && own.Status == http.StatusOK { // the leader is asked late: its answer is dear in a big cluster
		leader = make([]alluxio.Answer, len(p.what.LeaderURLs))
		var asking sync.WaitGroup
		for i, url := range p.what.LeaderURLs {
			asking.Go(func() { leader[i] = p.ask(ctx, url, askWithin) })
		}
		asking.Wait()
	}
	ok, why := p.what.Judge(own, leader)
	return task.Probed{OK: ok, Why: why}
}

func (p *prober) ask(ctx context.Context, url string, within time.Duration) alluxio.Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer from %s within %v", url, within))
	defer cancel()
	status, body, err := p.get(ctx, url)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		return alluxio.Answer{Err: err.Error()}
	}
	return alluxio.Answer{Status: status, Body: body}
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
