// Command words finds words that only this code base knew, in the places where their successors
// belong: names in Go files, file names, tags of JSON, comments and documents. `make lint` runs it.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// names are words that are no part of a name, each with the one of the field to use.
var names = map[string]string{
	"mend": "hint", "mends": "hints", "refusal": "rejection", "refusals": "rejections", "restless": "active",
	"undone": "reschedule", "doom": "mark for destroy", "doomed": "marked for destroy", "leavers": "evacuating",
	"twin": "duplicate", "twins": "duplicates", "unborn": "candidate", "newborn": "candidate", "births": "new slots",
	"census": "value counts", "untold": "awaiting", "carve": "consume", "carved": "consumption",
	"founded": "quorum formed", "wish": "demand", "wishes": "demand", "seat": "member placement",
	"seated": "placed", "seats": "member placements",
}

// savedTags are in rows that earlier versions have saved.
var savedTags = []string{"doomed"}

// phrases are what comments and documents do not say.
var phrases = map[string]string{
	"anew": "again, or a new one", "begin of": "start of", "has no elsewhere": "cannot move", "of whom": "whose",
	"that which": "what", "is told of": "learns of",
}

var phrase = regexp.MustCompile(`(?i)\b(` + strings.Join(keys(phrases), "|") + `)\b`)

func main() {
	found, err := search(os.DirFS("."), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(2)
	}
	for _, line := range found {
		fmt.Println(line)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

func keys(m map[string]string) (list []string) {
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// search lists what it finds in the files of root, one line each: file:line: word, and what to write.
func search(root fs.FS, skipped []string) (found []string, err error) {
	err = fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == ".git" || entry.Name() == "testdata" || slices.Contains(skipped, path)):
			return fs.SkipDir
		case entry.IsDir() || slices.Contains(skipped, path):
			return nil
		}
		base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		for _, word := range wordsOf(base) {
			if better := names[word]; better != "" {
				found = append(found, fmt.Sprintf("%s: the name of the file has %q; write %q", path, word, better))
			}
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".go":
			lines, err := inGo(path, data)
			found = append(found, lines...)
			return err
		case ".md":
			found = append(found, inText(path, strings.NewReader(string(data)))...)
		}
		return nil
	})
	return found, err
}

// inGo looks at the names, the tags and the comments of a Go file.
func inGo(path string, data []byte) (found []string, err error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path, data, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	report := func(at token.Pos, what, word, better string) {
		found = append(found, fmt.Sprintf("%s:%d: %s has %q; write %q", path, files.Position(at).Line, what, word, better))
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			for _, word := range wordsOf(n.Name) {
				if better := names[word]; better != "" {
					report(n.Pos(), n.Name, word, better)
				}
			}
		case *ast.Field:
			if n.Tag == nil || !strings.Contains(n.Tag.Value, "json:") {
				return true
			}
			for _, word := range wordsOf(n.Tag.Value) {
				if better := names[word]; better != "" && !slices.Contains(savedTags, word) {
					report(n.Pos(), "the tag "+n.Tag.Value, word, better)
				}
			}
		}
		return true
	})
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			for _, words := range phrase.FindAllString(c.Text, -1) {
				report(c.Pos(), "the comment", words, phrases[strings.ToLower(words)])
			}
		}
	}
	return found, nil
}

func inText(path string, text io.Reader) (found []string) {
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		for _, words := range phrase.FindAllString(lines.Text(), -1) {
			found = append(found, fmt.Sprintf("%s:%d: %q; write %q", path, n, words, phrases[strings.ToLower(words)]))
		}
	}
	return found
}

// wordsOf splits a name such as killUnknownTasks, MEM_tier or a-b into its words in lower case.
func wordsOf(name string) (words []string) {
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	var last rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			end()
		case unicode.IsUpper(r) && unicode.IsLower(last):
			end()
			word.WriteRune(r)
		default:
			word.WriteRune(r)
		}
		last = r
	}
	end()
	return words
}
