package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// EnvSecret is the environment variable that can hold the secret of KeySecret. The framework's own
// process does not keep it.
const EnvSecret = "ALLUXIO_MESOS_SECRET"

// fileScheme begins a MESOS_MASTER that is the name of a file with the address in it. Mesos:
// --master of mesos-agent, --zk of mesos-master.
const fileScheme = "file://"

// maxPrivate bounds a file that holds one secret, or one address.
const maxPrivate = 4 << 10

// secret is what the site file, the file that it names, or the environment has; that all agree is fine.
func (l *loader) secret() Secret {
	type source struct{ name, value string }
	var found []source
	if value := get[string](l, KeySecret); value != "" {
		found = append(found, source{KeySecret, value})
	}
	if path := get[string](l, KeySecretFile); path != "" {
		value, err := ReadPrivate(path)
		if err != nil {
			l.problem(KeySecretFile, "%s", err)
		} else {
			found = append(found, source{KeySecretFile, value.Reveal()})
		}
	}
	if l.options.Secret.IsSet() {
		found = append(found, source{"$" + EnvSecret, l.options.Secret.Reveal()})
	}
	if len(found) == 0 {
		return Secret{}
	}
	for _, other := range found[1:] {
		if other.value != found[0].value {
			key := KeySecretFile
			if _, ok := l.find(KeySecret); ok {
				key = KeySecret
			}
			l.problem(key, "%s and %s hold different secrets; keep one of them", found[0].name, other.name)
		}
	}
	return NewSecret(found[0].value)
}

// ReadPrivate reads a file that holds one secret and nothing else; a line end behind it is dropped.
// Its errors are one sentence with a hint, and never show what is in the file.
func ReadPrivate(path string) (Secret, error) {
	text, mode, err := readWord(path)
	if err != nil {
		return Secret{}, err
	}
	if mode.Perm()&0o007 != 0 {
		return Secret{},
			fmt.Errorf("every user of this host can open the file (mode %04o); chmod 600 it, and change the secret if "+
				"somebody may have read it", mode.Perm())
	}
	return NewSecret(text), nil
}

// readWord reads the only line of a file.
func readWord(path string) (string, fs.FileMode, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, errors.New("there is no such file; make it, with mode 0600")
	}
	if err != nil {
		return "", 0,
			fmt.Errorf("the file cannot be read: %s; it must be readable by the user who runs the framework", withoutPath(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return "", 0, errors.New("is not a file; name the file that holds it")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxPrivate+1))
	if err != nil {
		return "", 0, fmt.Errorf("the file cannot be read: %s", withoutPath(err))
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	switch {
	case text == "":
		return "", 0, errors.New("the file is empty; write into it what it is to hold")
	case len(data) > maxPrivate || strings.ContainsFunc(text, unicode.IsControl):
		return "", 0, errors.New("the file holds more than one line of text; write nothing else into it")
	}
	return text, info.Mode(), nil
}

// writtenMesosMaster is MESOS_MASTER, taken out of the file that it names, if it names one.
func (l *loader) writtenMesosMaster() (string, error) {
	text := strings.TrimSpace(l.options.MesosMaster)
	path, isFile := strings.CutPrefix(text, fileScheme)
	if !isFile {
		if HoldsPassword(text) {
			l.warn("MESOS_MASTER holds a password, which every user of this host can see in the list of processes while this " +
				"command begins; write the address into a file of mode 0600 and give file:///path/to/it")
		}
		return text, nil
	}
	if !filepath.IsAbs(path) {
		return "", errors.New("the file's path must be absolute; write file:///path/to/it")
	}
	address, mode, err := readWord(path)
	switch {
	case err != nil:
		return "", err
	case HoldsPassword(address) && mode.Perm()&0o007 != 0:
		return "", fmt.Errorf("the file holds a password, and every user of this host can open it (mode %04o); chmod 600 it",
			mode.Perm())
	case strings.HasPrefix(address, fileScheme):
		return "", errors.New("the file names another file; write the address of the Mesos master into it")
	}
	return address, nil
}

// HoldsPassword is true for an address with credentials in it, which must not stand on a command line.
func HoldsPassword(address string) bool {
	return IsZooKeeper(address) && strings.Contains(address, "@") || userInfo.MatchString(address)
}

// refuseOnCommandLine adds a problem for a flag whose value is a secret: every user of a host can
// read the command lines of all processes.
func (l *loader) refuseOnCommandLine(key, value string) bool {
	hint := "write it into " + l.siteFile
	switch {
	case key == KeySecret:
		hint = "write it into a file and name that with " + KeySecretFile + ", or set " + EnvSecret + " in the environment"
	case !IsCredential(key) && !HoldsPassword(value):
		return false
	}
	l.problems = append(l.problems, Problem{Key: key, Value: "***", Source: Flag,
		Message: "a secret must not stand on a command line: every user of this host can see it in the list of processes; " +
			hint})
	return true
}

// warnOpenSite speaks up when others can read the secrets of the site file.
func (l *loader) warnOpenSite() {
	info, err := os.Stat(l.siteFile)
	if err != nil || info.Mode().Perm()&0o004 == 0 {
		return
	}
	for _, p := range l.entries {
		if p.Source != Flag && p.Value != "" && (IsCredential(p.Key) || HoldsPassword(p.Value)) {
			l.warn("every user of this host can read %s (mode %04o), and %s in it is a secret; chmod 600 it", l.siteFile,
				info.Mode().Perm(), oneLine(p.Key))
			return
		}
	}
}

// refuseSecretOptions adds a problem for a JVM option that would show a secret: everybody on an
// agent can read the JVM's command line.
func (l *loader) refuseSecretOptions() {
	for _, key := range []string{KeyMasterJavaOpts, KeyWorkerJavaOpts} {
		for _, option := range get[[]string](l, key) {
			name, value, _ := strings.Cut(strings.TrimPrefix(option, "-D"), "=")
			if strings.HasPrefix(option, "-D") && (IsCredential(name) || HoldsPassword(value)) {
				l.problem(key,
					"it sets %s, and every user of the agent can see a JVM's command line; write it into %s as a property, or, if "+
						"only the JVM reads it, into a file on the agents and that file's name here as @/path (Java 9 and later)",
					oneLine(name), l.siteFile)
			}
		}
	}
}
