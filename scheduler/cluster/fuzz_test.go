package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"testing"
)

// FuzzRecord: a Record of arbitrary bytes never panics, and what loads is saved and loaded again as the same.
func FuzzRecord(f *testing.F) {
	w, err := simulate(3)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(recordText(w.store))
	for key, row := range w.store {
		f.Add([]byte(key + " " + string(row)))
	}
	f.Add(
		[]byte(
			`slot/alluxio-worker-0 ` +
				`{"name":"alluxio-worker-0","role":"alluxio-worker","index":0,"task":{"id":"x","agentId":"a","state":99}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		options := Options{Settings: testSettings(2), Started: epoch}
		first, err := NewState(options, recordOf(data))
		if err != nil {
			return
		}
		one := rowsOf(first)
		second, err := NewState(options, one)
		if err != nil {
			t.Fatalf("it loads, is saved as this, and then does not load: %v\n%s", err, recordText(one))
		}
		if two := rowsOf(second); !maps.EqualFunc(one, two, bytes.Equal) {
			t.Fatalf("saved as\n%s\nand then as\n%s", recordText(one), recordText(two))
		}
		p := &player{t: t, state: second, now: epoch, store: one, over: map[string]bool{}}
		p.apply(Subscribed{Subscription: 1, FrameworkID: "f1"})
		p.cycle()
		second.Snapshot(epoch)
	})
}

// recordText writes a Record as lines of a key and its value.
func recordText(record map[string][]byte) []byte {
	var out []byte
	for _, key := range sorted(record) {
		out = fmt.Appendf(out, "%s %s\n", key, record[key])
	}
	return out
}

func recordOf(text []byte) map[string][]byte {
	record := map[string][]byte{}
	for line := range bytes.Lines(text) {
		if key, value, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" ")); ok {
			record[string(key)] = value
		}
	}
	return record
}

// rowsOf is the whole Record of a State.
func rowsOf(s *State) saved {
	rows := saved{frameworkKey: s.row(frameworkKey)}
	for name := range s.slots.byName {
		rows[slotKey(name)] = s.row(slotKey(name))
	}
	for identity := range s.journals.formatted {
		rows[journalKey(identity)] = s.row(journalKey(identity))
	}
	return rows
}

// fuzzSteps is how many events an input of FuzzEvents plays at most. Longer stories are the
// simulator's: here many short ones find more in the same time.
const fuzzSteps = 100

// FuzzEvents: no sequence of events makes State panic, decide without end, forget that a task is
// over, or use a task ID twice.
func FuzzEvents(f *testing.F) {
	f.Add([]byte{0, 2, 0, 40, 80, 1, 0, 2, 0, 2, 1, 40, 80, 1, 0, 6, 0, 0, 1, 6})
	f.Add([]byte{7, 0, 2, 0, 40, 80, 0, 8, 0, 10, 9, 200, 11, 0})
	f.Add([]byte{3, 0, 2, 0, 40, 80, 3, 9, 9, 5, 1, 6, 0, 13, 1, 6, 1, 99, 3, 12, 9, 255})
	f.Add([]byte{5, 0, 2, 1, 40, 80, 1, 6, 0, 1, 1, 0, 9, 60, 2, 1, 40, 80, 1, 6, 0, 6, 1, 4})
	for i := range variants { // a volume is made, found, given up and destroyed
		f.Add([]byte{byte(i), 0, 1, 2, 0, 40, 80, 64, 100, 0, 1, 40, 80, 0, 6, 0, 2, 0, 2, 1, 40, 80, 64, 100, 17, 0, 40, 80,
			64, 90, 18, 12, 9, 2, 0, 40, 80, 64, 90, 131, 0, 40, 80, 64, 1, 1, 12, 254, 6, 0, 4, 0})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &player{t: t, data: data, now: epoch, store: saved{}, over: map[string]bool{},
			condemned: map[hostVolume]bool{}}
		kind := p.next()
		p.settings = variants[int(kind)%len(variants)].settings()
		p.restart()
		for range fuzzSteps {
			if len(p.data) == 0 {
				break
			}
			p.step()
		}
	})
}
