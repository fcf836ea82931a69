package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

func (c *cli) statusCommand() *cobra.Command {
	return c.askCommand("status", "Show the framework, Mesos and every Alluxio process",
		func([]string) (string, func(*cluster.Status) string) { return "/v1/status", text.Status })
}

func (c *cli) explainCommand() *cobra.Command {
	return c.askCommand("explain [HOST]", "Show why slots do not run and what would help; with HOST (a host, agent or "+
		"slot) everything about it",
		func(args []string) (string, func(*cluster.Status) string) {
			if len(args) == 0 {
				return "/v1/explain", text.Explain
			}
			return "/v1/explain?of=" + url.QueryEscape(args[0]),
				func(s *cluster.Status) string { return text.ExplainOne(s, args[0]) }
		})
}

// askCommand is a command that shows a status: as text, or as the API's body at a path. Both follow
// from the arguments.
func (c *cli) askCommand(use, short string,
	of func(args []string) (path string, write func(*cluster.Status) string)) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use: use, Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, write := of(args)
			if err := checkOutput(cmd, output, "a text"); err != nil {
				return err
			}
			api, err := c.findAPI()
			if err != nil {
				return c.afterSavedTeardown(cmd.Context(), err)
			}
			if output == "json" {
				body, err := api.read(cmd.Context(), path)
				if err == nil {
					_, err = c.stdout.Write(body)
				}
				return err
			}
			s, err := api.status(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.stdout, write(s))
			return err
		},
	}
	addOutput(cmd.Flags(), &output, "`json` for the answer of the API")
	return cmd
}
