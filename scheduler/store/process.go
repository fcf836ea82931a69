package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// ProcessFile is the name of the file in the state folder that says who runs this configuration.
const ProcessFile = "process.json"

// Process is the framework that runs, or last ran, a configuration. The zero Process is none.
type Process struct {
	// PID and StartTime name a process for good: a pid alone is used again. StartTime is field 22
	// of /proc/<pid>/stat, in clock ticks since boot (proc(5)).
	PID       int
	StartTime uint64
	// Boot is /proc/sys/kernel/random/boot_id: ticks since boot mean nothing after another boot.
	Boot string
	// API is host:port of the HTTP API.
	API string
	// Certificate is the file with the API's certificate, or "" for an API without TLS.
	Certificate string
	// Token permits changes through the API. It is made at the first start and kept, unless all instances share another.
	Token config.Secret
	// Ended and Reason say when and why it ended by itself, also after a teardown; zero while it
	// runs, and after a signal or a crash.
	Ended  time.Time
	Reason string
}

// processJSON is Process as the file has it: there the token is written out.
type processJSON struct {
	PID       int       `json:"pid"`
	StartTime uint64    `json:"startTime"`
	Boot      string    `json:"boot"`
	API       string    `json:"api"`
	Cert      string    `json:"certificate,omitempty"`
	Token     string    `json:"token"`
	Ended     time.Time `json:"ended,omitzero"`
	Reason    string    `json:"reason,omitempty"`
}

// ReadProcess reads process.json. A missing file is the zero Process; errors are those of the file
// system, and a file that is no JSON.
func ReadProcess(folder string) (Process, error) {
	path := filepath.Join(folder, ProcessFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Process{}, nil
	}
	if err != nil {
		return Process{}, fmt.Errorf("read who runs this configuration: %w", err)
	}
	var p processJSON
	if err := json.Unmarshal(data, &p); err != nil {
		return Process{}, fmt.Errorf("read who runs this configuration: %s: %w", path, err)
	}
	return Process{PID: p.PID, StartTime: p.StartTime, Boot: p.Boot, API: p.API, Certificate: p.Cert,
		Token: config.NewSecret(p.Token), Ended: p.Ended, Reason: p.Reason}, nil
}

// NewProcess describes this process, with the token of an earlier start or a new one. Only who
// holds the Store may write it.
func NewProcess(folder, api string) (Process, error) {
	p, err := Identify(os.Getpid())
	if err != nil {
		return Process{}, err
	}
	p.API = api
	// A file that cannot be read is replaced: all that it holds can be made again.
	if last, err := ReadProcess(folder); err == nil && last.Token.IsSet() {
		p.Token = last.Token
	} else {
		p.Token = config.NewSecret(rand.Text())
	}
	return p, nil
}

// SharedToken is the token of all instances that keep their state in ZooKeeper with a password:
// whoever has that can change the state anyway. Of the token nobody learns the password. Without a
// password there is none.
func SharedToken(z config.ZooKeeper) config.Secret {
	if !z.Password.IsSet() {
		return config.Secret{}
	}
	mac := hmac.New(sha256.New, []byte(z.Password.Reveal()))
	_, _ = fmt.Fprintf(mac, "alluxio-mesos API token\n%s\n%s\n", z.User, z.Path) // a hash takes everything
	return config.NewSecret(hex.EncodeToString(mac.Sum(nil)))
}

// URL is the base of the API's addresses.
func (p Process) URL() string {
	if p.Certificate != "" {
		return "https://" + p.API
	}
	return "http://" + p.API
}

// Identify finds the start time of a living process; API and Token are empty.
func Identify(pid int) (Process, error) {
	ticks, err := startTime(pid)
	if err != nil {
		return Process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	boot, err := bootID()
	if err != nil {
		return Process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	return Process{PID: pid, StartTime: ticks, Boot: boot}, nil
}

// Write replaces process.json at once: a reader sees the old one or the new one.
func (p Process) Write(folder string) error { return p.write(folder, replaceFile) }

// WriteOver writes into process.json as it is, which needs no room on a full disk. A process that
// dies meanwhile leaves a file that cannot be read; the next start replaces it.
func (p Process) WriteOver(folder string) error {
	return p.write(folder, func(path string, data []byte) error { return os.WriteFile(path, data, 0o600) })
}

func (p Process) write(folder string, how func(path string, data []byte) error) error {
	data, err := json.Marshal(processJSON{PID: p.PID, StartTime: p.StartTime, Boot: p.Boot, API: p.API,
		Cert: p.Certificate, Token: p.Token.Reveal(), Ended: p.Ended, Reason: p.Reason})
	if err == nil {
		err = how(filepath.Join(folder, ProcessFile), data)
	}
	if err != nil {
		return fmt.Errorf("write who runs this configuration: %w", err)
	}
	return nil
}

// replaceFile writes a file of mode 0600 under another name (CreateTemp's mode) and renames it.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// Alive is true while that very process lives: same pid, same start time, same boot. A zombie is dead.
func (p Process) Alive() bool {
	if p.PID <= 0 {
		return false
	}
	now, err := Identify(p.PID)
	return err == nil && now.StartTime == p.StartTime && now.Boot == p.Boot
}

// ErrNotRunning is returned by Signal when the process is gone.
var ErrNotRunning = errors.New("the process does not run any more")

// Signal sends a signal to that very process and to no other that may have got its pid since.
func (p Process) Signal(sig os.Signal) error {
	if p.PID <= 0 {
		return ErrNotRunning
	}
	// On Linux 5.4 and later os.Process is a descriptor of the process (pidfd_open(2)). It is
	// opened before the start time is read, so that both are about the same process.
	process, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("signal process %d: %w", p.PID, err)
	}
	defer func() { _ = process.Release() }()
	if !p.Alive() {
		return ErrNotRunning
	}
	if err := process.Signal(sig); errors.Is(err, os.ErrProcessDone) {
		return ErrNotRunning
	} else if err != nil {
		return fmt.Errorf("signal process %d: %w", p.PID, err)
	}
	return nil
}

// startTime reads field 22 of /proc/<pid>/stat. Fields are counted behind the last ')': the second
// one is the command's name, which may hold spaces and parentheses itself.
func startTime(pid int) (uint64, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	text := string(data)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	// The first of these fields is number 3 of proc(5).
	const state, start = 0, 22 - 3
	if len(fields) <= start {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields behind the name", pid, len(fields))
	}
	if fields[state] == "Z" || fields[state] == "X" {
		return 0, fs.ErrNotExist
	}
	return strconv.ParseUint(fields[start], 10, 64)
}

func bootID() (string, error) {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(data)), err
}
