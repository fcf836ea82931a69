package cluster

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// memoised are the fields that Decide may change, since their content follows from others: the order of
// the active slots, and what is computed once it is asked for.
var memoised = []string{"slotIndex.order", "slotIndex.others", "slotIndex.unsorted", "Slot.listed", "Slot.primaryName",
	"offerState.hintFacts"}

// given are the fields that come from outside and are never changed.
var given = []string{"State.options", "State.roles", "State.settings", "Constraint.pattern", "Time.loc"}

// contentOf lists everything that v points to, a line for each value, without what is memoised.
func contentOf(v any) string {
	d := dump{above: map[uintptr]bool{}}
	d.add("", reflect.ValueOf(v))
	return d.text.String()
}

type dump struct {
	text  strings.Builder
	above map[uintptr]bool // the pointers that lead to the present value
}

func (d *dump) add(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		d.add(path, v.Elem())
	case reflect.Pointer:
		if v.IsNil() || d.above[v.Pointer()] {
			fmt.Fprintf(&d.text, "%s: nil %v\n", path, v.IsNil())
			return
		}
		d.above[v.Pointer()] = true
		d.add(path, v.Elem())
		delete(d.above, v.Pointer())
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			if !slices.Contains(memoised, name) && !slices.Contains(given, name) {
				d.add(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		fmt.Fprintf(&d.text, "%s: %d keys\n", path, len(keys))
		for _, key := range keys {
			d.add(fmt.Sprintf("%s[%v]", path, key), v.MapIndex(key))
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(&d.text, "%s: %x\n", path, v)
			return
		}
		fmt.Fprintf(&d.text, "%s: %d elements\n", path, v.Len())
		for i := range v.Len() {
			d.add(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		fmt.Fprintf(&d.text, "%s: nil %v\n", path, v.IsNil())
	case reflect.Invalid: // a nil interface
		fmt.Fprintf(&d.text, "%s: nothing\n", path)
	default:
		fmt.Fprintf(&d.text, "%s: %v\n", path, v)
	}
}

// changed is the first line in which two contents differ, or "".
func changed(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q became %q", a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d values became %d", len(a), len(b))
	}
	return ""
}

// decideTwice decides, and finds what is not pure about it: a second decision that differs, or a State that
// differs afterwards. It returns the second decision, so that all that comes later shows it, too.
func decideTwice(s *State, now time.Time) (d Decision, impure string) {
	before := contentOf(s)
	first := s.Decide(now)
	if change := changed(before, contentOf(s)); change != "" {
		return first, "Decide changes the State: " + change
	}
	second := s.Decide(now)
	if !reflect.DeepEqual(first, second) {
		return second, fmt.Sprintf("Decide decides %+v first, then %+v", first, second)
	}
	return second, ""
}

func TestAChangeOfTheStateIsFoundWhereverItIs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*State){
		"a field of a part":      func(s *State) { s.teardown.requested = true },
		"a field of a slot":      func(s *State) { s.slots.byName["alluxio-worker-0"].Failures++ },
		"a slot that is gone":    func(s *State) { delete(s.slots.byName, "alluxio-worker-0") },
		"an element of a map":    func(s *State) { s.slots.excess["alluxio-worker-0"] = true },
		"a time":                 func(s *State) { s.slots.byName["alluxio-worker-0"].NotBefore = epoch },
		"a port of an offer":     func(s *State) { s.offers.pending[0].Ports[0].Begin++ },
		"what a rejection found": func(s *State) { s.offers.rejections["agent-a"][0].count++ },
	} {
		s := stateWith(t, testSettings(1))
		s.offers.pending = []offer.Offer{offerOf("o", "a", nil)}
		s.offers.rejections["agent-a"] = agentRejections{{}}
		before := contentOf(s)
		if again := changed(before, contentOf(s)); again != "" {
			t.Fatalf("nothing was changed: %s", again)
		}
		if change(s); changed(before, contentOf(s)) == "" {
			t.Errorf("%s: the change is not found", name)
		}
	}
}
