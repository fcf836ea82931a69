package cluster

import (
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// history is what has happened so far, as far as invariants are judged by it.
type history struct {
	*world
	launched map[string]*sent
	ids      []string // of launched, in order
	told     map[string]*word
	// calls are the calls since the world was calm, without acknowledgements.
	calls []string
	// reported are journals whose formatting was acknowledged, that is, saved.
	reported map[string]bool
	pairs    map[string]time.Time
	// uninstalling is set when an operator asks for the end of every volume.
	uninstalling bool
	ended        map[string]bool // tasks that were ended for maintenance
	permitted    map[string]bool // tasks that an operator wants ended, because the Record does not know them
	// asked are the tasks of which a KILL has left, failed is when a task of a slot last ended by
	// itself.
	asked  map[string]bool
	failed map[string]time.Time
	// since is when what bounds are about was first seen without a break; seen is of this look.
	since map[string]time.Time
	seen  map[string]bool
	// caches verifies those of the State.
	caches verifier
}

// sent is a launch that left the process.
type sent struct {
	id, slot, host, agent string
	role                  config.Role
	property              string // what the settings said of simProperty then
	volume                string
	forsaken              bool // its volume was given up, or its host, by an operator's word
	reported              bool // whether its journal was known to be formatted then
	lose, begins          bool // begins: the launch was on a journal that was not known to be formatted
}

// forget is what a crash does to what is not saved.
func (h *history) forget() {
	for _, word := range h.told {
		word.returned = false
	}
}

// word is what the scheduler was told of a task.
type word struct {
	over        bool
	silentSince time.Time // zero while it is not silent
	abandoned   bool      // it was silent for so long that it may have been replaced
	serving     bool
	leads       bool // the last that its executor said
	returned    bool // after it was given up, and this process knows
	began       bool // what only an executor can say was said
}

func newHistory(w *world) history {
	return history{world: w, launched: map[string]*sent{}, told: map[string]*word{}, reported: map[string]bool{},
		pairs: map[string]time.Time{}, ended: map[string]bool{}, permitted: map[string]bool{},
		asked: map[string]bool{}, failed: map[string]time.Time{}, since: map[string]time.Time{},
		seen: map[string]bool{}}
}

// hear keeps what a status said.
func (h *history) hear(status *mesos.TaskStatus) {
	id := status.TaskID.Value
	word := h.word(id)
	word.began = word.began || !neverBegan(status.GetState())
	if status.GetState() == mesos.TASK_GONE_BY_OPERATOR {
		host, _, _ := strings.Cut(status.AgentID.Value, "-")
		slot, _, _ := strings.Cut(id, ".")
		for _, old := range h.launched {
			old.forsaken = old.forsaken || old.slot == slot && old.host == host
		}
	}
	switch policy := verdicts[status.GetState()]; policy.verdict {
	case alive:
		if l := h.launched[id]; l != nil {
			word.abandoned = h.replaceable(l)
			word.returned = word.abandoned && !word.over
		}
		word.silentSince = time.Time{}
		word.serving = word.serving || status.GetState() == mesos.TASK_RUNNING
		if len(status.Data) > 0 {
			word.leads = launch.DecodeReport(status.Data).ElectionState == launch.Leading
		}
	case unreachable:
		if word.serving = false; word.silentSince.IsZero() {
			word.silentSince = h.now
		}
	default:
		word.over, word.serving, word.returned = true, false, false
		if policy.verdict == ended {
			slot, _ := splitTaskID(id)
			h.failed[slot] = h.now
		}
	}
}

// replaced: an operator does not want to wait for what is silent in a slot.
func (h *history) replaced(slot string) {
	for _, id := range h.ids {
		if h.launched[id].slot == slot {
			h.launched[id].forsaken = true
		}
		if h.launched[id].slot == slot && !h.word(id).silentSince.IsZero() {
			h.word(id).abandoned = true
		}
	}
}

// seeHost: a host that comes back as another agent has started again, so what was silent there is over.
func (h *history) seeHost(o offer.Offer) {
	for _, id := range h.ids {
		if l := h.launched[id]; l.host == o.Host && l.agent != o.AgentID && !h.word(id).silentSince.IsZero() {
			h.word(id).abandoned = true
		}
	}
}

func (h *history) word(id string) *word {
	if h.told[id] == nil {
		h.told[id] = new(word)
	}
	return h.told[id]
}

// replaceable is true for a task that the scheduler may replace: it was told that the task is over,
// or it was silent for long enough.
func (h *history) replaceable(l *sent) bool {
	word := h.word(l.id)
	return word.over || word.abandoned || !word.silentSince.IsZero() &&
		!h.now.Before(word.silentSince.Add(h.settings.Of(l.role).Unreachable))
}

// alive are all tasks that really run.
func (w *world) alive() []*run {
	var list []*run
	for _, host := range w.hosts {
		for _, id := range sorted(host.agent.runsOrNone()) {
			if r := host.agent.runs[id]; r.live {
				list = append(list, r)
			}
		}
	}
	return list
}

// noteLaunch keeps a launch that leaves.
func (h *history) noteLaunch(l Launch, info *mesos.TaskInfo, spec *launch.Spec) {
	id := info.TaskID.Value
	h.ids = append(h.ids, id)
	h.launched[id] = &sent{id: id, slot: spec.Slot, host: l.Host, agent: l.AgentID, role: spec.Role,
		volume:   volumeOf(info),
		property: propertyOf(spec.Site), reported: h.reported[spec.Journal.Identity], lose: h.settings.Journal.AllowLoss,
		begins: h.store[journalKey(spec.Journal.Identity)] == nil}
}
