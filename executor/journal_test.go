package executor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// TestAJournalIsNeverFormattedTwice, whatever the scheduler believes.
func TestAJournalIsNeverFormattedTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master()
	folder := filepath.Join(r.dir, "data/journal")
	check(t, os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "log"), []byte("metadata"), 0o600))
	r.launch("m.1", spec) // MayFormat is true
	report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
	if report.JournalFormatted != spec.Journal.Identity || read(t, folder, "log") != "metadata" {
		t.Errorf("report %+v", report)
	}
}

func TestALostJournalStopsTheMaster(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T, folder string){
		"missing":             func(*testing.T, string) {},
		"empty":               func(t *testing.T, f string) { check(t, os.MkdirAll(f, 0o700)) },
		"a fresh file system": func(t *testing.T, f string) { check(t, os.MkdirAll(filepath.Join(f, "lost+found"), 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			spec := r.master()
			spec.Journal.MayFormat = false
			make(t, filepath.Join(r.dir, "data/journal"))
			r.launch("m.1", spec)
			if s := r.failure("was formatted before and is empty now",
				"--lose-journal"); launch.DecodeReport(s.Data).JournalFormatted != "" {
				t.Error("reported as formatted")
			}
			r.end()
		})
	}
}

// TestAHalfFormattedJournalIsFormattedAgain: the mark of a format that did not end stays, also when
// its executor was killed.
func TestAHalfFormattedJournalIsFormattedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master("-Dfake.format=fail")
	r.launch("m.1", spec)
	r.failure("format the journal", "exit code 1", "No space left on device")
	r.end()
	folder := filepath.Join(r.dir, "data/journal")
	if _, err := os.Stat(filepath.Join(folder, "half")); err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(r.dir, "data/.journal.alluxio-mesos-formatting")
	if !strings.Contains(read(t, mark), "incomplete") {
		t.Error("no mark")
	}

	again := newRig(t)
	spec.JavaOpts = again.master().JavaOpts
	spec.Install, spec.Ports = again.master().Install, again.master().Ports
	spec = retarget(again, spec)
	spec.Journal.MayFormat = false
	again.launch("m.2", spec)
	again.failure("half formatted", "bring its content back and remove "+mark)
	again.end()

	third := newRig(t)
	spec = retarget(third, spec)
	spec.Journal.MayFormat = true
	third.launch("m.3", spec)
	third.agent.Update(mesos.TASK_RUNNING)
	if _, err := os.Stat(mark); !os.IsNotExist(err) {
		t.Errorf("the mark stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "_format_1")); err != nil {
		t.Error(err)
	}
}

// A mark in the data folder is of this host only. Once its format was cut off, another host may have
// served from the journal and taken its own mark away.
func TestAMarkThatOtherHostsDoNotSeePermitsNoFormatOfContent(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		place      int // of the mark; -1 for none
		names      []string
		may        bool
		format, ok bool
	}{
		"content, a mark of this host":            {1, []string{"BlockMaster"}, true, false, true},
		"the same, recorded as formatted":         {1, []string{"BlockMaster"}, false, false, false},
		"nothing, a mark of this host":            {1, nil, true, true, true},
		"a dotfile, a mark of this host":          {1, []string{".snapshot"}, true, true, true},
		"content, a mark beside it":               {0, []string{"BlockMaster"}, true, true, true},
		"content, no mark":                        {-1, []string{"BlockMaster"}, true, false, true},
		"nothing, no mark":                        {-1, nil, true, true, true},
		"nothing, no mark, recorded as formatted": {-1, nil, false, false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := journal{path: filepath.Join(dir, "shared/journal"), formatting: mark{
				filepath.Join(dir, "shared/.journal.alluxio-mesos-formatting"), filepath.Join(dir, "data/.formatting")}}
			check(t, os.MkdirAll(j.path, 0o700))
			for _, name := range c.names {
				check(t, os.WriteFile(filepath.Join(j.path, name), nil, 0o600))
			}
			if c.place >= 0 {
				check(t, j.formatting[c.place:c.place+1].leave(formattingText))
			}
			found, err := j.look()
			check(t, err)
			spec := &launch.Spec{Journal: launch.Journal{MayFormat: c.may}}
			if format, err := j.wantsFormat(found, spec); format != c.format || (err == nil) != c.ok {
				t.Errorf("format %t, %v", format, err)
			}
		})
	}
}

// retarget is a master of another rig with the journal of spec.
func retarget(r *rig, spec *launch.Spec) *launch.Spec {
	s := r.master()
	s.Journal = spec.Journal
	return s
}

// TestAFreshlyFormattedJournalIsReportedBeforeTheJVMStarts: an agent that takes no report gets no master.
func TestAFreshlyFormattedJournalIsReportedBeforeTheJVMStarts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.agent.Acknowledge(false)
	spec := r.master()
	r.launch("m.1", spec)
	for launch.DecodeReport(r.agent.Update(mesos.TASK_STARTING).Data).JournalFormatted != spec.Journal.Identity {
	}
	if args, _ := r.jvm(); !strings.Contains(args, "Format") {
		t.Errorf("started %s", args)
	}
	r.agent.Acknowledge(true)
	r.agent.Disconnect() // the reports travel again
	r.agent.Update(mesos.TASK_RUNNING)
}

