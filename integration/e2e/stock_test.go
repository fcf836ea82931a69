package e2e

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestStockTarballs runs a release as it is, and packed in other ways, under an agent of root.
func TestStockTarballs(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	flag, sudoCalls := spyOnSudo(tc)
	tc.AddAgent(realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000",
		Flags: []string{flag}})
	release := tc.Release("1.8.1")
	mirror, _ := tc.Mirror(release.Tarball)
	common := []string{
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.kill.grace=2s",
		"alluxio.master.journal.folder=" + filepath.Join(tc.Folder("journals"), "journal"), // formatted once for all
	}
	f := tc.NewFramework("stock", append(common,
		"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
		"alluxio.integration.mesos.alluxio.jar.sha256="+release.SHA256)...)
	f.Serve()

	t.Run("shutdown by Mesos ends every JVM, also one that hangs", func(t *testing.T) { shutDownByMesos(f) })
	t.Run("sudo is not called by root either", func(t *testing.T) {
		if calls := sudoCalls(); calls != "" {
			t.Errorf("sudo was called: %s", calls)
		}
	})
	t.Run("a stock release runs, and no file of it is modified", func(t *testing.T) {
		digest, stock := contentOf(t, release.Tarball)
		if digest != release.SHA256 {
			t.Errorf("the tarball is %s, not the release %s", digest, release.SHA256)
		}
		if used := treeOf(t, filepath.Join(tc.Dir, "cache/alluxio-mesos-cache/entries", digest,
			"tree")); !maps.Equal(used, stock) || len(stock) < 3 {
			t.Errorf("after a run there are\n%v\ninstead of\n%v", used, stock)
		}
	})
	t.Run("a file that a user leaves in the unpacked release is no damage, and stays", func(t *testing.T) {
		beside := tc.NewFramework("beside",
			append(common, "alluxio.integration.mesos.alluxio.jar.url=file://"+release.Tarball)...)
		launchBesideFiles(beside.In(t), release.SHA256)
	})
	for name, top := range map[string]string{"alluxio.tgz": "another-folder", "alluxio.tar": "alluxio-1.8.1",
		"flat.tar": ""} {
		t.Run(fmt.Sprintf("%s with the top folder %q is installed", name, top), func(t *testing.T) {
			packed := filepath.Join(tc.Dir, name)
			tc.Check(repack(release.Tarball, packed, top))
			f := tc.NewFramework(strings.ReplaceAll(name, ".", "-"),
				append(common, "alluxio.integration.mesos.alluxio.jar.url=file://"+packed)...)
			installs(f.In(t))
		})
	}
}

