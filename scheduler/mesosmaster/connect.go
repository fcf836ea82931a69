package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler/calls"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// maxHops is how often one attempt follows redirects: masters that disagree about the leader send us round in circles.
const maxHops = 5

// How a host that does not subscribe us may be of no use; the search for the leader goes by these.
var (
	errNoWord   = errors.New("gives no answer")
	errNoLeader = errors.New("knows no leading master")
)

// stream is the open answer to a SUBSCRIBE.
type stream struct {
	*endpoint
	body      io.ReadCloser
	transport *http.Transport
}

func (s *stream) close() {
	_ = s.body.Close() // unfinished on purpose, so the connection is closed with it
	s.transport.CloseIdleConnections()
}

// connect subscribes at the leading master: at the hosts of d in order, the last leader before the
// others of a list, then at those that were learnt. A host that is neither one of d nor named by
// the ZooKeeper of the masters has to prove that it is of the same Mesos. The error names every
// host that was tried; a Problem of a host of d ends the search.
func (s *subscription) connect(ctx context.Context, d Detection) (*stream, error) {
	c := s.client
	hosts := d.Hosts
	if !d.Leads && len(hosts) > 0 {
		hosts = c.candidates(hosts)
	}
	reasons := []string{}
	silent, leaderless, asked := false, false, false
	elected := "" // as ZooKeeper names it
	for i := 0; i < len(hosts); i++ {
		trusted := hosts[i] == elected || slices.Contains(d.Hosts, hosts[i])
		st, err := s.connectAt(ctx, hosts[i], trusted, d.Leads)
		var p *Problem
		switch {
		case err == nil:
			c.leader, c.patience = st.address, c.cfg.Patience
			s.followed(ctx, st.address)
			return st, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &p) && slices.Contains(d.Hosts, hosts[i]):
			return nil, err
		}
		reasons = append(reasons, err.Error())
		silent = silent || errors.Is(err, errNoWord)
		leaderless = leaderless || errors.Is(err, errNoLeader)
		if i < len(hosts)-1 || asked {
			continue
		}
		asked = true
		if elected, err = c.lookUp(ctx); err != nil {
			reasons = append(reasons, err.Error())
		} else if elected != "" && !slices.Contains(d.Hosts, elected) {
			hosts = append(hosts, elected)
		}
	}
	c.leader = ""
	c.waitLonger(silent && !leaderless)
	if len(reasons) == 0 {
		return nil, errors.New(d.Missing)
	}
	return nil, errors.New(strings.Join(reasons, "; "))
}

// waitLonger sets the patience of the next search: twice that of the last when only hosts without a
// word may lead, as one that is slow does.
func (c *Client) waitLonger(longer bool) {
	if longer {
		c.patience = min(2*c.patience, c.cfg.Timeout)
	} else {
		c.patience = c.cfg.Patience
	}
}

// connectAt subscribes at a host, or at the leader that it points to. The leader of a trusted host
// is trusted, too. One that leads, as a Detector has said, is not believed when it points to
// another: it has not noticed yet, and the leader before it may hang.
func (s *subscription) connectAt(ctx context.Context, address string, trusted, leads bool) (*stream, error) {
	from := address
	for range maxHops {
		at := address
		s.address.Store(&at)
		st, leader, err := s.client.subscribe(ctx, address, trusted)
		if err != nil || st != nil {
			return st, err
		}
		if leads {
			return nil, fmt.Errorf("%s is the leader by ZooKeeper, and still points to another one: %s", address, leader)
		}
		s.client.cfg.Log.Debug().Str("master", address).Str("leader", leader).Msg("the Mesos master points to its leader")
		if trusted {
			s.followed(ctx, leader)
		}
		address = leader
	}
	return nil, fmt.Errorf("%s redirects in circles, at last to %s: the masters do not agree about their leader", from,
		address)
}

