package admin

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Fact is something that happened. Step ignores those that come too late.
type Fact interface{ kind() kind }

// Requested says that a request arrived.
type Requested struct{ Request launch.AdminRequest }

// Served says that the task serves, and which operations it runs.
type Served struct{ Operations []launch.AdminOperation }

// Progressed says how far the request with this ID is. Of Answer, ID and State are ignored.
type Progressed struct {
	ID     string
	Answer launch.AdminAnswer
}

// Finished says that nothing of the request with this ID runs any more. Answer is AdminDone or
// AdminFailed; its ID is ignored.
type Finished struct {
	ID     string
	Answer launch.AdminAnswer
}

// Ending says that the task ends.
type Ending struct{}

// Woke says that WakeAt has come.
type Woke struct{}

type kind int

const (
	requested kind = iota
	served
	progressed
	finished
	ending
	woke
)

func (Requested) kind() kind  { return requested }
func (Served) kind() kind     { return served }
func (Progressed) kind() kind { return progressed }
func (Finished) kind() kind   { return finished }
func (Ending) kind() kind     { return ending }
func (Woke) kind() kind       { return woke }

// Effect is what the loop has to do. String is one readable line.
type Effect interface{ String() string }

// Run begins a request. Facts: Progressed, then one Finished, also after Cancel. At most one runs at a
// time.
type Run struct{ Request launch.AdminRequest }

// Cancel ends everything that the request with this ID runs.
type Cancel struct{ ID string }

// Answer sends an answer to the scheduler. It may be lost.
type Answer struct{ Answer launch.AdminAnswer }

func (e Run) String() string {
	return fmt.Sprintf("run %s: %s %s", e.Request.ID, e.Request.Operation, e.Request.Worker.Host)
}

func (e Cancel) String() string { return "cancel " + e.ID }

func (e Answer) String() string {
	return fmt.Sprintf("answer %s: %s %q", e.Answer.ID, e.Answer.State, e.Answer.Message)
}
