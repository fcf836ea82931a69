package realalluxio

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// writeTarball packs the folder dir/top into the file dir/name, a gzipped tar, and writes its
// sha256 to dir/name.sha256. It is compressed lightly: unpacking is what tests do many times.
func writeTarball(dir, top, name string) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	sum := sha256.New()
	z, err := gzip.NewWriterLevel(io.MultiWriter(f, sum), gzip.BestSpeed)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	t := tar.NewWriter(z)
	if err := errors.Join(addTree(t, dir, top), t.Close(), z.Close(), f.Close()); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".sha256"), []byte(hex.EncodeToString(sum.Sum(nil))), 0o644)
}

// addTree adds dir/top, with names from top on, as root's.
func addTree(t *tar.Writer, dir, top string) error {
	return filepath.Walk(filepath.Join(dir, top), func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		header, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		if header.Name, err = filepath.Rel(dir, path); err != nil {
			return err
		}
		if info.IsDir() {
			header.Name += "/"
		}
		header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "root", "root"
		if err := t.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(t, f)
		return err
	})
}
