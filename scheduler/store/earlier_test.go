package store

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAStateFolderOfTheVersionBeforeIsOpenedWithAllItsRows opens folders that commit bbac074 wrote,
// see testdata/README.md. The file as it was is kept beside it, for that version.
func TestAStateFolderOfTheVersionBeforeIsOpenedWithAllItsRows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bbac074-*.db")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			was, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rows := rowsIn(t, strings.TrimSuffix(file, ".db")+".json")
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, FileName), was, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, folder)
			if record := load(t, s); !same(record, rows) {
				t.Errorf("it holds %q", record)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			kept, err := bbolt.Open(filepath.Join(folder, FileName+".schema-2"), 0o600, &bbolt.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			if version, n := versionOf(kept); version != "2" || n != len(rows) {
				t.Errorf("the copy is of version %q with %d rows", version, n)
			}
		})
	}
}

// rowsIn reads the rows in a file of testdata, which has them with spaces for people.
func rowsIn(t *testing.T, file string) cluster.Changes {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, record := map[string]json.RawMessage{}, cluster.Changes{}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for key, row := range rows {
		var compact bytes.Buffer
		if err := json.Compact(&compact, row); err != nil {
			t.Fatal(err)
		}
		record[key] = compact.Bytes()
	}
	return record
}
