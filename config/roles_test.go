package config

import (
	"strings"
	"testing"
)

func TestTheRolesOfAlluxioAreInOrder(t *testing.T) {
	t.Parallel()
	roles := AlluxioRoles()
	for _, order := range []struct {
		name string
		got  []Role
		want string
	}{
		{"start", roles.InStartOrder(), "alluxio-master alluxio-worker alluxio-job-master alluxio-job-worker alluxio-proxy"},
		{"stop", roles.InStopOrder(), "alluxio-proxy alluxio-job-worker alluxio-job-master alluxio-worker alluxio-master"},
		{"rollout", roles.InRolloutOrder(),
			"alluxio-worker alluxio-master alluxio-job-worker alluxio-job-master alluxio-proxy"},
		{"display", roles.InDisplayOrder(),
			"alluxio-master alluxio-worker alluxio-job-master alluxio-job-worker alluxio-proxy"},
		{"companions of masters", roles.Companions(Master), "alluxio-job-master"},
		{"companions of workers", roles.Companions(Worker), "alluxio-job-worker"},
	} {
		var names []string
		for _, role := range order.got {
			names = append(names, string(role))
		}
		if got := strings.Join(names, " "); got != order.want {
			t.Errorf("%s order: %s, want %s", order.name, got, order.want)
		}
	}
}

func TestARoleTableThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	first := RoleRow{Role: "first", Start: 1, Stop: 1, Rollout: 1, Display: 1}
	for _, c := range []struct {
		name string
		row  RoleRow
		want string
	}{
		{"no name", RoleRow{Start: 2, Stop: 2, Rollout: 2, Display: 2}, "has no name"},
		{"twice", first, `role "first": it has no name, or stands twice in the table`},
		{"one position", RoleRow{Role: "b", Start: 2, Stop: 1, Rollout: 2, Display: 2},
			"stop order: roles b and first have the same position"},
		{"after an unknown role", RoleRow{Role: "b", After: Gate{Role: "a"}, Start: 2, Stop: 2, Rollout: 2, Display: 2},
			"role b needs a, which is not in the table"},
		{"reads an unknown role", RoleRow{Role: "b", Reads: []Role{"a"}, Start: 2, Stop: 2, Rollout: 2, Display: 2},
			"role b needs a, which is not in the table"},
		{"starts before what it waits for",
			RoleRow{Role: "b", After: Gate{Role: "first"}, Start: 0, Stop: 2, Rollout: 2, Display: 2},
			"role b waits for first, but has a lower Start position"},
		{"reads a role without addresses",
			RoleRow{Role: "b", Reads: []Role{"first"}, Start: 2, Stop: 2, Rollout: 2, Display: 2},
			"role b reads the addresses of first, which has no port for them"},
		{"beside an unknown role", RoleRow{Role: "b", Beside: "a", Start: 2, Stop: 2, Rollout: 2, Display: 2},
			"role b needs a, which is not in the table"},
		{"an essential companion", RoleRow{Role: "b", Beside: "first", Essential: true, Start: 2, Stop: 2, Rollout: 2,
			Display: 2}, "role b is beside first: it cannot be essential"},
	} {
		if _, err := newRoleTable(first, c.row); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
