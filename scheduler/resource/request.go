// Package resource computes what tasks take from offers: the request of each role, what an offer lacks
// for it, the ports that a task gets, and the resources of an offer that become those of the task.
//
// The package is pure, as scheduler/cluster is, and knows no state of the cluster.
package resource

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Request is what a task of one role takes from an offer, in the units of Mesos: MB are 2^20 bytes.
type Request struct {
	Role  config.Role
	CPUs  float64
	MemMB float64
	// DiskMB is for tiers on disk, without a volume.
	DiskMB float64
	// VolumeMB is the size of a new persistent volume, 0 for none.
	VolumeMB float64
	Ports    []config.Port
	// Avoid are the fixed ports of the other roles: a free port is one of them only when no other
	// is left, or a master could not come back to a host whose worker has taken its port.
	Avoid []uint16
	// Share, of the JVM, and Ramdisk, of all tiers in memory, are the parts of MemMB; Memory
	// divides the share, and RamdiskText is the sum behind Ramdisk.
	Share, Ramdisk config.Bytes
	RamdiskText    string
	Memory         launch.Memory
}

// RequestsOf are the requests of all roles under settings.
func RequestsOf(settings *config.Settings) map[config.Role]*Request {
	requests := map[config.Role]*Request{}
	roles := settings.Roles.InStartOrder()
	for _, role := range roles {
		requests[role] = requestOf(settings, role)
	}
	for _, role := range roles {
		for _, other := range roles {
			if other != role && settings.Of(other).Count != 0 {
				requests[role].Avoid = append(requests[role].Avoid, requests[other].FixedPorts()...)
			}
		}
	}
	return requests
}

func requestOf(settings *config.Settings, role config.Role) *Request {
	r, row := settings.Of(role), settings.Roles.Row(role)
	n := &Request{Role: role, CPUs: r.CPUs, Ports: r.Ports, Share: r.Mem}
	n.Memory.Heap, n.Memory.Direct = row.DivideShare(r.Mem)
	if row.Blocks {
		var disk config.Bytes
		n.Ramdisk, disk = settings.TierClaim()
		n.DiskMB = math.Ceil(disk.Megabytes())
		if text := settings.TierText(false); strings.Contains(text, " + ") || strings.Contains(text, " x ") {
			n.RamdiskText = " (" + text + ")"
		}
	}
	n.MemMB = math.Ceil((n.Share + n.Ramdisk).Megabytes())
	n.VolumeMB = math.Ceil(r.Volume.Megabytes())
	return n
}

// MemoryText shows how MemMB is computed.
func (n *Request) MemoryText() string {
	overhead := n.Share - config.ExecutorMem - n.Memory.Heap - n.Memory.Direct
	text := fmt.Sprintf("%s = heap %s", inMB(n.Share), inMB(n.Memory.Heap))
	if n.Memory.Direct > 0 {
		text += fmt.Sprintf(" + direct %s", inMB(n.Memory.Direct))
	}
	text += fmt.Sprintf(" + JVM %s + executor %s", inMB(overhead), inMB(config.ExecutorMem))
	if n.Ramdisk > 0 {
		return fmt.Sprintf("%.0fMB: JVM share %s, and ramdisk %s%s on top", n.MemMB, text, inMB(n.Ramdisk),
			n.RamdiskText)
	}
	return fmt.Sprintf("%.0fMB: JVM share %s", n.MemMB, text)
}

func inMB(b config.Bytes) string { return fmt.Sprintf("%.0fMB", b.Megabytes()) }

// Shortfall is the set of resources of which an offer has too little.
type Shortfall uint8

// The resources of which an offer may have too little.
const (
	ShortCPUs Shortfall = 1 << iota
	ShortMem
	ShortPorts
)

// Epsilon is half of the precision of Mesos's scalars, which have three decimals.
const Epsilon = 0.0005

// ShortfallIn is the shortfall of o for n; 0 when it fits. It allocates nothing, nor do the three that
// follow: most offers of a large cluster are rejected here.
func (n *Request) ShortfallIn(o *offer.Offer) Shortfall {
	var short Shortfall
	if !n.FitsCPUs(o) {
		short |= ShortCPUs
	}
	if !n.FitsMem(o) {
		short |= ShortMem
	}
	if !n.FitsPorts(o) {
		short |= ShortPorts
	}
	return short
}

