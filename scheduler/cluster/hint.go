package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// Hints are what an operator can do about a rejection: a property with the number to set, or a flag
// of the Mesos agent.

// leastMem is the smallest share of a JVM, in MB, that a hint proposes: with less Alluxio starts,
// and does little more.
const leastMem = 512

// atLeast is true for a version that is major.minor or later. One that cannot be read is not.
func atLeast(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	x, errX := strconv.Atoi(parts[0])
	y, errY := strconv.Atoi(parts[1])
	return errX == nil && errY == nil && (x > major || x == major && y >= minor)
}

// hintRestart says how the agent of host gets another flag, or "" when that would lose data of
// ours. An agent refuses to recover with other resources or attributes than before. Mesos:
// agent-recovery.md; --reconfiguration_policy is there from 1.5 on. Offers do not have the version of
// the agent, which may be older than that of the master.
func (s *State) hintRestart(host, flag string) string {
	switch {
	case atLeast(s.connection.master.Version, 1, 5):
		return fmt.Sprintf("restart the agent with %s, all else as today, and --reconfiguration_policy=additive (from "+
			"Mesos 1.5 on): its tasks go on", flag)
	case s.keepsDataOn(host):
		return ""
	}
	return fmt.Sprintf("restart the agent with %s and a new --work_dir: all tasks of this agent are lost", flag)
}

// hintFacts are the facts about all slots that hints need. They are collected once, and used until
// the State changes.
type hintFacts struct {
	// dataHosts have a volume of ours, or may have a journal.
	dataHosts map[string]bool
	// version is that of Alluxio, as a task has found it; "" for none.
	version string
}

func (s *State) facts() *hintFacts {
	if s.offers.hintFacts == nil {
		s.offers.keepHintFacts(s.collectHintFacts())
	}
	return s.offers.hintFacts
}

func (s *State) collectHintFacts() *hintFacts {
	f := &hintFacts{dataHosts: map[string]bool{}}
	for host := range s.volumes.unowned {
		f.dataHosts[host] = true
	}
	for _, slot := range s.slots.byName {
		if slot.Volume != nil {
			f.dataHosts[slot.Volume.Host] = true
		}
		if s.roleRow(slot.Role).Journal {
			f.dataHosts[slot.Host] = true
		}
		if slot.Task != nil && slot.Task.Report.AlluxioVersion != "" {
			f.version = slot.Task.Report.AlluxioVersion
		}
	}
	return f
}

// keepsDataOn is true for a host that has a volume of ours, or may have a journal.
func (s *State) keepsDataOn(host string) bool {
	if s.facts().dataHosts[host] {
		return true
	}
	for identity := range s.journals.formatted {
		if strings.HasPrefix(identity, host+":") {
			return true
		}
	}
	return false
}

// alternatives joins the hints that are not empty.
func alternatives(hints ...string) string {
	return strings.Join(slices.DeleteFunc(hints, func(hint string) bool { return hint == "" }), ", or ")
}

// leastCPUs is the smallest share that a hint proposes.
const leastCPUs = 0.1

func (s *State) hintCPUs(r *Rejection, n *resource.Request) string {
	more := s.hintRestart(r.Host, fmt.Sprintf("cpus in its --resources raised by %g",
		math.Ceil((n.CPUs-r.CPUs)*1000)/1000))
	if r.CPUs < leastCPUs {
		return cmp.Or(more, "use agents that offer as many")
	}
	return alternatives(fmt.Sprintf("set %s to at most %g", s.roleRow(n.Role).Keys.CPUs, r.CPUs), more)
}

