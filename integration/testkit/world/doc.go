// Package world is what a test of the whole has around it: a genuine Mesos on loopback addresses of
// its own, with ZooKeeper and several masters when asked for, and homes of operators who run
// alluxio-mesos there with genuine Alluxio. What a World has started ends with its test.
package world
