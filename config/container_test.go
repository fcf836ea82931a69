package config

import (
	"slices"
	"strings"
	"testing"
)

// inside is a site file for containers without problems and warnings.
const inside = KeyContainerImage + "=alluxio/alluxio:2.9.6\n" + KeyJarURL + "=LOCAL\n" + KeyRootUFS +
	"=hdfs://nn:9000/a\n" + KeyDataDir + "=/var/lib/alluxio\n" + KeyRamdiskPath + "=/mnt/ramdisk\n"

func TestTasksCanRunInContainers(t *testing.T) {
	t.Parallel()
	if s := load(t, conf(t, inside)); s.Container != (Container{"alluxio/alluxio:2.9.6", MesosContainer}) ||
		len(s.Warnings) > 0 {
		t.Errorf("%+v, warnings %q", s.Container, s.Warnings)
	}
	if s := load(t, conf(t, inside+KeyContainerType+"=docker")); s.Container.Type != DockerContainer {
		t.Errorf("%+v", s.Container)
	}
	if s := load(t, conf(t, enough)); s.Container != (Container{}) {
		t.Errorf("without an image: %+v", s.Container)
	}
	for _, image := range []string{"alluxio", "alluxio/alluxio", "registry.example:5000/a/b-c_d:1.0",
		"localhost:5000/alluxio@sha256:" + strings.Repeat("a", 64)} {
		if s := load(t, conf(t, inside+KeyContainerImage+"="+image)); s.Container.Image != image {
			t.Errorf("%+v", s.Container)
		}
	}
}

func TestWhatAContainerContradictsIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ site, want string }{
		"a name with spaces": {inside + KeyContainerImage + "=alluxio alluxio",
			"not the name of an image; write for example alluxio/alluxio:2.9.6"},
		"a URL":           {inside + KeyContainerImage + "=https://registry/alluxio", "not the name of an image"},
		"an unknown type": {inside + KeyContainerType + "=rkt", "write MESOS or DOCKER"},
		"a type without an image": {enough + KeyContainerType + "=DOCKER", "has no effect without an image; set " +
			KeyContainerImage},
		"a tarball of the agent": {inside + KeyJarURL + "=file:///srv/alluxio-2.9.6-bin.tar.gz",
			"a file of the agent is not in the container; serve it by http, or put it into the image and write LOCAL"},
		"a JDK of the agent": {inside + KeyJDKURL + "=file:///srv/jdk.tar.gz",
			KeyJDKURL + ` = "file:///srv/jdk.tar.gz": a file of the agent is not in the container`},
		"a journal in the container": {inside + KeyDataDir + "=",
			"the journal would be inside of the container and lost with it; set " + KeyDataDir},
		"a ramdisk in the container": {inside + KeyRamdiskPath + "=",
			"the ramdisk cannot be made inside of a container; set " + KeyRamdiskPath},
		"sudo in the container": {inside + KeyRamdiskSudo + "=true", "inside of a container nothing can be mounted"},
	} {
		if got := strings.Join(problemsOf(t, conf(t, test.site)), "\n"); !strings.Contains(got, test.want) {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, test.want)
		}
	}
	for name, site := range map[string]string{
		"a shared journal needs no folder": inside + KeyDataDir + "=\n" + KeyJournalFolder + "=hdfs://nn:9000/journal",
		"a volume of Mesos needs no folder": inside + KeyDataDir + "=\n" + KeyMasterVolume + "=10GB\n" + KeyMesosRole +
			"=alluxio",
		"without workers there is no tier": inside + KeyRamdiskPath + "=\n" + KeyWorkerCount + "=0",
		"a tarball may be unpacked inside": inside + KeyJarURL + "=" + jarURL + "\n" + KeyCacheDir + "=/var/cache/alluxio",
		"a JDK tarball is unpacked inside": inside + KeyJDKURL + "=http://host/jdk.tar.gz\n" + KeyCacheDir +
			"=/var/cache/alluxio",
		"the executor can be in the image":   inside + KeyExecutorPath + "=/usr/bin/alluxio-mesos",
		"the journal may be named by itself": inside + KeyDataDir + "=\n" + KeyJournalFolder + "=/var/lib/journal",
	} {
		if got := problemsOf(t, conf(t, site)); got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
	if s := load(t, conf(t, override(inside, KeyJarURL+"="+jarURL))); len(s.Warnings) != 1 ||
		!strings.Contains(s.Warnings[0], "each container fetches its tarballs again: set "+KeyCacheDir) {
		t.Errorf("warnings %q", s.Warnings)
	}
}

func TestOnlyWhatAContainerNeedsOfItsHostIsMounted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ site, master, worker string }{
		"an install in the image": {"", "/var/lib/alluxio", "/mnt/ramdisk"},
		"tarballs share the cache": {KeyJarURL + "=" + jarURL + "\n" + KeyCacheDir + "=/cache",
			"/cache /var/lib/alluxio", "/cache /mnt/ramdisk"},
		"a cache that nothing uses": {KeyCacheDir + "=/cache", "/var/lib/alluxio", "/mnt/ramdisk"},
		"a journal of its own": {KeyJournalFolder + "=file:///journal/", "/journal /var/lib/alluxio",
			"/mnt/ramdisk"},
		"a journal inside of the folder": {KeyJournalFolder + "=/var/lib/alluxio/j", "/var/lib/alluxio", "/mnt/ramdisk"},
		"a journal elsewhere":            {KeyJournalFolder + "=hdfs://nn/j", "/var/lib/alluxio", "/mnt/ramdisk"},
		"a volume holds the journal": {KeyDataDir + "=\n" + KeyMasterVolume + "=10GB\n" + KeyMesosRole + "=alluxio", "",
			"/mnt/ramdisk"},
		"a local under store": {KeyRootUFS + "=/mnt/nfs\n" + KeyWorkerCount + "=1", "/mnt/nfs /var/lib/alluxio",
			"/mnt/nfs /mnt/ramdisk"},
		"the folders of all tiers": {levelTwo + level(1, "/ssd2,/ssd1", "1GB"), "/var/lib/alluxio",
			"/mnt/ramdisk /ssd1 /ssd2"},
	} {
		s := load(t, conf(t, inside+test.site))
		if master, worker := strings.Join(s.HostPaths(Master), " "),
			strings.Join(s.HostPaths(Worker), " "); master != test.master || worker != test.worker {
			t.Errorf("%s: %q and %q", name, master, worker)
		}
		if !slices.IsSorted(s.HostPaths(Master)) {
			t.Errorf("%s: not in order", name)
		}
	}
}
