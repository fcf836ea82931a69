package cluster

import (
	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// FrameworkInfo is the FrameworkInfo of SUBSCRIBE. id is "" for a new framework; webURL is the
// address of our API. Mesos rejects or silently ignores later changes of most fields, so every
// capability that a later version may need is declared from the start.
func FrameworkInfo(s *config.Settings, id, webURL string) *mesos.FrameworkInfo {
	checkpoint, timeout := true, s.FailoverTimeout.Seconds()
	info := &mesos.FrameworkInfo{
		User: s.User, Name: s.Name, Roles: []string{s.MesosRole},
		Checkpoint: &checkpoint, FailoverTimeout: &timeout,
		Capabilities: []mesos.FrameworkInfo_Capability{
			{Type: mesos.FrameworkInfo_Capability_MULTI_ROLE},
			{Type: mesos.FrameworkInfo_Capability_PARTITION_AWARE},
			{Type: mesos.FrameworkInfo_Capability_RESERVATION_REFINEMENT},
			{Type: mesos.FrameworkInfo_Capability_TASK_KILLING_STATE},
		},
	}
	if s.GPUAgents {
		info.Capabilities = append(info.Capabilities,
			mesos.FrameworkInfo_Capability{Type: mesos.FrameworkInfo_Capability_GPU_RESOURCES})
	}
	if wantsRegions(s) { // else Mesos offers the agents of its own region only
		info.Capabilities = append(info.Capabilities,
			mesos.FrameworkInfo_Capability{Type: mesos.FrameworkInfo_Capability_REGION_AWARE})
	}
	if s.Principal != "" {
		info.Principal = &s.Principal
	}
	if id != "" {
		info.ID = &mesos.FrameworkID{Value: id}
	}
	if webURL != "" {
		info.WebUiURL = &webURL
	}
	return info
}

// wantsRegions is true for settings that place by region.
func wantsRegions(s *config.Settings) bool {
	for _, role := range s.Roles.InStartOrder() {
		for _, c := range s.Of(role).Constraints {
			if c.Field == config.FieldRegion {
				return true
			}
		}
	}
	return false
}
