package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// Options are the inputs of the core that do not change.
type Options struct {
	Settings *config.Settings
	// Version is this binary's, for people.
	Version string
	// ExecutorURI is where Mesos agents fetch our binary; unused with Settings.ExecutorPath.
	ExecutorURI string
	// Started is when the process began to act on the Record; everything in the Record is older.
	Started time.Time
}

// State is everything that the scheduler knows. One goroutine owns it.
type State struct {
	options  Options
	roles    *config.RoleTable
	settings *config.Settings
	requests map[config.Role]*resource.Request
	// digests are the parts of the fingerprint that depend on settings alone.
	digests map[config.Role]string

	frameworkID string
	// clusterName is the first framework ID that this Record ever had: it names folders on hosts and outlives the ID.
	clusterName string
	// incarnation is the highest of the slots that were removed.
	incarnation int
	// journalKind is where and how the journal of this cluster is kept, once one was formatted; see rollout.go.
	journalKind string

	connection connection
	// knownMasters are those besides MESOS_MASTER, nil before any was learnt; mastersWarning says
	// that they may not be all.
	knownMasters   *KnownMasters
	mastersWarning string
	freshness      freshness
	// teardown is true from the request on; ended is true once the teardown is done.
	teardown, ended bool
	request         teardownRequest
	failure         string

	slots  map[string]*Slot
	byTask map[string]*Slot
	// hosts has the slots of each role by host, live or not.
	hosts map[hostKey]*Slot
	// order lists the active slots, those that every cycle looks at, for activeInOrder. unsorted is
	// true when slots were added since, others when the list has slots that are no longer active.
	order            []*Slot
	unsorted, others bool
	// stale are the slots with outdated tasks, see outdated.
	stale map[string]*Slot
	// addresses are those of each role that others read, as launch.AddressText writes them;
	// awaitingMasterUpdate are the slots whose executors have not confirmed those of the masters.
	addresses            map[config.Role]string
	awaitingMasterUpdate map[string]*Slot
	// surplus are tasks that fill no slot and are not known to be over, by ID.
	surplus      map[string]*surplusTask
	surplusIndex surplusIndex
	// servingCount is how many tasks of a role serve.
	servingCount map[config.Role]int
	// leading is how many tasks of a role that elects lead: for a moment after a change it may be two.
	leading map[config.Role]int
	// tasksOn is how many tasks of slots are on an agent.
	tasksOn map[string]int
	// maintenance is the announced maintenance by agent ID; evacuateAt is when to call evacuate next, or
	// zero.
	maintenance map[string]*maintenance
	evacuateAt  time.Time
	// excess are the slots beyond a fixed count, by name.
	excess map[string]bool
	// choosing is true until Mesos has confirmed the workers among which excess is chosen;
	// fewerMasters while there are masters beyond their count.
	choosing, fewerMasters bool
	// generation grows whenever a task of a role begins or ends: from then on constraints that count
	// tasks may admit offers that they rejected.
	generation map[config.Role]int

	journals map[string]journalRecord
	format   *journalFormat // nil while every journal can be served from, as far as is known
	destroy  destroyState
	orphaned orphanedVolumes
	offers   []offer.Offer
	// ambiguous has the slots whose task ended in this cycle after an offer of its agent had come.
	// The offer may be older than the end, so it does not tell whether the task's volume was
	// created.
	ambiguous map[string]bool
	// returns are offers whose launch or decline failed: Mesos may still hold them for us, and
	// would for as long as the subscription stands.
	returns    []offerReturn
	rejections map[string]agentRejections // by agent ID
	backoffs   map[string]*hostBackoff    // by host
	// backoffsKept is how many of them the last clean-up left.
	backoffsKept int
	unacked      []Acknowledge

	demand demandState
	// reconcileAll is when to ask about everything next.
	reconcileAll time.Time
	// review is true when serving tasks have to be checked, too: an event may have made them unwanted.
	review bool

	lastEligible time.Time
	hintFacts    *hintFacts // nil after a change
	changed      map[string]struct{}
	// volumeKeys has the volumes without a slot by the keys of their rows, see record_volume.go.
	volumeKeys map[string]hostVolume
	// surplusKeys has the IDs of surplus tasks by the keys of their rows.
	surplusKeys map[string]string
}

