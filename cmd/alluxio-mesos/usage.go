package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// usageError is a command line that cannot be understood: what is wrong with it, and where its
// usage is shown.
func usageError(cmd *cobra.Command, format string, args ...any) error {
	return &exitError{exitConfiguration, fmt.Sprintf(format, args...) + "; see " + cmd.CommandPath() + " --help"}
}

// checkUsage makes all commands below root check their arguments against their Use line, where
// words in brackets are optional, and name themselves in errors about flags.
func checkUsage(root *cobra.Command) {
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError(cmd, "%s", flagText(err)) })
	for _, cmd := range root.Commands() {
		cmd.Args = checkArguments
	}
}

// checkArguments refuses too few and too many arguments.
func checkArguments(cmd *cobra.Command, args []string) error {
	takes := strings.Fields(cmd.Use)[1:]
	usage := strings.Join(append([]string{cmd.CommandPath()}, takes...), " ")
	if len(args) > len(takes) {
		return &exitError{exitConfiguration, fmt.Sprintf("%q is one argument too many; usage: %s", args[len(takes)], usage)}
	}
	for _, name := range takes[len(args):] {
		if !strings.HasPrefix(name, "[") {
			return &exitError{exitConfiguration, fmt.Sprintf("%s is missing; usage: %s", name, usage)}
		}
	}
	return nil
}

// flagText is the text of an error of cobra about a flag, with a short flag as it was written.
func flagText(err error) string {
	for cobras, ours := range map[string]string{
		"unknown shorthand flag: ": "unknown flag: ", "flag needs an argument: ": "flag needs an argument: ",
	} {
		if rest, short := strings.CutPrefix(err.Error(), cobras+"'"); short {
			_, written, _ := strings.Cut(rest, "' in ")
			return ours + written
		}
	}
	return err.Error()
}

// exclude refuses command lines with both flags of a pair.
func exclude(cmd *cobra.Command, pairs ...[2]string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, pair := range pairs {
			if cmd.Flags().Changed(pair[0]) && cmd.Flags().Changed(pair[1]) {
				return usageError(cmd, "--%s and --%s exclude each other: give one of them", pair[0], pair[1])
			}
		}
		return nil
	}
	for _, pair := range pairs { // for completion, which offers no second one
		cmd.MarkFlagsMutuallyExclusive(pair[0], pair[1])
	}
}

// unknownCommand suggests a command for one that does not exist; nil for another error.
func unknownCommand(root *cobra.Command, err error) error {
	var name, parent string
	if n, _ := fmt.Sscanf(err.Error(), "unknown command %q for %q", &name, &parent); n != 2 {
		return nil
	}
	if parent != root.Name() {
		return &exitError{exitConfiguration, fmt.Sprintf("%q is one argument too many; usage: %s", name, parent)}
	}
	return noSuchCommand(root, name)
}

func noSuchCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2 // edits
	text := fmt.Sprintf("there is no command %q", name)
	if near := root.SuggestionsFor(name); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
		return &exitError{exitConfiguration, text + " See " + root.CommandPath() + " --help"}
	}
	return usageError(root, "%s", text)
}

// help is cobra's help in the width of the terminal. A paragraph of its text is one line.
func (c *cli) help(cmd *cobra.Command, _ []string) {
	paragraphs := strings.Split(strings.TrimSpace(cmp.Or(cmd.Long, cmd.Short)), "\n\n")
	for i, p := range paragraphs {
		if !strings.Contains(p, "\n") {
			paragraphs[i] = text.Fill(p, c.width(c.rawOut))
		}
	}
	fmt.Fprint(c.stdout, strings.Join(paragraphs, "\n\n")+"\n\n"+cmd.UsageString()) // no error helps when nobody reads it
}

// helpCommand shows the help of a command, and fails for an unknown one.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			cmd, _, err := root.Find(args)
			if err != nil {
				return noSuchCommand(root, args[0])
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

// checkOutput refuses an unknown --output.
func checkOutput(cmd *cobra.Command, output string) error {
	if output != "" && output != "json" {
		return usageError(cmd, "-o %s is unknown; use -o json, or leave -o out for text", output)
	}
	return nil
}

func addOutput(flags *pflag.FlagSet, output *string, usage string) {
	flags.StringVarP(output, "output", "o", "", usage)
}
