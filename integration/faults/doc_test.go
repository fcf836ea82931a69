// Package faults breaks one thing at a time under a cluster that serves, on genuine Mesos,
// ZooKeeper and Alluxio, and measures how long it takes until that cannot be seen any more. There
// is a file for each kind of fault, with its row of the table in docs/reliability.md.
//
// A test asserts that nothing was lost, doubled or restarted without need; it asserts no times,
// since the machine is shared. What takes minutes has the build tag faults: `make faults` runs it
// too, and prints the table.
package faults
