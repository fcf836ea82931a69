package ramdisk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestSweepReclaimsWhatKilledExecutorsLeft(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	named := request("named.1")
	named.Path = filepath.Join(dir, "operators", "ramdisk")
	live := startChild(t, h, request("live.1"), 0)
	// Of clusters whose state was lost, say: nobody goes by their names any more.
	lost, lives := request("w.1"), request("w.2")
	lost.Cluster, lives.Cluster = "lost", "lives"
	orphan, liveElsewhere := startChild(t, h, lost, 0), startChild(t, h, lives, 0)
	dead, deadNamed := startChild(t, h, request("dead.1"), 0), startChild(t, h, named, 0)
	var paths []string
	for _, c := range []*child{live, liveElsewhere, orphan, dead, deadNamed} {
		path := strings.Fields(c.expect(t, "got"))[1]
		if err := os.WriteFile(filepath.Join(path, "block"), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for _, c := range []*child{orphan, dead, deadNamed} {
		c.kill()
	}

	said := strings.Join(h.sweep(context.Background()), "\n")
	for i, path := range paths {
		reclaimed := i >= 2
		if _, err := os.Stat(filepath.Join(path, "block")); (err != nil) != reclaimed {
			t.Errorf("%s: reclaimed is %v, want %v", path, err != nil, reclaimed)
		}
		if strings.Contains(said, path) != reclaimed {
			t.Errorf("%s: Sweep says %q", path, said)
		}
	}
	wantGone(t, filepath.Dir(paths[2]))
	wantGone(t, paths[3])
	wantGone(t, filepath.Join(dir, "operators"))
	if again := h.sweep(context.Background()); len(again) > 0 {
		t.Errorf("a second Sweep says %q", again)
	}
	live.end(t)
	liveElsewhere.end(t)
}

func TestATaskThatIsRunAgainReclaimsItsOwn(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	c := startChild(t, h, request("w.1"), 0)
	path := strings.Fields(c.expect(t, "got"))[1]
	if err := os.WriteFile(filepath.Join(path, "old"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.kill()
	d := mustPrepare(t, h, request("w.1"))
	wantGone(t, filepath.Join(d.Path, "old"))
	mustRelease(t, d)
}

func TestAPathOfADeadWorkerIsFree(t *testing.T) {
	t.Parallel()
	h, r := emptyHost(t), request("w.1")
	r.Path = t.TempDir()
	c := startChild(t, h, r, 0)
	c.expect(t, "got")
	c.kill()
	r.Task = "w.2"
	mustRelease(t, mustPrepare(t, h, r))
}

func TestAFolderThatIsAnotherOneByNowIsNotEmptied(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	h.sudoOnly = true
	r := request("w.1")
	r.Path = filepath.Join(dir, "ramdisk")
	c := mustPrepare(t, h, r)
	if err := os.Rename(r.Path, filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(r.Path, "precious"), 0o755); err != nil {
		t.Fatal(err)
	}
	mustRelease(t, c)
	if _, err := os.Stat(filepath.Join(r.Path, "precious")); err != nil {
		t.Error(err)
	}
}

func TestABusyTmpfsIsDetachedAndThatIsSaid(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	d := mustPrepare(t, h, request("w.1"))
	open, err := os.Open(filepath.Join(d.Path, "block"))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // no patience
	err = d.Release(ctx)
	if mayMount(t) {
		if err == nil || !strings.Contains(err.Error(), "busy") || !strings.Contains(err.Error(), d.Path) {
			t.Errorf("the error is %v, want one that names the busy %s", err, d.Path)
		}
	} else if err != nil {
		t.Error(err)
	}
	wantGone(t, d.Path)
}

// The sudo here is a script that notes what it is asked for and does it: only the password prompt
// of the real one is missing.
func TestSudoIsUsedOnlyWhereItIsPermitted(t *testing.T) {
	h := emptyHost(t)
	h.sudoOnly = true
	bin := t.TempDir()
	log := filepath.Join(bin, "log")
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>" + log + "\nshift 2\nexec \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "sudo"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))

	mustRelease(t, mustPrepare(t, h, request("w.1")))
	wantGone(t, log)

	r := request("w.2")
	r.Sudo = true
	d := mustPrepare(t, h, r)
	isMounted, err := mounted(d.Path)
	if err != nil || isMounted != mayMount(t) {
		t.Errorf("mounted: %v, %v", isMounted, err)
	}
	if !isMounted && !strings.Contains(d.Description, "also not by sudo: sudo -n mount") {
		t.Errorf("%q does not say why", d.Description)
	}
	data, err := os.ReadFile(log)
	if err != nil || !strings.HasPrefix(string(data), "-n -- mount -t tmpfs -o nosuid,nodev,size=4194304,mode=0755,") {
		t.Errorf("sudo was called as %q, %v", data, err)
	}
	mustRelease(t, d)
}

func TestAUserWithoutRootGetsAFolderInMemory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		d, err := Prepare(context.Background(), Request{Size: config.MB, Cluster: "test-as-user", Task: "w.1"})
		if err != nil {
			t.Fatal(err)
		}
		mustRelease(t, d)
		return
	}
	h := emptyHost(t)
	for _, p := range h.bases()[2:] { // those that this user would have
		if err := os.Mkdir(p, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(p, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(p) })
	}
	c := startChild(t, h, request("w.1"), 65534)
	said := c.expect(t, "got")
	if !strings.Contains(said, filepath.Join(h.memory, "c", "w.1")) ||
		!strings.Contains(said, "mounting a tmpfs is not permitted to uid 65534") {
		t.Errorf("the user gets %q", said)
	}
	c.end(t)
}

