package config

import (
	"path"
	"time"
)

// Backup says where backups of Alluxio's metadata go.
type Backup struct {
	// Dir is an absolute path on the hosts of Alluxio masters, in its shortest form; "" for no backups.
	Dir string
	// Interval is how long after a backup the next one is due; 0 for never.
	Interval time.Duration
	// Keep is how many stay, >= 1.
	Keep int
}

// backup reads where backups go, and refuses a folder in which they could be lost.
func (l *loader) backup(s *Settings) {
	b := Backup{Dir: get[string](l, KeyBackupDir), Interval: get[time.Duration](l, KeyBackupInterval),
		Keep: get[int](l, KeyBackupKeep)}
	if b.Dir == "" {
		if b.Interval > 0 {
			l.problem(KeyBackupInterval, "has no effect without a folder; set %s, or remove the line", KeyBackupDir)
		}
		return
	}
	b.Dir = path.Clean(b.Dir)
	s.Backup = b
	if b.Dir == "/" {
		l.problem(KeyBackupDir, "name a folder of its own below /")
		return
	}
	if s.Container.Image != "" {
		l.problem(KeyBackupDir, "the folder would be inside of the container (%s) and lost with it; remove the line",
			KeyContainerImage)
		return
	}
	l.checkBackupApart(s)
}

// checkBackupApart refuses a folder for backups in, or around, what the framework or Alluxio removes.
func (l *loader) checkBackupApart(s *Settings) {
	list := append(l.dataOnHosts(s), namedPath{KeyDataDir, s.Journal.DataDir},
		namedPath{KeyCacheDir, s.Install.CacheDir}, namedPath{KeyHome, s.Install.Home})
	for _, f := range s.TierFolders() {
		list = append(list, namedPath{TierKey(f.Level, "dirs.path"), f.Path})
	}
	for _, other := range list {
		own := path.Clean(other.path)
		if path.IsAbs(other.path) && own != "/" && (own == s.Backup.Dir || isInside(s.Backup.Dir, own) ||
			isInside(own, s.Backup.Dir)) {
			l.problem(KeyBackupDir, "the folder shares files with %s of %s, and backups would be lost with them; name a "+
				"folder of its own", own, other.key)
			return
		}
	}
}
