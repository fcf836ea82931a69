package executor

import (
	"context"
	"errors"
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

// readyJournal formats the journal if that is due, and says whether it was done just now.
//
// A local journal is formatted when it is empty and not recorded as formatted. One behind a URI
// cannot be looked into, and Alluxio's own Format wipes: the master is started on it as it is. It
// serves from what is there, or begins a new journal where there is nothing (Alluxio 1.7 and
// later), or ends and says that the journal was never formatted, which does not prove that it is
// empty. Beyond that a journal is formatted only when the scheduler says so, for one task: see
// launch.Journal.Format.
func (r *runner) readyJournal(ctx context.Context, j journal, found launch.Report) (formatted bool, err error) {
	content, err := j.look()
	if err != nil {
		return false, err
	}
	format, err := j.wantsFormat(content, r.spec)
	if err != nil || !format {
		return false, err
	}
	found.Phase = "formatting the journal " + j.folder
	r.report(found)
	if err := j.formatting.leave(formattingText); err != nil {
		return false, fmt.Errorf("format the journal %s: %w", j.folder, err)
	}
	if err := r.formatMarked(ctx, j); err != nil {
		return false, err // the mark stays: what is there now is not a journal
	}
	// Both marks stand for a moment: no master has run then.
	if err := errors.Join(j.firstStart.leave(firstStartText), j.formatting.remove()); err != nil {
		return false, fmt.Errorf("finish the format of the journal %s: %w", j.folder, err)
	}
	if content, err = j.look(); err == nil && content == noContent {
		err = fmt.Errorf("format the journal %s: Alluxio's format left it empty; see logs/%s in the sandbox", j.path,
			formatLog)
	}
	return true, err
}

// formatMarked formats a journal whose mark is left.
func (r *runner) formatMarked(ctx context.Context, j journal) error {
	if j.path != "" {
		if err := makeFolder(j.path); err != nil {
			return err
		}
	}
	if err := r.format(ctx, j); err != nil {
		return err
	}
	if r.jvm.EmptyFormat {
		return j.sign()
	}
	return nil
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
		return fmt.Errorf("format the journal %s: Alluxio's format ended with %v:\n%s", j.folder, exit,
			strings.Join(process.Reasons(whyLines, r.entry.mask, path), "\n"))
	}
	return nil
}
