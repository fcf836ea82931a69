package process_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

// numbered is n lines of 100 bytes from number first on.
func numbered(first, n int) []byte {
	var out bytes.Buffer
	for i := range n {
		fmt.Fprintf(&out, "%099d\n", first+i)
	}
	return out.Bytes()
}

// chatter writes numbered lines, 1 MB at a time, as many as the file most says.
func chatter(most string) {
	for n := 0; ; n += 10_000 {
		for {
			data, _ := os.ReadFile(most)
			if limit, _ := strconv.Atoi(string(data)); n < limit {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if _, err := os.Stdout.Write(numbered(n, 10_000)); err != nil {
			os.Exit(1)
		}
	}
}

// copier is an executor: it starts chatter with the file as its output, and bounds it.
func copier(file, most string) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	output, err := process.NewOutput(out)
	if err != nil {
		panic(err)
	}
	if _, err := process.Start(process.Command{Argv: self("child-chatter", most), Stdout: out}); err != nil {
		panic(err)
	}
	fmt.Println("ready")
	for ; ; time.Sleep(time.Millisecond) {
		if err := output.Trim(); err != nil {
			panic(err)
		}
	}
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func reaches(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}

// lastLine is the number in the last line of a file, -1 when there is none.
func lastLine(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	n, err := strconv.Atoi(lines[len(lines)-1])
	if err != nil {
		return -1
	}
	return n
}

// The kernel stops an executor, as a debugger or a full memory does: what it has started goes on
// writing.
func TestAStoppedExecutorDoesNotStopTheOutput(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), memoryDir(t)} { // file systems that can cut a file, and cannot
		file, most := filepath.Join(dir, "stdout"), filepath.Join(dir, "most")
		allow := func(lines int) {
			if err := os.WriteFile(most+".new", []byte(strconv.Itoa(lines)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(most+".new", most); err != nil {
				t.Fatal(err)
			}
		}
		allow(0)
		p, stdout := start(t, process.Command{Argv: self("child-copier", file, most)})
		if !stdout.Scan() {
			t.Fatal("no copier")
		}
		signalAlone(t, p.PID(), syscall.SIGSTOP)
		allow(200_000) // 20 MB, where a pipe holds 64 kB
		reaches(t, "all of the output while the executor is stopped",
			func() bool { return size(t, file) == 20_000_000 })
		signalAlone(t, p.PID(), syscall.SIGCONT)
		reaches(t, "the cut, and the last line", func() bool {
			got := size(t, file)
			return got <= 2*process.OutputKept && got >= process.OutputKept*9/10 && lastLine(t, file) == 199_999
		})
		lines := 1_200_000 // 100 MB more, while it is cut again and again
		allow(lines)
		reaches(t, "more output", func() bool {
			if lastLine(t, file) > 1_100_000 {
				return true
			}
			lines++ // what came during the last cut may be lost, or come before older lines
			allow(lines)
			return false
		})
		reaches(t, "the last cut", func() bool { return size(t, file) <= 2*process.OutputKept })
		if err := p.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, p)
	}
}

// memoryDir is a folder in memory where there is one.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "alluxio-mesos-test")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// signalAlone signals a process without its group.
func signalAlone(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}

func TestTheEndOfAnOutputIsKeptAsItWas(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), memoryDir(t)} {
		out, err := os.OpenFile(filepath.Join(dir, "stderr"), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		output, err := process.NewOutput(out)
		if err != nil {
			t.Fatal(err)
		}
		all := numbered(0, 20_000)
		for _, chunk := range [][]byte{all, numbered(20_000, 1000), numbered(21_000, 10_000),
			[]byte("without an end")} {
			if _, err := out.Write(chunk); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			if err := output.Trim(); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			least := min(len(before), process.OutputKept-4096)
			if !bytes.HasSuffix(before, after) || len(after) < least || len(after) > 2*process.OutputKept {
				t.Errorf("%d of %d bytes are kept, the end of them: %v", len(after), len(before),
					bytes.HasSuffix(before, after))
			}
		}
	}
}

func TestAnOutputThatIsNoFileIsLeftAlone(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	output, err := process.NewOutput(w)
	if err != nil || output != nil || output.Trim() != nil {
		t.Errorf("%v, %v", output, err)
	}
	flags, err := unix.FcntlInt(w.Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_APPEND != 0 {
		t.Errorf("flags %x, %v", flags, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := process.NewOutput(w); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := io.ReadAll(r); err != nil {
		t.Error(err)
	}
}
