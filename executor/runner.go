package executor

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/process"
	"github.com/alluxio/alluxio-mesos/executor/ramdisk"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// runner does the work of the executor's task. The loop calls its methods one at a time; prepare
// and release run in goroutines of their own, release never before prepare has ended.
type runner struct {
	entry   *entry
	spec    *launch.Spec
	host    host
	config  Config
	log     zerolog.Logger
	report  func(launch.Report) // tells the loop how far the preparation is
	cancel  context.CancelFunc
	process *process.Process
	prober  *prober

	prepared     chan struct{}       // closed when prepare has ended; what it wrote can be read then
	found        alluxio.Environment // what jvm was made from
	jvm          alluxio.Run
	first        *firstService                       // nil for a role without a journal
	masterUpdate atomic.Pointer[launch.MasterUpdate] // the newest that came
	admin        atomic.Pointer[alluxio.Admin]       // how to run administration commands
	adminCancel  context.CancelFunc                  // of the request that runs
	adminRuns    sync.WaitGroup                      // what runs for a request
	mu           sync.Mutex
	undo         []func(context.Context) error
}

// releaseWithin bounds each step of a release.
const releaseWithin = 10 * time.Second

func newRunner(l *loop, e *entry, spec *launch.Spec) *runner {
	r := &runner{
		entry: e, spec: spec, host: newHost(l.config.Environ, l.agent.Sandbox), config: l.config, log: l.log,
		cancel: func() {}, prepared: make(chan struct{}),
	}
	r.report = func(found launch.Report) { l.post(e, task.Progressed{Report: found}) }
	return r
}

// start executes the JVM and answers Started or StartFailed.
func (r *runner) start(l *loop) task.Fact {
	p, err := process.Start(process.Command{
		Argv: r.jvm.Argv, Env: r.host.environment(r.jvm.Env), Dir: r.host.sandbox, Stdout: r.config.Stdout,
		Stderr: r.config.Stderr,
	})
	if err != nil {
		return task.StartFailed{Reason: err.Error()}
	}
	r.log.Info().Int("pid", p.PID()).Str("slot", r.spec.Slot).Msg("started Alluxio")
	r.process = p
	r.prober = newProber(r.jvm.Probe, r.first)
	r.admin.Store(&r.jvm.Admin)
	if err := r.watchElection(); err != nil {
		r.prober.noElection = err.Error()
	}
	l.spawn(func() {
		select {
		case exit := <-p.Done():
			l.post(r.entry, r.exited(exit))
		case <-l.edges.Done():
		}
	})
	l.spawn(func() { r.boundOutput(l.edges) })
	l.spawn(func() { // not before the JVM: nothing slow on that path
		for _, found := range ramdisk.Sweep(l.edges) {
			r.log.Info().Msg(found)
		}
	})
	return task.Started{PID: p.PID()}
}

// exited is the end of the JVM with its known cause.
func (r *runner) exited(exit process.Exit) task.Exited {
	e := r.first.exited(task.Exited{Code: exit.Code, Signal: exit.Signal, OutOfMemory: exit.OutOfMemory, Log: r.why()})
	if e.Hint == "" {
		e.Hint = r.fullDisks(saysNoSpace(e.Log))
	}
	return e
}

// whyLines is how many lines of a log travel in a message.
const whyLines = 8

// why is what the logs say about the end of the JVM: Alluxio's own first, newest first, then what
// the JVM itself has printed.
func (r *runner) why() []string {
	logs, _ := filepath.Glob(filepath.Join(r.host.logs(), "*.log")) // the pattern is well-formed
	slices.SortStableFunc(logs, func(a, b string) int { return modified(b).Compare(modified(a)) })
	logs = slices.DeleteFunc(logs, func(p string) bool { return filepath.Base(p) == formatLog })
	return process.Reasons(whyLines, r.entry.mask,
		append(logs, filepath.Join(r.host.sandbox, "stderr"), filepath.Join(r.host.sandbox, "stdout"))...)
}

// later registers what release has to undo.
func (r *runner) later(f func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.undo = append(r.undo, f)
}

// release undoes, last first, what prepare took, and says in words what could not be undone. What runs
// for an administration request was canceled before, and ends first.
func (r *runner) release() string {
	r.cancel()
	<-r.prepared
	r.adminRuns.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var problems []string
	for _, undo := range slices.Backward(r.undo) {
		ctx, cancel := context.WithTimeout(context.Background(), releaseWithin) // also after the loop has ended
		if err := undo(ctx); err != nil {
			problems = append(problems, err.Error())
		}
		cancel()
	}
	r.undo = nil
	return strings.Join(problems, "; ")
}
