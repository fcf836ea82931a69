package alluxio

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// Every role of the framework runs with every version: it has a class, a log, its ports and
// something to ask whether it serves.
func TestEveryRoleRunsWithEveryVersion(t *testing.T) {
	t.Parallel()
	roles := config.AlluxioRoles().InStartOrder()
	if len(roles) != len(processes) {
		t.Errorf("%d roles and %d processes", len(roles), len(processes))
	}
	for _, role := range roles {
		row := config.AlluxioRoles().Row(role)
		for _, rules := range table {
			t.Run(string(role)+" of "+rules.Since, func(t *testing.T) {
				t.Parallel()
				layout := Layout{Version: rules.Since, ServerJar: "/opt/alluxio/server.jar"}
				run, err := Prepare(specOf(role, rules.Since), environment(layout, "11.0.20"))
				if err != nil {
					t.Fatal(err)
				}
				process := processes[role]
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
	spec.Role = "alluxio-proxy"
	_, err := Prepare(spec, environment(Layout{Version: "2.9.6"}, "11.0.20"))
	if err == nil || !strings.Contains(err.Error(), `cannot run the role "alluxio-proxy"`) {
		t.Error(err)
	}
}
