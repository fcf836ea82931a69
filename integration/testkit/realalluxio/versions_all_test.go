//go:build testall

package realalluxio

// tested are all versions there are recipes for.
var tested = Versions()
