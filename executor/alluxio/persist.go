package alluxio

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

const (
	// batchFiles and batchBytes bound the names in one command line: Linux takes 2 MiB of arguments,
	// and 128 KiB in one.
	batchFiles = 500
	batchBytes = 256 << 10
)

// Nameable is false for a file that `fs persist` cannot be told: it takes * for a pattern and what
// follows ? for a query.
func Nameable(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.ContainsAny(path, "*?\\\x00") && len(path) < 128<<10
}

// Batch is how many of these files fit into one command line, at least one.
func Batch(files []string) int {
	size := 0
	for i, f := range files {
		if size += len(f) + 1; i > 0 && (i >= batchFiles || size > batchBytes) {
			return i
		}
	}
	return len(files)
}

// PersistOutcome is what a `fs persist` did.
type PersistOutcome struct {
	// Began is true when it has tried every file: those that are not in Failed are in the under store.
	Began bool
	// Failed are the files that it could not persist.
	Failed []string
	// Gone are files that are not there any more: without them it may be tried again.
	Gone []string
}

// JudgePersist reads the exit code and output of a PersistCommand for these files. It looks for whole
// names, since they may have any character.
func JudgePersist(files []string, code int, output string) PersistOutcome {
	var outcome PersistOutcome
	outcome.Began = code == 0 && strings.Contains(output, " files to persist.\n")
	for _, f := range files {
		switch {
		case strings.Contains(output, "Timed out waiting for file to be persisted: "+f+"\n"),
			strings.Contains(output, "Failed to persist file "+f+"\n"):
			outcome.Failed = append(outcome.Failed, f)
		case !outcome.Began && strings.Contains(output, fmt.Sprintf("Path \"%s\" does not exist.", f)):
			outcome.Gone = append(outcome.Gone, f)
		}
	}
	return outcome
}

// slowCopy is how many bytes of a large file the job service copies in a second at least.
const slowCopy = 10 << 20

// IsStuck is true for a file of this size that the job service has not persisted, when it has persisted
// no other one for this long: it may have forgotten the file, or the copy is under way. Alluxio begins
// a copy again if it is asked to persist the file meanwhile (2.9.6: PersistenceScheduler).
func IsStuck(size config.Bytes, idle, after time.Duration) bool {
	return idle >= after+time.Duration(size/slowCopy)*time.Second
}
