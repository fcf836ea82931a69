package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// reserve adds what fields such as cpus(eng/alluxio)=2 reserve to an offer, and to its sums what
// our role may use of it, as the client does.
func (tr *transcript) reserve(o *offer.Offer, fields map[string]string) {
	var full mesos.Offer
	if err := full.Unmarshal(o.Wire); err != nil {
		tr.t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		name, role, ok := strings.Cut(strings.TrimSuffix(key, ")"), "(")
		if !ok {
			continue
		}
		usable := config.UsableBy(role, tr.settings.MesosRole)
		if name == "ports" {
			var r offer.PortRange
			fmt.Sscanf(fields[key], "%d-%d", &r.Begin, &r.End)
			full.Resources = append(full.Resources, offered.Ports(uint64(r.Begin), uint64(r.End), role))
			if usable {
				o.Ports = append(o.Ports, r)
			}
			continue
		}
		amount, err := strconv.ParseFloat(strings.TrimSuffix(fields[key], "MB"), 64)
		if err != nil {
			tr.t.Fatal(err)
		}
		full.Resources = append(full.Resources, offered.Scalar(name, amount, role))
		switch {
		case usable && name == "cpus":
			o.CPUs += amount
		case usable && name == "mem":
			o.MemMB += amount
		}
	}
	slices.SortFunc(o.Ports, func(a, b offer.PortRange) int { return int(a.Begin) - int(b.Begin) })
	o.Wire, _ = full.Marshal()
}

// reservedText says, for the tasks of l that use reserved resources, what they take.
func reservedText(l *Launch) string {
	var out strings.Builder
	for i := range l.Tasks {
		task := &l.Tasks[i]
		taken, reserved := map[string]float64{}, false
		for _, r := range append(slices.Clone(task.Executor.Resources), task.Resources...) {
			key := r.Name
			if role := resource.MesosRoleOf(&r); role != config.AnyMesosRole {
				key, reserved = fmt.Sprintf("%s(%s)", r.Name, role), true
			}
			taken[key] = offer.Round(taken[key] + r.GetScalar().GetValue())
			if r.Ranges != nil {
				taken[key]++
			}
		}
		if !reserved {
			continue
		}
		fmt.Fprintf(&out, "  %s takes", task.TaskID.Value)
		for _, key := range slices.Sorted(maps.Keys(taken)) {
			fmt.Fprintf(&out, " %s:%g", key, taken[key])
		}
		out.WriteString("\n")
	}
	return out.String()
}
