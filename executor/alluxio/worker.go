package alluxio

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

const topTier = "alluxio.worker.tieredstore.level0."

// worker adds what a worker's site file needs.
func (p *preparation) worker() error {
	spec, s := p.spec, &p.site
	s.place(spec.Host, whyHost, "alluxio.worker.hostname")
	if err := p.client("a worker"); err != nil {
		return err
	}
	p.rpc = p.workerRPC()
	if p.rules.OnePort {
		s.port(p.rpc, 29999, p.rules.WorkerRPC...)
	} else {
		s.port(p.rpc, 29998, p.rules.WorkerRPC...)
		s.port(spec.Ports[config.WorkerData], 29999, "alluxio.worker.data.port")
		p.bind("alluxio.worker.data.bind.host")
	}
	s.port(spec.Ports[config.WorkerWeb], defaultWorkerWeb, "alluxio.worker.web.port")
	p.bind("alluxio.worker.bind.host", "alluxio.worker.web.bind.host")
	if err := p.storage(); err != nil {
		return err
	}
	p.volumeTiers()
	p.reserve()
	return nil
}

// workerRPC is the claimed port that the leader will list the worker by. While the version was
// unknown the ports of both families were claimed; the one port of 2.x is then the number that 1.x
// has for data, 29999, unless the site file names another.
func (p *preparation) workerRPC() uint16 {
	rpc, data := p.spec.Ports[config.WorkerRPC], p.spec.Ports[config.WorkerData]
	if _, ok := p.site.get("alluxio.worker.rpc.port", "alluxio.worker.port"); p.rules.OnePort && data != 0 && !ok {
		return data
	}
	return rpc
}

// storage tells the worker its top tier and its size. Tiers below it, and everything that the site
// file says about the top one, stay.
func (p *preparation) storage() error {
	s, size := &p.site, p.spec.Ramdisk.Size
	s.respellSizes(isTierSize)
	s.trimLists(isMediumList)
	if size > 0 {
		const why = "what was claimed from Mesos; Alluxio's default is two thirds of the machine"
		written, ok := s.get(p.rules.RamdiskSize...)
		if !ok {
			s.give(size.String(), why, p.rules.RamdiskSize...)
		} else if set, err := config.ParseBytes(written.Value); err != nil || set != size {
			s.place(size.String(), "the size that was claimed from Mesos, "+size.String(), p.rules.RamdiskSize...)
		}
	}
	if _, ok := s.get(topTier + "dirs.path"); ok {
		return nil
	}
	if p.env.Storage == "" {
		return errors.New("the worker has no folder for its top tier; set " + topTier + "dirs.path")
	}
	const why = "the folder that the executor made for this task"
	if kind, ok := s.get(topTier + "alias"); ok && p.env.StorageKind != "" &&
		!strings.EqualFold(strings.TrimSpace(kind.Value), p.env.StorageKind) {
		s.warn("%salias (%s) is %s and the folder is of the kind %s; remove the line, or set %sdirs.path", topTier,
			source(kind), kind.Value, p.env.StorageKind, topTier)
	}
	kind := cmp.Or(p.env.StorageKind, "MEM")
	if p.tierLevels() > 1 {
		kind = "MEM" // Alluxio wants another alias for each level, and those below are for disks
	}
	s.give(kind, why, topTier+"alias")
	s.give(p.env.Storage, why, topTier+"dirs.path")
	if size > 0 {
		s.give(size.String(), why, topTier+"dirs.quota")
	}
	return nil
}

const (
	tierLevels = "alluxio.worker.tieredstore.levels"
	secondTier = "alluxio.worker.tieredstore.level1."
	// alignReserved is what Alluxio 2.x keeps free in each folder of several tiers.
	alignReserved = "alluxio.worker.management.tier.align.reserved.bytes"
)

// volumeTiers puts the folders with relative paths on the task's persistent volume; without any a
// tier of its own below the top one. Their blocks outlive the task: a worker takes in those that it
// finds. Alluxio: tiered storage; the scheduler refuses a site file with a second tier beside that
// one.
func (p *preparation) volumeTiers() {
	if p.env.Volume == "" {
		return
	}
	const why = "the persistent volume of this task"
	paths, onVolume := map[int][]string{}, map[int]bool{}
	for _, f := range p.spec.TierFolders() {
		path := f.Path
		if f.OnVolume() {
			path, onVolume[f.Level] = filepath.Join(p.env.Volume, f.Path), true
			p.folder(path)
		}
		paths[f.Level] = append(paths[f.Level], path)
	}
	for _, level := range slices.Sorted(maps.Keys(onVolume)) {
		p.site.override(strings.Join(paths[level], ","), "folders on the persistent volume of this task",
			config.TierKey(level, "dirs.path"))
	}
	if len(onVolume) > 0 {
		return
	}
	p.site.place("2", why, tierLevels)
	p.site.place("HDD", why, secondTier+"alias")
	p.site.place(p.env.Volume, why, secondTier+"dirs.path")
	p.site.place(p.spec.Volume.Size.String(), why, secondTier+"dirs.quota")
	p.folder(p.env.Volume)
}

// reserve gives what Alluxio 2.x keeps free in each folder of several tiers. Measured on 2.9.6:
// that is 1GB by default, and a smaller folder never takes a block.
func (p *preparation) reserve() {
	smallest := config.Bytes(math.MaxInt64)
	for _, f := range p.spec.TierFolders() {
		smallest = min(smallest, f.Size)
	}
	if p.volumeIsTier() {
		smallest = min(smallest, p.spec.Volume.Size)
	}
	if room := smallest / 10; p.tierLevels() > 1 && family(p.env.Layout.Version) == "2.x" && room > 0 && room < config.GB {
		p.site.give(room.String(), "a tenth of the smallest folder of a tier; with Alluxio's default of 1GB a small "+
			"folder would never take a block", alignReserved)
	}
}

// volumeIsTier is true for a volume that is a tier as a whole.
func (p *preparation) volumeIsTier() bool {
	return p.env.Volume != "" && !slices.ContainsFunc(p.spec.TierFolders(), config.Folder.OnVolume)
}

// tierLevels is how many tiers the worker has.
func (p *preparation) tierLevels() int {
	levels := 1
	for _, f := range p.spec.TierFolders() {
		levels = max(levels, f.Level+1)
	}
	if p.volumeIsTier() {
		levels = max(levels, 2)
	}
	return levels
}

// isMediumList is true for what the folders of a tier are on.
func isMediumList(key string) bool {
	return strings.HasPrefix(key, "alluxio.worker.tieredstore.level") && strings.HasSuffix(key, ".dirs.mediumtype")
}

// isTierSize is true for the size of a tier, which the framework has read before Alluxio does.
func isTierSize(key string) bool {
	return key == config.KeyRamdiskSize || key == config.KeyMemorySize ||
		strings.HasPrefix(key, "alluxio.worker.tieredstore.level") && strings.HasSuffix(key, ".dirs.quota")
}
