package alluxio

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// Rules is one row of the table by version: how to run every version from Since up to the next row.
type Rules struct {
	// Since is the first version of the row.
	Since string
	// ServerJar is where the release keeps its server jar, relative to its home, with * in the place of the version.
	ServerJar string
	// FormatClass is the main class that formats a journal. Those of master and worker never changed.
	FormatClass string
	// MinJava is the oldest Java that reads the release's class files.
	MinJava int

	// MasterRPC, WorkerRPC and RamdiskSize are the names of these properties, the best first, the others aliases of it.
	MasterRPC, WorkerRPC, RamdiskSize []string
	// OnePort is true when workers have one port for RPC and data, so that WorkerRPC's default is 29999 and not 29998.
	OnePort bool
	// Journals is true when there are several types of journal and the default is not UFS.
	Journals bool
	// Metastore is true when masters keep metadata in a folder beside the journal.
	Metastore bool
	// RatisBind is true when the embedded journal needs a property of its own to listen on one address only.
	RatisBind bool
	// UpdateCheck is true when masters ask a server of Alluxio's makers for newer versions unless told not to.
	UpdateCheck bool

	// SiteConfDir is true when files in the home folder and in /etc/alluxio would win over ours,
	// unless the search path is set.
	SiteConfDir bool
	// NIO is true when the default network channel fails on Java 11 and later.
	NIO bool
	// WebResources is true when servers exit without a folder or war of web pages.
	WebResources bool
	// WebSwitch is true when the web pages can be switched off, for installs that have none.
	WebSwitch bool
	// WebTemp is true when the web server unpacks its pages under alluxio.home unless told otherwise.
	WebTemp bool

	// MasterInfo and WorkerInfo are the paths on a web port that answer only when that process serves.
	MasterInfo, WorkerInfo string
	// RootQuestion is the path on a master's web port whose answer tells whether there is a root
	// inode, "" for none.
	RootQuestion string
	// Listing says how the leader's answer to MasterInfo lists its workers.
	Listing Listing
	// Standby is how a master that does not lead shows that it stands by.
	Standby StandbyRule
}

// StandbyRule says by what a standby is known. None answers a question: only a leader does.
type StandbyRule string

// The rules, as measured.
const (
	// StandbyElected: both ports are closed, and the election in ZooKeeper has the master. A JVM
	// that hangs is thrown out of it.
	StandbyElected StandbyRule = "elected"
	// StandbyCloses: its web port takes connections and closes each at once, and another master
	// leads. A JVM that hangs closes nothing.
	StandbyCloses StandbyRule = "closes"
	// StandbyListed is StandbyCloses, and the leader has the master in its list.
	StandbyListed StandbyRule = "listed"
)

// mastersPath is where a leading master lists the others (Alluxio: 2.9.1).
const mastersPath = "/api/v1/master/webui_masters"

// Listing is the shape of a leading master's answer.
type Listing string

// The shapes.
const (
	// ListNone is a web page: it says that the master serves and nothing about workers. 1.0 has no JSON.
	ListNone Listing = "page"
	// ListBare is a JSON list of workers.
	ListBare Listing = "list"
	// ListInfo is a JSON object whose field "workers" is that list.
	ListInfo Listing = "info"
)

const (
	assemblies = "assembly/target/alluxio-assemblies-*-jar-with-dependencies.jar"
	twoJars    = "assembly/server/target/alluxio-assembly-server-*-jar-with-dependencies.jar"
	serverJar  = "assembly/alluxio-server-*.jar"
	clientJar  = "assembly/alluxio-client-*.jar"
)

