package cluster

import (
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// jobService is a State with a serving master and worker, and the job service in its settings.
func jobService(t *testing.T, change func(*config.Settings)) *State {
	tr := newTranscript(t)
	tr.settings = testSettings(1)
	tr.addJobService()
	change(tr.settings)
	s := stateWith(t, tr.settings)
	for _, role := range []config.Role{config.Master, config.Worker} {
		slot := s.slots.byName[slotName(role, 0)]
		slot.Host, slot.Task = "a",
			&Task{ID: taskID(slot.Name, 1), AgentID: "agent-a", State: mesos.TASK_RUNNING, Election: s.settings.Election}
		s.touch(slot)
	}
	return s
}

func TestStatusWarnsWhileWrittenFilesAreNotPersisted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence, want string
		change         func(*config.Settings)
	}{
		{"it does not serve yet", "the job service does not serve", func(*config.Settings) {}},
		{"with another write type", "", func(s *config.Settings) {
			s.Site = append(s.Site, config.Property{Key: config.KeyWriteType, Value: "CACHE_THROUGH"})
		}},
		{"it is off", "the job service is off", func(s *config.Settings) {
			s.Others, s.Install.Version = nil, "2.9.6"
		}},
		{"Alluxio has none", "", func(s *config.Settings) { s.Others, s.Install.Version = nil, "1.8.1" }},
		{"the operator runs job masters", "", func(s *config.Settings) {
			s.Others, s.Install.Version = nil, "2.9.6"
			s.Site = append(s.Site, config.Property{Key: "alluxio.job.master.hostname", Value: "other"})
		}},
		{"masters that cannot find it", "alluxio-master-0: started before the job service", func(s *config.Settings) {
			s.Others[config.JobMaster].Ports[0].Number = 0
		}},
	} {
		got := strings.Join(jobService(t, c.change).Snapshot(epoch).Warnings, "\n")
		if c.want != "" && !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "job service") {
			t.Errorf("%s: %q, want %q", c.sentence, got, c.want)
		}
	}
}
