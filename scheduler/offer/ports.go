package offer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PortRange is an inclusive range of ports.
type PortRange struct{ Begin, End uint16 }

// Ports are ranges of ports. Those of an Offer are sorted, and none touches another.
type Ports []PortRange

// String writes p as the flag --resources of an agent has it: [19998-19999,29998-30000].
func (p Ports) String() string {
	parts := make([]string, len(p))
	for i, r := range p {
		parts[i] = fmt.Sprintf("%d-%d", r.Begin, r.End)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// PortsOf makes ranges of single ports.
func PortsOf(numbers []uint16) Ports {
	ports := make(Ports, len(numbers))
	for i, n := range numbers {
		ports[i] = PortRange{n, n}
	}
	return ports.Merged()
}

// Merged sorts p in place, joins the ranges that touch, and returns what is left.
func (p Ports) Merged() Ports {
	if len(p) < 2 {
		return p
	}
	slices.SortFunc(p, func(a, b PortRange) int { return cmp.Compare(a.Begin, b.Begin) })
	last := 0
	for _, next := range p[1:] {
		if int(next.Begin) <= int(p[last].End)+1 {
			p[last].End = max(p[last].End, next.End)
			continue
		}
		last++
		p[last] = next
	}
	return p[:last+1]
}

// Has is true when port is in p.
func (p Ports) Has(port uint16) bool {
	for i := range p {
		if port <= p[i].End {
			return port >= p[i].Begin
		}
	}
	return false
}

// Count is the number of ports in p. Port 0 of a range is never used, and does not count.
func (p Ports) Count() (count int) {
	for _, r := range p {
		count += int(r.End) - int(max(r.Begin, 1)) + 1
	}
	return count
}

// Lowest is the lowest port of p that suits, 0 for none.
func (p Ports) Lowest(suits func(uint16) bool) uint16 {
	for _, r := range p {
		for number := max(int(r.Begin), 1); number <= int(r.End); number++ {
			if suits(uint16(number)) {
				return uint16(number)
			}
		}
	}
	return 0
}

// Without returns p without port. It leaves p as it is.
func (p Ports) Without(port uint16) Ports {
	var left Ports
	for _, r := range p {
		if port < r.Begin || port > r.End {
			left = append(left, r)
			continue
		}
		if port > r.Begin {
			left = append(left, PortRange{r.Begin, port - 1})
		}
		if port < r.End {
			left = append(left, PortRange{port + 1, r.End})
		}
	}
	return left
}
