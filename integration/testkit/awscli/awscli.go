// Package awscli provides the command line client of Amazon S3, with which users of S3 test a server.
package awscli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

// requirement is the client in the words of Python's package installer.
const requirement = "awscli==1.46.2"

// entry is its name in the cache: raise the number when the code below makes it in another way.
const entry = "awscli-1.46.2-1"

// Client is the client as one user of one server.
type Client struct {
	python string // the interpreter that has the client
	env    []string
	url    string
}

// New returns a client of the server at url, as a user with this access key. It reads no
// configuration but its own, which it keeps in the folder home. The client itself is in the cache
// or is installed there: a download of some 20 MB.
func New(ctx context.Context, home, url, accessKey string) (Client, error) {
	dir, err := buildcache.Get(ctx, entry, func(ctx context.Context, dir string) error {
		temp := filepath.Join(dir, "temp")
		if err := os.Mkdir(temp, 0o755); err != nil {
			return err
		}
		pip, err := buildcache.NewPip(ctx, filepath.Join(dir, "venv"))
		if err != nil {
			return err
		}
		err = buildcache.Retry(ctx, func() error { return pip.Install(ctx, temp, requirement) })
		return errors.Join(err, os.RemoveAll(temp))
	})
	if err != nil {
		return Client{}, fmt.Errorf("provide %s: %w", requirement, err)
	}
	return Client{
		python: filepath.Join(dir, "venv", "bin", "python3"), url: url,
		env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_ACCESS_KEY_ID=" + accessKey,
			"AWS_SECRET_ACCESS_KEY=any", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true"},
	}, nil
}

// Run runs one command, such as "s3", "ls", and returns what it prints to stdout.
func (c Client) Run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, c.python, append([]string{"-m", "awscli", "--endpoint-url", c.url}, args...)...)
	cmd.Env = c.env
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return string(out), fmt.Errorf("aws %q: %w", args, err)
	}
	return string(out), nil
}
