//go:build !testall

package realalluxio

// tested are the versions that every run of the tests starts.
var tested = []string{"2.9.6", "1.8.1"}
