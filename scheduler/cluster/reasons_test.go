package cluster

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// withoutCheck are the reasons without a check: before a slot is looked at, and after all checks.
var withoutCheck = []RejectReason{OnePerHost, PinnedHost, Malformed}

// reasonConstants are the values of the constants of type RejectReason, in their order.
func reasonConstants(t *testing.T) (reasons []RejectReason) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "reasons.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "RejectReason" {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			reasons = append(reasons, RejectReason(text))
		}
		return true
	})
	return reasons
}

// tableFaults are what is wrong with a table that should have a whole row for each of reasons.
func tableFaults(table []reasonRow, reasons []RejectReason) (faults []string) {
	var rows []RejectReason
	for i := range table {
		row := &table[i]
		rows = append(rows, row.reason)
		if (row.class.decline > 0) == (row.class.until != nil) {
			faults = append(faults, fmt.Sprintf("%s: its class needs either a time or a function that computes it", row.reason))
		}
		if row.explain == nil {
			faults = append(faults, fmt.Sprintf("%s: it has no message", row.reason))
		}
		if (row.check == nil) != slices.Contains(withoutCheck, row.reason) {
			faults = append(faults, fmt.Sprintf("%s: it has no check, or one that it should not have", row.reason))
		}
	}
	if !slices.Equal(rows, reasons) {
		faults = append(faults, fmt.Sprintf("the rows are %v, the constants %v", rows, reasons))
	}
	return faults
}

func TestEveryReasonHasOneWholeRow(t *testing.T) {
	t.Parallel()
	reasons := reasonConstants(t)
	for _, fault := range tableFaults(reasonTable, reasons) {
		t.Error(fault)
	}
	for what, change := range map[string]func(table []reasonRow) []reasonRow{
		"a row is missing":     func(table []reasonRow) []reasonRow { return table[1:] },
		"a row is twice":       func(table []reasonRow) []reasonRow { return append(table, table[0]) },
		"rows change places":   func(table []reasonRow) []reasonRow { table[2], table[3] = table[3], table[2]; return table },
		"a row has no class":   func(table []reasonRow) []reasonRow { table[5].class = rejectClass{}; return table },
		"a row has two times":  func(table []reasonRow) []reasonRow { table[3].class.decline = time.Hour; return table },
		"a row has no message": func(table []reasonRow) []reasonRow { table[5].explain = nil; return table },
		"a row has no check":   func(table []reasonRow) []reasonRow { table[5].check = nil; return table },
	} {
		if len(tableFaults(change(slices.Clone(reasonTable)), reasons)) == 0 {
			t.Errorf("%s, and nothing is found", what)
		}
	}
}

func TestTheResourceThatIsHardestToChangeIsNamedFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fields map[string]string
		reason RejectReason
	}{
		{map[string]string{"ports": "none", "mem": "1", "cpus": "0.1"}, PortsOffered},
		{map[string]string{"ports": "none", "cpus": "0.1"}, PortsOffered},
		{map[string]string{"mem": "1", "cpus": "0.1"}, Mem},
		{map[string]string{"mem": "1"}, Mem},
		{map[string]string{"cpus": "0.1"}, CPUs},
	} {
		s := stateWith(t, testSettings(1))
		s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
		s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o", "a", c.fields)}}, epoch)
		if d := s.Decide(epoch); len(d.Rejections) != 2 || d.Rejections[0].Reason != c.reason {
			t.Errorf("%v: %+v", c.fields, d.Rejections)
		}
	}
}

// A check that changes the cycle would make the outcome depend on how many offers came before.
func TestChecksChangeNothing(t *testing.T) {
	t.Parallel()
	settings := testSettings(2)
	settings.Worker.Constraints, _ = config.ParseConstraints("rack:UNIQUE")
	s := stateWith(t, settings)
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	r1, r2 := map[string]string{"attributes": "rack:r1"}, map[string]string{"attributes": "rack:r2"}
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "m", r1)}}, epoch)
	cycleOf(s, epoch)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-m", "", nil)}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o2", "a", r1), offerOf("o3", "b", r2)}}, epoch)
	cycleOf(s, epoch)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-worker-0.1", "TASK_FAILED", "agent-a", "", nil)}, epoch)

	m := s.newMatcher(&Decision{}, epoch)
	found := func() map[string]string {
		all := map[string]string{}
		for _, o := range []offer.Offer{offerOf("o4", "a", r1), offerOf("o5", "c", r2), offerOf("o6", "c", r1)} {
			for _, slot := range s.slots.byName {
				for i := range reasonTable {
					if check := reasonTable[i].check; check != nil {
						f, rejected := check(m, slot, &o)
						all[fmt.Sprint(o.ID, " ", slot.Name, " ", reasonTable[i].reason)] = fmt.Sprint(rejected, f.detail)
					}
				}
			}
		}
		return all
	}
	first := found() // computes what the cycle memoises
	for check, want := range map[string]string{"o4 alluxio-worker-0 constraint": "false",
		"o5 alluxio-worker-0 constraint": "truerack:UNIQUE", "o6 alluxio-worker-0 own-host": "truea"} {
		if first[check] != want {
			t.Errorf("%s is %q, want %q", check, first[check], want)
		}
	}
	before := contentOf(m)
	second := found()
	if change := changed(before, contentOf(m)); change != "" {
		t.Errorf("a check changes the cycle: %s", change)
	}
	if !maps.Equal(first, second) {
		t.Errorf("the checks find %q first, then %q", first, second)
	}
}

// A type that embeds the State could change it as if it were its own.
func TestTheMatcherEmbedsNothing(t *testing.T) {
	t.Parallel()
	matcher := reflect.TypeFor[matcher]()
	for i := range matcher.NumField() {
		if field := matcher.Field(i); field.Anonymous || field.Type == reflect.TypeFor[State]() {
			t.Errorf("the matcher has %s %s", field.Name, field.Type)
		}
	}
}
