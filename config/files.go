package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// travelling are the files that go to every task beside the site file, when they are in the conf folder.
var travelling = []string{"log4j.properties", "metrics.properties", "core-site.xml", "hdfs-site.xml"}

// envFile is the script of an Alluxio installation that sets its environment. It is not run: a task's environment is not the operator's.
const envFile = "alluxio-env.sh"

// maxTravelling bounds the files together: they travel in the task's description, encoded, with all properties, in at most 256KiB.
const maxTravelling = 160 << 10

func (l *loader) files() []File {
	var files []File
	total := 0
	for _, name := range travelling {
		path := filepath.Join(l.options.ConfDir, name)
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			l.problems = append(l.problems, Problem{Source: path, Message: "cannot be read: " + withoutPath(err) + "; every task needs it: make it readable, or remove it"})
			continue
		}
		if total += len(data); total > maxTravelling {
			l.problems = append(l.problems, Problem{Source: path, Message: "with this file, what travels to every task is over " + Bytes(maxTravelling).String() + "; shorten it, or install it on the agents instead"})
			continue
		}
		files = append(files, File{Name: name, Data: data})
	}
	if path := filepath.Join(l.options.ConfDir, envFile); exists(path) {
		l.warn("%s is not run for tasks on Mesos; write its JVM options as %s and %s, and its other settings as properties into %s", path, KeyMasterJavaOpts, KeyWorkerJavaOpts, l.siteFile)
	}
	return files
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
