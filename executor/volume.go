package executor

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// volume is the folder of the task's persistent volume, "" for a task without one. The agent's
// isolator puts a link, or a mount, into the sandbox; its target is the same for every task that
// has the volume. Mesos: persistent-volume.md; container-volume.md.
func (h host) volume(spec *launch.Spec) (string, error) {
	if spec.Volume == (launch.Volume{}) {
		return "", nil
	}
	if !filepath.IsLocal(spec.Volume.Path) {
		return "", fmt.Errorf("the path %q of the persistent volume leads outside of the sandbox", spec.Volume.Path)
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(h.sandbox, spec.Volume.Path))
	if err == nil {
		_, err = os.ReadDir(dir)
	}
	if err != nil {
		return "",
			fmt.Errorf("the persistent volume %s is not at %s in the sandbox: %w; does the agent run with --isolation that "+
				"leaves out filesystem/posix or filesystem/linux?", spec.Volume.ID, spec.Volume.Path, plain(err))
	}
	return dir, nil
}
