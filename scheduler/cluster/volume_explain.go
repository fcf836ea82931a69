package cluster

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// volumeText says which volumes a launch uses and creates.
func (a Launch) volumeText() string {
	made := map[string]string{}
	for i := range a.Before {
		for _, r := range a.Before[i].GetReserve().GetResources() {
			_, slot := resource.LabelsOf(&r)
			made[slot] = "reserve and "
		}
	}
	var text strings.Builder
	for i := range a.Tasks {
		for j := range a.Tasks[i].Resources {
			r := &a.Tasks[i].Resources[j]
			id := resource.VolumeIDOf(r)
			if id == "" {
				continue
			}
			verb := ", on volume "
			for k := range a.Before {
				for _, v := range a.Before[k].GetCreate().GetVolumes() {
					_, slot := resource.LabelsOf(&v)
					if resource.VolumeIDOf(&v) == id {
						verb = "; first " + made[slot] + "create volume "
					}
				}
			}
			fmt.Fprintf(&text, "%s%s (%gMB)", verb, id, r.GetScalar().GetValue())
		}
	}
	return text.String()
}

// volumeHint explains a failed launch with operations: when Mesos rejects an operation, its message
// for the launch only says that resources are missing. Mesos: authorization.md, ACLs
// reserve_resources and create_volumes.
func (s *State) volumeHint(v *Volume) string {
	principal := "without a principal (" + config.KeyPrincipal + ")"
	if s.settings.Principal != "" {
		principal = fmt.Sprintf("as principal %s (%s)", s.settings.Principal, config.KeyPrincipal)
	}
	return fmt.Sprintf("; Mesos may have refused to reserve or create volume %s for role %s (%s) %s: "+
		"see the log of the Mesos master, and what its ACLs reserve_resources and create_volumes say of them",
		v.ID, v.MesosRole, config.KeyMesosRole, principal)
}

func (s *State) explainVolumeHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s waits for host %s, which holds its volume", r.Slot, r.Detail)
}

// isUnconfirmed is true when the volume of the slot of r may not have been created.
func (s *State) isUnconfirmed(r *Rejection) bool {
	slot := s.slots.byName[r.Slot]
	return slot != nil && slot.Volume != nil && !slot.Volume.Confirmed
}

func (s *State) explainVolumeAway(r *Rejection, _ *resource.Request) string {
	if s.isUnconfirmed(r) {
		return fmt.Sprintf("%s waits for a newer offer of %s, which shows whether volume %s was created", r.Slot,
			r.Host, r.Detail)
	}
	return fmt.Sprintf("%s waits for its volume %s, which is not in the offer of %s", r.Slot, r.Detail, r.Host)
}

func (s *State) hintVolumeAway(r *Rejection, _ *resource.Request) string {
	if s.isUnconfirmed(r) {
		return ""
	}
	return fmt.Sprintf("if the volume was destroyed, `alluxio-mesos replace %s --destroy-volume` begins with a new one",
		r.Slot)
}

func (s *State) explainVolumeLost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("volume %s, which holds the journal of %s, is gone: %s is back as another agent", r.Detail, r.Slot,
		r.Host)
}

func (s *State) hintVolumeLost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("start the agent of %s with its old work_dir, or give the journal of %s up for ever with "+
		"`alluxio-mesos replace %s --destroy-volume`", r.Host, r.Slot, r.Slot)
}

func (s *State) explainDisk(r *Rejection, n *resource.Request) string {
	return fmt.Sprintf("needs %.0fMB of disk in one piece for a volume; the largest offered is %sMB", n.VolumeMB,
		r.Detail)
}

func (s *State) hintDisk(r *Rejection, n *resource.Request) string {
	smaller := ""
	if r.Detail != "0" {
		smaller = fmt.Sprintf("set %s to at most %sMB", s.roleRow(r.Role).Keys.Volume, r.Detail)
	}
	more := fmt.Sprintf("more disk, such as --resources='disk(%s):%.0f'", s.settings.MesosRole, n.VolumeMB)
	return cmp.Or(alternatives(s.hintRestart(r.Host, more), smaller), "use agents that offer disk for volumes")
}

// rejectionAtHost is the last rejection of the own host of slot since its last task ended, or nil.
func (s *State) rejectionAtHost(slot *Slot) (last *keptRejection) {
	for agentID := range s.offers.rejections {
		r := s.rejectionBy(agentID, slot)
		if r != nil && r.Host == slot.Host && (last == nil || r.last.After(last.last)) {
			last = r
		}
	}
	return last
}

// rejectionBy is the last rejection of an agent for slot since its last task ended, or nil.
func (s *State) rejectionBy(agentID string, slot *Slot) *keptRejection {
	for _, r := range s.offers.rejections[agentID] {
		if r.Slot == slot.Name && r.Role == slot.Role && !s.outlived(r) && !r.last.Before(slot.VacantSince) {
			return r
		}
	}
	return nil
}
