package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
)

// cli is what every command shares: the process's surroundings and the global flags.
type cli struct {
	argv []string
	// stdin is where an operator answers a question, if it is a terminal.
	stdin *os.File
	// stdout and stderr take text for people, which they wrap; rawOut and rawErr are what is behind
	// them, for programs and logs.
	stdout, stderr, rawOut, rawErr io.Writer
	env                            func(string) string
	// logs is true for commands whose standard error is a log.
	logs bool
	// parsed is true once the command line was understood: an error before that is one of usage.
	parsed bool
	// checksOnly is true for a command that starts nothing, also with a configuration that is right.
	checksOnly bool

	confDir, scriptDir string
	properties         []string
	loseJournal        bool
	// Where the API is when it is not that of this configuration on this host, and how to get in.
	apiURL, caFile, tokenFile string
	// given is what another process of ours handed over to this one.
	given handover
}

const rootHelp = "alluxio-mesos runs Alluxio as a long-lived service on Apache Mesos.\n\n" +
	"The configuration is conf/alluxio-site.properties. The folder conf is --conf-dir, else $ALLUXIO_CONF_DIR, else " +
	"$ALLUXIO_HOME/conf, else the one beside the folder of this program. Logs go to $ALLUXIO_LOGS_DIR, else to logs " +
	"beside conf.\n\n" +
	"Text is as wide as the terminal, else $COLUMNS, else 100 columns.\n\n" +
	"Exit codes: 0 success, 1 failure, 2 a problem in the configuration or on the command line, 3 Mesos has removed " +
	"the framework, 4 the saved state was lost or is an old copy, and tasks run that it does not know."

func (c *cli) root() *cobra.Command {
	from := 0
	root := &cobra.Command{
		Use: "alluxio-mesos", Short: "Alluxio as a service on Apache Mesos", Long: rootHelp,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			c.parsed, c.logs = true, cmd.Name() == frameworkName || cmd.Name() == executorName
			return c.readHandover(from)
		},
	}
	root.SetOut(c.rawOut)
	root.SetErr(c.rawErr)
	root.SetHelpFunc(c.help)
	root.PersistentFlags().StringVar(&c.confDir, "conf-dir", "", "the `folder` of alluxio-site.properties")
	root.PersistentFlags().StringVar(&c.scriptDir, "script-dir", "", "the folder of the start script")
	root.PersistentFlags().IntVar(&from, handoverFlag, 0, "the descriptor that secrets are read from")
	for _, hidden := range []string{"script-dir", handoverFlag} {
		_ = root.PersistentFlags().MarkHidden(hidden) // fails for unknown flags only
	}
	// For every command: the state folder, by which a running framework is found, is a property too.
	root.PersistentFlags().StringArrayVar(&c.properties, "property", nil,
		"set a property, as `key=value`; it wins over the site file; the flag may be repeated")
	c.addRemote(root)
	c.addVersion(root)
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(c.frameworkCommand(), c.executorCommand(), c.startCommand(), c.stopCommand(), c.statusCommand(),
		c.explainCommand(), c.replaceCommand(), c.backupCommand(), c.uninstallCommand(),
		c.validateCommand(), c.recoverCommand(), c.versionCommand())
	checkUsage(root)
	return root
}

// addRemote adds the flags of commands that ask a framework on another host.
func (c *cli) addRemote(root *cobra.Command) {
	root.PersistentFlags().StringVar(&c.apiURL, "api", "",
		"ask the framework at `https://host:port`; else the one that runs this configuration on this host")
	root.PersistentFlags().StringVar(&c.caFile, "ca-file", "",
		"the `file` with the CA that has signed the API's certificate; else the CAs that this host trusts")
	root.PersistentFlags().StringVar(&c.tokenFile, "token-file", "",
		"with --api: the `file` with the API's token; else $ALLUXIO_MESOS_TOKEN")
}

// addLoseJournal adds the flag of commands that run the framework.
func (c *cli) addLoseJournal(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.loseJournal, "lose-journal", false,
		"give up, for ever, an Alluxio journal that is on a lost host or was emptied")
}

// masterArgs are the arguments of commands that talk to Mesos.
const masterArgs = "MESOS_MASTER [ALLUXIO_MASTER_HOSTNAME]"

// options are the arguments of config.Load for this command line.
func (c *cli) options(args []string) (config.Options, error) {
	if err := c.checkConfDir(); err != nil {
		return config.Options{}, err
	}
	confDir, logsDir, stateDir := config.Locate(c.lookup, c.scriptsFolder())
	o := config.Options{Properties: c.properties, LoseJournal: c.loseJournal}
	// Absolute, since the framework may be started from one folder and asked for from another.
	for to, from := range map[*string]string{&o.ConfDir: confDir, &o.LogsDir: logsDir, &o.StateDir: stateDir} {
		path, err := filepath.Abs(from)
		if err != nil {
			return o, err
		}
		*to = path
	}
	o.MesosMaster, o.Secret = c.mesosMaster(args), c.mesosSecret()
	if len(args) > 1 {
		o.MasterHost = args[1]
	}
	return o, nil
}

// checkConfDir refuses a folder that was named and is none: without it, a misspelt one would be a
// configuration of which nothing runs.
func (c *cli) checkConfDir() error {
	given, by := c.confDir, "--conf-dir"
	if given == "" {
		given, by = c.env("ALLUXIO_CONF_DIR"), "ALLUXIO_CONF_DIR"
	}
	if given == "" {
		return nil
	}
	if info, err := os.Stat(given); err != nil {
		return &exitError{exitConfiguration, fmt.Sprintf("%s %s: %s; name the folder that has %s", by, given,
			reasonOf(err), config.SiteFile)}
	} else if !info.IsDir() {
		return &exitError{exitConfiguration, fmt.Sprintf("%s %s: it is no folder; name the folder that has %s", by,
			given, config.SiteFile)}
	}
	return nil
}

// reasonOf is the last part of an error about a file, without the operation and the path.
func reasonOf(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// lookup is the environment, with --conf-dir in front.
func (c *cli) lookup(name string) string {
	if name == "ALLUXIO_CONF_DIR" && c.confDir != "" {
		return c.confDir
	}
	return c.env(name)
}

// scriptsFolder is where the start script is, or would be: conf is three levels above it. Without
// --script-dir it follows from where this program was called, bin/ beside conf/; a link counts
// where it stands, and where it points to when there is no conf.
func (c *cli) scriptsFolder() string {
	if c.scriptDir != "" {
		return c.scriptDir
	}
	var roots []string
	if called, err := exec.LookPath(c.argv[0]); err == nil {
		roots = append(roots, filepath.Join(filepath.Dir(called), ".."))
	}
	if self, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Join(filepath.Dir(self), ".."))
	}
	for _, root := range roots {
		if _, err := os.Stat(filepath.Join(root, "conf")); err == nil {
			return filepath.Join(root, "integration", "mesos", "bin")
		}
	}
	return filepath.Join(strings.Join(roots[:min(1, len(roots))], ""), "integration", "mesos", "bin")
}
