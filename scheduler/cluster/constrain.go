package cluster

import (
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// rejectedBy is the constraint that rejected an offer, and the value that it found there.
type rejectedBy struct {
	*config.Constraint
	value string
	has   bool
}

// isDomain is true for a constraint of the region or the zone of an agent.
func (by *rejectedBy) isDomain() bool {
	return by.Field == config.FieldRegion || by.Field == config.FieldZone
}

// joins is true for a constraint that wants all tasks where the first one is.
func (by *rejectedBy) joins() bool { return by.Operator == config.Cluster && by.Value == "" }

// constrained is true for an offer that a constraint of slot's role rejects. Constraints apply to new
// placements only: a running task that violates one is left alone, and the status has a warning.
func (m *matcher) constrained(slot *Slot, o *offer.Offer) (finding, bool) {
	constraints := m.s.settings.Of(slot.Role).Constraints
	for i := range constraints {
		c := &constraints[i]
		value, has := valueAt(o.Host, m.attributesOf(o), c.Field)
		if c.Admits(value, has) && (!has || !c.Counts() || m.admitsBeside(i, slot, value)) {
			continue
		}
		return finding{detail: c.Text, by: &rejectedBy{c, value, has}}, true
	}
	return finding{}, false
}

// Attributes reads the attributes of an offer once for all roles.
func (m *matcher) attributesOf(o *offer.Offer) map[string]string {
	if m.attributesFor != o.ID {
		m.attributesFor, m.attributes = o.ID, o.Attributes()
	}
	return m.attributes
}

// admitsBeside checks the i-th constraint of slot's role against the other tasks of the role. A
// vacant slot that waits for its own host counts there for other slots, not for itself.
func (m *matcher) admitsBeside(i int, slot *Slot, value string) bool {
	valueCounts := m.valueCountsOf(slot.Role)
	c := &m.s.settings.Of(slot.Role).Constraints[i]
	if slot.Task == nil && m.s.holds(slot, m.now) {
		if own, has := valueAt(slot.Host, slot.Attributes, c.Field); has {
			return c.AdmitsBesideOthers(value, own, valueCounts[i])
		}
	}
	return c.AdmitsBeside(value, valueCounts[i])
}

// valueCountsOf counts the tasks of role at each value of each constraint that looks at others.
func (m *matcher) valueCountsOf(role config.Role) []map[string]int {
	if m.valueCounts[role] == nil {
		m.valueCounts[role] = m.s.countValues(role, m.now)
	}
	return m.valueCounts[role]
}

// violatesConstraints is true for a slot whose own host constraints no longer admit, whatever else runs.
func (s *State) violatesConstraints(slot *Slot) bool {
	constraints := s.settings.Of(slot.Role).Constraints
	for i := range constraints {
		value, has := valueAt(slot.Host, slot.Attributes, constraints[i].Field)
		if (has || slot.Attributes != nil) && slot.Host != "" && !constraints[i].Admits(value, has) {
			return true
		}
	}
	return false
}

// holds is true for a slot that counts at its attributes: one with a task, and a vacant one that may
// not move.
func (s *State) holds(slot *Slot, now time.Time) bool {
	if s.surges(slot) && !slot.MaintenanceStart.IsZero() { // its replacement may have the same values
		return false
	}
	return slot.Task != nil || slot.Host != "" && !s.mayMove(slot, now)
}

// countValues counts the tasks of role at each value, one map for each constraint: nil for those
// that do not count other tasks.
func (s *State) countValues(role config.Role, now time.Time) []map[string]int {
	constraints := s.settings.Of(role).Constraints
	valueCounts := make([]map[string]int, len(constraints))
	for i := range constraints {
		if constraints[i].Counts() {
			valueCounts[i] = map[string]int{}
		}
	}
	for _, slot := range s.slots.byName {
		if slot.Role == role && s.holds(slot, now) {
			for i := range constraints {
				count(valueCounts[i], &constraints[i], slot.Host, slot.Attributes, +1)
			}
		}
	}
	return valueCounts
}

// count adds by to the number of tasks at the value of c's field; hosts without the field count
// nowhere.
func count(valueCounts map[string]int, c *config.Constraint, host string, attributes map[string]string, by int) {
	value, has := valueAt(host, attributes, c.Field)
	if valueCounts == nil || !has {
		return
	}
	if valueCounts[value] += by; valueCounts[value] <= 0 {
		delete(valueCounts, value)
	}
}

// recordPlacement updates the value counts for a placement of slot. Slot itself still has its old
// host.
func (m *matcher) recordPlacement(slot *Slot, p *placement) {
	for i, valueCounts := range m.valueCounts[slot.Role] {
		c := &m.s.settings.Of(slot.Role).Constraints[i]
		if m.s.holds(slot, m.now) {
			count(valueCounts, c, slot.Host, slot.Attributes, -1)
		}
		count(valueCounts, c, p.host, p.attributes, +1)
	}
}

// counting is true for a role with a constraint that counts other tasks: an offer that it rejects
// may fit once one of them ends or begins.
func (s *State) counting(role config.Role) bool {
	return slices.ContainsFunc(s.settings.Of(role).Constraints, func(c config.Constraint) bool { return c.Counts() })
}

func (s *State) explainConstraint(r *Rejection, _ *resource.Request) string {
	by := r.by
	text := fmt.Sprintf("%s wants %s, and the %s of %s is %s", r.Role, by.Text, by.Field, r.Host, by.value)
	switch {
	case !by.has && by.isDomain():
		return fmt.Sprintf("%s wants %s, and the agent of %s has no fault domain", r.Role, by.Text, r.Host)
	case !by.has:
		return fmt.Sprintf("%s wants %s, and the agent of %s has no attribute %s", r.Role, by.Text, r.Host, by.Field)
	case by.joins():
		text += ", where the others are not"
	case by.Counts():
		text += ", where enough of them are"
	}
	return text
}

func (s *State) hintConstraint(r *Rejection, _ *resource.Request) string {
	by, key := r.by, s.roleRow(r.Role).Keys.Constraints
	switch {
	case !by.has && by.isDomain():
		return alternatives(s.hintRestart(r.Host, "--domain"), "change "+key)
	case !by.has:
		return alternatives(s.hintRestart(r.Host, "--attributes='"+by.Field+":...'"), "change "+key)
	case by.joins():
		return fmt.Sprintf("offer more where they are, or change %s", key)
	case by.Counts():
		return fmt.Sprintf("add agents with another %s, or change %s", by.Field, key)
	}
	return "change " + key + ", if that host is meant to have one"
}

// misplaced returns warnings about a task that violates today's constraints. GROUP_BY gives none: an
// uneven spread is not the fault of one task.
func (s *State) misplaced(slot *Slot, valueCounts []map[string]int) (warnings []string) {
	constraints := s.settings.Of(slot.Role).Constraints
	for i := range constraints {
		c := &constraints[i]
		value, has := valueAt(slot.Host, slot.Attributes, c.Field)
		if !has && slot.Attributes == nil { // of an earlier version, or without attributes: nothing is known
			continue
		}
		fits := c.Admits(value, has)
		if fits && has && c.Counts() && c.Operator != config.GroupBy {
			fits = c.AdmitsBesideOthers(value, value, valueCounts[i])
		}
		if !fits {
			warnings = append(warnings,
				fmt.Sprintf("%s (%s) would no longer place it on %s; it runs there until it ends", c.Text,
					s.roleRow(slot.Role).Keys.Constraints, slot.Host))
		}
	}
	return warnings
}
