package web

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

const (
	apiPage     = "../../docs/api.md"
	fieldsBegin = "<!-- fields -->\n"
	fieldsEnd   = "<!-- end of fields -->\n"
)

// bodies has every body of the API.
var bodies = []struct {
	title string
	body  any
}{
	{"GET /v1/status", cluster.Status{}},
	{"GET /v1/explain", Explanation{}},
	{"GET /v1/version", Version{}},
	{"POST /v1/backup, POST /v1/replace, POST /v1/uninstall", Change{}},
	{"POST and DELETE /v1/teardown, GET /healthz", Accepted{}},
	{"Every answer that is not a success", failure{}},
}

// The page of the API lists every field of every body with the words of its comment.
func TestThePageOfTheAPIListsEveryField(t *testing.T) {
	t.Parallel()
	comments := fieldComments(t, "../cluster/status.go", "../cluster/backup.go", "../cluster/backup_status.go",
		"api.go", "change.go")
	var want strings.Builder
	for _, b := range bodies {
		fmt.Fprintf(&want, "\n### %s\n\n| field | type | meaning |\n|---|---|---|\n", b.title)
		if !listFields(t, &want, comments, "", reflect.TypeOf(b.body)) {
			return
		}
	}
	page, err := os.ReadFile(apiPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(page), fieldsBegin)
	now, after, ended := strings.Cut(rest, fieldsEnd)
	if !begun || !ended {
		t.Fatalf("%s has no place for the fields", apiPage)
	}
	if now == want.String() {
		return
	}
	if !golden.Update() {
		t.Fatalf("%s does not list the fields as they are; `go test ./scheduler/web -update` rewrites it", apiPage)
	}
	if err := os.WriteFile(apiPage, []byte(before+fieldsBegin+want.String()+fieldsEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// listFields writes a row for each field of a struct, and for those inside of it, below path.
func listFields(t *testing.T, out *strings.Builder, comments map[string]string, path string, of reflect.Type) bool {
	t.Helper()
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			if !listFields(t, out, comments, path, f.Type) {
				return false
			}
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		meaning := comments[of.Name()+"."+f.Name]
		if meaning == "" || name == "" {
			t.Errorf("%s.%s has no comment or no name in JSON", of.Name(), f.Name)
			return false
		}
		kind, inner := jsonType(f.Type)
		if strings.Contains(options, "omit") {
			kind += ", may be absent"
		}
		fmt.Fprintf(out, "| `%s%s` | %s | %s |\n", path, name, kind, meaning)
		if inner != nil {
			if strings.HasPrefix(kind, "list") {
				name += "[]"
			}
			if !listFields(t, out, comments, path+name+".", inner) {
				return false
			}
		}
	}
	return true
}

// jsonType is what a field is in JSON, and the struct that it holds, or nil.
func jsonType(t reflect.Type) (name string, inner reflect.Type) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time", nil
	case t.Kind() == reflect.Pointer:
		return jsonType(t.Elem())
	case t.Kind() == reflect.Slice:
		element, inner := jsonType(t.Elem())
		return "list of " + element + "s", inner
	case t.Kind() == reflect.Map:
		element, _ := jsonType(t.Elem())
		return "object of " + element + "s", nil
	case t.Kind() == reflect.Struct:
		return "object", t
	case t.Kind() == reflect.Bool:
		return "boolean", nil
	case t.Kind() == reflect.String:
		return "string", nil
	}
	return "number", nil
}

// fieldComments has the comments of the fields of structs, by struct and name, without the name.
func fieldComments(t *testing.T, files ...string) map[string]string {
	t.Helper()
	comments := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, isType := n.(*ast.TypeSpec)
			if !isType {
				return true
			}
			if body, isStruct := spec.Type.(*ast.StructType); isStruct {
				for _, f := range body.Fields.List {
					for _, name := range f.Names {
						comments[spec.Name.Name+"."+name.Name] = meaningOf(name.Name, f.Doc.Text())
					}
				}
			}
			return false
		})
	}
	return comments
}

// meaningOf is a comment without the name that it begins with.
func meaningOf(name, comment string) string {
	text := strings.TrimSuffix(strings.Join(strings.Fields(comment), " "), ".")
	return regexp.MustCompile(`^`+name+` (is|are) `).ReplaceAllString(text, "")
}
