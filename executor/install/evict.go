package install

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// evict removes entries that nobody uses, the least recently used first, until the cache holds at
// most bound bytes, and what dead processes left. It returns the bytes that it removed. Another
// process that is at it already is enough; what fails is tried again by the next one, since a cache
// that is too large is no reason to fail a task.
func (c *Cache) evict(bound config.Bytes) (freed int64) {
	lock, err := hostfs.TryPrivateLock(c.path("locks", "evict.lock"), hostfs.Exclusive)
	if err != nil {
		return 0
	}
	defer lock.Remove()
	freed = c.evictEntries(bound)
	c.sweepSources()
	c.sweepTemporary()
	return freed
}

type candidate struct {
	digest string
	bytes  int64
	used   time.Time
}

func (c *Cache) evictEntries(bound config.Bytes) (freed int64) {
	all, total := c.candidates()
	var kept []string
	for _, e := range all {
		if total <= int64(bound) {
			break
		}
		lock, err := hostfs.TryPrivateLock(c.path("locks", e.digest+".lock"), hostfs.Exclusive)
		if err != nil {
			continue // in use
		}
		if why := c.notOurs(e.digest); why != "" {
			kept = append(kept, fmt.Sprintf("the unpacked tarball in %s is kept beyond "+
				"alluxio.integration.mesos.cache.size, for %s", c.path("entries", e.digest, "tree"), why))
		} else if c.discard(e.digest) == nil {
			total -= e.bytes
			freed += e.bytes
		}
		lock.Remove()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = kept
	return freed
}

// notOurs says why an entry must not be removed, or "": only what is known to come from its tarball
// is the cache's.
func (c *Cache) notOurs(digest string) string {
	m, err := readManifest(c.path("entries", digest))
	if err != nil {
		return "nothing shows which of its files came with the tarball: remove the folder if none is needed"
	}
	beyond, err := m.beyond(c.path("entries", digest, "tree"))
	if err != nil {
		return "it cannot be read: " + cause(err).Error()
	}
	if beyond != "" {
		return fmt.Sprintf("it has %s, which did not come with the tarball: move that to a place of its own", beyond)
	}
	return ""
}

// candidates lists all entries, the least recently used first, and their bytes together.
func (c *Cache) candidates() (all []candidate, total int64) {
	for _, name := range names(c.path("entries")) {
		if !digestName.MatchString(name) {
			continue // not ours
		}
		m, err := readMeta(c.path("entries", name))
		if err != nil {
			m.Bytes = 0 // damaged
		}
		used := time.Time{}
		if st, err := os.Stat(c.path("locks", name+".lock")); err == nil {
			used = st.ModTime()
		}
		all = append(all, candidate{digest: name, bytes: m.Bytes, used: used})
		total += m.Bytes
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.digest, b.digest))
	})
	return all, total
}

// sourceName is the name of a record, or of one that is being written.
var sourceName = regexp.MustCompile(`^[0-9a-f]{64}\.json(\.new)?$`)

// forgetRefused is how long it is remembered that a URL gave a tarball of the wrong digest.
const forgetRefused = 24 * time.Hour

// sweepSources forgets URLs whose tarball is not in the cache any more, and what who died while
// writing left.
func (c *Cache) sweepSources() {
	lock, err := hostfs.TryPrivateLock(c.path("locks", sourcesLock), hostfs.Exclusive)
	if err != nil {
		return // the next clean-up does it
	}
	defer lock.Remove()
	for _, name := range names(c.path("sources")) {
		if !sourceName.MatchString(name) {
			continue
		}
		var rec record
		data, err := os.ReadFile(c.path("sources", name))
		if err == nil && json.Unmarshal(data, &rec) == nil && rec.SHA256 != "" &&
			(exists(c.path("entries", rec.SHA256)) || time.Since(rec.Refused) < forgetRefused) {
			continue
		}
		_ = os.Remove(c.path("sources", name))
	}
}

// sweepTemporary removes what dead processes were unpacking.
func (c *Cache) sweepTemporary() {
	for _, name := range names(c.path("tmp")) {
		digest, gone := strings.CutPrefix(name, "gone-")
		if !digestName.MatchString(digest) {
			continue
		}
		lockName := "fetch-" + name + ".lock"
		if gone {
			lockName = digest + ".lock"
		}
		lock, err := hostfs.TryPrivateLock(c.path("locks", lockName), hostfs.Exclusive)
		if err != nil {
			continue // its owner lives
		}
		_ = os.RemoveAll(filepath.Join(c.dir, "tmp", name))
		lock.Remove()
	}
}

func names(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out
}
