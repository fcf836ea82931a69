package config

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Folder is a folder of a tier of a worker's storage.
type Folder struct {
	// Level is that of the tier, from 0, the top one.
	Level int `json:"level"`
	// Path is absolute, or relative for a folder on the worker's volume. It is "" only in the top
	// tier: the executor makes a folder of the task's own.
	Path string `json:"path,omitempty"`
	// Size is the quota: what the folder holds at most.
	Size Bytes `json:"size"`
	// Disk is true for a folder on disk (SSD, HDD), false for one in memory.
	Disk bool `json:"disk,omitempty"`
}

// OnVolume is true for a folder on the worker's persistent volume.
func (f Folder) OnVolume() bool { return f.Path != "" && !path.IsAbs(f.Path) }

const (
	tierPrefix = "alluxio.worker.tieredstore.level"
	// tierMemory is the alias of a tier in memory. Alluxio: property reference,
	// alluxio.worker.tieredstore.level0.alias.
	tierMemory = "MEM"
	// mostTiers is the largest number of levels. Alluxio has three aliases.
	mostTiers = 3
)

// TierKey is the property of a level with this last part, such as dirs.path.
func TierKey(level int, what string) string { return tierPrefix + strconv.Itoa(level) + "." + what }

// TierFolders are the folders of all tiers in the order of the levels: that of Ramdisk, which may
// be one of the executor's choice, and Folders.
func (s *Settings) TierFolders() []Folder { return s.Ramdisk.TierFolders(s.Folders) }

// TierFolders are r, which is the first folder of the top tier, and those beside it.
func (r Ramdisk) TierFolders(beside []Folder) []Folder {
	return append([]Folder{{Path: r.Path, Size: r.Size, Disk: r.Disk}}, beside...)
}

// TierClaim is what a worker's tiers take of a host, in bytes: memory on top of the JVM's share,
// and disk beside that of its volume.
func (s *Settings) TierClaim() (memory, disk Bytes) {
	for _, f := range s.TierFolders() {
		switch {
		case f.OnVolume():
		case f.Disk:
			disk += f.Size
		default:
			memory += f.Size
		}
	}
	return memory, disk
}

// TierText shows the sum behind the disk, or the memory, that TierClaim returns.
func (s *Settings) TierText(disk bool) string {
	var parts []string
	var last Folder
	count := 0
	flush := func() {
		switch count {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf("%s of level %d", last.Size, last.Level))
		default:
			parts = append(parts, fmt.Sprintf("%d x %s of level %d", count, last.Size, last.Level))
		}
		count = 0
	}
	for _, f := range s.TierFolders() {
		if f.Disk != disk || f.OnVolume() {
			continue
		}
		if count > 0 && (f.Level != last.Level || f.Size != last.Size) {
			flush()
		}
		last = f
		count++
	}
	flush()
	return strings.Join(parts, " + ")
}

// tiers reads the folders of each tier, how large they are and whether they are in memory, and
// refuses what contradicts itself.
func (l *loader) tiers(s *Settings) {
	levels := l.tierLevels()
	paths := make([][]string, levels)
	onVolume := false
	for level := range levels {
		paths[level] = l.folderPaths(level)
		for _, p := range paths[level] {
			onVolume = onVolume || (Folder{Path: p}).OnVolume()
		}
	}
	if s.Worker.Volume > 0 && !onVolume { // it becomes level 1
		l.checkTierOfVolume()
		paths = paths[:1]
		l.checkAliases([]string{l.alias(0), volumeAlias})
	} else {
		l.warnUnusedLevels(levels)
		var aliases []string
		for level := range levels {
			aliases = append(aliases, l.alias(level))
		}
		l.checkAliases(aliases)
	}
	var folders []Folder
	for level, list := range paths {
		if len(list) == 0 { // level 0 without a path has one that is ""
			if !l.hasProblem(TierKey(level, "dirs.path")) {
				l.problem(TierKey(level, "dirs.path"), "level %d of %s has no folder; name one of the agents, such as "+
					"/mnt/ssd, or fewer levels", level, KeyTierLevels)
			}
			continue
		}
		folders = append(folders, l.foldersOf(s, level, list)...)
	}
	l.setFolders(s, folders)
	l.checkFolders(s, folders)
}

// tierLevels is the number of tiers, 1 to mostTiers.
func (l *loader) tierLevels() int {
	p, ok := l.find(KeyTierLevels)
	if !ok || strings.TrimSpace(p.Value) == "" {
		return 1
	}
	text, err := l.expand(strings.TrimSpace(p.Value))
	if err != nil {
		l.problem(KeyTierLevels, "%s", err)
		return 1
	}
	levels, err := strconv.Atoi(text)
	if err != nil || levels < 1 || levels > mostTiers {
		l.problem(KeyTierLevels, "not a number of tiers; write 1, 2 or %d", mostTiers)
		return 1
	}
	return levels
}

// folderPaths are the folders of a level as the site file names them: for level 0 without any one
// that is "", for others without any none.
func (l *loader) folderPaths(level int) []string {
	key := TierKey(level, "dirs.path")
	if level == 0 {
		if paths := get[[]string](l, key); len(paths) > 0 {
			return paths
		}
		return []string{""}
	}
	written, ok := l.find(key)
	if !ok {
		return nil
	}
	text, err := l.expand(strings.TrimSpace(written.Value))
	var paths []string
	if err == nil {
		paths, err = parseFolders(text)
	}
	if err != nil {
		l.problem(key, "%s", err)
	}
	return paths
}

// foldersOf are the folders of a level with their quotas.
func (l *loader) foldersOf(s *Settings, level int, paths []string) []Folder {
	quotas := l.quotas(s, level, len(paths))
	if quotas == nil {
		return nil
	}
	mediums := l.mediums(s, level, len(paths))
	folders := make([]Folder, len(paths))
	var total Bytes
	for i, p := range paths {
		// As in Alluxio the last of fewer quotas, or mediums, is that of all folders after it.
		folders[i] = Folder{Level: level, Path: p, Size: quotas[min(i, len(quotas)-1)],
			Disk: !strings.EqualFold(mediums[min(i, len(mediums)-1)], tierMemory)}
		if total += folders[i].Size; total > maxBytes {
			l.problem(TierKey(level, "dirs.quota"),
				"all folders of the level together are too large a size; write smaller ones")
			return nil
		}
	}
	return folders
}
