// Package realmesos runs a genuine Apache Mesos 1.11.0, or an older one, masters and agents, on
// loopback addresses of this machine, for tests and the demo. See README.md for where it comes from
// and what it cannot do.
package realmesos

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

// Version is the version of Mesos that Build provides; BuildVersion has older ones.
const Version = "1.11.0"

//go:embed rig
var rig embed.FS

// Install is a built Mesos: a relocatable folder with bin/mesosd, lib/libmesos.so and libexec for
// the agent's launchers.
type Install struct {
	Dir     string // absolute
	Version string
}

// Build is BuildVersion of Version.
func Build(ctx context.Context) (Install, error) { return BuildVersion(ctx, Version) }

// BuildVersion finds the build of a version in the cache or makes it there: a download of 38 MB and
// five seconds of compiling. It needs g++, gcc, python3 with venv and the libraries that
// scripts/install-prerequisites.sh installs, with --all for versions below 1.8; x86-64 glibc only.
// rig/build.sh lists the versions; another one is an error.
func BuildVersion(ctx context.Context, version string) (Install, error) {
	digest, err := buildcache.Digest(rig)
	if err != nil {
		return Install{}, err
	}
	dir, err := buildcache.Get(ctx, "realmesos-"+version+"-"+digest, func(ctx context.Context, out string) error {
		return build(ctx, version, out)
	})
	if err != nil {
		return Install{}, fmt.Errorf("provide a genuine Mesos: %w", err)
	}
	return Install{Dir: dir, Version: version}, nil
}

func build(ctx context.Context, version, out string) (err error) {
	temp := filepath.Join(out, "build") // beside the product: big, so better not in a /tmp that may be memory
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := os.CopyFS(temp, rig); err != nil {
		return err
	}
	library, err := download(ctx, version, temp)
	if err != nil {
		return err
	}
	return buildcache.Run(ctx, "", nil, "sh", filepath.Join(temp, "rig", "build.sh"), version, library, out)
}

// download gets Mesos' Python package, an old-style binary archive: pip unpacks it, then fails because there is no
// setup.py inside. Only the unpacked files are needed.
func download(ctx context.Context, version, temp string) (library string, err error) {
	pip, err := buildcache.NewPip(ctx, filepath.Join(temp, "venv"))
	if err != nil {
		return "", err
	}
	unpacked := filepath.Join(temp, "pip")
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return "", err
	}
	err = buildcache.Retry(ctx, func() error {
		failed := pip.Download(ctx, unpacked, "--no-clean", "-d", unpacked,
			"mesos.scheduler==="+version+".linux-x86_64")
		library, err = find(unpacked, "_scheduler.so")
		if err != nil {
			return fmt.Errorf("download Mesos: %w", errors.Join(failed, err))
		}
		return nil
	})
	return library, err
}

// find returns the path of the first file called name below dir.
func find(dir, name string) (string, error) {
	found := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() == name {
			found = path
			return fs.SkipAll
		}
		return err
	})
	if err == nil && found == "" {
		err = fmt.Errorf("no %s in what was downloaded", name)
	}
	return found, err
}

// Copy copies the install to dir/mesos-VERSION, for an agent whose user cannot reach the cache
// below another user's home. Another process writes the copy: a child that another goroutine forks
// at that moment would hold mesosd open, and its start would fail with "text file busy".
func (i Install) Copy(ctx context.Context, dir string) (Install, error) {
	to := Install{Dir: filepath.Join(dir, "mesos-"+i.Version), Version: i.Version}
	if err := buildcache.Run(ctx, "", nil, "cp", "-R", i.Dir, to.Dir); err != nil {
		return Install{}, fmt.Errorf("copy Mesos: %w", err)
	}
	return to, nil
}
