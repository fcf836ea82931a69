// Package e2e tests the whole: the built binary, started by its scripts, on genuine Mesos with
// genuine Alluxio. Each test has a Mesos of its own on loopback addresses of its own, carries many
// assertions on one cluster, and kills things last.
package e2e
