package realalluxio

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// manifest of a merged jar: some of the jars in it hold classes for several Java versions, and
// Alluxio 2.9 exits without them on Java 11 and later.
const manifest = "Manifest-Version: 1.0\nMulti-Release: true\n\n"

// foreign are native libraries for other machines than the ones our genuine Mesos runs on: a third
// of Alluxio 2.9's bytes.
var foreign = regexp.MustCompile(`\.(dll|jnilib|dylib)$|(aarch|arm|ppc|s390|sparc|mips|i386|linux32|musl|loongarch|` +
	`riscv|AIX|SunOS|FreeBSD|freebsd|android|/x86/|/32/).*\.(so|a)$`)

// mergeJars writes one jar with the contents of all. Of files with one name the first wins, but the
// lists of services are joined. Entries are stored, not deflated: at its start Jersey reads through
// the whole jar, and a master is up in half the time. Folders are entries too, since Jersey finds
// packages by them.
func mergeJars(to string, jars []string) error {
	return withZip(to, func(w *zip.Writer) error {
		if err := add(w, "META-INF/MANIFEST.MF", []byte(manifest)); err != nil {
			return err
		}
		seen, services := map[string]bool{"META-INF/MANIFEST.MF": true}, map[string][]byte{}
		for _, jar := range jars {
			if err := mergeJar(w, jar, seen, services); err != nil {
				return fmt.Errorf("merge %s: %w", filepath.Base(jar), err)
			}
		}
		for name, list := range services {
			if err := add(w, name, list); err != nil {
				return err
			}
		}
		return nil
	})
}

func mergeJar(w *zip.Writer, jar string, seen map[string]bool, services map[string][]byte) error {
	r, err := zip.OpenReader(jar)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, f := range r.File {
		service := path.Dir(f.Name) == "META-INF/services" && !strings.HasSuffix(f.Name, "/")
		if !service && (seen[f.Name] || unwanted(f.Name)) {
			continue
		}
		seen[f.Name] = true
		in, err := f.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if service {
			services[f.Name] = slices.Concat(services[f.Name], b, []byte("\n"))
		} else if err := add(w, f.Name, b); err != nil {
			return err
		}
	}
	return nil
}

// unwanted are what holds for one jar only (signatures, module descriptors) and foreign libraries.
func unwanted(name string) bool {
	if path.Dir(name) == "META-INF" && slices.Contains([]string{".SF", ".RSA", ".DSA", ".EC"}, path.Ext(name)) {
		return true
	}
	return path.Base(name) == "module-info.class" || foreign.MatchString(name)
}

// writeReference writes a jar whose classes are those of another jar in the same folder.
func writeReference(to, jar string) error {
	return writeZip(to, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nClass-Path: " + jar + "\n\n"})
}

// writeZip writes a small zip file.
func writeZip(to string, files map[string]string) error {
	return withZip(to, func(w *zip.Writer) error {
		for name, text := range files {
			if err := add(w, name, []byte(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// add adds a stored entry. It is a raw one for the sake of its header: CRC and sizes have to come before the data, as
// Java reads no stored entry of a stream otherwise.
func add(w *zip.Writer, name string, content []byte) error {
	size := uint64(len(content))
	e, err := w.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(content), CompressedSize64: size, UncompressedSize64: size,
	})
	if err == nil {
		_, err = e.Write(content)
	}
	return err
}

// withZip makes the file and its folder and lets write fill it.
func withZip(to string, write func(*zip.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	w := zip.NewWriter(f)
	return errors.Join(write(w), w.Close(), f.Close())
}