// subscribe sends SUBSCRIBE to one host; the answer is a stream, or the address of the leader. A host
// that is not trusted gets it, and our credentials, once it has listed our framework.
func (c *Client) subscribe(ctx context.Context, address string, trusted bool) (_ *stream, leader string, err error) {
	e := &endpoint{address: address, principal: c.cfg.Principal, secret: c.cfg.Secret, tls: c.cfg.TLS,
		timeout: c.cfg.Timeout, local: &c.local}
	t := e.transport()
	defer func() {
		if err != nil || leader != "" {
			t.CloseIdleConnections()
		}
	}()
	if err := e.checkVersion(ctx, t, c.patience); err != nil {
		return nil, "", err
	}
	if !trusted {
		if leader, err := e.listsFramework(ctx, t, c.frameworkID); err != nil || leader != "" {
			return nil, leader, err
		}
	}
	if c.cfg.Permit != nil {
		if err := c.cfg.Permit(ctx); err != nil {
			return nil, "", err
		}
	}
	info := c.frameworkInfo()
	leader, doubt, err := c.refuseDuplicate(ctx, t, e, info)
	if err != nil || leader != "" {
		return nil, leader, err
	}
	body, err := marshal(calls.Subscribe(info))
	if err != nil {
		return nil, "", err
	}
	resp, err := t.RoundTrip(e.request(ctx, body))
	if err != nil {
		return nil, "", e.unreachable(err)
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	e.streamID = resp.Header.Get("Mesos-Stream-Id")
	if resp.StatusCode == http.StatusOK && kind == protobuf && e.streamID != "" {
		if doubt != nil {
			c.cfg.Log.Warn().Err(doubt).Msg("Mesos does not say which frameworks it has; whether this one has run " +
				"before is not known")
		}
		return &stream{endpoint: e, body: resp.Body, transport: t}, "", nil
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return e.notSubscribed(resp, string(said))
}

// agentSays is how a MesosAgent refuses the calls of a scheduler. Mesos: src/slave/http.cpp,
// Http::api, behind the path /api/v1; a master says "Failed to parse body into Call protobuf".
const agentSays = "Failed to parse body into a protobuf object"

// notSubscribed reads an answer to SUBSCRIBE that is no stream. Mesos: scheduler-http-api.md,
// "SUBSCRIBE" and "Master Detection".
func (e *endpoint) notSubscribed(resp *http.Response, said string) (*stream, string, error) {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil, "", fmt.Errorf("%s answers SUBSCRIBE with 200%s instead of a stream of events; is there a proxy "+
			"in between", e.address, kindOf(resp))
	case http.StatusTemporaryRedirect:
		leader, err := e.leaderIn(resp)
		return nil, leader, err
	case http.StatusBadRequest: // what we send is the same every time
		if strings.Contains(said, agentSays) {
			return nil, "", fmt.Errorf("%s answers SUBSCRIBE as a Mesos agent does; give the address of the Mesos "+
				"master, whose port is usually 5050", e.address)
		}
		return nil, "", &Problem{
			Kind: ErrRefused, Message: fmt.Sprintf("Mesos master %s answers SUBSCRIBE with 400%s", e.address,
				quoted(said)),
			Hint: "check the user, the name, the MesosRole and the principal of the framework",
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, "", unauthorized(e.address, resp.StatusCode, said, e.secret.IsSet())
	case http.StatusNotFound:
		return nil, "", fmt.Errorf("%s has no scheduler API (404); is it a Mesos agent", e.address)
	case http.StatusServiceUnavailable:
		return nil, "", fmt.Errorf("%s %w yet (503)%s", e.address, errNoLeader, quoted(said))
	}
	return nil, "", fmt.Errorf("%s answers SUBSCRIBE with %d%s", e.address, resp.StatusCode, quoted(said))
}

// leaderIn reads the address of the leader out of a redirect. Mesos: scheduler-http-api.md, "Master
// Detection".
func (e *endpoint) leaderIn(resp *http.Response) (string, error) {
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || to.Host == "" {
		return "", fmt.Errorf("%s redirects to%s, which is no address", e.address,
			strings.TrimPrefix(quoted(resp.Header.Get("Location")), ":"))
	}
	switch { // by default it is //host:port, with whatever scheme we have
	case e.tls != nil && to.Scheme == "http":
		return "", fmt.Errorf("%s points to its leader %s without TLS; let all masters speak TLS", e.address, to.Host)
	case e.tls == nil && to.Scheme == "https":
		return "", fmt.Errorf("%s points to its leader %s with TLS; set %s=true", e.address, to.Host, config.KeyTLS)
	}
	if to.Port() == "" {
		to.Host += ":5050"
	}
	return to.Host, nil
}

// frameworkInfo is who we are. A known ID is always told, with or without failover_timeout.
func (c *Client) frameworkInfo() *mesos.FrameworkInfo {
	info := c.cfg.Framework(c.frameworkID)
	info.ID = nil
	if c.frameworkID != "" {
		info.ID = &mesos.FrameworkID{Value: c.frameworkID}
	}
	return info
}
