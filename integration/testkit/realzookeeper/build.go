// Package realzookeeper runs a genuine Apache ZooKeeper 3.8, alone or as an ensemble, on loopback
// addresses of this machine, for tests and the demo. See README.md.
package realzookeeper

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
)

// Version is the version of ZooKeeper that Get provides.
const Version = "3.8.4"

//go:embed recipe
var recipe embed.FS

// Install is a ZooKeeper's jars and the Java that runs them.
type Install struct {
	Dir  string // absolute; shared by all tests of the machine: nothing may be written there
	java string
}

// Get finds the jars in the cache or lets Maven download them there: 7 MB and a few seconds.
func Get(ctx context.Context) (Install, error) {
	java, err := realalluxio.Java()
	if err != nil {
		return Install{}, err
	}
	digest, err := buildcache.Digest(recipe)
	if err != nil {
		return Install{}, err
	}
	dir, err := buildcache.Get(ctx, "realzookeeper-"+Version+"-"+digest, build)
	if err != nil {
		return Install{}, fmt.Errorf("provide a genuine ZooKeeper: %w", err)
	}
	return Install{Dir: dir, java: java}, nil
}

// build fills dir with lib/*.jar and conf/logback.xml.
func build(ctx context.Context, dir string) (err error) {
	temp := filepath.Join(dir, "maven")
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	for name, to := range map[string]string{"pom.xml": temp, "logback.xml": filepath.Join(dir, "conf")} {
		b, err := recipe.ReadFile("recipe/" + name)
		if err == nil {
			err = errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, name), b, 0o644))
		}
		if err != nil {
			return err
		}
	}
	return buildcache.Retry(ctx, func() error {
		return buildcache.Run(ctx, temp, nil, "mvn", "-q", "-B", "-f", filepath.Join(temp, "pom.xml"),
			"dependency:copy-dependencies",
			"-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(dir, "lib"))
	})
}
