package config

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPortsFollowTheVersionAndTheSiteFile(t *testing.T) {
	t.Parallel()
	local := KeyJarURL + "=LOCAL\n"
	tests := []struct{ name, site, master, worker string }{
		{"1.x has five ports", KeyVersion + "=1.8.1\n" + local,
			"alluxio.master.port=19998 alluxio.master.web.port=19999",
			"alluxio.worker.port=29998 alluxio.worker.data.port=29999 alluxio.worker.web.port=30000"},
		{"2.x has one worker port for everything", KeyJarURL + "=http://h/alluxio-2.9.6-bin.tar.gz",
			"alluxio.master.rpc.port=19998 alluxio.master.web.port=19999",
			"alluxio.worker.rpc.port=29999 alluxio.worker.web.port=30000"},
		{"an unknown version claims the union", local,
			"alluxio.master.port=19998 alluxio.master.web.port=19999",
			"alluxio.worker.port=29998 alluxio.worker.data.port=29999 alluxio.worker.web.port=30000"},
		{"a port that only 2.x has says that it is 2.x", local + KeyWorkerRPC + "=5",
			"alluxio.master.rpc.port=19998 alluxio.master.web.port=19999",
			"alluxio.worker.rpc.port=5 alluxio.worker.web.port=30000"},
		{"a port that only 1.x has says that it is 1.x", local + KeyWorkerData + "=5",
			"alluxio.master.port=19998 alluxio.master.web.port=19999",
			"alluxio.worker.port=29998 alluxio.worker.data.port=5 alluxio.worker.web.port=30000"},
		{"2.x knows the old names", KeyVersion + "=2.9.6\n" + local + keyMasterRPCOld + "=1\n" + keyWorkerRPCOld + "=2\n" +
			KeyWorkerData + "=3",
			"alluxio.master.port=1 alluxio.master.web.port=19999", "alluxio.worker.port=2 alluxio.worker.web.port=30000"},
		{"one site file for 1.x and 2.x keeps its names", KeyVersion + "=1.8.1\n" + local + KeyMasterRPC + "=1\n" +
			KeyWorkerRPC + "=2",
			"alluxio.master.rpc.port=1 alluxio.master.web.port=19999",
			"alluxio.worker.rpc.port=2 alluxio.worker.data.port=29999 alluxio.worker.web.port=30000"},
		{"0 is picked from the offer, as often as wanted", KeyVersion + "=1.8.1\n" + local + KeyMasterWeb + "=0\n" +
			keyMasterRPCOld + "=0",
			"alluxio.master.port=0 alluxio.master.web.port=0",
			"alluxio.worker.port=29998 alluxio.worker.data.port=29999 alluxio.worker.web.port=30000"},
		{"both names with one value are one port", KeyVersion + "=2.9.6\n" + local + KeyMasterRPC + "=7\n" + keyMasterRPCOld +
			"=7",
			"alluxio.master.rpc.port=7 alluxio.master.web.port=19999",
			"alluxio.worker.rpc.port=29999 alluxio.worker.web.port=30000"},
		{"the embedded journal has a port", KeyVersion + "=2.9.6\n" + local + KeyJournalType + "=EMBEDDED",
			"alluxio.master.rpc.port=19998 alluxio.master.web.port=19999 alluxio.master.embedded.journal.port=19200",
			"alluxio.worker.rpc.port=29999 alluxio.worker.web.port=30000"},
	}
	text := func(ports []Port) string {
		var words []string
		for _, p := range ports {
			words = append(words, fmt.Sprintf("%s=%d", p.Key, p.Number))
		}
		return strings.Join(words, " ")
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := load(t, conf(t, test.site))
			if got := text(s.Of(Master).Ports); got != test.master {
				t.Errorf("master %s, want %s", got, test.master)
			}
			if got := text(s.Of(Worker).Ports); got != test.worker {
				t.Errorf("worker %s, want %s", got, test.worker)
			}
		})
	}
}

