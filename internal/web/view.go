package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// PageData is a pointer to a page's struct, which embeds Page.
type PageData interface{ page() *Page }

// Declared is one page of the product: the template templates/<Name>.html and a pointer
// to the struct it is written for. A test executes every branch of the template with
// that struct, empty and filled, so that a wrong name never reaches a visitor.
type Declared struct {
	Name string
	Data PageData
}

// Views renders the pages. It is made once at start and safe for concurrent use.
type Views struct {
	pages  map[string]reflect.Type
	sets   map[words.Lang]map[string]madeTemplate
	broken map[words.Lang][]byte
}

// madeTemplate makes the template of a page when it is first asked for, and keeps it: all pages in all languages are 14 MB, and
// of most of them a server shows few.
type madeTemplate func() (*template.Template, error)

// layoutFile frames every page; layoutName is how html/template calls it.
const (
	layoutFile = "_layout.html"
	layoutName = "layout"
)

// NewViews parses every page of declared for every language. templates' root is the
// templates folder itself. It fails on a page file that nobody declared, on a
// declared one that is missing, and on a template that does not parse, so that such
// mistakes end the start and never reach a visitor. Folders in apart belong to
// others (mails) and are left alone.
func NewViews(templates fs.FS, assets *Assets, languages []words.Lang, declared []Declared, apart ...string) (*Views, error) {
	v := &Views{
		pages:  map[string]reflect.Type{},
		sets:   map[words.Lang]map[string]madeTemplate{},
		broken: map[words.Lang][]byte{},
	}
	for _, d := range declared {
		if _, twice := v.pages[d.Name]; twice {
			return nil, fmt.Errorf("page %q is declared twice", d.Name)
		}
		v.pages[d.Name] = reflect.TypeOf(d.Data)
	}
	shared, err := v.checkFiles(templates, apart)
	if err != nil {
		return nil, err
	}
	for _, lang := range languages {
		printer := words.For(lang)
		funcs := viewFuncs(printer, assets)
		base, err := parseShared(templates, shared, funcs)
		if err != nil {
			return nil, err
		}
		set := map[string]madeTemplate{}
		for name := range v.pages {
			if lang != words.French && forTeam(name) {
				continue
			}
			if _, err = parsePage(base, templates, name, funcs); err != nil {
				return nil, err
			}
			set[name] = sync.OnceValues(func() (*template.Template, error) { return parsePage(base, templates, name, funcs) })
		}
		v.sets[lang] = set
		// A page that tells of a breakdown must not depend on what broke.
		problem := newProblemPage(Page{Lang: lang}, 500, problemWords(printer, 500))
		if v.broken[lang], err = v.Bytes(problemTemplate, problem); err != nil {
			return nil, fmt.Errorf("render the 500 page: %w", err)
		}
	}
	return v, nil
}

// teamFolders hold the pages that exist in French only. Any other page is for families and schools, in every language.
var teamFolders = []string{"account", "animation", "demo", "equipe", "gallery"}

// forTeam reports whether a page is for the team.
func forTeam(name string) bool { return slices.Contains(teamFolders, path.Dir(name)) }

