package config

import "strings"

// tierBelow begins the properties of the tier that a worker's volume becomes.
const tierBelow = "alluxio.worker.tieredstore.level1."

// volumeAlias is the alias of that tier.
const volumeAlias = "HDD"

// KeyTierLevels is how many tiers a worker has.
const KeyTierLevels = "alluxio.worker.tieredstore.levels"

// checkTierOfVolume refuses properties of the tier that a worker's volume becomes.
func (l *loader) checkTierOfVolume() {
	for _, p := range l.entries {
		if p.Key == KeyTierLevels && strings.TrimSpace(p.Value) != "1" && strings.TrimSpace(p.Value) != "2" ||
			strings.HasPrefix(p.Key, tierBelow) {
			l.problem(KeyWorkerVolume,
				"a worker's volume becomes its tier below the top one, and %s (%s) is about that tier as well; remove one of "+
					"the two lines, or name folders on the volume with relative paths in %s", oneLine(p.Key), p.Source,
				TierKey(1, "dirs.path"))
			return
		}
	}
}

// checkVolumeRoom refuses folders on a volume that is missing or too small for them.
func (l *loader) checkVolumeRoom(s *Settings, folders []Folder) {
	var sum Bytes
	var parts []string
	key := ""
	for _, f := range folders {
		if f.OnVolume() {
			sum += f.Size
			parts, key = append(parts, f.Size.String()), TierKey(f.Level, "dirs.path")
		}
	}
	switch {
	case key == "":
	case s.Worker.Volume == 0:
		if !l.hasProblem(KeyWorkerVolume) && !l.hasProblem(key) {
			l.problem(key, "must be an absolute path, such as /mnt/alluxio; a relative one is a folder on the worker's "+
				"volume, which needs %s", KeyWorkerVolume)
		}
	case sum > s.Worker.Volume:
		l.problem(KeyWorkerVolume, "the folders on it are to hold %s = %s, which is %s more; enlarge it, or lower their "+
			"quotas", strings.Join(parts, " + "), sum, sum-s.Worker.Volume)
	}
}

// volumes reads the sizes of the persistent volumes and refuses what contradicts them.
func (l *loader) volumes(s *Settings) {
	for _, role := range l.roles.InStartOrder() {
		if s.Of(role).Volume > 0 && s.MesosRole == AnyMesosRole {
			l.problem(l.roles.Row(role).Keys.Volume,
				"a persistent volume needs reserved disk, and nothing can be reserved for the role *; set %s, for example to "+
					"alluxio, or remove the line", KeyMesosRole)
		}
	}
	if s.Master.Volume > 0 {
		for _, key := range []string{KeyJournalFolder, KeyDataDir} {
			if p, ok := l.find(key); ok && strings.TrimSpace(p.Value) != "" {
				l.problem(KeyMasterVolume,
					"the journal is to be on a volume, and %s (%s) puts it elsewhere; remove one of the two lines", key, p.Source)
			}
		}
		if s.Journal.Shared {
			l.problem(KeyMasterVolume,
				"a volume is on one host, and %s says that every host sees the journal; remove one of the two lines",
				KeyJournalShared)
		}
	}
}
