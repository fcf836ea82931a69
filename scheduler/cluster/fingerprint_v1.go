package cluster

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// earlierVersion is the version of fingerprints before fingerprintVersion. A task that has one was
// launched by an earlier version of this binary.
const earlierVersion = "v1:"

// earlierDigest is settingsDigest of earlierVersion, with another way to elect: every role saw every
// property.
func earlierDigest(s *config.Settings, role config.Role, election config.Election) string {
	r := s.Of(role)
	seen := struct {
		Site      [][2]string
		Files     []config.File
		Install   config.Install
		Mem       config.Bytes
		JavaOpts  []string
		Ramdisk   *config.Ramdisk `json:",omitempty"`
		Bind      config.BindMode
		User      string
		Volume    bool              `json:",omitempty"`
		Election  config.Election   `json:",omitempty"`
		Container *config.Container `json:",omitempty"`
	}{Volume: r.Volume > 0, Election: election, Files: s.Files, Install: s.Install, Mem: r.Mem, JavaOpts: r.JavaOpts,
		Bind: s.Bind, User: s.User, Site: sortedSite(s.Site), Container: containerOf(s)}
	seen.Install.CacheDir, seen.Install.CacheSize, seen.Install.JDKPathSet = "", 0, false
	if s.Roles.Row(role).Blocks {
		ramdisk := s.Ramdisk
		ramdisk.Size, ramdisk.Disk = cmp.Or(ramdisk.Property, ramdisk.Size), false
		seen.Ramdisk = &ramdisk
	}
	data, _ := json.Marshal(seen) // of strings and numbers only
	return digest(data)
}

// earlierDigests are the digests of earlierVersion for a role of these settings. There are two for
// a lone master that ZooKeeper elects, which was first taken for one without an election.
func earlierDigests(s *config.Settings, role config.Role) []string {
	digests := []string{earlierDigest(s, role, s.Election)}
	if s.Election == config.ByZooKeeper && s.Master.Count == 1 {
		digests = append(digests, earlierDigest(s, role, config.NoElection))
	}
	return digests
}

// isComparable is true for a fingerprint of a version that this binary can compute. One of a later
// version says nothing here, so that an earlier binary restarts nothing either.
func isComparable(fingerprint string) bool {
	return strings.HasPrefix(fingerprint, fingerprintVersion) || strings.HasPrefix(fingerprint, earlierVersion)
}

// renewFingerprints gives today's fingerprint to every task whose fingerprint of earlierVersion is
// that of today's settings. One with another stays as it is, and its task is outdated.
func (s *State) renewFingerprints() {
	earlier := map[config.Role][]string{}
	for _, slot := range s.slots.byTask {
		if !strings.HasPrefix(slot.Task.Fingerprint, earlierVersion) {
			continue
		}
		if earlier[slot.Role] == nil {
			earlier[slot.Role] = earlierDigests(s.settings, slot.Role)
		}
		for _, settings := range earlier[slot.Role] {
			if slot.Task.Fingerprint == earlierVersion+placementDigest(settings, slot.Host, slot.Ports) {
				slot.Task.Fingerprint = s.fingerprint(slot.Role, slot.Host, slot.Ports)
				s.record.touchRow(slotKey(slot.Name))
				break
			}
		}
	}
}
