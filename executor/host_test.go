package executor

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

func TestTheVersionOfAJava(t *testing.T) {
	t.Parallel()
	script := func(t *testing.T, dir, text string) {
		syscall.ForkLock.RLock() // a child forked now would hold the script open, and its start fail with "text file busy"
		defer syscall.ForkLock.RUnlock()
		check(t, os.MkdirAll(filepath.Join(dir, "bin"), 0o755),
			os.WriteFile(filepath.Join(dir, "bin/java"), []byte("#!/bin/sh\n"+text), 0o755))
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, dir string)
		want string
	}{
		"is in its release file": {func(t *testing.T, dir string) {
			script(t, dir, "exit 1")
			check(t,
				os.WriteFile(filepath.Join(dir, "release"), []byte("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_151\"\nOS=\"Linux\"\n"),
					0o644))
		}, "1.8.0_151"},
		"is in the release file that bin/java leads to": {func(t *testing.T, dir string) {
			real := t.TempDir()
			script(t, real, "exit 1")
			check(t, os.WriteFile(filepath.Join(real, "release"), []byte("JAVA_VERSION=\"21.0.1\"\n"), 0o644),
				os.Mkdir(filepath.Join(dir, "bin"), 0o755),
				os.Symlink(filepath.Join(real, "bin/java"), filepath.Join(dir, "bin/java")))
		}, "21.0.1"},
		"is what it says itself without one": {func(t *testing.T, dir string) {
			script(t, dir, "echo 'openjdk version \"1.8.0_412\"' >&2\n")
		}, "1.8.0_412"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.make(t, dir)
			if got, err := javaVersion(t.Context(), dir); got != c.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	dir := t.TempDir()
	script(t, dir, "echo 'cannot execute: wrong architecture'")
	if _, err := javaVersion(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "wrong architecture") ||
		!strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
}

func TestTheJavaOfAHost(t *testing.T) {
	t.Parallel()
	jdk, path := t.TempDir(), t.TempDir()
	check(t, os.MkdirAll(filepath.Join(jdk, "bin"), 0o755), os.WriteFile(filepath.Join(jdk, "bin/java"), nil, 0o755),
		os.Symlink(filepath.Join(jdk, "bin/java"), filepath.Join(path, "java")))
	for name, c := range map[string]struct {
		environ []string
		want    string
		fails   string
	}{
		"JAVA_HOME":         {[]string{"JAVA_HOME=" + jdk, "PATH=/nowhere"}, jdk, ""},
		"a link on PATH":    {[]string{"PATH=relative:/nowhere:" + path}, jdk, ""},
		"a wrong JAVA_HOME": {[]string{"JAVA_HOME=/nowhere", "PATH=" + path}, "", "JAVA_HOME=/nowhere"},
		"none": {[]string{"PATH=/nowhere"}, "",
			"no java on its PATH (/nowhere); install one there, start the Mesos agent with " +
				"--executor_environment_variables='{\"JAVA_HOME\""},
		"an empty environment": {nil, "", "no Java on this host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newHost(c.environ, "/sandbox").localJava()
			if got != c.want || (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestNoSecretIsInAnUpdate(t *testing.T) {
	t.Parallel()
	const secret = "hunter22"
	e := &entry{mask: masker([]config.Property{{Key: "aws.secretKey", Value: secret}}, nil)}
	said := "it says " + secret
	s := e.status(task.Update{State: task.TaskStarting, Message: said,
		Report: launch.Report{Phase: said, Warnings: []string{said}}})
	if s.GetMessage() != "it says ***" || strings.Contains(string(s.Data), secret) ||
		strings.Count(string(s.Data), "it says ***") != 2 {
		t.Errorf("message %q, report %s", s.GetMessage(), s.Data)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	var site []config.Property
	for key, value := range map[string]string{
		"aws.secretKey": "hunter22", "fs.s3a.access.key": "AKIA0000", "fs.azure.account.key.x": "azure-key",
		"alluxio.x.password":              " spaced ",
		"alluxio.security.login.username": "alice", "alluxio.use.token": "true", "alluxio.short.secret": "ab",
		"fs.some.apikey": "key-4711", "fs.some.passphrase": "hunter22-and-more",
	} {
		site = append(site, config.Property{Key: key, Value: value})
	}
	site = append(site, config.Property{Key: "alluxio.proxy", Value: "http://bob:in-a-url@proxy:3128"})
	files := []config.File{
		{Name: "core-site.xml",
			Data: []byte("<configuration><property><name> fs.s3a.secret.key </name>\n<value>of-hadoop</value></property>" +
				"<property><name>fs.defaultFS</name><value>hdfs-nn</value></property></configuration>")},
		{Name: "metrics.properties", Data: []byte("sink.password=of-metrics\nsink.class=Csv")},
		{Name: "hdfs-site.xml", Data: []byte("no XML")},
	}
	const text = "hunter22 AKIA0000 azure-key spaced key-4711 hunter22-and-more in-a-url of-hadoop of-metrics alice " +
		"true ab bob hdfs-nn Csv"
	if got := masker(site, files)(text); got != "*** *** *** *** *** *** *** *** *** alice true ab bob hdfs-nn Csv" {
		t.Errorf("got %q", got)
	}
	if got := masker(nil, nil)(text); got != text {
		t.Errorf("got %q", got)
	}
}
