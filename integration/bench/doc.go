// Package bench measures whole processes: the built alluxio-mesos against scripted Mesos masters
// and agents. scripts/bench/run.sh runs its benchmarks beside their peers; nothing fails because it
// is slow.
package bench
