package executor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/install"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// prepare makes everything ready that the JVM needs and answers Prepared or PrepareFailed. With
// local installs, a formatted journal and a ramdisk that is there it costs well below a millisecond
// of work: no process, no hash and no walk over a tree belong here.
func (r *runner) prepare(ctx context.Context) task.Fact {
	prepared, err := r.makeReady(ctx)
	if err != nil {
		reason := err.Error()
		if why := r.whyNoSpace(err); why != "" {
			reason += "; " + why
		}
		return task.PrepareFailed{Reason: reason}
	}
	return prepared
}

func (r *runner) makeReady(ctx context.Context) (task.Prepared, error) {
	env := alluxio.Environment{Sandbox: r.host.sandbox, ConfDir: r.host.conf(), LogsDir: r.host.logs()}
	warnings, err := r.findInstalls(ctx, &env)
	if err != nil {
		return task.Prepared{}, err
	}
	found := launch.Report{AlluxioVersion: env.Layout.Version, JavaVersion: env.JavaVersion, Warnings: warnings}
	role := config.AlluxioRoles().Row(r.spec.Role)
	if role.Blocks {
		if err = r.findStorage(ctx, &env, &found); err != nil {
			return task.Prepared{}, err
		}
	}
	var j journal
	if role.Journal {
		if j, err = r.host.findJournal(r.spec, env.Home); err != nil {
			return task.Prepared{}, err
		}
		env.Journal, env.Metastore, found.JournalFolder = j.folder, j.metastore, j.folder
		if j.note != "" {
			found.Warnings = append(found.Warnings, j.note)
		}
		if err := j.acceptsVersion(r.spec, env.Layout.Version); err != nil {
			return task.Prepared{}, err
		}
	}
	r.found = env
	if r.jvm, err = alluxio.Prepare(r.spec, env); err != nil {
		return task.Prepared{}, err
	}
	found.Warnings, found.Admin = append(found.Warnings, r.jvm.Warnings...), r.jvm.Admin.Operations
	if err := r.writeFiles(r.jvm); err != nil {
		return task.Prepared{}, err
	}
	formatted, firstStart := false, false
	if role.Journal {
		if formatted, err = r.readyJournal(ctx, j, found); err != nil {
			return task.Prepared{}, err
		}
		r.first = &firstService{journal: j, identity: r.spec.Journal.Identity}
		if formatted || j.path != "" {
			found.JournalFormatted = r.spec.Journal.Identity
		}
		// Behind a URI it may be the first start of a journal at any time.
		firstStart = j.path == "" || j.firstStart.stands()
	}
	found.Phase = "starting Alluxio"
	return task.Prepared{Report: found, Doubts: r.jvm.Doubts, Confirm: formatted, FirstStart: firstStart}, ctx.Err()
}

// findInstalls fills in where Alluxio and Java are and which they are. It returns what a person
// should know about the cache of tarballs.
func (r *runner) findInstalls(ctx context.Context, env *alluxio.Environment) (warnings []string, err error) {
	in := r.spec.Install
	if in.Alluxio == (config.Archive{}) && in.JDK == (config.Archive{}) {
		return nil, r.findIn(ctx, nil, env)
	}
	cache, err := install.Open(in.CacheDir, in.CacheSize)
	if err != nil {
		return nil, err
	}
	if err := r.findIn(ctx, cache, env); err != nil {
		return nil, err
	}
	warnings = cache.Warnings()
	for _, w := range warnings {
		r.log.Warn().Msg(w)
	}
	return warnings, nil
}

// findIn is findInstalls with an open cache, or nil when there is no tarball.
func (r *runner) findIn(ctx context.Context, cache *install.Cache, env *alluxio.Environment) (err error) {
	in := r.spec.Install
	env.Home = in.Home
	if in.Alluxio != (config.Archive{}) {
		if env.Home, err = r.fetch(ctx, cache, in.Alluxio, "Alluxio", ""); err != nil {
			return err
		}
	}
	if in.JDK == (config.Archive{}) {
		env.JavaHome, err = r.host.localJava()
	} else if env.JavaHome, err = r.fetch(ctx, cache, in.JDK, "the JDK", in.JDKPath); err == nil {
		err = checkJDK(in, env.JavaHome)
	}
	if err != nil {
		return err
	}
	if env.JavaVersion, err = javaVersion(ctx, env.JavaHome); err != nil {
		return err
	}
	if env.Layout, err = identify(env.Home); err != nil {
		if in.Alluxio == (config.Archive{}) {
			err = fmt.Errorf("alluxio.home=%s on this agent: %w", env.Home, err)
		}
		return err
	}
	if env.Log4j, err = os.ReadFile(filepath.Join(env.Home, "conf/log4j.properties")); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

// checkJDK refuses a folder of the JDK's tarball that is not the one that the operator named, or
// that has no Java.
func checkJDK(in config.Install, home string) error {
	top := filepath.Base(home)
	if in.JDKPathSet && !strings.HasSuffix(home, "/"+in.JDKPath) {
		return fmt.Errorf("the JDK tarball has no folder %s, but %s; correct %s=%s, or remove the line", in.JDKPath,
			top, config.KeyJDKPath, in.JDKPath)
	}
	if !isFile(filepath.Join(home, "bin/java")) {
		return fmt.Errorf("there is no bin/java in folder %q of the JDK tarball; %s names the JDK's folder in it", top,
			config.KeyJDKPath)
	}
	return nil
}

// fetch gets a tarball through the cache of this host and returns the folder want in it.
func (r *runner) fetch(ctx context.Context, cache *install.Cache, a config.Archive, what, want string) (string, error) {
	last := ""
	entry, err := cache.Get(ctx, a, func(p install.Progress) {
		if phase := fmt.Sprintf("fetching %s: %s", what, p); phase != last {
			last = phase
			r.report(launch.Report{Phase: phase})
		}
	})
	if err != nil {
		return "", err
	}
	r.later(func(context.Context) error { entry.Release(); return nil })
	return entry.Home(want)
}

// identify says which Alluxio is in home.
func identify(home string) (alluxio.Layout, error) {
	if !filepath.IsAbs(home) {
		return alluxio.Layout{}, fmt.Errorf("%q is not an absolute path", home)
	}
	if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) {
		return alluxio.Layout{},
			errors.New("there is no such folder; install Alluxio there, or set alluxio.integration.mesos.alluxio.jar.url to a " +
				"tarball")
	}
	var files []string
	for _, pattern := range alluxio.JarCandidates() {
		matches, err := fs.Glob(os.DirFS(home), pattern)
		if err != nil {
			return alluxio.Layout{}, fmt.Errorf("look for Alluxio: %w", err)
		}
		files = append(files, matches...)
	}
	return alluxio.Identify(files)
}

// writeFiles writes the configuration for this user alone: it holds the operator's secrets. A file
// is there as a whole or not at all, since a JVM may be reading what is written again.
func (r *runner) writeFiles(jvm alluxio.Run) error {
	for _, dir := range append([]string{r.host.conf(), r.host.logs()}, jvm.Dirs...) {
		if err := makeFolder(dir); err != nil {
			return err
		}
	}
	for _, f := range jvm.Files {
		if !filepath.IsLocal(f.Name) || filepath.Base(f.Name) != f.Name {
			return fmt.Errorf("the file name %q leads outside of conf/", f.Name)
		}
		path := filepath.Join(r.host.conf(), f.Name)
		err := os.WriteFile(path+".new", f.Data, 0o600)
		if err == nil {
			err = os.Rename(path+".new", path)
		}
		if err != nil {
			return fmt.Errorf("write the configuration: %w", err)
		}
	}
	return nil
}
