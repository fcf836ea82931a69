package task

import "time"

type handler func(t *Task, fact Fact, now time.Time)

// table says what each fact does in each state. What is not here is a fact that came too late: nothing happens.
var table = [Ended + 1]map[kind]handler{
	Staging: always(map[kind]handler{
		launched:          (*Task).launch,
		progressed:        (*Task).learn,
		prepared:          (*Task).begin,
		prepareFailed:     (*Task).cannotPrepare,
		started:           (*Task).watchStart,
		startFailed:       (*Task).cannotStart,
		killRequested:     (*Task).kill,
		shutdownRequested: (*Task).shutdown,
	}),
	Starting: always(map[kind]handler{
		masterUpdateApplied: (*Task).confirmMasterUpdate,
		probed:              (*Task).judgeStart,
		exited:              (*Task).exitedEarly,
		killRequested:       (*Task).kill,
		shutdownRequested:   (*Task).shutdown,
	}),
	Running: always(map[kind]handler{
		masterUpdateApplied: (*Task).confirmMasterUpdate,
		probed:              (*Task).judgeLife,
		exited:              (*Task).exitedLate,
		killRequested:       (*Task).kill,
		shutdownRequested:   (*Task).shutdown,
	}),
	Killing: always(map[kind]handler{
		prepared:          (*Task).preparedTooLate,
		prepareFailed:     (*Task).preparedTooLate,
		started:           (*Task).startedTooLate,
		startFailed:       (*Task).neverStarted,
		exited:            (*Task).stopped,
		killRequested:     (*Task).hurry,
		shutdownRequested: (*Task).hurryShutdown,
	}),
	Releasing: always(map[kind]handler{
		released: (*Task).finish,
	}),
	Ended: always(map[kind]handler{}),
}

// always adds what is the same in every state.
func always(m map[kind]handler) map[kind]handler {
	m[acknowledged] = (*Task).acknowledge
	m[connected] = (*Task).connect
	m[disconnected] = (*Task).disconnect
	m[agentLost] = (*Task).loseAgent
	return m
}