func TestTheHostsOwnPlaces(t *testing.T) {
	t.Parallel()
	r := Request{Size: config.MB, Cluster: fmt.Sprint("test-of-own-bases-", os.Getpid()), Task: "w.1",
		Sandbox: t.TempDir()}
	d, err := Prepare(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(d.Path, r.Sandbox) || !strings.HasSuffix(d.Path, "/"+r.Cluster+"/w.1") {
		t.Errorf("the disk is %s", d.Path)
	}
	if said := strings.Join(Sweep(context.Background()), "\n"); strings.Contains(said, d.Path) {
		// it may find what others left on this host
		t.Errorf("Sweep takes a live disk: %q", said)
	}
	mustRelease(t, d)
	wantGone(t, filepath.Dir(d.Path))
}

func TestWhatALiveWorkerUsesIsNotReclaimedWhoeverMadeIt(t *testing.T) {
	t.Parallel()
	h, dir, r := emptyHost(t), t.TempDir(), request("w.1")
	t.Cleanup(func() { cleanMounts(t, dir) })
	r.Path = filepath.Join(dir, "ramdisk")
	c := startChild(t, h, r, 0)
	c.expect(t, "got")
	c.kill()
	live := r
	live.Task = "w.2"
	use, err := takeUse(t.Context(), live) // of another user: it did not see our record
	if err != nil {
		t.Fatal(err)
	}
	if said := h.sweep(context.Background()); len(said) > 0 {
		t.Errorf("Sweep says %q", said)
	}
	if _, err := os.Stat(filepath.Join(r.Path, useFile)); err != nil {
		t.Error(err)
	}
	use.Remove()
	if said := h.sweep(context.Background()); len(said) != 1 {
		t.Errorf("once it is free, Sweep says %q", said)
	}
	wantGone(t, r.Path)
}

// The next worker may be of any cluster: the path is what they share.
func TestAPathThatADeadWorkerMadeIsMadeAgainAndStaysWithItsNewOwner(t *testing.T) {
	t.Parallel()
	for _, cluster := range []string{"c", "other"} {
		h, dir, r := emptyHost(t), t.TempDir(), request("w.1")
		t.Cleanup(func() { cleanMounts(t, dir) })
		r.Path = filepath.Join(dir, "operators", "ramdisk")
		c := startChild(t, h, r, 0)
		c.expect(t, "got")
		if err := os.WriteFile(filepath.Join(r.Path, "old"), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		c.kill()

		r.Task, r.Cluster = "w.2", cluster
		d := mustPrepare(t, h, r)
		if strings.Contains(d.Description, "used as it is") {
			t.Errorf("what a dead worker made is taken for the operator's: %s", d.Description)
		}
		wantGone(t, filepath.Join(r.Path, "old"))
		if said := h.sweep(context.Background()); len(said) > 0 {
			t.Errorf("Sweep takes a live disk: %q", said)
		}
		if isMounted, err := mounted(r.Path); err != nil || isMounted != mayMount(t) {
			t.Errorf("mounted: %v, %v", isMounted, err)
		}
		if _, err := os.Stat(filepath.Join(r.Path, "block")); err != nil {
			t.Error(err)
		}
		mustRelease(t, d)
		wantGone(t, filepath.Join(dir, "operators"))
	}
}

// Whoever leaves last removes the empty base folders, which others may be about to use.
func TestWorkersThatComeAndGoAtOnceDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	h.sudoOnly = true
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r := request(fmt.Sprintf("w.%d", i))
			if i%2 == 0 {
				r.Path = filepath.Join(dir, r.Task)
			}
			for range 25 {
				d, err := h.prepare(context.Background(), r)
				if err != nil {
					t.Error(err)
					return
				}
				if err := d.Release(context.Background()); err != nil {
					t.Error(err)
				}
				if said := h.sweep(context.Background()); len(said) > 0 {
					t.Errorf("Sweep says %q", said)
				}
			}
		})
	}
	all.Wait()
}
