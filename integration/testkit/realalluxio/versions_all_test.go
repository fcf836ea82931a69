//go:build testall

package realalluxio

import "slices"

// tested are the versions there are recipes for, without the one that is there for its journal only.
var tested = slices.DeleteFunc(Versions(), func(version string) bool { return version == "2.7.3" })