// FitsCPUs is true for an offer with enough processors for n.
func (n *Request) FitsCPUs(o *offer.Offer) bool { return o.CPUs+Epsilon >= n.CPUs }

// FitsMem is true for an offer with enough memory for n.
func (n *Request) FitsMem(o *offer.Offer) bool { return o.MemMB+Epsilon >= n.MemMB }

// FitsPorts is true for an offer with the ports of n, and with enough others for those that may be any.
func (n *Request) FitsPorts(o *offer.Offer) bool {
	free := 0
	for i := range n.Ports {
		if n.Ports[i].Number == 0 {
			free++
		} else if !o.Ports.Has(n.Ports[i].Number) {
			return false
		}
	}
	return free == 0 || otherPorts(o, n.Ports) >= free
}

// ChoosePorts chooses the ports of a task from an offer that fits: the fixed ones, and for the others
// those of the slot's last placement where they are offered again, else the lowest that no other
// role needs. Port 0 of a range is never chosen.
func (n *Request) ChoosePorts(o *offer.Offer, last map[config.PortName]uint16) map[config.PortName]uint16 {
	picked := make(map[config.PortName]uint16, len(n.Ports))
	used := make(map[uint16]bool, len(n.Ports))
	take := func(name config.PortName, number uint16) { picked[name], used[number] = number, true }
	for _, p := range n.Ports {
		if p.Number != 0 {
			take(p.Name, p.Number)
		}
	}
	for _, p := range n.Ports {
		if was := last[p.Name]; p.Number == 0 && was != 0 && !used[was] && o.Ports.Has(was) &&
			!slices.Contains(n.Avoid, was) {
			take(p.Name, was)
		}
	}
	for _, p := range n.Ports {
		if _, done := picked[p.Name]; done {
			continue
		}
		number := o.Ports.Lowest(func(number uint16) bool { return !used[number] && !slices.Contains(n.Avoid, number) })
		if number == 0 {
			number = o.Ports.Lowest(func(number uint16) bool { return !used[number] })
		}
		if number != 0 {
			take(p.Name, number)
		}
	}
	return picked
}

// FixedPorts are the ports of n with a fixed number.
func (n *Request) FixedPorts() (fixed []uint16) {
	for _, p := range n.Ports {
		if p.Number != 0 {
			fixed = append(fixed, p.Number)
		}
	}
	return fixed
}

// otherPorts counts the offered ports that ports does not name.
func otherPorts(o *offer.Offer, ports []config.Port) int {
	count := o.Ports.Count()
	for i := range ports {
		if ports[i].Number != 0 && o.Ports.Has(ports[i].Number) {
			count--
		}
	}
	return count
}

// TakeFrom subtracts the resources of a task with these ports from o, with the three decimals of Mesos:
// people read what is left.
func (n *Request) TakeFrom(o *offer.Offer, ports map[config.PortName]uint16) {
	o.CPUs = offer.Round(o.CPUs - n.CPUs)
	o.MemMB = offer.Round(o.MemMB - n.MemMB)
	o.DiskMB = max(0, o.DiskMB-n.DiskMB)
	for _, p := range ports {
		o.Ports = o.Ports.Without(p)
	}
}

// PortsText lists the needed ports with the properties that change them.
func (n *Request) PortsText() string {
	var parts []string
	for _, p := range n.Ports {
		if p.Number == 0 {
			parts = append(parts, fmt.Sprintf("any (%s=0)", p.Key))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d (%s)", p.Number, p.Key))
	}
	return strings.Join(parts, ", ")
}

// PortKeys lists the properties of the fixed ports.
func (n *Request) PortKeys() string {
	var keys []string
	for _, p := range n.Ports {
		if p.Number != 0 {
			keys = append(keys, p.Key)
		}
	}
	return strings.Join(keys, ", ")
}

// OfferedText says which ports are offered.
func OfferedText(ports offer.Ports) string {
	if len(ports) == 0 {
		return "no ports are offered"
	}
	return ports.String() + " are offered"
}

// WithPorts is n with these ports in place of those that may be any.
func (n *Request) WithPorts(chosen map[config.PortName]uint16) *Request {
	if len(chosen) == 0 {
		return n
	}
	fixed := *n
	fixed.Ports = make([]config.Port, len(n.Ports))
	for i, p := range n.Ports {
		if p.Number == 0 {
			p.Number = chosen[p.Name]
		}
		fixed.Ports[i] = p
	}
	return &fixed
}
