package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestEveryProblemIsReportedAtOnceWithKeyValueAndPlace(t *testing.T) {
	t.Parallel()
	o := conf(t, strings.Join([]string{
		"# a comment",
		KeyWorkerCPUs + "=-1",
		"alluxio.integration.mesos.worker.cuont=3",
		KeyWorkerMem + "=lots",
		"bad=\\u12",
		KeyMasterRPC + "=70000",
		KeyMasterCount + "=3",
	}, "\n"))
	o.Properties = []string{KeyKillGrace + "=soon"}
	o.MesosMaster = "zk://u:hunter2@zk1:2181"
	want := []string{
		`MESOS_MASTER: "zk://***": there is no path behind the hosts; write zk://host:port,host:port/path, with ` +
			`user:password@ in front of the hosts if its znodes are protected`,
		`--property: alluxio.integration.mesos.kill.grace = "soon": is not a time; write for example 500ms, 30s, 10min, 2h ` +
			`or 14d`,
		`site: alluxio.integration.mesos.alluxio.jar.url: must be set: LOCAL when Alluxio is installed on every agent ` +
			`under alluxio.home, else the URL of a release tarball such as http://host/alluxio-2.9.6-bin.tar.gz`,
		`site:2: alluxio.integration.worker.resource.cpu = "-1": must be over 0.1, which the executor takes, and at most ` +
			`65536; write for example 1 or 0.5`,
		`site:3: alluxio.integration.mesos.worker.cuont: there is no such property; did you mean ` +
			`alluxio.integration.mesos.worker.count?`,
		`site:4: alluxio.integration.worker.resource.mem = "lots": is not a size; write for example 512MB or 2GB`,
		`site:5: bad: a broken \uXXXX: four hexadecimal digits must follow \u; a backslash of the text itself is written \\`,
		`site:6: alluxio.master.rpc.port = "70000": not a port; write 1 to 65535, or 0 for one picked from the offer`,
		`site:7: alluxio.integration.mesos.master.node.count = "3": nothing says how 3 masters elect a leader, and each ` +
			`would lead an Alluxio of its own; write 1, or set alluxio.zookeeper.enabled=true, alluxio.zookeeper.address and ` +
			`a journal folder that every host sees, or in Alluxio 2.x alluxio.master.journal.type=EMBEDDED`,
	}
	got := problemsOf(t, o)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAWrongValueIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"an unknown unit", KeyWorkerMem + "=5XB", `= "5XB": has the unknown unit "XB"; use B, KB`},
		{"a negative size", KeyRamdiskSize + "=-1GB", "is not a size"},
		{"a size that is not a number", KeyCacheSize + "=NaN", "is not a size"},
		{"a size beyond all hosts", KeyCacheSize + "=99999999TB", "is more than any host has"},
		{"a size that overflows", KeyCacheSize + "=1" + strings.Repeat("0", 400), "is not a size"},
		{"no cache at all", KeyCacheSize + "=0", "must be more than nothing"},
		{"a ramdisk under the old name", KeyMemorySize + "=1",
			"site:3: alluxio.worker.memory.size = \"1\": too small for a ramdisk"},
		{"memory that no JVM runs in", KeyMasterMem + "=100MB",
			"the executor takes 32MB, the heap needs at least 64MB and the JVM itself 32MB; write at least 128MB"},
		{"an empty size", KeyMasterMem + "=", "is not a size"},
		{"a value in quotes", KeyMasterMem + "=\"1GB\"", "without quotes"},
		{"a negative time", KeyKillGrace + "=-5s", "is not a time"},
		{"no time", KeyStartTimeout + "=0s", "must be more than nothing"},
		{"a pause that is no hang", KeyHangTimeout + "=4s",
			"too short: a healthy JVM pauses at times, too; write at least 5s"},
		{"an endless time", KeyFailoverTimeout + "=99999999999d", "too long a time"},
		{"zero processors", KeyMasterCPUs + "=0", "must be over 0.1"},
		{"only the executor's processors", KeyMasterCPUs + "=0.1", "must be over 0.1"},
		{"NaN processors", KeyMasterCPUs + "=NaN", "not a number of processors"},
		{"infinite processors", KeyWorkerCPUs + "=Inf", "not a number of processors"},
		{"processors in words", KeyWorkerCPUs + "=two", "not a number of processors"},
		{"a negative count", KeyWorkerCount + "=-1", "write 0 or more, or all"},
		{"a fractional count", KeyWorkerCount + "=1.5", "write 0 or more, or all"},
		{"no masters", KeyMasterCount + "=0", "write 1"},
		{"a port beyond 65535", KeyWorkerWeb + "=65536", "1 to 65535"},
		{"a negative port", KeyWorkerWeb + "=-1", "1 to 65535"},
		{"a port under its old name", keyMasterRPCOld + "=x", "site:3: alluxio.master.port = \"x\": not a port"},
		{"a volume without a role", KeyMasterVolume + "=10GB",
			"site:3: alluxio.integration.master.volume.size = \"10GB\": a persistent volume needs reserved disk, and nothing " +
				"can be reserved for the role *; set alluxio.integration.mesos.role"},
		{"a volume of nothing", KeyMesosRole + "=r\n" + KeyWorkerVolume + "=0", "must be more than nothing"},
		{"a volume and a folder for the journal", KeyMesosRole + "=r\n" + KeyMasterVolume + "=1GB\n" + KeyJournalFolder +
			"=/j", "alluxio.master.journal.folder (site:5) puts it elsewhere; remove one"},
		{"a volume and a folder for data", KeyMesosRole + "=r\n" + KeyMasterVolume + "=1GB\n" + KeyDataDir + "=/d",
			"alluxio.integration.mesos.data.dir (site:5) puts it elsewhere; remove one"},
		{"a volume and a second tier", KeyMesosRole + "=r\n" + KeyWorkerVolume +
			"=1GB\nalluxio.worker.tieredstore.level1.alias=SSD", "level1.alias (site:5) is about that tier as well; remove " +
			"one of the two lines, or name folders on the volume with relative paths"},
		{"a volume and three tiers", KeyMesosRole + "=r\n" + KeyWorkerVolume + "=1GB\nalluxio.worker.tieredstore.levels=3",
			"levels (site:5) is about that tier as well"},
		{"no time to wait for a host", KeyReplaceAfter + "=0", "must be more than nothing"},
		{"no role of Mesos", KeyMesosRole + "=", "a role has a name"},
		{"a role with spaces", KeyMesosRole + "=my role", "a role has no spaces"},
		{"a role that begins with a slash", KeyMesosRole + "=/alluxio", "slashes are between the parts"},
		{"a role that ends with a slash", KeyMesosRole + "=alluxio/", "slashes are between the parts"},
		{"a role with an empty part", KeyMesosRole + "=eng//alluxio", "one at a time; write for example eng/alluxio"},
		{"a role with a dot for a part", KeyMesosRole + "=eng/./alluxio", "no part of a role is '.'"},
		{"a role that leads up", KeyMesosRole + "=..", "no part of a role is '..'"},
		{"a role with a star for a part", KeyMesosRole + "=eng/*", "no part of a role is '*'"},
		{"a role that looks like a flag", KeyMesosRole + "=eng/-alluxio", "no part of a role begins with '-'"},
		{"a misspelt switch", KeyRamdiskSudo + "=yes", "write true or false"},
		{"a misspelt choice", KeyBind + "=all", "write any or agent"},
		{"a misspelt choice of journal", KeyJournalShared + "=maybe", "write auto, true or false"},
		{"a shared journal nowhere", KeyJournalShared + "=true", "but not where; set alluxio.master.journal.folder"},
		{"a journal inside the sandbox", KeyJournalFolder + "=journal", "must be absolute"},
		{"a journal inside the sandbox as a URI", KeyJournalFolder + "=file:journal", "must be absolute"},
		{"a journal inside the release", KeyJournalFolder + "=${alluxio.work.dir}/journal",
			"it refers to ${alluxio.work.dir}, which is not known before Alluxio runs"},
		{"an unknown reference", KeyRamdiskSize + "=${mem}", "it refers to ${mem}"},
		{"references in a circle", KeyRamdiskSize + "=${x}\nx=${x}", "references do not end"},
		{"references that explode",
			KeyRamdiskSize + "=${x}\nx=${y}${y}${y}${y}${y}${y}${y}${y}\ny=${x}${x}${x}${x}${x}${x}${x}${x}",
			"references do not end"},
		{"a relative folder", KeyDataDir + "=data", "must be an absolute path"},
		{"a folder of a tier that is all of the host", KeyRamdiskPath + "=/a,/", "write absolute paths below /"},
		{"a JDK outside its tarball", KeyJDKPath + "=../jdk", "inside the tarball"},
		{"an address without a port", KeyAPIAddress + "=localhost", "not host:port"},
		{"an address with a wrong port", KeyArtifactAddress + "=localhost:http", "not host:port"},
		{"a framework name that is a path", KeyFrameworkName + "=../x", "letters, digits"},
		{"no task name", KeyMasterName + "=", "write a name"},
		{"a user with spaces", KeyUser + "=a b", "one word"},
		{"a host with a port", KeyMasterHost + "=h:1", "without a port"},
		{"a word for a version", KeyVersion + "=latest", "not a version"},
		{"a short digest", KeyJDKSHA256 + "=abc", "64 hexadecimal digits"},
		{"an open quote", KeyWorkerJavaOpts + "=-Da='x", "a quote is not closed"},
		{"a secret on a JVM's command line", KeyWorkerJavaOpts + "=-Xss1m -Daws.secretKey=hunter2",
			`site:3: alluxio.integration.worker.java.opts = "***": it sets aws.secretKey, and every user of the agent can see ` +
				`a JVM's command line`},
		{"a password in a URL on a JVM's command line", KeyMasterJavaOpts + "=-Dproxy=http://u:hunter2@h",
			`"-Dproxy=http://***@h": it sets proxy`},
		{"no JVM option", KeyWorkerJavaOpts + "=Xmx1g", "begins with '-'"},
		{"a word among JVM options", KeyWorkerJavaOpts + "=-Da=b c -Dd=e", `"c" is no JVM option`},
		{"a class path", KeyWorkerJavaOpts + "=-cp /x", `a class path cannot be given (-cp)`},
		{"a class path in one word", KeyWorkerJavaOpts + "=--class-path=/x",
			`a class path cannot be given (--class-path=/x)`},
		{"a class path by its long name", KeyWorkerJavaOpts + "=-Xss1m -classpath /x",
			`a class path cannot be given (-classpath)`},
		{"two garbage collectors", KeyMasterJavaOpts + "=-XX:+UseG1GC -XX:+UseParallelGC",
			"a JVM has one garbage collector, and these are -XX:+UseParallelGC and -XX:+UseG1GC"},
		{"a first heap above the share", KeyMasterJavaOpts + "=-Xms2g",
			"-Xms2g is more than the heap of 793MB, which follows from alluxio.integration.master.resource.mem=1GB"},
		{"a first heap above the largest", KeyWorkerJavaOpts + "=-Xmx256m -XX:InitialHeapSize=300m",
			"-XX:InitialHeapSize=300m is more than -Xmx256m"},
		{"a heap in percent", KeyWorkerJavaOpts + "=-XX:MaxRAMPercentage=50",
			"-XX:MaxRAMPercentage=50 is of the whole host's memory"},
		{"a heap as a fraction", KeyMasterJavaOpts + "=-XX:MaxRAMFraction=2",
			"write -Xmx with a size, or leave the heap to alluxio.integration.master.resource.mem"},
		{"a secret without its principal", KeyPrincipal + "=\n" + KeySecret + "=s", "a secret needs its principal"},
		{"half a character", "a=\\ud83d", "half of a"},
		{"two names for one port", KeyMasterRPC + "=1\n" + keyMasterRPCOld + "=2",
			`site:3: alluxio.master.rpc.port = "1": alluxio.master.port says "2" (site:4), and both name the same thing`},
		{"two names for the ramdisk", KeyRamdiskSize + "=1GB\n" + KeyMemorySize + "=2GB", "keep one line"},
		{"a port used twice", KeyMasterWeb + "=19998",
			"site:3: alluxio.master.web.port = \"19998\": port 19998 is also alluxio.master.rpc.port (its default)"},
		{"a port used twice in the site file", KeyWorkerRPC + "=1\n" + KeyWorkerWeb + "=1", "(site:3)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, conf(t, enough+test.line))
			if len(got) != 1 || !strings.Contains(got[0], test.want) || !strings.HasPrefix(got[0], "site") {
				t.Errorf("%s\ngot  %q\nwant %q", test.line, got, test.want)
			}
		})
	}
}

func TestWhatCannotBeFetchedIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"", "must be set: LOCAL when"},
		{"http://u:hunter2@host/a.zip?sig=hunter2", `"http://***@host/a.zip?***": zip archives are not unpacked`},
		{"http://host/alluxio.jar", "zip archives"},
		{"http://host/alluxio.tar.bz2", "must end in .tar.gz, .tgz or .tar"},
		{"http://host/", "must end in"},
		{"http:///a.tar.gz", "has no host"},
		{"ftp://host/a.tar.gz", "cannot fetch ftp URLs"},
		{"hdfs://nn:9000/a.tar.gz", "cannot fetch hdfs URLs"},
		{"/srv/a.tar.gz", "is file:///path"},
		{"file://srv/a.tar.gz", "absolute path"},
		{"http://host:port/a.tar.gz", "not a URL"},
		{"http://host/a b.tar.gz", "not a URL"},
		{"\"LOCAL\"", "without quotes"},
		{"http://host/alluxio-${alluxio.version}-bin.tar.gz", "it refers to ${alluxio.version}"},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, conf(t, KeyJarURL+"="+test.url))
			if len(got) != 1 || !strings.Contains(got[0], test.want) || strings.Contains(got[0], "hunter2") {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	got := problemsOf(t, conf(t, KeyJarURL+"=LOCAL\nalluxio.home=alluxio"))
	if len(got) != 1 ||
		!strings.Contains(got[0],
			`site:2: alluxio.home = "alluxio": with alluxio.integration.mesos.alluxio.jar.url=LOCAL this must be an absolute `+
				`path`) {
		t.Errorf("a relative home: %q", got)
	}
}

