// Package admin decides what the executor of a master does with an AdminRequest: a pure state machine
// that turns facts into effects.
//
//	Waiting   the task does not serve yet: requests are to be sent again
//	Idle      the next request is run
//	Running   one request runs: itself is answered with its progress, every other is to be sent again
//	Stopping  its deadline has passed, or the task ends: it was canceled, and has not ended yet
//	Closed    the task ends: requests are rejected
//
// What each fact does in each state is one table, see table.go. Every request is answered when it
// arrives, and the one that was run once more at its end. The last answers are kept: a request that
// comes again, as those do whose answer was lost, gets its answer again and is not run twice.
//
// The package has no clock: now is a parameter. A restart of the executor forgets everything, and
// ends what ran; its task has another executor then, so no earlier request reaches it.
package admin
