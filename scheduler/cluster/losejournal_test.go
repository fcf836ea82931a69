package cluster

import (
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
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
		{"a URI is never formatted again: nobody can look whether it is empty", "hdfs://namenode/journal", true, true, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			settings := testSettings(1)
			settings.Journal = config.Journal{Folder: c.folder, Shared: c.shared, Lose: c.lose}
			s := stateWith(t, settings)
			identity := s.journalIdentity("a")
			s.journals[identity] = journalRecord{Identity: identity, Formatted: time.Unix(1, 0)}
			spec := s.spec(placement{slot: "alluxio-master-0", role: config.Master, host: "a"}, &Offer{})
			if spec.Journal.MayFormat != c.mayFormat {
				t.Errorf("%+v", spec.Journal)
			}
		})
	}
}
