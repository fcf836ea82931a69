package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// RemovalEffect says what becomes of files when workers are removed. version is that of Alluxio, "" while
// it is not known.
func RemovalEffect(settings *config.Settings, version string) string {
	if !atLeast(version, 2, 3) { // executors cannot find the files of a worker
		return removalRisk(settings, version)
	}
	text := "each ends once its files are in the under store; "
	switch settings.Unpersisted {
	case config.PersistUnpersisted:
		return text + "those that clients wrote with MUST_CACHE are written there, too"
	case config.LoseUnpersisted:
		return text + "those that clients wrote with MUST_CACHE, or that cannot be written there, are lost with it"
	}
	return text + "one with files that clients wrote with MUST_CACHE stays until they are gone, or " +
		config.KeyUnpersisted + " says what to do with them"
}

// removalRisk says which files are lost with workers that end at once.
func removalRisk(settings *config.Settings, version string) string {
	text := "files that are not in the under store are lost with them: what clients have written with "
	switch {
	case version == "":
		text += "MUST_CACHE, the default of Alluxio 1.x, and with ASYNC_THROUGH, the default of 2.x, until it is " +
			"persisted"
	case atLeast(version, 2, 0):
		text += "MUST_CACHE, and with ASYNC_THROUGH, the default of Alluxio " + version +
			", until it is persisted, which its job service does and nothing else"
	default:
		text += "MUST_CACHE, the default of Alluxio " + version + ", or with ASYNC_THROUGH and was not persisted yet"
	}
	if value, set := settings.SiteValue(config.KeyWriteType); set {
		text += " (the site file sets " + config.KeyWriteType + "=" + value + ")"
	}
	return text + "; copy such files into the under store first"
}

// unpersistedWarning warns while clients write files that only the job service persists, and it does not
// serve, or is off; "" otherwise.
func (s *State) unpersistedWarning() string {
	const lost = ": files that clients write with ASYNC_THROUGH, the default of Alluxio 2.x, stay TO_BE_PERSISTED " +
		"and are lost with their workers"
	switch {
	case s.slots.serving[config.Worker] == 0 || !s.settings.WritesAsync():
	case s.has(config.JobWorker) && (s.slots.serving[config.JobWorker] == 0 || s.slots.leading[config.JobMaster] == 0):
		return "the job service does not serve" + lost + " until it does; `alluxio-mesos explain` says what it waits for"
	case !s.has(config.JobWorker) && atLeast(s.alluxioVersion(), 2, 0) && !s.settings.NamesJobMasters():
		return "the job service is off" + lost + "; set " + config.KeyJobEnabled + "=true, or " + config.KeyVersion +
			"=" + s.alluxioVersion()
	}
	return ""
}

// jobMastersUnknownWarning names masters that run since before the job service and cannot find its job
// masters: their ports, or their path in ZooKeeper, are not Alluxio's defaults. "" when there are none.
func (s *State) jobMastersUnknownWarning() string {
	_, ownPath := s.settings.SiteValue("alluxio.zookeeper.election.path", "alluxio.zookeeper.leader.path")
	anyPort := slices.ContainsFunc(s.settings.Of(config.JobMaster).Ports, func(p config.Port) bool {
		return p.Name == config.JobMasterRPC && p.Number == 0
	})
	if !anyPort && (s.settings.Election != config.ByZooKeeper || !ownPath) || !s.has(config.JobMaster) {
		return ""
	}
	var names []string
	for _, slot := range s.slots.byTask {
		if slot.Role == config.Master && slot.Task.serving() && slot.Task.launchedWith(config.JobMaster) == "" {
			names = append(names, slot.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return fmt.Sprintf("%s: started before the job service and cannot find it, so nothing is persisted; restart them one "+
		"after the other with a change of the settings, such as a Java option in %s", strings.Join(names, ", "),
		config.KeyMasterJavaOpts)
}

// removalWarning warns of excess workers that end; "" when there are none.
func (s *State) removalWarning() string {
	var names []string
	for name := range s.slots.excess {
		if slot := s.slots.byName[name]; slot.Task != nil && s.losesFiles(slot) {
			names = append(names, name+" on "+slot.Host)
		}
	}
	return s.removalText(names)
}

// losesFiles is true for an excess slot whose worker has served.
func (s *State) losesFiles(slot *Slot) bool {
	return s.roleRow(slot.Role).Blocks && s.slots.excess[slot.Name] && !s.teardown.requested &&
		!slot.Task.ServingSince.IsZero() && !s.endsByPlan(slot)
}

func (s *State) removalText(names []string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	const most = 10
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("%s: removed, since the settings ask for %d of %s; %s",
		strings.Join(names, ", "), s.settings.Worker.Count, config.Worker, removalRisk(s.settings, s.alluxioVersion()))
}

// warnOfRemoval adds a warning to d for the workers that d begins to remove.
func (s *State) warnOfRemoval(d *Decision) {
	var names []string
	for _, action := range d.Actions {
		if kill, ok := action.(Kill); ok {
			if slot := s.slots.byTask[kill.TaskID]; slot != nil && slot.Task.KillReason == "" && s.losesFiles(slot) {
				names = append(names, slot.Name+" on "+slot.Host)
			}
		}
	}
	if text := s.removalText(names); text != "" {
		d.Warnings = append(d.Warnings, text)
	}
}
