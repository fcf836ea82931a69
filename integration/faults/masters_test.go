package faults

// The rows of several Alluxio masters. Their tests are in masters_long_test.go; in CI
// integration/e2e has the same with more to look at.
var (
	leaderByZooKeeper = &fault{"kill -9 of the leading Alluxio master of three, with ZooKeeper",
		"another one leads, as Alluxio itself says",
		"`alluxio.zookeeper.session.timeout` (here 4 s), and what Alluxio 1.8.1 takes to lead"}
	leaderByJournal = &fault{"kill -9 of the leading Alluxio master of three, with the embedded journal",
		"another one leads, as Alluxio itself says",
		"`alluxio.master.embedded.journal.election.timeout.max` (here 4 s), and what Alluxio 2.9.6 takes to lead"}
	leaderReturns = &fault{"kill -9 of the leading Alluxio master of three",
		"it stands by again on its host, all others untouched", "Alluxio's start: at once, without delay"}
)
