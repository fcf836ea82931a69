package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// private writes a file of this mode and returns its path.
func private(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, content)
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSecretComesFromTheSiteFileAFileOrTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ site, env string }{
		"the site file":                  {KeySecret + "=s3cret", ""},
		"a file":                         {KeySecretFile + "=" + private(t, "s3cret", 0o600), ""},
		"a file with a line end":         {KeySecretFile + "=" + private(t, "s3cret\n", 0o400), ""},
		"a file with a line end of DOS":  {KeySecretFile + "=" + private(t, "s3cret\r\n", 0o600), ""},
		"a file that its group can read": {KeySecretFile + "=" + private(t, "s3cret\n", 0o640), ""},
		"the environment":                {"", "s3cret"},
		"all of them, and they agree": {KeySecret + "=s3cret\n" + KeySecretFile + "=" + private(t, "s3cret\n", 0o600),
			"s3cret"},
	} {
		o := conf(t, enough+test.site)
		o.Secret = NewSecret(test.env)
		if s := load(t, o); s.Secret.Reveal() != "s3cret" || len(s.Warnings) > 0 {
			t.Errorf("%s: %q, warnings %q", name, s.Secret.Reveal(), s.Warnings)
		}
	}
	if s := load(t, conf(t, enough)); s.Secret.IsSet() {
		t.Error("none is set, and there is one")
	}
}

func TestASecretThatCannotBeTakenIsAProblem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ site, env, want string }{
		"the site file and the environment differ": {KeySecret + "=s3cret", "other",
			"alluxio.integration.mesos.secret and $ALLUXIO_MESOS_SECRET hold different secrets; keep one of them"},
		"the site file and the file differ": {KeySecret + "=s3cret\n" + KeySecretFile + "=" + private(t, "other", 0o600),
			"", "hold different secrets"},
		"the file and the environment differ": {KeySecretFile + "=" + private(t, "s3cret", 0o600), "other",
			"hold different secrets"},
		"a file that others can read": {KeySecretFile + "=" + private(t, "s3cret", 0o644), "",
			"every user of this host can open the file (mode 0644); chmod 600 it"},
		"a file that others can write": {KeySecretFile + "=" + private(t, "s3cret", 0o602), "", "(mode 0602)"},
		"no file": {KeySecretFile + "=/no/such/file", "",
			"there is no such file; make it, with mode 0600"},
		"a folder":            {KeySecretFile + "=" + t.TempDir(), "", "is not a file"},
		"an empty file":       {KeySecretFile + "=" + private(t, "\n", 0o600), "", "the file is empty"},
		"a file of two lines": {KeySecretFile + "=" + private(t, "s3cret\nother\n", 0o600), "", "more than one line"},
		"a file that is too long": {KeySecretFile + "=" + private(t, strings.Repeat("s3cret", 1000), 0o600), "",
			"more than one line"},
		"a relative path": {KeySecretFile + "=secret", "", "must be an absolute path"},
		"no principal":    {KeyPrincipal + "=", "s3cret", "a secret needs its principal"},
	} {
		o := conf(t, enough+test.site)
		o.Secret = NewSecret(test.env)
		got := strings.Join(problemsOf(t, o), "\n")
		if !strings.Contains(got, test.want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, test.want)
		}
	}
}

func TestASecretOnTheCommandLineIsRefused(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		KeySecret + "=hunter2": `--property: alluxio.integration.mesos.secret = "***": a secret must ` +
			`not stand on a command line: every user of this host can see it in the list of processes; write it into a file ` +
			`and name that with alluxio.integration.mesos.secret.file, or set ALLUXIO_MESOS_SECRET in the environment`,
		"aws.secretKey=hunter2": `--property: aws.secretKey = "***": a secret must not stand on a ` +
			`command line`,
		"fs.s3a.access.key=hunter2": "write it into site",
		KeyState + "=zk://u:hunter2@zk/path": `--property: alluxio.integration.mesos.state = "***": a secret must ` +
			`not stand`,
		KeyJarURL + "=http://u:hunter2@h/a.tar.gz":  "a secret must not stand on a command line",
		"alluxio.x=zk://u:hunter/2@zk/path":         "a secret must not stand on a command line",
		KeySecretFile + "=/no/such/file":            "there is no such file",
		"alluxio.master.journal.folder=hdfs://a/b@": "",
	} {
		o := conf(t, enough)
		o.Properties = []string{flag}
		got := strings.Join(problemsOf(t, o), "\n")
		if !strings.Contains(got, want) || strings.Contains(got, "hunter") || (want == "") != (got == "") {
			t.Errorf("%s\ngot  %q\nwant %q", flag, got, want)
		}
	}
}

func TestASiteFileWithSecretsThatOthersCanReadDrawsAWarning(t *testing.T) {
	t.Parallel()
	for site, want := range map[string]string{
		"aws.secretKey=hunter2":              "(mode 0644), and aws.secretKey in it is a secret; chmod 600 it",
		KeyState + "=zk://u:hunter2@zk/path": "alluxio.integration.mesos.state in it is a secret",
		"aws.secretKey=":                     "",
		"alluxio.x=y":                        "",
	} {
		o := conf(t, enough+site)
		if err := os.Chmod(filepath.Join(o.ConfDir, SiteFile), 0o644); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(load(t, o).Warnings, "\n")
		if !strings.Contains(got, want) || strings.Contains(got, "hunter2") || (want == "") != (got == "") {
			t.Errorf("%s\ngot  %q\nwant %q", site, got, want)
		}
	}
}

func TestTheMesosMasterCanStandInAFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want, problem string }{
		"host and port": {"file://" + private(t, "mesos:5051\n", 0o644), "mesos:5051", ""},
		"ZooKeeper with a password": {"file://" + private(t, "zk://u:hunter2@zk/mesos\n", 0o600), "zk://***@zk:2181/mesos",
			""},
		"a password for all to read": {"file://" + private(t, "zk://u:hunter2@zk/mesos", 0o644), "",
			"the file holds a password, and every user of this host can open it (mode 0644); chmod 600 it"},
		"a file that is not there": {"file:///no/such/file", "", "there is no such file"},
		"a relative path":          {"file://mesos", "", "the file's path must be absolute"},
		"a file that names a file": {"file://" + private(t, "file:///x", 0o600), "", "the file names another file"},
		"a file with something else": {"file://" + private(t, "http://mesos:5050", 0o600), "",
			"no http:// in front; write mesos:5050"},
		"a file with a broken address": {"file://" + private(t, "zk://hunter2@zk/mesos", 0o600), "",
			"in front of the @ stand a user and a password"},
	} {
		o := conf(t, enough)
		o.MesosMaster = test.text
		if test.problem == "" {
			s := load(t, o)
			if s.MesosMaster != test.want || len(s.Warnings) > 0 || s.MesosZooKeeper.IsSet() &&
				s.MesosZooKeeper.Password.Reveal() != "hunter2" {
				t.Errorf("%s: %+v", name, s)
			}
			continue
		}
		got := strings.Join(problemsOf(t, o), "\n")
		if !strings.Contains(got, test.problem) || !strings.HasPrefix(got, "MESOS_MASTER: ") ||
			strings.Contains(got, "hunter2") {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, test.problem)
		}
	}
	o := conf(t, enough)
	o.MesosMaster = "zk://u:hunter2@zk/mesos"
	if s := load(t, o); len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "give file:///path/to/it") ||
		strings.Contains(s.Warnings[0], "hunter2") {
		t.Errorf("a password on the command line: %q", s.Warnings)
	}
}
