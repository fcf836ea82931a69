package bench

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/install"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakeagent"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// BenchmarkVersion is the start time of the binary, beside that of true(1), and its size.
func BenchmarkVersion(b *testing.B) {
	info, err := os.Stat(binary(b))
	check(b, err)
	median := func(name string, args ...string) float64 {
		var times []time.Duration
		for range 100 {
			begun := time.Now()
			check(b, exec.Command(name, args...).Run())
			times = append(times, time.Since(begun))
		}
		slices.Sort(times)
		return float64(times[len(times)/2].Microseconds()) / 1000
	}
	for b.Loop() {
		b.ReportMetric(median(binary(b), "version"), "start-ms")
		b.ReportMetric(median("/bin/true"), "true-ms")
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "size-MB")
}

// BenchmarkUnpackRelease unpacks the tarball of a genuine release into the cache, with its check,
// and beside it with tar; both in memory.
func BenchmarkUnpackRelease(b *testing.B) {
	release, err := realalluxio.Get(context.Background(), "2.9.6")
	check(b, err)
	dir := memoryDir(b)
	timed := func(to string, f func(to string) error) float64 {
		to = filepath.Join(dir, to)
		check(b, os.Mkdir(to, 0o755))
		begun := time.Now()
		check(b, f(to))
		took := time.Since(begun)
		check(b, os.RemoveAll(to))
		return took.Seconds()
	}
	for b.Loop() {
		ours := timed("ours", func(to string) error {
			cache, err := install.Open(filepath.Join(to, "cache"), 0)
			if err != nil {
				return err
			}
			entry, err := cache.Get(context.Background(),
				config.Archive{URL: "file://" + release.Tarball, SHA256: release.SHA256}, nil)
			if err == nil {
				entry.Release()
			}
			return err
		})
		tar := timed("tar", func(to string) error { return exec.Command("tar", "xzf", release.Tarball, "-C", to).Run() })
		b.ReportMetric(ours, "ours-s")
		b.ReportMetric(tar, "tar-s")
	}
}

// BenchmarkExecutorMemory is the resident memory of an executor that has started Alluxio: from a
// local installation, and from a tarball.
func BenchmarkExecutorMemory(b *testing.B) {
	release, err := realalluxio.Get(context.Background(), "2.9.6")
	check(b, err)
	b.Run("local", func(b *testing.B) { executorMemory(b, config.Install{Home: release.Dir}) })
	b.Run("tarball", func(b *testing.B) {
		executorMemory(b, config.Install{Alluxio: config.Archive{URL: "file://" + release.Tarball, SHA256: release.SHA256}})
	})
}

func executorMemory(b *testing.B, from config.Install) {
	for b.Loop() {
		dir := memoryDir(b)
		p, err := startExecutor(b, dir, filepath.Join(dir, "data"), from)
		check(b, err)
		b.ReportMetric(memoryMB(b, p.PID(), "VmRSS"), "rss-MB")
		b.ReportMetric(memoryMB(b, p.PID(), "VmHWM"), "peak-MB")
	}
}

// startExecutor starts an executor with a master whose formatted journal is below data, and waits
// until it has started a Java that does nothing. The error is the message of the task's end.
func startExecutor(t testing.TB, dir, data string, from config.Install) (*reaper.Process, error) {
	t.Helper()
	sandbox, begun := filepath.Join(dir, "sandbox"), filepath.Join(dir, "begun")
	check(t, os.MkdirAll(filepath.Join(dir, "jdk/bin"), 0o755), os.Mkdir(sandbox, 0o755),
		os.MkdirAll(filepath.Join(data, "journal/log"), 0o755),
		os.WriteFile(filepath.Join(dir, "jdk/release"), []byte("JAVA_VERSION=\"17.0.15\"\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "jdk/bin/java"), []byte("#!/bin/sh\n: >"+begun+"\nexec sleep 600\n"), 0o755))
	spec := launch.Spec{
		Version: launch.SchemaVersion, Slot: "alluxio-master-0", Role: config.Master, Cluster: "bench", Host: "localhost",
		Bind:    "127.0.0.1",
		Install: from, Ports: map[config.PortName]uint16{config.MasterRPC: 19998, config.MasterWeb: 19999},
		Endpoints: map[config.Role][]launch.Address{config.Master: {{Host: "localhost", RPC: 19998, Web: 19999}}},
		Journal:   launch.Journal{DataDir: data, Identity: "localhost:" + filepath.Join(data, "journal"), MayFormat: true},
		KillGrace: time.Second, StartTimeout: 10 * time.Minute,
	}
	spec.Install.CacheDir = filepath.Join(dir, "cache")
	task, err := spec.Encode()
	check(t, err)
	agent := fakeagent.New(t)
	p := startProcess(t, sandbox, agent.Environ(sandbox, "JAVA_HOME="+filepath.Join(dir, "jdk"), "PATH=/usr/bin:/bin"),
		"executor")
	agent.Subscription().Launch("m.1", task)
	failure := ""
	await(t, "the start of Alluxio", func() bool {
		var ended bool
		if failure, ended = agent.Ended(); ended {
			return true
		}
		_, err := os.Stat(begun)
		return err == nil
	})
	if failure != "" {
		return nil, errors.New(failure)
	}
	return p, nil
}

// TestExecutorStartsForTheMemoryBenchmark also shows that an executor that cannot start ends the
// benchmark with its message.
func TestExecutorStartsForTheMemoryBenchmark(t *testing.T) {
	t.Parallel()
	release, err := realalluxio.Get(context.Background(), "2.9.6")
	check(t, err)
	from := config.Install{Home: release.Dir}
	dir := t.TempDir()
	_, err = startExecutor(t, dir, filepath.Join(dir, "data"), from)
	check(t, err)
	dir = t.TempDir()
	_, err = startExecutor(t, dir, filepath.Join(dir, "sandbox/data"), from)
	if err == nil || !strings.Contains(err.Error(), "is inside of the task's sandbox") {
		t.Errorf("the error with a journal in the sandbox is %v", err)
	}
}
