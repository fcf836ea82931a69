package cluster

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestWhatAReplacementIsRefusedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		change   func(*config.Settings)
		serving  int // of three members
		request  ReplaceRequested
		want     string // of the refusal, "" for none
	}{
		{"a worker", nil, 3, ReplaceRequested{Slot: "alluxio-worker-0"}, ""},
		{"a worker with its volume", nil, 3, ReplaceRequested{Slot: "alluxio-worker-0", DestroyVolume: true}, ""},
		{"a slot that is not there", nil, 3, ReplaceRequested{Slot: "alluxio-worker-9"},
			`there is no slot "alluxio-worker-9"; the slots are alluxio-master-0, `},
		{"a volume that is not there", func(s *config.Settings) {
			s.Worker.Volume = 0
		}, 3, ReplaceRequested{Slot: "alluxio-worker-0", DestroyVolume: true},
			"alluxio-worker-0 has no persistent volume; leave --destroy-volume out"},
		{"a member of a quorum keeps its copy without a word", nil, 3, ReplaceRequested{Slot: "alluxio-master-1"},
			"holds the copy of the embedded journal of alluxio-master-1; with --destroy-volume"},
		{"a member that the others can fill again", nil, 3, ReplaceRequested{Slot: "alluxio-master-1", DestroyVolume: true},
			""},
		{"a member while another does not serve", nil, 2, ReplaceRequested{Slot: "alluxio-master-0", DestroyVolume: true},
			"the other members of the embedded journal must serve"},
		{"a member while no other has a task", nil, -1, ReplaceRequested{Slot: "alluxio-master-0", DestroyVolume: true},
			"the other members of the embedded journal must serve"},
		{"the only master keeps its journal without a word", alone, 1, ReplaceRequested{Slot: "alluxio-master-0"},
			"without which Alluxio begins empty; with --destroy-volume"},
		{"the only master with its journal", alone, 1, ReplaceRequested{Slot: "alluxio-master-0", DestroyVolume: true}, ""},
		{"a journal in a folder of a host", func(s *config.Settings) {
			alone(s)
			s.Master.Volume = 0
		}, 1, ReplaceRequested{Slot: "alluxio-master-0"},
			"the journal of alluxio-master-0 is in a folder of h-alluxio-master-0 and nowhere else; to give it up for ever, " +
				"start the framework with --lose-journal"},
	} {
		settings := volumeSettings(1)
		settings.Master.Count, settings.Election = 3, config.ByJournal
		if c.change != nil {
			c.change(settings)
		}
		s := stateWith(t, settings)
		fill(s, c.serving)
		said, err := s.CheckReplace(c.request)
		switch {
		case c.want == "" && (err != nil || !strings.Contains(said, c.request.Slot+" starts again on any host that fits.")):
			t.Errorf("%s: %v, %s", c.sentence, err, said)
		case c.want != "" && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

func alone(s *config.Settings) { s.Master.Count, s.Election = 1, config.NoElection }

// fill gives every slot a task, and a volume where the settings want one; the last masters beyond
// serving start only, and have no task with -1.
func fill(s *State, serving int) {
	s.record.clusterName = "f1"
	for name, slot := range s.slots.byName {
		slot.Host = "h-" + name
		identity := s.journalIdentity(slot.Host)
		if s.settings.Of(slot.Role).Volume > 0 {
			slot.Volume, slot.Volumes = &Volume{ID: s.volumeID(name, 1), Host: slot.Host, AgentID: "a",
				MesosRole: s.settings.MesosRole, MB: 1024, Confirmed: true}, 1
			identity = slot.Volume.ID
		}
		if slot.Role == config.Master {
			s.journals.formatted[identity] = journalRecord{Identity: identity}
		}
		slot.Task = &Task{ID: fmt.Sprintf("%s.1", name), AgentID: "a", State: mesos.TASK_RUNNING}
		if slot.Role == config.Master && slot.Index >= serving {
			slot.Task.State = mesos.TASK_STARTING
			if serving < 0 {
				slot.Task = nil
			}
		}
		s.index(slot)
	}
}
