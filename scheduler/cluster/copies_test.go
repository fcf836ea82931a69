package cluster

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// A copy of State shares its maps with the original: what is done to the copy is done to the cluster,
// in part. A function that wants another state takes the values that it needs.

func TestNothingCopiesTheState(t *testing.T) {
	t.Parallel()
	for _, at := range copiesOfState(t, "") {
		t.Errorf("%s copies State", at)
	}
}

func TestACopyOfTheStateIsFoundHoweverItIsDone(t *testing.T) {
	t.Parallel()
	planted := []string{
		"func planted1(s *State) { asked := *s; _ = asked.options }",
		"func planted2(m *matcher) { asked := *m.s; _ = asked.options }",
		"func planted3(s, from *State) { *s = *from }",
		"func planted4(s *State) any { return *s }",
		"func planted5() { var s State; _ = s.options }",
		"func planted6() { s := State{}; _ = s.options }",
		"func planted7(s State) {}",
		"func planted8() State { return *emptyState(nil) }",
		"type planted9 struct { s State }",
		"type planted10 struct { State }",
		"type planted11 map[string]State",
		"func planted12(all []*State) { for _, s := range all { f := *s; _ = f.options } }",
	}
	at := strings.Join(copiesOfState(t, strings.Join(planted, "\n")), "\n")
	for i, code := range planted {
		if !strings.Contains(at, fmt.Sprintf("planted.go:%d:", i+2)) { // after the package clause
			t.Errorf("nothing says that this copies State: %s", code)
		}
	}
}

// importers are the folders of production code that use this package.
var importers = []string{"..", "../web", "../web/text", "../mesosmaster", "../store", "../../cmd/alluxio-mesos"}

// copiesOfState finds where the production code of this package, with planted beside it, and of its
// importers has a State itself instead of its address: values that are read whole, and variables, fields
// and types that hold one.
func copiesOfState(t *testing.T, planted string) (at []string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "planted.go", "package cluster\n"+planted, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, at := valuesOfState(fset, nil, append(productionFiles(t, fset, "."), f))
	for _, folder := range importers {
		_, found := valuesOfState(fset, pkg, productionFiles(t, fset, folder))
		at = append(at, found...)
	}
	return at
}

// valuesOfState finds them in the files of one package, which may import cluster; nil for cluster itself.
func valuesOfState(fset *token.FileSet, cluster *types.Package, files []*ast.File) (pkg *types.Package, at []string) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	// Only this package's types matter. No other is imported, and the errors that follow say nothing.
	checker := types.Config{Error: func(error) {}, Importer: onlyImport{cluster}}
	pkg, _ = checker.Check(files[0].Name.Name, fset, files, info)
	if cluster == nil {
		cluster = pkg
	}
	state := cluster.Scope().Lookup("State").Type()
	byAddress := map[ast.Expr]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr: // s.options, and the name in cluster.State
				byAddress[n.X], byAddress[n.Sel] = true, true
			case *ast.UnaryExpr: // &State{}
				byAddress[n.X] = n.Op == token.AND
			case *ast.StarExpr: // the type *State
				byAddress[n.X] = info.Types[n].IsType()
			case *ast.CompositeLit:
				byAddress[n.Type] = byAddress[n]
			}
			if e, ok := n.(ast.Expr); ok && info.Types[e].Type == state && !byAddress[e] {
				at = append(at, fset.Position(e.Pos()).String())
			}
			return true
		})
	}
	return pkg, at
}

// productionFiles parses the files of a folder that are no tests.
func productionFiles(t *testing.T, fset *token.FileSet, folder string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// onlyImport imports cluster and nothing else.
type onlyImport struct{ cluster *types.Package }

func (o onlyImport) Import(path string) (*types.Package, error) {
	if o.cluster == nil || !strings.HasSuffix(path, "/scheduler/cluster") {
		return nil, errors.New("not imported")
	}
	return o.cluster, nil
}
