package executor

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// backupDesk is a desk whose master backs up some metadata into a folder.
func backupDesk(t *testing.T) (d *desk, dir string) {
	t.Helper()
	d = newDesk(t)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte("the journal"))
	check(t, err)
	check(t, w.Close())
	d.put("metadata", zipped.String())
	return d, filepath.Join(d.dir, "backups")
}

func (d *desk) backup(id, dir string) launch.AdminAnswer {
	d.t.Helper()
	return d.do(launch.AdminRequest{ID: id, Operation: launch.AdminBackup, Dir: dir, Keep: 2})
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, "\n")
}

// Only backups that this framework has made are deleted, whatever else is in the folder.
func TestTheNewestBackupsAreKept(t *testing.T) {
	t.Parallel()
	d, dir := backupDesk(t)
	check(t, os.Mkdir(dir, 0o700))
	const foreign = "alluxio-backup-2026-11-30-1780000000000.gz"
	check(t, os.WriteFile(filepath.Join(dir, foreign), []byte("of somebody else"), 0o600))
	var files []string
	for _, id := range []string{"1", "2", "3"} {
		answer := d.backup(id, dir)
		b := answer.Backup
		if answer.State != launch.AdminDone || b == nil || filepath.Dir(b.File) != dir || b.Bytes == 0 || b.Host == "" ||
			b.AlluxioVersion == "" {
			t.Fatalf("%+v: %+v", answer, b)
		}
		files = append(files, filepath.Base(b.File))
		if want := max(0, len(files)-2); b.Deleted != want {
			t.Errorf("%d were deleted after %d", b.Deleted, len(files))
		}
	}
	left := names(t, dir)
	if !strings.Contains(left, foreign) || strings.Contains(left, files[0]) || !strings.Contains(left, files[1]) ||
		!strings.Contains(left, files[2]) {
		t.Errorf("of %v these are left: %s", files, left)
	}
	check(t, os.WriteFile(filepath.Join(dir, files[1]), []byte("replaced by somebody"), 0o600))
	d.backup("4", dir)
	d.backup("5", dir)
	if left := names(t, dir); !strings.Contains(left, files[1]) || strings.Contains(left, files[2]) {
		t.Errorf("a file that is not as it was made: %s", left)
	}
}

func TestABackupThatIsNotUsableFails(t *testing.T) {
	t.Parallel()
	d, dir := backupDesk(t)
	whole, err := os.ReadFile(filepath.Join(d.folder, "metadata"))
	check(t, err)
	fails := func(id, says string) {
		t.Helper()
		if a := d.backup(id, dir); a.State != launch.AdminFailed || a.Backup != nil || !strings.Contains(a.Message, says) {
			t.Errorf("%+v", a)
		}
	}
	d.put("metadata", string(whole[:len(whole)-6]))
	fails("1", "is not usable: unexpected EOF")
	d.put("metadata", "")
	fails("2", "is not usable: it is empty")
	d.put("metadata", "no gzip at all")
	fails("3", "gzip: invalid header")
	check(t, os.Remove(filepath.Join(d.folder, "metadata")))
	fails("4", "Alluxio's command ended with")
	other := "Backup Host        : 10.9.9.9\nBackup URI         : file://" + dir +
		"/alluxio-backup-2026-12-1-1700000000000.gz\n"
	d.put("metadata", string(whole))
	d.put("backup", other)
	fails("5", "Alluxio's command ended with") // with another code than 0, whatever it prints
	check(t, os.Remove(filepath.Join(d.folder, "backup")))
	list, err := filepath.Glob(filepath.Join(dir, "alluxio-mesos-*.json"))
	check(t, err)
	if len(list) != 0 {
		t.Errorf("a backup that failed is recorded in %v", list)
	}
	if a := d.backup("6", dir); a.State != launch.AdminDone {
		t.Errorf("%+v", a)
	}
	list, err = filepath.Glob(filepath.Join(dir, "alluxio-mesos-*.json"))
	check(t, err)
	check(t, os.WriteFile(list[0], []byte("{"), 0o600))
	fails("7", "is no list of backups: move it away")
	check(t, os.Remove(list[0]))
	check(t, os.WriteFile(filepath.Join(d.dir, "file"), nil, 0o600))
	if a := d.backup("8", filepath.Join(d.dir, "file")); a.State != launch.AdminFailed ||
		!strings.Contains(a.Message, "not a directory") {
		t.Errorf("into a file: %+v", a)
	}
}
