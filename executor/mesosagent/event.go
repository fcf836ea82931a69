package mesosagent

import (
	"errors"
	"fmt"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// Event is what the agent said, or what became of the connection to it.
type Event interface{ event() }

// Subscribed says that a subscription stands. What was unacknowledged has travelled in it.
type Subscribed struct {
	// AgentHost is the agent's host name.
	AgentHost string
}

// Disconnected says that the subscription is over and the agent is expected back.
type Disconnected struct{ Reason string }

// Launch hands a task over.
type Launch struct {
	Task mesos.TaskInfo
	// Grouped is true for a task of a LAUNCH_GROUP, which this executor has no use for.
	Grouped bool
}

// Kill asks to end a task.
type Kill struct {
	TaskID string
	// Grace is that of the kill policy, or 0.
	Grace time.Duration
}

// Acknowledged says that the agent keeps an update from now on.
type Acknowledged struct {
	TaskID string
	UUID   []byte
}

// Message is a message of the framework.
type Message struct{ Data []byte }

// Failed is the agent's ERROR: it has given the executor up and will shut it down.
type Failed struct{ Message string }

// Shutdown asks the executor to end with all its tasks.
type Shutdown struct{}

func (Subscribed) event()   {}
func (Disconnected) event() {}
func (Launch) event()       {}
func (Kill) event()         {}
func (Acknowledged) event() {}
func (Message) event()      {}
func (Failed) event()       {}
func (Shutdown) event()     {}

// decode turns a frame of the stream into events: none for heartbeats and for kinds that are newer than this code.
func decode(frame []byte) (events []Event, err error) {
	// mesos-go's generated code panics on some inputs, e.g. ten bytes that encode a negative length.
	defer func() {
		if r := recover(); r != nil {
			events, err = nil, fmt.Errorf("decode an event of %d bytes: %v", len(frame), r)
		}
	}()
	var e executor.Event
	if err := e.Unmarshal(frame); err != nil {
		return nil, fmt.Errorf("decode an event of %d bytes: %w", len(frame), err)
	}
	return translate(&e)
}

var errEmpty = errors.New("without a body")

func translate(e *executor.Event) ([]Event, error) {
	missing := false
	var events []Event
	switch e.Type {
	case executor.Event_SUBSCRIBED:
		if missing = e.Subscribed == nil; !missing {
			events = []Event{Subscribed{AgentHost: e.Subscribed.AgentInfo.Hostname}}
		}
	case executor.Event_LAUNCH:
		if missing = e.Launch == nil; !missing {
			events = []Event{Launch{Task: e.Launch.Task}}
		}
	case executor.Event_LAUNCH_GROUP:
		if missing = e.LaunchGroup == nil; !missing {
			for _, t := range e.LaunchGroup.TaskGroup.Tasks {
				events = append(events, Launch{Task: t, Grouped: true})
			}
		}
	case executor.Event_KILL:
		if missing = e.Kill == nil; !missing {
			events = []Event{Kill{TaskID: e.Kill.TaskID.Value, Grace: grace(e.Kill.KillPolicy)}}
		}
	case executor.Event_ACKNOWLEDGED:
		if missing = e.Acknowledged == nil; !missing {
			events = []Event{Acknowledged{TaskID: e.Acknowledged.TaskID.Value, UUID: e.Acknowledged.UUID}}
		}
	case executor.Event_MESSAGE:
		if missing = e.Message == nil; !missing {
			events = []Event{Message{Data: e.Message.Data}}
		}
	case executor.Event_ERROR:
		if missing = e.Error == nil; !missing {
			events = []Event{Failed{Message: e.Error.Message}}
		}
	case executor.Event_SHUTDOWN:
		events = []Event{Shutdown{}}
	}
	if missing {
		return nil, fmt.Errorf("decode a %v event: %w", e.Type, errEmpty)
	}
	return events, nil
}

// grace is the policy's, within what a time.Duration and common sense allow; 0 when there is none.
func grace(p *mesos.KillPolicy) time.Duration {
	if p == nil || p.GracePeriod == nil || p.GracePeriod.Nanoseconds <= 0 {
		return 0
	}
	return min(time.Duration(p.GracePeriod.Nanoseconds), 24*time.Hour)
}
