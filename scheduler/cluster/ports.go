package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// rangeText writes ranges as Mesos's --resources flag does: [19998-19999,29998-30000].
func rangeText(ranges []PortRange) string {
	parts := make([]string, len(ranges))
	for i, r := range ranges {
		parts[i] = fmt.Sprintf("%d-%d", r.Begin, r.End)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// mergePorts makes sorted ranges of single ports.
func mergePorts(ports []uint16) []PortRange {
	slices.Sort(ports)
	var merged []PortRange
	for _, p := range ports {
		if last := len(merged) - 1; last >= 0 && int(p) <= int(merged[last].End)+1 {
			merged[last].End = max(merged[last].End, p)
			continue
		}
		merged = append(merged, PortRange{p, p})
	}
	return merged
}

// portText lists the needed ports with the properties that change them.
func (n *resourceRequest) portText() string {
	var parts []string
	for _, p := range n.ports {
		if p.Number == 0 {
			parts = append(parts, fmt.Sprintf("any (%s=0)", p.Key))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d (%s)", p.Number, p.Key))
	}
	return strings.Join(parts, ", ")
}

func (n *resourceRequest) portKeys() string {
	var keys []string
	for _, p := range n.ports {
		if p.Number != 0 {
			keys = append(keys, p.Key)
		}
	}
	return strings.Join(keys, ", ")
}

func offeredPorts(ranges []PortRange) string {
	if len(ranges) == 0 {
		return "no ports are offered"
	}
	return rangeText(ranges) + " are offered"
}