func TestTheMesosMasterIsHostAndPort(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, problem string }{
		{"mesos:5051", "mesos:5051", ""},
		{" a:1 , b ,[::1]:3,[::2]", "a:1,b:5050,[::1]:3,[::2]:5050", ""},
		{"10.0.0.1", "10.0.0.1:5050", ""},
		{"", "", "no Mesos master is given"},
		{"http://mesos:5050/", "", "no http:// in front; write mesos:5050"},
		{"mesos://mesos", "", "no mesos:// in front; write mesos:5050"},
		{"http://mesos:5050/path", "", "write host:port"},
		{"mesos:5050/path", "", "no path behind"},
		{"mesos:5050/", "", "no / behind; write mesos:5050"},
		{"mesos:5050,", "", "an address of the list is empty"},
		{",", "", "an address of the list is empty"},
		{"zk://u:p@a,b:2182/mesos", "zk://***@a:2181,b:2182/mesos", ""},
		{"a:1,,b:2", "", "an address of the list is empty"},
		{"mesos:0", "", "1 to 65535"},
		{"mesos:65536", "", "1 to 65535"},
		{"mesos:x", "", "1 to 65535"},
		{"mesos:", "", "1 to 65535"},
		{":5050", "", "not the address"},
		{"a b:5050", "", "not the address"},
		{"user@mesos:5050", "",
			"no user and password in front; write host:port, and set alluxio.integration.mesos.principal"},
		{"::1", "", "brackets"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			o := conf(t, enough)
			o.MesosMaster = test.text
			if test.problem == "" {
				if got := load(t, o).MesosMaster; got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				return
			}
			got := problemsOf(t, o)
			if len(got) != 1 || !strings.HasPrefix(got[0], "MESOS_MASTER: ") || !strings.Contains(got[0], test.problem) {
				t.Errorf("got  %q\nwant %q", got, test.problem)
			}
		})
	}
	o := conf(t, enough)
	o.MesosMaster, o.NoMesosMaster = "", true
	if got := load(t, o).MesosMaster; got != "" {
		t.Errorf("without a Mesos master: %q", got)
	}
}