// table is in ascending order of Since; every row has the changes to the row before it.
var table = rows(
	Rules{
		Since: "1.0.0", ServerJar: assemblies, FormatClass: "alluxio.Format", MinJava: 7,
		MasterRPC: []string{"alluxio.master.port"}, WorkerRPC: []string{"alluxio.worker.port"},
		RamdiskSize: []string{"alluxio.worker.memory.size"},
		SiteConfDir: true, NIO: true, WebResources: true, MasterInfo: "/home", WorkerInfo: "/home", Listing: ListNone,
		Standby: StandbyElected,
	},
	change{"1.1.0", func(r *Rules) {
		r.FormatClass = "alluxio.cli.Format"
		r.MasterInfo, r.WorkerInfo, r.Listing = "/v1/api/master/worker_info_list", "/v1/api/worker/rpc_address", ListBare
	}},
	change{"1.4.0", func(r *Rules) {
		r.MasterInfo, r.WorkerInfo, r.Listing = "/api/v1/master/info", "/api/v1/worker/info", ListInfo
		r.RootQuestion = rootStatus
	}},
	change{"1.5.0", func(r *Rules) { r.ServerJar = twoJars }},
	change{"1.6.0", func(r *Rules) { r.SiteConfDir = false }},
	change{"1.7.0", func(r *Rules) { r.ServerJar, r.MinJava = serverJar, 8 }},
	change{"1.8.0", func(r *Rules) { r.NIO, r.WebTemp = false, true }},
	change{"2.0.0", func(r *Rules) {
		r.MasterRPC = []string{"alluxio.master.rpc.port", "alluxio.master.port"}
		r.WorkerRPC = []string{"alluxio.worker.rpc.port", "alluxio.worker.port"}
		r.OnePort, r.Journals, r.Metastore, r.WebTemp = true, true, true, false
		r.Standby, r.RootQuestion = StandbyCloses, rootBrowse
	}},
	change{"2.1.0", func(r *Rules) { r.UpdateCheck = true }},
	change{"2.3.0", func(r *Rules) { r.WebResources, r.WebSwitch = false, true }},
	change{"2.4.0", func(r *Rules) {
		r.RamdiskSize, r.RatisBind = []string{"alluxio.worker.ramdisk.size", "alluxio.worker.memory.size"}, true
	}},
	change{"2.9.1", func(r *Rules) { r.Standby = StandbyListed }},
)

// newest is the newest version that the last row was checked with.
const newest = "2.9.6"

// change is a row of the table as a difference to the row before it.
type change struct {
	since string
	apply func(*Rules)
}

func rows(first Rules, changes ...change) []Rules {
	list := []Rules{first}
	for _, c := range changes {
		r := list[len(list)-1]
		r.Since = c.since
		c.apply(&r)
		list = append(list, r)
	}
	return list
}

// RulesFor returns the row for a version such as 2.9.6 or 1.8.1-SNAPSHOT. For a version that is
// unreadable, older than the table or newer than what was tried it is the nearest row, and warning
// says so; otherwise warning is "".
func RulesFor(version string) (rules Rules, warning string) {
	v, ok := config.ParseVersion(version)
	if !ok {
		return table[len(table)-1],
			fmt.Sprintf("Alluxio's version %q is not one like %s: it is run as %s; if it does not start, use a stock release",
				version, newest, newest)
	}
	rules = table[0]
	for _, r := range table {
		if since, _ := config.ParseVersion(r.Since); slices.Compare(v, since) >= 0 {
			rules = r
		}
	}
	oldest, _ := config.ParseVersion(table[0].Since)
	latest, _ := config.ParseVersion(newest)
	switch {
	case slices.Compare(v, oldest) < 0:
		warning = fmt.Sprintf("Alluxio %s is older than %s, the oldest that is known: it is run as %s", version,
			table[0].Since, table[0].Since)
	case slices.Compare(v[:2], latest[:2]) > 0:
		warning = fmt.Sprintf("Alluxio %s is newer than %s, the newest that is known: it is run as %s", version, newest,
			newest)
	}
	return rules, warning
}

// atLeast is false for a version below since. Neither an unreadable version nor "" for since is below.
func atLeast(version, since string) bool {
	v, readable := config.ParseVersion(version)
	first, _ := config.ParseVersion(since)
	return !readable || slices.Compare(v, first) >= 0
}

// family is the part of a version that decides ports and names: "1.x", or "2.x" for that and
// everything later. It is "" for an unreadable one.
func family(version string) string {
	v, ok := config.ParseVersion(version)
	switch {
	case !ok:
		return ""
	case v[0] < 2:
		return "1.x"
	}
	return "2.x"
}

// checkFamily compares the version that ports were claimed for with the one that is there.
func checkFamily(expected, found string) (warning string, err error) {
	if expected == "" || strings.EqualFold(expected, found) {
		return "", nil
	}
	if family(expected) != family(found) {
		return "",
			fmt.Errorf("the ports were claimed for Alluxio %s and the install is Alluxio %s, which has others; set "+
				"alluxio.integration.mesos.alluxio.version=%s, or install %s", expected, found, found, expected)
	}
	return fmt.Sprintf("Alluxio %s was expected and the install is Alluxio %s: it is run as %s; correct "+
		"alluxio.integration.mesos.alluxio.version", expected, found, found), nil
}
