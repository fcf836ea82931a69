package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// envToken is the environment variable that can hold the token of the API.
const envToken = "ALLUXIO_MESOS_TOKEN"

// answerLimit bounds an answer of the API in bytes: a status of 10,000 slots is some megabytes.
const answerLimit = 256 << 20

// api talks to a running framework.
type api struct {
	process store.Process
	http    http.Client
}

func newAPI(p store.Process) *api {
	// Without the environment's proxies: the API is on this machine or close to it.
	return &api{process: p, http: http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// findAPI finds the framework that runs this configuration.
func (c *cli) findAPI() (*api, error) {
	folder, process, err := c.findProcess()
	if err != nil {
		return nil, err
	}
	if !process.Alive() {
		last := ""
		if !process.Ended.IsZero() {
			last = fmt.Sprintf("; the last one ended at %s: %s", process.Ended.Format(time.RFC3339), process.Reason)
		}
		return nil, fmt.Errorf("no framework of this configuration runs (its state is in %s); alluxio-mesos-start.sh starts it%s", folder, last)
	}
	return newAPI(process), nil
}

// findProcess reads which process runs, or last ran, this configuration. It does not need a valid configuration.
func (c *cli) findProcess() (folder string, p store.Process, err error) {
	options, err := c.options(nil)
	if err != nil {
		return "", p, err
	}
	folder, err = config.LoadStateDir(options)
	if err != nil {
		return "", p, err
	}
	p, err = store.ReadProcess(folder)
	return folder, p, err
}

// do sends a request and returns the body of its answer.
func (a *api) do(ctx context.Context, method, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+a.process.API+path, nil)
	if err != nil {
		return nil, err
	}
	if method != http.MethodGet {
		req.Header.Set("Authorization", "Bearer "+a.process.Token.Reveal())
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("process %d does not answer: %w", a.process.PID, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("process %d does not answer: %w", a.process.PID, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		var failure struct{ Error string }
		if json.Unmarshal(body, &failure) != nil || failure.Error == "" {
			failure.Error = resp.Status
		}
		return nil, errors.New(failure.Error)
	}
	return body, nil
}

func (a *api) status(ctx context.Context) (*cluster.Status, error) {
	body, err := a.do(ctx, http.MethodGet, "/v1/status")
	if err != nil {
		return nil, err
	}
	s := new(cluster.Status)
	if err := json.Unmarshal(body, s); err != nil {
		return nil, fmt.Errorf("the API's status cannot be read: %w", err)
	}
	return s, nil
}
