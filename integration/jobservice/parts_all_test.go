//go:build testall

package jobservice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// parts are the processes of one Alluxio cluster on addresses of its own, with default ports.
type parts struct {
	t              *testing.T
	release        realalluxio.Release
	java, javaHome string
	dir            string
	block          *loopback.Block
	roles          *config.RoleTable
	election       config.Election
	site           []config.Property
	endpoints      map[config.Role][]launch.Address
	starts         int
}

// part is one process as an executor runs it.
type part struct {
	role    config.Role
	run     alluxio.Run
	process *reaper.Process
}

// newParts makes a cluster with this many masters and job masters, and these properties in its site file.
func newParts(t *testing.T, masters int, election config.Election, site ...string) *parts {
	t.Helper()
	return newPartsOf(t, "2.9.6", masters, election, site...)
}

// newPartsOf is newParts of a version.
func newPartsOf(t *testing.T, version string, masters int, election config.Election, site ...string) *parts {
	t.Helper()
	release, err := realalluxio.Get(t.Context(), version)
	check(t, err)
	java, err := realalluxio.Java()
	check(t, err)
	binary, err := filepath.EvalSymlinks(java)
	check(t, err)
	block, err := loopback.Reserve()
	check(t, err)
	t.Cleanup(block.Release)
	p := &parts{t: t, release: release, java: java, javaHome: filepath.Dir(filepath.Dir(binary)), dir: t.TempDir(),
		block: block, roles: config.AlluxioRoles(), election: election, endpoints: map[config.Role][]launch.Address{}}
	for i := range masters {
		for _, role := range []config.Role{config.Master, config.JobMaster} {
			p.endpoints[role] = append(p.endpoints[role], p.address(role, block.IP(i+1)))
		}
	}
	check(t, os.Mkdir(p.ufs(), 0o755))
	for i := 0; i < len(site); i += 2 {
		p.site = append(p.site, config.Property{Key: site[i], Value: site[i+1], Source: "alluxio-site.properties:1"})
	}
	store := config.KeyRootUFS
	if version == "1.8.1" {
		store = config.KeyUnderFSAddress
	}
	p.site = append(p.site, config.Property{Key: store, Value: p.ufs(), Source: "alluxio-site.properties:9"})
	return p
}

func (p *parts) ufs() string { return filepath.Join(p.dir, "ufs") }

// address is where other roles find a task of role.
func (p *parts) address(role config.Role, host string) launch.Address {
	row, ports := p.roles.Row(role), p.ports(role)
	return launch.Address{Host: host, RPC: ports[row.AddressPort], Web: ports[row.WebPort], Raft: ports[row.JournalPort]}
}

// ports are the default ports of a role.
func (p *parts) ports(role config.Role) map[config.PortName]uint16 {
	ports := map[config.PortName]uint16{}
	for _, port := range p.roles.Row(role).Ports {
		if port.V2 != 0 && (!port.Embedded || p.election == config.ByJournal) {
			ports[port.Name] = port.V2
		}
	}
	return ports
}

// start starts a process in a sandbox that nobody has used before, as each task has one. It ends with the test.
func (p *parts) start(role config.Role, host string) *part {
	p.t.Helper()
	p.starts++
	sandbox := filepath.Join(p.dir, fmt.Sprintf("%s.%d", role, p.starts))
	spec := &launch.Spec{
		Version: launch.SchemaVersion, Slot: string(role) + "-0", Role: role, Cluster: "jobservice", Site: p.site,
		Host: host, Bind: host, Ports: p.ports(role), Endpoints: p.endpoints, Election: p.election,
		Memory: launch.Memory{Heap: 256 * config.MB, Direct: 128 * config.MB}, Ramdisk: config.Ramdisk{Size: 512 * config.MB},
	}
	env := p.environment(sandbox, host)
	run, err := alluxio.Prepare(spec, env)
	check(p.t, err)
	for _, dir := range append([]string{env.ConfDir, env.Storage}, run.Dirs...) {
		check(p.t, os.MkdirAll(dir, 0o700))
	}
	for _, f := range run.Files {
		check(p.t, os.WriteFile(filepath.Join(sandbox, "conf", f.Name), f.Data, 0o600))
	}
	if run.Format != nil {
		if out, err := exec.CommandContext(p.t.Context(), run.Format[0], run.Format[1:]...).CombinedOutput(); err != nil {
			p.t.Fatalf("format: %v: %s", err, out)
		}
	}
	process, err := reaper.Start(p.t.Context(), reaper.Command{Argv: run.Argv, Env: append(os.Environ(), run.Env...),
		Dir: sandbox, Log: filepath.Join(sandbox, "out")})
	check(p.t, err)
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.t.Logf("%s: %s", sandbox, process.Tail(2000))
		}
		check(p.t, process.Close())
	})
	return &part{role: role, run: run, process: process}
}

