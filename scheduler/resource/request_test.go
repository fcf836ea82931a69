package resource

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// portsNeeded are the ports of a need in order; 0 is any.
func portsNeeded(numbers ...uint16) []config.Port {
	var list []config.Port
	for i, n := range numbers {
		list = append(list,
			config.Port{Name: config.PortName(fmt.Sprintf("p%d", i)), Number: n, Key: fmt.Sprintf("key%d", i)})
	}
	return list
}

func TestLacks(t *testing.T) {
	t.Parallel()
	enough := offer.Offer{CPUs: 1, MemMB: 1024, Ports: []offer.PortRange{{Begin: 100, End: 102}, {Begin: 200, End: 200}}}
	for _, c := range []struct {
		sentence string
		ports    []uint16
		change   func(*offer.Offer)
		want     Shortfall
	}{
		{"an offer of just enough fits", []uint16{100, 102, 200}, nil, 0},
		{"a thousandth of a cpu is what Mesos rounds to", nil, func(o *offer.Offer) { o.CPUs = 0.9996 }, 0},
		{"two thousandths too few are too few", nil, func(o *offer.Offer) { o.CPUs = 0.998 }, ShortCPUs},
		{"memory that lacks a megabyte does not fit", nil, func(o *offer.Offer) { o.MemMB = 1023 }, ShortMem},
		{"all that lacks is said", []uint16{99}, func(o *offer.Offer) {
			o.CPUs, o.MemMB = 0.5, 1
		}, ShortCPUs | ShortMem | ShortPorts},
		{"a fixed port below every range lacks", []uint16{99}, nil, ShortPorts},
		{"a fixed port between ranges lacks", []uint16{150}, nil, ShortPorts},
		{"a fixed port above every range lacks", []uint16{201}, nil, ShortPorts},
		{"no ports at all lack", []uint16{100}, func(o *offer.Offer) { o.Ports = nil }, ShortPorts},
		{"as many free ports as are wanted fit", []uint16{0, 0, 0, 0}, nil, 0},
		{"one free port too few lacks", []uint16{0, 0, 0, 0, 0}, nil, ShortPorts},
		{"a fixed port is not free", []uint16{100, 0, 0, 0, 0}, nil, ShortPorts},
		{"port 0 is none", []uint16{0, 0}, func(o *offer.Offer) { o.Ports = []offer.PortRange{{Begin: 0, End: 1}} },
			ShortPorts},
		{"the highest port fits", []uint16{65535}, func(o *offer.Offer) {
			o.Ports = []offer.PortRange{{Begin: 65535, End: 65535}}
		}, 0},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			o := enough
			if c.change != nil {
				c.change(&o)
			}
			n := Request{CPUs: 1, MemMB: 1024, Ports: portsNeeded(c.ports...)}
			if got := n.ShortfallIn(&o); got != c.want {
				t.Errorf("it lacks %b, not %b", got, c.want)
			}
		})
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		wanted   []uint16
		offered  []offer.PortRange
		last     map[config.PortName]uint16
		want     map[config.PortName]uint16
		others   []uint16
	}{
		{"fixed ports are as they are", []uint16{7, 5}, []offer.PortRange{{Begin: 5, End: 7}}, nil,
			map[config.PortName]uint16{"p0": 7, "p1": 5}, nil},
		{"free ports are the lowest", []uint16{0, 0}, []offer.PortRange{{Begin: 5, End: 7}}, nil,
			map[config.PortName]uint16{"p0": 5, "p1": 6},
			nil},
		{"free ports go around fixed ones", []uint16{0, 5, 0}, []offer.PortRange{{Begin: 5, End: 6}, {Begin: 9, End: 9}}, nil,
			map[config.PortName]uint16{"p0": 6, "p1": 5, "p2": 9}, nil},
		{"the ports of the last time come again", []uint16{0, 0}, []offer.PortRange{{Begin: 5, End: 9}},
			map[config.PortName]uint16{"p0": 9, "p1": 8}, map[config.PortName]uint16{"p0": 9, "p1": 8}, nil},
		{"a last port that is not offered is replaced", []uint16{0, 0}, []offer.PortRange{{Begin: 5, End: 8}},
			map[config.PortName]uint16{"p0": 9, "p1": 5}, map[config.PortName]uint16{"p0": 6, "p1": 5}, nil},
		{"a last port that is now fixed for another is not taken twice", []uint16{0, 5},
			[]offer.PortRange{{Begin: 5, End: 8}},
			map[config.PortName]uint16{"p0": 5}, map[config.PortName]uint16{"p0": 6, "p1": 5}, nil},
		{"port 0 is never picked", []uint16{0}, []offer.PortRange{{Begin: 0, End: 1}}, nil,
			map[config.PortName]uint16{"p0": 1}, nil},
		{"the highest port can be picked", []uint16{0}, []offer.PortRange{{Begin: 65535, End: 65535}}, nil,
			map[config.PortName]uint16{"p0": 65535}, nil},
		{"a port that another role needs is left to it", []uint16{0, 0}, []offer.PortRange{{Begin: 5, End: 9}}, nil,
			map[config.PortName]uint16{"p0": 6, "p1": 8}, []uint16{5, 7}},
		{"and given back, if it was picked before", []uint16{0}, []offer.PortRange{{Begin: 5, End: 9}},
			map[config.PortName]uint16{"p0": 7},
			map[config.PortName]uint16{"p0": 5}, []uint16{7}},
		{"unless no other is left", []uint16{0, 0}, []offer.PortRange{{Begin: 5, End: 6}}, nil,
			map[config.PortName]uint16{"p0": 6, "p1": 5},
			[]uint16{5}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			n := Request{Ports: portsNeeded(c.wanted...), Avoid: c.others}
			if got := n.ChoosePorts(&offer.Offer{Ports: c.offered}, c.last); !maps.Equal(got, c.want) {
				t.Errorf("it picks %v, not %v", got, c.want)
			}
		})
	}
}

