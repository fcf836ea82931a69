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
)

// fingerprintVersion changes when the same settings get another fingerprint; tasks with a
// fingerprint of an older version are not outdated by that alone, so that an upgrade of this binary
// restarts nothing.
const fingerprintVersion = "v1:"

// settingsDigest identifies what a role's Alluxio process sees of the settings: never the
// executor's URI, our version or API addresses.
func settingsDigest(s *config.Settings, role config.Role) string {
	r := s.Of(role)
	seen := struct {
		Site     [][2]string
		Files    []config.File
		Install  config.Install
		Mem      config.Bytes
		JavaOpts []string
		Ramdisk  *config.Ramdisk `json:",omitempty"`
		Bind     config.BindMode
		User     string
		// without its size: a change of the size does not change a volume that exists
		Volume    bool              `json:",omitempty"`
		Election  config.Election   `json:",omitempty"`
		Container *config.Container `json:",omitempty"` // left out without one, as before there were any
	}{Volume: r.Volume > 0, Election: s.Election, Files: s.Files, Install: s.Install, Mem: r.Mem, JavaOpts: r.JavaOpts,
		Bind: s.Bind, User: s.User}
	if s.Container.Image != "" {
		seen.Container = &s.Container
	}
	seen.Install.CacheDir, seen.Install.CacheSize, seen.Install.JDKPathSet = "", 0, false
	for _, p := range s.Site {
		seen.Site = append(seen.Site, [2]string{p.Key, p.Value})
	}
	slices.SortFunc(seen.Site, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	if s.Roles.Row(role).Blocks {
		// as in versions that claimed the property whatever the tier's quota was; the quota is in
		// the site
		ramdisk := s.Ramdisk
		ramdisk.Size, ramdisk.Disk = cmp.Or(ramdisk.Property, ramdisk.Size), false
		seen.Ramdisk = &ramdisk
	}
	data, _ := json.Marshal(seen) // of strings and numbers only
	return digest(data)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// digestsWithoutElection are the digests that older versions computed for a lone master that
// ZooKeeper elects; nil for any other settings.
func (s *State) digestsWithoutElection(settings *config.Settings) map[config.Role]string {
	if settings.Election != config.ByZooKeeper || settings.Master.Count != 1 {
		return nil
	}
	lone, digests := *settings, map[config.Role]string{}
	lone.Election = config.NoElection
	for _, role := range s.roles.InStartOrder() {
		digests[role] = settingsDigest(&lone, role)
	}
	return digests
}

// fingerprint identifies everything that Alluxio sees of the settings and of its placement.
func (s *State) fingerprint(role config.Role, host string, ports map[config.PortName]uint16) string {
	return placementFingerprint(s.digests[role], host, ports)
}

func placementFingerprint(settings, host string, ports map[config.PortName]uint16) string {
	names := make([]string, 0, len(ports))
	for name, number := range ports {
		names = append(names, string(name)+"="+strconv.Itoa(int(number)))
	}
	slices.Sort(names)
	return fingerprintVersion + digest([]byte(settings+"|"+host+"|"+strings.Join(names, ",")))
}

// outdated is true for a slot whose task was launched with other settings, processors or addresses
// than today's, as far as fingerprints can be compared.
func (s *State) outdated(slot *Slot, today map[config.Role]string) bool {
	return slot.Task != nil && strings.HasPrefix(slot.Task.Fingerprint, fingerprintVersion) &&
		(!s.seesToday(slot) || s.otherCPUs(slot) || s.apart(slot, today) != "")
}

// seesToday is true for a slot whose task has today's fingerprint.
func (s *State) seesToday(slot *Slot) bool {
	if slot.Task.Fingerprint == s.fingerprint(slot.Role, slot.Host, slot.Ports) {
		return true
	}
	lone, ok := s.loneDigests[slot.Role]
	return ok && slot.Task.Fingerprint == placementFingerprint(lone, slot.Host, slot.Ports)
}

// otherCPUs is true for a task that was launched with another number of processors than today's
// settings give its role, as Mesos counts them: with three decimals.
func (s *State) otherCPUs(slot *Slot) bool {
	return math.Abs(slot.Task.CPUs-s.requests[slot.Role].cpus) >= epsilon
}

// assumeCPUs fills in the processors of tasks whose Record does not have them with today's settings:
// earlier versions did not save them, and an upgrade restarts nothing.
func (s *State) assumeCPUs(settings *config.Settings) {
	for _, slot := range s.byTask {
		if slot.Task.CPUs <= 0 {
			slot.Task.CPUs = settings.Of(slot.Role).CPUs
			s.changed[slotKey(slot.Name)] = struct{}{}
		}
	}
}
