package cluster

import (
	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// longestAttributes bounds, in bytes, what a Record keeps of the attributes of an agent besides
// those that constraints name.
const longestAttributes = 1 << 10

// keepAttributes is the part of the attributes that a slot keeps: all, since constraints may change
// later, or only those that today's constraints name when all would be too long.
func (s *State) keepAttributes(attributes map[string]string) map[string]string {
	size := 0
	for name, value := range attributes {
		size += len(name) + len(value)
	}
	if size <= longestAttributes {
		return attributes
	}
	kept := map[string]string{}
	for _, role := range s.roles.InStartOrder() {
		for _, c := range s.settings.Of(role).Constraints {
			if value, has := attributes[c.Field]; has {
				kept[c.Field] = value
			}
		}
	}
	return kept
}

// valueAt is the value of a constraint's field on a host with these attributes.
func valueAt(host string, attributes map[string]string, field string) (value string, has bool) {
	if field == config.FieldHost {
		return host, true
	}
	value, has = attributes[field]
	return value, has
}

// learnAttributes fills in the attributes of a task's agent from an offer, when the Record is of an
// earlier version and does not have them.
func (s *State) learnAttributes(slot *Slot, o *offer.Offer) {
	if slot.Task == nil || slot.Task.AgentID != o.AgentID || slot.Attributes != nil || slot.attributesAsked ||
		len(s.settings.Of(slot.Role).Constraints) == 0 {
		return
	}
	slot.attributesAsked = true
	if slot.Attributes = s.keepAttributes(o.Attributes()); slot.Attributes != nil {
		s.slots.changed(slot.Role)
		s.touch(slot)
	}
}
