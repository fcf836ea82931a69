package cluster

import (
	"slices"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// simDisk is what Mesos keeps of a machine's disk: it outlives agents and what they are called.
type simDisk struct {
	size     float64
	volumes  map[string]float64 // by ID
	reserved map[string]float64 // for a slot, and no volume yet
}

func newSimDisk() simDisk {
	return simDisk{size: 100_000, volumes: map[string]float64{}, reserved: map[string]float64{}}
}

// plain is what is neither reserved nor a volume.
func (d *simDisk) plain() float64 {
	left := d.size
	for _, mb := range d.volumes {
		left -= mb
	}
	for _, mb := range d.reserved {
		left -= mb
	}
	return left
}

// freeDisk adds to left what of the disk of an agent is neither used nor offered.
func (m *simMesos) freeDisk(a *simAgent, left *offer.Offer) {
	taken := map[string]bool{}
	left.DiskMB = a.host.disk.plain()
	for _, task := range m.tasks {
		if task.agent == a && !over(task.state) {
			taken[task.volume] = true
		}
	}
	for _, o := range m.offers {
		if o.agent != a {
			continue
		}
		for _, v := range o.Volumes {
			taken[v.ID] = true
		}
		if o.DiskMB > 0 { // all that is not a volume is in one offer
			left.DiskMB = 0
		}
	}
	left.Volumes = nil
	for _, id := range sorted(a.host.disk.volumes) {
		if !taken[id] {
			left.Volumes = append(left.Volumes, offer.Volume{ID: id, MB: a.host.disk.volumes[id]})
		}
	}
}

// diskPieces says the disk of o as Mesos does.
func (h *simHost) diskPieces(o *offer.Offer) []mesos.Resource {
	var list []mesos.Resource
	star := "*"
	add := func(r mesos.Resource, slot string) {
		r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &star}
		if slot != "" {
			r.Reservations = []mesos.Resource_ReservationInfo{
				resource.Owner{Role: simRole, Cluster: h.process.state.record.clusterName,
					Slot: slot}.Reservation()}
		}
		list = append(list, r)
	}
	if o.DiskMB > 0 {
		add(offered.Scalar("disk", o.DiskMB, ""), "")
		for _, slot := range sorted(h.disk.reserved) {
			add(offered.Scalar("disk", h.disk.reserved[slot], ""), slot)
		}
	}
	for _, v := range o.Volumes {
		r, mode := offered.Scalar("disk", v.MB, ""), mesos.RW
		r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: v.ID},
			Volume: &mesos.Volume{ContainerPath: resource.VolumePath, Mode: &mode}}
		add(r, strings.Split(v.ID, ".")[1])
	}
	return list
}

// operate applies the operations of an accepted offer, all of them or, when Mesos or the agent dies
// in between, the first ones.
func (h *simHost) operate(ops []mesos.Offer_Operation) (done bool) {
	for i := range ops {
		if h.chance(0.03) {
			h.log("mesos: it dies after operation %d of %d on %s", i, len(ops), h.name)
			return false
		}
		for _, r := range ops[i].GetReserve().GetResources() {
			_, slot := resource.LabelsOf(&r)
			h.disk.reserved[slot] += r.Scalar.Value
		}
		for _, r := range ops[i].GetCreate().GetVolumes() {
			if _, slot := resource.LabelsOf(&r); h.disk.reserved[slot] >= r.Scalar.Value {
				if h.disk.reserved[slot] -= r.Scalar.Value; h.disk.reserved[slot] == 0 {
					delete(h.disk.reserved, slot)
				}
			} else {
				h.fail("volumes are made of what was reserved", "%s is created on %s, where nothing is reserved for %s",
					resource.VolumeIDOf(&r), h.name, slot)
			}
			if _, exists := h.disk.volumes[resource.VolumeIDOf(&r)]; exists {
				h.fail("a volume is made once", "%s is created again on %s", resource.VolumeIDOf(&r), h.name)
			}
			h.disk.volumes[resource.VolumeIDOf(&r)] = r.Scalar.Value
		}
		for _, r := range ops[i].GetDestroy().GetVolumes() {
			_, slot := resource.LabelsOf(&r)
			delete(h.disk.volumes, resource.VolumeIDOf(&r))
			delete(h.journals, resource.VolumeIDOf(&r))
			h.disk.reserved[slot] += r.Scalar.Value
		}
		for _, r := range ops[i].GetUnreserve().GetResources() {
			_, slot := resource.LabelsOf(&r)
			if h.disk.reserved[slot] -= r.Scalar.Value; h.disk.reserved[slot] <= 0 {
				delete(h.disk.reserved, slot)
			}
		}
	}
	return true
}

