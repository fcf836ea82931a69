package fakemesos

import (
	"cmp"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// share is some of an agent's resources.
type share struct {
	cpus, mem float64
	ports     []mesos.Value_Range // sorted, apart from each other
}

// epsilon is less than Mesos tells apart: three decimals.
const epsilon = 0.0005

func (s *share) empty() bool { return s.cpus < 0.01 && s.mem < 32 } // Mesos: allocator, MIN_CPUS and MIN_MEM

// add puts o back.
func (s *share) add(o share) {
	s.cpus, s.mem = s.cpus+o.cpus, s.mem+o.mem
	if len(o.ports) == 0 {
		return
	}
	all := append(slices.Clone(s.ports), o.ports...)
	slices.SortFunc(all, func(a, b mesos.Value_Range) int { return cmp.Compare(a.Begin, b.Begin) })
	s.ports = all[:1]
	for _, next := range all[1:] {
		if last := &s.ports[len(s.ports)-1]; next.Begin <= last.End+1 {
			last.End = max(last.End, next.End)
			continue
		}
		s.ports = append(s.ports, next)
	}
}

// take takes o away; false, with nothing changed, when s has not that much.
func (s *share) take(o share) bool {
	if s.cpus+epsilon < o.cpus || s.mem+epsilon < o.mem {
		return false
	}
	ports := s.ports
	for _, p := range o.ports {
		i := slices.IndexFunc(ports, func(r mesos.Value_Range) bool { return r.Begin <= p.Begin && p.End <= r.End })
		if i < 0 {
			return false
		}
		var rest []mesos.Value_Range
		if r := ports[i]; r.Begin < p.Begin {
			rest = append(rest, mesos.Value_Range{Begin: r.Begin, End: p.Begin - 1})
		}
		if r := ports[i]; p.End < r.End {
			rest = append(rest, mesos.Value_Range{Begin: p.End + 1, End: r.End})
		}
		ports = slices.Replace(slices.Clone(ports), i, i+1, rest...)
	}
	s.cpus, s.mem, s.ports = s.cpus-o.cpus, s.mem-o.mem, ports
	return true
}

// shareOf sums resources.
func shareOf(resources ...mesos.Resource) share {
	var s share
	for i := range resources {
		switch r := &resources[i]; r.Name {
		case "cpus":
			s.cpus += r.GetScalar().GetValue()
		case "mem":
			s.mem += r.GetScalar().GetValue()
		case "ports":
			s.ports = append(s.ports, r.GetRanges().GetRange()...)
		}
	}
	return s
}

// resources is s as Mesos writes it in an offer to MesosRole *.
func (s *share) resources() []mesos.Resource {
	role := "*"
	allocation := &mesos.Resource_AllocationInfo{Role: &role}
	scalar := func(name string, v float64) mesos.Resource {
		return mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: v},
			AllocationInfo: allocation}
	}
	resources := []mesos.Resource{scalar("cpus", s.cpus), scalar("mem", s.mem), scalar("disk", 100_000)}
	if len(s.ports) > 0 {
		resources = append(resources, mesos.Resource{
			Name: "ports", Type: mesos.RANGES.Enum(), Ranges: &mesos.Value_Ranges{Range: s.ports}, AllocationInfo: allocation,
		})
	}
	return resources
}
