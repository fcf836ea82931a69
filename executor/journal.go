package executor

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
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
	// formatting stands while our format is under way, firstStart from then until the journal has
	// served a master: SIGTERM could leave it without a root. For a URI both are in the data folder
	// of this host, and other hosts do not see them.
	formatting, firstStart mark
	// member is true for the copy of one of several masters with the embedded journal.
	member bool
	note   string
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
	j := journal{
		folder:    filepath.Join(data, "journal", spec.Journal.Member),
		metastore: filepath.Join(data, "metastore", spec.Slot),
		member:    spec.Journal.Member != "", note: note,
	}
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
		name := fmt.Sprintf("%x", sha256.Sum256([]byte(j.folder)))[:16] // a URI may hold a password
		j.formatting, j.firstStart = mark{filepath.Join(data, ".formatting-"+name)},
			mark{filepath.Join(data, ".first-start-"+name)}
		return j, nil
	default:
		return journal{}, fmt.Errorf("alluxio.master.journal.folder=%s is neither an absolute path nor a URI", j.folder)
	}
	if rel, err := filepath.Rel(alluxioHome, j.path); err == nil && filepath.IsLocal(rel) &&
		spec.Install.Alluxio.URL != "" {
		return journal{},
			fmt.Errorf("alluxio.master.journal.folder=%s is inside of the unpacked tarball, which is removed when its room is "+
				"needed; write a folder outside, or remove the line", spec.Journal.Folder)
	}
	if volume == "" && h.inSandbox(j.path) {
		return journal{}, fmt.Errorf("the journal %s is inside of the task's sandbox %s, which Mesos removes after "+
			"the task; name a folder outside with alluxio.integration.mesos.data.dir", j.path, h.sandbox)
	}
	dir, base := filepath.Split(j.path)
	flat := strings.ReplaceAll(j.path, "/", "%")
	j.formatting = mark{filepath.Join(dir, "."+base+".alluxio-mesos-formatting"),
		filepath.Join(data, ".formatting"+flat)}
	j.firstStart = mark{filepath.Join(dir, "."+base+".alluxio-mesos-first-start"),
		filepath.Join(data, ".first-start"+flat)}
	return j, nil
}

var reference = regexp.MustCompile(`\$\{([^${}]*)\}`)

// expand resolves ${key} in a property's value as Alluxio does, for the properties that the executor reads.
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
	unknownContent  content = iota // a URI
	noContent                      // empty or missing
	halfContent                    // a format of it was begun and did not end
	doubtfulContent                // so it was on this host; another host may have written it since
	fullContent
)

// look looks into a local journal.
func (j journal) look() (content, error) {
	if j.path == "" {
		return unknownContent, nil
	}
	marked := j.formatting.place()
	if marked == j.formatting[0] { // beside the journal, where each host sees it
		return halfContent, nil
	}
	entries, err := os.ReadDir(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("look into the journal %s: %w", j.path, plain(err))
	}
	for _, e := range entries {
		// of a file system, such as .snapshot; Alluxio's names have no dot in front
		if e.Name() == "lost+found" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if marked != "" {
			return doubtfulContent, nil
		}
		return fullContent, nil
	}
	if marked != "" {
		return halfContent, nil
	}
	return noContent, nil
}

// wantsFormat says whether a journal with this content is formatted now, or why the master must not
// start. A format that was begun after the journal was recorded is not repeated at once: what is
// there shows itself when a master starts on it. So does doubtful content: it is never formatted
// without a word, since it may have served from another host.
func (j journal) wantsFormat(found content, spec *launch.Spec) (format bool, err error) {
	switch {
	case spec.Journal.Format:
		return true, nil
	case found == fullContent, found == unknownContent, found == doubtfulContent && spec.Journal.MayFormat:
		return false, nil
	case spec.Journal.MayFormat:
		return true, nil
	case (found == halfContent || found == doubtfulContent) && j.firstStart.stands():
		return false, nil
	case found == halfContent, found == doubtfulContent:
		return false, fmt.Errorf("the journal %s is half formatted, though it is recorded as formatted: bring its "+
			"content back and remove %s, or give it up with --lose-journal", j.path, j.formatting.place())
	}
	return false,
		fmt.Errorf("the journal %s was formatted before and is empty now: bring its disk back, or give all of Alluxio's "+
			"metadata up with --lose-journal", j.path)
}

// acceptsVersion says why no master of this version of Alluxio may start on the journal, or nil. It is
// asked before anything is written.
func (j journal) acceptsVersion(spec *launch.Spec, version string) error {
	change := config.ChangeOfVersion(spec.Journal.ServedBy, version, spec.Election == config.ByJournal)
	if !change.Rejected() || spec.Journal.Format {
		return nil
	}
	return fmt.Errorf("the journal %s was served from by Alluxio %s, and the install on this host is Alluxio %s: %s; "+
		"install Alluxio %s again, or %s", j.folder, spec.Journal.ServedBy, version, change.Why, spec.Journal.ServedBy,
		change.Steps)
}

// signature is a file in a journal whose format leaves nothing behind: without it, nobody could
// tell a journal that was never used from a lost one.
const signature = "formatted-by-alluxio-mesos"

// sign leaves the signature in a journal that was formatted just now.
func (j journal) sign() error {
	text := []byte("Alluxio's format leaves this folder empty. The file says that it ran, and goes away with the " +
		"journal.\n")
	err := os.WriteFile(filepath.Join(j.path, signature), text, 0o600)
	if err == nil {
		err = hostfs.SyncFolder(j.path)
	}
	if err != nil {
		return fmt.Errorf("finish the format of the journal %s: %w", j.path, err)
	}
	return nil
}
