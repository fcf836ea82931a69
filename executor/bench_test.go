package executor

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// BenchmarkLaunchToExec measures from the agent's LAUNCH to the JVM: a local install, a formatted
// journal. launch-to-exec-us ends when execve has succeeded, as the executor saw it;
// launch-to-main-us when the fake JVM runs its main, with the start of its runtime.
func BenchmarkLaunchToExec(b *testing.B) {
	var toExec, toMain []time.Duration
	for range b.N {
		b.StopTimer()
		r := newRig(b)
		spec := r.master()
		check(b, os.MkdirAll(filepath.Join(r.dir, "data/journal/log"), 0o700))
		data, err := spec.Encode()
		check(b, err)
		started := make(chan time.Time, 1)
		r.log.on(`"message":"started Alluxio"`, func() { started <- time.Now() })
		b.StartTimer()
		begun := time.Now()
		r.stream.Launch("m.1", data)
		exec := <-started
		b.StopTimer()
		toExec = append(toExec, exec.Sub(begun))
		record := filepath.Join(r.dir, "record")
		eventually(b, "the start of the JVM", func() bool { _, err := os.Stat(record); return err == nil })
		line, _, _ := strings.Cut(read(b, record), "\n")
		ns, err := strconv.ParseInt(line, 10, 64)
		check(b, err)
		toMain = append(toMain, time.Unix(0, ns).Sub(begun))
		r.agent.Update(mesos.TASK_STARTING)
		r.stream.Kill("m.1", 0)
		r.end()
	}
	b.ReportMetric(quantile(toExec, 0.5), "launch-to-exec-p50-us")
	b.ReportMetric(quantile(toExec, 0.9), "launch-to-exec-p90-us")
	b.ReportMetric(quantile(toMain, 0.5), "launch-to-main-p50-us")
}

func quantile(d []time.Duration, q float64) float64 {
	slices.Sort(d)
	return float64(d[int(q*float64(len(d)-1))].Microseconds())
}
