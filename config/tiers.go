package config

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Tier is one level of a worker's storage below the top one.
type Tier struct {
	// Level counts from 0, the top one.
	Level int
	// Disk is true for a tier on disk (SSD, HDD), false for one in memory.
	Disk bool
	// Size is what all its folders hold together.
	Size Bytes
}

const (
	tierPrefix = "alluxio.worker.tieredstore.level"
	// tierMemory is the alias of a tier in memory. Alluxio: property reference,
	// alluxio.worker.tieredstore.level0.alias.
	tierMemory = "MEM"
	// mostTiers is the largest number of levels. Alluxio has three aliases.
	mostTiers = 3
)

// tierAliases are the aliases that Alluxio gives to levels without one in the site file.
var tierAliases = [mostTiers]string{tierMemory, "SSD", "HDD"}

// TierClaim is what a worker's tiers take of a host, in bytes: memory on top of the JVM's share,
// and disk.
func (s *Settings) TierClaim() (memory, disk Bytes) {
	for _, t := range append([]Tier{{Disk: s.Ramdisk.Disk, Size: s.Ramdisk.Size}}, s.LowerTiers...) {
		if t.Disk {
			disk += t.Size
		} else {
			memory += t.Size
		}
	}
	return memory, disk
}

// TierText shows the sum behind the disk, or the memory, that TierClaim returns.
func (s *Settings) TierText(disk bool) string {
	var parts []string
	for _, t := range append([]Tier{{Disk: s.Ramdisk.Disk, Size: s.Ramdisk.Size}}, s.LowerTiers...) {
		if t.Disk == disk {
			parts = append(parts, fmt.Sprintf("%s of level %d", t.Size, t.Level))
		}
	}
	return strings.Join(parts, " + ")
}

// tiers reads how large each tier is and whether it is in memory, and refuses what contradicts
// itself.
func (l *loader) tiers(s *Settings) {
	s.Ramdisk.Disk = !l.isMemory(0)
	l.topTierSize(s)
	if s.Ramdisk.Disk && s.Ramdisk.Path == "" && s.Worker.Count != 0 {
		l.problem(tierKey(0, "alias"), "the tier is on disk, and the folder that a worker gets without %s is in "+
			"memory; name a folder of the agents there", KeyRamdiskPath)
	}
	if s.Worker.Volume > 0 { // it becomes level 1, and is claimed as a volume
		return
	}
	p, _ := l.find(KeyTierLevels)
	levels, _ := strconv.Atoi(strings.TrimSpace(p.Value)) // Alluxio reports what is no number
	for level := 1; level < min(levels, mostTiers); level++ {
		if size, ok := l.lowerTierSize(level); ok {
			s.LowerTiers = append(s.LowerTiers, Tier{Level: level, Disk: !l.isMemory(level), Size: size})
		}
	}
}

// topTierSize makes the quota of the top tier the size that counts. Without one Alluxio takes the
// size of the ramdisk.
func (l *loader) topTierSize(s *Settings) {
	key := tierKey(0, "dirs.quota")
	written, ok := l.find(key)
	if !ok || strings.TrimSpace(written.Value) == "" {
		return
	}
	text, err := l.expand(strings.TrimSpace(written.Value))
	if err != nil && (strings.Contains(written.Value, KeyRamdiskSize) ||
		strings.Contains(written.Value, KeyMemorySize)) {
		return // Alluxio's own default, written out
	}
	if strings.Contains(text, ",") {
		l.problem(key, "several folders for the top tier are not in this version; write one size")
		return
	}
	quota, sizeErr := KindRamdisk.parseSize(text)
	if err != nil || sizeErr != nil {
		l.problem(key, "%s", cmp.Or(err, sizeErr))
		return
	}
	for _, name := range []string{KeyRamdiskSize, KeyMemorySize} {
		other, set := l.find(name)
		if claimed := s.Ramdisk.Size; set && claimed > 0 && claimed != quota {
			l.problem(key, "the tier is to hold %s, and %s=%s (%s) says how much a worker claims for it: %s; write "+
				"the same size twice, or remove one of the two lines",
				quota, name, claimed, other.Source, difference(quota, claimed))
			return
		}
	}
	if quota != s.Ramdisk.Size {
		s.Ramdisk.Property, s.Ramdisk.Size = s.Ramdisk.Size, quota
	}
}

// difference says by how much the claim for a tier differs from its quota.
func difference(quota, claimed Bytes) string {
	if quota > claimed {
		return fmt.Sprintf("%s - %s = %s would be missing", quota, claimed, quota-claimed)
	}
	return fmt.Sprintf("%s - %s = %s would be claimed and not used", claimed, quota, claimed-quota)
}

// lowerTierSize adds up the quotas of the folders of a level. As in Alluxio the last quota is that
// of all folders after it.
func (l *loader) lowerTierSize(level int) (total Bytes, ok bool) {
	key := tierKey(level, "dirs.quota")
	written, _ := l.find(key)
	paths, _ := l.find(tierKey(level, "dirs.path"))
	text, err := l.expand(strings.TrimSpace(written.Value))
	if err == nil && text == "" {
		err = fmt.Errorf("level %d of %s has no size; write one, such as 100GB, or fewer levels", level, KeyTierLevels)
	}
	if err != nil {
		l.problem(key, "%s", err)
		return 0, false
	}
	quotas := strings.Split(text, ",")
	for i := range strings.Split(paths.Value, ",") {
		size, err := KindRamdisk.parseSize(strings.TrimSpace(quotas[min(i, len(quotas)-1)]))
		if err != nil {
			l.problem(key, "%s", err)
			return 0, false
		}
		if total += size; total > maxBytes {
			l.problem(key, "all folders of the level together are too large a size; write smaller ones")
			return 0, false
		}
	}
	return total, true
}

// isMemory is true for a level in memory.
func (l *loader) isMemory(level int) bool {
	alias := tierAliases[level]
	if written, ok := l.find(tierKey(level, "alias")); ok {
		alias = strings.TrimSpace(written.Value)
	}
	return strings.EqualFold(alias, tierMemory)
}

func tierKey(level int, what string) string { return tierPrefix + strconv.Itoa(level) + "." + what }
