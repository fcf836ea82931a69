package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/scheduler/web"
)

// replaceCommand fills a slot again.
func (c *cli) replaceCommand() *cobra.Command {
	destroy, dry := false, false
	cmd := &cobra.Command{
		Use: "replace SLOT", Short: "End the task of a slot and let it start again, on whatever host fits",
		Long: "End the task of a slot, such as alluxio-worker-0, and start the next one on any host that fits.\n\n" +
			"A persistent volume of the slot stays on its host and is not used again; --destroy-volume destroys it. " +
			"Without that flag, a replacement that would separate Alluxio from its only journal is refused.",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.findAPI()
			if err != nil {
				return err
			}
			q := url.Values{"slot": {args[0]}, "destroyVolume": {strconv.FormatBool(destroy)},
				"dryRun": {strconv.FormatBool(dry)}}
			body, err := a.do(cmd.Context(), http.MethodPost, "/v1/replace?"+q.Encode())
			if err != nil {
				return err
			}
			return c.tellChange(body)
		},
	}
	cmd.Flags().BoolVar(&destroy, "destroy-volume", false, "destroy the slot's persistent volume with all that is in it")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

// uninstallCommand ends the cluster for good.
func (c *cli) uninstallCommand() *cobra.Command {
	destroy, dry, timeout := false, false, time.Duration(0)
	cmd := &cobra.Command{
		Use: "uninstall", Short: "End the cluster and its framework for good",
		Long: "End every Alluxio process, then the framework itself.\n\n" +
			"Persistent volumes stay, and are listed; --destroy-volumes destroys them and releases their reservations. " +
			"Journals in folders of hosts, and under stores, are never touched.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{"destroyVolumes": {strconv.FormatBool(destroy)}, "dryRun": {strconv.FormatBool(dry)}}
			if !dry && c.apiURL == "" {
				return c.tearDown(cmd.Context(), timeout, "/v1/uninstall", q, c.tellChange)
			}
			a, err := c.findAPI()
			if err != nil {
				return err
			}
			body, err := a.do(cmd.Context(), http.MethodPost, "/v1/uninstall?"+q.Encode())
			if err != nil {
				return err
			}
			return c.tellChange(body)
		},
	}
	cmd.Flags().BoolVar(&destroy, "destroy-volumes", false,
		"destroy every persistent volume of this cluster with all that is in it")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Minute,
		"how long to wait for the end; a teardown that has not begun by then is dropped. With --api the command does "+
			"not wait")
	return cmd
}

// tellChange prints what a change does.
func (c *cli) tellChange(body []byte) error {
	var change struct {
		web.Change
		Said string // the message of versions before 0.1.0
	}
	if err := json.Unmarshal(body, &change); err != nil {
		return fmt.Errorf("the answer of the API cannot be read: %w", err)
	}
	if change.DryRun {
		fmt.Fprintln(c.stdout, "Nothing is done; without --dry-run:")
	}
	_, err := fmt.Fprint(c.stdout, cmp.Or(change.Message, change.Said))
	return err
}
