package task

import (
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Fact is something that happened. Facts are past tense and never wrong; Step ignores those that come too late.
type Fact interface{ kind() kind }

// Launched says that the agent handed the task over. It is the first fact of every task.
type Launched struct{}

// Progressed says how far the preparation is and what it found out. Empty fields of Report say nothing new.
type Progressed struct{ Report launch.Report }

// MasterUpdateApplied says that the task works with the addresses of a MasterUpdate, Masters. The
// scheduler repeats the message until a report has them, so each one is confirmed, also when it
// changed nothing.
type MasterUpdateApplied struct{ Masters string }

// Prepared says that the JVM can be started.
type Prepared struct {
	Report launch.Report
	// Doubts are warnings about the start: they are over once Alluxio serves.
	Doubts []string
	// Confirm is true when the journal was formatted just now: the JVM starts only after the agent
	// has the update that says so, because a journal in use that nobody knows to be formatted could
	// be formatted again.
	Confirm bool
	// FirstStart is true while the journal has served no master yet: SIGTERM can leave it without a
	// root then, so every end of the JVM is SIGKILL until a Probed says FirstStartOver.
	FirstStart bool
}

// PrepareFailed says that the preparation ended without success, also after CancelPrepare.
type PrepareFailed struct{ Reason string }

// Started says that the JVM runs.
type Started struct{ PID int }

// StartFailed says that the JVM could not be executed at all.
type StartFailed struct{ Reason string }

// Exited says that the JVM is gone.
type Exited struct {
	// Code is its exit code when it ended by itself.
	Code int
	// Signal is the name of the signal that ended it, or "".
	Signal string
	// OutOfMemory is the evidence that the kernel killed the process for lack of memory, or "".
	OutOfMemory string
	// Log are the last lines of its logs that say why.
	Log []string
	// Hint is what the operator can do about it, or "". Report is what its logs say about the
	// journal.
	Hint   string
	Report launch.Report
}

// Probed is the answer to the one Probe that is out.
type Probed struct {
	OK bool
	// Why says what is missing when not OK.
	Why string
	// ElectionState is what a master of several is, "" when nothing is known.
	ElectionState launch.ElectionState
	// Broken says why the process can never serve, or is "": the task fails at once.
	Broken string
	// FirstStartOver is true when the journal has served a master, durably known.
	FirstStartOver bool
	// Report is what the probe has found out. Empty fields say nothing new.
	Report launch.Report
}

// KillRequested is Mesos' KILL for this task.
type KillRequested struct {
	// Grace is that of the event's kill policy, or 0: the task's own.
	Grace time.Duration
}

// ShutdownRequested asks the executor to end with everything it runs.
type ShutdownRequested struct {
	Reason string
	// Grace is the longest time between SIGTERM and SIGKILL, or 0: the task's own.
	Grace time.Duration
}

// AgentLost says that the agent will not come back: the executor ends as after ShutdownRequested
// and waits for no acknowledgement.
type AgentLost struct{ Reason string }

// Released says that ramdisk and installs were given back. Problem is "" or what was left behind.
type Released struct{ Problem string }

// Acknowledged says that the agent keeps an update from now on.
type Acknowledged struct{ UUID []byte }

// Connected says that the executor is subscribed again; what was unacknowledged travelled in the subscription.
type Connected struct{}

// Disconnected says that there is no subscription at the moment.
type Disconnected struct{}

// Woke says that WakeAt has come.
type Woke struct{}

type kind int

const (
	launched kind = iota
	progressed
	masterUpdateApplied
	prepared
	prepareFailed
	started
	startFailed
	exited
	probed
	killRequested
	shutdownRequested
	agentLost
	released
	acknowledged
	connected
	disconnected
	woke
)

func (Launched) kind() kind            { return launched }
func (Progressed) kind() kind          { return progressed }
func (MasterUpdateApplied) kind() kind { return masterUpdateApplied }
func (Prepared) kind() kind            { return prepared }
func (PrepareFailed) kind() kind       { return prepareFailed }
func (Started) kind() kind             { return started }
func (StartFailed) kind() kind         { return startFailed }
func (Exited) kind() kind              { return exited }
func (Probed) kind() kind              { return probed }
func (KillRequested) kind() kind       { return killRequested }
func (ShutdownRequested) kind() kind   { return shutdownRequested }
func (AgentLost) kind() kind           { return agentLost }
func (Released) kind() kind            { return released }
func (Acknowledged) kind() kind        { return acknowledged }
func (Connected) kind() kind           { return connected }
func (Disconnected) kind() kind        { return disconnected }
func (Woke) kind() kind                { return woke }
