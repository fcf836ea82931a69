package config

import (
	"slices"
	"strings"
	"testing"
)

func TestLongWarningsHaveAShortFormThatPointsToValidate(t *testing.T) {
	t.Parallel()
	const longest = 180 // characters
	for site, want := range map[string]string{
		KeyRootUFS + "=/tmp/u": "DATA WILL BE LOST OR NOT FOUND: each host has an under store of its own " +
			"(alluxio.master.mount.table.root.ufs, alluxio-site.properties:3); `alluxio-mesos validate` says more",
		KeyRootUFS + "=": "DATA WILL BE LOST OR NOT FOUND: the under store is inside Alluxio's home " +
			"(alluxio.master.mount.table.root.ufs is not set); `alluxio-mesos validate` says more",
		"fs.s3a.secret.key=hunter2\nalluxio.network.tls.keystore.password=hunter2": "Alluxio 2.9.6 shows the value of " +
			"fs.s3a.secret.key and of 1 more secret on its web port; `alluxio-mesos validate` says more",
		"alluxio.conf.dir=/x": "",
	} {
		s := load(t, conf(t, override(enough, site)))
		short := s.ShortWarnings()
		switch {
		case len(s.Warnings) != 1 || len(short) != 1:
			t.Errorf("%q: %q and %q", site, s.Warnings, short)
		case want == "" && !slices.Equal(s.Warnings, short):
			t.Errorf("%q is short enough, and became %q", s.Warnings, short)
		case want != "" && short[0] != want, len(short[0]) > longest && want != "":
			t.Errorf("got %q, want %q", short[0], want)
		case strings.Contains(short[0], "hunter2"):
			t.Errorf("%q shows a secret", short[0])
		}
	}
}
