package executor

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/ramdisk"
)

// findStorage makes the worker's top tier ready.
func (r *runner) findStorage(ctx context.Context, env *alluxio.Environment, found *launch.Report) error {
	blocks, err := blocksFolder(r.spec.Site)
	if err != nil {
		return err
	}
	request := ramdisk.Request{
		Size: r.spec.Ramdisk.Size, Path: r.spec.Ramdisk.Path, Sudo: r.spec.Ramdisk.Sudo, Disk: r.spec.Ramdisk.Disk,
		Blocks:  blocks,
		Cluster: r.spec.Cluster, Task: r.entry.info.TaskID.Value, Sandbox: r.host.sandbox,
	}
	volume, err := r.host.volume(r.spec)
	if err != nil {
		return err
	}
	disk, err := ramdisk.Prepare(ctx, request)
	if err != nil {
		if len(ramdisk.Sweep(ctx)) == 0 {
			return err
		}
		if disk, err = ramdisk.Prepare(ctx, request); err != nil { // with the room that dead tasks held
			return err
		}
	}
	r.later(disk.Release)
	env.Storage, env.StorageKind, found.Storage = disk.Path, disk.Tier, disk.Description
	if w := unusedMemory(r.spec, disk); w != "" {
		found.Warnings = append(found.Warnings, w)
	}
	if volume != "" {
		env.Volume = filepath.Join(volume, "blocks")
		found.Storage += fmt.Sprintf("; volume %s of %s at %s", r.spec.Volume.ID, r.spec.Volume.Size, volume)
	}
	return nil
}

// blocksFolder is the folder below that of a tier in which Alluxio keeps its blocks, or "" for its
// default.
func blocksFolder(site []config.Property) (string, error) {
	const key = "alluxio.worker.data.folder"
	written, ok := lastOf(site, key)
	if !ok {
		return "", nil
	}
	folder := strings.Trim(strings.TrimSpace(written), "/")
	if folder == "" {
		return "", fmt.Errorf("%s=%s: Alluxio would remove all that is not a block from the folder of the tier; name "+
			"a folder in it, or remove the line", key, written)
	}
	return folder, nil
}

// unusedMemory is the warning about memory that was claimed for a tier that is not in memory, or
// "".
func unusedMemory(spec *launch.Spec, disk *ramdisk.Disk) string {
	kind, _ := lastOf(spec.Site, "alluxio.worker.tieredstore.level0.alias")
	if disk.Tier == ramdisk.TierMemory || !strings.EqualFold(cmp.Or(strings.TrimSpace(kind), ramdisk.TierMemory),
		ramdisk.TierMemory) {
		return ""
	}
	hint := "let the task's user mount a tmpfs (" + config.KeyRamdiskSudo + "=true), or enlarge /dev/shm"
	if spec.Ramdisk.Path != "" {
		hint = "name a folder in memory with " + config.KeyRamdiskPath + ", or remove the line"
	}
	return fmt.Sprintf("the worker's tier in memory is on disk (%s) at %s: %d MB of memory are claimed from Mesos and "+
		"not used; %s", disk.Tier, disk.Path, spec.Ramdisk.Size/config.MB, hint)
}

// lastOf is the value of a property that counts: as in java.util.Properties the last line wins.
func lastOf(site []config.Property, key string) (value string, ok bool) {
	for _, p := range site {
		if p.Key == key {
			value, ok = p.Value, true
		}
	}
	return value, ok
}
