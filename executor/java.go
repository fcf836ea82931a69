package executor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// localJava finds the Java of this host: JAVA_HOME, else java on PATH. An executor does not inherit
// these from its agent (measured with Mesos 1.11): it has what the agent's flag
// --executor_environment_variables says, and a PATH of the usual folders.
func (h host) localJava() (home string, err error) {
	if home = h.env["JAVA_HOME"]; home != "" {
		if !isFile(filepath.Join(home, "bin/java")) {
			return "",
				fmt.Errorf("there is no bin/java in JAVA_HOME=%s of the executor; correct the Mesos agent's "+
					"--executor_environment_variables, or set alluxio.integration.mesos.jdk.url to a JDK tarball", home)
		}
		return home, nil
	}
	for _, dir := range filepath.SplitList(h.env["PATH"]) {
		java := filepath.Join(dir, "java")
		if !filepath.IsAbs(java) || !isFile(java) {
			continue
		}
		if java, err = filepath.EvalSymlinks(java); err != nil { // /usr/bin/java is usually a link to a link
			return "", fmt.Errorf("find Java on PATH: %w", err)
		}
		return filepath.Dir(filepath.Dir(java)), nil
	}
	return "",
		errors.New("no Java on this host: the executor has no JAVA_HOME, and there is no java on its PATH (" + h.env["PATH"] +
			"); install one there, " +
			`start the Mesos agent with --executor_environment_variables='{"JAVA_HOME":"/path/to/java"}', or set ` +
			`alluxio.integration.mesos.jdk.url to a JDK tarball`)
}

var (
	releaseVersion = regexp.MustCompile(`(?m)^JAVA_VERSION="([^"\n]{1,40})"`)
	spokenVersion  = regexp.MustCompile(`version "([^"\n]{1,40})"`)
)

// javaVersion reads the version from the release file of a JDK: running java for it costs 40 ms.
// Only a Java without that file, such as the jre folder of some Java 8, is asked itself.
func javaVersion(ctx context.Context, home string) (string, error) {
	java := filepath.Join(home, "bin/java")
	homes := []string{home}
	if real, err := filepath.EvalSymlinks(java); err == nil { // a JAVA_HOME of /usr, with bin/java a link
		homes = append(homes, filepath.Dir(filepath.Dir(real)))
	}
	for _, h := range homes {
		data, err := os.ReadFile(filepath.Join(h, "release"))
		if err != nil {
			continue
		}
		if m := releaseVersion.FindSubmatch(data); m != nil {
			return string(m[1]), nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, java, "-version")
	cmd.Env = []string{} // a JAVA_TOOL_OPTIONS would speak first
	out, err := cmd.CombinedOutput()
	if m := spokenVersion.FindSubmatch(out); m != nil {
		return string(m[1]), nil
	}
	said, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return "", fmt.Errorf("cannot find out the version of the Java in %s: no release file, and %s -version says %q (%w)",
		home, java, said, orNone(err))
}

var errNoVersion = errors.New("no version in it")

func orNone(err error) error {
	if err == nil {
		return errNoVersion
	}
	return err
}
