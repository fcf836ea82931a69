package alluxio

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// OperationsURL asks a worker how many operations it has, where it has decommissionWorker.
func OperationsURL(worker launch.Address) string {
	return webURL(worker.Host, worker.Web, "/api/v1/worker/operations")
}

// Operations are the operations that a worker has, by its answer to OperationsURL, or an error. Reads and
// writes of clients on its own host that go past it are not among them.
func Operations(answer Answer) (count int64, err error) {
	if answer.Err != "" || answer.Status != 200 {
		return 0, fmt.Errorf("the worker does not tell its operations: %d %s", answer.Status, short(answer.Err))
	}
	var found struct {
		Operations *int64 `json:"operationCount"`
		Queue      int64  `json:"rpcQueueLength"`
	}
	if err := json.Unmarshal(answer.Body, &found); err != nil || found.Operations == nil {
		return 0, fmt.Errorf("something else than an Alluxio worker answers")
	}
	return *found.Operations + found.Queue, nil
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

// The exit codes of decommissionWorker that tell something (Alluxio 2.9.6:
// DecommissionWorkerCommand.ReturnCode).
const (
	decommissionFailed = 1
	decommissionNoLead = 2
)

// IsDecommissioned is true when the output of a DecommissionCommand, so far, says that the master has
// taken the worker out of new I/O.
func IsDecommissioned(output string, worker launch.Address) bool {
	return strings.Contains(output, fmt.Sprintf("Set worker %s decommissioned on master\n",
		hostPort(worker.Host, worker.Web)))
}

// JudgeDecommission reads the exit code and output of a DecommissionCommand. why says why the worker was
// not decommissioned, or is "".
func JudgeDecommission(code int, output string, worker launch.Address) (why string) {
	switch {
	case IsDecommissioned(output, worker):
		return ""
	case code == decommissionNoLead:
		return "no Alluxio master leads"
	case code == decommissionFailed:
		return "the Alluxio master did not decommission it"
	}
	return fmt.Sprintf("the command ended with exit code %d", code)
}
