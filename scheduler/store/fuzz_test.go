package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mapsKept is how many mappings of damaged files FuzzOpen keeps; the kernel has 65,530 for a process.
const mapsKept = 1000

// FuzzOpen: whatever a file holds, Open and Load end without a panic, and what they load is what
// was saved, now or by the save before.
func FuzzOpen(f *testing.F) {
	data, want := filled(f, 3)
	f.Add(data)
	f.Add([]byte("hello"))
	f.Add(make([]byte, 32768))
	folder, err := filepath.EvalSymlinks(f.TempDir()) // one for each input would cost more than Open
	if err != nil {
		f.Fatal(err)
	}
	abandoned := 0
	f.Fuzz(func(t *testing.T, data []byte) {
		record, err := tryFileIn(t, folder, data)
		if err == nil && len(record) > 0 && !same(record, want) && !isEarlier(record, want) {
			t.Errorf("loaded %q, which was never saved", record)
		}
		if errors.Is(err, errPanic) { // the file may still be locked
			abandoned++
			if err := os.Remove(filepath.Join(folder, FileName)); err != nil {
				t.Fatal(err)
			}
		}
		if abandoned >= mapsKept {
			unmap(t, filepath.Join(folder, FileName))
			abandoned = 0
		}
	})
}

// unmap unmaps the files at path that panics have left mapped, see Store.abandon.
func unmap(t *testing.T, path string) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		var from, to uintptr
		if !strings.Contains(line, path) {
			continue
		}
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			t.Fatal(err)
		}
		if _, _, errno := syscall.Syscall(syscall.SYS_MUNMAP, from, to-from, 0); errno != 0 {
			t.Fatal(errno)
		}
	}
}