// environment is what an executor finds on its host. The ramdisk of a worker is there again for the next one.
func (p *parts) environment(sandbox, host string) alluxio.Environment {
	jar, err := filepath.Rel(p.release.Dir, p.release.ServerJar())
	check(p.t, err)
	layout, err := alluxio.Identify([]string{jar, "webui"})
	check(p.t, err)
	log4j, err := os.ReadFile(filepath.Join(p.release.Dir, "conf/log4j.properties"))
	check(p.t, err)
	java, err := os.ReadFile(filepath.Join(p.javaHome, "release"))
	check(p.t, err)
	version := regexp.MustCompile(`JAVA_VERSION="(.*)"`).FindSubmatch(java)
	return alluxio.Environment{
		Layout: layout, Home: p.release.Dir, JavaHome: p.javaHome, JavaVersion: string(version[1]),
		Sandbox: sandbox, ConfDir: filepath.Join(sandbox, "conf"), LogsDir: filepath.Join(sandbox, "logs"), Log4j: log4j,
		Journal: filepath.Join(p.dir, "journal"), Metastore: filepath.Join(p.dir, "metastore"),
		Storage: filepath.Join(p.dir, "ramdisk-"+host), StorageKind: "MEM",
	}
}

// kill ends a process as a lost host does.
func (p *parts) kill(killed *part) {
	p.t.Helper()
	check(p.t, killed.process.Kill(p.t.Context()))
}

// await waits until the probes of processes say that they serve.
func (p *parts) await(list ...*part) {
	p.t.Helper()
	for _, part := range list {
		p.eventually(string(part.role)+" serves", func() error {
			if part.process.PID() == 0 {
				p.t.Fatalf("%s has ended: %s", part.role, part.process.Tail(2000))
			}
			ready, why := part.ready()
			if !ready {
				return errors.New(why)
			}
			return nil
		})
	}
}

// ready asks as an executor does.
func (r *part) ready() (ready bool, why string) {
	own := ask(r.run.Probe.OwnURL)
	var leader []alluxio.Answer
	for _, url := range r.run.Probe.LeaderURLs {
		leader = append(leader, ask(url))
	}
	if r.run.Probe.Standby != "" && r.run.Probe.ElectionStateOf(own) == launch.Standby {
		return r.run.Probe.JudgeStandby(own, leader, alluxio.Elected{})
	}
	return r.run.Probe.Judge(own, leader)
}

// leads is true for a job master that leads.
func (r *part) leads() bool {
	return r.run.Probe.ElectionStateOf(ask(r.run.Probe.OwnURL)) == launch.Leading
}

func ask(url string) alluxio.Answer {
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return alluxio.Answer{Err: err.Error(), Closed: errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return alluxio.Answer{Err: err.Error()}
	}
	return alluxio.Answer{Status: resp.StatusCode, Body: body}
}

// write writes a file through Alluxio as a client with the defaults of its release does.
func (p *parts) write(name string) {
	p.t.Helper()
	local := filepath.Join(p.dir, "local")
	check(p.t, os.WriteFile(local, []byte(strings.Repeat("a file of a user\n", 1000)), 0o600))
	p.shell("copyFromLocal", local, name)
}

func (p *parts) shell(args ...string) string {
	p.t.Helper()
	out, err := p.release.Shell(p.t.Context(), p.java,
		map[string]string{"alluxio.master.hostname": p.endpoints[config.Master][0].Host}, args...)
	check(p.t, err)
	return out
}

// isPersisted is true when the under store has the file.
func (p *parts) isPersisted(name string) bool {
	_, err := os.Stat(p.ufs() + name)
	return err == nil
}

// persisted waits until Alluxio has put a file into the under store.
func (p *parts) persisted(name string) {
	p.t.Helper()
	began := time.Now()
	p.eventually(name+" is persisted", func() error {
		if !p.isPersisted(name) {
			return errors.New("the under store does not have it")
		}
		return nil
	})
	p.t.Logf("%s was persisted within %v", name, time.Since(began).Round(time.Second/10))
}

// eventually waits until ok.
func (p *parts) eventually(what string, ok func() error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Minute)
	defer cancel()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("it did not happen within 5 minutes that %s: %v", what, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
