package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
)

func (c *cli) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "validate [MESOS_MASTER [ALLUXIO_MASTER_HOSTNAME]]", Short: "Check the configuration and show what it asks of Mesos",
		Long: "Check the whole configuration without contacting anything, and show what it asks of Mesos. With problems, all of them are " +
			"printed and the exit code is 2.",
		Args: cobra.MaximumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := c.options(args)
			if err != nil {
				return err
			}
			options.NoMesosMaster = len(args) == 0
			settings, err := loadSettings(options)
			if err != nil {
				return err
			}
			writeWarnings(c.stderr, settings)
			_, err = fmt.Fprint(c.stdout, demand(settings))
			return err
		},
	}
}

func writeWarnings(w io.Writer, s *config.Settings) {
	for _, warning := range s.Warnings {
		fmt.Fprintln(w, "warning: "+warning)
	}
}

// demand says in words what the settings ask of Mesos.
func demand(s *config.Settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The configuration in %s is valid. Framework %q asks of Mesos:\n", s.ConfDir, s.Name)
	for _, role := range []config.Role{config.Master, config.Worker} {
		r := s.Of(role)
		memory := r.Mem.String()
		if role == config.Worker {
			memory = fmt.Sprintf("%s (%s for the JVM, %s for the ramdisk)", r.Mem+s.Ramdisk.Size, r.Mem, s.Ramdisk.Size)
		}
		fmt.Fprintf(&b, "  %s: %s; each cpus %g, memory %s, %s\n", role, howMany(r), r.CPUs, memory, ports(r))
	}
	if fixed := fixedPorts(s); fixed != "" {
		fmt.Fprintf(&b, "Agents must offer these ports: --resources='ports:[%s]'\n", fixed)
	}
	b.WriteString("Mesos was not asked whether its agents offer this; once the framework runs, `alluxio-mesos explain` says what they lack.\n")
	return b.String()
}

func howMany(r *config.RoleSettings) string {
	text := plural(r.Count, "task")
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

// fixedPorts are the ports of all roles as ranges of Mesos: "19998-19999,29998-30000".
func fixedPorts(s *config.Settings) string {
	var all []uint16
	for _, p := range slices.Concat(s.Master.Ports, s.Worker.Ports) {
		if p.Number != 0 {
			all = append(all, p.Number)
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
