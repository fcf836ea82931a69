package clitest

import (
	"context"
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
	dir, err := buildcache.Get(ctx, "alluxio-mesos-"+commit, func(ctx context.Context, dir string) error {
		source, err := os.MkdirTemp("", "alluxio-mesos-"+commit+"-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(source) }()
		script := fmt.Sprintf(`git -C %q archive %s | tar -x -C %q && cd %q && CGO_ENABLED=0 go build -buildvcs=false `+
			`-trimpath -o %q ./cmd/alluxio-mesos`,
			Repository(), commit, source, source, filepath.Join(dir, "alluxio-mesos"))
		if out, err := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", script).CombinedOutput(); err != nil {
			return fmt.Errorf("build commit %s, which the history of the repository must have: %w\n%s", commit,
				err, out)
		}
		return nil
	})
	return filepath.Join(dir, "alluxio-mesos"), err
}
