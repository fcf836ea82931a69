package alluxio

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// The exit codes of decommissionWorker (Alluxio 2.9.6: DecommissionWorkerCommand.ReturnCode).
const (
	decommissionIdle    = 0
	decommissionFailed  = 1
	decommissionNoLead  = 2
	decommissionNotIdle = 3
	decommissionLost    = 10
)

// IsDecommissioned is true when the output of a DecommissionCommand, so far, says that the master has
// taken the worker out of new I/O.
func IsDecommissioned(output string, worker launch.Address) bool {
	return strings.Contains(output, fmt.Sprintf("Set worker %s decommissioned on master\n",
		hostPort(worker.Host, worker.Web)))
}

// ListsDecommissioned is true when the output of a DecommissionedCommand has the worker's host.
func ListsDecommissioned(output string, worker launch.Address) bool {
	for line := range strings.Lines(output) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == worker.Host {
			return true
		}
	}
	return false
}

// JudgeDecommission reads the exit code and output of a DecommissionCommand. why says what is missing,
// "" when the worker is decommissioned and idle.
func JudgeDecommission(code int, output string, worker launch.Address) (r launch.DecommissionResult, why string) {
	r.Decommissioned = IsDecommissioned(output, worker)
	r.Idle = r.Decommissioned && code == decommissionIdle
	switch {
	case r.Idle:
		return r, ""
	case r.Decommissioned && code == decommissionNotIdle:
		return r, "it is decommissioned and still has operations"
	case r.Decommissioned && code == decommissionLost:
		return r, "it is decommissioned and does not answer"
	case code == decommissionNoLead:
		return r, "no Alluxio master leads"
	case code == decommissionFailed:
		return r, "the Alluxio master did not decommission it"
	}
	return r, fmt.Sprintf("the command ended with exit code %d", code)
}
