// Package alluxioclient runs users of Alluxio in a JVM of their own, with the policies and retries
// of their release, and counts what failed for them while the cluster changed.
//
// The client (src/Client.java) writes files on several lanes at a fixed rate and reads each file
// several times. An operation that hangs delays no other. [Client.Stop] waits for the last read,
// [Summarize] counts, and [Client.Lost] reads all files once more from a fresh JVM.
package alluxioclient

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

//go:embed src
var sources embed.FS

// Reads are the delays after which each file is read unless [Options] has others.
var Reads = []time.Duration{0, time.Second, 5 * time.Second, 30 * time.Second}

// Rate is how many operations a lane begins each second unless its Every is set.
const Rate = 10

// Lane is a number of files that are written in the same way.
type Lane struct {
	Name      string // the files are /NAME-0, /NAME-1, …
	WriteType string // as Alluxio calls it, such as ASYNC_THROUGH
	// Durable is alluxio.user.file.replication.durable, 2.x only; default 1.
	Durable int
	// PersistAfter is how long Alluxio waits with persisting a file, 2.x with ASYNC_THROUGH only.
	PersistAfter time.Duration
	// Every is the time from one file to the next; by default such that Rate operations begin each second.
	Every time.Duration
	// Files is how many files are written. They are read again and again afterwards, one in each Every. 0: no limit.
	Files int
}

// Options are what a client needs.
type Options struct {
	Release    realalluxio.Release
	Properties map[string]string // of the client: where the masters are
	Dir        string            // an empty folder of its own
	Reads      []time.Duration   // default [Reads]
	Lanes      []Lane
}

// Client is a running JVM. It has to be closed.
type Client struct {
	options Options
	process *reaper.Process
}

// Start starts a client.
func Start(ctx context.Context, o Options) (*Client, error) {
	if o.Reads == nil {
		o.Reads = Reads
	}
	c := &Client{options: o}
	var reads []string
	for _, delay := range o.Reads {
		reads = append(reads, fmt.Sprint(delay.Milliseconds()))
	}
	args := []string{"write", c.path("stop"), strings.Join(reads, ",")}
	for _, lane := range o.Lanes {
		every := lane.Every
		if every == 0 {
			every = time.Duration(1+len(o.Reads)) * time.Second / Rate
		}
		args = append(args, fmt.Sprintf("%s,%s,%d,%d,%d,%d", lane.Name, lane.WriteType, max(lane.Durable, 1),
			lane.PersistAfter.Milliseconds(), every.Milliseconds(), lane.Files))
	}
	var err error
	c.process, err = c.run(ctx, "write", args)
	return c, err
}

func (c *Client) path(name string) string { return filepath.Join(c.options.Dir, name) }

// run starts a JVM with more options, whose output goes to the file called name.
func (c *Client) run(ctx context.Context, name string, args []string, options ...string) (*reaper.Process, error) {
	java, err := realalluxio.Java()
	if err != nil {
		return nil, err
	}
	classes, err := compile(ctx, c.options.Release)
	if err != nil {
		return nil, fmt.Errorf("compile a client of Alluxio %s: %w", c.options.Release.Version, err)
	}
	for _, dir := range []string{name + "-logs", name + "-tmp"} {
		if err := os.MkdirAll(c.path(dir), 0o755); err != nil {
			return nil, err
		}
	}
	conf := filepath.Join(c.options.Release.Dir, "conf")
	argv := []string{java, "-Xmx256m", "-XX:TieredStopAtLevel=1",
		"-cp", strings.Join([]string{conf, classes, c.options.Release.ServerJar()}, ":"),
		"-Dalluxio.home=" + c.options.Release.Dir, "-Dalluxio.conf.dir=" + conf, "-Dalluxio.logs.dir=" + c.path(name+"-logs"),
		"-Dlog4j.configuration=file:" + filepath.Join(conf, "log4j.properties"), "-Dalluxio.logger.type=USER_LOGGER",
		"-Djava.io.tmpdir=" + c.path(name+"-tmp")}
	argv = append(argv, options...)
	for key, value := range c.options.Properties {
		argv = append(argv, "-D"+key+"="+value)
	}
	return reaper.Start(ctx, reaper.Command{Argv: append(append(argv, "Client"), args...), Env: os.Environ(),
		Dir: c.options.Dir, Log: c.path(name + ".json")})
}

