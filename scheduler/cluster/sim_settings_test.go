package cluster

import (
	"slices"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// simProperty is a property of Alluxio that operators of the model change.
const simProperty = "alluxio.user.x"

// propertyOf is what a site file says of simProperty.
func propertyOf(site []config.Property) string {
	for _, p := range site {
		if p.Key == simProperty {
			return p.Value
		}
	}
	return ""
}

// changeSettings is a SIGHUP after an operator has edited the site file: what Alluxio sees of it,
// how many tasks are replaced at a time, or how many workers there are. It may come in the middle
// of an earlier change, or undo it.
func (w *world) changeSettings() {
	settings := *w.settings
	line := "new settings"
	switch kind := w.rng.IntN(3); {
	case kind == 0 && settings.Worker.Count != config.AllHosts &&
		(settings.Election != config.ByZooKeeper || w.rng.IntN(2) == 0):
		settings.Worker.Count = w.rng.IntN(4)
		line += ": workers " + strconv.Itoa(settings.Worker.Count)
	case kind == 0 && settings.Election == config.ByZooKeeper:
		settings.Master.Count = 1 + w.rng.IntN(3)
		line += ": masters " + strconv.Itoa(settings.Master.Count)
	case kind == 1:
		settings.UpdateParallel = 1 + w.rng.IntN(2)
		settings.MaxUnavailable = settings.UpdateParallel
		line += ": at a time " + strconv.Itoa(settings.UpdateParallel)
	default:
		value := strconv.Itoa(w.rng.IntN(3))
		settings.Site = []config.Property{{Key: simProperty, Value: value}}
		line += ": " + simProperty + "=" + value
	}
	w.reconfigure(&settings, line)
}

// reconfigure tells the process that lives of settings; w.settings are those that it, or the next one, has taken in.
func (w *world) reconfigure(settings *config.Settings, line string) {
	if err := w.process.state.CheckSettings(settings); err != nil {
		w.fail("convergence", "%s are refused: %v", line, err)
	}
	w.process.receive(Reconfigured{Settings: settings}, line)
}

// isRollout is true for a kill because of new settings.
func isRollout(k Kill) bool { return strings.HasPrefix(k.Reason, "the settings of ") }

// checkRollout: a task that serves ends for new settings only when all but as many as the settings
// allow serve; and a master only when no worker is left with older ones, one master at a time, the
// leader last.
func (h *history) checkRollout(p *process, d *Decision) {
	wanted, serving, outdated := h.valueCounts(p)
	killed := map[string]bool{}
	for _, a := range d.Actions {
		k, ok := a.(Kill)
		l := h.launched[k.TaskID]
		if ok && killed[k.TaskID] {
			h.fail("one at a time", "%s, for the second time in one cycle", k)
		}
		killed[k.TaskID] = true
		if !isRollout(k) || l == nil || h.ended[k.TaskID] || !h.settings.Roles.Row(l.role).Essential {
			continue
		}
		if h.ended[k.TaskID] = true; !h.word(k.TaskID).serving {
			continue
		}
		if slot := p.state.slots.byTask[k.TaskID]; slot != nil && slot.Task.End != nil && slot.Task.End.DecommissionAsked {
			continue // clients have left it
		}
		maxUnavailable := max(1, h.settings.UpdateParallel)
		if l.role == config.Master {
			maxUnavailable = 1
			if slices.ContainsFunc(outdated, func(o *sent) bool { return o.role == config.Worker }) {
				h.fail("workers before masters", "%s, and of the workers are outdated: %v", k, ids(outdated))
			}
			// For a moment after a change two may be known to lead.
			stands := func(o *sent) bool { return o.role == config.Master && o != l && !h.word(o.id).leads }
			if h.word(k.TaskID).leads && slices.ContainsFunc(outdated, stands) {
				h.fail("the leader last", "%s, which leads, and other masters are outdated", k)
			}
		}
		if wanted-serving > maxUnavailable {
			h.fail("one at a time", "%s, and then %d of %d wanted tasks serve", k, serving, wanted)
		}
	}
}

// valueCounts counts what is wanted and what of it serves, as far as the scheduler was told, and lists
// what was launched with other settings than today's.
func (h *history) valueCounts(p *process) (wanted, serving int, outdated []*sent) {
	for _, slot := range h.slotRows() {
		if ok, _ := p.state.wanted(slot); !ok || p.state.hostLost(slot, h.now) || !p.state.roleRow(slot.Role).Essential {
			continue
		}
		wanted++
		if slot.Task == nil {
			continue
		}
		if slot.Task.KillReason == "" && h.word(slot.Task.ID).serving {
			serving++
		}
		if l := h.launched[slot.Task.ID]; l != nil && l.property != propertyOf(h.settings.Site) {
			outdated = append(outdated, l)
		}
	}
	return wanted, serving, outdated
}

func ids(list []*sent) (ids []string) {
	for _, l := range list {
		ids = append(ids, l.id)
	}
	return ids
}
