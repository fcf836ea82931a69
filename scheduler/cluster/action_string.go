package cluster

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func (a Launch) String() string {
	ids := make([]string, len(a.Tasks))
	for i := range a.Tasks {
		ids[i] = a.Tasks[i].TaskID.Value
	}
	return fmt.Sprintf("launch %s on %s%s", strings.Join(ids, ", "), a.OfferID, a.volumeText())
}

func (a Decline) String() string {
	return fmt.Sprintf("decline %s for %s", strings.Join(a.OfferIDs, ", "), a.Refuse)
}

func (a AcceptInverse) String() string {
	return fmt.Sprintf("accept inverse offer %s of agent %s: %s", a.OfferID, a.AgentID, a.Reason)
}

func (a DeclineInverse) String() string {
	return fmt.Sprintf("decline inverse offer %s of agent %s for %s: %s", a.OfferID, a.AgentID, a.Refuse, a.Reason)
}

func (a Kill) String() string { return fmt.Sprintf("kill %s: %s", a.TaskID, a.Reason) }

func (a Shutdown) String() string {
	return fmt.Sprintf("shut down the executor of %s: it does not end its task", a.TaskID)
}

func (a Acknowledge) String() string { return fmt.Sprintf("acknowledge %s", a.TaskID) }

func (a SendMasterUpdate) String() string {
	return fmt.Sprintf("update the masters of %s: %s", a.TaskID, launch.AddressText(a.Masters))
}

func (a Administer) String() string {
	if a.Request.Operation == launch.AdminBackup {
		return fmt.Sprintf("ask %s to back up into %s, %d stay (request %s)", a.TaskID, a.Request.Dir, a.Request.Keep,
			a.Request.ID)
	}
	files := ""
	if a.Request.PersistAll {
		files = " with files of MUST_CACHE"
	}
	return fmt.Sprintf("ask %s to %s %s%s (request %s)", a.TaskID, a.Request.Operation, a.Slot, files, a.Request.ID)
}

func (a Reconcile) String() string {
	if len(a.Tasks) == 0 {
		return "reconcile everything"
	}
	ids := make([]string, len(a.Tasks))
	for i, t := range a.Tasks {
		ids[i] = t.TaskID
	}
	return "reconcile " + strings.Join(ids, ", ")
}

func (Suppress) String() string { return "suppress" }

func (a Revive) String() string { return "revive: " + a.Reason }

func (Teardown) String() string { return "teardown" }
