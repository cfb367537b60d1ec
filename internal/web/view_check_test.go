package web

import (
	"io"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"
	texttemplate "text/template" // executes the branches for their names only; shows nothing to anybody
	"text/template/parse"
	"time"
	"unicode"

	"golang.org/x/net/html"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// TestPagesFitTheirStructs executes every branch of every page, so that a name that the
// page's struct lacks, a missing asset or a missing text is found here.
func TestPagesFitTheirStructs(t *testing.T) {
	t.Parallel()
	v := productViews(t)
	templates := under(t, ateliersdada.Templates, "templates")
	funcs := viewFuncs(words.For(words.French), productAssets(t))
	for _, page := range declaredPages() {
		t.Run(page.Name, func(t *testing.T) {
			t.Parallel()
			empty := reflect.New(reflect.TypeOf(page.Data).Elem())
			empty.Interface().(PageData).page().Lang = words.French
			filled := reflect.New(reflect.TypeOf(page.Data).Elem())
			fill(filled.Elem(), 8)
			for state, data := range map[string]reflect.Value{"empty": empty, "filled": filled} {
				got, err := v.Bytes(page.Name, data.Interface().(PageData))
				if err != nil {
					t.Errorf("%s: %v", state, err)
				}
				checkHTML(t, state, string(got))
			}
			var out strings.Builder
			if err := everyBranch(t, templates, page.Name, funcs).ExecuteTemplate(&out, layoutName, filled.Interface()); err != nil {
				t.Errorf("every branch: %v", err)
			}
			if i := strings.IndexRune(out.String(), '⟦'); i >= 0 {
				t.Errorf("missing text: %.80s", out.String()[i:])
			}
		})
	}
}

// The check itself must see a wrong name in a branch that the data would not take.
func TestEveryBranchIsExecuted(t *testing.T) {
	t.Parallel()
	files := noteFiles(`{{define "content"}}{{if eq .Body "never"}}{{if .Body}}a{{else}}{{.Wrong}}{{end}}{{end}}{{end}}`)
	err := everyBranch(t, files, "note/show", nil).ExecuteTemplate(io.Discard, layoutName, &notePage{})
	if err == nil || !strings.Contains(err.Error(), "Wrong") {
		t.Errorf("error = %v, want one that names the field", err)
	}
}

// everyBranch returns the page with each {{if}} changed into both its branches.
func everyBranch(t *testing.T, files fs.FS, name string, funcs texttemplate.FuncMap) *texttemplate.Template {
	t.Helper()
	page := texttemplate.New("").Funcs(funcs).Funcs(texttemplate.FuncMap{"anyway": func(any) bool { return true }})
	eachFile(t, files, func(file, source string) {
		if file == name+".html" || strings.HasPrefix(path.Base(file), "_") {
			if _, err := page.New(file).Parse(source); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, part := range page.Templates() {
		if part.Tree != nil {
			bothBranches(part.Root)
		}
	}
	return page
}

func bothBranches(list *parse.ListNode) {
	if list == nil {
		return
	}
	var nodes []parse.Node
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.IfNode:
			bothBranches(n.List)
			bothBranches(n.ElseList)
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos,
					Args: []parse.Node{parse.NewIdentifier("anyway").SetPos(n.Pos)}})
				if n.ElseList != nil {
					other := n.Copy().(*parse.IfNode)
					other.List, other.ElseList, n.ElseList = n.ElseList, nil, nil
					nodes = append(nodes, other)
				}
			}
		case *parse.WithNode:
			bothBranches(n.List)
			bothBranches(n.ElseList)
		case *parse.RangeNode:
			bothBranches(n.List)
			bothBranches(n.ElseList)
		}
		nodes = append(nodes, node)
	}
	list.Nodes = nodes
}

// fill gives every part of v a value, so that {{with}} and {{range}} are entered.
func fill(v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2027, 5, 8, 14, 30, 0, 0, time.UTC)))
		return
	case words.Lang:
		v.SetString(string(words.French))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("Zoé D'Artagnan-N'Guyen <Nguyễn> محمد 李")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth-1)
		}
	}
}

// checkHTML finds what no page may hold: a text without words, an escaper's refusal,
// code or style inside the page (SEC-16), one id twice, an empty or second h1.
func checkHTML(t *testing.T, state, page string) {
	t.Helper()
	for _, bad := range []string{"⟦", "ZgotmplZ", "<no value>"} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("%s: %.80s", state, page[i:])
		}
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		for _, problem := range inlineCode(node) {
			t.Errorf("%s: %s", state, problem)
		}
	}
}

