package executor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/process"
)

// formatLog is the file in the sandbox's logs/ that takes what Alluxio's format prints.
const formatLog = "format.log"

// readyJournal makes sure that the journal is formatted, and says whether that was done just now.
//
// A local journal is formatted when it is empty, never when anything is in it, whatever the scheduler believes. One behind a URI cannot
// be looked into: it is formatted exactly when the scheduler has no record that it was, so Alluxio's own Format, which wipes, runs on
// it once; the JVM starts only when the agent has the report of it.
func (r *runner) readyJournal(ctx context.Context, j journal, found launch.Report) (formatted bool, err error) {
	content, err := j.look()
	if err != nil {
		return false, err
	}
	format, err := j.mayFormat(content, r.spec)
	if err != nil || !format {
		return false, err
	}
	found.Phase = "formatting the journal " + j.folder
	r.report(found)
	if j.path == "" {
		return true, r.format(ctx, j)
	}
	if _, err := j.mark(); err != nil {
		return false, err
	}
	if err := makeFolder(j.path); err != nil {
		return false, err
	}
	if err := r.format(ctx, j); err != nil {
		return false, err // the mark stays: what is there now is not a journal
	}
	if r.jvm.EmptyFormat {
		if err := j.sign(); err != nil {
			return false, err
		}
	}
	if err := j.unmark(); err != nil {
		return false, err
	}
	if content, err = j.look(); err == nil && content != fullContent {
		err = fmt.Errorf("format the journal %s: Alluxio's format left it empty; see logs/%s in the sandbox", j.path, formatLog)
	}
	return true, err
}

// format runs Alluxio's own format and waits for it.
func (r *runner) format(ctx context.Context, j journal) error {
	path := filepath.Join(r.host.logs(), formatLog)
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("format the journal %s: %w", j.folder, err)
	}
	defer out.Close()
	p, err := process.Start(process.Command{
		Argv: r.jvm.Format, Env: r.host.environment(r.jvm.Env), Dir: r.host.sandbox, Stdout: out, Stderr: out,
	})
	if err != nil {
		return fmt.Errorf("format the journal %s: %w", j.folder, err)
	}
	var exit process.Exit
	select {
	case exit = <-p.Done():
	case <-ctx.Done():
		_ = p.Signal(syscall.SIGKILL) // its failure shows in the wait
		<-p.Done()
		return fmt.Errorf("format the journal %s: %w", j.folder, ctx.Err())
	}
	if exit != (process.Exit{}) {
		return fmt.Errorf("format the journal %s: Alluxio's format ended with %v:\n%s", j.folder, exit, strings.Join(process.Reasons(whyLines, r.entry.mask, path), "\n"))
	}
	return nil
}
