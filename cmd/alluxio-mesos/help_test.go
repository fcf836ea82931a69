package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// TestHelpOfEveryCommand shows the help of every command, hidden ones too, in testdata/help. It
// does not depend on the width of a terminal.
func TestHelpOfEveryCommand(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := newCLI([]string{"alluxio-mesos"}, nil, &out, &out, func(string) string { return "" })
	root := c.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var shown []string
	var show func(cmd *cobra.Command)
	show = func(cmd *cobra.Command) {
		out.Reset()
		if err := cmd.Help(); err != nil {
			t.Errorf("%s: %v", cmd.CommandPath(), err)
		}
		file := filepath.Join("testdata/help", strings.ReplaceAll(cmd.CommandPath(), " ", "_")+".txt")
		golden.Compare(t, file, out.String())
		shown = append(shown, file)
		for _, sub := range cmd.Commands() {
			show(sub)
		}
	}
	show(root)
	golden.Complete(t, "testdata/help/*", shown)
}
