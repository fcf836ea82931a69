package cluster

import mesos "github.com/mesos/mesos-go/api/v1/lib"

// drained is true for a status of a task that Mesos has ended because an operator drains its agent: TASK_KILLED, or TASK_GONE_BY_OPERATOR
// when the agent is to be marked gone afterwards. Mesos: agent-draining in v1/mesos.proto, DrainConfig.
func drained(status *mesos.TaskStatus) bool { return status.GetReason() == mesos.REASON_AGENT_DRAINING }
