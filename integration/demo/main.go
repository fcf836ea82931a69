// Command demo runs Alluxio on Mesos on this machine: a genuine Mesos master and three agents on
// loopback addresses, the framework, and a stock Alluxio 2.9.6 from its tarball. It writes a file
// through Alluxio and reads it back, prints the addresses, and cleans up on Ctrl-C.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

const (
	alluxioVersion = "2.9.6"
	agents         = 3
)

func main() {
	once := flag.Bool("once", false, "end as soon as everything was shown")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *once); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is what has to be taken down again, in the order of its making.
type demo struct {
	dir     string
	cleanup []func() error
	block   *loopback.Block
	master  *realmesos.Master
	home    *clitest.Home
	release realalluxio.Release
}

func run(ctx context.Context, once bool) (err error) {
	d := new(demo)
	defer func() { err = errors.Join(err, d.close()) }()
	for _, step := range []func(context.Context) error{d.prepare, d.startMesos, d.startFramework, d.writeAndRead} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := d.showAddresses(ctx); err != nil || once {
		return err
	}
	fmt.Println("\nPress Ctrl-C to end the demo.")
	<-ctx.Done()
	return nil
}

func say(format string, args ...any) { fmt.Printf("==> "+format+"\n", args...) }

// prepare builds or finds everything that runs.
func (d *demo) prepare(ctx context.Context) (err error) {
	if d.dir, err = os.MkdirTemp("", "alluxio-mesos-demo-"); err != nil {
		return err
	}
	d.later(func() error { return os.RemoveAll(d.dir) })
	if err := os.Chmod(d.dir, 0o755); err != nil { // agents switch users
		return err
	}
	say("assembling Alluxio %s (the first time takes some minutes)", alluxioVersion)
	if d.release, err = realalluxio.Get(ctx, alluxioVersion); err != nil {
		return err
	}
	d.block, err = loopback.Reserve()
	if err == nil {
		d.later(func() error { d.block.Release(); return nil })
	}
	return err
}

func (d *demo) startMesos(ctx context.Context) error {
	mesos, err := realmesos.Build(ctx)
	if err != nil {
		return err
	}
	say("starting Mesos %s: one master, %d agents", realmesos.Version, agents)
	d.master, err = mesos.StartMaster(ctx,
		realmesos.MasterOptions{Dir: filepath.Join(d.dir, "master"), IP: d.block.IP(1), Port: config.MesosPort})
	if err != nil {
		return err
	}
	d.later(d.master.Stop)
	for i := 1; i <= agents; i++ {
		agent, err := mesos.StartAgent(ctx, realmesos.AgentOptions{
			Master: d.master.Addr(), IP: d.block.IP(i), Dir: filepath.Join(d.dir, fmt.Sprintf("agent%d", i)),
			Resources: "ports:[19998-20003,29998-30003];cpus:4;mem:4096;disk:10000",
		})
		if err != nil {
			return err
		}
		d.later(agent.Stop)
	}
	return nil
}

// startFramework does what an operator does: a site file, then the start script.
func (d *demo) startFramework(ctx context.Context) error {
	binary, err := filepath.Abs(filepath.Join(clitest.Repository(), "bin/alluxio-mesos"))
	if err != nil {
		return err
	}
	if d.home, err = clitest.NewHome(filepath.Join(d.dir, "alluxio"), binary); err != nil {
		return err
	}
	d.later(d.home.Close)
	under := filepath.Join(d.dir, "under-store")
	if err := os.Mkdir(under, 0o777); err != nil {
		return err
	}
	site := []string{
		"alluxio.integration.mesos.alluxio.jar.url=file://" + d.release.Tarball,
		"alluxio.integration.mesos.bind=agent",
		"alluxio.integration.mesos.data.dir=" + filepath.Join(d.dir, "data"),
		"alluxio.integration.mesos.cache.dir=" + filepath.Join(d.dir, "cache"),
		"alluxio.integration.master.resource.mem=512MB",
		"alluxio.integration.worker.resource.mem=512MB",
		"alluxio.worker.ramdisk.size=128MB",
		"alluxio.master.mount.table.root.ufs=" + under,
		"alluxio.user.file.writetype.default=CACHE_THROUGH",
	}
	if err := d.home.WriteSite(site...); err != nil {
		return err
	}
	say("starting the framework with this %s:\n    %s", config.SiteFile, strings.Join(site, "\n    "))
	say("alluxio-mesos-start.sh -w %s", d.master.Addr())
	out, err := d.home.Start(ctx, "-w", d.master.Addr())
	fmt.Print(out)
	// A wait that failed or was interrupted leaves a framework, too. Its end comes before that of
	// Mesos: its tasks are to be torn down in order, or their ramdisks stay mounted.
	if _, asked := d.home.Status(context.WithoutCancel(ctx)); err == nil || asked == nil {
		d.later(d.teardown)
	}
	return err
}

func (d *demo) teardown() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	say("alluxio-mesos-stop.sh --teardown --yes")
	_, err := d.home.Stop(ctx, "--teardown", "--yes")
	return err
}

// writeAndRead sends a file through Alluxio and compares what comes back.
func (d *demo) writeAndRead(ctx context.Context) error {
	file := filepath.Join(d.dir, "file")
	text := strings.Repeat("through Alluxio and back\n", 1000)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	master, err := d.alluxioMaster(ctx)
	if err != nil {
		return err
	}
	say("writing and reading a file through Alluxio at %s:%d", master.Host, master.Ports[config.MasterRPC])
	client := map[string]string{
		"alluxio.master.hostname": master.Host, "alluxio.master.rpc.port": fmt.Sprint(master.Ports[config.MasterRPC]),
		"alluxio.user.file.writetype.default": "CACHE_THROUGH",
	}
	for _, command := range [][]string{{"copyFromLocal", file, "/demo"}, {"ls", "/"}} {
		out, err := d.release.Shell(ctx, "java", client, command...)
		if err != nil {
			return fmt.Errorf("alluxio fs %s: %w\n%s", strings.Join(command, " "), err, out)
		}
		fmt.Println(strings.TrimSpace(out))
	}
	out, err := d.release.Shell(ctx, "java", client, "cat", "/demo")
	if err != nil {
		return err
	}
	if !strings.Contains(out, text) {
		return fmt.Errorf("%d bytes came back of %d", len(out), len(text))
	}
	say("read back what was written: %d bytes", len(text))
	return nil
}

func (d *demo) alluxioMaster(ctx context.Context) (cluster.SlotStatus, error) {
	status, err := d.home.Status(ctx)
	if err != nil {
		return cluster.SlotStatus{}, err
	}
	for _, slot := range status.Slots {
		if slot.Role == config.Master {
			return slot, nil
		}
	}
	return cluster.SlotStatus{}, errors.New("the status has no Alluxio master")
}

func (d *demo) showAddresses(ctx context.Context) error {
	table, err := d.home.CLI(ctx, "status")
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\nMesos:     http://%s\nfolder:    %s\nlog:       %s\n", table, d.master.Addr(), d.dir,
		d.home.Path("logs/framework.out"))
	return nil
}

func (d *demo) later(f func() error) { d.cleanup = append(d.cleanup, f) }

// close takes down what was made, the last first.
func (d *demo) close() error {
	var errs []error
	for i := len(d.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, d.cleanup[i]())
	}
	return errors.Join(errs...)
}
