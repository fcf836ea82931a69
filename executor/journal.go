package executor

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// journal is where a master keeps its metadata log.
type journal struct {
	// folder is what Alluxio is told: a path, or a URI such as hdfs://nn/alluxio.
	folder string
	// path is the local folder, or "" for a URI, which this executor cannot look into.
	path string
	// metastore is a local folder for what Alluxio 2.x keeps beside its journal; it is rebuilt from it.
	metastore string
	// markers are the files that say that a format is under way: beside the folder, else in the data folder.
	markers []string
	note    string
}

// findJournal resolves where the journal is.
func (h host) findJournal(spec *launch.Spec, alluxioHome string) (journal, error) {
	data, note := spec.Journal.DataDir, ""
	volume, err := h.volume(spec)
	if err != nil {
		return journal{}, err
	}
	if volume != "" {
		data = volume
	} else if data == "" {
		data, note = h.dataDir(spec.Cluster)
		if err := h.ownData(data); err != nil && spec.Journal.Folder == "" {
			return journal{}, err
		}
	} else if !filepath.IsAbs(data) {
		return journal{}, fmt.Errorf("alluxio.integration.mesos.data.dir=%s is not an absolute path", data)
	}
	j := journal{folder: filepath.Join(data, "journal", spec.Journal.Member), metastore: filepath.Join(data, "metastore", spec.Slot), note: note}
	if spec.Journal.Folder != "" {
		folder, err := expand(spec, "alluxio.master.journal.folder", spec.Journal.Folder, alluxioHome)
		if err != nil {
			return journal{}, err
		}
		j.folder, j.note = folder, ""
	}
	u, err := url.Parse(j.folder)
	switch {
	case strings.HasPrefix(j.folder, "/"):
		j.path = filepath.Clean(j.folder)
	case err == nil && u.Scheme == "file" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		j.path = filepath.Clean(u.Path)
	case err == nil && u.Scheme != "" && u.Scheme != "file":
		return j, nil
	default:
		return journal{}, fmt.Errorf("alluxio.master.journal.folder=%s is neither an absolute path nor a URI", j.folder)
	}
	if rel, err := filepath.Rel(alluxioHome, j.path); err == nil && filepath.IsLocal(rel) && spec.Install.Alluxio.URL != "" {
		return journal{}, fmt.Errorf("alluxio.master.journal.folder=%s is inside of the unpacked tarball, which is removed when its room is needed; write a folder outside, or remove the line", spec.Journal.Folder)
	}
	if volume == "" && h.inSandbox(j.path) {
		return journal{}, fmt.Errorf("the journal %s is inside of the task's sandbox %s, which Mesos removes after the task; name a folder outside with alluxio.integration.mesos.data.dir", j.path, h.sandbox)
	}
	dir, base := filepath.Split(j.path)
	j.markers = []string{
		filepath.Join(dir, "."+base+".alluxio-mesos-formatting"),
		filepath.Join(data, ".formatting"+strings.ReplaceAll(j.path, "/", "%")),
	}
	return j, nil
}

var reference = regexp.MustCompile(`\$\{([^${}]*)\}`)

// expand resolves the ${key} of a property's value as Alluxio does, as far as what the executor itself reads needs it.
func expand(spec *launch.Spec, key, value, alluxioHome string) (string, error) {
	known := map[string]string{"alluxio.home": alluxioHome, "alluxio.work.dir": alluxioHome}
	for _, p := range spec.Site {
		if p.Key != "alluxio.home" {
			known[p.Key] = p.Value
		}
	}
	unknown, written := "", value
	for range 20 {
		next := reference.ReplaceAllStringFunc(value, func(m string) string {
			v, ok := known[m[2:len(m)-1]]
			if !ok {
				unknown = m
				return m
			}
			return v
		})
		if next == value {
			break
		}
		value = next
	}
	if reference.MatchString(value) {
		return "", fmt.Errorf("%s=%s: %s is not set; write the value itself", key, written, unknown)
	}
	return value, nil
}

// content is what a look at a journal has found.
type content int

const (
	unknownContent content = iota // a URI
	noContent                     // empty or missing
	halfContent                   // a format of it was begun and did not end
	fullContent
)

// look looks into a local journal.
func (j journal) look() (content, error) {
	if j.path == "" {
		return unknownContent, nil
	}
	for _, m := range j.markers {
		if _, err := os.Lstat(m); err == nil {
			return halfContent, nil
		}
	}
	entries, err := os.ReadDir(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("look into the journal %s: %w", j.path, plain(err))
	}
	for _, e := range entries {
		if e.Name() != "lost+found" { // of a fresh file system
			return fullContent, nil
		}
	}
	return noContent, nil
}

// mayFormat decides whether a journal with this content is formatted now, or why the master must not start.
func (j journal) mayFormat(found content, spec *launch.Spec) (format bool, err error) {
	switch {
	case found == fullContent:
		return false, nil
	case spec.Journal.MayFormat:
		return true, nil
	case found == unknownContent:
		return false, nil // formatted before; nobody can look from here
	case found == halfContent:
		return false, fmt.Errorf("the journal %s is half formatted (%s), though it is recorded as formatted: bring its content back, or give it up with --lose-journal", j.path, j.markers[0])
	}
	return false, fmt.Errorf("the journal %s was formatted before and is empty now: bring its disk back, or give all of Alluxio's metadata up with --lose-journal", j.path)
}

// mark leaves the sign that a format is under way, before anything of the journal is touched.
func (j journal) mark() (marker string, err error) {
	var failures []error
	for _, m := range j.markers {
		if err = os.MkdirAll(filepath.Dir(m), 0o700); err == nil {
			if err = os.WriteFile(m, []byte("A format of the journal is under way. Without an executor at work, the journal is incomplete.\n"), 0o600); err == nil {
				return m, syncFolder(filepath.Dir(m))
			}
		}
		failures = append(failures, err)
	}
	return "", fmt.Errorf("format the journal %s: cannot leave a mark beside it: %w", j.path, errors.Join(failures...))
}

// signature is a file in a journal whose format leaves nothing behind: without it, nobody could tell a journal that was never used from a lost one.
const signature = "formatted-by-alluxio-mesos"

// sign leaves the signature in a journal that was formatted just now.
func (j journal) sign() error {
	text := []byte("Alluxio's format leaves this folder empty. The file says that it ran, and goes away with the journal.\n")
	err := os.WriteFile(filepath.Join(j.path, signature), text, 0o600)
	if err == nil {
		err = syncFolder(j.path)
	}
	if err != nil {
		return fmt.Errorf("finish the format of the journal %s: %w", j.path, err)
	}
	return nil
}

// unmark takes every mark away, durably: one that came back after a power failure would have a complete journal formatted again.
func (j journal) unmark() error {
	for _, m := range j.markers {
		if _, err := os.Lstat(m); err != nil {
			continue // as look sees it, there is none
		}
		err := os.Remove(m)
		if err == nil {
			err = syncFolder(filepath.Dir(m))
		}
		if err != nil {
			return fmt.Errorf("finish the format of the journal %s: %w", j.path, err)
		}
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