// inlineCode lists what a strict content security policy would refuse in node.
func inlineCode(node *html.Node) (problems []string) {
	if node.Type != html.ElementNode {
		return nil
	}
	attr := map[string]string{}
	for _, a := range node.Attr {
		attr[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			problems = append(problems, "<"+node.Data+"> has the attribute "+a.Key)
		}
	}
	_, external := attr["src"]
	if node.Data == "style" || node.Data == "script" && !external && attr["type"] != "application/ld+json" {
		problems = append(problems, "<"+node.Data+"> inside the page")
	}
	return problems
}

func TestInlineCodeIsSeen(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]int{
		`<p style="color:red">`:                               1,
		`<body onload="x()"><button onclick="y()">`:           2,
		`<style>p{}</style>`:                                  1,
		`<script>x()</script>`:                                1,
		`<script src="/assets/x.js" defer></script>`:          0,
		`<script type="application/ld+json">{"a":1}</script>`: 0,
	} {
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for node := range root.Descendants() {
			got += len(inlineCode(node))
		}
		if got != want {
			t.Errorf("%s: %d problems, want %d", page, got, want)
		}
	}
}

var templateAction = regexp.MustCompile(`(?s)\{\{.*?\}\}`)

// TestTemplatesHoldNoWords: every word that people read comes from the catalogue.
func TestTemplatesHoldNoWords(t *testing.T) {
	t.Parallel()
	eachTemplate(t, func(name, source string) {
		for _, text := range literalTexts(t, source) {
			if text != "salut@lesbricodeurs.fr" {
				t.Errorf("%s holds the words %q", name, text)
			}
		}
	})
}

func TestLiteralTextsAreSeen(t *testing.T) {
	t.Parallel()
	got := literalTexts(t, `{{define "content"}}<h1 class="a">Bonjour {{.Name}}</h1><nav aria-label="Menu"><a title="{{t "ui.x"}}">· {{.A}}</a>{{end}}`)
	if strings.Join(got, "|") != "Bonjour|Menu" {
		t.Errorf("found %q", got)
	}
}

func literalTexts(t *testing.T, source string) (texts []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(templateAction.ReplaceAllString(source, "")))
	if err != nil {
		t.Fatal(err)
	}
	add := func(text string) {
		if strings.ContainsFunc(text, unicode.IsLetter) {
			texts = append(texts, strings.TrimSpace(text))
		}
	}
	for node := range root.Descendants() {
		if node.Type == html.TextNode {
			add(node.Data)
		}
		for _, a := range node.Attr {
			switch a.Key {
			case "aria-label", "title", "alt", "placeholder":
				add(a.Val)
			}
		}
	}
	return texts
}

// trustedHTML are the types of html/template that switch its escaping off (SEC-18).
var trustedHTML = regexp.MustCompile(`template\.(HTML|HTMLAttr|JS|JSStr|CSS|URL|Srcset)\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write`)

// TestNothingEscapesTheEscaper covers every Go file of this package and every script.
func TestNothingEscapesTheEscaper(t *testing.T) {
	t.Parallel()
	check := func(files fs.FS, extension string) {
		err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || path.Ext(name) != extension || strings.HasSuffix(name, "_test.go") {
				return err
			}
			source, err := fs.ReadFile(files, name)
			if found := trustedHTML.Find(source); found != nil {
				t.Errorf("%s uses %s", name, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	check(sourceFolder(t), ".go")
	check(under(t, ateliersdada.Assets, "assets"), ".js")
	for _, bad := range []string{"template.HTML(x)", "e.innerHTML = x", "template.URL(u)"} {
		if !trustedHTML.MatchString(bad) {
			t.Errorf("the gate lets %q through", bad)
		}
	}
}

// eachTemplate calls do with every page and shared template of the product.
func eachTemplate(t *testing.T, do func(name, source string)) {
	t.Helper()
	eachFile(t, under(t, ateliersdada.Templates, "templates"), do)
}

// eachFile calls do with every file but mails, which follow other rules.
func eachFile(t *testing.T, files fs.FS, do func(name, source string)) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == "mail":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		source, err := fs.ReadFile(files, name)
		if err == nil {
			do(name, string(source))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
