package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// conf writes a conf folder and returns the Options for it.
func conf(t *testing.T, site string) Options {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "conf")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, SiteFile), site)
	return Options{ConfDir: dir, LogsDir: "/logs", StateDir: "/state", MesosMaster: "mesos.example.com:5050"}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

const jarURL = "https://host/files/alluxio-2.9.6-bin.tar.gz"

// enough is a site file without problems and warnings.
const enough = KeyJarURL + "=" + jarURL + "\n" + KeyRootUFS + "=hdfs://nn:9000/a\n"

// override appends site to base, in which the lines of the same properties become empty: they keep
// their numbers.
func override(base, site string) string {
	lines := strings.Split(base, "\n")
	for i, line := range lines {
		key, _, _ := strings.Cut(line, "=")
		if key != "" && strings.Contains("\n"+site, "\n"+key+"=") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n") + site
}

func load(t *testing.T, o Options) *Settings {
	t.Helper()
	s, err := Load(o)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

// problemsOf loads and returns what is wrong, with "site:" for the path of the site file.
func problemsOf(t *testing.T, o Options) []string {
	t.Helper()
	s, err := Load(o)
	if err == nil {
		return nil
	}
	var problems Problems
	if s != nil || !errors.As(err, &problems) {
		t.Fatalf("Load returned %v and an error of type %T", s, err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(problems) {
		t.Errorf("%d problems in %d lines:\n%v", len(problems), len(lines), err)
	}
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], filepath.Join(o.ConfDir, SiteFile), "site")
		lines[i] = strings.ReplaceAll(lines[i], o.ConfDir, "conf")
	}
	return lines
}

func TestAFlagWinsOverTheSiteFileAndTheSiteFileOverTheDefault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, site string
		flags      []string
		want       int
	}{
		{"the default counts when nothing is written", "", nil, AllHosts},
		{"the site file wins over the default", KeyWorkerCount + "=3", nil, 3},
		{"the last line of the site file wins", KeyWorkerCount + "=3\n" + KeyWorkerCount + "=4", nil, 4},
		{"a flag wins over the default", "", []string{KeyWorkerCount + "=5"}, 5},
		{"a flag wins over the site file", KeyWorkerCount + "=3", []string{KeyWorkerCount + "=5"}, 5},
		{"the last flag wins", KeyWorkerCount + "=3", []string{KeyWorkerCount + "=5", KeyWorkerCount + "=6"}, 6},
		{"white space around a value does not count", KeyWorkerCount + "= 7  \n", nil, 7},
		{"a flag wins over a value that is wrong", KeyWorkerCount + "=nonsense", []string{KeyWorkerCount + "=8"}, 8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := conf(t, enough+test.site)
			o.Properties = test.flags
			if got := load(t, o).Worker.Count; got != test.want {
				t.Errorf("worker.count is %d, want %d", got, test.want)
			}
		})
	}
}

func TestAFlagWinsOverTheSiteFileUnderEitherNameOfAProperty(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{KeyRamdiskSize, KeyMemorySize}, {KeyMemorySize, KeyRamdiskSize},
		{KeyMemorySize, KeyMemorySize}} {
		o := conf(t, enough+"first=1\n"+names[0]+"=1GB\nlast=2\n")
		o.Properties = []string{names[1] + "=2GB"}
		s := load(t, o)
		var seen []string // by Alluxio
		for _, p := range s.Site {
			seen = append(seen, p.Key+"="+p.Value)
		}
		want := []string{KeyRootUFS + "=hdfs://nn:9000/a", "first=1", "last=2", names[1] + "=2GB"}
		if names[0] == names[1] { // it keeps its place
			want[2], want[3] = want[3], want[2]
		}
		if s.Ramdisk.Size != 2*GB || !slices.Equal(seen, want) {
			t.Errorf("%s, then the flag %s: %s, and Alluxio sees %q", names[0], names[1], s.Ramdisk.Size, seen)
		}
	}
	// Of two flags neither is the more important one.
	o := conf(t, enough)
	o.Properties = []string{KeyRamdiskSize + "=1GB", KeyMemorySize + "=2GB"}
	if got := problemsOf(t, o); len(got) != 1 || !strings.Contains(got[0], "both name the same thing") {
		t.Errorf("two flags that contradict each other: %q", got)
	}
}

