package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SiteFile is the base name of the file that holds the properties.
const SiteFile = "alluxio-site.properties"

// Flag is the Source of a property that was given on the command line.
const Flag = "--property"

// Precedence says which of several values of a property counts.
const Precedence = "A --property flag wins over the site file and the site file over the default; of several lines " +
	"or flags with one key the last wins."

// Options are what Load needs beside the site file.
type Options struct {
	// ConfDir is the folder of alluxio-site.properties, LogsDir and StateDir the defaults of Settings; see Locate.
	ConfDir, LogsDir, StateDir string
	// MesosMaster is the command line's MESOS_MASTER: host:port, a comma list of them, or zk://;
	// the port is 5050 when absent. Or it is file:///path: the file holds one of these.
	MesosMaster string
	// NoMesosMaster lets MesosMaster be empty, for commands that do not talk to Mesos.
	NoMesosMaster bool
	// Secret is the value of EnvSecret in the environment.
	Secret Secret
	// MasterHost is the command line's ALLUXIO_MASTER_HOSTNAME, or "". It wins over alluxio.integration.mesos.master.host.
	MasterHost string
	// Properties are the command line's --property flags, each key=value, taken as written: without
	// the escapes of the site file.
	Properties []string
	// LoseJournal is --lose-journal.
	LoseJournal bool
}

// Load reads the site file and the flags into Settings. Its error is always of type Problems and
// holds every problem at once; Settings are then nil.
func Load(o Options) (*Settings, error) {
	l := newLoader(o)
	haveSite := l.readSite()
	l.readFlags()
	l.checkKeys()
	l.parseAll(haveSite)
	s := l.settings()
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, l.problems
	}
	return s, nil
}

// LoadStateDir returns the folder of the framework's state as Load would, whatever else is wrong
// with the site file: a running framework must be found, and stopped, also after somebody broke the
// file. Its errors are Problems about the folder itself.
func LoadStateDir(o Options) (string, error) {
	l := newLoader(o)
	l.readSite()
	l.readFlags()
	l.problems = nil
	l.parse(FindKey(KeyStateDir))
	if len(l.problems) > 0 {
		return "", l.problems
	}
	return l.stateDir(), nil
}

// LoadStateZooKeeper returns where the state is kept in ZooKeeper, and with which session timeout,
// as Load would; a zero address for a file in the state folder. Its errors are Problems about these
// two properties.
func LoadStateZooKeeper(o Options) (ZooKeeper, time.Duration, error) {
	l := newLoader(o)
	l.readSite()
	l.readFlags()
	l.problems = nil
	l.parse(FindKey(KeyState))
	l.parse(FindKey(KeyZooKeeperTimeout))
	if len(l.problems) > 0 {
		return ZooKeeper{}, 0, l.problems
	}
	return get[ZooKeeper](l, KeyState), get[time.Duration](l, KeyZooKeeperTimeout), nil
}

type loader struct {
	options  Options
	roles    *RoleTable
	siteFile string
	// entries has one Property for each key, in the order of the site file, then of the flags; index finds them.
	entries []Property
	index   map[string]int
	// parsed has the values of Keys that could be read, by Key.Name.
	parsed   map[string]any
	problems Problems
	warnings []string
	inShort  map[string]string // see Settings
}

func newLoader(o Options) *loader {
	return &loader{options: o, roles: AlluxioRoles(), siteFile: filepath.Join(o.ConfDir, SiteFile),
		index: map[string]int{}, parsed: map[string]any{},
		inShort: map[string]string{}}
}

// readSite reports whether the site file was there and readable.
func (l *loader) readSite() bool {
	data, err := readFile(l.siteFile, maxFile)
	if err != nil {
		message := "cannot be read: " + withoutPath(err)
		if errors.Is(err, fs.ErrNotExist) {
			message = "does not exist; create it, or say with ALLUXIO_CONF_DIR in which folder it is"
		}
		l.problems = append(l.problems, Problem{Source: l.siteFile, Message: message})
		return false
	}
	data, message, readable := decodeEncoding(data)
	if message != "" {
		l.problems = append(l.problems, Problem{Source: l.siteFile + ":1", Message: message})
	}
	if !readable {
		return false
	}
	found, problems := ParseProperties(l.siteFile, data)
	l.problems = append(l.problems, problems...)
	for _, p := range found {
		l.warnRepeated(p)
		l.put(p)
	}
	return true
}

// warnRepeated warns about a line that gives a property another value than an earlier line does.
func (l *loader) warnRepeated(p Property) {
	first, ok := l.find(p.Key)
	if !ok || first.Value == p.Value {
		return
	}
	l.warn("%s is set to %q (%s) and to %q (%s); the last line counts, remove the other",
		oneLine(p.Key), shown(p.Key, first.Value), first.Source, shown(p.Key, p.Value), p.Source)
}

// withoutPath drops the path of a file error: the Source of the Problem names it already.
func withoutPath(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

func (l *loader) readFlags() {
	for _, flag := range l.options.Properties {
		key, value, ok := strings.Cut(flag, "=")
		key = strings.TrimSpace(key)
		switch {
		case !ok || key == "":
			// The text is not shown: it may be a value.
			l.problems = append(l.problems,
				Problem{Source: Flag, Message: "a flag is not key=value; write for example --property " + KeyWorkerCount + "=3"})
		case !utf8.ValidString(flag):
			l.problems = append(l.problems,
				Problem{Key: strings.ToValidUTF8(key, "?"), Source: Flag,
					Message: "the value is not UTF-8; write it into the site file with \\uXXXX"})
		default:
			if !l.refuseOnCommandLine(key, value) {
				l.dropOtherName(key)
				l.put(Property{Key: key, Value: value, Source: Flag})
			}
		}
	}
}

// dropOtherName takes out what the site file says of a property under the name that a flag does not
// use: a flag wins over both.
func (l *loader) dropOtherName(name string) {
	k := FindKey(name)
	if k == nil || k.OldName == "" {
		return
	}
	other := k.Name
	if name == k.Name {
		other = k.OldName
	}
	if p, ok := l.find(other); !ok || p.Source == Flag {
		return
	}
	i := l.index[other]
	l.entries = slices.Delete(l.entries, i, i+1)
	delete(l.index, other)
	for j := i; j < len(l.entries); j++ {
		l.index[l.entries[j].Key] = j
	}
}

// put adds a property or replaces the one of the same key, which keeps its place in the order.
func (l *loader) put(p Property) {
	if i, ok := l.index[p.Key]; ok {
		l.entries[i] = p
		return
	}
	l.index[p.Key] = len(l.entries)
	l.entries = append(l.entries, p)
}

// find returns the property of exactly this name, and whether it was written.
func (l *loader) find(name string) (Property, bool) {
	if i, ok := l.index[name]; ok {
		return l.entries[i], true
	}
	return Property{Key: name, Source: l.siteFile}, false
}

// written returns the property of k under the name that was used. Both names at once are fine while they agree.
func (l *loader) written(k *Key) (Property, bool) {
	p, ok := l.find(k.Name)
	if k.OldName == "" {
		return p, ok
	}
	if old, okOld := l.find(k.OldName); okOld && !ok {
		return old, true
	}
	return p, ok
}
