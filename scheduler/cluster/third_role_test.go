package cluster

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// thirdRole is a role that Alluxio does not have: what the framework does for it follows from its
// row alone.
const thirdRole config.Role = "zzz"

// addThirdRole gives the settings a third role: a number of tasks on any hosts, of no use to
// masters and workers, which are launched once a master leads.
func (tr *transcript) addThirdRole(fields map[string]string) {
	roles, err := tr.settings.Roles.With(thirdRow(tr.third))
	if err != nil {
		tr.t.Fatal(err)
	}
	count, _ := strconv.Atoi(fields[string(tr.third)])
	tr.settings.Roles = roles
	tr.settings.Others = map[config.Role]*config.RoleSettings{tr.third: {
		Name: "Third", Count: count, Unreachable: tr.settings.Worker.Unreachable, CPUs: 0.5, Mem: config.GB / 2,
		Ports: []config.Port{{Name: "third.web", Number: 40000, Key: "third.web.port"}},
	}}
}

func thirdRow(name config.Role) config.RoleRow {
	return config.RoleRow{
		Role: name, Label: "third", Group: "thirds", Start: 3, Stop: 0, Rollout: 3, Display: 3,
		After: config.Gate{Role: config.Master, Leading: true}, Reads: []config.Role{config.Master}, WebPort: "third.web",
		Keys: config.RoleKeys{Count: "third.count", Constraints: "third.constraints"},
	}
}

// No order compares the names of roles: another name of the third role makes the same story.
func TestTheNameOfARoleDecidesNothing(t *testing.T) {
	t.Parallel()
	story, err := os.ReadFile("testdata/third_role.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"aaa", "mmm"} {
		tr := newTranscript(t)
		tr.third = config.Role(name)
		want := strings.ReplaceAll(string(story), string(thirdRole), name)
		if got := tr.play(want); got != want {
			t.Errorf("as %s the story is:\n%s", name, got)
		}
	}
}
