package install

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// item is a file, folder or symbolic link of an unpacked tarball.
type item struct {
	// name is its path in the tree, with slashes.
	name string
	// mode is its kind and permissions as ls writes them.
	mode string
	// size is that of a file or of the text of a link, in bytes, and 0 for a folder.
	size int64
}

// manifest lists everything that a tarball was unpacked into: folders before what is in them. What
// a tree has beyond it came later and is not the cache's.
type manifest []item

func newItem(name string, info fs.FileInfo) item {
	it := item{name: filepath.ToSlash(name), mode: info.Mode().String()}
	if !info.IsDir() {
		it.size = info.Size()
	}
	return it
}

func (it item) isDir() bool { return strings.HasPrefix(it.mode, "d") }

// find tells what stands for it in tree: the same, something else, or nothing.
func (it item) find(tree string) (now item, err error) {
	info, err := os.Lstat(filepath.Join(tree, it.name))
	if err != nil {
		return item{}, err
	}
	return newItem(it.name, info), nil
}

// listTree lists what is in tree now.
func listTree(tree string) (manifest, error) {
	var m manifest
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == tree {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(tree, path)
		m = append(m, newItem(name, info))
		return err
	})
	return m, err
}

// bytes is the size of all files together.
func (m manifest) bytes() (sum int64) {
	for _, it := range m {
		if strings.HasPrefix(it.mode, "-") {
			sum += it.size
		}
	}
	return sum
}

// top is the folder that holds everything else, or "" when there is none.
func (m manifest) top() (top string) {
	for _, it := range m {
		// the latter is what tar on macOS adds beside every file
		if strings.Contains(it.name, "/") || strings.HasPrefix(it.name, "._") {
			continue
		}
		if top != "" || !it.isDir() {
			return ""
		}
		top = it.name
	}
	return top
}

// damage says what of m is not in tree as it was unpacked, or "".
func (m manifest) damage(tree string) string {
	for _, want := range m {
		now, err := want.find(tree)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return want.name + " is missing"
		case err != nil:
			return fmt.Sprintf("%s: %v", want.name, cause(err))
		case now != want:
			return fmt.Sprintf("%s is %s of %d bytes instead of %s of %d", want.name, now.mode, now.size, want.mode,
				want.size)
		}
	}
	return ""
}

// beyond returns the name of something in tree that m does not list, or "".
func (m manifest) beyond(tree string) (string, error) {
	listed := make(map[string]bool, len(m))
	for _, it := range m {
		listed[it.name] = true
	}
	found := ""
	err := filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == tree {
			return err
		}
		name, err := filepath.Rel(tree, path)
		if err == nil && !listed[filepath.ToSlash(name)] {
			found, err = name, fs.SkipAll
		}
		return err
	})
	return found, err
}

const (
	manifestFile = "manifest"
	manifestHead = "alluxio-mesos manifest 1"
)

// encode writes a line for each item, and a last one that shows that none is missing. Names are
// quoted: they may be any bytes.
func (m manifest) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, manifestHead)
	for _, it := range m {
		fmt.Fprintln(&b, it.mode, it.size, strconv.Quote(it.name))
	}
	fmt.Fprintln(&b, "end", len(m))
	return b.Bytes()
}

func parseManifest(data []byte) (manifest, error) {
	lines := strings.Split(string(data), "\n")
	last := len(lines) - 2 // behind the last one there is nothing
	if last < 1 || lines[0] != manifestHead || lines[last] != fmt.Sprint("end ", last-1) || lines[last+1] != "" {
		return nil, errors.New("the manifest is not complete")
	}
	m := make(manifest, 0, last-1)
	for _, line := range lines[1:last] {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("the manifest has the line %q", line)
		}
		size, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the manifest has the line %q", line)
		}
		name, err := strconv.Unquote(parts[2])
		if err != nil || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("the manifest has the line %q", line)
		}
		m = append(m, item{name: name, mode: parts[0], size: size})
	}
	return m, nil
}

// readManifest reads the manifest of an entry's folder.
func readManifest(dir string) (manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, err
	}
	return parseManifest(data)
}

// readDamage says what is wrong with an entry's folder, or "".
func readDamage(dir string) string {
	m, err := readManifest(dir)
	if err != nil {
		return cause(err).Error()
	}
	if _, err := readMeta(dir); err != nil {
		return "meta.json: " + cause(err).Error()
	}
	return m.damage(filepath.Join(dir, "tree"))
}
