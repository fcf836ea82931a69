package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
)

var (
	// inBackquotes is a command in a message, hintLine a hint in a transcript or in a body of the API.
	inBackquotes = regexp.MustCompile("`(alluxio-mesos[^`\n]*)`")
	hintLine     = regexp.MustCompile(`(?m)^ *(?:"hint": "(.*)",?|hint: (.*))$`)
	// keyIn is a property, flagIn a flag.
	keyIn  = regexp.MustCompile(`\balluxio\.[a-z0-9.]*[a-z0-9]`)
	flagIn = regexp.MustCompile(`--[a-z_-]+`)
)

// agentFlags are the flags of a Mesos agent that hints name. Mesos: configuration/agent.md.
var agentFlags = []string{"--attributes", "--domain", "--reconfiguration_policy", "--resources"}

// acts begin the hints for which there is no command: what only a person can do, outside of Mesos.
var acts = []string{"bring ", "cancel it in Mesos's maintenance schedule", "check that ", "reboot the host ",
	"see the log of the Mesos ", "start with "}

// goldens are the texts of all goldens and transcripts with messages for people, by file.
func goldens(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, root := range []string{"testdata", "../../scheduler/cluster/testdata", "../../scheduler/web/testdata",
		"../../executor/task/testdata"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			texts[path] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// parses says why a command line of a message is none of this program, or nil. Words in capital letters
// stand for themselves.
func parses(line string) error {
	words := strings.Fields(line)
	name, args := words[0], words[1:]
	switch name {
	case "alluxio-mesos":
	case "alluxio-mesos-start.sh", "alluxio-mesos-stop.sh": // these run the command of their name
		args = append([]string{strings.TrimSuffix(strings.TrimPrefix(name, "alluxio-mesos-"), ".sh")}, args...)
		if args[0] == "start" {
			args = append(args, "mesos-master:5050") // messages leave the operator's own arguments out
		}
	default:
		return fmt.Errorf("there is no program %s", name)
	}
	root := newCLI(words[:1], nil, io.Discard, io.Discard, func(string) string { return "" }).root()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd == root && len(rest) > 0 && rest[0] != "--help" {
		return fmt.Errorf("there is no command %s", rest[0])
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return validArguments(cmd)
}

func validArguments(cmd *cobra.Command) error {
	if help, err := cmd.Flags().GetBool("help"); err == nil && help || cmd.Args == nil {
		return nil
	}
	return cmd.Args(cmd, cmd.Flags().Args())
}

func TestEveryCommandInAMessageParses(t *testing.T) {
	t.Parallel()
	found := 0
	for file, text := range goldens(t) {
		for _, m := range inBackquotes.FindAllStringSubmatch(text, -1) {
			found++
			if err := parses(m[1]); err != nil {
				t.Errorf("%s: `%s`: %v", file, m[1], err)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d commands were found", found)
	}
	for _, wrong := range []string{"alluxio-mesos statsu", "alluxio-mesos replace", "alluxio-mesos status a",
		"alluxio-mesos uninstall --destroy", "alluxio-mesos-halt.sh", "alluxio-mesos-stop.sh --all"} {
		if parses(wrong) == nil {
			t.Errorf("`%s` parses", wrong)
		}
	}
}

// helps says why a hint names nothing that an operator can do, or nil.
func helps(hint string) error {
	help := slices.ContainsFunc(acts, func(act string) bool { return strings.HasPrefix(hint, act) })
	for _, m := range inBackquotes.FindAllStringSubmatch(hint, -1) {
		if err := parses(m[1]); err != nil {
			return err
		}
		help = true
	}
	for _, key := range keyIn.FindAllString(hint, -1) {
		if config.FindKey(key) == nil {
			return fmt.Errorf("there is no property %s", key)
		}
		help = true
	}
	for _, flag := range flagIn.FindAllString(inBackquotes.ReplaceAllString(hint, ""), -1) {
		if !slices.Contains(agentFlags, flag) && parses("alluxio-mesos-start.sh "+flag) != nil {
			return fmt.Errorf("there is no flag %s", flag)
		}
		help = true
	}
	if !help {
		return fmt.Errorf("it names no command, no property and no flag")
	}
	return nil
}

func TestEveryHintIsACommandOrAProperty(t *testing.T) {
	t.Parallel()
	found := 0
	for file, text := range goldens(t) {
		for _, m := range hintLine.FindAllStringSubmatch(text, -1) {
			found++
			if err := helps(m[1] + m[2]); err != nil {
				t.Errorf("%s: hint %q: %v", file, m[1]+m[2], err)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d hints were found", found)
	}
	for _, wrong := range []string{"wait", "set alluxio.worker.no.such.key", "start it with --lose-all",
		"restart the agent with --resource=x", "`alluxio-mesos mend` does it"} {
		if helps(wrong) == nil {
			t.Errorf("hint %q helps", wrong)
		}
	}
}