// TestAJournalBehindAURIIsUsedAsItIs: nobody can look whether anything is in it, and a format wipes
// it. It counts as formatted once a master serves from it. Only one task that carries the
// permission formats it.
func TestAJournalBehindAURIIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ may, format bool }{
		"recorded": {}, "not recorded": {may: true}, "the operator's word": {format: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			spec := r.behindURI()
			spec.Journal.MayFormat, spec.Journal.Format = c.may, c.format
			r.launch("m.1", spec)
			report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
			if report.JournalFormatted != spec.Journal.Identity {
				t.Errorf("report %+v", report)
			}
			if _, err := os.Stat(filepath.Join(r.sandbox, "logs", formatLog)); (err == nil) != c.format {
				t.Errorf("formatted: %v", err)
			}
			if !c.format && strings.Contains(r.log.String(), "formatting") {
				t.Errorf("log %s", r.log)
			}
		})
	}
}

// TestAJournalThatAlluxioCallsUnformattedAsksForTheOperator, by a command: it may be new, or lack
// one marker beside the logs of all.
func TestAJournalThatAlluxioCallsUnformattedAsksForTheOperator(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.behindURI("-Dfake=unformatted")
	r.launch("m.1", spec)
	report := launch.DecodeReport(r.failure("was never formatted, or a part of it is missing",
		"alluxio-mesos recover --format-journal", "has not been formatted!").Data)
	if report.JournalUnusable != spec.Journal.Identity || report.JournalNeverServed || report.JournalFormatted != "" {
		t.Errorf("report %+v", report)
	}
	r.end()
}

// TestThePasswordOfAJournalIsNotShown in the folder that status shows, nor in a message.
func TestThePasswordOfAJournalIsNotShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.behindURI("-Dfake=unformatted")
	spec.Journal.Folder = "s3a://key:top-secret@bucket/journal"
	spec.Site[0].Value = spec.Journal.Folder
	r.launch("m.1", spec)
	status := r.failure("s3a://key:***@bucket/journal was never formatted")
	if report := launch.DecodeReport(status.Data); report.JournalFolder != "s3a://key:***@bucket/journal" ||
		strings.Contains(status.GetMessage(), "top-secret") {
		t.Errorf("folder %s, message %s", report.JournalFolder, status.GetMessage())
	}
	r.end()
}

// behindURI is a master with a journal behind a URI.
func (r *rig) behindURI(options ...string) *launch.Spec {
	spec := r.master(options...)
	const folder = "hdfs://nn:8020/alluxio/journal"
	spec.Journal = launch.Journal{Folder: folder, DataDir: filepath.Join(r.dir, "data"), Identity: folder}
	spec.Site = []config.Property{{Key: "alluxio.master.journal.folder", Value: folder}}
	return spec
}

// TestADotfileIsNoJournal: file systems and people put .snapshot and .keep into folders that are
// empty otherwise.
func TestADotfileIsNoJournal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".snapshot", ".keep", ".nfs0000001"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			spec := r.master()
			folder := filepath.Join(r.dir, "data/journal")
			check(t, os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, name), nil, 0o600))
			r.launch("m.1", spec)
			r.agent.Update(mesos.TASK_RUNNING)
			if _, err := os.Stat(filepath.Join(folder, "_format_1")); err != nil {
				t.Error(err)
			}
		})
	}
	r := newRig(t)
	spec := r.master()
	spec.Journal.MayFormat = false
	check(t, os.MkdirAll(filepath.Join(r.dir, "data/journal/.snapshot"), 0o700))
	r.launch("m.1", spec)
	r.failure("was formatted before and is empty now")
	r.end()
}

