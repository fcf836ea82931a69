package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// travelling are the files that go to every task beside the site file, when they are in the conf folder.
var travelling = []string{"log4j.properties", "metrics.properties", "core-site.xml", "hdfs-site.xml"}

// envFile is the script of an Alluxio installation that sets its environment. It is not run: a
// task's environment is not the operator's.
const envFile = "alluxio-env.sh"

// maxTravelling bounds the files together: they travel in the task's description, encoded, with all
// properties, in at most 256KiB.
const maxTravelling = 160 << 10

// maxFile bounds what is read of one file: most of one that is larger could not travel.
const maxFile = 4 << 20

func (l *loader) files() []File {
	var files []File
	total := 0
	for _, name := range travelling {
		path := filepath.Join(l.options.ConfDir, name)
		data, err := readFile(path, maxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			l.problems = append(l.problems,
				Problem{Source: path, Message: "cannot be read: " + withoutPath(err) +
					"; every task needs it: make it readable, or remove it"})
			continue
		}
		if total += len(data); total > maxTravelling {
			l.problems = append(l.problems,
				Problem{Source: path, Message: "with this file, what travels to every task is over " +
					Bytes(maxTravelling).String() + "; shorten it, or install it on the agents instead"})
			continue
		}
		files = append(files, File{Name: name, Data: data})
	}
	if path := filepath.Join(l.options.ConfDir, envFile); exists(path) {
		l.warn("%s is not run for tasks on Mesos; write its JVM options as %s and %s, and its other settings as properties "+
			"into %s", path, KeyMasterJavaOpts, KeyWorkerJavaOpts, l.siteFile)
	}
	return files
}

// readFile reads a file of at most limit bytes. What is no regular file, such as a pipe or a
// device, could hold the program up or fill its memory.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe that nobody writes to is opened as well
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, syscall.EISDIR
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %s", Bytes(limit))
	}
	return data, err
}

// decodeEncoding takes a UTF-8 byte order mark off, so that the other problems of the file are
// found, too. message is what is wrong with the encoding, "" for nothing; readable is false when
// not even the first key would be found.
func decodeEncoding(data []byte) (rest []byte, message string, readable bool) {
	if rest, marked := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); marked {
		return rest, "the file begins with a byte order mark, which Java reads as part of the first key; save it as " +
			"UTF-8 without one", true
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, "the file is UTF-16; save it as UTF-8 without a byte order mark", false
	}
	return data, "", true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
