package realalluxio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Java finds the java of this machine: the one of JAVA_HOME, else the one on PATH.
func Java() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java := filepath.Join(home, "bin", "java")
		if _, err := os.Stat(java); err != nil {
			return "", fmt.Errorf("find java through JAVA_HOME: %w", err)
		}
		return java, nil
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("find java (Debian: openjdk-17-jdk-headless): %w", err)
	}
	return java, nil
}

// Shell runs one command of Alluxio's file system shell, such as "ls", "/", with the program java and these properties,
// and returns what it prints to stdout. Alluxio's address belongs into props (alluxio.master.hostname,
// alluxio.master.port or alluxio.master.rpc.port). 1.4.0 knows ls, mkdir, copyFromLocal and cat only.
func (r Release) Shell(ctx context.Context, java string, props map[string]string, args ...string) (out string,
	err error) {
	temp, err := os.MkdirTemp("", "alluxio-shell-")
	if err != nil {
		return "", fmt.Errorf("run Alluxio's shell: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	conf := filepath.Join(r.Dir, "conf")
	main, jars := r.recipe.shell, filepath.Join(r.Dir, r.recipe.clientJar)
	if main == "" {
		main, jars = "FileSystemShell", filepath.Join(filepath.Dir(r.Dir), "shell")+":"+r.ServerJar()
	}
	argv := []string{
		"-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", conf + ":" + jars, "-Dalluxio.home=" + r.Dir,
		"-Dalluxio.conf.dir=" + conf,
		"-Dalluxio.logs.dir=" + temp, "-Dlog4j.configuration=file:" + filepath.Join(conf, "log4j.properties"),
		"-Dalluxio.logger.type=USER_LOGGER", "-Djava.io.tmpdir=" + temp,
	}
	for _, key := range slices.Sorted(maps.Keys(props)) {
		argv = append(argv, "-D"+key+"="+props[key])
	}
	cmd := exec.CommandContext(ctx, java, append(append(argv, main), args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return string(stdout), fmt.Errorf("alluxio %s shell %q: %w: %s%s", r.Version, args, err, stdout, stderr.Bytes())
	}
	return string(stdout), nil
}
