package executor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/process"
)

// administration is an AdminRequest that runs.
type administration struct {
	*runner
	request  launch.AdminRequest
	client   *prober // asks masters and the worker
	deadline time.Time
	progress func(launch.AdminAnswer)

	files        launch.FilesResult
	decommission launch.DecommissionResult
	backup       *launch.BackupResult // nil until it is checked
}

func newAdministration(r *runner, request launch.AdminRequest, progress func(launch.AdminAnswer)) *administration {
	return &administration{runner: r, request: request, progress: progress, client: newProber(alluxio.Probe{}, nil),
		deadline: time.Now().Add(request.Within)}
}

// run carries the request out, and ends soon after ctx has. Nothing that it has started runs on then.
func (a *administration) run(ctx context.Context) launch.AdminAnswer {
	var err error
	switch a.request.Operation {
	case launch.AdminDecommission:
		err = a.decommissionWorker(ctx)
	case launch.AdminBackup:
		err = a.backupMetadata(ctx)
	default:
		err = a.findFiles(ctx)
	}
	answer := a.answer("")
	answer.State, answer.Message = launch.AdminDone, a.summary()
	if err != nil {
		answer.State, answer.Message = launch.AdminFailed, err.Error()
	}
	return answer
}

// say answers what is known so far.
func (a *administration) say(format string, values ...any) {
	a.progress(a.answer(fmt.Sprintf(format, values...)))
}

// answer has a copy of what is known: the goroutine goes on.
func (a *administration) answer(message string) launch.AdminAnswer {
	answer := launch.AdminAnswer{Message: message}
	switch a.request.Operation {
	case launch.AdminDecommission:
		decommission := a.decommission
		answer.Decommission = &decommission
		return answer
	case launch.AdminBackup:
		answer.Backup = a.backup
		return answer
	}
	files := a.files
	answer.Files = &files
	return answer
}

// summary says in a sentence what a request that was done has found.
func (a *administration) summary() string {
	if a.request.Operation == launch.AdminDecommission {
		if a.decommission.Idle {
			return "the worker is decommissioned and idle"
		}
		return "the worker is decommissioned and does not answer"
	}
	if b := a.backup; b != nil {
		return fmt.Sprintf("%s has %s, %d earlier ones were deleted", b.File, b.Bytes, b.Deleted)
	}
	text := fmt.Sprintf("%d files with blocks on the worker", a.files.Listed)
	for _, part := range []struct {
		what  string
		count launch.FileCount
	}{
		{"to persist", a.files.Found}, {"persisted", a.files.Persisted}, {"not persisted", a.files.Failed},
		{"never to be persisted", a.files.Unpersisted}, {"being written", a.files.Open},
		{"abandoned by their clients", a.files.Abandoned}, {"lost before", a.files.Lost},
		{"on other workers, too", a.files.Copied},
	} {
		if part.count.Files > 0 {
			text += fmt.Sprintf(", %d %s", part.count.Files, part.what)
		}
	}
	if !a.files.Complete {
		text += "; the list is not complete"
	}
	return text
}

// leader asks who leads, and about the worker.
func (a *administration) leader(ctx context.Context) alluxio.Leader {
	how := a.admin.Load()
	return how.JudgeLeader(a.client.askAll(ctx, how.MasterURLs), a.request.Worker)
}

// adminTick is how often a command's output is bounded, and how long a question waits before it is
// asked again.
const adminTick = time.Second

// pause waits a moment, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// command runs a command of Alluxio to its end, or kills it with its process group when ctx ends, or
// when its output is enough. Its output is in a file of the sandbox, bounded as that of the task's JVM.
func (a *administration) command(ctx context.Context, argv []string, enough func(output string) bool) (
	exit process.Exit, output string, err error) {
	how := a.admin.Load()
	if err := makeFolder(how.LogsDir); err != nil {
		return exit, "", err
	}
	path := filepath.Join(how.LogsDir, string(a.request.Operation)+".out")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return exit, "", fmt.Errorf("run a command of Alluxio: %w", err)
	}
	defer out.Close()
	bounded, err := process.NewOutput(out)
	if err != nil {
		return exit, "", fmt.Errorf("run a command of Alluxio: %w", err)
	}
	p, err := process.Start(process.Command{Argv: argv, Env: a.host.environment(how.Env), Dir: a.host.sandbox, Stdout: out,
		Stderr: out})
	if err != nil {
		return exit, "", fmt.Errorf("run a command of Alluxio: %w", err)
	}
	tick := time.NewTicker(adminTick)
	defer tick.Stop()
	for canceled := ctx.Done(); ; {
		select {
		case exit = <-p.Done():
			if ctx.Err() != nil {
				return exit, "", fmt.Errorf("a command of Alluxio was killed: %w", ctx.Err())
			}
			data, err := os.ReadFile(path)
			return exit, string(data), err
		case <-canceled:
			canceled = nil
			_ = p.Signal(syscall.SIGKILL) // its failure shows in the wait
		case <-tick.C:
			if err := bounded.Trim(); err != nil {
				a.log.Warn().Err(err).Msg("the output of a command is not bounded any more")
				bounded = nil
			}
			if data, err := os.ReadFile(path); err == nil && enough != nil && enough(string(data)) {
				_ = p.Signal(syscall.SIGKILL)
			}
		}
	}
}

// lastLines are the lines of a command's output that say why it failed.
func (a *administration) lastLines() string {
	path := filepath.Join(a.admin.Load().LogsDir, string(a.request.Operation)+".out")
	return strings.Join(process.Reasons(whyLines, a.entry.mask, path), "\n")
}
