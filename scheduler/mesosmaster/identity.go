package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// An address that led once may be another cluster's by now: it was reused, or its host was moved.
// That cluster would accept our SUBSCRIBE, with the framework ID and the credentials of another, and
// would tell us that none of our tasks exists. What proves that a master is of our Mesos is our
// framework ID: Mesos makes it from a random UUID, and agents bring it to each new leader.

// listsFramework asks a master, without credentials, for our framework; nil when it knows it. A
// master that does not lead redirects to its leader. A new leader knows a framework again once the
// agents with its tasks have registered.
// Mesos: endpoints/master/frameworks.md.
func (e *endpoint) listsFramework(ctx context.Context, t *http.Transport, id string) (leader string, err error) {
	if id == "" {
		return "", e.unproved(errors.New("there is no framework ID yet by which to recognize its Mesos"))
	}
	var answer struct {
		Frameworks []listed `json:"frameworks"`
		Completed  []listed `json:"completed_frameworks"`
	}
	r := e.request(ctx, nil)
	r.Header.Del("Authorization")
	r.Method, r.Body, r.ContentLength, r.URL.Path = http.MethodGet, nil, 0, "/frameworks"
	r.URL.RawQuery = url.Values{"framework_id": {id}}.Encode()
	leader, err = e.ask(ctx, t, r, &answer)
	switch {
	case err != nil:
		return "", e.unproved(fmt.Errorf("GET /frameworks without credentials: %w", err))
	case leader != "":
		return leader, nil
	}
	if !slices.Contains(slices.Concat(answer.Frameworks, answer.Completed), listed{ID: id}) {
		return "", e.unproved(fmt.Errorf("it does not list framework %s", id))
	}
	return "", nil
}

// listed is a framework of GET /frameworks.
type listed struct {
	ID string `json:"id"`
}

// unproved is the error for a saved leader that does not show that it knows this framework.
func (e *endpoint) unproved(reason error) error {
	return fmt.Errorf("%s led once, but may belong to another Mesos now, so the framework does not subscribe there: %w; "+
		"if it is the right one, name it in MESOS_MASTER", e.address, reason)
}
