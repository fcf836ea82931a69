package cluster

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// The roles that Alluxio does not have. What the framework does for them follows from their rows
// alone: a role with a count of its own, one beside each worker, and one beside each master, whose
// address masters and the second read.
const (
	thirdRole    config.Role = "zzz"
	besideWorker config.Role = "aaa"
	besideMaster config.Role = "mmm"
)

// addJobService gives the settings the job service of Alluxio, on its default ports.
func (tr *transcript) addJobService() {
	tr.settings.Others = map[config.Role]*config.RoleSettings{}
	for _, role := range []config.Role{config.JobMaster, config.JobWorker} {
		row := tr.settings.Roles.Row(role)
		r := &config.RoleSettings{Name: row.TaskName, Count: 1, CPUs: 0.5, Mem: config.GB / 2,
			Unreachable: tr.settings.Of(row.Beside).Unreachable}
		for _, p := range row.Ports {
			if !p.Embedded {
				r.Ports = append(r.Ports, config.Port{Name: p.Name, Number: p.V2, Key: p.Key})
			}
		}
		tr.settings.Others[role] = r
	}
}

// addTestRoles gives the settings those of the test roles that a plan names, with a count.
func (tr *transcript) addTestRoles(fields map[string]string) {
	if fields["job"] == "on" {
		tr.addJobService()
	}
	var rows []config.RoleRow
	for _, row := range testRoles(tr.third) {
		if _, ok := fields[string(row.Role)]; ok {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return
	}
	withRoles(tr.t, tr.settings, rows)
	for role, settings := range tr.settings.Others {
		settings.Count, _ = strconv.Atoi(fields[string(role)])
	}
	if ports := fields["mmm.ports"]; ports == "fixed" {
		tr.settings.Others[besideMaster].Ports[0].Number = 42000
	}
}

// withRoles adds roles to settings, each with a count of 1.
func withRoles(t testing.TB, settings *config.Settings, rows []config.RoleRow) {
	roles, err := settings.Roles.With(rows...)
	if err != nil {
		t.Fatal(err)
	}
	settings.Roles, settings.Others = roles, map[config.Role]*config.RoleSettings{}
	for i := range rows {
		row := &rows[i]
		r := &config.RoleSettings{Name: row.Label, Count: 1, Unreachable: settings.Worker.Unreachable, CPUs: 0.5,
			Mem: config.GB / 2}
		for _, p := range row.Ports {
			r.Ports = append(r.Ports, config.Port{Name: p.Name, Number: p.V2, Key: p.Key})
		}
		settings.Others[row.Role] = r
	}
}

// testRoles are the rows of the test roles.
func testRoles(third config.Role) []config.RoleRow {
	leader, masters := config.Gate{Role: config.Master, Leading: true}, []config.Role{config.Master}
	return []config.RoleRow{
		{
			Role: third, Label: "third", Group: "thirds", Start: 15, Stop: -13, Rollout: 15, Display: 15,
			After: leader, Reads: masters, WebPort: "third.web",
			Ports: []config.PortRow{{Name: "third.web", Key: "third.web.port", V2: 40000}},
			Keys: config.RoleKeys{Count: "third.count", CPUs: "third.cpus", Mem: "third.mem",
				Constraints: "third.constraints"},
		},
		{
			Role: besideWorker, Label: "helper", Group: "helpers", Start: 14, Stop: -12, Rollout: 14, Display: 14,
			Beside: config.Worker, After: config.Gate{Role: besideMaster, Leading: true}, Registers: besideMaster,
			Reads: []config.Role{config.Master, besideMaster}, WebPort: "helper.web",
			Ports: []config.PortRow{{Name: "helper.web", Key: "helper.web.port", V2: 41000}},
			Keys:  config.RoleKeys{CPUs: "helper.cpus", Mem: "helper.mem"},
		},
		{
			Role: besideMaster, Label: "chief helper", Group: "chief helpers", Start: 13, Stop: -11, Rollout: 13, Display: 13,
			Beside: config.Master, After: leader, Reads: []config.Role{config.Master, besideMaster}, Elects: true,
			AddressPort: "chief.rpc", Ports: []config.PortRow{{Name: "chief.rpc", Key: "chief.rpc.port"}},
			Keys: config.RoleKeys{CPUs: "chief.cpus", Mem: "chief.mem"},
		},
	}
}

// No order compares the names of roles: another name of the third role makes the same story.
func TestTheNameOfARoleDecidesNothing(t *testing.T) {
	t.Parallel()
	story, err := os.ReadFile("testdata/third_role.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"aab", "mmn"} {
		tr := newTranscript(t)
		tr.third = config.Role(name)
		want := strings.ReplaceAll(string(story), string(thirdRole), name)
		if got := tr.play(want); got != want {
			t.Errorf("as %s the story is:\n%s", name, got)
		}
	}
}
