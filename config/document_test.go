package config

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/golden"
)

func TestTheConfigurationPageIsTheTableOfKeys(t *testing.T) {
	t.Parallel()
	const page = "../docs/configuration.md"
	var want bytes.Buffer
	if err := Document(&want); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, page, want.String())
}

func TestTheTableOfTheReadmeIsTheTableOfKeys(t *testing.T) {
	t.Parallel()
	const page, begin, end = "../README.md", "<!-- the table of keys, written by `make docs` -->\n",
		"<!-- end of the table -->\n"
	var table bytes.Buffer
	if err := Table(&table); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	got, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", page)
	}
	if golden.Update() {
		if err := os.WriteFile(page, []byte(head+begin+table.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != table.String() {
		t.Errorf("%s differs from the table of keys; run: make docs", page)
	}
}

func TestHelpNamesEveryKeyWithoutMarkup(t *testing.T) {
	t.Parallel()
	help := strings.Join(Help(), "\n")
	for _, k := range Keys {
		if !strings.Contains(help, k.Name) || !strings.Contains(help, k.OldName) {
			t.Errorf("%s is not in the help", k.Name)
		}
	}
	if strings.Contains(help, "`") {
		t.Errorf("the help has markup")
	}
}
