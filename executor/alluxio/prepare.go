package alluxio

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Environment is what the executor found out on its host. All paths are absolute.
type Environment struct {
	// Layout is what Identify said about Home.
	Layout Layout
	// Home is the root of the Alluxio install, JavaHome that of the JDK.
	Home, JavaHome string
	// JavaVersion is JAVA_VERSION of JavaHome/release, such as 17.0.15 or 1.8.0_151, or "" when that is unreadable.
	JavaVersion string
	// Sandbox is the task's own folder; ConfDir and LogsDir are below it.
	Sandbox, ConfDir, LogsDir string
	// Log4j is conf/log4j.properties of the install, or nil when it has none.
	Log4j []byte
	// Journal is a master's journal, a folder or URI. Metastore is a folder of that master's own, or "".
	Journal, Metastore string
	// Storage is the folder of a worker's top tier, StorageKind what Alluxio calls its kind: MEM,
	// SSD or HDD; "" means MEM.
	Storage, StorageKind string
	// Volume is the folder of a worker's second tier on its persistent volume, or "" for none.
	Volume string
}

// temp is the task's own folder for what libraries unpack and Jetty of 1.x leaves behind. In /tmp
// of the host, nobody would remove what a killed JVM left there; Mesos removes old sandboxes.
func (e *Environment) temp() string { return e.Sandbox + "/tmp" }

// Run is everything that the executor does to run one Alluxio process.
type Run struct {
	// Files go into Environment.ConfDir, readable by the task's user only: they may hold the under store's keys.
	Files []config.File
	// Dirs are folders to make first, 0700.
	Dirs []string
	// Format formats a master's journal and is run only when it may; nil for a role without a journal
	// to format. Argv runs the process.
	Format, Argv []string
	// EmptyFormat is true when Format leaves an empty folder, as that of the embedded journal does.
	EmptyFormat bool
	// Env is added to the executor's own PATH, HOME and the like. Nothing of the site file is in it
	// or in the command lines.
	Env []string
	// Probe says how to learn that it serves.
	Probe Probe
	// Admin is how to run administration commands beside it.
	Admin Admin
	// Warnings are for the operator, each one sentence with its hint. Doubts are those that are
	// over once Alluxio serves.
	Warnings, Doubts []string
}

// preparation is a Run in the making.
type preparation struct {
	spec    *launch.Spec
	env     Environment
	rules   Rules
	process process
	site    site
	dirs    []string
	// logger is the value of alluxio.logger.type.
	logger string
	// rpc is the RPC port by which the leader lists a worker or job worker.
	rpc uint16
	// embedded is true for a master with the embedded journal.
	embedded bool
	// hint becomes Probe.Hint.
	hint string
	// doubts becomes Run.Doubts.
	doubts []string
}

// Prepare turns a LaunchSpec and what is on this host into what to write, run and ask. Its errors
// are for the operator: a Java that is too old or unreadable, an Alluxio of another family than the
// ports were claimed for, a Spec without a host, master or port that it needs.
func Prepare(spec *launch.Spec, env Environment) (Run, error) {
	process, err := processOf(spec.Role)
	if err != nil {
		return Run{}, err
	}
	rules, warning := RulesFor(env.Layout.Version)
	p := &preparation{spec: spec, env: env, rules: rules, process: process}
	if warning != "" {
		p.site.warn("%s", warning)
	}
	warning, err = checkFamily(spec.Install.Version, env.Layout.Version)
	if err != nil {
		return Run{}, err
	}
	if warning != "" {
		p.site.warn("%s", warning)
	}
	if err := p.check(); err != nil {
		return Run{}, err
	}
	if err := p.checkJava(); err != nil {
		return Run{}, err
	}
	p.site.operator = slices.Clone(spec.Site)
	p.folders()
	if err := p.process.site(p); err != nil {
		return Run{}, err
	}
	p.quirks()
	p.checkMemory()
	p.checkOptions()
	return p.run()
}

