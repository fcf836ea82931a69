package config

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/configuration.md and the table of the README")

func TestTheConfigurationPageIsTheTableOfKeys(t *testing.T) {
	t.Parallel()
	const page = "../docs/configuration.md"
	var want bytes.Buffer
	if err := Document(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s differs from the table of keys (%v); run: go test ./config -update", page, err)
	}
}

func TestTheTableOfTheReadmeIsTheTableOfKeys(t *testing.T) {
	t.Parallel()
	const page, begin, end = "../README.md", "<!-- the table of keys, written by `make docs` -->\n", "<!-- end of the table -->\n"
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
	if *update {
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
