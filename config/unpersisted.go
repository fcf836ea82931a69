package config

import "time"

// Unpersisted says what happens, before a worker ends by plan, to files on it that clients wrote with
// MUST_CACHE.
type Unpersisted string

// What may happen to them.
const (
	// WaitForUnpersisted keeps the worker until they are gone, or the operator decides. Default.
	WaitForUnpersisted Unpersisted = "wait"
	// PersistUnpersisted writes them to the under store.
	PersistUnpersisted Unpersisted = "persist"
	// LoseUnpersisted ends the worker with them, and with files that three passes could not persist.
	LoseUnpersisted Unpersisted = "lose"
)

// DefaultClientRefresh is how often clients of Alluxio 2.x ask for the workers unless their own site file
// says otherwise: they do not take it from the masters.
const DefaultClientRefresh = 2 * time.Minute

// maxClientRefresh bounds ClientRefresh.
const maxClientRefresh = time.Hour

// ClientRefresh is how long it takes at most until every client knows that a worker has come or gone:
// alluxio.user.worker.list.refresh.interval, at most 1 hour. It is that of the framework's site file,
// which clients are taken to share.
func (s *Settings) ClientRefresh() time.Duration {
	if value, set := s.SiteValue(KeyClientRefresh); set {
		if every, err := ParseDuration(value); err == nil {
			return min(max(every, 0), maxClientRefresh)
		}
	}
	return DefaultClientRefresh
}