type connection struct {
	subscription uint64
	up           bool
	since        time.Time
	master       MesosMaster
	reason       string
}

type hostKey struct {
	role config.Role
	host string
}

// offerReturn is an offer to decline again, and when.
type offerReturn struct {
	offerID string
	at      time.Time
}

// journalRecord is a journal that is known to be formatted.
type journalRecord struct {
	Identity  string    `json:"identity"`
	Folder    string    `json:"folder,omitempty"`
	Formatted time.Time `json:"formatted"`
}

// NewState is the state of a new process, from the Record of an earlier one (nil or empty for none).
// It fails for a Record that it cannot read, and for settings that CheckSettings refuses.
func NewState(o Options, record map[string][]byte) (*State, error) {
	s := emptyState(o.Settings.Roles)
	s.options = o
	s.connection.reason = "not connected yet"
	if err := s.load(record); err != nil {
		return nil, err
	}
	s.boundTimes(o.Started)
	s.freshness.done = s.frameworkID == "" // a framework that Mesos does not know has no tasks
	if err := s.CheckSettings(o.Settings); err != nil {
		return nil, err
	}
	s.recallMaintenance()
	s.assumeCPUs(o.Settings)
	s.configure(o.Settings)
	return s, nil
}

func emptyState(roles *config.RoleTable) *State {
	return &State{
		roles: roles, leading: map[config.Role]int{},
		slots: map[string]*Slot{}, byTask: map[string]*Slot{}, hosts: map[hostKey]*Slot{}, stale: map[string]*Slot{},
		awaitingMasterUpdate: map[string]*Slot{},
		freshness:            freshness{unknown: map[string]string{}}, surplus: map[string]*surplusTask{},
		surplusIndex: newSurplusIndex(),
		servingCount: map[config.Role]int{}, generation: map[config.Role]int{},
		tasksOn: map[string]int{}, excess: map[string]bool{}, maintenance: map[string]*maintenance{},
		journals:  map[string]journalRecord{},
		destroy:   destroyState{marked: map[string]*markedVolume{}, sent: map[string]sentReclaim{}},
		orphaned:  orphanedVolumes{},
		ambiguous: map[string]bool{}, rejections: map[string]agentRejections{}, backoffs: map[string]*hostBackoff{},
		changed: map[string]struct{}{}, volumeKeys: map[string]hostVolume{}, surplusKeys: map[string]string{},
	}
}

// addFixed adds the missing slots of the roles whose slots are numbered from 0 to the count.
func (s *State) addFixed() {
	for _, role := range s.roles.InStartOrder() {
		if !s.roleRow(role).Fixed {
			continue
		}
		for i := range s.settings.Of(role).Count {
			if s.slots[slotName(role, i)] == nil {
				s.add(s.newSlot(role, i))
			}
		}
	}
}

// configure makes settings the target. They were checked before.
func (s *State) configure(settings *config.Settings) {
	s.settings, s.review = settings, true
	s.requests, s.digests = resource.RequestsOf(settings), map[config.Role]string{}
	for _, role := range s.roles.InStartOrder() {
		s.digests[role] = settingsDigest(settings, role)
	}
	s.renewFingerprints()
	s.addFixed()
	s.scale()
	for _, slot := range s.slots {
		s.addCompanions(slot)
		s.noteActivity(slot)
	}
	s.choosing, s.fewerMasters = true, false
	for _, slot := range s.slots {
		s.fewerMasters = s.fewerMasters || s.electsByCount(slot.Role) && slot.Index >= settings.Of(slot.Role).Count
	}
	s.reindexEndpoints()
	clear(s.stale)
	for name, slot := range s.slots {
		if s.outdated(slot, s.addresses) {
			s.stale[name] = slot
		}
	}
	s.noteJournalKind()
}

// FrameworkID is the ID that Mesos gave us, or "" before the first subscription.
func (s *State) FrameworkID() string { return s.frameworkID }

// Subscription is the number of the present subscription, or 0.
func (s *State) Subscription() uint64 {
	if !s.connection.up {
		return 0
	}
	return s.connection.subscription
}
