// Package realalluxio assembles genuine Alluxio releases, and a Java runtime as a tarball, for tests and the demo.
//
// The official archives are not on Maven Central, their classes are: package realalluxio asks Maven
// for the jars and puts them into the layout of the official release. What official releases have
// beyond that, the scripts in bin/ and libexec/ and the web interface, is not there.
package realalluxio

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

//go:embed recipe
var sources embed.FS

// Release is an assembled Alluxio. It is shared by all tests of the machine: nothing may be written into Dir.
type Release struct {
	Version string
	Dir     string // the unpacked release
	Tarball string // alluxio-VERSION-bin.tar.gz with the one top folder alluxio-VERSION
	SHA256  string // of Tarball, lower-case hex
	recipe  recipe
}

// Versions are the versions that Get knows, in ascending order.
func Versions() []string { return slices.Sorted(maps.Keys(recipes)) }

// Get finds the release in the cache or assembles it there with Maven: a download of up to 200 MB and half a minute.
func Get(ctx context.Context, version string) (Release, error) {
	r, ok := recipes[version]
	if !ok {
		return Release{}, fmt.Errorf("no recipe for Alluxio %s; there are %s", version, strings.Join(Versions(), ", "))
	}
	digest, err := buildcache.Digest(sources, revision, version, fmt.Sprintf("%+v", r))
	if err != nil {
		return Release{}, err
	}
	top := "alluxio-" + version
	dir, err := buildcache.Get(ctx, "real"+top+"-"+digest, func(ctx context.Context, dir string) error {
		if err := assemble(ctx, r, dir, filepath.Join(dir, top)); err != nil {
			return err
		}
		return writeTarball(dir, top, top+"-bin.tar.gz")
	})
	if err != nil {
		return Release{}, fmt.Errorf("assemble Alluxio %s: %w", version, err)
	}
	sum, err := os.ReadFile(filepath.Join(dir, top+"-bin.tar.gz.sha256"))
	if err != nil {
		return Release{}, fmt.Errorf("read the cached Alluxio %s: %w", version, err)
	}
	return Release{
		Version: version, Dir: filepath.Join(dir, top), Tarball: filepath.Join(dir, top+"-bin.tar.gz"), SHA256: string(sum),
		recipe: r,
	}, nil
}

// ServerJar is the path of the jar with all server classes.
func (r Release) ServerJar() string { return filepath.Join(r.Dir, r.recipe.serverJar) }

// assemble fills home with a release; beside it, in dir, it leaves what Shell needs and no release has.
func assemble(ctx context.Context, r recipe, dir, home string) (err error) {
	temp := filepath.Join(dir, "maven")
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	jars, err := resolve(ctx, filepath.Join(temp, "server"), r.artifacts())
	if err != nil {
		return err
	}
	if r.underfs != "" {
		if jars, err = moveUnderfs(jars, r.underfs, filepath.Join(home, "lib")); err != nil {
			return err
		}
	}
	if err := mergeJars(filepath.Join(home, r.serverJar), jars); err != nil {
		return err
	}
	if err := writeClient(ctx, r, filepath.Join(temp, "client"), home); err != nil {
		return err
	}
	if r.shell == "" {
		if err := compileShell(ctx, dir, filepath.Join(home, r.serverJar)); err != nil {
			return err
		}
	}
	for _, web := range r.web {
		if err := writeWeb(filepath.Join(home, web)); err != nil {
			return err
		}
	}
	return render("log4j.properties", filepath.Join(home, "conf", "log4j.properties"), loggers)
}

// artifacts are those of the server and of the under store, resolved together so that their versions agree.
func (r recipe) artifacts() []artifact {
	if r.underfs == "" {
		return r.server
	}
	return append(slices.Clone(r.server), artifact{"org.alluxio", r.underfs, r.server[0].Version})
}

// resolve lets Maven download the artifacts and all they depend on at run time into dir, and returns the jars in order.
func resolve(ctx context.Context, dir string, artifacts []artifact) ([]string, error) {
	pom := filepath.Join(dir, "pom.xml")
	if err := render("pom.xml", pom, artifacts); err != nil {
		return nil, err
	}
	err := buildcache.Retry(ctx, func() error {
		return buildcache.Run(ctx, dir, nil, "mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies",
			"-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(dir, "jars"))
	})
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "jars", "*.jar")) // sorted
}

// moveUnderfs moves the under store's jar to lib and returns the other jars.
func moveUnderfs(jars []string, underfs, lib string) ([]string, error) {
	i := slices.IndexFunc(jars, func(jar string) bool { return strings.HasPrefix(filepath.Base(jar), underfs+"-") })
	if i < 0 {
		return nil, fmt.Errorf("there is no %s among what Maven brought", underfs)
	}
	if err := os.MkdirAll(lib, 0o755); err != nil {
		return nil, err
	}
	if err := os.Rename(jars[i], filepath.Join(lib, filepath.Base(jars[i]))); err != nil {
		return nil, err
	}
	return slices.Delete(jars, i, i+1), nil
}

func writeClient(ctx context.Context, r recipe, temp, home string) error {
	if r.clientJar == "" {
		return nil
	}
	to := filepath.Join(home, r.clientJar)
	if len(r.client) == 0 {
		return writeReference(to, filepath.Base(r.serverJar))
	}
	jars, err := resolve(ctx, temp, r.client)
	if err != nil {
		return err
	}
	return mergeJars(to, jars)
}

// compileShell compiles the stand-in for a shell into dir/shell.
func compileShell(ctx context.Context, dir, classpath string) error {
	b, err := sources.ReadFile("recipe/FileSystemShell.java")
	if err != nil {
		return err
	}
	shell := filepath.Join(dir, "shell")
	source := filepath.Join(shell, "FileSystemShell.java")
	if err := errors.Join(os.Mkdir(shell, 0o755), os.WriteFile(source, b, 0o644)); err != nil {
		return err
	}
	return buildcache.Run(ctx, shell, nil, "javac", "-nowarn", "-proc:none", "-cp", classpath, "-d", shell, source)
}

// writeWeb makes an empty stand-in for the web interface: Alluxio does not start without one.
func writeWeb(path string) error {
	const webXML = `<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="2.5"/>`
	if strings.HasSuffix(path, ".war") {
		return writeZip(path, map[string]string{"WEB-INF/web.xml": webXML})
	}
	for name, text := range map[string]string{
		"WEB-INF/web.xml":         webXML,
		"master/build/index.html": "<title>Alluxio master</title>",
		"worker/build/index.html": "<title>Alluxio worker</title>",
	} {
		file := filepath.Join(path, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// render writes recipe/NAME.tmpl, filled in with data, to path.
func render(name, path string, data any) error {
	t, err := template.ParseFS(sources, "recipe/"+name+".tmpl")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(t.Execute(f, data), f.Close())
}