// checkFiles compares the files with the declared pages and returns the shared ones.
func (v *Views) checkFiles(templates fs.FS, apart []string) (shared []string, err error) {
	missing := maps.Clone(v.pages)
	err = fs.WalkDir(templates, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(apart, file):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case strings.HasPrefix(path.Base(file), "_") && path.Ext(file) == ".html":
			shared = append(shared, file)
			return nil
		}
		name, ok := strings.CutSuffix(file, ".html")
		if _, declared := v.pages[name]; !ok || !declared {
			return fmt.Errorf("template file %q is declared by no page", file)
		}
		delete(missing, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("declared pages without a template file: %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	if !slices.Contains(shared, layoutFile) {
		return nil, errors.New("template file " + layoutFile + " is missing")
	}
	return shared, nil
}

// parseShared parses the shared files into one set. A name defined twice would
// silently replace the first, so it is an error.
func parseShared(templates fs.FS, files []string, funcs template.FuncMap) (*template.Template, error) {
	base := template.New("").Funcs(funcs)
	for _, file := range files {
		before := templateNames(base)
		own, err := template.New("").Funcs(funcs).ParseFS(templates, file)
		if err != nil {
			return nil, fmt.Errorf("parse %q: %w", file, err)
		}
		for name := range templateNames(own) {
			if before[name] {
				return nil, fmt.Errorf("parse %q: template %q is already defined elsewhere", file, name)
			}
		}
		if base, err = base.ParseFS(templates, file); err != nil {
			return nil, fmt.Errorf("parse %q: %w", file, err)
		}
	}
	return base, nil
}

// parsePage gives each page its own copy of the shared templates that it uses, so that
// every page may define "content", "head" and "scripts", and parts of its own, but
// replace no shared part by accident. Of those that it does not use a copy would only
// fill the memory: a hundred pages with all parts were 55 MB.
func parsePage(base *template.Template, templates fs.FS, name string, funcs template.FuncMap) (*template.Template, error) {
	file := name + ".html"
	own, err := template.New("").Funcs(funcs).ParseFS(templates, file)
	if err != nil {
		return nil, fmt.Errorf("parse %q: %w", file, err)
	}
	if own.Lookup("content") == nil {
		return nil, fmt.Errorf("page %q does not define \"content\"", name)
	}
	shared := templateNames(base)
	for part := range templateNames(own) {
		if shared[part] && part != "head" && part != "scripts" {
			return nil, fmt.Errorf("page %q defines %q, which is a shared template", name, part)
		}
	}
	used := []string{layoutName}
	for part := range templateNames(own) {
		used = append(used, calls(own.Lookup(part).Tree.Root)...)
	}
	for ; len(used) > 0; used = used[1:] {
		part := base.Lookup(used[0])
		if part == nil || own.Lookup(used[0]) != nil {
			continue
		}
		if _, err := own.AddParseTree(used[0], part.Tree.Copy()); err != nil {
			return nil, fmt.Errorf("parse %q: %w", file, err)
		}
		used = append(used, calls(part.Tree.Root)...)
	}
	return own, nil
}

// calls are the templates that a piece of a template may call.
func calls(node parse.Node) (names []string) {
	branch := func(b *parse.BranchNode) []string { return append(calls(b.List), calls(b.ElseList)...) }
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil { // no {{else}}
			for _, inner := range n.Nodes {
				names = append(names, calls(inner)...)
			}
		}
	case *parse.IfNode:
		names = branch(&n.BranchNode)
	case *parse.RangeNode:
		names = branch(&n.BranchNode)
	case *parse.WithNode:
		names = branch(&n.BranchNode)
	case *parse.TemplateNode:
		names = []string{n.Name}
	}
	return names
}

// templateNames are the names that {{define}} gave; a file's own name is not one.
func templateNames(set *template.Template) map[string]bool {
	names := map[string]bool{}
	for _, t := range set.Templates() {
		if t.Name() != "" && path.Ext(t.Name()) != ".html" {
			names[t.Name()] = true
		}
	}
	return names
}

// Render writes the page called name in the language of data. It renders to memory
// first: when it returns an error, nothing has been written. The error means a
// mistake in the program: an undeclared page, a struct of another page, a language
// without templates, a template that fails.
func (v *Views) Render(w io.Writer, name string, data PageData) error {
	content, err := v.Bytes(name, data)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// Bytes is Render into memory, for pages that are kept and served many times.
func (v *Views) Bytes(name string, data PageData) ([]byte, error) {
	want, ok := v.pages[name]
	if !ok {
		return nil, fmt.Errorf("render: no page %q", name)
	}
	if got := reflect.TypeOf(data); got != want {
		return nil, fmt.Errorf("render %q: data is %v, the page is written for %v", name, got, want)
	}
	made, ok := v.sets[data.page().Lang][name]
	if !ok {
		return nil, fmt.Errorf("render %q: not in language %q", name, data.page().Lang)
	}
	page, err := made()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, layoutName, data); err != nil {
		return nil, fmt.Errorf("render %q: %w", name, err)
	}
	return b.Bytes(), nil
}

// Broken is the 500 page, made at start, for when a page cannot be rendered.
func (v *Views) Broken(lang words.Lang) []byte { return v.broken[lang] }