// checkVolumeKept: a slot gets another volume only when nothing can be on the one that it had, or
// when that one is gone or was given up.
func (h *history) checkVolumeKept(l *Launch, info *mesos.TaskInfo, spec *launch.Spec) {
	for _, id := range h.ids {
		old := h.launched[id]
		if old.slot != spec.Slot || old.volume == "" || old.volume == volumeOf(info) && old.host == l.Host || old.forsaken {
			continue
		}
		for _, host := range h.hosts {
			if _, exists := host.disk.volumes[old.volume]; exists && host.name == old.host && h.word(id).began {
				h.fail("what may hold data is waited for", "%s begins on %s, and %s has used %s on %s", info.TaskID.Value, l.Host,
					id, old.volume, old.host)
			}
		}
		old.forsaken = true // what is said of it later comes too late
	}
}

// scaled: fewer workers may leave any of their volumes behind.
func (h *history) scaled(from, to *config.Settings) {
	for _, l := range h.launched {
		l.forsaken = l.forsaken || l.role == config.Worker && to.Worker.Count < from.Worker.Count
	}
}

// volumeOf is the volume that a task uses, or "".
func volumeOf(info *mesos.TaskInfo) string {
	for i := range info.Resources {
		if id := resource.VolumeIDOf(&info.Resources[i]); id != "" {
			return id
		}
	}
	return ""
}

// checkVolume: a task gets a volume that exists on its agent, that is its slot's, and that no other
// task uses. What has become of the volumes of an agent that is cut off, neither Mesos nor the
// scheduler can know: there "never more than was offered" judges by the offer.
func (m *simMesos) checkVolume(a *simAgent, info *mesos.TaskInfo) {
	spec := specOf(info)
	id := volumeOf(info)
	if want := m.settings.Of(spec.Role).Volume > 0; want != (id != "") || spec.Volume.ID != id {
		m.fail("volumes are as the settings want them", "%s has the volume %q, and its executor is told %q",
			info.TaskID.Value, id, spec.Volume.ID)
	}
	if id == "" {
		return
	}
	if _, exists := a.host.disk.volumes[id]; !exists && !a.cut ||
		!strings.HasPrefix(id, m.process.state.record.clusterName+"."+spec.Slot+".") {
		m.fail("volumes are as the settings want them", "%s is launched on the volume %s, which is not there or not its own",
			info.TaskID.Value, id)
	}
	for _, r := range m.alive() {
		if r.spec.Volume.ID == id && r.agent.host == a.host {
			m.fail("never two tasks on one volume", "%s and %s use %s", info.TaskID.Value, r.id, id)
		}
	}
}

// checkNothingDestroyed: volumes end on command only; a reservation on which none was made ends by itself.
func (h *history) checkNothingDestroyed(f ReclaimVolumes) {
	if !h.uninstalling &&
		(len(f.Volumes) > 0 || slices.ContainsFunc(f.Operations, func(op mesos.Offer_Operation) bool {
			return op.Type != mesos.Offer_Operation_UNRESERVE
		})) {
		h.fail("nothing destroyed without a command", "%s, and nobody asked for it", f)
	}
}

// checkUninstall: every volume and reservation of the cluster ends with it, also on a host that comes back only now.
func (w *world) checkUninstall() {
	w.known.uninstalling = true
	w.returnVanished()
	w.endBy(UninstallRequested{DestroyVolumes: true}, "uninstall --destroy-volumes")
	for _, h := range w.hosts {
		if len(h.disk.volumes)+len(h.disk.reserved) > 0 {
			w.fail("an uninstall leaves nothing", "on %s are left %v and %v", h.name, h.disk.volumes, h.disk.reserved)
		}
	}
}

// replaceWorker is what an operator does who has given a worker's host up.
func (w *world) replaceWorker() {
	var workers []string
	for _, name := range sorted(w.process.state.slots.byName) {
		if w.process.state.slots.byName[name].Role == config.Worker {
			workers = append(workers, name)
		}
	}
	name := oneOf(w, workers)
	if name == "" || !w.process.alive || !w.variant.volumes {
		return
	}
	w.process.receive(ReplaceRequested{Slot: name}, "replace "+name)
}

// journalLost is true when the journal on the volume of a master is on no host any more.
func (w *world) journalLost() bool {
	for i := range w.settings.Master.Count {
		slot := w.process.state.slots.byName[slotName(config.Master, i)]
		if slot == nil || slot.Volume == nil || w.store[journalKey(slot.Volume.ID)] == nil {
			continue
		}
		id := slot.Volume.ID
		if !slices.ContainsFunc(w.hosts, func(h *simHost) bool {
			_, there := h.disk.volumes[id]
			return there && h.journals[id]
		}) {
			return true
		}
	}
	return false
}
