package config

import (
	"cmp"
	"fmt"
	"slices"
)

// Role is a kind of Alluxio process. Mesos's own notion of a role is always called MesosRole.
type Role string

// The roles that the framework runs.
const (
	Master Role = "alluxio-master"
	Worker Role = "alluxio-worker"
)

// RoleRow holds the properties of a role that do not depend on the settings. Code asks the row; only
// what is about the masters' journal and election names a role.
type RoleRow struct {
	Role Role
	// Label names one of its tasks in a sentence, Group all of them.
	Label, Group string
	// Start, Stop, Rollout and Display are its positions in the order of launch, of teardown, of a
	// rollout and of lists. The least is first; no two are equal.
	Start, Stop, Rollout, Display int
	// After is the condition under which its tasks are launched.
	After Gate
	// Reads are the roles whose addresses its tasks read when they start.
	Reads []Role
	// Registers is the role with whose leader its tasks register at their start; they are replaced when
	// another task of it leads. "" for none.
	Registers Role
	// Beside makes this a companion role: each slot of the role Beside, its primary, has one slot of this
	// role with the same index, whose task runs on the primary's host. "" for a role with a count of its
	// own.
	Beside Role
	// TaskName is the name of its tasks in Mesos, unless a property has it.
	TaskName string
	// Version2 is true for a role that Alluxio 1.x does not have.
	Version2 bool
	// Essential is true for a role that must serve for the cluster to be complete. Its unavailable
	// tasks hold back rollouts of every role.
	Essential bool
	// Journal is true for a role whose tasks keep Alluxio's journal.
	Journal bool
	// Elects is true for a role whose tasks elect a leader.
	Elects bool
	// Blocks is true for a role whose tasks store blocks: it claims the tiers.
	Blocks bool
	// Fixed is true for a role whose slots are those numbered from 0 to its count minus 1. In other roles any
	// slot may be excess, and maintenance may surge: a replacement serves before the task ends.
	Fixed bool
	// OneAtATime is true for a role of which only one task may be unavailable for a planned change.
	OneAtATime bool
	// Scopes are the scopes of Alluxio whose properties its process reads; 0 for a process that may read
	// any property. See RoleRow.Sees.
	Scopes Scope
	// DirectPercent is the part of the JVM's memory, without its overhead, that is direct memory; 0
	// for the JVM's own default.
	DirectPercent int
	// Ports are the ports that a task claims.
	Ports []PortRow
	// AddressPort is the port in its address for other roles (see Reads), "" when none reads it. WebPort
	// is that of its web pages, JournalPort that of its embedded journal.
	AddressPort, WebPort, JournalPort PortName
	// WebPages is true for a role whose WebPort shows pages for people.
	WebPages bool
	Keys     RoleKeys
}

// Gate is the condition under which a role is launched. The zero Gate is open.
type Gate struct {
	// Role is the role that is waited for, "" for none.
	Role Role
	// Leading is true when one of its tasks has to lead, false when one that serves is enough.
	Leading bool
}

// RoleKeys are the names of the properties of a role.
type RoleKeys struct {
	Name, Count, CPUs, Mem, JavaOpts, Constraints, Unreachable, Volume string
	// Host pins the role to a host; "" for a role that cannot be pinned.
	Host string
	// Switch turns a companion on or off; "" for other roles.
	Switch string
}

// PortRow is one port of a role.
type PortRow struct {
	Name PortName
	Key  string
	// V1 and V2 are the defaults in Alluxio 1.x and 2.x, 0 where that version has no such port.
	// Source: Alluxio's property reference.
	V1, V2 uint16
	// Embedded is true for a port that only masters with an embedded journal have.
	Embedded bool
}

// RoleTable is the immutable table of the roles of a cluster.
type RoleTable struct {
	rows                          map[Role]*RoleRow
	start, stop, rollout, display []Role
	companions                    map[Role][]Role
}

// newRoleTable makes a table of rows. It fails for rows that contradict each other.
func newRoleTable(rows ...RoleRow) (*RoleTable, error) {
	t := &RoleTable{rows: map[Role]*RoleRow{}, companions: map[Role][]Role{}}
	for i := range rows {
		r := &rows[i]
		if r.Role == "" || t.rows[r.Role] != nil {
			return nil, fmt.Errorf("role %q: it has no name, or stands twice in the table", r.Role)
		}
		t.rows[r.Role] = r
	}
	for i := range rows {
		if err := t.check(&rows[i]); err != nil {
			return nil, err
		}
	}
	var err error
	for _, order := range []struct {
		what string
		list *[]Role
		at   func(*RoleRow) int
	}{
		{"start", &t.start, func(r *RoleRow) int { return r.Start }},
		{"stop", &t.stop, func(r *RoleRow) int { return r.Stop }},
		{"rollout", &t.rollout, func(r *RoleRow) int { return r.Rollout }},
		{"display", &t.display, func(r *RoleRow) int { return r.Display }},
	} {
		if *order.list, err = t.inOrder(order.at); err != nil {
			return nil, fmt.Errorf("%s order: %w", order.what, err)
		}
	}
	for _, role := range t.start {
		if primary := t.rows[role].Beside; primary != "" {
			t.companions[primary] = append(t.companions[primary], role)
		}
	}
	return t, nil
}

