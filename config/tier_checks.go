package config

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// setFolders puts the folders into the settings: the first of the top tier takes the place of the
// ramdisk.
func (l *loader) setFolders(s *Settings, folders []Folder) {
	if len(folders) == 0 || folders[0].Level > 0 { // a problem is recorded
		return
	}
	top := folders[0]
	l.checkRamdiskSize(s, folders)
	s.Ramdisk.Path, s.Ramdisk.Disk = top.Path, top.Disk
	if top.Size != s.Ramdisk.Size {
		s.Ramdisk.Property, s.Ramdisk.Size = s.Ramdisk.Size, top.Size
	}
	if s.Folders = folders[1:]; len(s.Folders) == 0 {
		s.Folders = nil
	}
	if top.Disk && top.Path == "" && s.Worker.Count != 0 {
		l.problem(TierKey(0, "alias"), "the tier is on disk, and the folder that a worker gets without %s is in "+
			"memory; name a folder of the agents there", KeyRamdiskPath)
	}
}

// checkRamdiskSize refuses a size of the ramdisk that is not the quota of the folder in memory of
// the top tier.
func (l *loader) checkRamdiskSize(s *Settings, folders []Folder) {
	quota := folders[0].Size
	for _, f := range folders {
		if f.Level == 0 && !f.Disk {
			quota = f.Size
			break
		}
	}
	for _, name := range []string{KeyRamdiskSize, KeyMemorySize} {
		other, set := l.find(name)
		if claimed := s.Ramdisk.Size; set && claimed > 0 && claimed != quota {
			l.problem(TierKey(0, "dirs.quota"), "the tier is to hold %s, and %s=%s (%s) says how much a worker claims "+
				"for it: %s; write the same size twice, or remove one of the two lines",
				quota, name, claimed, other.Source, difference(quota, claimed))
			return
		}
	}
}

// checkAliases refuses the aliases of several levels with which a worker could not start, or not
// register: each level needs one that the masters know, and in their order. Alluxio: MasterWorkerInfo.
func (l *loader) checkAliases(aliases []string) {
	known := l.globalAliases()
	last := -1
	for level, alias := range aliases {
		position := slices.Index(known, alias)
		switch key := TierKey(level, "alias"); {
		case len(aliases) == 1:
		case alias == "":
			l.problem(key, "level %d of %s has no alias, and Alluxio has a default for level 0 only; write SSD or HDD", level,
				KeyTierLevels)
			return
		case position < 0:
			l.problem(key, "the masters know no tier %s for level %d; write one of %s", alias, level, strings.Join(known, ", "))
			return
		case position <= last:
			l.problem(TierKey(level-1, "alias"), "%s cannot be above %s of level %d: Alluxio wants each once, in the order %s",
				aliases[level-1], alias, level, strings.Join(known, ", "))
			return
		}
		last = position
	}
}

// globalAliases are the aliases that the masters know, in their order. Alluxio: property reference,
// alluxio.master.tieredstore.global.
func (l *loader) globalAliases() (aliases []string) {
	const prefix = "alluxio.master.tieredstore.global.level"
	levels := mostTiers
	if n, err := strconv.Atoi(l.siteText(prefix + "s")); err == nil && n > 0 {
		levels = min(n, mostTiers)
	}
	for level, alias := range [mostTiers]string{tierMemory, "SSD", "HDD"} {
		if level < levels {
			aliases = append(aliases, cmp.Or(l.siteText(prefix+strconv.Itoa(level)+".alias"), alias))
		}
	}
	return aliases
}

// difference says by how much the claim for a tier differs from its quota.
func difference(quota, claimed Bytes) string {
	if quota > claimed {
		return fmt.Sprintf("%s - %s = %s would be missing", quota, claimed, quota-claimed)
	}
	return fmt.Sprintf("%s - %s = %s would be claimed and not used", claimed, quota, claimed-quota)
}