func TestASiteFileWithTheJarURLAloneGetsTheDefaultsThatUsersKnow(t *testing.T) {
	t.Parallel()
	s := load(t, conf(t, enough))
	if len(s.Warnings) > 0 {
		t.Errorf("warnings: %q", s.Warnings)
	}
	checks := map[string]bool{
		"framework": s.Name == "alluxio" && s.User == "" && s.MesosRole == "*" && s.Principal == "alluxio" &&
			!s.Secret.IsSet() && s.FailoverTimeout == 14*24*time.Hour,
		"master": s.Master.Name == "AlluxioMaster" && s.Master.Count == 1 && s.Master.CPUs == 1 &&
			s.Master.Mem == 1024*MB && s.Master.Host == "" && s.Master.JavaOpts == nil,
		"worker": s.Worker.Name == "AlluxioWorker" && s.Worker.Count == AllHosts && s.Worker.CPUs == 1 &&
			s.Worker.Mem == 1024*MB,
		"ramdisk": s.Ramdisk == Ramdisk{Size: GB},
		"journal": s.Journal == Journal{},
		"install": s.Install == Install{Home: "/opt/alluxio", Alluxio: Archive{URL: jarURL}, Version: "2.9.6",
			JDKPath: "jdk1.8.0_151", CacheSize: 10 * GB},
		"times": s.KillGrace == 30*time.Second && s.StartTimeout == 10*time.Minute && s.HangTimeout == 75*time.Second,
		"bind":  s.Bind == BindAny,
		"addresses": s.MesosMaster == "mesos.example.com:5050" && s.APIAddress == "127.0.0.1:0" &&
			s.ArtifactAddress == ":0" && s.ExecutorPath == "",
		"folders":    s.LogsDir == "/logs" && s.StateDir == "/state" && filepath.Base(s.ConfDir) == "conf",
		"properties": len(s.Site) == 1 && s.Site[0].Key == KeyRootUFS,
	}
	for what, ok := range checks {
		if !ok {
			t.Errorf("%s differs: %+v", what, s)
		}
	}
}

func TestEveryPropertyOfTheFrameworkReachesItsSetting(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("0aF9", 16)
	o := conf(t, strings.Join([]string{
		KeyJarURL + "=file:///srv/a.tgz", KeyJarSHA256 + "=" + digest, KeyVersion + "=1.8.1",
		KeyJDKURL + "=https://host/jdk.tar", KeyJDKSHA256 + "=" + digest,
		KeyJDKPath + "=jdk-17/", KeyCacheDir + "=/cache", KeyCacheSize + "=1.5TB", KeyFrameworkName + "=a-1",
		KeyUser + "=alluxio", KeyPrincipal + "=p",
		KeySecret + "= s ${x} ", KeyFailoverTimeout + "=1h30m", KeyMasterName + "=The master", KeyMasterCount + "=1",
		KeyMasterHost + "=h1",
		KeyMasterCPUs + "=0.5", KeyMasterMem + "=2g", KeyMasterJavaOpts + "=-Xss1m  '-Da=b c'", KeyWorkerName + "=W",
		KeyWorkerCount + "=0", KeyWorkerCPUs + "=1.25",
		KeyWorkerMem + "=128MB", KeyWorkerJavaOpts + "=--add-opens java.base/x=ALL-UNNAMED", KeyMemorySize + "=256MB",
		KeyRamdiskPath + "=/mnt/ram",
		KeyRamdiskSudo + "=true", KeyJournalFolder + "=${where}/journal", "where=hdfs://nn:9000", KeyDataDir + "=/data/",
		KeyBind + "=agent",
		KeyGPUAgents + "=true", KeyKillGrace + "=1000", KeyStartTimeout + "=2 MIN",
		KeyExecutorPath + "=/usr/bin/alluxio-mesos", KeyArtifactAddress + "=10.0.0.5:9000",
		KeyAPIAddress + "=[::1]:8080", KeyStateDir + "=/var/state", "alluxio.integration.yarn.workers.per.host.max=1",
	}, "\n"))
	o.LoseJournal = true
	s := load(t, o)
	lower := strings.ToLower(digest)
	checks := map[string]bool{
		"framework": s.Name == "a-1" && s.User == "alluxio" && s.Principal == "p" && s.Secret.Reveal() == "s ${x} " &&
			s.FailoverTimeout == 90*time.Minute && s.GPUAgents,
		"master": s.Master.Name == "The master" && s.Master.CPUs == 0.5 && s.Master.Mem == 2*GB && s.Master.Host == "h1" &&
			slices.Equal(s.Master.JavaOpts, []string{"-Xss1m", "-Da=b c"}),
		"worker": s.Worker.Name == "W" && s.Worker.Count == 0 && s.Worker.CPUs == 1.25 && s.Worker.Mem == 128*MB &&
			len(s.Worker.JavaOpts) == 2,
		"ramdisk": s.Ramdisk == Ramdisk{Size: 256 * MB, Path: "/mnt/ram", Sudo: true},
		"journal": s.Journal == Journal{Folder: "hdfs://nn:9000/journal", Shared: true, DataDir: "/data", AllowLoss: true},
		"install": s.Install == Install{Home: "/opt/alluxio", Alluxio: Archive{"file:///srv/a.tgz", lower}, Version: "1.8.1",
			JDK: Archive{"https://host/jdk.tar", lower}, JDKPath: "jdk-17", JDKPathSet: true, CacheDir: "/cache",
			CacheSize: 3 * TB / 2},
		"rest": s.Bind == BindAgent && s.KillGrace == time.Second && s.StartTimeout == 2*time.Minute &&
			s.ExecutorPath == "/usr/bin/alluxio-mesos" &&
			s.ArtifactAddress == "10.0.0.5:9000" && s.APIAddress == "[::1]:8080" && s.StateDir == "/var/state",
	}
	for what, ok := range checks {
		if !ok {
			t.Errorf("%s differs: %+v", what, s)
		}
	}
	for _, k := range Keys {
		if !strings.Contains(k.Doc, ".") || k.Source == "" || k.Kind == "" || (k.Default == "") == (k.Unset == "") {
			t.Errorf("%s is not documented: %+v", k.Name, k)
		}
	}
}