// check says how a row contradicts others.
func (t *RoleTable) check(r *RoleRow) error {
	for _, other := range append([]Role{r.After.Role, r.Registers, r.Beside}, r.Reads...) {
		if other != "" && t.rows[other] == nil {
			return fmt.Errorf("role %s needs %s, which is not in the table", r.Role, other)
		}
	}
	for _, other := range []Role{r.After.Role, r.Beside} {
		if first := t.rows[other]; first != nil && first.Start > r.Start {
			return fmt.Errorf("role %s waits for %s, but has a lower Start position", r.Role, other)
		}
	}
	for _, other := range r.Reads {
		if t.rows[other].AddressPort == "" {
			return fmt.Errorf("role %s reads the addresses of %s, which has no port for them", r.Role, other)
		}
	}
	if primary := t.rows[r.Beside]; primary != nil && (primary.Beside != "" || r.Essential || r.Blocks || r.Fixed) {
		return fmt.Errorf("role %s is beside %s: it cannot be essential, store blocks or have a count, nor %s be beside "+
			"another role",
			r.Role, r.Beside, r.Beside)
	}
	return nil
}

// inOrder are the roles by their positions.
func (t *RoleTable) inOrder(at func(*RoleRow) int) (list []Role, err error) {
	for role := range t.rows {
		list = append(list, role)
	}
	slices.SortFunc(list, func(a, b Role) int {
		order := cmp.Compare(at(t.rows[a]), at(t.rows[b]))
		if order == 0 {
			err = fmt.Errorf("roles %s and %s have the same position", min(a, b), max(a, b))
		}
		return order
	})
	return list, err
}

// Row is the row of a role, or nil for one that is not in the table.
func (t *RoleTable) Row(role Role) *RoleRow { return t.rows[role] }

// InStartOrder are the roles in the order in which they are launched. The caller must not change
// the list.
func (t *RoleTable) InStartOrder() []Role { return t.start }

// InStopOrder are the roles in the order in which their tasks end with the cluster. The caller must not
// change the list.
func (t *RoleTable) InStopOrder() []Role { return t.stop }

// InRolloutOrder are the roles in the order in which their tasks are replaced for new settings. The caller must not
// change the list.
func (t *RoleTable) InRolloutOrder() []Role { return t.rollout }

// InDisplayOrder are the roles in the order in which their tasks are listed. The caller must not
// change the list.
func (t *RoleTable) InDisplayOrder() []Role { return t.display }

// Companions are the roles whose tasks run beside those of role, in start order.
func (t *RoleTable) Companions(role Role) []Role { return t.companions[role] }

// With is t with more roles. It fails as newRoleTable does.
func (t *RoleTable) With(rows ...RoleRow) (*RoleTable, error) {
	for _, role := range t.start {
		rows = append(rows, *t.rows[role])
	}
	return newRoleTable(rows...)
}

// AlluxioRoles is the table of the roles that the framework can run. Which of them a cluster has
// depends on its settings.
func AlluxioRoles() *RoleTable {
	t, err := newRoleTable(masterRow, workerRow, jobMasterRow, jobWorkerRow, proxyRow)
	if err != nil {
		panic(err) // a test makes the table
	}
	return t
}

var masterRow = RoleRow{
	Role: Master, Label: "master", Group: "masters",
	// Workers end first: a 2.9 worker that is stopped together with its master hangs. They are
	// replaced first, too: a master that restarts would find workers that are about to be replaced.
	Start: 1, Stop: 2, Rollout: 2, Display: 1,
	Reads: []Role{Master, JobMaster}, Essential: true, Journal: true, Elects: true, Fixed: true, OneAtATime: true,
	Scopes:      scopeMaster,
	AddressPort: MasterRPC, WebPort: MasterWeb, WebPages: true, JournalPort: MasterRaft,
	Ports: []PortRow{
		{Name: MasterRPC, Key: KeyMasterRPC, V1: 19998, V2: 19998},
		{Name: MasterWeb, Key: KeyMasterWeb, V1: 19999, V2: 19999},
		{Name: MasterRaft, Key: KeyMasterRaft, V2: 19200, Embedded: true},
	},
	Keys: RoleKeys{Name: KeyMasterName, Count: KeyMasterCount, CPUs: KeyMasterCPUs, Mem: KeyMasterMem,
		JavaOpts: KeyMasterJavaOpts, Constraints: KeyMasterConstraints, Unreachable: KeyMasterUnreachable,
		Volume: KeyMasterVolume, Host: KeyMasterHost},
}

var workerRow = RoleRow{
	Role: Worker, Label: "worker", Group: "workers",
	Start: 2, Stop: 1, Rollout: 1, Display: 2,
	After: Gate{Role: Master, Leading: true}, Reads: []Role{Master}, Essential: true, Blocks: true,
	Scopes:        scopeWorker,
	DirectPercent: 33, // its network buffers are direct memory
	WebPort:       WorkerWeb,
	WebPages:      true,
	Ports: []PortRow{
		{Name: WorkerRPC, Key: KeyWorkerRPC, V1: 29998, V2: 29999},
		{Name: WorkerData, Key: KeyWorkerData, V1: 29999},
		{Name: WorkerWeb, Key: KeyWorkerWeb, V1: 30000, V2: 30000},
	},
	Keys: RoleKeys{Name: KeyWorkerName, Count: KeyWorkerCount, CPUs: KeyWorkerCPUs, Mem: KeyWorkerMem,
		JavaOpts: KeyWorkerJavaOpts, Constraints: KeyWorkerConstraints, Unreachable: KeyWorkerUnreachable,
		Volume: KeyWorkerVolume},
}
