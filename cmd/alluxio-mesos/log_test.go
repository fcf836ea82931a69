package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

func TestTheLogIsRotatedAndFiveOlderOnesStay(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, logName)
	for i := range logKept + 2 {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("framework-2026-01-0%dT00-00-00.000.out", i+1)), nil,
			logMode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte("the old one\n"), logMode); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, logMegabytes<<20); err != nil { // a hole: nothing is written for it
		t.Fatal(err)
	}
	log, closer, shared, err := newLog(folder, false, os.Stderr)
	if err != nil || shared {
		t.Fatalf("shared %v, %v", shared, err)
	}
	log.Info().Str("slot", "alluxio-worker-0").Msg("the first line of the new one")
	log.Debug().Msg("for debugging only")
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(data), " INF the first line of the new one slot=alluxio-worker-0\n") ||
		strings.Count(string(data), "\n") != 1 {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != logMode {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	older := func() []string { list, _ := filepath.Glob(filepath.Join(folder, "framework-*.out")); return list }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = clitest.Await(ctx, "the removal of the oldest", func(context.Context) (bool, error) {
		return len(older()) == logKept, fmt.Errorf("there are %q", older())
	})
	if err != nil {
		t.Fatal(err)
	}
	newest := older()[logKept-1] // names end in times
	head := make([]byte, 12)
	f, err := os.Open(newest)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Read(head); err != nil || string(head) != "the old one\n" {
		t.Errorf("%s begins with %q, %v", newest, head, err)
	}
}

func TestALogThatIsTheErrorOutputIsKnownAsThat(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	stderr, err := openLog(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	_, closer, shared, err := newLog(folder, false, stderr)
	if err != nil || !shared {
		t.Errorf("shared %v, %v", shared, err)
	}
	if err := closer.Close(); err != nil {
		t.Error(err)
	}
}
