//go:build testall

package realalluxio

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

// keyVersions are the versions that the table of Alluxio's properties is made of.
var keyVersions = []string{"1.4.0", "1.5.0", "1.6.1", "1.7.1", "1.8.1",
	"2.0.0", "2.1.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "2.7.3", "2.9.6"}

// TestTheTableOfAlluxiosPropertiesIsWhatTheirClassSays makes the table again. With -update it is
// rewritten: `make keys`.
func TestTheTableOfAlluxiosPropertiesIsWhatTheirClassSays(t *testing.T) {
	t.Parallel()
	table, dir := newKeyTable(), t.TempDir()
	for _, version := range keyVersions {
		libraries := "2.9.6" // the class needs libraries: those of this release do
		if strings.HasPrefix(version, "1.") {
			libraries = "1.8.1"
		}
		release, err := Get(t.Context(), libraries)
		if err != nil {
			t.Fatal(err)
		}
		err = buildcache.Retry(t.Context(), func() error {
			return buildcache.Run(t.Context(), dir, nil, "mvn", "-q", "-B",
				"org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
				"-Dartifact=org.alluxio:alluxio-core-common:"+version, "-DoutputDirectory="+dir)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := table.read(t.Context(), dir+"/alluxio-core-common-"+version+".jar", release.ServerJar()); err != nil {
			t.Fatal(err)
		}
	}
	golden.Compare(t, keysFile, table.text())
}
