package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/ramdisk"
)

func TestMemoryThatIsClaimedInVainIsAWarning(t *testing.T) {
	t.Parallel()
	disk := &ramdisk.Disk{Path: "/x", Tier: ramdisk.TierSSD}
	for sentence, c := range map[string]struct {
		folder config.Folder
		disk   *ramdisk.Disk
		want   string
	}{
		"our own folder": {config.Folder{Size: 3 * config.GB}, disk,
			"on disk (SSD) at /x: 3072 MB of memory are claimed from Mesos and not used; let the task's user mount"},
		"the operator's": {config.Folder{Path: "/x"}, disk,
			"name a folder in memory with alluxio.worker.tieredstore.level0.dirs.path"},
		"the operator's below the top": {config.Folder{Path: "/x", Level: 1}, disk,
			"name a folder in memory with alluxio.worker.tieredstore.level1.dirs.path"},
		"a tier that is to be on disk": {config.Folder{Path: "/x", Disk: true}, disk, ""},
		"in memory":                    {config.Folder{}, &ramdisk.Disk{Tier: ramdisk.TierMemory}, ""},
	} {
		if got := unusedMemory(c.folder, c.disk); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", sentence, got, c.want)
		}
	}
}

func TestAWorkerSaysThatItsMemoryIsClaimedInVain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.worker(1, "-Dfake=exit")
	spec.Site = []config.Property{{Key: "alluxio.worker.data.folder", Value: "/blocks/"}}
	r.launch("w.1", spec)
	report := launch.DecodeReport(r.failure("exit code 3").Data)
	warned := strings.Contains(strings.Join(report.Warnings, "\n"),
		"1 MB of memory are claimed from Mesos and not used")
	if inMemory := strings.Contains(report.Storage, "in memory") &&
		!strings.Contains(report.Storage, "not in memory"); warned == inMemory {
		t.Errorf("report %+v", report)
	}
	r.end()
}

func TestBlocksInTheTiersFolderItselfAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.worker(1)
	spec.Site = []config.Property{{Key: "alluxio.worker.data.folder", Value: "/"}}
	r.launch("w.1", spec)
	if s := r.agent.Update(mesos.TASK_FAILED); !strings.Contains(s.GetMessage(), "alluxio.worker.data.folder=/") {
		t.Errorf("message %q", s.GetMessage())
	}
	if _, err := os.Stat(filepath.Join(r.dir, "blocks", ".alluxio-mesos.lock")); err == nil {
		t.Error("the folder is marked")
	}
	r.end()
}
