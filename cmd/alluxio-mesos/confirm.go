package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// ending is a command that ends the cluster, as its operator gave it.
type ending struct {
	// does says in messages what the command does.
	does string
	// path is teardownPath or uninstallPath; destroys is true if volumes end too.
	path     string
	destroys bool
	// files is what becomes of files that are in workers only.
	files unpersistedFlags
	// yes is true if the operator is not asked.
	yes bool
	// limit is how long the command waits for the end.
	limit time.Duration
}

// The requests to the API that end the cluster.
const (
	teardownPath  = "/v1/teardown"
	uninstallPath = "/v1/uninstall"
)

// answerBytes bounds an answer: a terminal gives no longer line.
const answerBytes = 4096

// whatStays ends the text before the question; the API lists the volumes.
const whatStays = "Under stores stay, and so do journals outside of volumes and folders of tiers on disk. Ramdisks " +
	"are removed.\n"

func addYes(flags *pflag.FlagSet, yes *bool) {
	flags.BoolVar(yes, "yes", false, "do not ask for the name of the framework; needed without a terminal")
}

// query has the parameters of the request. Frameworks of earlier versions refuse one that they do not
// know.
func (e ending) query() url.Values {
	q := url.Values{}
	if e.path == uninstallPath {
		q.Set("destroyVolumes", strconv.FormatBool(e.destroys))
	}
	e.files.set(q)
	return q
}

// dryQuery has the parameters of an uninstall that only says what it would do.
func (e ending) dryQuery() url.Values {
	e.path = uninstallPath
	q := e.query()
	q.Set("dryRun", "true")
	return q
}

// checkConfirmable refuses an ending that nobody can be asked about.
func (c *cli) checkConfirmable(e ending) error {
	if e.yes || isTerminal(c.stdin) {
		return nil
	}
	return &exitError{exitConfiguration, e.does + "; standard input is no terminal on which to confirm that, so " +
		"nothing was done: add --yes to go on without a question"}
}

// isTerminal is true if f is one.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// confirm says on standard error what ends and what stays, and asks for the name of the framework,
// unless --yes was given. After an error nothing was done.
func (c *cli) confirm(ctx context.Context, a *api, e ending) error {
	if e.yes {
		return nil
	}
	s, err := a.status(ctx)
	if err != nil {
		return err
	}
	body, err := a.do(ctx, http.MethodPost, uninstallPath+"?"+e.dryQuery().Encode())
	if err != nil {
		return err
	}
	effects, err := parseChange(body)
	if err != nil {
		return err
	}
	fmt.Fprint(c.stderr, effects.Message+whatStays)
	fmt.Fprintf(c.rawErr, "Type the name of the framework, %s, to go on: ", s.Framework.Name)
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.rawErr)
		return &exitError{exitFatal, "interrupted; nothing was done"}
	case answer := <-c.readAnswer():
		typed, isLine := strings.CutSuffix(answer, "\n")
		if typed = strings.TrimSpace(typed); isLine && typed != "" && typed == s.Framework.Name {
			return nil
		}
		if !isLine {
			fmt.Fprintln(c.rawErr)
		}
		return &exitError{exitFatal, "the answer is not the name of the framework; nothing was done"}
	}
}

// readAnswer sends one line of standard input, at most answerBytes long. It ends with a newline unless
// the input ended first. An interrupted command leaves the goroutine behind.
func (c *cli) readAnswer() <-chan string {
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(c.stdin, answerBytes)).ReadString('\n')
		answer <- line
	}()
	return answer
}
