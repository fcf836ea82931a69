package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
)

// handover is what one process of ours gives to the next on a pipe. As long as a process lives,
// /proc shows its first arguments to everyone and its first environment to its user and to root:
// what is a secret must be in neither of a process that stays.
type handover struct {
	// Secret is the value of config.EnvSecret, MesosMaster the argument of that name when it holds
	// a password; "" for values that are not handed over.
	Secret      string `json:"secret,omitempty"`
	MesosMaster string `json:"mesosMaster,omitempty"`
}

// handoverFlag is the hidden flag with the descriptor that the handover is read from.
const handoverFlag = "handover"

// maxHandover is less than a pipe takes without a reader (pipe(7)).
const maxHandover = 32 << 10

// privates are the variables of the environment that hold a secret.
var privates = []string{config.EnvSecret, envToken}

// readHandover reads what was handed over to this process, if anything was.
func (c *cli) readHandover(fd int) error {
	if fd == 0 {
		return nil
	}
	f := os.NewFile(uintptr(fd), handoverFlag)
	if f == nil {
		return &exitError{exitConfiguration, "--" + handoverFlag + " is for this program itself"}
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxHandover)).Decode(&c.given); err != nil {
		return &exitError{exitConfiguration, "--" + handoverFlag + " is for this program itself"}
	}
	return nil
}

// mesosSecret is the secret of the environment, also when another process of ours was started with it.
func (c *cli) mesosSecret() config.Secret {
	if c.given.Secret != "" {
		return config.NewSecret(c.given.Secret)
	}
	return config.NewSecret(c.env(config.EnvSecret))
}

// mesosMaster is the argument MESOS_MASTER as it was written.
func (c *cli) mesosMaster(args []string) string {
	switch {
	case c.given.MesosMaster != "":
		return c.given.MesosMaster
	case len(args) > 0:
		return args[0]
	}
	return ""
}

// exposed is true when /proc shows a secret of this process.
func (c *cli) exposed(args []string) bool {
	return len(args) > 0 && config.HoldsPassword(args[0]) && c.given.MesosMaster == "" ||
		slices.ContainsFunc(privates, func(name string) bool { return c.env(name) != "" })
}

// conceal returns args and the environment without secrets, and the pipe from which the next
// process gets them; nil when there are none.
func (c *cli) conceal(args []string) (shown, environ []string, from *os.File, err error) {
	h := handover{Secret: c.mesosSecret().Reveal()}
	shown = slices.Clone(args)
	if master := c.mesosMaster(args); config.HoldsPassword(master) {
		h.MesosMaster = master
		shown[0] = master[:strings.Index(master, "://")+3] + "***" + master[strings.LastIndexByte(master, '@'):]
	}
	environ = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(privates, name)
	})
	if h == (handover{}) {
		return shown, environ, nil, nil
	}
	data, err := json.Marshal(h)
	if err == nil && len(data) > maxHandover {
		err = errors.New("they are too long")
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("hand the secrets over: %w", err)
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("hand the secrets over: %w", err)
	}
	_, err = to.Write(data)
	if err = errors.Join(err, to.Close()); err != nil {
		return nil, nil, nil, fmt.Errorf("hand the secrets over: %w", errors.Join(err, from.Close()))
	}
	return shown, environ, from, nil
}

// again executes this program once more, in this process, under another name and without the
// secrets that /proc shows of it. It returns only when that fails.
func (c *cli) again(name string, args []string, more ...string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	shown, environ, from, err := c.conceal(args)
	if err != nil {
		return err
	}
	argv := append([]string{name}, more...)
	if from != nil {
		defer from.Close()
		if _, err := unix.FcntlInt(from.Fd(), syscall.F_SETFD, 0); err != nil { // it is to stay open
			return fmt.Errorf("hand the secrets over: %w", err)
		}
		argv = append(argv, "--"+handoverFlag, strconv.Itoa(int(from.Fd())))
	}
	for _, arg := range c.argv[1:] {
		if i := slices.Index(args, arg); i >= 0 {
			arg = shown[i]
		}
		argv = append(argv, arg)
	}
	if err := syscall.Exec(self, argv, environ); err != nil {
		return fmt.Errorf("execute this program again: %w", err)
	}
	return nil
}