func TestNoSecretIsInAnyProblem(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	o := conf(t, enough+strings.Join([]string{
		KeySecret + "=" + secret, KeyPrincipal + "=",
		"alluxio.integration.mesos.secrt=" + secret,
		"alluxio.integration.nothing.like.it=" + secret,
		"aws.secretKey=" + secret + "\\u12",
		"fs.s3a.access.key " + secret + "\\u12",
		KeyJDKURL + "=ftp://user:" + secret + "@host/x.zip?token=" + secret,
	}, "\n"))
	o.Properties = []string{secret, "=" + secret, KeySecret + "=" + secret + "\xff"}
	o.MesosMaster = "x:" + secret + "@mesos:5050"
	got := problemsOf(t, o)
	o.MesosMaster = "http://x:" + secret + "@mesos"
	got = append(got, problemsOf(t, o)...)
	if len(got) < 9 {
		t.Errorf("only %d problems: %q", len(got), got)
	}
	for _, line := range got {
		if strings.Contains(line, secret) {
			t.Errorf("%s", line)
		}
	}
	_, err := Load(o)
	if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, secret) {
		t.Errorf("%s", text)
	}
}

func TestCredentialsAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	for _, key := range []string{KeySecret, "aws.accessKeyId", "aws.secretKey", "fs.s3a.access.key",
		"fs.azure.account.key.x", "alluxio.master.mount.table.root.option.aws.secretKey", "fs.oss.accessKeySecret",
		"some.password", "fs.swift.auth.token", "alluxio.x.credential.file", "PASSWORD"} {
		if !IsCredential(key) {
			t.Errorf("%s is not taken for a credential", key)
		}
	}
	for _, key := range []string{KeyJarURL, KeyPrincipal, "alluxio.worker.memory.size",
		"alluxio.security.authentication.type", "alluxio.keyvalue.enabled"} {
		if IsCredential(key) {
			t.Errorf("%s is taken for a credential", key)
		}
	}
}

