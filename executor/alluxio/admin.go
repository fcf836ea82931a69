package alluxio

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Admin is how the executor of a master runs administration commands. It is zero for other roles, and
// for versions without any.
type Admin struct {
	// Operations are those that this version of Alluxio has.
	Operations []launch.AdminOperation
	// MasterURLs answer, if the master there leads, with the list of workers.
	MasterURLs []string
	// java is the JVM with its options, up to the main class.
	java []string
	// Env is Run.Env with a locale in which file names are UTF-8.
	Env []string
	// version is that of the install.
	version string
	// LogsDir is the folder in which a command logs, to be made first.
	LogsDir string
}

// The first versions with fsadmin backup, with a list of files on a worker, and with decommissionWorker
// --addresses. The files are listed in pages that follow each other since the former at the latest.
const (
	sinceBackup       = "1.8.1"
	sinceBlocks       = "2.3.0"
	sinceDecommission = "2.9.4"
)

// AdminOperations are the administration commands that a master's executor runs for this version.
func AdminOperations(version string) (operations []launch.AdminOperation) {
	if _, readable := config.ParseVersion(version); !readable {
		return nil
	}
	if atLeast(version, sinceBlocks) {
		operations = append(operations, launch.AdminFind, launch.AdminPersist)
	}
	if atLeast(version, sinceDecommission) {
		operations = append(operations, launch.AdminDecommission)
	}
	if atLeast(version, sinceBackup) {
		operations = append(operations, launch.AdminBackup)
	}
	return operations
}

// adminHeap is the heap of a command's JVM; docs/facts.md has what it takes.
const adminHeap = "-Xmx64m"

// admin makes the Admin of a master.
func (p *preparation) admin(env []string) Admin {
	operations := AdminOperations(p.env.Layout.Version)
	if p.spec.Role != config.Master || len(operations) == 0 {
		return Admin{}
	}
	logs := p.env.LogsDir + "/admin"
	a := Admin{Operations: operations, version: p.env.Layout.Version, LogsDir: logs,
		Env: slices.Concat(env, []string{"LC_ALL=C.UTF-8"})}
	for _, m := range p.spec.Masters() {
		a.MasterURLs = append(a.MasterURLs, webURL(m.Host, m.Web, p.rules.MasterInfo))
	}
	jar := cmp.Or(p.env.Layout.ClientJar, p.env.Layout.ServerJar)
	a.java = []string{p.env.JavaHome + "/bin/java", "-cp", p.env.ConfDir + "/:" + p.env.Home + "/" + jar, adminHeap,
		"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-Dalluxio.home=" + p.env.Home,
		"-Dalluxio.conf.dir=" + p.env.ConfDir, "-Dalluxio.logs.dir=" + logs,
		"-Dlog4j.configuration=file:" + p.env.ConfDir + "/" + log4jName, "-Dalluxio.logger.type=" + p.logger,
		"-Djava.io.tmpdir=" + p.env.temp()}
	for _, option := range p.spec.JavaOpts { // such as -Djava.security.krb5.conf; a port could not be bound twice
		if strings.HasPrefix(option, "-D") && !strings.HasPrefix(option, "-Dcom.sun.management.") {
			a.java = append(a.java, option)
		}
	}
	return a
}

// Commands of Alluxio's shells.
const (
	fileShell  = "alluxio.cli.fs.FileSystemShell"
	adminShell = "alluxio.cli.fsadmin.FileSystemAdminShell"
)

// command is the command line of a main class.
func (a Admin) command(arguments ...string) []string { return slices.Concat(a.java, arguments) }

// persistParallel is how many files one command waits for at a time. Each takes some seconds, most of
// which the master and the job service wait themselves.
const persistParallel = 32

// PersistCommand persists these files, waiting for each at most this long.
func (a Admin) PersistCommand(files []string, each time.Duration) []string {
	return append(a.command(fileShell, "persist", "--parallelism", strconv.Itoa(persistParallel), "--timeout",
		milliseconds(each)), files...)
}

// DecommissionCommand takes a worker out of new I/O: see IsDecommissioned. Then it goes on to wait for
// clients and operations. Its option --wait does not end that: 2.9.6 takes the time of the end for the
// time to wait.
func (a Admin) DecommissionCommand(worker launch.Address) []string {
	return a.command(adminShell, "decommissionWorker", "--addresses", hostPort(worker.Host, worker.Web))
}

// DecommissionedCommand lists the workers that are decommissioned.
func (a Admin) DecommissionedCommand() []string {
	return a.command(adminShell, "report", "capacity", "-decommissioned")
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Leader is what the leading master says about itself and a worker.
type Leader struct {
	// Known is false when no master that leads has answered; Why says why.
	Known bool
	Why   string
	// Started tells one term of a leader from another.
	Started int64
	// Listed is true when it lists the worker: clients use it.
	Listed bool
	// SameHost is how many workers on the worker's host it lists.
	SameHost int
}

// JudgeLeader reads the answers of MasterURLs, in any order.
func (a Admin) JudgeLeader(answers []Answer, worker launch.Address) Leader {
	leader := Leader{Why: "no Alluxio master leads at " + strings.Join(a.MasterURLs, ", ")}
	for _, answer := range answers {
		var info struct {
			StartTimeMs int64 `json:"startTimeMs"`
			Workers     []struct {
				Address struct {
					Host    string `json:"host"`
					WebPort uint16 `json:"webPort"`
				} `json:"address"`
			} `json:"workers"`
		}
		if answer.Status != 200 || json.Unmarshal(answer.Body, &info) != nil || info.Workers == nil {
			if answer.Err != "" {
				leader.Why += ": " + short(answer.Err)
			}
			continue
		}
		if leader.Known { // while leadership changes two may answer
			return Leader{Why: "two Alluxio masters say that they lead"}
		}
		leader = Leader{Known: true, Started: info.StartTimeMs}
		for _, w := range info.Workers {
			if !strings.EqualFold(w.Address.Host, worker.Host) {
				continue
			}
			leader.SameHost++
			leader.Listed = leader.Listed || w.Address.WebPort == worker.Web
		}
	}
	return leader
}
