package hostfs

import "path/filepath"

// Resolve is the absolute path without symbolic links, as far as it exists; the rest stays as
// written. A link that leads nowhere is part of the rest.
func Resolve(path string) string {
	path = filepath.Clean(path)
	rest := ""
	for {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(real, rest)
		}
		parent := filepath.Dir(path)
		if parent == path {
			return filepath.Join(path, rest)
		}
		path, rest = parent, filepath.Join(filepath.Base(path), rest)
	}
}