func TestFindJournal(t *testing.T) {
	t.Parallel()
	root, alice := host{root: true}, host{home: "/home/alice", user: "alice", ownsHome: true}
	site := []config.Property{{Key: "alluxio.work.dir", Value: "/data"}, {Key: "loop", Value: "${loop}"}}
	homeless := fmt.Sprintf("test-%d", os.Getpid()) // whose folder no real user has: it is made here, by this user
	place := "/var/tmp/alluxio-mesos-" + homeless
	t.Cleanup(func() { _ = os.Remove(place) })
	for name, c := range map[string]struct {
		host          host
		journal       launch.Journal
		tarball       bool
		folder, local string
		fails         string
	}{
		"root's default": {root, launch.Journal{}, false, "/var/lib/alluxio-mesos/c/journal",
			"/var/lib/alluxio-mesos/c/journal", ""},
		"a user's default": {alice, launch.Journal{}, false, "/home/alice/.local/share/alluxio-mesos/c/journal",
			"/home/alice/.local/share/alluxio-mesos/c/journal", ""},
		"a user without a home": {host{user: homeless, home: "/nonexistent"}, launch.Journal{}, false,
			place + "/c/journal", place + "/c/journal", ""},
		"the data folder":        {alice, launch.Journal{DataDir: "/d"}, false, "/d/journal", "/d/journal", ""},
		"a relative data folder": {root, launch.Journal{DataDir: "d"}, false, "", "", "not an absolute path"},
		"a member's default": {root, launch.Journal{Member: "alluxio-master-1"}, false,
			"/var/lib/alluxio-mesos/c/journal/alluxio-master-1", "/var/lib/alluxio-mesos/c/journal/alluxio-master-1", ""},
		"a folder of a member": {root, launch.Journal{Folder: "/j", Member: "alluxio-master-1"}, false, "/j", "/j",
			""},
		"a folder of the site file": {root, launch.Journal{Folder: "/j/"}, false, "/j/", "/j", ""},
		"a file URI":                {root, launch.Journal{Folder: "file:///j"}, false, "file:///j", "/j", ""},
		"a URI":                     {root, launch.Journal{Folder: "hdfs://nn/j"}, false, "hdfs://nn/j", "", ""},
		"a reference to another key": {root, launch.Journal{Folder: "${alluxio.work.dir}/j"}, false, "/data/j", "/data/j",
			""},
		"the home of a local install": {root, launch.Journal{Folder: "${alluxio.home}/journal"}, false,
			"/opt/alluxio/journal", "/opt/alluxio/journal", ""},
		"the home of a tarball": {root, launch.Journal{Folder: "${alluxio.home}/journal"}, true, "", "",
			"inside of the unpacked tarball"},
		"an unknown reference":   {root, launch.Journal{Folder: "${x}/j"}, false, "", "", "${x} is not set"},
		"a circle of references": {root, launch.Journal{Folder: "${loop}"}, false, "", "", "write the value itself"},
		"a relative folder": {root, launch.Journal{Folder: "journal"}, false, "", "",
			"neither an absolute path nor a URI"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := &launch.Spec{Slot: "alluxio-master-0", Cluster: "c", Journal: c.journal, Site: site}
			if c.tarball {
				spec.Install.Alluxio.URL = "http://x/alluxio.tar.gz"
			}
			j, err := c.host.findJournal(spec, "/opt/alluxio")
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || j.folder != c.folder || j.path != c.local {
				t.Errorf("%+v, %v", j, err)
			}
			if wantNote := !c.host.root && c.journal == (launch.Journal{}); (j.note != "") != wantNote {
				t.Errorf("note %q", j.note)
			}
		})
	}
}

// TestAMarkFindsAPlace: beside the folder, else in the data folder.
func TestAMarkFindsAPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	j := journal{path: filepath.Join(dir, "journal"), formatting: mark{filepath.Join(dir, "file/.m"),
		filepath.Join(dir, "data/.m")}}
	check(t, j.formatting.leave(formattingText))
	if text := read(t, j.formatting[1]); text != formattingText {
		t.Errorf("mark %q", text)
	}
	if found, err := j.look(); err != nil || found != halfContent {
		t.Errorf("found %v, %v", found, err)
	}
	check(t, j.formatting.remove(), j.formatting.remove())
	if err := j.formatting[:1].leave(formattingText); err == nil {
		t.Error("a mark that cannot be left is no error")
	}
}

// TestAMasterOfAVersionThatMustNotFollowLeavesTheJournalAlone: with LOCAL the version of an install is
// known on its host only.
func TestAMasterOfAVersionThatMustNotFollowLeavesTheJournalAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		journal launch.Journal // what the spec says of it
		words   []string       // of the failure, none for a master that serves
	}{
		"a journal of 1.x": {launch.Journal{ServedBy: "1.8.1"}, []string{"was served from by Alluxio 1.8.1",
			"the install on this host is Alluxio 2.9.6: Alluxio supports this from a backup only; install Alluxio 1.8.1 again",
			"fsadmin backup"}},
		"a journal of a later version": {launch.Journal{ServedBy: "2.10.0"}, []string{"install Alluxio 2.10.0 again"}},
		"a journal that would be formatted": {launch.Journal{ServedBy: "1.8.1", MayFormat: true},
			[]string{"install Alluxio 1.8.1 again"}},
		"a journal of an earlier minor version":       {launch.Journal{ServedBy: "2.7.3", MayFormat: true}, nil},
		"a journal whose format is permitted":         {launch.Journal{ServedBy: "1.8.1", Format: true}, nil},
		"a journal of a version that nobody recorded": {launch.Journal{MayFormat: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			spec := r.master()
			spec.Journal.ServedBy, spec.Journal.MayFormat, spec.Journal.Format = c.journal.ServedBy, c.journal.MayFormat,
				c.journal.Format
			r.launch("m.1", spec)
			if c.words == nil {
				r.agent.Update(mesos.TASK_RUNNING)
				return
			}
			r.failure(c.words...)
			r.end()
			if found, err := os.ReadDir(filepath.Join(r.dir, "data")); err == nil && len(found) > 0 {
				t.Errorf("it has made %v", found)
			}
		})
	}
}
