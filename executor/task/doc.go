// Package task is one Alluxio task as its executor knows it: a pure state machine that turns facts into effects.
//
//	Staging    LAUNCH arrived: installs are fetched, the ramdisk and the journal are made ready
//	Starting   the JVM runs and does not serve yet
//	Running    the readiness probe said yes once; from then on only the own JVM is watched
//	Killing    the end is decided (and why); the JVM or the preparation is being stopped
//	Releasing  nothing runs any more; the ramdisk and the installs are given back
//	Ended      the one terminal update is on its way; the executor ends when it was acknowledged
//
// States only move down this list. What each fact does in each state is one table, see table.go; a
// pair that is not in the table is a fact that came too late and is ignored. The terminal update is
// sent after the release, so that the next task of the slot finds its ports, ramdisk and journal
// free.
//
// The package has no clock, no randomness and no transport: now is a parameter, jitter comes from
// the slot's name, and the random part of the updates' UUIDs is given by the loop.
package task
