//go:build testall

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// writer is a client of Alluxio that creates files without end, see testdata/Writer.java.
type writer struct {
	tc      *testcluster.Cluster
	process *reaper.Process
	request string // the file that asks for a listing
}

// newWriter starts a client of whichever master is at an address.
func newWriter(tc *testcluster.Cluster, release realalluxio.Release, ip, name string) *writer {
	tc.T.Helper()
	c := &writer{tc: tc, request: filepath.Join(tc.Dir, name+".list")}
	conf := filepath.Join(release.Dir, "conf")
	argv := []string{"java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
		conf + ":" + filepath.Join(release.Dir, "assembly/alluxio-client-2.9.6.jar")}
	for key, value := range map[string]string{
		"alluxio.home": release.Dir, "alluxio.conf.dir": conf, "alluxio.logs.dir": tc.Folder(name + "-logs"),
		"alluxio.logger.type": "USER_LOGGER", "log4j.configuration": "file:" + filepath.Join(conf, "log4j.properties"),
		"java.io.tmpdir": tc.Folder(name + "-tmp"), "alluxio.master.hostname": ip, "alluxio.master.rpc.port": "19998",
		"alluxio.user.conf.cluster.default.enabled": "false", "alluxio.user.metrics.collection.enabled": "false",
		"alluxio.user.rpc.retry.max.duration": "200ms", "alluxio.user.rpc.retry.base.sleep": "20ms",
	} {
		argv = append(argv, "-D"+key+"="+value)
	}
	var err error
	c.process, err = reaper.Start(tc.T.Context(), reaper.Command{
		Argv: append(argv, filepath.Join("testdata", "Writer.java"), ip, "19998", c.request),
		Env:  os.Environ(), Log: filepath.Join(tc.Dir, name+".log")})
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(c.process.Close()) })
	return c
}

// list has the client list all files, and returns those too that were acknowledged before that,
// since its log had begun bytes.
func (c *writer) list(begun int) (acknowledged, there []string) {
	tc := c.tc
	tc.T.Helper()
	tc.Check(os.WriteFile(c.request, nil, 0o644))
	tc.Await("a listing", func(context.Context) (bool, error) {
		_, err := os.Stat(c.request)
		return os.IsNotExist(err), nil
	})
	before, list, opened := strings.Cut(c.text()[begun:], "\n[\n")
	list, _, closed := strings.Cut(list, "\n]\n")
	if !opened || !closed {
		tc.T.Fatalf("there is no listing in %s", c.process.Log())
	}
	return paths(before + "\n"), paths(list + "\n")
}

// text is the log of the client.
func (c *writer) text() string {
	c.tc.T.Helper()
	text, err := os.ReadFile(c.process.Log())
	c.tc.Check(err)
	return string(text)
}

// paths are the whole lines of a log that are paths of files.
func paths(log string) (list []string) {
	for line := range strings.Lines(log) {
		if path, whole := strings.CutSuffix(line, "\n"); whole && strings.HasPrefix(path, "/w") {
			list = append(list, path)
		}
	}
	return list
}
