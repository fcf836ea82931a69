// Package text writes a cluster.Status for people: the status table, the explanation of what does
// not run, and one line of progress.
//
// It is pure: the only time it knows is Status.Now. What comes from tasks, agents and Mesos is
// stripped of control characters, so that no message can rewrite an operator's terminal.
package text
