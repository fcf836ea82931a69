package hostfs

import (
	"path/filepath"
	"strconv"

	"github.com/alluxio/alluxio-mesos/config"
)

// Human writes n bytes for people, to a tenth of the largest fitting unit and rounded down, e.g. "12.3MB".
func Human(n int64) string {
	b := config.Bytes(n)
	for _, u := range []config.Bytes{config.TB, config.GB, config.MB, config.KB} {
		if b >= u {
			tenths := float64(int64(float64(b)/float64(u)*10)) / 10
			return strconv.FormatFloat(tenths, 'f', -1, 64) + u.String()[1:]
		}
	}
	return b.String()
}

// Inside tells whether path is folder or below it, as text. Nothing is inside the folder "".
func Inside(path, folder string) bool {
	if folder == "" {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}
