package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// firstStartMark is where a rig's journal has the mark of its first start.
func (r *rig) firstStartMark() string {
	return filepath.Join(r.dir, "data/.journal.alluxio-mesos-first-start")
}

// TestTheFirstStartOfAJournalEndsWithSIGKILL: SIGTERM could leave it without a root. A JVM that
// would take its time for SIGTERM is gone at once.
func TestTheFirstStartOfAJournalEndsWithSIGKILL(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master("-Dfake=mute"))
	eventually(t, "the start of the JVM", func() bool { return strings.Contains(r.log.String(), "started Alluxio") })
	if text := read(t, r.firstStartMark()); text != firstStartText {
		t.Errorf("mark %q", text)
	}
	r.stream.Kill("m.1", time.Hour)
	r.agent.Update(mesos.TASK_KILLED)
	if log := r.log.String(); strings.Contains(log, `"signal":"terminated"`) ||
		!strings.Contains(log, `"signal":"killed"`) {
		t.Errorf("signals: %s", log)
	}
	r.end()
	if _, err := os.Stat(r.firstStartMark()); err != nil {
		t.Error(err)
	}
	// The next one does not format, and ends the first start.
	again := newRig(t)
	spec := retarget(again, r.master())
	spec.Journal.MayFormat = false
	again.launch("m.2", spec)
	again.agent.Update(mesos.TASK_RUNNING)
	if _, err := os.Stat(r.firstStartMark()); !os.IsNotExist(err) {
		t.Errorf("the mark stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(again.sandbox, "logs", formatLog)); err == nil {
		t.Error("formatted again")
	}
	again.stream.Kill("m.2", 0)
	again.agent.Update(mesos.TASK_KILLED)
	if log := again.log.String(); !strings.Contains(log, `"signal":"terminated"`) {
		t.Errorf("signals: %s", log)
	}
}

// TestAJournalWithoutARootThatNeverServedIsFormattedAgain: by the next task, which carries the
// permission; not by one without.
func TestAJournalWithoutARootThatNeverServedIsFormattedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master("-Dfake.root=missing")
	r.launch("m.1", spec)
	report := launch.DecodeReport(r.failure("has no root", "the next start formats it again").Data)
	if report.JournalUnusable != spec.Journal.Identity || !report.JournalNeverServed {
		t.Errorf("report %+v", report)
	}
	if log := r.log.String(); strings.Contains(log, `"signal":"terminated"`) {
		t.Errorf("signals: %s", log)
	}
	r.end()
	first := read(t, r.dir, "data/journal/_format_1")

	again := newRig(t)
	spec = retarget(again, spec)
	spec.Journal.MayFormat, spec.Journal.Format = false, true
	again.launch("m.2", spec)
	again.agent.Update(mesos.TASK_RUNNING)
	if read(t, r.dir, "data/journal/_format_1") == first {
		t.Error("not formatted again")
	}
	if _, err := os.Stat(r.firstStartMark()); !os.IsNotExist(err) {
		t.Errorf("the mark stays: %v", err)
	}
}

// TestAJournalWithoutARootIsNotFormatted when it served before, as far as is known: the message
// names the journal and the operator's word.
func TestAJournalWithoutARootIsNotFormatted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master("-Dfake.root=missing")
	spec.Journal.MayFormat = false
	folder := filepath.Join(r.dir, "data/journal")
	check(t, os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "log"), []byte("metadata"), 0o600))
	r.launch("m.1", spec)
	report := launch.DecodeReport(r.failure(folder+" has no root", "alluxio-mesos recover --format-journal").Data)
	if report.JournalUnusable != spec.Journal.Identity || report.JournalNeverServed ||
		read(t, folder, "log") != "metadata" {
		t.Errorf("report %+v", report)
	}
	r.end()
}

// TestOnlyAMarkBesideTheJournalMeansThatItNeverServed: where nobody may write beside a folder that
// several hosts share, the mark is on one host, and stays there when a master of another host
// serves.
func TestOnlyAMarkBesideTheJournalMeansThatItNeverServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := firstService{identity: "j", journal: journal{folder: "/shared/journal", path: "/shared/journal",
		firstStart: mark{filepath.Join(dir, "beside"), filepath.Join(dir, "data")}}}
	for place, never := range map[string]bool{"data": false, "beside": true} {
		check(t, os.WriteFile(filepath.Join(dir, place), nil, 0o600))
		if _, report := f.broken("has no root", formatHint); report.JournalUnusable != "j" ||
			report.JournalNeverServed != never {
			t.Errorf("%s: %+v", place, report)
		}
		check(t, os.Remove(filepath.Join(dir, place)))
	}
}

// TestAMasterThatCannotBeAskedForItsRootServes, as before, with one warning.
func TestAMasterThatCannotBeAskedForItsRootServes(t *testing.T) {
	t.Parallel()
	for how, says := range map[string]string{"off": "alluxio.web.file.info.enabled", "forbidden": "HTTP status 403",
		"slow": "no answer from"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.launch("m.1", r.master("-Dfake.root="+how))
			report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
			if len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], says) {
				t.Errorf("warnings %q", report.Warnings)
			}
			if _, err := os.Stat(r.firstStartMark()); !os.IsNotExist(err) {
				t.Errorf("the mark stays: %v", err)
			}
		})
	}
}

// TestAFormatThatWasBegunAgainIsJudgedByAStart: both marks stand after a crash in a second format.
// What is there shows itself.
func TestAFormatThatWasBegunAgainIsJudgedByAStart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master()
	spec.Journal.MayFormat = false
	formatting := filepath.Join(r.dir, "data/.journal.alluxio-mesos-formatting")
	check(t, os.MkdirAll(filepath.Join(r.dir, "data/journal/half"), 0o700), os.WriteFile(formatting, nil, 0o600),
		os.WriteFile(r.firstStartMark(), nil, 0o600))
	r.launch("m.1", spec)
	r.agent.Update(mesos.TASK_RUNNING)
	if _, err := os.Stat(formatting); !os.IsNotExist(err) {
		t.Errorf("the mark stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(r.sandbox, "logs", formatLog)); err == nil {
		t.Error("formatted")
	}
}
