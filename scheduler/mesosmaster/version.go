package mesosmaster

import (
	"fmt"
	"strconv"
	"strings"
)

// minMajor and minMinor are the oldest version of Mesos that is supported: 1.4 is the first with
// reservation refinement, which the resources of our calls use. MULTI_ROLE came with 1.3; masters
// before 1.2 ignore FrameworkInfo.roles and register the framework with the role "*". Mesos:
// docs/upgrades.md.
const minMajor, minMinor = 1, 4

// releaseOf reads major and minor of a version such as 1.4.3 or 1.11.0-rc1; ok is false for any
// other text.
func releaseOf(version string) (major, minor int, ok bool) {
	first, rest, found := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(first)
	if err != nil || !found {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(second)
	return major, minor, err == nil && major >= 0 && minor >= 0
}

// supported is whether the framework works with that release of Mesos.
func supported(major, minor int) bool {
	return major > minMajor || major == minMajor && minor >= minMinor
}

// tooOld is the Problem of a version that is not supported.
func tooOld(address, version string) *Problem {
	return &Problem{
		Kind: ErrTooOld,
		Message: fmt.Sprintf("Mesos master %s runs Mesos %s; the oldest that is supported is %d.%d", address, version,
			minMajor, minMinor),
		Hint: fmt.Sprintf("upgrade the masters and agents of Mesos to %d.%d or later", minMajor, minMinor),
	}
}
