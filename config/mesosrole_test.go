package config

import "testing"

func TestARoleOfMesosReachesTheSettingsAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"*", "alluxio", "eng/alluxio", "eng/data-2/alluxio.prod", "...", "a-b"} {
		s, err := Load(conf(t, enough+KeyMesosRole+"="+role))
		if err != nil || s.MesosRole != role {
			t.Errorf("%q: %+v, %v", role, s, err)
		}
	}
}

func TestWhatARoleMayUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reservedFor, role string
		want              bool
	}{
		{"*", "*", true}, {"", "alluxio", true}, {"*", "alluxio", true}, {"alluxio", "alluxio", true},
		{"eng", "eng/alluxio", true}, {"eng/data", "eng/data/alluxio", true},
		{"alluxio", "*", false}, {"other", "alluxio", false}, {"eng/alluxio", "eng", false}, {"en", "eng/alluxio", false},
		{"eng", "engine", false}, {"eng/other", "eng/alluxio", false},
	} {
		if got := UsableBy(c.reservedFor, c.role); got != c.want {
			t.Errorf("what is reserved for %q is usable by %q: %v", c.reservedFor, c.role, got)
		}
	}
}
