package faults

// The rows of members of an embedded journal on persistent volumes. Their test is in volumes_long_test.go.
var (
	memberOnVolume = &fault{"kill -9 of the leading Alluxio master of three, with the embedded journal on persistent " +
		"volumes", "it stands by again on its volume, all others untouched",
		"Alluxio's start: at once, without delay"}
	agentOfMember = &fault{"the Mesos agent of a member of three on persistent volumes ends with all that runs there, " +
		"and is started again", "the same members and workers serve on the same volumes",
		"the time until somebody starts it, and Alluxio's start"}
)
