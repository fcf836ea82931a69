package cluster

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// recordOfServing is the Record of a cluster whose master and worker serve.
func recordOfServing(t *testing.T) saved {
	t.Helper()
	tr := newTranscript(t)
	tr.play(`plan alluxio-worker=1
subscribed
offer o1 host=a
----

update alluxio-master-0.1 TASK_RUNNING
offer o2 host=b
----

update alluxio-worker-0.1 TASK_RUNNING
----
`)
	return tr.store
}

// asEarlierVersionsSaveIt is record without the processors of tasks.
func asEarlierVersionsSaveIt(t *testing.T, record saved) saved {
	t.Helper()
	earlier := saved{}
	for key, data := range record {
		var row map[string]any
		if err := json.Unmarshal(data, &row); err != nil {
			t.Fatal(err)
		}
		if task, ok := row["task"].(map[string]any); ok {
			delete(task, "cpus")
		}
		earlier[key], _ = json.Marshal(row)
	}
	return earlier
}

// outdatedAfter are the outdated slots of a process that begins with record and settings.
func outdatedAfter(t *testing.T, record saved, settings *config.Settings) (*State, []string) {
	t.Helper()
	s, err := NewState(Options{Settings: settings}, record)
	if err != nil {
		t.Fatal(err)
	}
	return s, slices.Sorted(maps.Keys(s.slots.outdated))
}

func TestAChangedNumberOfProcessorsMakesTheTasksOfItsRoleOutdated(t *testing.T) {
	t.Parallel()
	record := recordOfServing(t)
	for _, c := range []struct {
		name   string
		change func(*config.Settings)
		want   []string
	}{
		{"nothing", func(*config.Settings) {}, nil},
		{"master cpus", func(s *config.Settings) { s.Master.CPUs++ }, []string{"alluxio-master-0"}},
		{"master mem", func(s *config.Settings) { s.Master.Mem += config.MB }, []string{"alluxio-master-0"}},
		{"worker cpus", func(s *config.Settings) { s.Worker.CPUs-- }, []string{"alluxio-worker-0"}},
		{"worker mem", func(s *config.Settings) { s.Worker.Mem += config.MB }, []string{"alluxio-worker-0"}},
	} {
		settings := testSettings(1)
		c.change(settings)
		if _, got := outdatedAfter(t, record, settings); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v are outdated, not %v", c.name, got, c.want)
		}
	}
}

// Versions before this field did not save how many processors a task has. An upgrade takes it that
// tasks have what the settings say, so that it restarts nothing, and later changes are seen.
func TestAnEarlierTaskIsReplacedWhenItsProcessorsChange(t *testing.T) {
	t.Parallel()
	record := asEarlierVersionsSaveIt(t, recordOfServing(t))
	upgraded, got := outdatedAfter(t, record, testSettings(1))
	if len(got) > 0 {
		t.Fatalf("the upgrade makes %v outdated", got)
	}
	maps.Copy(record, saved(upgraded.Changes()))
	settings := testSettings(1)
	settings.Worker.CPUs++
	if _, got := outdatedAfter(t, record, settings); !slices.Equal(got, []string{"alluxio-worker-0"}) {
		t.Errorf("after a later change %v are outdated", got)
	}
	upgraded.Apply(Reconfigured{Settings: settings}, epoch)
	if got := slices.Sorted(maps.Keys(upgraded.slots.outdated)); !slices.Equal(got, []string{"alluxio-worker-0"}) {
		t.Errorf("after new settings %v are outdated", got)
	}
}
