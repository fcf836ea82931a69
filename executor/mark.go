package executor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// mark is a file that records a condition of a journal until it is removed, also across power
// failures. Its elements are the places where it may be, the best first.
type mark []string

// The texts of the two marks of a journal, for people who find them.
const (
	formattingText = "A format of the journal is under way. Without an executor at work, the journal is incomplete.\n"
	firstStartText = "The journal was formatted and has served no Alluxio master yet. The file goes away when it has.\n"
)

// stands returns whether the mark is at any of its places.
func (m mark) stands() bool { return m.place() != "" }

// place is where the mark is, or "".
func (m mark) place() string {
	for _, path := range m {
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return ""
}

// leave puts the mark at the first place that takes it, durably.
func (m mark) leave(text string) error {
	var failures []error
	for _, path := range m {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			if err = os.WriteFile(path, []byte(text), 0o600); err == nil {
				return hostfs.SyncFolder(filepath.Dir(path))
			}
		}
		failures = append(failures, err)
	}
	return fmt.Errorf("cannot leave a mark: %w", errors.Join(failures...))
}

// remove takes the mark away from all its places, durably: one that came back after a power failure
// would say what is no longer true.
func (m mark) remove() error {
	for _, path := range m {
		if _, err := os.Lstat(path); err != nil {
			continue // as stands sees it, there is none
		}
		err := os.Remove(path)
		if err == nil {
			err = hostfs.SyncFolder(filepath.Dir(path))
		}
		if err != nil {
			return fmt.Errorf("remove a mark: %w", err)
		}
	}
	return nil
}
