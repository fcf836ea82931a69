package task

import (
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Effect is what the loop has to do; what comes of it returns as a Fact. String is one readable line.
type Effect interface{ String() string }

// Prepare makes everything ready that the JVM needs. Answers: Progressed, then Prepared or PrepareFailed.
type Prepare struct{}

// CancelPrepare interrupts a Prepare, which then answers as usual.
type CancelPrepare struct{}

// StartProcess executes the JVM. Answers: Started or StartFailed, and Exited one day.
type StartProcess struct{}

// Probe asks whether Alluxio serves. Answer: Probed. At most one is out at a time.
type Probe struct {
	// Watch is true when only the own JVM is asked, whether it still answers at all.
	Watch bool
	// Within bounds the wait for its answer when Watch is true.
	Within time.Duration
}

// Signal goes to the JVM's process group: SIGTERM, or SIGKILL when Kill is true.
type Signal struct{ Kill bool }

// SendUpdate sends an update to the agent. Updates are sent in order; the same update may be sent again.
type SendUpdate struct{ Update Update }

// Release gives back what Prepare took. Answer: Released.
type Release struct{}

// Exit ends the executor. It is the last effect of a task.
type Exit struct{}

// MesosState is the task state of an update, by the name that Mesos gives it.
type MesosState string

// The states that an executor reports.
const (
	TaskStarting MesosState = "TASK_STARTING"
	TaskRunning  MesosState = "TASK_RUNNING"
	TaskFailed   MesosState = "TASK_FAILED"
	TaskKilled   MesosState = "TASK_KILLED"
)

// Terminal is true for a state that no other follows.
func (s MesosState) Terminal() bool { return s == TaskFailed || s == TaskKilled }

// Update is one status update. It is kept, and sent again, until the agent has acknowledged it.
type Update struct {
	// Number counts the updates of a task from 1.
	Number int
	// UUID names the update in Mesos' acknowledgements.
	UUID  [16]byte
	State MesosState
	// Message is for people: a sentence, and for failures the lines of the log that say why.
	Message string
	Report  launch.Report
	At      time.Time
}

func (Prepare) String() string       { return "prepare" }
func (CancelPrepare) String() string { return "cancel the preparation" }
func (StartProcess) String() string  { return "start the JVM" }
func (Release) String() string       { return "release" }
func (Exit) String() string          { return "exit" }

func (e Probe) String() string {
	if e.Watch {
		return "probe: does the JVM still answer?"
	}
	return "probe: is it ready?"
}

func (e Signal) String() string {
	if e.Kill {
		return "SIGKILL"
	}
	return "SIGTERM"
}

func (e SendUpdate) String() string {
	return fmt.Sprintf("send #%d %s %q", e.Update.Number, e.Update.State, e.Update.Message)
}
