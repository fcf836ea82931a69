package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// executorFile is the name of our binary in a sandbox.
const executorFile = "alluxio-mesos"

// spec is the LaunchSpec of a placement.
func (s *State) spec(p *placement, o *offer.Offer) *launch.Spec {
	settings := s.settings
	spec := settingsSpec(settings, s.derived.requests[p.role], s.record.clusterName, p, o)
	if !s.roleRow(p.role).Journal {
		return spec
	}
	identity, member := s.journalOf(p)
	spec.Journal = launch.Journal{Folder: settings.Journal.Folder, DataDir: settings.Journal.DataDir, Member: member,
		Identity: identity, ServedBy: s.servedVersion(),
		MayFormat: !unseen(settings.Journal.Folder) && (!s.isFormatted(identity) || settings.Journal.AllowLoss),
		Format:    s.mayFormatNow(identity)}
	return spec
}

// settingsSpec is the LaunchSpec of a placement as far as the settings say, without its journal.
func settingsSpec(settings *config.Settings, request *resource.Request, clusterName string, p *placement,
	o *offer.Offer,
) *launch.Spec {
	spec := &launch.Spec{
		Version: launch.SchemaVersion, Slot: p.slot, Role: p.role, Cluster: clusterName, Framework: settings.Name,
		Install: settings.Install, Site: settings.Site, Files: settings.Files,
		Host: p.host, Ports: p.ports, Endpoints: p.reading.endpoints,
		Election: settings.Election,
		Memory:   request.Memory, JavaOpts: settings.Of(p.role).JavaOpts,
		KillGrace: settings.KillGrace, StartTimeout: settings.StartTimeout, HangTimeout: settings.HangTimeout,
	}
	if settings.Bind == config.BindAgent {
		spec.Bind = o.IP
		if spec.Bind == "" {
			spec.Bind = o.Host
		}
	}
	spec.Volume = launchVolume(p.volume)
	if settings.Roles.Row(p.role).Blocks {
		spec.Ramdisk, spec.Folders = settings.Ramdisk, settings.Folders
	}
	return spec
}

// journalOf returns the identity of the journal of a master's placement, and its member when each
// master has a copy.
func (s *State) journalOf(p *placement) (identity, member string) {
	identity = s.journalIdentity(p.host)
	if s.settings.Election == config.ByJournal {
		identity, member = s.memberIdentity(p.slot, p.host), p.slot
	}
	if p.volume != nil {
		identity = p.volume.ID
	}
	return identity, member
}

// taskInfo is the TaskInfo of a placement. Only Data may hold anything of the site file: Mesos shows
// all the rest.
func (m *matcher) taskInfo(p *placement, o *offer.Offer, resources resource.Consumption) mesos.TaskInfo {
	data, err := m.s.spec(p, o).Encode()
	if err != nil { // NewState has encoded a larger one
		data = nil
	}
	if m.templates[p.role] == nil {
		m.templates[p.role] = m.s.template(p.role)
	}
	info := *m.templates[p.role]
	executor := *info.Executor
	info.TaskID.Value, info.AgentID.Value, executor.ExecutorID.Value = p.taskID, o.AgentID, p.taskID
	info.Resources, executor.Resources = resources.Task, resources.Executor
	info.Data, info.Executor, info.Discovery = data, &executor, discovery(info.Name, p.ports)
	return info
}

// template is the part of TaskInfo that the tasks of a role have in common.
func (s *State) template(role config.Role) *mesos.TaskInfo {
	name := s.settings.Of(role).Name
	return &mesos.TaskInfo{
		Name:       name,
		KillPolicy: &mesos.KillPolicy{GracePeriod: &mesos.DurationInfo{Nanoseconds: s.settings.KillGrace.Nanoseconds()}},
		Executor: &mesos.ExecutorInfo{
			Type: mesos.ExecutorInfo_CUSTOM, FrameworkID: &mesos.FrameworkID{Value: s.record.frameworkID}, Name: &name,
			Command: s.executorCommand(), Container: containerInfo(s.settings, role), ShutdownGracePeriod: s.shutdownGrace(),
		},
	}
}

// shutdownGrace leaves our executor time to wait for Alluxio's end: Mesos's default of 5 s would cut it off.
func (s *State) shutdownGrace() *mesos.DurationInfo {
	return &mesos.DurationInfo{Nanoseconds: (s.settings.KillGrace + executorMargin).Nanoseconds()}
}

// executorCommand starts our binary, fetched by Mesos or where ExecutorPath says.
func (s *State) executorCommand() *mesos.CommandInfo {
	value, shell, yes := "./"+executorFile, false, true
	command := &mesos.CommandInfo{Shell: &shell, Arguments: []string{executorFile, "executor"}}
	if path := s.settings.ExecutorPath; path != "" {
		value = path
	} else {
		file := executorFile
		command.URIs = []mesos.CommandInfo_URI{{Value: s.options.ExecutorURI, Executable: &yes, Cache: &yes,
			OutputFile: &file}}
	}
	command.Value = &value
	return command
}

// discovery lets Mesos-DNS and the like find the task's ports by name.
func discovery(name string, ports map[config.PortName]uint16) *mesos.DiscoveryInfo {
	info := &mesos.DiscoveryInfo{Visibility: mesos.EXTERNAL, Name: &name, Ports: &mesos.Ports{}}
	tcp := "tcp"
	for _, portName := range slices.Sorted(maps.Keys(ports)) {
		label := string(portName)
		info.Ports.Ports = append(info.Ports.Ports, mesos.Port{Number: uint32(ports[portName]), Name: &label, Protocol: &tcp})
	}
	return info
}

// checkSpecs makes sure that settings fit into a task with the longest possible names of hosts and
// of the cluster. version has served from the journal, nil for none.
func checkSpecs(settings *config.Settings, version *journalVersion) error {
	longest := strings.Repeat("h", 255)
	address := launch.Address{Host: longest, RPC: math.MaxUint16, Web: math.MaxUint16, Raft: math.MaxUint16}
	requests := resource.RequestsOf(settings)
	for _, role := range settings.Roles.InStartOrder() {
		p := &placement{slot: slotName(role, math.MaxInt32), role: role, host: longest,
			reading: &reading{endpoints: endpoints{}},
			ports:   map[config.PortName]uint16{}}
		for _, other := range settings.Roles.Row(role).Reads {
			p.reading.endpoints[other] = slices.Repeat([]launch.Address{address}, max(1, countIn(settings, other)))
		}
		for _, port := range settings.Of(role).Ports {
			p.ports[port.Name] = math.MaxUint16
		}
		if settings.Of(role).Volume > 0 {
			p.volume = &Volume{ID: volumeIDIn(longest, p.slot, math.MaxInt32), MB: math.MaxInt32}
		}
		spec := settingsSpec(settings, requests[role], longest, p, &offer.Offer{})
		if settings.Roles.Row(role).Journal {
			spec.Journal = longestJournal(settings, version, p)
		}
		if _, err := spec.Encode(); err != nil {
			return fmt.Errorf("the settings of %s: %w", role, err)
		}
	}
	return nil
}

// longestJournal is a launch.Journal that is at least as long as any of a master of these settings.
func longestJournal(settings *config.Settings, version *journalVersion, p *placement) launch.Journal {
	j := settings.Journal
	longest := launch.Journal{Folder: j.Folder, DataDir: j.DataDir, Member: p.slot, MayFormat: true, Format: true,
		Identity: p.host + ":" + cmp.Or(j.Folder, j.DataDir) + ":default:" + p.host + "/" + p.slot}
	if version != nil {
		longest.ServedBy = version.Served
	}
	return longest
}
