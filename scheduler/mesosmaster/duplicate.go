package mesosmaster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// duplicate is a framework that Mesos knows, as GET_FRAMEWORKS lists it. Mesos: operator-http-api.md.
type duplicate struct {
	Info struct {
		ID        struct{ Value string }
		Name      string
		Principal string
	} `json:"framework_info"`
	Connected bool              `json:"connected"`
	Allocated []json.RawMessage `json:"allocated_resources"`
	Gone      struct {
		Nanoseconds int64 `json:"nanoseconds"`
	} `json:"unregistered_time"`
}

// duplicateLimit bounds the answers in bytes: those of thousands of frameworks, and of one with 10,000 tasks.
const duplicateLimit = 64 << 20

// refuseDuplicate makes sure, before a framework without an ID becomes a new one, that its saved state
// was not lost: a framework of the same name and principal that has tasks is this one, or another
// that nobody could tell from it. One without tasks does not matter: it is what remains when a
// process dies between its first SUBSCRIBE and the answer.
//
// A master that does not lead knows no frameworks and redirects: then leader is the one to ask. A
// Mesos that does not answer, for lack of rights for example, is no reason to wait: doubt says why
// nothing is known.
func (c *Client) refuseDuplicate(ctx context.Context, t *http.Transport, e *endpoint,
	us *mesos.FrameworkInfo) (leader string, doubt, err error) {
	if us.ID != nil {
		return "", nil, nil
	}
	var answer struct {
		Frameworks struct {
			List []duplicate `json:"frameworks"`
		} `json:"get_frameworks"`
	}
	r := e.request(ctx, []byte(`{"type":"GET_FRAMEWORKS"}`))
	r.URL.Path = "/api/v1"
	if leader, err := e.ask(ctx, t, r, &answer); err != nil || leader != "" {
		return leader, err, nil
	}
	for i := range answer.Frameworks.List {
		f := &answer.Frameworks.List[i]
		if f.Info.Name == us.Name && f.Info.Principal == us.GetPrincipal() && len(f.Allocated) > 0 {
			return "", nil, &Problem{Kind: ErrDuplicate, Message: c.describe(ctx, t, e, f),
				Hint: "if the state was lost, bring it back from a backup, or take that framework over with " +
					"alluxio-mesos recover --framework-id " + f.Info.ID.Value +
					"; if this is another cluster, give it another alluxio.integration.mesos.framework.name"}
		}
	}
	return "", nil, nil
}

// describe names a duplicate framework and its tasks.
func (c *Client) describe(ctx context.Context, t *http.Transport, e *endpoint, f *duplicate) string {
	state := "is connected"
	if !f.Connected {
		state = "is disconnected"
		if f.Gone.Nanoseconds > 0 {
			state += " since " + time.Unix(0, f.Gone.Nanoseconds).UTC().Format(time.RFC3339)
		}
	}
	tasks := "which Mesos does not list"
	if names, err := e.tasksOf(ctx, t, f.Info.ID.Value); err == nil && len(names) > 0 {
		tasks = strings.Join(names, ", ")
	}
	return fmt.Sprintf("the saved state is new, but Mesos master %s knows framework %s of the same name%s, which %s and "+
		"has tasks: %s",
		e.address, f.Info.ID.Value, quoted(f.Info.Name), state, tasks)
}

// tasksShown is how many tasks of a twin are named; the rest is counted.
const tasksShown = 50

// tasksOf lists the tasks of a framework. Mesos: endpoints/master/frameworks.md.
func (e *endpoint) tasksOf(ctx context.Context, t *http.Transport, id string) ([]string, error) {
	var answer struct {
		Frameworks []struct {
			Tasks []struct {
				ID    string `json:"id"`
				Agent string `json:"slave_id"`
			} `json:"tasks"`
		} `json:"frameworks"`
	}
	r := e.request(ctx, nil)
	r.Method, r.Body, r.URL.Path, r.URL.RawQuery = http.MethodGet, nil, "/frameworks",
		url.Values{"framework_id": {id}}.Encode()
	if leader, err := e.ask(ctx, t, r, &answer); err != nil || leader != "" {
		return nil, cmp.Or(err, errMoved)
	}
	var names []string
	for _, f := range answer.Frameworks {
		for _, task := range f.Tasks {
			names = append(names, task.ID+" on agent "+task.Agent)
		}
	}
	slices.Sort(names)
	if more := len(names) - tasksShown; more > 0 {
		names = append(names[:tasksShown], fmt.Sprintf("and %d more", more))
	}
	return names, nil
}

// errMoved is an answer of a master that does not lead any more.
var errMoved = errors.New("another Mesos master leads now")

// ask sends a request of the operator API and reads its JSON. A master that does not lead redirects
// to its leader, host:port.
// Mesos: operator-http-api.md, "Master API".
func (e *endpoint) ask(ctx context.Context, t *http.Transport, r *http.Request, answer any) (leader string, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	resp, err := t.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return "", e.unreachable(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, duplicateLimit))
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusTemporaryRedirect:
		return e.leaderIn(resp)
	default:
		return "", fmt.Errorf("%s answers %d%s", e.address, resp.StatusCode,
			quoted(string(body[:min(len(body), 1<<10)])))
	}
	if err := cmp.Or(err, json.Unmarshal(body, answer)); err != nil {
		return "", fmt.Errorf("%s answers %s with something that cannot be read: %w", e.address, r.URL.Path, err)
	}
	return "", nil
}
