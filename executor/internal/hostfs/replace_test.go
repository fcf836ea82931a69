package hostfs

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAReplacedFileIsWrittenThroughNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, foreign := filepath.Join(dir, "list"), filepath.Join(dir, "foreign")
	for _, err := range []error{os.WriteFile(foreign, []byte("theirs"), 0o600), os.Symlink(foreign, path+".new")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"first", "second"} {
		if err := Replace(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != content {
			t.Errorf("%q, %v", data, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	if data, err := os.ReadFile(foreign); err != nil || string(data) != "theirs" {
		t.Errorf("the file behind the link has %q, %v", data, err)
	}
	if _, err := os.Lstat(path + ".new"); !os.IsNotExist(err) {
		t.Errorf("%s.new is left: %v", path, err)
	}
}
