package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func (c *cli) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [MESOS_MASTER [ALLUXIO_MASTER_HOSTNAME]]",
		Short: "Check the configuration and show what it asks of Mesos",
		Long: "Check the whole configuration, and show what it asks of Mesos. All problems are reported, with exit " +
			"code 2.\n\n" +
			"Mesos is not contacted. If a framework of this configuration runs on this host, a warning names the " +
			"workers that the settings would remove, and a version of Alluxio that may not follow the one that runs.",
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := c.options(args)
			if err != nil {
				return err
			}
			options.NoMesosMaster = len(args) == 0
			c.checksOnly = true
			settings, err := c.loadSettings(options)
			if err != nil {
				return err
			}
			writeWarnings(c.stderr, settings.Warnings)
			if status := c.runningStatus(cmd.Context()); status != nil {
				for _, warning := range []string{removal(status, settings), versionChange(status, settings)} {
					if warning != "" {
						fmt.Fprintln(c.stderr, "warning: "+warning)
					}
				}
			}
			_, err = fmt.Fprint(c.stdout, demand(settings))
			return err
		},
	}
}

func writeWarnings(w io.Writer, warnings []string) {
	for _, warning := range warnings {
		fmt.Fprintln(w, "warning: "+warning)
	}
}

// askedTime is how long validate waits for a framework that runs.
const askedTime = 5 * time.Second

// runningStatus is the status of the framework of this configuration, or nil when none answers.
func (c *cli) runningStatus(ctx context.Context) *cluster.Status {
	ctx, cancel := context.WithTimeout(ctx, askedTime)
	defer cancel()
	a, err := c.findAPI()
	if err != nil {
		return nil
	}
	status, err := a.status(ctx)
	if err != nil {
		return nil
	}
	return status
}

// versionChange warns of another version of Alluxio than that of the masters that run, if it is rejected
// or has masters of two versions on one journal; else it is "".
func versionChange(status *cluster.Status, settings *config.Settings) string {
	version := ""
	for i := range status.Slots {
		found := status.Slots[i].AlluxioVersion
		if status.Slots[i].Role == config.Master && config.LaterVersion(found, version) {
			version = found
		}
	}
	return cluster.VersionRisk(settings, version)
}

// removal warns of workers that run and that the settings would end, with what would be lost; ""
// when there is none.
func removal(status *cluster.Status, settings *config.Settings) string {
	if settings.Worker.Count == config.AllHosts {
		return ""
	}
	run, version := 0, ""
	for i := range status.Slots {
		if slot := &status.Slots[i]; slot.Role == config.Worker && slot.TaskID != "" {
			run++
			version = cmp.Or(slot.AlluxioVersion, version)
		}
	}
	if run <= settings.Worker.Count {
		return ""
	}
	return fmt.Sprintf("%s run and %s=%d: a SIGHUP, or the next start, removes %d; %s", plural(run, "worker"),
		config.KeyWorkerCount, settings.Worker.Count,
		run-settings.Worker.Count, cluster.RemovalEffect(settings, cmp.Or(version, settings.Install.Version)))
}

// demand says in words what the settings ask of Mesos.
func demand(s *config.Settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The configuration in %s is valid. Framework %q asks of Mesos:\n", s.ConfDir, s.Name)
	for _, role := range s.Roles.InDisplayOrder() {
		r, row := s.Of(role), s.Roles.Row(role)
		if r.Count == 0 && !row.Essential {
			continue
		}
		memory := r.Mem.String()
		if row.Blocks {
			inMemory, onDisk := s.TierClaim()
			memory = fmt.Sprintf("%s (%s for the JVM, %s for the ramdisk)", r.Mem+inMemory, r.Mem, inMemory)
			if len(s.Folders) > 0 && inMemory > 0 {
				memory = fmt.Sprintf("%s (%s for the JVM, %s for tiers: %s)", r.Mem+inMemory, r.Mem, inMemory, s.TierText(false))
			}
			if onDisk > 0 {
				memory += fmt.Sprintf(", disk %s (%s)", onDisk, s.TierText(true))
			}
		}
		fmt.Fprintf(&b, "  %s: %s; each cpus %g, memory %s, %s\n", role, howMany(row, r), r.CPUs, memory, ports(r))
	}
	if fixed := fixedPorts(s); fixed != "" {
		fmt.Fprintf(&b, "Agents must offer these ports:\n  --resources='ports:[%s]'\n", fixed)
	}
	b.WriteString("Mesos was not asked whether its agents offer this; once the framework runs, `alluxio-mesos " +
		"explain` says what they lack.\n")
	return b.String()
}

func howMany(row *config.RoleRow, r *config.RoleSettings) string {
	text := plural(r.Count, "task")
	if row.Beside != "" {
		return "one task beside each " + string(row.Beside)
	}
	if r.Count == config.AllHosts {
		text = "one task on every host that fits"
	}
	if r.Host != "" {
		text += " on " + r.Host
	}
	word := " where "
	for i := range r.Constraints {
		text += word + r.Constraints[i].Text
		word = " and "
	}
	return text
}

func ports(r *config.RoleSettings) string {
	if len(r.Ports) == 0 {
		return "no ports"
	}
	parts := make([]string, len(r.Ports))
	for i, p := range r.Ports {
		parts[i] = fmt.Sprintf("%d (%s)", p.Number, p.Key)
		if p.Number == 0 {
			parts[i] = fmt.Sprintf("any (%s)", p.Key)
		}
	}
	return "ports " + strings.Join(parts, ", ")
}

// FixedPorts are the ports of all roles as ranges of Mesos: "19998-19999,29998-30000".
func fixedPorts(s *config.Settings) string {
	var all []uint16
	for _, role := range s.Roles.InStartOrder() {
		for _, p := range s.Of(role).Ports {
			if p.Number != 0 {
				all = append(all, p.Number)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	var ranges []string
	for i := 0; i < len(all); {
		end := i
		for end+1 < len(all) && all[end+1] == all[end]+1 {
			end++
		}
		ranges = append(ranges, fmt.Sprintf("%d-%d", all[i], all[end]))
		i = end + 1
	}
	return strings.Join(ranges, ",")
}