// checkFolders refuses folders that share their blocks with each other, or with other data, and
// folders on a volume that has no room for them.
func (l *loader) checkFolders(s *Settings, folders []Folder) {
	for i, f := range folders {
		key := TierKey(f.Level, "dirs.path")
		if f.Path == "" || l.hasProblem(key) {
			continue
		}
		l.checkApart(key, f, folders[:i])
		if f.OnVolume() && !f.Disk {
			l.problem(key, "%s is a folder on the worker's volume, which is on disk, and the tier is in memory; write an "+
				"absolute path, or set %s to SSD or HDD", f.Path, TierKey(f.Level, "alias"))
		}
		l.checkForeignData(s, key, f.Path)
	}
	l.checkVolumeRoom(s, folders)
}

// checkApart refuses a folder of the property key that is the same as one of others, inside of it
// or around it.
func (l *loader) checkApart(key string, f Folder, others []Folder) {
	for _, other := range others {
		otherKey := TierKey(other.Level, "dirs.path")
		switch {
		case other.Path == "":
			continue
		case f.Path == other.Path:
			l.problem(key, "the folder %s is named twice, the other time in %s; give each its own folder", f.Path, otherKey)
		case isInside(f.Path, other.Path):
			l.problem(key, "the folder %s is inside of %s in %s; name folders beside each other", f.Path, other.Path,
				otherKey)
		case isInside(other.Path, f.Path):
			l.problem(key, "%s in %s is inside of the folder %s; name folders beside each other", other.Path, otherKey,
				f.Path)
		default:
			continue
		}
		return
	}
}

// checkForeignData refuses a folder of a tier in other data of the framework or of Alluxio, and
// such data among the blocks: a worker removes all that is not a block.
func (l *loader) checkForeignData(s *Settings, key, folder string) {
	list := l.dataOnHosts(s)
	if dir := s.Journal.DataDir; dir != "" {
		list = append(list, namedPath{KeyDataDir, path.Join(dir, "journal")},
			namedPath{KeyDataDir, path.Join(dir, "metastore")})
	}
	if s.Install.CacheDir != "" {
		list = append(list, namedPath{KeyCacheDir, path.Join(s.Install.CacheDir, "alluxio-mesos-cache")})
	}
	for _, d := range list {
		if !path.IsAbs(d.path) || path.Clean(d.path) == "/" {
			continue
		}
		own := path.Clean(d.path)
		if own == folder || isInside(folder, own) || isInside(own, path.Join(folder, blocksFolder)) {
			written, _ := l.find(d.key)
			l.problem(key, "the folder %s and %s of %s (%s) share files; name a folder of its own", folder, own, d.key,
				written.Source)
			return
		}
	}
}

const (
	keyMetastore = "alluxio.master.metastore.dir"
	// blocksFolder is where below a tier's folder a worker keeps its blocks. Alluxio:
	// alluxio.worker.data.folder.
	blocksFolder = "alluxioworker"
)

// namedPath is a path that a property names, or that is below one; "" for none.
type namedPath struct{ key, path string }

// dataOnHosts are the places on hosts that hold metadata of Alluxio or files of an under store.
func (l *loader) dataOnHosts(s *Settings) []namedPath {
	list := []namedPath{{KeyJournalFolder, localPath(s.Journal.Folder)}, {keyMetastore, l.siteText(keyMetastore)}}
	for _, name := range []string{KeyRootUFS, KeyUnderFSAddress} {
		if store := l.siteText(name); isHostLocal(store) {
			list = append(list, namedPath{name, localPath(store)})
		}
	}
	return list
}

// siteText is the value of a property of Alluxio with its references, "" where they are not known
// yet.
func (l *loader) siteText(name string) string {
	p, _ := l.find(name)
	text, err := l.expand(strings.TrimSpace(p.Value))
	if err != nil {
		return ""
	}
	return text
}

// isInside is true for a path below folder; both are clean.
func isInside(p, folder string) bool {
	return strings.HasPrefix(p, strings.TrimSuffix(folder, "/")+"/")
}

// warnUnusedLevels warns of properties of levels that Alluxio does not use.
func (l *loader) warnUnusedLevels(levels int) {
	for _, p := range l.entries {
		for level := levels; level < mostTiers; level++ {
			if strings.HasPrefix(p.Key, TierKey(level, "dirs.")) && !l.hasProblem(KeyTierLevels) {
				l.warn("%s (%s) has no effect with %s=%d; set that to %d, or remove the line", p.Key, p.Source, KeyTierLevels,
					levels, level+1)
				return
			}
		}
	}
}
