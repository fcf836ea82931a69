package cluster

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// fingerprintVersion changes when the same settings get another fingerprint. Those of the version
// before stay computable, so that an upgrade of this binary restarts nothing: see earlierDigests.
const fingerprintVersion = "v2:"

// settingsDigest identifies what a role's Alluxio process sees of the settings: never the
// executor's URI, our version or API addresses.
func settingsDigest(s *config.Settings, role config.Role) string {
	r, row := s.Of(role), s.Roles.Row(role)
	seen := struct {
		Site      [][2]string
		Files     []config.File
		Install   config.Install
		Mem       config.Bytes
		JavaOpts  []string
		Ramdisk   *config.Ramdisk `json:",omitempty"`
		Bind      config.BindMode
		User      string
		DataDir   string            `json:",omitempty"`
		Volume    bool              `json:",omitempty"` // without its size, which a volume that exists keeps
		Election  config.Election   `json:",omitempty"`
		Container *config.Container `json:",omitempty"`
	}{Volume: r.Volume > 0, Election: s.Election, Files: s.Files, Install: s.Install, Mem: r.Mem, JavaOpts: r.JavaOpts,
		Bind: s.Bind, User: s.User, Site: sortedSite(s.SiteOf(role)), Container: containerOf(s)}
	seen.Install.CacheDir, seen.Install.CacheSize, seen.Install.JDKPathSet = "", 0, false
	if row.Blocks { // the quota of a tier is in the site
		seen.Ramdisk = &config.Ramdisk{Size: cmp.Or(s.Ramdisk.Property, s.Ramdisk.Size), Path: s.Ramdisk.Path}
	}
	if row.Journal {
		seen.DataDir = s.Journal.DataDir
	}
	data, _ := json.Marshal(seen) // of strings and numbers only
	return digest(data)
}

// sortedSite are properties by their names, without where they were written.
func sortedSite(site []config.Property) (sorted [][2]string) {
	for _, p := range site {
		sorted = append(sorted, [2]string{p.Key, p.Value})
	}
	slices.SortFunc(sorted, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return sorted
}

// containerOf is the container of s, nil for tasks that run without one.
func containerOf(s *config.Settings) *config.Container {
	if s.Container.Image == "" {
		return nil
	}
	return &s.Container
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// fingerprint identifies everything that Alluxio sees of the settings and of its placement.
func (s *State) fingerprint(role config.Role, host string, ports map[config.PortName]uint16) string {
	return fingerprintVersion + placementDigest(s.derived.digests[role], host, ports)
}

func placementDigest(settings, host string, ports map[config.PortName]uint16) string {
	names := make([]string, 0, len(ports))
	for name, number := range ports {
		names = append(names, string(name)+"="+strconv.Itoa(int(number)))
	}
	slices.Sort(names)
	return digest([]byte(settings + "|" + host + "|" + strings.Join(names, ",")))
}

// outdated is true for a slot whose task was launched with other settings, processors or addresses
// than today's, or registered with another leader, as far as fingerprints can be compared.
func (s *State) outdated(slot *Slot, today map[config.Role]string) bool {
	return slot.Task != nil && s.has(slot.Role) && isComparable(slot.Task.Fingerprint) &&
		(slot.Task.Fingerprint != s.fingerprint(slot.Role, slot.Host, slot.Ports) || s.otherCPUs(slot) ||
			s.roleWithOtherAddresses(slot, today) != "" || s.otherLeader(slot))
}

// otherCPUs is true for a task that was launched with another number of processors than today's
// settings give its role, as Mesos counts them: with three decimals.
func (s *State) otherCPUs(slot *Slot) bool {
	return math.Abs(slot.Task.CPUs-s.derived.requests[slot.Role].CPUs) >= resource.Epsilon
}

// assumeCPUs fills in the processors of tasks whose Record does not have them with today's settings:
// earlier versions did not save them, and an upgrade restarts nothing.
func (s *State) assumeCPUs(settings *config.Settings) {
	for _, slot := range s.slots.byTask {
		if slot.Task.CPUs <= 0 {
			slot.Task.CPUs = settings.Of(slot.Role).CPUs
			s.record.touchRow(slotKey(slot.Name))
		}
	}
}