func TestDivideGivesAwayTheWholeShareAndNoMore(t *testing.T) {
	t.Parallel()
	for _, role := range config.AlluxioRoles().InStartOrder() {
		for _, share := range []config.Bytes{256 * config.MB, 777 * config.MB, config.GB, 1536*config.MB + 12345,
			64 * config.GB} {
			settings := &config.Settings{Roles: config.AlluxioRoles(), Ramdisk: config.Ramdisk{Size: config.GB}}
			settings.Others = map[config.Role]*config.RoleSettings{config.JobMaster: {}, config.JobWorker: {}, config.Proxy: {}}
			settings.Of(role).Mem = share
			n := RequestsOf(settings)[role]
			overhead := share - config.ExecutorMem - n.Memory.Heap - n.Memory.Direct
			if n.Memory.Heap <= 0 || n.Memory.Heap%config.MB != 0 || n.Memory.Direct%config.MB != 0 {
				t.Errorf("%s of %d: heap %d and direct %d are not whole megabytes", role, share, n.Memory.Heap, n.Memory.Direct)
			}
			if low := (share - config.ExecutorMem) * config.JVMOverheadPercent / 100; overhead < low ||
				overhead > low+3*config.MB {
				t.Errorf("%s of %d: the JVM itself gets %d of at least %d", role, share, overhead, low)
			}
			if (n.Memory.Direct > 0) != (settings.Roles.Row(role).DirectPercent > 0) {
				t.Errorf("%s has direct memory %d", role, n.Memory.Direct)
			}
			if want := math.Ceil((share + n.Ramdisk).Megabytes()); n.MemMB != want || n.MemMB < want {
				t.Errorf("%s of %d claims %g MB of %g", role, share, n.MemMB, want)
			}
		}
	}
}
