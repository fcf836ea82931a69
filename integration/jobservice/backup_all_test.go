//go:build testall

package jobservice

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// A backup is one if a master with an empty journal knows the files after it has read it.
func TestAMasterIsRestoredFromABackup(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.8.1", "2.7.3", "2.9.6"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := newDeskOf(t, version)
			d.shell("mkdir", "/folder")
			d.shell("touch", "/folder/file of "+version)
			dir := filepath.Join(d.dir, "backups")
			files := []string{}
			for range 3 {
				answer := d.do(launch.AdminBackup, "", func(r *launch.AdminRequest) { r.Dir, r.Keep = dir, 2 })
				b := answer.Backup
				if answer.State != launch.AdminDone || b == nil || b.Host != d.block.IP(1) || b.AlluxioVersion != version {
					t.Fatalf("%+v: %+v", answer, b)
				}
				t.Logf("%+v", b)
				files = append(files, b.File)
			}
			found, err := filepath.Glob(filepath.Join(dir, "*.gz"))
			check(t, err)
			if slices.Sort(found); !slices.Equal(found, files[1:]) {
				t.Errorf("of %q these are left: %q", files, found)
			}
			info, err := os.Stat(dir)
			check(t, err)
			if info.Mode().Perm() != 0o700 {
				t.Errorf("the folder has mode %v", info.Mode())
			}

			restored := newDesk(t, "alluxio.master.journal.init.from.backup", files[2])
			if list := restored.shell("ls", "/folder"); !strings.Contains(list, "/folder/file of "+version) {
				t.Errorf("the restored master lists %s", list)
			}
		})
	}
}