// check refuses what could not come from a scheduler of this version.
func (p *preparation) check() error {
	spec := p.spec
	if spec.Host == "" {
		return errors.New("the LaunchSpec names no host")
	}
	if !atLeast(p.env.Layout.Version, p.process.since) {
		return fmt.Errorf("a task of the role %s runs Alluxio %s or later, and the install is Alluxio %s; set "+
			"alluxio.integration.mesos.alluxio.version=%[3]s, or install a later one", spec.Role, p.process.since,
			p.env.Layout.Version)
	}
	for _, name := range p.process.ports(p.rules) {
		if spec.Ports[name] == 0 {
			return fmt.Errorf("no port was claimed for %[2]s, which Alluxio %[1]s needs; set "+
				"alluxio.integration.mesos.alluxio.version=%[1]s", p.env.Layout.Version, name)
		}
	}
	for _, f := range spec.Files {
		if f.Name == "" || f.Name == "." || f.Name == ".." || f.Name == siteName || strings.ContainsAny(f.Name, "/\\\x00") {
			return fmt.Errorf("a file named %q cannot travel beside the site file", f.Name)
		}
	}
	return nil
}

// folders takes out of the site file what the command line says about folders, and lists of hosts
// that were written before anything was placed.
func (p *preparation) folders() {
	p.site.drop(p.env.Home, "Alluxio's home is where this task found or unpacked it", "alluxio.home")
	p.site.drop(p.env.Home, "Alluxio's home is its work folder", "alluxio.work.dir")
	p.site.drop(p.env.ConfDir, "every task has its own folder for its configuration", "alluxio.conf.dir",
		"alluxio.site.conf.dir")
	p.site.drop(p.env.LogsDir, "logs are in the task's sandbox, under logs/", "alluxio.logs.dir")
	p.site.drop("", "where the Alluxio masters are follows from where they run", "alluxio.master.rpc.addresses",
		"alluxio.master.embedded.journal.addresses")
	p.folder(p.env.LogsDir)
	p.folder(p.env.temp())
}

func (p *preparation) folder(dir string) { p.dirs = append(p.dirs, dir) }

// quirks gives what single versions need.
func (p *preparation) quirks() {
	s, rules := &p.site, p.rules
	if rules.NIO && javaMajor(p.env.JavaVersion) >= 11 {
		const why = "the default EPOLL of this Alluxio fails on Java 11 and later"
		s.give("NIO", why, "alluxio.worker.network.netty.channel")
		s.give("NIO", why, "alluxio.user.network.netty.channel")
	}
	pages := p.env.Layout.WebPages
	switch {
	case pages != "" && family(p.env.Layout.Version) == "1.x":
		s.give(p.env.Home+"/"+pages, "where this install has its web pages", "alluxio.web.resources")
	case pages == "" && rules.WebResources:
		// Never a folder with anything in it: the web server would show it to everyone.
		empty := p.env.Sandbox + "/no-web-pages"
		s.give(empty, "this install has no web pages; without the property Alluxio would not start", "alluxio.web.resources")
		p.folder(empty)
	case pages == "" && rules.WebSwitch:
		s.give("false", "this install has no web pages", "alluxio.web.ui.enabled")
	}
	if rules.WebTemp {
		temp := p.env.Sandbox + "/web"
		s.give(temp, "Alluxio's home may be shared and read-only", "alluxio.web.temp.path")
		p.folder(temp)
	}
}

// run puts the parts together.
func (p *preparation) run() (Run, error) {
	logs, logger, written := log4j(p.process, p.spec.Files, p.env.Log4j)
	p.logger = logger
	run := Run{Dirs: p.dirs, Files: []config.File{p.site.file(p.env.Layout.Version)}, Warnings: p.site.warnings,
		Doubts: p.doubts}
	if written {
		run.Files = append(run.Files, logs)
	}
	run.Files = append(run.Files, p.spec.Files...)
	run.Argv = p.command(p.process.mainClass)
	if p.process.format != "" {
		run.Format, run.EmptyFormat = p.command(p.rules.FormatClass, p.process.format), p.embedded
	}
	run.Env = []string{"JAVA_HOME=" + p.env.JavaHome, "ALLUXIO_HOME=" + p.env.Home, "ALLUXIO_CONF_DIR=" + p.env.ConfDir,
		"ALLUXIO_LOGS_DIR=" + p.env.LogsDir}
	run.Probe, run.Admin = p.probe(), p.admin(run.Env)
	if run.Probe.Standby == StandbyElected {
		run.Probe.Election = p.electionPath()
	}
	return run, nil
}

// ownHost is the address under which this host reaches the process's own web port.
func (p *preparation) ownHost() string {
	written, _ := p.site.get(p.process.webBind)
	bound := strings.TrimSpace(written.Value)
	if bound == "0.0.0.0" || bound == "::" || strings.Contains(bound, "${") {
		bound = ""
	}
	return cmp.Or(p.spec.Bind, bound, "127.0.0.1")
}
