package cluster

import (
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestLoseJournalFormatsOnlyWhatTheExecutorCanLookInto(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence, folder string
		shared, lose     bool
		mayFormat        bool
	}{
		{"a journal that was formatted is not formatted again", "/journal", false, false, false},
		{"a folder that is lost may be, when it is empty", "/journal", false, true, true},
		{"a shared folder that is lost may be, when it is empty", "/nfs/journal", true, true, true},
		{"a folder that is written as a URI is a folder", "file:///journal", false, true, true},
		{"a URI is never formatted for it: nobody can look whether it is empty", "hdfs://namenode/journal", true, true,
			false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			settings := testSettings(1)
			settings.Journal = config.Journal{Folder: c.folder, Shared: c.shared, AllowLoss: c.lose}
			s := stateWith(t, settings)
			identity := s.journalIdentity("a")
			s.journals.formatted[identity] = journalRecord{Identity: identity, Formatted: time.Unix(1, 0)}
			spec := s.spec(&placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: "a"},
				&offer.Offer{})
			if spec.Journal.MayFormat != c.mayFormat {
				t.Errorf("%+v", spec.Journal)
			}
		})
	}
}

func TestAJournalIsFormattedOnceWhereverItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		journal  config.Journal
		identity string
	}{
		{"the default of a host", config.Journal{}, "a:default:f1"},
		{"below the data folder of a host", config.Journal{DataDir: "/data"}, "a:/data"},
		{"in a folder of a host", config.Journal{Folder: "/journal", DataDir: "/data"}, "a:/journal"},
		{"in a folder that every host sees", config.Journal{Folder: "/nfs/journal", Shared: true}, "/nfs/journal"},
		{"below a data folder that every host sees", config.Journal{DataDir: "/nfs", Shared: true}, "/nfs"},
		{"behind a URI", config.Journal{Folder: "hdfs://nn/journal", Shared: true}, "hdfs://nn/journal"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			settings := testSettings(0)
			settings.Journal = c.journal
			s := stateWith(t, settings)
			s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
			p := &placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: "a"}
			spec := s.spec(p, &offer.Offer{})
			if spec.Journal.Identity != c.identity || spec.Journal.MayFormat == unseen(c.journal.Folder) ||
				spec.Journal.Format {
				t.Errorf("at first %+v", spec.Journal)
			}
			s.noteJournal(&launch.Report{JournalFormatted: spec.Journal.Identity}, epoch)
			if spec = s.spec(p, &offer.Offer{}); spec.Journal.MayFormat {
				t.Errorf("once it is formatted %+v", spec.Journal)
			}
		})
	}
}

func TestAnotherWordAboutWhoSeesAJournalDoesNotFormatIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence           string
		before, after      config.Journal
		hostAfter          string
		mayFormat, isBound bool
	}{
		{"a URI that was said to be of one host", config.Journal{Folder: "hdfs://nn/j"},
			config.Journal{Folder: "hdfs://nn/j", Shared: true}, "b", false, false},
		{"a URI that is now said to be of one host", config.Journal{Folder: "hdfs://nn/j", Shared: true},
			config.Journal{Folder: "hdfs://nn/j"}, "a", false, true},
		{"a URI of one host that was given up with the host", config.Journal{Folder: "hdfs://nn/j"},
			config.Journal{Folder: "hdfs://nn/j", AllowLoss: true}, "b", false, false},
		{"a folder that was said to be of one host", config.Journal{Folder: "/j"}, config.Journal{Folder: "/j", Shared: true},
			"b", false, false},
		{"a folder that is now said to be of one host", config.Journal{Folder: "/j", Shared: true},
			config.Journal{Folder: "/j"}, "a", false, true},
		{"a data folder that was said to be of one host", config.Journal{DataDir: "/d"},
			config.Journal{DataDir: "/d", Shared: true}, "b", false, false},
		{"the same folder of another host is another journal", config.Journal{Folder: "/j"}, config.Journal{Folder: "/j"},
			"b", true, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			settings := testSettings(0)
			settings.Journal = c.before
			s := stateWith(t, settings)
			s.noteJournal(&launch.Report{JournalFormatted: s.journalIdentity("a")}, epoch)
			changed := *settings
			changed.Journal = c.after
			if err := s.CheckSettings(&changed); err != nil {
				t.Fatal(err)
			}
			s.configure(&changed)
			spec := s.spec(&placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: c.hostAfter},
				&offer.Offer{})
			if spec.Journal.MayFormat != c.mayFormat {
				t.Errorf("%+v", spec.Journal)
			}
			if bound := s.boundByJournal(&Slot{Role: config.Master, Host: c.hostAfter}); bound != c.isBound {
				t.Errorf("it waits for %s: %v", c.hostAfter, bound)
			}
		})
	}
}
