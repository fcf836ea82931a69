package mesosmaster

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The kinds of Problem, for errors.Is.
var (
	// ErrUnauthorized: Mesos answered SUBSCRIBE with 401 or 403.
	ErrUnauthorized = errors.New("credentials refused by Mesos")
	// ErrTooOld: the master runs a version of Mesos that is not supported.
	ErrTooOld = errors.New("version of Mesos not supported")
	// ErrFrameworkRemoved: the framework ID is of a framework that has ended; Mesos never takes it back.
	ErrFrameworkRemoved = errors.New("framework removed from Mesos")
	// ErrReplaced: another process subscribed with the same framework ID.
	ErrReplaced = errors.New("framework taken over by another process")
	// ErrDuplicate: the framework has no ID yet, and Mesos knows one of the same name that has tasks.
	ErrDuplicate = errors.New("framework known to Mesos already")
	// ErrRefused: any other ERROR event.
	ErrRefused = errors.New("framework refused by Mesos")
)

// Problem is why Run gave up: something that a retry cannot resolve.
type Problem struct {
	// Kind is one of the Err values of this package.
	Kind error
	// Message is one sentence that names the master and what it said.
	Message string
	// Hint is what an operator can do, or "".
	Hint string
}

// Error is the message and the hint.
func (p *Problem) Error() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + "; " + p.Hint
}

// Unwrap returns Kind.
func (p *Problem) Unwrap() error { return p.Kind }

// unauthorized is the Problem of a 401 or 403 on SUBSCRIBE. Mesos: scheduler-http-api.md; authentication.md, "HTTP".
func unauthorized(address string, status int, said string, withSecret bool) *Problem {
	hint := "set alluxio.integration.mesos.principal and alluxio.integration.mesos.secret.file to credentials that this " +
		"master knows"
	if withSecret {
		hint = "check alluxio.integration.mesos.principal, and its secret (alluxio.integration.mesos.secret.file, " +
			"alluxio.integration.mesos.secret or $ALLUXIO_MESOS_SECRET)"
		if status == http.StatusForbidden {
			hint += ", and that the principal may register frameworks with this user and MesosRole"
		}
	}
	return &Problem{
		Kind: ErrUnauthorized,
		Message: fmt.Sprintf("Mesos master %s answers SUBSCRIBE with %d %s%s", address, status, http.StatusText(status),
			quoted(said)),
		Hint: hint,
	}
}

const removedHint = "to start the cluster again, run `alluxio-mesos recover --new-framework-id`"

// errorEvents are the texts of ERROR events that mean something to us. Mesos:
// src/master/master.cpp, FrameworkErrorMessage.
var errorEvents = []struct {
	part string
	kind error
	hint string
}{
	{"Framework has been removed", ErrFrameworkRemoved, removedHint},
	{"Completed framework attempted to re-register", ErrFrameworkRemoved, removedHint},
	{"Framework failed over", ErrReplaced,
		"stop one of the two processes; each framework needs a state folder of its own"},
	{"Changing framework's principal is not allowed", ErrRefused,
		"set alluxio.integration.mesos.principal back, or start with a new state folder"},
	{"uthorized to", ErrRefused, "give the principal that right in Mesos's ACLs, or change the user or the MesosRole"},
}

// rejection is the Problem of an ERROR event.
func rejection(address, message string) *Problem {
	p := &Problem{Kind: ErrRefused,
		Message: fmt.Sprintf("Mesos master %s ended the subscription%s", address, quoted(message))}
	for _, e := range errorEvents {
		if strings.Contains(message, e.part) {
			p.Kind, p.Hint = e.kind, e.hint
			break
		}
	}
	return p
}

// quoted is text that somebody else sent, made fit for a line: no control characters, no more than 200 bytes.
func quoted(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ' '
		}
		return r
	}, text)), " ")
	if text == "" {
		return ""
	}
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "..."
	}
	return fmt.Sprintf(": %q", text)
}
