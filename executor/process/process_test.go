package process_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

// The test binary re-executes itself as the child; the first argument says what the child does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "child-exit":
			code, _ := strconv.Atoi(os.Args[2])
			fmt.Println("out")
			fmt.Fprintln(os.Stderr, "err")
			os.Exit(code)
		case "child-wait":
			fmt.Println("ready")
			time.Sleep(time.Hour)
		case "child-environment":
			fmt.Println(strings.Join(os.Environ(), "\n"))
			os.Exit(0)
		case "child-parent": // starts a grandchild with Start and says its pid
			p, err := process.Start(process.Command{Argv: []string{os.Args[0], "child-wait"}})
			if err != nil {
				panic(err)
			}
			fmt.Println(p.PID())
			<-p.Done()
			os.Exit(0)
		case "child-elder": // lives as long as its grandchild, and says whether that heard SIGTERM
			signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM)
			cmd := exec.Command(os.Args[0], "child-wait")
			cmd.Stdout = os.Stdout
			_ = cmd.Run() // how it ended is asked below
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGTERM {
				os.Exit(4)
			}
			os.Exit(5)
		case "child-chatter":
			chatter(os.Args[2])
		case "child-copier":
			copier(os.Args[2], os.Args[3])
		// in the control group of the second argument, starts a process that needs more memory than
		// it has
		case "child-in-group":
			if err := os.WriteFile(filepath.Join(os.Args[2], "cgroup.procs"), fmt.Append(nil, os.Getpid()),
				0); err != nil {
				panic(err)
			}
			p, err := process.Start(process.Command{Argv: self("child-" + os.Args[3])})
			if err != nil {
				panic(err)
			}
			if os.Args[3] == "wait" {
				_ = p.Signal(syscall.SIGKILL)
			}
			exit := <-p.Done()
			fmt.Printf("%s|%s\n", exit.Signal, exit.OutOfMemory)
			os.Exit(0)
		case "child-hog":
			for all := [][]byte{}; ; all = append(all, bytes.Repeat([]byte("x"), 1<<20)) {
				_ = all
			}
		case "child-family": // leaves a grandchild in its group behind
			cmd := exec.Command(os.Args[0], "child-wait")
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			fmt.Println(cmd.Process.Pid)
			os.Exit(3)
		}
	}
	os.Exit(m.Run())
}

func self(args ...string) []string { return append([]string{os.Args[0]}, args...) }

// start runs this test binary as a child whose stdout is the returned reader; it is gone when the test ends.
func start(t *testing.T, c process.Command) (*process.Process, *bufio.Scanner) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	t.Cleanup(func() { r.Close() })
	c.Stdout = w
	p, err := process.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Signal(syscall.SIGKILL) })
	return p, bufio.NewScanner(r)
}

func await(t *testing.T, p *process.Process) process.Exit {
	t.Helper()
	select {
	case e := <-p.Done():
		return e
	case <-time.After(time.Minute):
		t.Fatal("the child does not end")
		return process.Exit{}
	}
}

func TestExitCodeAndOutput(t *testing.T) {
	t.Parallel()
	out, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p, stdout := start(t, process.Command{Argv: self("child-exit", "7"), Stderr: out})
	if e := await(t, p); e != (process.Exit{Code: 7}) || e.String() != "exit code 7" {
		t.Errorf("exit %v", e)
	}
	if !stdout.Scan() || stdout.Text() != "out" {
		t.Errorf("stdout %q", stdout.Text())
	}
	if got := process.Reasons(3, asIs, out.Name()); len(got) != 1 || got[0] != "err" {
		t.Errorf("stderr %q", got)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("a signal after the end is no error, got %v", err)
	}
}

func TestSignalEndsTheGroup(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-wait")})
	if !stdout.Scan() {
		t.Fatal("no child")
	}
	if pgid, err := syscall.Getpgid(p.PID()); err != nil || pgid != p.PID() {
		t.Errorf("process group %d of %d: %v", pgid, p.PID(), err)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := await(t, p); e.Signal != "SIGTERM" || e.String() != "SIGTERM" {
		t.Errorf("exit %v", e)
	}
}

func TestASignalReachesTheWholeGroup(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-elder")})
	if !stdout.Scan() {
		t.Fatal("no grandchild")
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := await(t, p); e.Code != 4 {
		t.Errorf("exit %v: the grandchild has not heard it", e)
	}
}

func TestNothingIsInherited(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{"none": nil, "two": {"A=1", "B=2"}} {
		p, stdout := start(t, process.Command{Argv: self("child-environment"), Env: env})
		await(t, p)
		var got []string
		for stdout.Scan() {
			if stdout.Text() != "" {
				got = append(got, stdout.Text())
			}
		}
		if strings.Join(got, " ") != strings.Join(env, " ") {
			t.Errorf("%s: environment %q", name, got)
		}
	}
}

func TestNoSuchProgramIsAnError(t *testing.T) {
	t.Parallel()
	for _, argv := range [][]string{nil, {"/nowhere/java"}, {t.TempDir()}} {
		if _, err := process.Start(process.Command{Argv: argv}); err == nil {
			t.Errorf("%q started", argv)
		}
	}
}

// TestChildDiesWithItsParent: kill -9 of the executor leaves no JVM.
func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-parent")})
	gone(t, stdout, func() { _ = p.Signal(syscall.SIGKILL) })
	await(t, p)
}

// TestWhatAChildLeavesBehindIsKilled when the child itself ends.
func TestWhatAChildLeavesBehindIsKilled(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-family")})
	gone(t, stdout, func() {})
	if e := await(t, p); e.Code != 3 {
		t.Errorf("exit %v", e)
	}
}

// gone reads a pid from the child, does something, and waits until that process is gone.
func gone(t *testing.T, stdout *bufio.Scanner, do func()) {
	t.Helper()
	if !stdout.Scan() {
		t.Fatal("the child said nothing")
	}
	pid, err := strconv.Atoi(stdout.Text())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	do()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives on", pid)
		}
	}
}

// TestThreadsComeAndGoTheChildStays: Pdeathsig is about threads, see run.
func TestThreadsComeAndGoTheChildStays(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-wait")})
	if !stdout.Scan() {
		t.Fatal("no child")
	}
	for range 200 {
		churn()
	}
	select {
	case e := <-p.Done():
		t.Errorf("the child ended: %v", e)
	default:
	}
}

// TestStartWaitsForAProgramThatIsStillBeingWritten: as it is while another goroutine's child,
// forked during the unpack, has not executed yet.
func TestStartWaitsForAProgramThatIsStillBeingWritten(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "program")
	writer, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.WriteString("#!/bin/sh\nexit 7\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := process.Start(process.Command{Argv: []string{program}}); !errors.Is(err, syscall.ETXTBSY) {
		t.Fatalf("a program that stays open for writing: %v, want ETXTBSY", err)
	}
	started := make(chan error, 1)
	var p *process.Process
	go func() {
		var err error
		p, err = process.Start(process.Command{Argv: []string{program}})
		started <- err
	}()
	writer.Close()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if exit := <-p.Done(); exit.Code != 7 {
		t.Errorf("it ended with %v", exit)
	}
}