// compile returns the folder with the client's classes for a release.
func compile(ctx context.Context, release realalluxio.Release) (string, error) {
	digest, err := buildcache.Digest(sources, release.Version)
	if err != nil {
		return "", err
	}
	return buildcache.Get(ctx, "alluxioclient-"+release.Version+"-"+digest, func(ctx context.Context, dir string) error {
		args := []string{"-nowarn", "-proc:none", "-cp", release.ServerJar(), "-d", dir}
		for _, name := range []string{"src/Client.java", "src/v" + release.Version[:1] + "/Release.java"} {
			text, err := sources.ReadFile(name)
			if err != nil {
				return err
			}
			file := filepath.Join(dir, path.Base(name))
			if err := os.WriteFile(file, text, 0o644); err != nil {
				return err
			}
			args = append(args, file)
		}
		return buildcache.Run(ctx, dir, nil, "javac", args...)
	})
}

// Stop ends the writing and waits until the last read of the last file has ended.
func (c *Client) Stop(ctx context.Context) error {
	if err := os.WriteFile(c.path("stop"), nil, 0o644); err != nil {
		return err
	}
	return ended(ctx, c.process)
}

// ended waits for the end of a client and returns an error unless it ended by itself.
func ended(ctx context.Context, process *reaper.Process) error {
	status, err := process.Wait(ctx)
	if err == nil && status.ExitStatus() != 0 {
		err = fmt.Errorf("the client of Alluxio has failed: %v: %s", status, process.Tail(2000))
	}
	return err
}

// Lanes are those of the client.
func (c *Client) Lanes() []Lane { return c.options.Lanes }

// LastRead is the kind of the read after the longest delay.
func (c *Client) LastRead() string { return ReadAfter(slices.Max(c.options.Reads)) }

// Close ends the client at once.
func (c *Client) Close() error { return c.process.Close() }

// Operations are those that have ended so far, in the order of their ends.
func (c *Client) Operations() ([]Operation, error) { return operations(c.process.Log()) }

// Lost reads every file whose write was acknowledged from a fresh client, and returns the failed
// reads. A file that cannot be read is tried three times, each for ten seconds: Alluxio 2.x tries
// to read a lost one for five minutes.
func (c *Client) Lost(ctx context.Context) (lost []Operation, err error) {
	before, err := c.Operations()
	if err != nil {
		return nil, err
	}
	files := acknowledged(before)
	if len(files) == 0 {
		return nil, errors.New("the client has written no file")
	}
	list := c.path("files")
	if err := os.WriteFile(list, []byte(strings.Join(files, "\n")+"\n"), 0o644); err != nil {
		return nil, err
	}
	process, err := c.run(ctx, "read", []string{"read", list}, "-Dalluxio.user.block.read.retry.max.duration=10s")
	if err != nil {
		return nil, err
	}
	if err := ended(ctx, process); err != nil {
		return nil, fmt.Errorf("%w; %w", err, process.Close())
	}
	if err := process.Close(); err != nil {
		return nil, err
	}
	reads, err := operations(process.Log())
	if err != nil {
		return nil, err
	}
	if len(reads) != len(files) {
		return nil, fmt.Errorf("the client has read %d of %d files again", len(reads), len(files))
	}
	return slices.DeleteFunc(reads, func(o Operation) bool { return o.Error == "" }), nil
}

// operations reads the output of a client. A last line that is not whole yet is left out.
func operations(file string) (list []Operation, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "\n") {
			continue // what the JVM says
		}
		var o Operation
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return nil, fmt.Errorf("a client of Alluxio has printed %q: %w", line, err)
		}
		list = append(list, o)
	}
	return list, nil
}