func TestWhatIsNotOursReachesAlluxioAsWrittenAndInOrder(t *testing.T) {
	t.Parallel()
	o := conf(t, enough+"b=${alluxio.home}/x\\ty\nalluxio.integration.mesos.user=u\na=1 \nb = second  \nempty\n"+
		KeyMasterWeb+"=1234\n")
	o.Properties = []string{"z=from the flag\\n", "a=2"}
	var got []string
	for _, p := range load(t, o).Site {
		got = append(got, p.Key+"="+p.Value+"@"+strings.TrimPrefix(p.Source, filepath.Join(o.ConfDir, SiteFile)))
	}
	want := []string{KeyRootUFS + "=hdfs://nn:9000/a@:2", "b=second  @:6", "a=2@--property", "empty=@:7",
		KeyMasterWeb + "=1234@:8", `z=from the flag\n@--property`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if v, ok := load(t, o).SiteValue("a"); !ok || v != "2" {
		t.Errorf("SiteValue(a) = %q, %v", v, ok)
	}
}

func TestTheSecondArgumentPinsTheMasterOverTheProperty(t *testing.T) {
	t.Parallel()
	o := conf(t, enough+KeyMasterHost+"=h1")
	o.MasterHost = "h2"
	if got := load(t, o).Master.Host; got != "h2" {
		t.Errorf("the master is pinned to %q", got)
	}
}

func TestTheStateFolderIsFoundEvenWhenTheSiteFileIsBroken(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, site, want, err string }{
		{"the default", "", "/state", ""},
		{"a property", KeyStateDir + "=/var/x", "/var/x", ""},
		{"a property beside broken lines", "a=\\u12\n" + KeyStateDir + "=/var/x\nalluxio.integration.nonsense=1\n" +
			KeyWorkerCount + "=-1", "/var/x", ""},
		{"a folder that is wrong itself", KeyStateDir + "=x", "", "must be an absolute path"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := LoadStateDir(conf(t, test.site))
			if got != test.want || (err != nil) != (test.err != "") || (err != nil && !strings.Contains(err.Error(), test.err)) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if got, err := LoadStateDir(Options{ConfDir: t.TempDir(), StateDir: "/state"}); got != "/state" || err != nil {
		t.Errorf("without a site file: %q, %v", got, err)
	}
}

func TestFoldersFollowTheEnvironmentElseTheScript(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		env               map[string]string
		conf, logs, state string
	}{
		{"the script's place", nil, "/opt/a/conf", "/opt/a/logs", "/opt/a/mesos-state"},
		{"ALLUXIO_HOME", map[string]string{"ALLUXIO_HOME": "/h"}, "/h/conf", "/h/logs", "/h/mesos-state"},
		{"ALLUXIO_CONF_DIR over ALLUXIO_HOME", map[string]string{"ALLUXIO_HOME": "/h", "ALLUXIO_CONF_DIR": "/etc/alluxio/"},
			"/etc/alluxio", "/etc/logs", "/etc/mesos-state"},
		{"ALLUXIO_LOGS_DIR", map[string]string{"ALLUXIO_LOGS_DIR": "/var/log/alluxio/"}, "/opt/a/conf", "/var/log/alluxio",
			"/opt/a/mesos-state"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, l, s := Locate(func(name string) string { return test.env[name] }, "/opt/a/integration/mesos/bin")
			if c != test.conf || l != test.logs || s != test.state {
				t.Errorf("got %s, %s, %s", c, l, s)
			}
		})
	}
}

// TestTheFolderOfTheJDKThatIsNamed is the only one that serves; to leave it empty, or to write ".",
// names none.
func TestTheFolderOfTheJDKThatIsNamed(t *testing.T) {
	t.Parallel()
	for line, named := range map[string]bool{"": false, KeyJDKPath + "=": false, KeyJDKPath + "=.": false,
		KeyJDKPath + "=jdk1.8.0_151": true} {
		if in := load(t, conf(t, enough+line)).Install; in.JDKPathSet != named {
			t.Errorf("%q: %+v", line, in)
		}
	}
}

// TestAFileOfOptionsMaySayHowLargeTheHeapIs: what is in it is known on the agents only.
func TestAFileOfOptionsMaySayHowLargeTheHeapIs(t *testing.T) {
	t.Parallel()
	if opts := load(t, conf(t, enough+KeyMasterJavaOpts+"=@/etc/jvm.options -Xms900g")).Master.JavaOpts; len(opts) != 2 {
		t.Errorf("options %q", opts)
	}
}
