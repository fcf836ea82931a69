package cluster

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// earlierStates are the states of commit bbac074 in scheduler/store/testdata, with the plan of the
// transcript that each comes from.
var earlierStates = map[string]string{
	"volumes": `plan alluxio-worker=7 role=alluxio master-volume=1GB worker-volume=10GB ` +
		`worker.constraints=[["rack","LIKE","r.*"]]`,
	"three-masters": "plan masters=3 election=journal alluxio-worker=1",
	"teardown":      "plan alluxio-worker=1 role=alluxio worker-volume=10GB",
}

// earlierRows are the rows of a state of bbac074.
func earlierRows(t *testing.T, name string) saved {
	t.Helper()
	data, err := os.ReadFile("../store/testdata/bbac074-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	rows, record := map[string]json.RawMessage{}, saved{}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for key, row := range rows {
		record[key] = row
	}
	return record
}

// TestARecordOfTheVersionBeforeKeepsEveryField loads each state of bbac074 and compares what today's
// code would save, and shows, with goldens. Every field of an old row is in the new ones.
func TestARecordOfTheVersionBeforeKeepsEveryField(t *testing.T) {
	t.Parallel()
	for name, plan := range earlierStates {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := earlierRows(t, name)
			tr := newTranscript(t)
			tr.fact(plan)
			now := epoch.Add(time.Hour)
			s, err := NewState(Options{Settings: tr.settings, Version: "test", Started: now}, rows)
			if err != nil {
				t.Fatal(err)
			}
			var v verifier
			if stale := v.verify(s, now); stale != "" {
				t.Errorf("%s: %s", staleCaches, stale)
			}
			today := map[string]json.RawMessage{}
			for key, row := range allRows(s) {
				today[key] = row
			}
			golden.Compare(t, filepath.Join("testdata/earlier", name+".json"), indented(t, today))
			golden.Compare(t, filepath.Join("testdata/earlier", name+".status.json"), indented(t, s.Snapshot(now)))
			for key, row := range rows {
				for field, value := range fieldsOf(t, row) {
					if field == "notBefore" || strings.HasPrefix(field, "doomed") {
						continue // of another life; and in rows of their own since
					}
					kept := fieldsOf(t, today[key])[field]
					if field == "task.fingerprint" && strings.HasPrefix(kept.(string), fingerprintVersion) {
						continue // of the same settings
					}
					if !reflect.DeepEqual(kept, value) {
						t.Errorf("%s: %s was %v and is %v", key, field, value, kept)
					}
				}
			}
			for id, marked := range markedIn(t, rows[frameworkKey]) {
				row := fieldsOf(t, today[markedKey(id)])
				for field, value := range marked {
					if row[field] != value {
						t.Errorf("%s, to be destroyed: %s was %v and is %v", id, field, value, row[field])
					}
				}
			}
		})
	}
}

// markedIn are the fields of the volumes to destroy in a row "framework" of bbac074.
func markedIn(t *testing.T, row []byte) map[string]map[string]any {
	t.Helper()
	var f struct {
		Marked map[string]map[string]any `json:"doomed"`
	}
	if err := json.Unmarshal(row, &f); err != nil {
		t.Fatal(err)
	}
	return f.Marked
}

// fieldsOf are the values in a row by their path; lists are values.
func fieldsOf(t *testing.T, row []byte) map[string]any {
	t.Helper()
	fields, root := map[string]any{}, map[string]any{}
	if len(row) == 0 {
		return nil
	}
	if err := json.Unmarshal(row, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for name, value := range object {
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+name+".", inner)
			} else {
				fields[prefix+name] = value
			}
		}
	}
	walk("", root)
	return fields
}

func indented(t *testing.T, value any) string {
	t.Helper()
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(append(bytes.TrimSpace(data), '\n'))
}

// earlierFields are all that bbac074 could save, by the kind of the row: the JSON names in its
// frameworkRecord, Slot, Task, launch.Report, Volume, journalRecord, orphanedVolume and markedVolume.
var earlierFields = map[string]string{
	"framework": "id cluster incarnation journalKind killUnknown teardown destroyAll doomed.slot doomed.host " +
		"doomed.agentId doomed.unseen doomed.freed",
	"slot": "name role index host place ports incarnation launches failures lastFailure.state lastFailure.message " +
		"lastFailure.host lastFailure.at vacantSince notBefore hostGone left volume.id volume.host volume.agentId " +
		"volume.mesosRole volume.mb volume.confirmed volume.unused volume.freed volumes leaving task.id task.agentId " +
		"task.masters task.election task.fingerprint task.launched task.servingSince task.state " +
		"task.unreachableSince task.killReason task.leaves task.report.version task.report.number " +
		"task.report.phase task.report.alluxioVersion task.report.javaVersion task.report.journalFormatted " +
		"task.report.journalFolder task.report.storage task.report.standing task.report.moved task.report.warnings",
	"journal": "identity folder formatted",
	"volume":  "id slot host agentId mb mesosRole unseen freed",
}

// TestTheStatesOfTheVersionBeforeHaveEveryField: a field that none of them has would be lost unseen.
func TestTheStatesOfTheVersionBeforeHaveEveryField(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for name := range earlierStates {
		for key, row := range earlierRows(t, name) {
			kind, _, _ := strings.Cut(key, "/")
			for field := range fieldsOf(t, row) {
				for _, many := range []string{"place.", "ports."} {
					if strings.HasPrefix(field, many) {
						field = strings.TrimSuffix(many, ".")
					}
				}
				if strings.HasPrefix(field, "doomed.") {
					field = "doomed" + field[strings.LastIndex(field, "."):]
				}
				found[kind+" "+field] = true
			}
		}
	}
	for kind, names := range earlierFields {
		for _, name := range strings.Fields(names) {
			if !found[kind+" "+name] {
				t.Errorf("no state has a %s with %s", kind, name)
			}
			delete(found, kind+" "+name)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(found)) {
		t.Errorf("%s is not known as a field of bbac074", field)
	}
}
