package realalluxio

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// keysFile is the table of Alluxio's properties that package config embeds.
const keysFile = "../../../config/alluxio_keys.txt"

// scopeNames are the values of Alluxio's Scope by their bits: master, worker, client.
var scopeNames = map[int]string{0: "NONE", 1: "MASTER", 2: "WORKER", 3: "SERVER", 4: "CLIENT", 7: "ALL"}

// unknownScope stands for the scope of a property that only versions without scopes have.
const unknownScope = -1

// keyTable has the properties of some versions of Alluxio.
type keyTable struct {
	// scopes has the bits of a property, which are those of all versions that have it, and
	// unknownScope where none says.
	scopes map[string]int
	// readers has the properties that a default of another one refers to, with those others.
	readers map[string][]string
	// constants are the names of properties by the constants of their class.
	constants map[string]string
}

func newKeyTable() *keyTable {
	return &keyTable{scopes: map[string]int{}, readers: map[string][]string{}, constants: map[string]string{}}
}

// read adds the properties of the class PropertyKey in the first of jars that has it.
func (k *keyTable) read(ctx context.Context, jars ...string) error {
	java, err := Java()
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, java, "-cp", strings.Join(jars, ":"), "keys/PropertyKeys.java").Output()
	if err != nil {
		return fmt.Errorf("list the properties in %s: %w", jars[0], err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch fields[0] {
		case "key":
			k.add(fields[1], fields[3])
			k.constants[fields[2]] = fields[1]
			for _, other := range fields[4:] {
				k.readers[other] = append(k.readers[other], fields[1])
			}
		case "alias":
			k.add(fields[1], fields[2])
		case "template":
			if strings.Contains(fields[1], "%s") {
				k.add(fields[1], "-")
			}
		}
	}
	return nil
}

func (k *keyTable) add(name, scope string) {
	if !strings.HasPrefix(name, "alluxio.") || strings.HasPrefix(name, "alluxio.integration.") ||
		strings.HasPrefix(name, "alluxio.test.") {
		return
	}
	bits, known := k.scopes[name]
	if !known {
		bits = unknownScope
	}
	for value, text := range scopeNames {
		if text == scope {
			bits = max(bits, 0) | value
		}
	}
	k.scopes[name] = bits
}

// text is the table as package config embeds it. A property to which the default of another one
// refers has the scope of that one, too: whoever reads that one sees its value.
func (k *keyTable) text() string {
	for again := true; again; {
		again = false
		for name, readers := range k.readers {
			for _, reader := range readers {
				bits, known := k.scopes[name]
				if both := bits | k.scopes[reader]; known && bits != unknownScope && both != bits {
					k.scopes[name], again = both, true
				}
			}
		}
	}
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(k.scopes)) {
		out.WriteString(strings.TrimSuffix(name+" "+scopeNames[k.scopes[name]], " ") + "\n")
	}
	return out.String()
}

// readKeysFile has the scopes in keysFile.
func readKeysFile(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	scopes := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, scope, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		scopes[name] = scope
	}
	return scopes
}

// TestTheTableOfAlluxiosPropertiesHasTheScopesOfGenuineReleases compares the table, which is made of
// more versions with `make keys`, with the newest genuine 1.x and 2.x.
func TestTheTableOfAlluxiosPropertiesHasTheScopesOfGenuineReleases(t *testing.T) {
	t.Parallel()
	table, bits := readKeysFile(t), map[string]int{}
	for value, text := range scopeNames {
		bits[text] = value
	}
	for _, version := range []string{"1.8.1", "2.9.6"} {
		release, err := Get(t.Context(), version)
		if err != nil {
			t.Fatal(err)
		}
		genuine := newKeyTable()
		if err := genuine.read(t.Context(), release.ServerJar()); err != nil {
			t.Fatal(err)
		}
		if len(genuine.scopes) < 300 {
			t.Errorf("%s has %d properties", version, len(genuine.scopes))
		}
		for line := range strings.Lines(genuine.text()) {
			name, scope, scoped := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			got, known := table[name]
			if missing := bits[scope] &^ bits[got]; !known || scoped && (got == "" || missing != 0) {
				t.Errorf("%s is %q in the table, and %s says %s", name, got, version, scope)
			}
		}
	}
}
