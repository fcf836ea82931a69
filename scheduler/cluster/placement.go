package cluster

import (
	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// placement is a task that this cycle launches. Commit makes it durable before the launch leaves.
type placement struct {
	slot       string
	role       config.Role
	index      int
	host       string
	agentID    string
	ports      map[config.PortName]uint16
	taskID     string
	reading    *reading // what the task reads
	attributes map[string]string
	// companionPorts are those that were chosen for the companions of the slot.
	companionPorts map[config.PortName]uint16
	volume         *Volume // nil for none
	volumes        int     // how many volumes the slot has had with it
}

func (d *Decision) places(slot string) bool { return d.placed[slot] != nil }

// launch places slot on o and adds its task to accept; a slot without a name gets the next free
// index. It returns false when the encoded offer contradicts o.
func (m *matcher) launch(slot *Slot, o *offer.Offer, wire *mesos.Offer, accept *Launch) bool {
	n := m.requestAt(slot, o.Host)
	p := &placement{slot: slot.Name, role: slot.Role, index: slot.Index, host: o.Host, agentID: o.AgentID,
		ports: n.ChoosePorts(o, slot.Ports)}
	if p.slot == "" {
		p.index = m.freeIndex(slot.Role)
		p.slot = slotName(slot.Role, p.index)
	}
	p.volume, p.volumes = m.s.volumeFor(p.slot, slot, o)
	volume, before, ok := m.s.takeVolume(wire, p)
	if !ok {
		return false
	}
	resources, ok := resource.Consume(wire, m.s.settings.MesosRole, n, p.ports)
	if !ok {
		return false
	}
	resources.Task = append(resources.Task, volume...)
	if m.s.slots.byName[slot.Name] != nil {
		m.vacant[slot.Role]--
	}
	p.taskID = taskID(p.slot, slot.Incarnation+1)
	p.companionPorts = m.companionPorts(slot, o, p.ports)
	m.locateCompanions(p.role, p.index, p.host, p.companionPorts)
	if m.s.roleRow(p.role).AddressPort != "" {
		m.d.locate(p.slot, m.s.addressOf(p.role, p.host, p.ports))
	}
	p.reading = m.readingOf(p.role)
	p.attributes = m.s.keepAttributes(m.attributesOf(o))
	m.recordPlacement(slot, p)
	accept.Before, accept.Tasks = append(accept.Before, before...), append(accept.Tasks, m.taskInfo(p, o, resources))
	n.TakeFrom(o, p.ports)
	p.volume.takeFrom(o)
	m.placedOn[hostKey{slot.Role, o.Host}] = p
	m.d.placed[p.slot] = p
	m.d.placements = append(m.d.placements, p)
	m.noteEligible(p.role)
	return true
}

// freeIndex is the lowest index of role that no slot has, including those added in this cycle.
func (m *matcher) freeIndex(role config.Role) int {
	i := m.nextIndex[role]
	for m.s.slots.byName[slotName(role, i)] != nil || m.blocked[slotName(role, i)] != "" {
		i++
	}
	m.nextIndex[role] = i + 1
	return i
}
