package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
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

// State is everything that the scheduler knows. One goroutine owns it. Each part is written by the
// files of its name alone (parts_test.go has the list); reading is free.
type State struct {
	options  Options
	roles    *config.RoleTable
	settings *config.Settings
	derived  derivedSettings

	connection     connection
	record         recordState
	reconciliation reconciliation
	teardown       teardownState

	slots       slotIndex
	surplus     surplusTasks
	endpoints   knownEndpoints
	maintenance maintenanceState
	journals    journalState
	volumes     volumeState
	offers      offerState
}

// derivedSettings are computed from the settings alone.
type derivedSettings struct {
	requests map[config.Role]*resource.Request
	// digests are the parts of the fingerprint that depend on settings alone.
	digests map[config.Role]string
}

// NewState is the state of a new process, from the Record of an earlier one (nil or empty for none).
// It fails for a Record that it cannot read, and for settings that CheckSettings refuses.
func NewState(o Options, record map[string][]byte) (*State, error) {
	s := emptyState(o.Settings.Roles)
	s.options = o
	s.connection.end("not connected yet", time.Time{})
	if err := s.load(record); err != nil {
		return nil, err
	}
	s.boundTimes(o.Started)
	s.reconciliation.begin(s.record.frameworkID != "")
	s.assumeVersion(o.Settings)
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
		roles:          roles,
		record:         newRecordState(),
		reconciliation: reconciliation{freshness: freshness{unknown: map[string]string{}}},
		slots:          newSlotIndex(),
		surplus:        newSurplusTasks(),
		endpoints:      knownEndpoints{awaitingMasterUpdate: map[string]*Slot{}},
		maintenance:    maintenanceState{byAgent: map[string]*maintenance{}},
		journals:       journalState{formatted: map[string]journalRecord{}},
		volumes:        newVolumeState(),
		offers:         newOfferState(),
	}
}

// addFixed adds the missing slots of the roles whose slots are numbered from 0 to the count.
func (s *State) addFixed() {
	for _, role := range s.roles.InStartOrder() {
		if !s.roleRow(role).Fixed {
			continue
		}
		for i := range s.settings.Of(role).Count {
			if s.slots.byName[slotName(role, i)] == nil {
				s.add(s.newSlot(role, i))
			}
		}
	}
}

// configure makes settings the target. They were checked before.
func (s *State) configure(settings *config.Settings) {
	s.settings = settings
	s.slots.reviewAll()
	s.derived.requests, s.derived.digests = resource.RequestsOf(settings), map[config.Role]string{}
	for _, role := range s.roles.InStartOrder() {
		s.derived.digests[role] = settingsDigest(settings, role)
	}
	s.renewFingerprints()
	s.addFixed()
	s.scale()
	for _, slot := range s.slots.byName {
		s.addCompanions(slot)
		s.noteActivity(slot)
	}
	s.slots.chooseExcessAgain()
	fewer := false
	for _, slot := range s.slots.byName {
		fewer = fewer || s.electsByCount(slot.Role) && slot.Index >= settings.Of(slot.Role).Count
	}
	s.slots.setFewerMasters(fewer)
	s.reindexEndpoints()
	for _, slot := range s.slots.byName {
		s.noteStale(slot, s.endpoints.addresses)
	}
	s.noteJournalKind()
}

// FrameworkID is the ID that Mesos gave us, or "" before the first subscription.
func (s *State) FrameworkID() string { return s.record.frameworkID }

// Subscription is the number of the present subscription, or 0.
func (s *State) Subscription() uint64 {
	if !s.connection.up {
		return 0
	}
	return s.connection.subscription
}
