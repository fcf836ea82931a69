package ramdisk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
)

// onDisk is a request for a folder of a tier on disk.
func onDisk(t *testing.T, task string) Request {
	t.Helper()
	r := request(task)
	r.Disk, r.Framework, r.Path = true, "alluxio", filepath.Join(t.TempDir(), "ssd")
	if onMemory(filepath.Dir(r.Path)) {
		t.Fatal("the folder of this test is in memory: set TMPDIR to one on disk")
	}
	return r
}

// block writes a block into the folder of a tier.
func block(t *testing.T, folder, name string) string {
	t.Helper()
	file := filepath.Join(folder, defaultBlocks, name)
	must(t, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, make([]byte, 1<<20), 0o644))
	return file
}

func TestAFolderOnDiskKeepsItsBlocksForTheNextTask(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	d := mustPrepare(t, h, r)
	if d.Tier == TierMemory || !strings.Contains(d.Description, "new folder "+r.Path+" on disk") {
		t.Errorf("it is %s: %s", d.Tier, d.Description)
	}
	kept := block(t, r.Path, "16777216")
	mustRelease(t, d)
	wantThere(t, kept)

	r.Task = "w.2"
	d = mustPrepare(t, h, r)
	if want := "existing folder " + r.Path; !strings.Contains(d.Description, want) {
		t.Errorf("got %q, want %q in it", d.Description, want)
	}
	wantThere(t, kept)
	mustRelease(t, d)
	h.sweep(context.Background())
	wantThere(t, kept)
	if info, err := os.Stat(r.Path); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v %v: clients read blocks there", info.Mode(), err)
	}
	wantGone(t, filepath.Join(r.Path, useFile))
}

func TestAKilledExecutorLeavesItsFolderOnDiskWithTheBlocks(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	c := startChild(t, h, r, 0)
	c.expect(t, "got")
	kept := block(t, r.Path, "16777216")
	other := r
	other.Task = "w.2"
	refused(t, h, other, r.Path, "is in use by a live worker", "task w.1 of cluster c")
	c.kill()
	h.sweep(context.Background())
	wantThere(t, kept)
	mustRelease(t, mustPrepare(t, h, other))
	wantThere(t, kept)
}

func TestAFolderOnDiskIsOnlyMadeInOneThatExists(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	r.Path = filepath.Join(r.Path, "not", "mounted")
	refused(t, h, r, "the folder "+r.Path+" cannot be made: there is no folder "+filepath.Dir(r.Path), "mount it, or make")
	wantGone(t, filepath.Dir(filepath.Dir(r.Path)))
}

func TestFrameworksDoNotShareAFolderOnDisk(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	mustRelease(t, mustPrepare(t, h, r))
	kept := block(t, r.Path, "16777216")

	other := r
	other.Cluster, other.Framework = "other", "second"
	refused(t, h, other, r.Path, `blocks of the framework "alluxio" (cluster c), not of "second" (cluster other)`,
		keptFile)
	other.Framework = "" // of a version that does not say
	refused(t, h, other, keptFile)

	// After a teardown, or the loss of its state, a framework goes on under another ID.
	other.Framework = r.Framework
	mustRelease(t, mustPrepare(t, h, other))
	r.Framework = "second"
	refused(t, h, r, `blocks of the framework "alluxio" (cluster other)`)
	wantThere(t, kept)

	// The same cluster may get another name.
	other.Framework = "renamed"
	mustRelease(t, mustPrepare(t, h, other))
	other.Cluster, other.Framework = "third", "alluxio"
	refused(t, h, other, `of the framework "renamed"`)
}

func TestAMarkThatCannotBeReadIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	mustRelease(t, mustPrepare(t, h, r))
	mark := filepath.Join(r.Path, keptFile)
	must(t, os.WriteFile(mark, []byte("{"), 0o644))
	refused(t, h, r, mark+" cannot be read")
	if data, err := os.ReadFile(mark); string(data) != "{" {
		t.Errorf("it says %q: %v", data, err)
	}
	must(t, os.Remove(mark), os.Symlink("elsewhere", mark))
	refused(t, h, r, mark+" cannot be read")
	if to, err := os.Readlink(mark); to != "elsewhere" {
		t.Errorf("it leads to %q: %v", to, err)
	}
}

func TestBlocksWithoutAMarkAreTakenInFromTheSameUserOnly(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	must(t, os.Mkdir(r.Path, 0o755))
	kept := block(t, r.Path, "16777216")
	if os.Geteuid() == 0 { // only root can make a folder of another user
		must(t, os.Chown(filepath.Dir(kept), 4711, 4711))
		refused(t, h, r, filepath.Dir(kept)+" has blocks of uid 4711")
		wantThere(t, kept)
		wantGone(t, filepath.Join(r.Path, keptFile))
		must(t, os.Chown(filepath.Dir(kept), 0, 0))
	}
	mustRelease(t, mustPrepare(t, h, r))
	wantThere(t, kept)
	wantThere(t, filepath.Join(r.Path, keptFile))
}

func TestFoldersOfOneWorkerShareTheRoomOfTheirDisk(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	var st unix.Statfs_t
	first := request("w.1")
	first.Path = t.TempDir()
	must(t, unix.Statfs(first.Path, &st))
	first.Size = config.Bytes(int64(st.Bavail) * st.Frsize / 10 * 7)
	second := first
	second.Path, second.Record = t.TempDir(), "w.1.folder1"
	d := mustPrepare(t, h, first)
	mustRelease(t, mustPrepare(t, h, second))
	second.Beside = []*Disk{d}
	refused(t, h, second, "has room for ")

	// A folder that is full of blocks takes no more room.
	d.counted, d.wanted = true, 0
	mustRelease(t, mustPrepare(t, h, second))
	second.Path, second.Beside = first.Path, nil
	refused(t, h, second, first.Path+" is another name of a folder that this worker has already")
}

func TestADiskWithoutRoomIsAWarning(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	r.Size = config.PB
	if d := mustPrepare(t, h, r); !strings.Contains(d.Warning, r.Path+" of a tier has room for ") ||
		!strings.Contains(d.Warning, "its quota is 1024TB") {
		t.Errorf("warning %q", d.Warning)
	}
}

func TestSeveralFoldersInMemoryOfOneTaskAreMountedAndRemoved(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	dir := t.TempDir()
	cleanMounts(t, dir)
	var disks []*Disk
	for i := range 3 {
		r := request("w.1")
		if i > 0 {
			r.Record, r.Path = fmt.Sprintf("w.1.folder%d", i), filepath.Join(dir, fmt.Sprint("ram", i))
		}
		r.Beside = disks
		disks = append(disks, mustPrepare(t, h, r))
	}
	for _, d := range disks {
		mustRelease(t, d)
		wantGone(t, d.Path)
	}
}

func TestOthersCanLookIntoAFolderOnDiskWhateverTheUmaskIs(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	c := startChild(t, h, r, 0, "umask=077")
	c.expect(t, "got")
	c.end(t)
	for file, want := range map[string]os.FileMode{r.Path: 0o755, filepath.Join(r.Path, keptFile): 0o644} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", file, info, err)
		}
	}
}
