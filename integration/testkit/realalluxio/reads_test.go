package realalluxio

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// ownClasses says where the code of a role begins, and which classes of another role shared code
// refers to but does not run in it.
var ownClasses = map[config.Role]struct{ main, services, others string }{
	config.Master: {"alluxio/master/AlluxioMaster", "alluxio/master/", `^alluxio/worker/block/Default`},
	config.Worker: {"alluxio/worker/AlluxioWorker", "alluxio/worker/", `^alluxio/master/(journal/|StateLock|` +
		`MasterContext|PrimarySelector|AbstractPrimarySelector|SafeMode|BackupManager)`},
}

// notRead are shared classes that refer to properties of a process without reading them in another
// one, with the reason. They were looked at by a person.
var notRead = map[string]string{
	"alluxio/Configuration":                                "checks the values of all processes while it loads them",
	"alluxio/conf/InstancedConfiguration":                  "checks the values of all processes while it loads them",
	"alluxio/ProcessUtils":                                 "asks for it in a master only",
	"alluxio/WorkerStorageTierAssoc":                       "a master makes one of the list that a worker sends",
	"alluxio/client/block/policy/SpecificHostPolicy":       "names it in a message",
	"alluxio/client/file/cache/CacheManagerOptions":        "those of workers are made by a worker",
	"alluxio/client/file/cache/store/PageStoreOptions":     "those of workers are made by a worker",
	"alluxio/metrics/MetricKey":                            "names it in a description",
	"alluxio/metrics/MetricsSystem":                        "each kind of process asks for its own host name",
	"alluxio/metrics/MultiDimensionalMetricsSystem":        "the metric is a worker's",
	"alluxio/retry/RetryUtils":                             "each kind of process has a function of its own",
	"alluxio/util/FeatureUtils":                            "a report for the check for updates",
	"alluxio/util/network/NetworkAddressUtils":             "each kind of process asks for its own host name",
	"alluxio/util/network/NetworkAddressUtils$ServiceType": "each kind of process asks for its own addresses",
}

// TestNoProcessReadsAPropertyThatItsRoleDoesNotSee searches the classes that a master, and a worker,
// may run for properties whose scope is another one. What it finds has to be in readByAll of package
// config or, with a reason, in notRead.
func TestNoProcessReadsAPropertyThatItsRoleDoesNotSee(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, version := range tested {
		release, err := Get(t.Context(), version)
		if err != nil {
			t.Fatal(err)
		}
		table := newKeyTable()
		if err := table.read(t.Context(), release.ServerJar()); err != nil {
			t.Fatal(err)
		}
		jar, err := readClasses(release.ServerJar())
		if err != nil {
			t.Fatal(err)
		}
		for role, own := range ownClasses {
			roots := []string{own.main}
			for _, service := range jar.services {
				if strings.HasPrefix(service, own.services) || !ofARole.MatchString(service) {
					roots = append(roots, service)
				}
			}
			row, reached := config.AlluxioRoles().Row(role), jar.reachable(roots, regexp.MustCompile(own.others))
			if len(reached) < 1000 {
				t.Errorf("%s: %d classes are reached from %s", version, len(reached), own.main)
			}
			for _, name := range slices.Sorted(maps.Keys(reached)) {
				for _, field := range jar.classes[name].keys {
					key, known := table.constants[field]
					if !known || row.Sees(key) || strings.Contains(name, "/PropertyKey") {
						continue
					}
					if used[name] = true; notRead[name] == "" {
						t.Errorf("%s: %s may read %s in %s", version, row.Group, key, name)
					}
				}
			}
		}
	}
	for name := range notRead {
		if !used[name] && slices.Contains(tested, Versions()[0]) {
			t.Errorf("%s refers to no property that a role does not see", name)
		}
	}
}

// ofARole is a service of one kind of process.
var ofARole = regexp.MustCompile(`^alluxio/(master|worker|job)/`)
