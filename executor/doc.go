// Package executor is the loop that runs in a task's sandbox: it takes one Alluxio process from a
// LAUNCH of the Mesos agent to its terminal status update.
//
// One goroutine owns every task.Task. What happens outside (the agent's events, the preparation,
// the JVM's end, answers of probes) comes to it as facts over channels; what a task wants done
// leaves it as effects, see effects.go.
//
//	agent event or answer of an edge -> task.Step -> Keep what is unacknowledged -> carry out the effects
//
// The executor of a master also runs administration commands of Alluxio, for an AdminRequest: the
// task has an admin.Desk beside its task.Task, which takes facts and returns effects in the same way.
//
// An executor runs one task and ends with it; what else is launched on it fails by name. When the
// executor dies, its JVM dies.
package executor
