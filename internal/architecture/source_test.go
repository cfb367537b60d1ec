// Package architecture holds tests only: they read the source of the whole module and
// check the rules that no compiler knows.
package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lesbricodeurs/ateliersdada"

// source is the shipped Go code of one folder, tests left out.
type source struct {
	dir   string // relative to the module, with slashes; "." is the root
	files []*ast.File
}

// parse reads all shipped Go code of the module.
func parse(t *testing.T, set *token.FileSet) []*source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []*source
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if hidden := strings.HasPrefix(entry.Name(), ".") && name != root; hidden || entry.Name() == "testdata" || entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		at := slices.IndexFunc(all, func(s *source) bool { return s.dir == dir })
		if at < 0 {
			at = len(all)
			all = append(all, &source{dir: dir})
		}
		all[at].files = append(all[at].files, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all, func(s *source) bool { return s.dir == "internal/fault" }) {
		t.Fatal("the source of the module was not found")
	}
	return all
}

// supportsTests says whether a folder is imported by tests alone: accounttest, sqlitetest, wordstest.
func supportsTests(dir string) bool {
	return strings.HasSuffix(path.Base(dir), "test")
}
