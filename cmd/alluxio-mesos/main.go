// Command alluxio-mesos runs Alluxio as a service on Apache Mesos. Commands turn flags into a
// configuration, wire the edges together and run; signals and exit codes are dealt with here and
// nowhere else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/mesosmaster"
)

// The exit codes.
const (
	exitFatal         = 1
	exitConfiguration = 2
	// exitRemoved says that Mesos has removed the framework: only a new framework ID helps, and
	// only a person can decide that.
	exitRemoved = 3
	// exitNotCurrent says that the saved state was lost or is an old copy: what becomes of the
	// tasks that it does not know is for a person to decide.
	exitNotCurrent = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	// After the first signal the next one ends the process as if nobody listened.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, argv []string) int {
	cli := newCLI(argv, os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	root := cli.root()
	root.SetArgs(argv[1:])
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if unknown := unknownCommand(root, err); unknown != nil && !cli.parsed {
		err = unknown
	}
	var problems config.Problems
	var exit *exitError
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(cli.stderr, p)
		}
		fmt.Fprintf(cli.stderr, "alluxio-mesos: %s in the configuration%s\n", plural(len(problems), "problem"),
			cli.notStarted())
		return exitConfiguration
	case errors.As(err, &exit):
		if exit.message != "" {
			fmt.Fprintln(cli.stderr, "alluxio-mesos: "+exit.message)
		}
		return exit.code
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(cli.stderr, "alluxio-mesos: interrupted")
		return exitFatal
	case !cli.parsed:
		fmt.Fprintf(cli.stderr, "alluxio-mesos: %s; see alluxio-mesos --help\n", err)
		return exitConfiguration
	}
	fmt.Fprintln(cli.stderr, "alluxio-mesos: "+err.Error())
	return exitCode(err)
}

// exitCode is that of a framework that ended with err.
func exitCode(err error) int {
	switch {
	case errors.Is(err, mesosmaster.ErrFrameworkRemoved):
		return exitRemoved
	case errors.Is(err, cluster.ErrNotCurrent), errors.Is(err, mesosmaster.ErrDuplicate):
		return exitNotCurrent
	case errors.Is(err, cluster.ErrUnsafeChange), errors.Is(err, cluster.ErrUnsafeStart):
		return exitConfiguration
	}
	return exitFatal
}

// exitError ends the program with a code of its own; an empty message says that everything was said already.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
