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
		func([]string) (string, statusWriter) { return "/v1/status", always(text.Status) })
}

// statusWriter writes a status for people, so many columns wide. It fails when the status does not have
// what was asked for.
type statusWriter func(s *cluster.Status, width int) (string, error)

func always(write func(*cluster.Status, int) string) statusWriter {
	return func(s *cluster.Status, width int) (string, error) { return write(s, width), nil }
}

func (c *cli) explainCommand() *cobra.Command {
	cmd := c.askCommand("explain [NAME]", "Explain why slots do not run, and what would help",
		func(args []string) (string, statusWriter) {
			if len(args) == 0 {
				return "/v1/explain", always(text.Explain)
			}
			return "/v1/explain?of=" + url.QueryEscape(args[0]), func(s *cluster.Status, width int) (string, error) {
				if !text.Explains(s, args[0]) {
					return "", fmt.Errorf("nothing to explain: %s is no slot, and no host or agent with a slot or a rejected offer",
						args[0])
				}
				return text.ExplainOne(s, args[0], width), nil
			}
		})
	cmd.Long = cmd.Short + ".\n\nNAME is a host, an agent or a slot: show everything about it."
	return cmd
}

// askCommand is a command that shows a status: as text, or as the API's body at a path. Both follow
// from the arguments.
func (c *cli) askCommand(use, short string,
	of func(args []string) (path string, write statusWriter)) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use: use, Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, write := of(args)
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			api, err := c.findAPI()
			if err != nil {
				return c.afterSavedTeardown(cmd.Context(), err)
			}
			if output == "json" {
				body, err := api.read(cmd.Context(), path)
				if err == nil {
					_, err = c.rawOut.Write(body)
				}
				return err
			}
			s, err := api.status(cmd.Context())
			if err != nil {
				return err
			}
			shown, err := write(s, c.width(c.rawOut))
			if err == nil {
				_, err = fmt.Fprint(c.rawOut, shown)
			}
			return err
		},
	}
	addOutput(cmd.Flags(), &output, "print the answer of the API, as `json`")
	return cmd
}
