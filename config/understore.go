package config

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// homeDefaults are the properties of Alluxio that name its home, or what is its home unless
// somebody says otherwise; nobody can, see placed.
var homeDefaults = []string{KeyHome, "alluxio.work.dir"}

// underStore finds the property that names the under store, and whether it is set. 2.x knows the
// old name as an alias, 1.x does not know the new one.
func (l *loader) underStore(version string) (key string, written Property, ok bool) {
	key = KeyRootUFS
	written, ok = l.find(key)
	if older, okOld := l.find(KeyUnderFSAddress); family(version) == 1 || (okOld && !ok) {
		key, written, ok = KeyUnderFSAddress, older, okOld
	}
	return key, written, ok && strings.TrimSpace(written.Value) != ""
}

// warnUnderStore warns of an under store that is lost with an installation of Alluxio, or that each
// host has for itself.
func (l *loader) warnUnderStore(s *Settings) {
	key, written, ok := l.underStore(s.Install.Version)
	where, at := key+" is not set, and its default is there", key+" is not set"
	if ok {
		where = written.Key + ", " + written.Source
		at = written.Key + ", " + filepath.Base(written.Source)
	}
	if s.Master.Count > 0 && (!ok || l.isInHome(strings.TrimSpace(written.Value), s.Install)) {
		fate := "and goes with this installation of Alluxio"
		if s.Install.Alluxio.URL != "" {
			fate = "where its tarball is unpacked: after an upgrade, or on another host, Alluxio does not find " +
				"its files"
		}
		text := "DATA WILL BE LOST OR NOT FOUND: the under store is inside Alluxio's home (" + where + ") " + fate +
			"; set " + key +
			" to storage that every host reaches, such as hdfs://namenode:9000/alluxio or s3://bucket/alluxio, or to " +
			"a folder of its own"
		if s.Install.Alluxio.URL != "" {
			s.UnderStoreInTarball = text
			text += ". A new cluster is not started like this"
		}
		l.warnInShort("DATA WILL BE LOST OR NOT FOUND: the under store is inside Alluxio's home ("+at+")", text)
		return
	}
	if s.Worker.Count == 1 || s.Worker.Count == 0 {
		return
	}
	if !ok {
		where = "a folder inside Alluxio's home, since " + key + " is not set"
	} else {
		location, err := l.expand(strings.TrimSpace(written.Value))
		if err == nil && location != "" && !isHostLocal(location) {
			return
		}
		where = "a local folder (" + where + ")"
	}
	l.warnInShort("DATA WILL BE LOST OR NOT FOUND: each host has an under store of its own ("+at+")",
		fmt.Sprintf("DATA WILL BE LOST OR NOT FOUND when workers run on several hosts: the under store is %s, so each "+
			"host writes to its own; set %s to storage that every host reaches, such as hdfs://namenode:9000/alluxio or "+
			"s3://bucket/alluxio, or %s=1. If the same network folder is mounted there on every host, all is well",
			where, key, KeyWorkerCount))
}

// isInHome is true for a location below the home that Alluxio will have.
func (l *loader) isInHome(location string, in Install) bool {
	// It stands for the cache of tarballs and for a home in it, which are known on the agent only.
	const cached, unpacked = "/.cache", "/.cache/entries/digest/tree/alluxio"
	home := in.Home
	if in.Alluxio.URL != "" {
		home = unpacked
	}
	for range nestedReferences {
		for _, key := range homeDefaults {
			location = strings.ReplaceAll(location, "${"+key+"}", home)
		}
		next := reference.ReplaceAllStringFunc(location, func(found string) string {
			if p, ok := l.find(found[2 : len(found)-1]); ok {
				return strings.TrimSpace(p.Value)
			}
			return found
		})
		if next == location || len(next) > longestExpanded {
			break
		}
		location = next
	}
	if !isHostLocal(location) {
		return false
	}
	homes := []string{home}
	if in.Alluxio.URL != "" {
		cache := in.CacheDir
		if cache == "" {
			cache = "/var/cache/alluxio-mesos" // root's
		}
		homes = append(homes, cached, path.Join(cache, "alluxio-mesos-cache"), path.Join(cache, "entries"))
	}
	place := path.Clean(localPath(location))
	for _, h := range homes {
		if h = path.Clean(h); path.IsAbs(h) && (place == h ||
			strings.HasPrefix(place, strings.TrimSuffix(h, "/")+"/")) {
			return true
		}
	}
	return false
}
