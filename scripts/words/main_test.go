package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestPlantedWordsAreFound(t *testing.T) {
	t.Parallel()
	const source = "// Package p is begun anew.\npackage p\n\n" +
		"type T struct {\n\tDoomedTasks int `json:\"refusals\"`\n}\n\n" +
		"func TestTheMend() { wishes := 1; _ = wishes }\n"
	found, err := search(fstest.MapFS{
		"a/twin_test.go":       {Data: []byte("package a\n")},
		"p/p.go":               {Data: []byte(source)},
		"p/testdata/mend.go":   {Data: []byte("no Go")},
		"docs/x.md":            {Data: []byte("It has no elsewhere.\nA willing hint.\n")},
		"docs/old.md":          {Data: []byte("It begins anew.\n")},
		"p/undoneness.go":      {Data: []byte("package p\n\nvar amendment int\n")},
		"scripts/seat-belt.sh": {Data: nil},
	}, []string{"docs/old.md"})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(found, "\n")
	want := []string{`a/twin_test.go: the name of the file has "twin"; write "duplicate"`,
		`p/p.go:1: the comment has "anew"`, `p/p.go:5: DoomedTasks has "doomed"`,
		"p/p.go:5: the tag `json:\"refusals\"` has \"refusals\"; write \"rejections\"",
		`p/p.go:8: TestTheMend has "mend"; write "hint"`, `p/p.go:8: wishes has "wishes"; write "demand"`,
		`docs/x.md:1: "has no elsewhere"; write "cannot move"`,
		`scripts/seat-belt.sh: the name of the file has "seat"`}
	for _, line := range want {
		if !strings.Contains(all, line) {
			t.Errorf("%q is not found in:\n%s", line, all)
		}
	}
	if len(found) != len(want)+1 { // wishes stands twice
		t.Errorf("%d lines, want %d:\n%s", len(found), len(want)+1, all)
	}
}