// hintMem proposes the largest value of each property of the memory that fits into the offer, with
// the others unchanged.
func (s *State) hintMem(r *Rejection, n *resource.Request) string {
	var hints []string
	offered := r.MemMB
	if room := offered - n.Ramdisk.Megabytes(); room >= leastMem {
		hints = append(hints, fmt.Sprintf("set %s to at most %dMB", s.roleRow(n.Role).Keys.Mem, int(room)))
	}
	if room := offered - n.Share.Megabytes(); n.RamdiskText != "" && room >= 1 {
		hints = append(hints, fmt.Sprintf("lower the quotas of the tiers in memory to at most %dMB together", int(room)))
	} else if n.Ramdisk > 0 && room >= 1 {
		hints = append(hints, fmt.Sprintf("set %s to at most %dMB", s.ramdiskKey(), int(room)))
	}
	hints = append(hints, s.hintRestart(r.Host, fmt.Sprintf("mem in its --resources raised by %.0fMB (if the host "+
		"has them)", math.Ceil(n.MemMB-offered))))
	return cmp.Or(alternatives(hints...), "use agents that offer as much")
}

// keyTopQuota is the property of the quota of the top tier.
const keyTopQuota = "alluxio.worker.tieredstore.level0.dirs.quota"

// ramdiskKey is the property of the size of the ramdisk: the one that the operator wrote, else that
// of this version of Alluxio.
func (s *State) ramdiskKey() string {
	for _, key := range []string{keyTopQuota, config.KeyRamdiskSize, config.KeyMemorySize} {
		if _, set := s.settings.SiteValue(key); set {
			return key
		}
	}
	if version := s.alluxioVersion(); version != "" && !atLeast(version, 2, 4) {
		return config.KeyMemorySize
	}
	return config.KeyRamdiskSize
}

// alluxioVersion is the version of Alluxio as a task has found it, else as the settings have it; ""
// while neither is known.
func (s *State) alluxioVersion() string { return cmp.Or(s.facts().version, s.settings.Install.Version) }

// hintPorts proposes the ports for the agent's --resources: those that it offers, those of our tasks
// there, and those that are requested.
func (s *State) hintPorts(r *Rejection, n *resource.Request) string {
	keys := n.PortKeys()
	if keys == "" {
		return s.hintRestart(r.Host, "ports that no other framework takes, such as --resources='ports:[31000-32000]'")
	}
	var ports []uint16
	for _, role := range s.roles.InStartOrder() {
		ports = append(ports, s.derived.requests[role].FixedPorts()...)
		if slot := s.slots.byHost[hostKey{role, r.Host}]; slot != nil && slot.Task != nil {
			for _, port := range slot.Ports {
				ports = append(ports, port)
			}
		}
	}
	all := append(offer.PortsOf(ports), r.Ports...).Merged().String()
	return alternatives(s.hintRestart(r.Host, "--resources='ports:"+all+"'"),
		fmt.Sprintf("set %s to 0 for any offered port", keys))
}

// hostAway is true when the host of a vacant slot may be down: Mesos has reported it as gone, or it
// has made no offer for awayAfter. After a declined offer a healthy host makes none for as long as
// the offer was declined for.
func (s *State) hostAway(slot *Slot, now time.Time) bool {
	silent := awayAfter
	if !slot.lastOffer.IsZero() {
		silent += refuseUnfit
	}
	return slot.HostGone || !now.Before(later(later(slot.VacantSince, slot.lastOffer), s.connection.since).Add(silent))
}

// hintHost says what helps a slot that waits for host, which holds its journal or its volume. slot is
// nil when it is gone meanwhile. While the host is not away, the hint proposes no loss of data.
func (s *State) hintHost(slot *Slot, host string, away bool) string {
	back := "bring " + host + " back"
	switch {
	case !away:
		return "it starts there with the next offer that fits; `alluxio-mesos explain " + host +
			"` says why its offers were not used"
	case slot == nil:
		return back
	case s.keepsJournal(slot):
		return back + ", or give its journal up for ever with `alluxio-mesos replace " + slot.Name +
			" --destroy-volume`"
	case s.roleRow(slot.Role).Journal && slot.Volume == nil:
		return back + ", or give its journal up for ever with --lose-journal"
	case s.settings.Of(slot.Role).Count == config.AllHosts:
		return back + ", or give the slot up with `alluxio-mesos replace " + slot.Name + "`"
	}
	return back + ", or start the slot on another host with `alluxio-mesos replace " + slot.Name + "`"
}
