package clitest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

// Repository is the root folder of this module's source.
func Repository() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../..")
}

// BuildBinary builds alluxio-mesos into dir and returns its path.
func BuildBinary(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "alluxio-mesos")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/alluxio-mesos")
	build.Dir = Repository()
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build alluxio-mesos: %w\n%s", err, out)
	}
	return binary, nil
}

// BuildCommit builds alluxio-mesos as it is in a commit of this repository's history, once for each
// machine, and returns its path.
func BuildCommit(ctx context.Context, commit string) (string, error) {
	return buildInCommit(ctx, commit, "alluxio-mesos-"+commit, nil)
}

// BuildAgainstCommit builds a program of one file against the packages of a commit of this repository's
// history, once for each machine, and returns its path.
func BuildAgainstCommit(ctx context.Context, commit string, program []byte) (string, error) {
	digest := sha256.Sum256(program)
	return buildInCommit(ctx, commit, fmt.Sprintf("alluxio-mesos-%s-program-%x", commit, digest[:6]), program)
}

// buildInCommit makes the entry of the cache that holds alluxio-mesos of a commit, with program in place of
// its command line unless program is nil.
func buildInCommit(ctx context.Context, commit, entry string, program []byte) (string, error) {
	const command = "cmd/alluxio-mesos"
	dir, err := buildcache.Get(ctx, entry, func(ctx context.Context, dir string) error {
		source, err := os.MkdirTemp("", "alluxio-mesos-"+commit+"-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(source) }()
		script := fmt.Sprintf(`git -C %q archive %s | tar -x -C %q`, Repository(), commit, source)
		if out, err := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", script).CombinedOutput(); err != nil {
			return fmt.Errorf("read commit %s, which the history of the repository must have: %w\n%s", commit, err, out)
		}
		if program != nil {
			folder := filepath.Join(source, command)
			if err := errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o755),
				os.WriteFile(filepath.Join(folder, "main.go"), program, 0o600)); err != nil {
				return err
			}
		}
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath",
			"-o", filepath.Join(dir, "alluxio-mesos"), "./"+command)
		build.Dir, build.Env = source, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build commit %s: %w\n%s", commit, err, out)
		}
		return nil
	})
	return filepath.Join(dir, "alluxio-mesos"), err
}
