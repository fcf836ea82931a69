package executor

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/install"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/ramdisk"
)

// findStorage makes the folders of the worker's tiers ready.
func (r *runner) findStorage(ctx context.Context, env *alluxio.Environment, found *launch.Report) error {
	blocks, err := blocksFolder(r.spec.Site)
	if err != nil {
		return err
	}
	volume, err := r.host.volume(r.spec)
	if err != nil {
		return err
	}
	folders := r.spec.TierFolders()
	request := ramdisk.Request{
		Sudo: r.spec.Ramdisk.Sudo, Blocks: blocks, Cluster: r.spec.Cluster, Framework: r.spec.Framework,
		Task: r.entry.info.TaskID.Value, Sandbox: r.host.sandbox,
	}
	var descriptions []string
	for i, f := range folders {
		if f.OnVolume() {
			continue
		}
		request.Path, request.Size, request.Disk = f.Path, f.Size, f.Disk
		if i > 0 {
			request.Record = fmt.Sprintf("%s.folder%d", request.Task, i)
		}
		disk, err := r.prepareFolder(ctx, request)
		if err != nil {
			return err
		}
		request.Beside = append(request.Beside, disk)
		if i == 0 {
			env.Storage, env.StorageKind = disk.Path, disk.Tier
		}
		text := disk.Description
		if len(folders) > 1 {
			text = fmt.Sprintf("level %d: %s", f.Level, text)
		}
		descriptions = append(descriptions, text)
		for _, w := range []string{disk.Warning, unusedMemory(f, disk)} {
			if w != "" {
				found.Warnings = append(found.Warnings, w)
			}
		}
	}
	if volume != "" {
		env.Volume = filepath.Join(volume, "blocks")
		descriptions = append(descriptions,
			fmt.Sprintf("volume %s of %s at %s", r.spec.Volume.ID, r.spec.Volume.Size, volume))
	}
	found.Storage = strings.Join(descriptions, "; ")
	return nil
}

// prepareFolder makes one folder ready, which is released after the task.
func (r *runner) prepareFolder(ctx context.Context, request ramdisk.Request) (*ramdisk.Disk, error) {
	if own, is := r.host.ownFolder(r.spec, request.Path); is {
		return nil, fmt.Errorf("the folder %s of a tier is inside of %s, where the framework keeps other data; name "+
			"another folder", request.Path, own)
	}
	disk, err := ramdisk.Prepare(ctx, request)
	if err != nil {
		if len(ramdisk.Sweep(ctx)) == 0 {
			return nil, err
		}
		if disk, err = ramdisk.Prepare(ctx, request); err != nil { // with the room that dead tasks held
			return nil, err
		}
	}
	r.later(disk.Release)
	return disk, nil
}

// ownFolder is the folder of the framework that path is in, if it is: the cache of tarballs, or the
// default one of journals.
func (h host) ownFolder(spec *launch.Spec, path string) (own string, is bool) {
	data, _ := h.dataDir(spec.Cluster)
	for _, own := range []string{install.DefaultDir(), data} {
		if path != "" && hostfs.Inside(hostfs.Resolve(path), hostfs.Resolve(own)) {
			return own, true
		}
	}
	return "", false
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

// unusedMemory is the warning about memory that was claimed for a folder that is not in memory, or
// "".
func unusedMemory(f config.Folder, disk *ramdisk.Disk) string {
	if f.Disk || disk.Tier == ramdisk.TierMemory {
		return ""
	}
	hint := "let the task's user mount a tmpfs (" + config.KeyRamdiskSudo + "=true), or enlarge /dev/shm"
	if f.Path != "" {
		hint = "name a folder in memory with " + config.TierKey(f.Level, "dirs.path") + ", or remove the line"
	}
	return fmt.Sprintf("the worker's tier in memory is on disk (%s) at %s: %d MB of memory are claimed from Mesos and "+
		"not used; %s", disk.Tier, disk.Path, f.Size/config.MB, hint)
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
