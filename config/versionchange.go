package config

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
)

// VersionChange is what is done when masters of another version of Alluxio are asked for than the one
// that has served from their journal. It is a row of versionChanges.
type VersionChange struct {
	// Kind names the row, for people.
	Kind string
	// Why says what the other version does with the journal, or is "" for a change that is rolled out
	// as any other. Steps are what an operator can do instead.
	Why, Steps string

	applies func(c *versionPair) bool
}

// Rejected is true for a change for which no master is started on the journal.
func (c *VersionChange) Rejected() bool { return c.Why != "" }

// The steps of rejected changes. Alluxio reads init.from.backup only into a journal that is new.
const (
	anotherJournal = "end the cluster with --teardown, and start it with --lose-journal, another " + KeyJournalFolder +
		" and " + KeyInitFromBackup + " set to "
	restoreSteps = "back the journal up with `alluxio fsadmin backup`, " + anotherJournal + "the backup"
	oneXSteps    = "take the cluster to 1.8 first if it is older, back the journal up with `alluxio fsadmin backup`, " +
		anotherJournal + "the backup"
	convertSteps = "end the cluster with --teardown, convert a copy of the journal with `alluxio upgradeJournal` of the " +
		"later version, and start it with --lose-journal and " + KeyJournalFolder + " set to what it has made"
	returnSteps = anotherJournal + "a backup that the earlier version has made: what was written since is lost unless " +
		"the under store has it"
)

// versionChanges is the table of changes of Alluxio's version. The first row that applies holds.
// Sources: Alluxio's documents, "Upgrading" of 2.9 and "Compatibility" of 1.5; docs/facts.md has what
// was measured.
var versionChanges = []VersionChange{
	{Kind: "a version that is not known", applies: func(c *versionPair) bool { return !c.known }},
	{Kind: "the same minor", applies: func(c *versionPair) bool { return slices.Equal(c.from[:2], c.to[:2]) }},
	{Kind: "2.x to 1.x", applies: func(c *versionPair) bool { return c.to[0] < c.from[0] },
		Why: "a master of 1.x ends at what 2.x has written", Steps: returnSteps},
	{Kind: "an earlier minor", applies: func(c *versionPair) bool { return c.to[1] < c.from[1] && c.to[0] == c.from[0] },
		Why: "a master ends at, or leaves out, what only a later version knows", Steps: returnSteps},
	{Kind: "1.x to 2.x", applies: func(c *versionPair) bool { return c.to[0] > c.from[0] },
		Why: "Alluxio supports this from a backup only", Steps: oneXSteps},
	{Kind: "1.4 or earlier to a later 1.x", applies: func(c *versionPair) bool { return c.crosses(1, 5) },
		Why: "a master ends, or begins empty beside the older journal", Steps: convertSteps},
	{Kind: "2.3 or earlier to a later 2.x, with the embedded journal",
		applies: func(c *versionPair) bool { return c.embedded && c.crosses(2, 4) },
		Why:     "Alluxio supports this from a backup only, since the embedded journal has another form",
		Steps:   restoreSteps},
	{Kind: "a later minor", applies: func(*versionPair) bool { return true }},
}

// ChangeOfVersion is the row for masters of the version to on a journal from which from has served
// last. embedded is true for the embedded journal.
func ChangeOfVersion(from, to string, embedded bool) *VersionChange {
	pair := &versionPair{embedded: embedded}
	var known [2]bool
	pair.from, known[0] = ParseVersion(from)
	pair.to, known[1] = ParseVersion(to)
	pair.known = known[0] && known[1]
	i := slices.IndexFunc(versionChanges, func(c VersionChange) bool { return c.applies(pair) })
	return &versionChanges[i]
}

// LaterVersion is true if version is later than other, or other is not known.
func LaterVersion(version, other string) bool {
	v, known := ParseVersion(version)
	o, otherKnown := ParseVersion(other)
	return !otherKnown || known && slices.Compare(v, o) > 0
}

// SameMinor is true for two versions that differ in their patch at most, or of which one is not known.
func SameMinor(version, other string) bool {
	v, known := ParseVersion(version)
	o, otherKnown := ParseVersion(other)
	return !known || !otherKnown || slices.Equal(v[:2], o[:2])
}

// SameMajor is true for two versions that are known and both 1.x, or both of the same later major.
func SameMajor(version, other string) bool {
	v, known := ParseVersion(version)
	o, otherKnown := ParseVersion(other)
	return known && otherKnown && v[0] == o[0]
}

// versionPair are the versions of a change.
type versionPair struct {
	from, to        []int
	known, embedded bool
}

// crosses is true for a change from below major.minor to it or later.
func (c *versionPair) crosses(major, minor int) bool {
	since := []int{major, minor, 0}
	return slices.Compare(c.from, since) < 0 && slices.Compare(c.to, since) >= 0
}

var versionNumbers = regexp.MustCompile(`^([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:[.-][0-9A-Za-z.-]{1,40})?$`)

// ParseVersion returns the three numbers of a version; the third is 0 when it is not there.
func ParseVersion(version string) (numbers []int, known bool) {
	found := versionNumbers.FindStringSubmatch(version)
	if found == nil {
		return nil, false
	}
	for _, text := range found[1:] {
		n, _ := strconv.Atoi(cmp.Or(text, "0")) // of at most four digits
		numbers = append(numbers, n)
	}
	return numbers, true
}

// VersionKey is the property from which Version was read: the URL of the tarball, the folder on the
// agents, or the one that says the version itself.
func (in *Install) VersionKey() string {
	switch {
	case in.Alluxio.URL != "" && versionFrom(in.Alluxio.URL) == in.Version:
		return KeyJarURL
	case in.Alluxio.URL == "" && versionFrom(in.Home) == in.Version:
		return KeyHome
	}
	return KeyVersion
}