func TestAConfFolderThatCannotBeReadIsSaidOnce(t *testing.T) {
	t.Parallel()
	missing := Options{ConfDir: t.TempDir(), MesosMaster: "mesos"}
	if got := problemsOf(t, missing); len(got) != 1 ||
		!strings.Contains(got[0], "site: does not exist; create it, or say with ALLUXIO_CONF_DIR") {
		t.Errorf("a missing site file: %q", got)
	}
	// A folder in the file's place is unreadable for root as well.
	folder := Options{ConfDir: t.TempDir(), MesosMaster: "mesos"}
	if err := os.Mkdir(filepath.Join(folder.ConfDir, SiteFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := problemsOf(t, folder); len(got) != 1 || !strings.Contains(got[0], "site: cannot be read: is a directory") {
		t.Errorf("an unreadable site file: %q", got)
	}
	traveller := conf(t, enough)
	if err := os.Mkdir(filepath.Join(traveller.ConfDir, "core-site.xml"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := problemsOf(t, traveller); len(got) != 1 ||
		!strings.Contains(got[0], "conf/core-site.xml: cannot be read: is a directory") {
		t.Errorf("an unreadable file beside it: %q", got)
	}
	large := conf(t, enough)
	write(t, filepath.Join(large.ConfDir, "hdfs-site.xml"), strings.Repeat("x", maxTravelling+1))
	if got := problemsOf(t, large); len(got) != 1 || !strings.Contains(got[0], "over 160KB") {
		t.Errorf("a file too large to travel: %q", got)
	}
}

func TestAByteOrderMarkHidesNoOtherProblem(t *testing.T) {
	t.Parallel()
	got := problemsOf(t, conf(t, "\xef\xbb\xbf"+enough+KeyWorkerCount+"=many\n"))
	if len(got) != 2 || !strings.HasPrefix(got[0], "site:1: the file begins with a byte order mark") ||
		!strings.HasPrefix(got[1], "site:3: "+KeyWorkerCount) {
		t.Errorf("got %q", got)
	}
}

func TestASiteFileThatIsNoneIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(path string) error
		want string
	}{
		"a byte order mark": {written("\xef\xbb\xbf" + enough), ":1: the file begins with a byte order mark"},
		"UTF-16":            {written("\xff\xfea\x00"), ":1: the file is UTF-16"},
		"a large file":      {written(enough + strings.Repeat("#", maxFile)), "cannot be read: it is larger than 4MB"},
		"a pipe": {func(path string) error {
			return syscall.Mkfifo(path, 0o600)
		}, "cannot be read: it is no regular file"},
		"an endless device": {func(path string) error {
			return os.Symlink("/dev/zero", path)
		}, "cannot be read: it is no regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{ConfDir: t.TempDir(), MesosMaster: "mesos"}
			if err := test.make(filepath.Join(o.ConfDir, SiteFile)); err != nil {
				t.Fatal(err)
			}
			if got := problemsOf(t, o); len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// written makes a file with a text.
func written(text string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o600) }
}