// installs starts f until its master's JVM runs, and ends it.
func installs(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	if out, err := f.Start(f.Cluster.T.Context(), f.Cluster.Master.Addr()); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	f.Await("Alluxio's start", func(s *cluster.Status) bool {
		master := f.Slot(s, "alluxio-master-0")
		if master.LastFailure != nil {
			f.Fatalf("%s", master.LastFailure.Message)
		}
		return master.AlluxioVersion == "1.8.1" && (strings.HasPrefix(master.Phase, "waiting until Alluxio serves") ||
			master.State == "serving")
	})
	if out, err := f.Stop(f.Cluster.T.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

// launchBesideFiles launches the release with the given digest again after its tree got files that
// are not of its tarball.
func launchBesideFiles(f *testcluster.Framework, digest string) {
	tc := f.Cluster
	tc.T.Helper()
	homes, err := filepath.Glob(filepath.Join(tc.Dir, "cache/alluxio-mesos-cache/entries", digest, "tree/*"))
	tc.Check(err)
	if len(homes) != 1 {
		f.Fatalf("the homes are %q", homes)
	}
	store := filepath.Join(homes[0], "underFSStorage")
	tc.Check(os.MkdirAll(store, 0o755))
	tc.Check(os.WriteFile(filepath.Join(store, "mydata"), []byte("precious"), 0o644))
	installs(f)
	if data, err := os.ReadFile(filepath.Join(store, "mydata")); err != nil || string(data) != "precious" {
		tc.T.Errorf("the file holds %q, %v", data, err)
	}
}

// shutDownByMesos ends the framework as an operator of Mesos can, without asking it: agents then
// shut its executors down.
func shutDownByMesos(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	status, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	master, worker := f.JVM(f.Slot(status, "alluxio-master-0")), f.JVM(f.Slot(status, "alluxio-worker-0"))
	pid := f.PID()
	f.Cluster.Check(syscall.Kill(worker, syscall.SIGSTOP))
	response, err := http.PostForm("http://"+f.Cluster.Master.Addr()+"/teardown",
		url.Values{"frameworkId": {status.Framework.ID}})
	f.Cluster.Check(err)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		f.Fatalf("teardown by Mesos: %s", response.Status)
	}
	f.Cluster.Gone(worker)
	f.Cluster.Gone(master)
	f.Cluster.NoMounts()
	f.Cluster.Gone(pid)
	if !strings.Contains(f.Log(), "alluxio-mesos recover --new-framework-id") {
		f.Cluster.T.Errorf("the framework does not say why it has ended:\n%s", f.Log())
	}
	_, err = f.CLI(f.Cluster.T.Context(), "status")
	for _, word := range []string{"the last one ended at 20", "Framework has been removed",
		"alluxio-mesos recover --new-framework-id"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			f.Cluster.T.Errorf("%q is not in the status: %v", word, err)
		}
	}
}

// entries calls each with the name and content of every file and link of a gzipped tar.
func entries(tarball string, each func(*tar.Header, io.Reader) error) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	archive := tar.NewReader(zip)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(header, archive)
		}
		if err != nil {
			return err
		}
	}
}

// contentOf is the sha256 of a tarball and of each file in it.
func contentOf(t *testing.T, tarball string) (digest string, files map[string]string) {
	t.Helper()
	file, err := os.Open(tarball)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	digest = sum(t, file)
	files = map[string]string{}
	err = entries(tarball, func(header *tar.Header, content io.Reader) error {
		if header.Typeflag != tar.TypeDir {
			files[path.Clean(header.Name)] = fmt.Sprintf("%s %v", sum(t, content), header.FileInfo().Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return digest, files
}

// treeOf is the sha256 of each file below dir.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		defer file.Close()
		files[name] = fmt.Sprintf("%s %v", sum(t, file), info.Mode())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sum(t *testing.T, r io.Reader) string {
	t.Helper()
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// repack writes the files of a release to another archive, with another top folder or none; gzipped
// when its name ends in gz.
func repack(tarball, to, top string) (err error) {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := io.Writer(file)
	if strings.HasSuffix(to, "gz") {
		zip, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, zip.Close()) }()
		out = zip
	}
	archive := tar.NewWriter(out)
	err = entries(tarball, func(header *tar.Header, content io.Reader) error {
		_, rest, _ := strings.Cut(header.Name, "/")
		if header.Name = path.Join(top, rest); header.Name == "" {
			return nil // the top folder itself
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(archive, content)
		return err
	})
	return errors.Join(err, archive.Close())
}

func TestThereIsNoNativeLibmesos(t *testing.T) {
	t.Parallel()
	arm := filepath.Join(t.TempDir(), "alluxio-mesos")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", arm, "./cmd/alluxio-mesos")
	build.Dir = clitest.Repository()
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for file, machine := range map[string]elf.Machine{binary: elf.EM_X86_64, arm: elf.EM_AARCH64} {
		program, err := elf.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer program.Close()
		libraries, err := program.ImportedLibraries()
		if program.Machine != machine || len(libraries) > 0 || err != nil && !errors.Is(err, elf.ErrNoSymbols) {
			t.Errorf("%s is for %v and needs %v (%v)", file, program.Machine, libraries, err)
		}
		for _, part := range program.Progs {
			if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
				t.Errorf("the program for %v is not static: it has a segment %v", machine, part.Type)
			}
		}
	}
}
