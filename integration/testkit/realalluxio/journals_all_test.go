//go:build testall

package realalluxio

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	versions "github.com/alluxio/alluxio-mesos/executor/alluxio"
)

// TestWhatAMasterDoesWithAJournal is the table of docs/facts.md: with which journals a master
// serves that nobody formats before, and what it says with the others. None formats what is there:
// a master that serves goes on with the logs, one that ends leaves every file as it is.
func TestWhatAMasterDoesWithAJournal(t *testing.T) {
	t.Parallel()
	for _, version := range tested {
		begins := version == "1.8.1" || version == "2.9.6"
		for _, c := range []struct {
			journal string
			make    func(c *cluster)
			serves  bool
		}{
			{"absent", func(c *cluster) { must(c, os.Remove(c.journal())) }, begins},
			{"empty", func(*cluster) {}, begins},
			{"full", func(c *cluster) { c.fill() }, true},
			{"without the marker of one component", func(c *cluster) { c.fill(); must(c, os.Remove(c.markers()[0])) }, begins},
		} {
			t.Run(version+" "+c.journal, func(t *testing.T) {
				release, err := Get(t.Context(), version)
				if err != nil {
					t.Fatal(err)
				}
				cluster := newCluster(t, release)
				c.make(cluster)
				before := cluster.files()
				master := cluster.start("MASTER_LOGGER", "alluxio.master.AlluxioMaster")
				if !c.serves {
					if _, err := master.Wait(t.Context()); err != nil {
						t.Fatal(err)
					}
					if said := strings.Split(master.Tail(20000), "\n"); !versions.SaysUnformatted(said) {
						t.Errorf("it says %q", said)
					}
				} else {
					cluster.eventually(master, func() error { _, err := cluster.info(); return err })
					cluster.rootIsThere()
				}
				after := cluster.files()
				for name, text := range before {
					if now, there := after[name]; (!c.serves || strings.Contains(name, "_format_")) &&
						(!there || now != text) {
						t.Errorf("%s has changed: there is %q", name, slices.Collect(maps.Keys(after)))
					}
				}
			})
		}
	}
}

func must(c *cluster, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) journal() string { return filepath.Join(c.dir, "journal") }

// fill formats the journal and lets a master write into it.
func (c *cluster) fill() {
	c.t.Helper()
	c.run("Format", "alluxio.cli.Format", "master")
	master := c.start("MASTER_LOGGER", "alluxio.master.AlluxioMaster")
	c.eventually(master, func() error { _, err := c.info(); return err })
	must(c, master.Kill(c.t.Context()))
}

// markers are the files by which Alluxio knows a journal that was formatted: one for all in 1.4,
// one for each component later.
func (c *cluster) markers() []string {
	c.t.Helper()
	one, _ := filepath.Glob(filepath.Join(c.journal(), "_format_*"))
	each, _ := filepath.Glob(filepath.Join(c.journal(), "*/v1/_format_*"))
	if len(one)+len(each) == 0 {
		c.t.Fatal("there is no marker of a format")
	}
	return append(one, each...)
}

// files are the contents of the files of the journal.
func (c *cluster) files() map[string]string {
	c.t.Helper()
	files := map[string]string{}
	must(c, filepath.WalkDir(c.journal(), func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		text, readErr := os.ReadFile(path)
		name, relErr := filepath.Rel(c.journal(), path)
		files[name] = string(text)
		return errors.Join(err, readErr, relErr)
	}))
	return files
}

// rootIsThere asks a master that serves for its root as executors do.
func (c *cluster) rootIsThere() {
	c.t.Helper()
	rules, _ := versions.RulesFor(c.release.Version)
	url := "http://" + c.ip + ":19999" + rules.RootQuestion
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	must(c, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(c, err)
	if root, why := (versions.Probe{RootURL: url}).JudgeRoot(versions.Answer{Status: resp.StatusCode,
		Body: body}); root != versions.RootThere {
		c.t.Errorf("%s: %v, %s: %s", url, root, why, fmt.Sprintf("%.300s", body))
	}
}
