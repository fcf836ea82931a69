package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

func (c *cli) statusCommand() *cobra.Command {
	return c.askCommand("status", "Show the framework, Mesos and every Alluxio process", "/v1/status", text.Status)
}

func (c *cli) explainCommand() *cobra.Command {
	return c.askCommand("explain", "Say why what does not run does not run, and what would help", "/v1/explain", text.Explain)
}

// askCommand is a command that shows a status: as text, or as the API's body at path.
func (c *cli) askCommand(name, short, path string, write func(*cluster.Status) string) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "" && output != "json" {
				return &exitError{exitConfiguration, fmt.Sprintf("-o %s is unknown; use -o json, or nothing for a table", output)}
			}
			api, err := c.findAPI()
			if err != nil {
				return err
			}
			if output == "json" {
				body, err := api.do(cmd.Context(), http.MethodGet, path)
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
	cmd.Flags().StringVarP(&output, "output", "o", "", "`json` for the answer of the API")
	return cmd
}
