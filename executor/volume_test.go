package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// withVolume gives a task a volume as the agent's isolator does: a link in the sandbox.
func (r *rig) withVolume(s *launch.Spec) (dir string) {
	r.t.Helper()
	dir = filepath.Join(r.dir, "volumes/roles/alluxio/f1."+s.Slot+".1")
	check(r.t, os.MkdirAll(dir, 0o755), os.Symlink(dir, filepath.Join(r.sandbox, "volume")))
	s.Volume = launch.Volume{ID: "f1." + s.Slot + ".1", Path: "volume", Size: config.GB}
	return dir
}

func TestAMasterWithAVolumeHasItsJournalAndMetastoreThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master()
	dir := r.withVolume(spec)
	spec.Journal = launch.Journal{Identity: spec.Volume.ID, MayFormat: true}
	r.launch("m.1", spec)
	report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
	if report.JournalFormatted != spec.Volume.ID || report.JournalFolder != filepath.Join(dir, "journal") ||
		len(report.Warnings) > 0 {
		t.Errorf("%+v", report)
	}
	site := read(t, r.sandbox, "conf/alluxio-site.properties")
	for _, want := range []string{"alluxio.master.journal.folder=" + dir + "/journal",
		"alluxio.master.metastore.dir=" + dir + "/metastore/alluxio-master-0"} {
		if !strings.Contains(site, want) {
			t.Errorf("the site file lacks %s:\n%s", want, site)
		}
	}
}

func TestAJournalOnAVolumeThatIsEmptyThoughItWasFormattedStopsTheMaster(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master()
	r.withVolume(spec)
	spec.Journal = launch.Journal{Identity: spec.Volume.ID}
	r.launch("m.1", spec)
	r.failure("was formatted before and is empty now")
	r.end()
}

func TestAVolumeThatTheAgentDidNotPutThereIsNamed(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"volume": "the persistent volume v1 is not at volume in the sandbox: no such file or directory; does the agent run " +
			"with --isolation",
		"../up": `the path "../up" of the persistent volume leads outside of the sandbox`,
	} {
		r := newRig(t)
		spec := r.master()
		spec.Volume = launch.Volume{ID: "v1", Path: path, Size: config.GB}
		r.launch("m.1", spec)
		r.failure(want)
		r.end()
	}
}
