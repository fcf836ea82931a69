package config

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The properties of the constraints of each role, and of how long it is waited for where it was placed.
const (
	KeyMasterConstraints = Prefix + "master.constraints"
	KeyWorkerConstraints = Prefix + "worker.constraints"
	KeyMasterUnreachable = Prefix + "master.unreachable.timeout"
	KeyWorkerUnreachable = Prefix + "worker.unreachable.timeout"
)

// Operator is how a Constraint judges a place. Marathon: constraints.md, "Operators".
type Operator string

// The operators of Marathon.
const (
	// Unique lets a value have one task of the role.
	Unique Operator = "UNIQUE"
	// Cluster wants every task at the value that is written, else all of them at the same, which the first one decides.
	Cluster Operator = "CLUSTER"
	// GroupBy spreads the tasks evenly over the values.
	GroupBy Operator = "GROUP_BY"
	// MaxPer lets a value have a number of tasks.
	MaxPer Operator = "MAX_PER"
	// Like and Unlike want values that a regular expression matches as a whole, or does not. Unlike
	// takes a place without a value, too.
	Like   Operator = "LIKE"
	Unlike Operator = "UNLIKE"
	// Is wants the value that is written.
	Is Operator = "IS"
)

// The fields that are not attributes of an agent.
const (
	FieldHost   = "hostname"
	FieldRegion = "@region"
	FieldZone   = "@zone"
)

// Constraint is one rule on where the tasks of a role may be.
type Constraint struct {
	// Field is FieldHost, FieldRegion, FieldZone, or the name of an attribute.
	Field    string
	Operator Operator
	// Value is as it was written, "" for none.
	Value string
	// Number is the value of MaxPer, and of GroupBy when it has one: how many values there are at least.
	Number int
	// Text is the constraint in the short form, field:OPERATOR:value.
	Text string

	pattern *regexp.Regexp
}

// Counts is true for a constraint that looks at where the other tasks of the role are.
func (c *Constraint) Counts() bool {
	switch c.Operator {
	case Unique, GroupBy, MaxPer:
		return true
	case Cluster:
		return c.Value == ""
	}
	return false
}

// Admits says whether a place where the field has this value will do, other tasks apart; has is
// false for a place without a value, which UNLIKE alone admits.
func (c *Constraint) Admits(value string, has bool) bool {
	switch {
	case c.Operator == Unlike:
		return !has || !c.pattern.MatchString(value)
	case !has:
		return false
	case c.Operator == Like:
		return c.pattern.MatchString(value)
	case c.Operator == Is, c.Operator == Cluster && c.Value != "":
		return sameValue(c.Value, value)
	}
	return true
}

// sameValue compares as Mesos does: numbers to three decimals, all else exactly. Mesos:
// attributes-resources.md, "Scalars".
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && !math.IsNaN(x) && math.Round(x*1000) == math.Round(y*1000)
}

// AdmitsBeside says whether one more task may be where the field has this value, when counts says
// how many of the role are at each value.
func (c *Constraint) AdmitsBeside(value string, counts map[string]int) bool {
	return c.admitsBeside(value, otherTasks{counts: counts})
}

// AdmitsBesideOthers is AdmitsBeside for a task that counts has already, at the value own.
func (c *Constraint) AdmitsBesideOthers(value, own string, counts map[string]int) bool {
	return c.admitsBeside(value, otherTasks{counts: counts, own: own, itself: 1})
}

// otherTasks counts the tasks of a role at each value without one of them, which is at the value own;
// itself is 0 when counts does not have that one.
type otherTasks struct {
	counts map[string]int
	own    string
	itself int
}

func (o otherTasks) at(value string) int {
	if value == o.own {
		return max(0, o.counts[value]-o.itself)
	}
	return o.counts[value]
}

// values is the number of values with a task.
func (o otherTasks) values() int {
	if o.counts[o.own] == 1 {
		return len(o.counts) - o.itself
	}
	return len(o.counts)
}

// least is the number of tasks at the value with the fewest, values without a task apart; at most n.
func (o otherTasks) least(n int) int {
	for value := range o.counts {
		if m := o.at(value); m > 0 {
			n = min(n, m)
		}
	}
	return n
}

func (c *Constraint) admitsBeside(value string, others otherTasks) bool {
	n := others.at(value)
	switch c.Operator {
	case Unique:
		return n == 0
	case MaxPer:
		return n < c.Number
	case Cluster:
		return c.Value != "" || others.values() == 0 || n > 0
	case GroupBy:
		return n == 0 || others.values() >= c.Number && n == others.least(n)
	}
	return true
}

// ScalarText writes a scalar attribute as constraints compare it: at most three decimals, none that are 0.
func ScalarText(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }

func (c *Constraint) setText() {
	c.Text = strings.TrimSuffix(c.Field+":"+string(c.Operator)+":"+c.Value, ":")
}
