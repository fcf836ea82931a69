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
	switch c.Operator {
	case Unique:
		return counts[value] == 0
	case MaxPer:
		return counts[value] < c.Number
	case Cluster:
		return c.Value != "" || len(counts) == 0 || counts[value] > 0
	case GroupBy:
		if counts[value] == 0 {
			return true
		}
		least := counts[value]
		for _, n := range counts {
			least = min(least, n)
		}
		return len(counts) >= c.Number && counts[value] == least
	}
	return true
}

// ScalarText writes a scalar attribute as constraints compare it: at most three decimals, none that are 0.
func ScalarText(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }

func (c *Constraint) setText() {
	c.Text = strings.TrimSuffix(c.Field+":"+string(c.Operator)+":"+c.Value, ":")
}