func TestTheVersionIsThePropertyElseWhatTheNamesSay(t *testing.T) {
	t.Parallel()
	tests := []struct{ site, want string }{
		{KeyJarURL + "=http://h/alluxio-1.8.1-hadoop-2.8-bin.tar.gz?v=3.3.3", "1.8.1"},
		{KeyJarURL + "=http://h/2.9.6/alluxio-1.4.0-bin.tgz", "1.4.0"},
		{KeyJarURL + "=http://h/alluxio-2.10.0-SNAPSHOT-bin.tar", "2.10.0-SNAPSHOT"},
		{KeyJarURL + "=http://h/alluxio.tar", ""},
		{KeyJarURL + "=http://h/alluxio-1.4.0.tar\n" + KeyVersion + "=2.9.6", "2.9.6"},
		{KeyJarURL + "=local\nalluxio.home=/opt/alluxio-1.5.0/", "1.5.0"},
		{KeyJarURL + "=LOCAL\nalluxio.home=/opt/1.5.0/alluxio", ""},
		{KeyJarURL + "=LOCAL", ""},
		{KeyJarURL + "=http://h/${v}.tar.gz\nv=alluxio-2.9.5", "2.9.5"},
	}
	for _, test := range tests {
		t.Run(test.site, func(t *testing.T) {
			t.Parallel()
			if got := load(t, conf(t, test.site)).Install.Version; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAJournalIsSharedWhenItsFolderIsAURIOrAPropertySaysSo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		site string
		want bool
	}{
		{"", false},
		{KeyJournalFolder + "=/var/journal", false},
		{KeyJournalFolder + "=file:///var/journal", false},
		{KeyJournalFolder + "=file:/var/journal/", false},
		{KeyJournalFolder + "=hdfs://a:8020,b:8020/journal", true},
		{KeyJournalFolder + "=s3a://bucket/journal", true},
		{KeyJournalFolder + "=/nfs/journal\n" + KeyJournalShared + "=true", true},
		{KeyDataDir + "=/nfs\n" + KeyJournalShared + "=TRUE", true},
		{KeyJournalFolder + "=hdfs://nn/journal\n" + KeyJournalShared + "=false", false},
	}
	for _, test := range tests {
		t.Run(test.site, func(t *testing.T) {
			t.Parallel()
			if got := load(t, conf(t, enough+test.site)).Journal.Shared; got != test.want {
				t.Errorf("shared is %v", got)
			}
		})
	}
}

func TestWarningsNameTheLineAndAHint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, site string
		want       []string
	}{
		{"nothing to warn about", "", nil},
		{"a host name", "alluxio.master.hostname=h",
			[]string{"alluxio.master.hostname (site:3) is set by placement", KeyMasterHost}},
		{"a home with a tarball", "alluxio.home=/x", []string{"alluxio.home (site:3)", "LOCAL only"}},
		{"a home with LOCAL is not worth a word", KeyJarURL + "=LOCAL\nalluxio.home=/x", nil},
		{"a log folder", "alluxio.logs.dir=/x", []string{"alluxio.logs.dir (site:3)", "sandbox"}},
		{"a bind host that is left alone", "alluxio.worker.bind.host=0.0.0.0", nil},
		{"a bind host that is set", "alluxio.worker.bind.host=0.0.0.0\n" + KeyBind + "=agent",
			[]string{"alluxio.worker.bind.host (site:3) is set by alluxio.integration.mesos.bind=agent"}},
		{"a local under store", KeyRootUFS + "=/tmp/u",
			[]string{"DATA WILL BE LOST", "a local folder (alluxio.master.mount.table.root.ufs, site:3)",
				KeyWorkerCount + "=1"}},
		{"a local under store of one worker", KeyRootUFS + "=/tmp/u\n" + KeyWorkerCount + "=1", nil},
		{"a local under store of two workers", KeyRootUFS + "=file:///tmp/u\n" + KeyWorkerCount + "=2",
			[]string{"DATA WILL BE LOST"}},
		{"an under store in a tarball's home", KeyRootUFS + "=${alluxio.work.dir}/u",
			[]string{"inside Alluxio's home (alluxio.master.mount.table.root.ufs, site:3) where its tarball is unpacked",
				"A new cluster is not started"}},
		{"an under store in a tarball's home by way of another property",
			KeyRootUFS + "=file://${base}/u\nbase=${alluxio.home}/..", []string{"inside Alluxio's home"}},
		{"an under store in a tarball's home of one worker",
			KeyWorkerCount + "=1\n" + KeyRootUFS + "=${base}/u\nbase=${alluxio.home}",
			[]string{"inside Alluxio's home", "A new cluster"}},
		{"an under store in the cache of tarballs", KeyWorkerCount + "=1\n" + KeyCacheDir + "=/c\n" + KeyRootUFS +
			"=/c/alluxio-mesos-cache/entries/x/tree", []string{"inside Alluxio's home"}},
		{"an under store beside the cache of tarballs", KeyWorkerCount + "=1\n" + KeyCacheDir + "=/c\n" + KeyRootUFS +
			"=/c/store", nil},
		{"no under store with a tarball", KeyWorkerCount + "=1\n" + KeyRootUFS + "=",
			[]string{"alluxio.master.mount.table.root.ufs is not set", "A new cluster is not started"}},
		{"no under store with LOCAL", KeyJarURL + "=LOCAL\n" + KeyWorkerCount + "=1\n" + KeyRootUFS + "=",
			[]string{"alluxio.master.mount.table.root.ufs is not set", "goes with this installation"}},
		{"an under store in the home of LOCAL", KeyJarURL + "=LOCAL\nalluxio.home=/opt/a\n" + KeyWorkerCount + "=1\n" +
			KeyRootUFS + "=/opt/a/u", []string{"goes with this installation", "set alluxio.master.mount.table.root.ufs to"}},
		{"an under store beside the home of LOCAL", KeyJarURL + "=LOCAL\nalluxio.home=/opt/a\n" + KeyWorkerCount + "=1\n" +
			KeyRootUFS + "=/opt/alluxio/u", nil},
		{"an under store behind a reference", KeyRootUFS + "=${u}/x\nu=s3://bucket", nil},
		{"1.x reads the old name", KeyVersion + "=1.8.1",
			[]string{"DATA WILL BE LOST", "alluxio.underfs.address is not set", "set alluxio.underfs.address to"}},
		{"1.x with the old name", KeyVersion + "=1.8.1\n" + KeyUnderFSAddress + "=hdfs://nn/x", nil},
		{"a master and a worker on one port", KeyWorkerWeb + "=19999",
			[]string{"alluxio.master.web.port and alluxio.worker.web.port are both 19999", "no worker will run"}},
		{"a digest of nothing", KeyJDKSHA256 + "=" + strings.Repeat("a", 64),
			[]string{"has no effect with alluxio.integration.mesos.jdk.url=LOCAL"}},
		{"a tarball by plain http", KeyJarURL + "=http://host/alluxio-2.9.6-bin.tar.gz",
			[]string{KeyJarURL + " (site:3) is fetched by plain http without a digest", "set " + KeyJarSHA256 + " to"}},
		{"a JDK by plain http", KeyJDKURL + "=HTTP://host/jdk.tgz",
			[]string{KeyJDKURL + " (site:3) is fetched by plain http", "set " + KeyJDKSHA256 + " to"}},
		{"a tarball by plain http with a digest", KeyJDKURL + "=http://host/jdk.tgz\n" + KeyJDKSHA256 + "=" +
			strings.Repeat("a", 64), nil},
		{"a tarball by https", KeyJDKURL + "=https://host/jdk.tgz", nil},
		{"a tarball by plain http from the host itself", KeyJDKURL + "=http://127.0.0.1:8080/jdk.tgz", nil},
		{"a time without a unit", KeyKillGrace + "=30",
			[]string{KeyKillGrace + " = 30 (site:3) has no unit and means milliseconds", "write 30s or 30ms"}},
		{"a property with two values", "alluxio.user.x=1\nalluxio.user.x=2",
			[]string{`alluxio.user.x is set to "1" (site:3) and to "2" (site:4); the last line counts`}},
		{"a property twice with one value", "alluxio.user.x=1\nalluxio.user.x=1", nil},
		{"a secret with two values", "aws.secretKey=hunter2\naws.secretKey=hunter22",
			[]string{`aws.secretKey is set to "***" (site:3) and to "***" (site:4)`}},
		{"a misspelt property of Alluxio 2.x", "alluxio.user.file.writetype.defualt=THROUGH",
			[]string{"alluxio.user.file.writetype.defualt (site:3) is passed on",
				"did you mean alluxio.user.file.writetype.default?"}},
		{"a misspelt property of Alluxio 1.x", "alluxio.user.block.size.byte.default=64MB",
			[]string{"did you mean alluxio.user.block.size.bytes.default?"}},
		{"a misspelt namespace", "aluxio.worker.tieredstore.levels=1",
			[]string{"did you mean alluxio.worker.tieredstore.levels?"}},
		{"a property with a name of the user's in it", "alluxio.master.mount.table.data.ufs=hdfs://nn/d", nil},
		{"a property of nobody", "alluxio.user.x=1\nfs.s4a.endpoint.name=x\nalluxio.my.company.marker=1", nil},
		{"secrets that Alluxio masks",
			"s3a.secretKey=hunter2\naws.accessKeyId=hunter2\nalluxio.master.mount.table.root.option.aws.secretKey=hunter2", nil},
		{"secrets that Alluxio shows",
			"fs.s3a.secret.key=hunter2\nalluxio.network.tls.keystore.password=hunter2\n" +
				"alluxio.master.mount.table.root.option.my.secret=hunter2",
			[]string{"Alluxio 2.9.6 shows the value of fs.s3a.secret.key (site:3), " +
				"alluxio.network.tls.keystore.password (site:4), alluxio.master.mount.table.root.option.my.secret " +
				"(site:5) to everyone", "core-site.xml"}},
		{"options of mounts are shown by 1.x", KeyVersion + "=1.8.1\n" + KeyUnderFSAddress +
			"=hdfs://nn/a\nfs.azure.account.key.x.blob.core.windows.net=hunter2\n" +
			"alluxio.master.mount.table.root.option.aws.secretKey=hunter2",
			[]string{"Alluxio 1.8.1 shows the value of alluxio.master.mount.table.root.option.aws.secretKey " +
				"(site:6) to"}},
		{"a secret that only later versions mask", KeyVersion + "=2.3.0\ns3a.secretKey=hunter2",
			[]string{"Alluxio 2.3.0 shows the value of s3a.secretKey (site:4)"}},
		{"a misspelt prefix", "alluxio.intergration.mesos.role=*",
			[]string{"alluxio.intergration.mesos.role (site:3) is passed on", "did you mean " + KeyMesosRole}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := conf(t, override(enough, test.site))
			warnings := load(t, o).Warnings
			all := strings.ReplaceAll(strings.Join(warnings, "\n"), filepath.Join(o.ConfDir, SiteFile), "site")
			if (len(test.want) == 0) != (len(warnings) == 0) || len(warnings) > 1 || strings.Contains(all, "hunter2") {
				t.Errorf("got %q", all)
			}
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("got %q, want %q in it", all, want)
				}
			}
		})
	}
}

