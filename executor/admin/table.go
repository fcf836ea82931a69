package admin

import "time"

// State is what the executor does with the next request; see the package comment.
type State int

// The states.
const (
	Waiting State = iota
	Idle
	Running
	Stopping
	Closed
)

// String is the state's name in lower case.
func (s State) String() string {
	return [...]string{"waiting", "idle", "running", "stopping", "closed"}[s]
}

type handler func(d *Desk, fact Fact, now time.Time)

// table says what each fact does in each state. What is not here came too late: nothing happens.
var table = [Closed + 1]map[kind]handler{
	Waiting: {requested: (*Desk).postpone, served: (*Desk).open, ending: (*Desk).close},
	Idle:    {requested: (*Desk).begin, ending: (*Desk).close},
	Running: {
		requested:  (*Desk).report,
		progressed: (*Desk).note,
		finished:   (*Desk).finish,
		ending:     (*Desk).stop,
		woke:       (*Desk).tooLate,
	},
	Stopping: {
		requested: (*Desk).report,
		finished:  (*Desk).finish,
		ending:    (*Desk).stop,
		woke:      (*Desk).stuck,
	},
	Closed: {requested: (*Desk).reject},
}
