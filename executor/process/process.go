// Package process runs one child process in a process group of its own, and finds the lines of a
// log that say why it ended.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is what to run.
type Command struct {
	// Argv[0] is the path of the program; it is not looked up in PATH.
	Argv []string
	// Env is the whole environment, nothing is inherited.
	Env []string
	// Dir is the working folder.
	Dir string
	// Stdout and Stderr are given to the child as they are; nil discards.
	Stdout, Stderr *os.File
}

// busyFor is how long Start tries a program that is open for writing, but no fewer than busyTries
// times: a machine that stands still for a while gives the other process no time.
const busyFor, busyTries = 2 * time.Second, 200

// Exit is how a process ended.
type Exit struct {
	// Code is the exit code, 0-255, when Signal is "".
	Code int
	// Signal is the name of the signal that ended it, e.g. "SIGKILL".
	Signal string
	// OutOfMemory is the evidence that the kernel killed the process for lack of memory, or "".
	OutOfMemory string
}

// String is "exit code 1" or "SIGKILL".
func (e Exit) String() string {
	if e.Signal != "" {
		return e.Signal
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// Process is a child that was started. Its methods may be called from any goroutine.
type Process struct {
	pid  int
	done chan Exit

	mu    sync.Mutex
	ended bool
}

// Start executes c in a new process group. The child dies with this process, also when this process
// is killed with SIGKILL: Mesos' posix launcher would end it anyway, and a JVM that nobody watches
// must not go on serving, since no later executor can adopt it.
//
// It returns an error when the program cannot be executed, or is open for writing for 2 s.
func Start(c Command) (*Process, error) {
	if len(c.Argv) == 0 {
		return nil, errors.New("start a process: no program is named")
	}
	p := &Process{done: make(chan Exit, 1)}
	begun := make(chan error, 1)
	go p.run(c, begun)
	if err := <-begun; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	return p, nil
}

// run starts the child and waits for it on one OS thread: prctl(2), PR_SET_PDEATHSIG, the kernel
// signals the child when the *thread* that made it ends, and Go ends threads as it likes unless a
// goroutine is locked to them.
func (p *Process) run(c Command, begun chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	system := thisKernel()
	before := system.tally()
	cmd, err := execute(c)
	if err != nil {
		begun <- err
		return
	}
	p.pid = cmd.Process.Pid
	begun <- nil

	// Wait without reaping first: as long as the zombie is there its process group number cannot be given to anybody else.
	for unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.mu.Lock()
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // what it has left behind; usually nobody
	p.ended = true
	p.mu.Unlock()
	_ = cmd.Wait() // its error only repeats the state
	exit := exitOf(cmd.ProcessState)
	if exit.Signal == unix.SignalName(unix.SIGKILL) {
		exit.OutOfMemory = system.outOfMemory(p.pid, before)
	}
	p.done <- exit
}

// execute starts c. An executable that this process unpacked a moment ago may still be open for
// writing in a child that was forked meanwhile and has not executed its own program yet; until then
// execve(2) fails with ETXTBSY (golang.org/issue/22315).
func execute(c Command) (*exec.Cmd, error) {
	busyUntil := time.Now().Add(busyFor)
	for try := 1; ; try++ {
		cmd := &exec.Cmd{
			Path: c.Argv[0], Args: c.Argv, Env: c.Env, Dir: c.Dir,
			SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
		}
		if cmd.Env == nil {
			cmd.Env = []string{} // nil would inherit ours, with the executor's token in it
		}
		if c.Stdout != nil {
			cmd.Stdout = c.Stdout
		}
		if c.Stderr != nil {
			cmd.Stderr = c.Stderr
		}
		if err := cmd.Start(); !errors.Is(err, syscall.ETXTBSY) || try >= busyTries && time.Now().After(busyUntil) {
			return cmd, err
		}
		time.Sleep(time.Millisecond)
	}
}

func exitOf(state *os.ProcessState) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return Exit{Signal: unix.SignalName(status.Signal())}
	}
	return Exit{Code: state.ExitCode()}
}

// PID is the child's process ID.
func (p *Process) PID() int { return p.pid }

// Done yields how the process ended, once. By then its whole process group is gone or has been sent SIGKILL.
func (p *Process) Done() <-chan Exit { return p.done }

// Signal sends a signal to the process group. One that has ended already is no error.
func (p *Process) Signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil
	}
	if err := syscall.Kill(-p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal process group %d: %w", p.pid, err)
	}
	return nil
}