func TestFilesBesideTheSiteFileTravelAndTheEnvironmentScriptDoesNot(t *testing.T) {
	t.Parallel()
	o := conf(t, enough)
	for _, name := range []string{"log4j.properties", "hdfs-site.xml", "alluxio-env.sh", "unknown.xml"} {
		write(t, filepath.Join(o.ConfDir, name), "content of "+name)
	}
	s := load(t, o)
	var names []string
	for _, f := range s.Files {
		names = append(names, f.Name)
		if string(f.Data) != "content of "+f.Name {
			t.Errorf("%s holds %q", f.Name, f.Data)
		}
	}
	if !slices.Equal(names, []string{"log4j.properties", "hdfs-site.xml"}) {
		t.Errorf("travelling: %q", names)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "alluxio-env.sh is not run") ||
		!strings.Contains(s.Warnings[0], KeyWorkerJavaOpts) {
		t.Errorf("warnings %q", s.Warnings)
	}
}

func TestSizesAreReadAsAlluxioReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Bytes{"0": 0, "1024": KB, "1b": 1, "2KB": 2 * KB, "2k": 2 * KB,
		"1.5MB": 3 * MB / 2, "1gb": GB, " 3 TB ": 3 * TB, "1P": PB, ".5g": GB / 2, "1.": 1, "16.GB": 16 * GB,
		"1GiB": GB, "2 mib": 2 * MB, "1023PB": 1023 * PB} {
		if got, err := ParseBytes(text); got != want || err != nil {
			t.Errorf("ParseBytes(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "GB", "-1", "+1", "1e3", "0x10", "1_000", "NaN", "Inf", "1XB", "1KBKB", "1 2",
		".", "1025PB", "1,5GB", "1iB", "1GiBB"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]bool{"16GB": true, "1.5g": true, "100": true, " 2kb ": true, "16 GB": false,
		"16.GB": false, ".5GB": false, "1GiB": false} {
		if AlluxioReadsSize(text) != want {
			t.Errorf("AlluxioReadsSize(%q) = %v", text, !want)
		}
	}
	for size, want := range map[Bytes]string{0: "0B", 100: "100B", GB: "1GB", 1536 * MB: "1536MB", PB: "1PB",
		1 << 40: "1TB"} {
		if got := size.String(); got != want {
			t.Errorf("%d is %q, want %q", int64(size), got, want)
		}
	}
}

func TestTimesAreReadAsAlluxioAndGoReadThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"500": 500 * time.Millisecond, "5ms": 5 * time.Millisecond,
		"5S": 5 * time.Second, "5sec": 5 * time.Second, "5m": 5 * time.Minute, "5min": 5 * time.Minute,
		"2 h": 2 * time.Hour, "2hr": 2 * time.Hour, "14d": 14 * 24 * time.Hour, "1day": 24 * time.Hour,
		"1h30m": 90 * time.Minute, "1.5s": 1500 * time.Millisecond, "0": 0} {
		if got, err := ParseDuration(text); got != want || err != nil {
			t.Errorf("ParseDuration(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "-5s", "5w", "s", "1.5d", "NaN", "99999999999d", "99999999999999999999",
		fmt.Sprint(math.MaxInt64) + "h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v", text, got)
		}
	}
}

func TestASecretDoesNotPrint(t *testing.T) {
	t.Parallel()
	s := NewSecret("hunter2")
	encoded, err := json.Marshal(map[string]any{"s": s})
	text := fmt.Sprintf("%v %+v %#v %s %q %s", s, s, s, s, s, encoded)
	if err != nil || strings.Contains(text, "hunter2") || !s.IsSet() || s.Reveal() != "hunter2" {
		t.Errorf("%s, %v", text, err)
	}
	if none := NewSecret(""); none.IsSet() || none.String() != "" {
		t.Errorf("no secret prints %q", none)
	}
}
