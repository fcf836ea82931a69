package buildcache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

func TestOneBuildServesAllWhoAskAtTheSameTime(t *testing.T) {
	t.Setenv(RootVariable, t.TempDir())
	var builds atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			dir, err := Get(t.Context(), "thing", func(_ context.Context, dir string) error {
				builds.Add(1)
				return os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o644)
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "file")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := builds.Load(); n != 1 {
		t.Errorf("%d builds", n)
	}
}

func TestAFailedBuildLeavesNothingAndTheNextOneStartsClean(t *testing.T) {
	root := t.TempDir()
	t.Setenv(RootVariable, root)
	broken := errors.New("broken")
	_, err := Get(t.Context(), "thing", func(_ context.Context, dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o644), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	// As if another build had been killed half-way.
	if err := os.MkdirAll(filepath.Join(root, "thing.partial", "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := Get(t.Context(), "thing", func(context.Context, string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("entries %v, %v", entries, err)
	}
}

func TestADigestChangesWithNamesContentsAndExtras(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, of := range map[string]struct {
		recipe fstest.MapFS
		extra  []string
	}{
		"a file":         {recipe: fstest.MapFS{"a": {Data: []byte("1")}}},
		"other contents": {recipe: fstest.MapFS{"a": {Data: []byte("2")}}},
		"another name":   {recipe: fstest.MapFS{"b": {Data: []byte("1")}}},
		"an extra":       {recipe: fstest.MapFS{"a": {Data: []byte("1")}}, extra: []string{"v"}},
	} {
		d, err := Digest(of.recipe, of.extra...)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[d] = name
	}
}
