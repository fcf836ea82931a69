package cluster

import (
	"encoding/json"
	"fmt"
	"time"
)

// TeardownRow is the key of the row from which SavedTeardown reads.
const TeardownRow = frameworkKey

// PendingTeardown is a teardown in the state of a framework that does not run.
type PendingTeardown struct {
	// Begun is true once a task was killed for it; false also when it was saved by a version that did
	// not record that.
	Begun bool
	// Until is when a teardown that has not begun is dropped; zero for never.
	Until time.Time
}

// SavedTeardown returns the teardown that the next start goes on with, or nil. row may be nil. A
// teardown that has not begun by its deadline is none: a start at now drops it.
func SavedTeardown(row []byte, now time.Time) (*PendingTeardown, error) {
	var f frameworkRecord
	if row == nil {
		return nil, nil
	}
	if err := json.Unmarshal(row, &f); err != nil {
		return nil, fmt.Errorf("the saved state is not readable at %q: %w", frameworkKey, err)
	}
	var t teardownState
	t.load(f)
	at := t.dropAt()
	if !t.pending() || !at.IsZero() && !now.Before(at) {
		return nil, nil
	}
	return &PendingTeardown{Begun: f.TeardownBegun, Until: at}, nil
}
