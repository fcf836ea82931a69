package executor

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

func TestTheOutputOfAJVMIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master("-Dfake=chatty"))
	r.agent.Update(mesos.TASK_RUNNING)
	for _, name := range []string{"stdout", "stderr"} {
		file := filepath.Join(r.sandbox, name)
		eventually(t, "the cut of "+name, func() bool {
			text := read(t, file)
			return len(text) <= 2*process.OutputKept && strings.Contains(text, fmt.Sprintf("\n%099d\n", 49_999))
		})
	}
	r.stream.Kill("m.1", 0)
	r.agent.Update(mesos.TASK_KILLED)
	r.end()
}
