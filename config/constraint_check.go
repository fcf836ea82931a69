package config

import "fmt"

// checkConstraints refuses constraints that no place can meet, and warns about those that leave hosts without a worker.
func (l *loader) checkConstraints(s *Settings) {
	for _, role := range l.roles.InStartOrder() {
		row, r := l.roles.Row(role), s.Of(role)
		key := row.Keys.Constraints
		for i := range r.Constraints {
			c := &r.Constraints[i]
			for j := range r.Constraints[:i] {
				if why := contradiction(&r.Constraints[j], c, r.Count); why != "" {
					l.problem(key, "%s and %s contradict each other: %s; remove one of the two", r.Constraints[j].Text, c.Text, why)
				}
			}
			if why := c.impossible(row, r); why != "" {
				l.problem(key, "%s cannot be met: %s", c.Text, why)
			}
			if c.Operator == GroupBy && r.Count == AllHosts {
				l.warn("%s: %s with %s=all leaves hosts without a worker wherever a value of %s has more hosts than another; "+
					"write a number of workers, or remove it", key, c.Text, row.Keys.Count, c.Field)
			}
		}
	}
}

// impossible says why a constraint cannot be met by itself, or "".
func (c *Constraint) impossible(row *RoleRow, r *RoleSettings) string {
	if c.Field != FieldHost {
		return ""
	}
	if r.Host != "" && !c.Admits(r.Host, true) {
		return fmt.Sprintf("the role is pinned to host %s (%s); remove one of the two", r.Host, row.Keys.Host)
	}
	// A host gets one task of a role, whatever the constraints say.
	if single := c.Operator == Is || c.Operator == Cluster; single && r.Count != 0 && r.Count != 1 {
		return fmt.Sprintf("it leads to a single host, and a host gets one %s; set %s=1, or remove it", row.Role,
			row.Keys.Count)
	}
	return ""
}

// contradiction says why no place, or too few, can meet both constraints when count tasks are wanted, or "".
func contradiction(a, b *Constraint, count int) string {
	if a.Field != b.Field {
		return ""
	}
	if a.wantsOneValue() && b.wantsOneValue() && a.Value != "" && b.Value != "" && !sameValue(a.Value, b.Value) {
		return "one task cannot be at both values"
	}
	for _, pair := range [2][2]*Constraint{{a, b}, {b, a}} {
		one, other := pair[0], pair[1]
		switch {
		case one.wantsOneValue() && one.Value != "" && (other.Operator == Like || other.Operator == Unlike) &&
			!other.Admits(one.Value, true):
			return fmt.Sprintf("%s is not a value that %s admits", one.Value, other.Text)
		case one.Operator == Like && other.Operator == Unlike && one.Value == other.Value:
			return "each refuses what the other wants"
		case !one.wantsOneValue():
		case other.Operator == Unique && count != 0 && count != 1:
			return "all tasks would be at one value, and each at one of its own"
		case other.Operator == MaxPer && (count == AllHosts || count > other.Number):
			return "all tasks would be at one value, which may have fewer"
		case other.Operator == GroupBy && other.Number > 1:
			return "all tasks would be at one value, and spread over several"
		}
	}
	return ""
}

// wantsOneValue is true for constraints that bring all tasks to one value.
func (c *Constraint) wantsOneValue() bool { return c.Operator == Is || c.Operator == Cluster }
