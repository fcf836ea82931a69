package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func slotRows(s *cluster.Status) [][]string {
	rows := [][]string{{"SLOT", "STATE", "HOST", "UP", "RESTARTS", "PORTS", "ALLUXIO", "JAVA", "TASK"}}
	for i := range s.Slots {
		slot := &s.Slots[i]
		up := ""
		if slot.State == "serving" {
			up = since(s.Now, slot.ServingSince)
		}
		state := stateOf(s, slot)
		if slot.State == "starting" { // what it does is below the table, which it would widen
			state = slot.State + doubtsOf(s, slot)
		}
		rows = append(rows, []string{clean(slot.Slot), state, clean(slot.Host), up, fmt.Sprint(slot.Restarts),
			portsOf(slot), clean(slot.AlluxioVersion), clean(slot.JavaVersion), clean(slot.TaskID)})
	}
	return rows
}

// portsOf lists ports by their names without the role: "rpc:19998 web:19999".
func portsOf(slot *cluster.SlotStatus) string {
	var names []config.PortName
	for name := range slot.Ports {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b config.PortName) int { return int(slot.Ports[a]) - int(slot.Ports[b]) })
	parts := make([]string, len(names))
	for i, name := range names {
		_, short, _ := strings.Cut(string(name), ".")
		parts[i] = fmt.Sprintf("%s:%d", clean(short), slot.Ports[name])
	}
	return strings.Join(parts, " ")
}

func startingRows(s *cluster.Status) (rows [][]string) {
	more := 0
	for i := range s.Slots {
		slot := &s.Slots[i]
		switch {
		case slot.State != "starting" || slot.Phase == "":
		case len(rows) == mostStarting:
			more++
		default:
			rows = append(rows, []string{"  " + clean(slot.Slot), clean(slot.Phase)})
		}
	}
	if more > 0 {
		rows = append(rows, []string{fmt.Sprintf("  and %d more", more), ""})
	}
	return rows
}

func webRows(s *cluster.Status) (rows [][]string) {
	for i := range s.Slots {
		if slot := &s.Slots[i]; slot.Web != "" {
			rows = append(rows, []string{"  " + clean(slot.Slot), clean(slot.Web)})
		}
	}
	return rows
}

func dataRows(s *cluster.Status) (rows [][]string) {
	for i := range s.Slots {
		slot := &s.Slots[i]
		if slot.JournalFolder != "" {
			rows = append(rows, []string{"  " + clean(slot.Slot), "journal " + clean(slot.JournalFolder)})
		}
		if slot.Storage != "" {
			rows = append(rows, []string{"  " + clean(slot.Slot), clean(slot.Storage)})
		}
		if v := slot.Volume; v != nil {
			rows = append(rows,
				[]string{"  " + clean(slot.Slot),
					fmt.Sprintf("persistent volume %s, %.0fMB on %s", clean(v.ID), v.MB, clean(v.Host))})
		}
	}
	return rows
}
