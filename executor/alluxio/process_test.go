package alluxio

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// Every role runs with every version: it has a class, a log, its ports and something to ask whether
// it serves. The job service and the proxy are refused with 1.x.
func TestEveryRoleRunsWithEveryVersion(t *testing.T) {
	t.Parallel()
	roles := config.AlluxioRoles()
	if got := len(roles.InStartOrder()); got != len(processes) {
		t.Errorf("%d roles and %d processes", got, len(processes))
	}
	for _, role := range roles.InStartOrder() {
		row := roles.Row(role)
		for _, rules := range table {
			t.Run(string(role)+" of "+rules.Since, func(t *testing.T) {
				t.Parallel()
				layout := Layout{Version: rules.Since, ServerJar: "/opt/alluxio/server.jar"}
				run, err := Prepare(specOf(role, rules.Since), environment(layout, "11.0.20"))
				process := processes[role]
				if process.since != "" && family(rules.Since) == "1.x" {
					want := string(role) + " runs Alluxio 2.0.0 or later, and the install is Alluxio " + rules.Since
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%v, want %q", err, want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				command := strings.Join(run.Argv, " ")
				for _, part := range []string{process.mainClass, "-Dalluxio.logger.type=" + process.logger} {
					if part == "" || !strings.Contains(command, part) {
						t.Errorf("%q is not in %s", part, command)
					}
				}
				if run.Probe.OwnURL == "" || process.webPort != row.WebPort {
					t.Errorf("it is asked at %q, port %s; people at %s", run.Probe.OwnURL, process.webPort, row.WebPort)
				}
				if (len(run.Format) > 0) != row.Journal {
					t.Errorf("the journal is formatted with %q, and the role keeps one: %t", run.Format, row.Journal)
				}
			})
		}
	}
}

func TestARoleThatIsNotInTheTableIsRefused(t *testing.T) {
	t.Parallel()
	spec := specOf(config.Master, "2.9.6")
	spec.Role = "alluxio-fuse"
	_, err := Prepare(spec, environment(Layout{Version: "2.9.6"}, "11.0.20"))
	if err == nil || !strings.Contains(err.Error(), `cannot run the role "alluxio-fuse"`) {
		t.Error(err)
	}
}

// A role claims the ports that its process needs, and Alluxio takes them by default.
func TestTheJobServiceClaimsTheDefaultPortsOfAlluxio(t *testing.T) {
	t.Parallel()
	defaults := map[config.PortName]uint16{
		config.JobMasterRPC: defaultJobMasterRPC, config.JobMasterWeb: defaultJobMasterWeb,
		config.JobMasterRaft: defaultJobMasterRaft,
		config.JobWorkerRPC:  defaultJobWorkerRPC, config.JobWorkerData: defaultJobWorkerData,
		config.JobWorkerWeb: defaultJobWorkerWeb,
		config.ProxyWeb:     defaultProxyWeb,
	}
	rules, _ := RulesFor("2.9.6")
	for _, role := range []config.Role{config.JobMaster, config.JobWorker, config.Proxy} {
		row := config.AlluxioRoles().Row(role)
		claimed := map[config.PortName]bool{}
		for _, port := range row.Ports {
			claimed[port.Name] = true
			if port.V1 != 0 || port.V2 != defaults[port.Name] {
				t.Errorf("%s claims %d in 1.x and %d in 2.x for %s", row.Role, port.V1, port.V2, port.Name)
			}
		}
		for _, port := range processes[row.Role].ports(rules) {
			if !claimed[port] {
				t.Errorf("%s needs %s and does not claim it", row.Role, port)
			}
		}
	}
}
