package buildcache

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Pip is a pip below 24.1 in a virtual environment of its own. Later ones do not list old-style archives such as the
// one Mesos comes in, and a system's own pip may refuse to work outside an environment.
type Pip struct {
	python string // the environment's interpreter
}

// NewPip makes the environment in dir, which is the caller's to remove. It needs python3 with its venv module.
func NewPip(ctx context.Context, dir string) (Pip, error) {
	python := "/usr/bin/python3" // the one whose venv module the system's packages provide
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	if err := Run(ctx, "", nil, python, "-m", "venv", dir); err != nil {
		return Pip{}, fmt.Errorf("make a Python environment (Debian: python3-venv): %w", err)
	}
	p := Pip{python: filepath.Join(dir, "bin", "python3")}
	const old = "import pip; raise SystemExit(tuple(map(int, pip.__version__.split('.')[:2])) >= (24, 1))"
	if Run(ctx, "", nil, p.python, "-c", old) == nil {
		return p, nil
	}
	err := Retry(ctx, func() error { return Run(ctx, "", nil, p.python, "-m", "pip", "install", "-q", "pip<24.1") })
	if err != nil {
		return Pip{}, fmt.Errorf("install pip<24.1: %w", err)
	}
	return p, nil
}

// Download runs one `pip download` with these arguments. Temporary files go to temp.
func (p Pip) Download(ctx context.Context, temp string, args ...string) error {
	args = append([]string{"-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps"}, args...)
	return Run(ctx, "", []string{"TMPDIR=" + temp}, p.python, args...)
}

// Install installs packages into the environment, with all that they need. Temporary files go to temp.
// A program of theirs is run as a module, with -m: its script would have to stay where it is.
func (p Pip) Install(ctx context.Context, temp string, packages ...string) error {
	args := append([]string{"-m", "pip", "--disable-pip-version-check", "install", "-q"}, packages...)
	return Run(ctx, "", []string{"TMPDIR=" + temp}, p.python, args...)
}

// Run runs a command to its end in dir, with env on top of this process's own environment. Its error carries the last
// lines of what the command said.
func Run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, strings.Join(lines[max(0, len(lines)-5):], "; "))
	}
	return nil
}
