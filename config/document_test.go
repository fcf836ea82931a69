package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
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
