package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// envToken is the environment variable that can hold the token of the API.
const envToken = "ALLUXIO_MESOS_TOKEN"

// answerLimit bounds an answer of the API in bytes: a status of 10,000 slots is some megabytes.
const answerLimit = 256 << 20

// maxHops is how many redirects are followed: from an instance that stands by to the one that acts.
const maxHops = 3

// api talks to a running framework.
type api struct {
	// process is zero for a framework that --api names.
	process store.Process
	// base is its URL, name what messages call it.
	base, name string
	token      config.Secret
	http       http.Client
}

// newAPI is the API of a process of this host. Its certificate is known; a CA is asked when it
// points at another instance.
func newAPI(p store.Process, caFile string) (*api, error) {
	a := &api{process: p, base: p.URL(), name: fmt.Sprintf("process %d", p.PID), token: p.Token}
	return a, a.connect(p.Certificate, caFile)
}

// connect makes the client, which trusts the certificate in a file and those that a CA's file has
// signed; "" for none and for the host's own CAs.
func (a *api) connect(certificate, caFile string) error {
	trust, err := newTrust(certificate, caFile)
	if err != nil {
		return err
	}
	// Without the environment's proxies: the API is on this machine or close to it.
	a.http = http.Client{Timeout: 20 * time.Second, CheckRedirect: a.follow,
		Transport: &http.Transport{DisableKeepAlives: true, DialTLSContext: trust.dial}}
	return nil
}

// follow lets a redirect from an instance that stands by have the token, too: net/http drops it on
// the way to another host.
func (a *api) follow(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxHops:
		return errors.New("the instances of the framework point at each other")
	case strings.HasPrefix(a.base, "https://") && req.URL.Scheme != "https":
		return errors.New("it points to an address without TLS")
	}
	a.authorize(req)
	return nil
}

func (a *api) authorize(req *http.Request) {
	if a.token.IsSet() {
		req.Header.Set("Authorization", "Bearer "+a.token.Reveal())
	}
}

// findAPI finds the framework that --api names, else the one that runs this configuration on this host.
func (c *cli) findAPI() (*api, error) {
	if c.apiURL != "" {
		return c.remoteAPI()
	}
	if c.tokenFile != "" {
		return nil, &exitError{exitConfiguration, "--token-file is for --api: on this host the token is found by itself; " +
			"leave it out, or name the API with --api https://host:port"}
	}
	folder, process, err := c.findProcess()
	if err != nil {
		return nil, err
	}
	if !process.Alive() {
		last := ""
		if !process.Ended.IsZero() {
			last = fmt.Sprintf("; the last one ended at %s: %s", process.Ended.Format(time.RFC3339), process.Reason)
		}
		return nil,
			fmt.Errorf("no framework of this configuration runs (its state is in %s); alluxio-mesos-start.sh starts it%s",
				folder, last)
	}
	return newAPI(process, c.caFile)
}

// remoteAPI is the API at --api, with the token of --token-file or the environment.
func (c *cli) remoteAPI() (*api, error) {
	base := c.apiURL
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Port() == "" || strings.Trim(u.Path, "/") != "" ||
		u.User != nil {
		return nil,
			&exitError{exitConfiguration,
				"--api is not the address of an API; write https://host:port, or host:port for one without TLS"}
	}
	a := &api{base: u.Scheme + "://" + u.Host, name: u.Scheme + "://" + u.Host, token: config.NewSecret(c.env(envToken))}
	if c.tokenFile != "" {
		if a.token, err = config.ReadPrivate(c.tokenFile); err != nil {
			return nil, &exitError{exitConfiguration, "--token-file " + c.tokenFile + ": " + err.Error()}
		}
	}
	return a, a.connect("", c.caFile)
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
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, nil)
	if err != nil {
		return nil, err
	}
	a.authorize(req)
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, a.silent(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return nil, a.silent(err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, a.refused(resp, body)
	}
	if !json.Valid(body) {
		return nil, a.stranger(fmt.Sprintf("it answered %s %s with no JSON", method, req.URL.Path))
	}
	return body, nil
}

// stranger is the error about an answer that no framework gives.
func (a *api) stranger(why string) error {
	text := a.name + " is no API of alluxio-mesos: " + why
	if a.process.PID == 0 {
		text += "; check --api"
	}
	return errors.New(text)
}

// refused is the sentence of an answer that is not a success.
func (a *api) refused(resp *http.Response, body []byte) error {
	var failure struct{ Error string }
	if json.Unmarshal(body, &failure) != nil || failure.Error == "" {
		if resp.StatusCode != http.StatusBadRequest || strings.HasPrefix(a.base, "https://") {
			return a.stranger(fmt.Sprintf("it answered %s %s with %q", resp.Request.Method, resp.Request.URL.Path, resp.Status))
		}
		failure.Error = a.name + " speaks TLS; write https:// in front of its address" // what Go's servers with TLS say
	}
	if resp.StatusCode == http.StatusUnauthorized && a.process.PID == 0 {
		failure.Error += "; give it with --token-file or in " + envToken
	}
	return &apiError{resp.StatusCode, failure.Error}
}

// apiError is an answer of the API that is not a success.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func (a *api) status(ctx context.Context) (*cluster.Status, error) {
	body, err := a.read(ctx, "/v1/status")
	if err != nil {
		return nil, err
	}
	s := new(cluster.Status)
	err = json.Unmarshal(body, s)
	if err == nil && s.SchemaVersion == 0 {
		err = addEarlier(s, body)
	}
	if err != nil {
		return nil, a.stranger("its status cannot be read: " + err.Error())
	}
	return s, nil
}

// read returns the body of a status, whole or in part.
func (a *api) read(ctx context.Context, path string) ([]byte, error) {
	body, err := a.do(ctx, http.MethodGet, path)
	if err != nil {
		return nil, err
	}
	var status struct {
		SchemaVersion int
		Mesos         *struct{}
	}
	if json.Unmarshal(body, &status) != nil || status.Mesos == nil {
		return nil, a.stranger("what it answered has no status of Mesos")
	}
	// Versions before 0.1.0 have none; see addEarlier.
	if v := status.SchemaVersion; v != cluster.SchemaVersion && v != 0 {
		return nil, fmt.Errorf("%s answers with schema version %d, and this alluxio-mesos (%s) reads %d; use the "+
			"alluxio-mesos of the framework's own version", a.name, status.SchemaVersion, version, cluster.SchemaVersion)
	}
	return body, nil
}
