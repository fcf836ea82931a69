package cluster

import (
	"fmt"
	"math"
	"slices"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// executorFile is the name of our binary in a sandbox.
const executorFile = "alluxio-mesos"

// resourceRequest is what a task of one role takes from an offer.
type resourceRequest struct {
	role  config.Role
	cpus  float64
	memMB float64
	// diskMB is for tiers on disk, without a volume.
	diskMB float64
	// volumeMB is the size of a new persistent volume, 0 for none.
	volumeMB float64
	ports    []config.Port
	// others are the fixed ports of the other roles: a free port is one of them only when no other
	// is left, or a master could not come back to a host whose worker has taken its port.
	others []uint16
	// share, ramdisk, memory are the parts of memMB, for launching and explaining.
	share, ramdisk config.Bytes
	memory         launch.Memory
}

func requestsOf(settings *config.Settings) map[config.Role]*resourceRequest {
	requests := map[config.Role]*resourceRequest{}
	roles := settings.Roles.InStartOrder()
	for _, role := range roles {
		requests[role] = requestOf(settings, role)
	}
	for _, role := range roles {
		for _, other := range roles {
			if other != role && settings.Of(other).Count != 0 {
				requests[role].others = append(requests[role].others, requests[other].fixedPorts()...)
			}
		}
	}
	return requests
}

func requestOf(settings *config.Settings, role config.Role) *resourceRequest {
	r, row := settings.Of(role), settings.Roles.Row(role)
	n := &resourceRequest{role: role, cpus: r.CPUs, ports: r.Ports, share: r.Mem}
	n.memory.Heap, n.memory.Direct = row.DivideShare(r.Mem)
	if row.Blocks {
		var disk config.Bytes
		n.ramdisk, disk = settings.TierClaim()
		n.diskMB = math.Ceil(disk.Megabytes())
	}
	n.memMB = math.Ceil((n.share + n.ramdisk).Megabytes())
	n.volumeMB = math.Ceil(r.Volume.Megabytes())
	return n
}

// memoryTruth shows how memMB is computed.
func (n *resourceRequest) memoryTruth() string {
	overhead := n.share - config.ExecutorMem - n.memory.Heap - n.memory.Direct
	text := fmt.Sprintf("%s = heap %s", inMB(n.share), inMB(n.memory.Heap))
	if n.memory.Direct > 0 {
		text += fmt.Sprintf(" + direct %s", inMB(n.memory.Direct))
	}
	text += fmt.Sprintf(" + JVM %s + executor %s", inMB(overhead), inMB(config.ExecutorMem))
	if n.ramdisk > 0 {
		return fmt.Sprintf("%.0fMB: JVM share %s, and ramdisk %s on top", n.memMB, text, inMB(n.ramdisk))
	}
	return fmt.Sprintf("%.0fMB: JVM share %s", n.memMB, text)
}

func inMB(b config.Bytes) string { return fmt.Sprintf("%.0fMB", b.Megabytes()) }

// shortfall is the set of resources of which an offer has too little.
type shortfall uint8

const (
	shortCPUs shortfall = 1 << iota
	shortMem
	shortPorts
)

// epsilon is half of the precision of Mesos's scalars, which have three decimals.
const epsilon = 0.0005

// shortfallIn is the shortfall of o for n; 0 when it fits. It allocates nothing: most offers of a
// large cluster are rejected here.
func (n *resourceRequest) shortfallIn(o *Offer) shortfall {
	var short shortfall
	if o.CPUs+epsilon < n.cpus {
		short |= shortCPUs
	}
	if o.MemMB+epsilon < n.memMB {
		short |= shortMem
	}
	free := 0
	for i := range n.ports {
		if n.ports[i].Number == 0 {
			free++
		} else if !o.hasPort(n.ports[i].Number) {
			return short | shortPorts
		}
	}
	if free > 0 && o.spare(n.ports) < free {
		short |= shortPorts
	}
	return short
}

func (o *Offer) hasPort(port uint16) bool {
	for i := range o.Ports {
		if port <= o.Ports[i].End {
			return port >= o.Ports[i].Begin
		}
	}
	return false
}

// spare counts the offered ports that ports does not name, at most len(ports).
func (o *Offer) spare(ports []config.Port) int {
	count := 0
	for _, r := range o.Ports {
		count += int(r.End) - int(max(r.Begin, 1)) + 1
	}
	for i := range ports {
		if ports[i].Number != 0 && o.hasPort(ports[i].Number) {
			count--
		}
	}
	return count
}

// choosePorts chooses the ports of a task from an offer that fits: the fixed ones, and for the others
// those of the slot's last placement where they are offered again, else the lowest that no other
// role needs. Port 0 of a range is never chosen.
func (n *resourceRequest) choosePorts(o *Offer, last map[config.PortName]uint16) map[config.PortName]uint16 {
	picked := make(map[config.PortName]uint16, len(n.ports))
	used := make(map[uint16]bool, len(n.ports))
	take := func(name config.PortName, number uint16) { picked[name], used[number] = number, true }
	for _, p := range n.ports {
		if p.Number != 0 {
			take(p.Name, p.Number)
		}
	}
	for _, p := range n.ports {
		if was := last[p.Name]; p.Number == 0 && was != 0 && !used[was] && o.hasPort(was) && !slices.Contains(n.others, was) {
			take(p.Name, was)
		}
	}
	for _, p := range n.ports {
		if _, done := picked[p.Name]; done {
			continue
		}
		number := o.lowestPort(func(number uint16) bool { return !used[number] && !slices.Contains(n.others, number) })
		if number == 0 {
			number = o.lowestPort(func(number uint16) bool { return !used[number] })
		}
		if number != 0 {
			take(p.Name, number)
		}
	}
	return picked
}

// fixedPorts are the ports of n with a fixed number.
func (n *resourceRequest) fixedPorts() (fixed []uint16) {
	for _, p := range n.ports {
		if p.Number != 0 {
			fixed = append(fixed, p.Number)
		}
	}
	return fixed
}

// lowestPort is the lowest offered port that suits; 0 for none.
func (o *Offer) lowestPort(suits func(uint16) bool) uint16 {
	for _, r := range o.Ports {
		for number := max(int(r.Begin), 1); number <= int(r.End); number++ {
			if suits(uint16(number)) {
				return uint16(number)
			}
		}
	}
	return 0
}

// take subtracts the resources of a task from o, with the three decimals of Mesos: people read what is
// left.
func (o *Offer) take(n *resourceRequest, ports map[config.PortName]uint16) {
	o.CPUs = round3(o.CPUs - n.cpus)
	o.MemMB = round3(o.MemMB - n.memMB)
	o.DiskMB = max(0, o.DiskMB-n.diskMB)
	for _, p := range ports {
		var left []PortRange
		for _, r := range o.Ports {
			if p < r.Begin || p > r.End {
				left = append(left, r)
				continue
			}
			if p > r.Begin {
				left = append(left, PortRange{r.Begin, p - 1})
			}
			if p < r.End {
				left = append(left, PortRange{p + 1, r.End})
			}
		}
		o.Ports = left
	}
}
