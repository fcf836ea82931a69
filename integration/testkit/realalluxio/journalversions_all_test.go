//go:build testall

package realalluxio

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWhatAMasterDoesWithTheJournalOfAnotherVersion is the table of docs/facts.md: what becomes of a file
// that only Alluxio has. One whose folder is in the under store would be found again there.
func TestWhatAMasterDoesWithTheJournalOfAnotherVersion(t *testing.T) {
	t.Parallel()
	const ends, forgets, keeps = "ends", "has forgotten the file", "has the file"
	for _, c := range []struct {
		from, kind string
		to         map[string]string
	}{
		{"1.4.0", "UFS", map[string]string{"1.5.0": ends, "1.8.1": forgets}},
		{"1.8.1", "UFS", map[string]string{"2.9.6": keeps, "2.9.6 from a backup": keeps}},
		{"2.7.3", "UFS", map[string]string{"2.9.6": keeps}},
		{"2.9.6", "UFS", map[string]string{"1.8.1": ends, "2.7.3": keeps}},
		{"2.7.3", "EMBEDDED", map[string]string{"2.9.6": keeps}},
	} {
		t.Run(c.kind+" of "+c.from, func(t *testing.T) {
			old := journalCluster(t, c.from, c.kind)
			backup := old.writeOnlyFile()
			for to, want := range c.to {
				t.Run(to, func(t *testing.T) {
					version, fromBackup, _ := strings.Cut(to, " ")
					next := journalCluster(t, version, c.kind)
					if c.kind == "EMBEDDED" { // a member is known by its address
						next.ip, next.props = old.ip, old.props
					}
					if fromBackup != "" {
						next.run("Format", "alluxio.cli.Format", "master")
						next.props["alluxio.master.journal.init.from.backup"] = backup
					} else {
						next.copyJournal(old)
					}
					got := ends
					if next.serves() {
						got = next.lists("/only/file", forgets, keeps)
					}
					if got != want {
						t.Errorf("the master %s, want %s", got, want)
					}
				})
			}
		})
	}
}

// lists is yes when the master has the file, else no.
func (c *cluster) lists(file, no, yes string) string {
	c.t.Helper()
	out, err := c.release.Shell(c.t.Context(), c.java, c.props, "ls", filepath.Dir(file))
	switch {
	case err == nil && slices.Contains(strings.Fields(out), file):
		return yes
	case err != nil && !strings.Contains(err.Error(), "does not exist"):
		c.t.Fatal(err)
	}
	return no
}

func journalCluster(t *testing.T, version, kind string) *cluster {
	t.Helper()
	release, err := Get(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, release)
	if kind == "EMBEDDED" {
		c.props["alluxio.master.journal.type"] = kind
		c.props["alluxio.master.embedded.journal.addresses"] = c.ip + ":19200"
		c.props["alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host"] = c.ip
	}
	return c
}

// writeOnlyFile writes /only/file, of which the under store has nothing, and ends the cluster. It
// returns the path of a backup that 1.8.1 has made.
func (c *cluster) writeOnlyFile() (backup string) {
	c.t.Helper()
	c.run("Format", "alluxio.cli.Format", "master")
	c.run("Format", "alluxio.cli.Format", "worker")
	master := c.start("MASTER_LOGGER", "alluxio.master.AlluxioMaster")
	c.eventually(master, func() error { _, err := c.info(); return err })
	worker := c.start("WORKER_LOGGER", "alluxio.worker.AlluxioWorker")
	c.eventually(worker, c.hasWorker)
	local := filepath.Join(c.t.TempDir(), "file")
	must(c, os.WriteFile(local, []byte("x"), 0o644))
	c.props["alluxio.user.file.writetype.default"] = "MUST_CACHE"
	c.shell("mkdir", "/only")
	c.shell("copyFromLocal", local, "/only/file")
	if c.release.Version == "1.8.1" {
		folder := c.t.TempDir()
		c.run("USER_LOGGER", "alluxio.cli.fsadmin.FileSystemAdminShell", "backup", folder)
		found, err := filepath.Glob(filepath.Join(folder, "*.gz"))
		must(c, err)
		if len(found) != 1 {
			c.t.Fatalf("backups: %q", found)
		}
		backup = found[0]
	}
	must(c, worker.Kill(c.t.Context()))
	must(c, master.Kill(c.t.Context()))
	return backup
}

func (c *cluster) copyJournal(from *cluster) {
	c.t.Helper()
	must(c, os.RemoveAll(c.journal()))
	if out, err := exec.CommandContext(c.t.Context(), "cp", "-a", from.journal(), c.journal()).CombinedOutput(); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
	c.props["alluxio.master.journal.folder"] = c.journal() + "/"
	c.props["alluxio.master.metastore.dir"] = filepath.Join(c.dir, "metastore")
}

// serves starts a master and says whether it serves, or has ended.
func (c *cluster) serves() (serves bool) {
	c.t.Helper()
	master := c.start("MASTER_LOGGER", "alluxio.master.AlluxioMaster")
	c.eventually(nil, func() error {
		_, err := c.info()
		serves = err == nil
		if master.PID() == 0 {
			return nil
		}
		return err
	})
	return serves
}
