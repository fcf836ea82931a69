package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// writerEnv makes the test binary a process that saves without end into the folder that it names.
const writerEnv = "ALLUXIO_MESOS_TEST_WRITER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(writerEnv); folder != "" {
		if err := writeForEver(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// rowsPerSave is how many rows the writer changes in each Save, all to the same number.
const rowsPerSave = 40

// writeForEver writes to a folder, or to an address in ZooKeeper.
func writeForEver(place string) error {
	var s interface {
		Save(context.Context, cluster.Changes) error
	}
	var err error
	longest := 3000
	if config.IsZooKeeper(place) {
		longest = 30_000 // so that every cycle but the first few is staged
		s, err = openAddress(context.Background(), place)
	} else {
		s, err = Open(place)
	}
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		changes := cluster.Changes{}
		for row := range rowsPerSave {
			changes[fmt.Sprintf("slot/%d", row)] = fmt.Appendf(nil, "%d %s", n, strings.Repeat("x", n*row*997%longest))
		}
		if err := s.Save(context.Background(), changes); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestAfterKill9TheLastCompletedSaveIsThereAllOrNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	killWriters(t, folder, func() map[string][]byte {
		s := open(t, folder)
		record := load(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return record
	})
}

// killWriters kills a writer again and again and compares what it said with what is there.
func killWriters(t *testing.T, place string, load func() map[string][]byte) {
	t.Helper()
	atLeast := 0
	for round := range 8 {
		completed := killWriterAfter(t, place, 5+11*round)
		record := load()
		saved := ""
		for key, value := range record {
			number, _, _ := strings.Cut(string(value), " ")
			if saved == "" {
				saved = number
			}
			if number != saved {
				t.Fatalf("round %d: %s is of save %s, others are of save %s", round, key, number, saved)
			}
		}
		n, _ := strconv.Atoi(saved)
		// One more than was heard of may be complete; nothing says that its word got out.
		if len(record) != rowsPerSave || n < completed || n > completed+1 {
			t.Fatalf("round %d: %d rows of save %d, the writer completed save %d", round, len(record), n, completed)
		}
		atLeast += completed
	}
	if atLeast == 0 {
		t.Fatal("no save was completed in any round")
	}
}

// killWriterAfter runs a writer, kills it with SIGKILL some saves later and returns the number of
// the last save that it completed.
func killWriterAfter(t *testing.T, folder string, saves int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	last := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if last == saves {
			_ = cmd.Process.Kill() // what it wrote before it died is still read
		}
	}
	if last < saves {
		t.Fatalf("the writer ended after %d saves by itself", last)
	}
	return last
}

// tmpfs mounts a small one; it needs root, as the machines that build this project have.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		if os.Getuid() != 0 {
			return ""
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) })
	return folder
}

func TestOnAFullDiskSaveFailsAndTheLastRecordStays(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "256k")
	if folder == "" {
		return
	}
	s := open(t, folder)
	want := map[string][]byte{}
	var err error
	for i := 0; err == nil && i < 10000; i++ {
		key, value := fmt.Sprintf("slot/%d", i), bytes.Repeat([]byte("v"), 1000)
		if err = s.Save(t.Context(), cluster.Changes{key: value}); err == nil {
			want[key] = value
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want no space left on device", err)
	}
	if !strings.Contains(err.Error(), filepath.Join(folder, FileName)) {
		t.Errorf("%q does not name the file", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := load(t, open(t, folder)); !same(got, want) {
		t.Fatalf("%d rows are left, want the %d that were saved", len(got), len(want))
	}
}

func TestOnAFullDiskOpenFails(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "8k")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, "ballast"), make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want no space left on device", err)
	}
}

func TestAReadOnlyDiskIsNamed(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "1m")
	if folder == "" {
		return
	}
	if err := open(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	deadline, err := time.Now().Add(time.Minute), error(unix.EBUSY)
	for errors.Is(err, unix.EBUSY) && time.Now().Before(deadline) {
		// a child that another test forks has the file open for a moment
		err = unix.Mount("", folder, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{folder, filepath.Join(folder, "below")} {
		if _, err := Open(f); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s: got %v, want read-only file system with its path", f, err)
		}
	}
}

func TestAFileInPlaceOfTheFolderIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), path) {
		t.Fatalf("got %v", err)
	}
}
