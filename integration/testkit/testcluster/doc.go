// Package testcluster starts a genuine Mesos on loopback addresses of its own for one test, with
// ZooKeeper and several masters when asked for, and lays out homes of operators who run
// alluxio-mesos there with genuine Alluxio. What a Cluster has started ends with its test.
package testcluster
