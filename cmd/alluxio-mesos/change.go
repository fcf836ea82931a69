package main

import (
	"cmp"
	"context"
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
	destroy, dry, files := false, false, unpersistedFlags{}
	cmd := &cobra.Command{
		Use: "replace SLOT", Short: "End the task of a slot and let it start again, on whatever host fits",
		Long: "End the task of a slot, such as alluxio-worker-0, and start the next one on any host that fits.\n\n" +
			"A persistent volume of the slot stays on its host and is not used again; --destroy-volume destroys it. " +
			"Without that flag, a replacement that would separate Alluxio from its only journal is refused.\n\n" +
			"A worker of Alluxio 2.3 or later ends once its files are in the under store and its clients have left it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.findAPI()
			if err != nil {
				return err
			}
			q := url.Values{"slot": {args[0]}, "destroyVolume": {strconv.FormatBool(destroy)},
				"dryRun": {strconv.FormatBool(dry)}}
			files.set(q)
			body, err := a.do(cmd.Context(), http.MethodPost, "/v1/replace?"+q.Encode())
			if err != nil {
				return err
			}
			return c.tellChange(body)
		},
	}
	cmd.Flags().BoolVar(&destroy, "destroy-volume", false, "destroy the slot's persistent volume with all that is in it")
	files.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	exclude(cmd, unpersistedPair)
	return cmd
}

// uninstallCommand ends the cluster for good.
func (c *cli) uninstallCommand() *cobra.Command {
	e, dry := ending{does: "uninstall ends the Alluxio cluster", path: uninstallPath}, false
	cmd := &cobra.Command{
		Use: "uninstall", Short: "End the cluster and its framework for good",
		Long: "Persist the files that are in workers only, end every Alluxio process, then the framework itself.\n\n" +
			"Persistent volumes stay, and are listed; --destroy-volumes destroys them and releases their reservations. " +
			"Journals in folders of hosts, and under stores, are never touched.\n\n" +
			"On a terminal the command asks for the name of the framework first; without one it needs --yes.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if e.destroys {
				e.does = "uninstall --destroy-volumes ends the Alluxio cluster and destroys its volumes"
			}
			switch {
			case dry:
				return c.dryUninstall(cmd.Context(), e)
			case c.apiURL != "":
				return c.uninstallRemote(cmd.Context(), e)
			}
			return c.tearDown(cmd.Context(), e)
		},
	}
	cmd.Flags().BoolVar(&e.destroys, "destroy-volumes", false,
		"destroy every persistent volume of this cluster with all that is in it")
	e.files.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().DurationVar(&e.limit, "timeout", 10*time.Minute,
		"how long to wait for the end; a teardown that has not begun by then is dropped. With --api the command does "+
			"not wait")
	addYes(cmd.Flags(), &e.yes)
	exclude(cmd, unpersistedPair)
	return cmd
}

// dryUninstall only says what an uninstall would do.
func (c *cli) dryUninstall(ctx context.Context, e ending) error {
	a, err := c.findAPI()
	if err != nil {
		return err
	}
	body, err := a.do(ctx, http.MethodPost, uninstallPath+"?"+e.dryQuery().Encode())
	if err != nil {
		return err
	}
	return c.tellChange(body)
}

// uninstallRemote asks the framework at --api to end the cluster and does not wait for that.
func (c *cli) uninstallRemote(ctx context.Context, e ending) error {
	if err := c.checkConfirmable(e); err != nil {
		return err
	}
	a, err := c.findAPI()
	if err == nil {
		err = c.confirm(ctx, a, e)
	}
	if err != nil {
		return err
	}
	body, err := a.do(ctx, http.MethodPost, uninstallPath+"?"+e.query().Encode())
	if err != nil {
		return err
	}
	if !e.yes { // what it does was shown before the question
		_, err = fmt.Fprintln(c.stdout, "the cluster is being ended")
		return err
	}
	return c.tellChange(body)
}

// parseChange reads the answer to a change.
func parseChange(body []byte) (web.Change, error) {
	var change struct {
		web.Change
		Said string // the message of versions before 0.1.0
	}
	if err := json.Unmarshal(body, &change); err != nil {
		return change.Change, fmt.Errorf("the answer of the API cannot be read: %w", err)
	}
	change.Message = cmp.Or(change.Message, change.Said)
	return change.Change, nil
}

// tellChange prints what a change does.
func (c *cli) tellChange(body []byte) error {
	change, err := parseChange(body)
	if err != nil {
		return err
	}
	if change.DryRun {
		fmt.Fprintln(c.stdout, "Nothing is done; without --dry-run:")
	}
	_, err = fmt.Fprint(c.stdout, change.Message)
	return err
}
