package cluster

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// writers are the files that may write each part of State. Every file may read.
var writers = map[string][]string{
	"derived":        {"state.go"},
	"connection":     {"connection.go"},
	"record":         {"record.go"},
	"reconciliation": {"reconcile.go", "freshness.go"},
	"teardown":       {"teardown.go"},
	"slots":          {"index.go", "active.go"},
	"surplus":        {"surplus_index.go"},
	"endpoints":      {"endpoints.go"},
	"maintenance":    {"maintenance.go"},
	"journals":       {"journals.go"},
	"volumes":        {"volumes.go"},
	"offers":         {"offers.go"},
}

// mostParts is the most fields that State may have: whoever reads it should be able to hold them in mind.
const mostParts = 15

func TestEveryPartOfTheStateIsWrittenByItsOwnFiles(t *testing.T) {
	t.Parallel()
	state := reflect.TypeFor[State]()
	if state.NumField() > mostParts {
		t.Errorf("State has %d fields, more than %d: move some into a part", state.NumField(), mostParts)
	}
	for i := range state.NumField() {
		field := state.Field(i)
		if own := writers[field.Name]; own == nil && field.Type.Kind() == reflect.Struct && field.Name != "options" {
			t.Errorf("nothing says which files may write State.%s", field.Name)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, w := range writesOf(t, file) {
			if own := writers[w.part]; own != nil && !slices.Contains(own, file) {
				t.Errorf("%s writes State.%s, which only %v may", w.at, w.part, own)
			}
		}
	}
}

func TestAWriteOfAPartIsFoundHoweverItIsDone(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"s.slots.order = nil", "s.slots.byName[n] = nil", "m.s.slots.serving[r]++",
		"delete(s.slots.byName, n)", "clear(s.slots.excess)", "p := &s.slots.order", "s.slots = slotIndex{}",
		"s.slots.byName[n].x.y = 1", "a, s.slots.order = 1, nil", "slices.Sort(s.slots.order)"} {
		file := filepath.Join(t.TempDir(), "planted.go")
		if err := os.WriteFile(file, []byte("package p\nfunc f() {\n"+statement+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := writesOf(t, file); len(got) != 1 || got[0].part != "slots" {
			t.Errorf("%s: %v", statement, got)
		}
	}
}

type write struct{ part, at string }

// writesOf finds what a file writes of the parts of a State, by the names of the parts: assignments to
// a part, its fields and their elements, and what changes a map or a list in place.
func writesOf(t *testing.T, file string) (writes []write) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	note := func(target ast.Expr) {
		if part := partOf(target); part != "" {
			writes = append(writes, write{part, fset.Position(target.Pos()).String()})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				note(target)
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && changesInPlace(n.Fun) {
				note(n.Args[0])
			}
		}
		return true
	})
	return writes
}

// changesInPlace is true for functions that change their first argument.
func changesInPlace(fun ast.Expr) bool {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name == "delete" || fun.Name == "clear"
	case *ast.SelectorExpr:
		of, ok := fun.X.(*ast.Ident)
		return ok && (of.Name == "slices" && strings.HasPrefix(fun.Sel.Name, "Sort") ||
			of.Name == "maps" && (fun.Sel.Name == "Copy" || fun.Sel.Name == "DeleteFunc"))
	}
	return false
}

// partOf is the part of a State that an expression such as s.slots.byName[name] leads into, or "".
func partOf(e ast.Expr) (part string) {
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if isState(x.X) && writers[x.Sel.Name] != nil {
				return x.Sel.Name
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// isState is true for the names that a State has in this package.
func isState(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == "s"
	case *ast.SelectorExpr:
		return x.Sel.Name == "s"
	}
	return false
}
