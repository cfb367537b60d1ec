package web

import (
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	texttemplate "text/template" // executes the branches for their names only; shows nothing to anybody
	"text/template/parse"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// TestPagesFitTheirStructs executes every branch of every page in each of its languages, so that a name that the
// page's struct lacks, a missing asset or a missing text is found here, a text that is still French, and a link that
// leaves the language (issue 6, point 8).
func TestPagesFitTheirStructs(t *testing.T) {
	t.Parallel()
	v := productViews(t)
	templates := under(t, ateliersdada.Templates, "templates")
	for _, lang := range words.Offered() {
		funcs, foreign := viewFuncs(words.For(lang), productAssets(t)), untranslated(t, lang)
		for _, page := range declaredPages() {
			if lang != words.French && forTeam(page.Name) {
				continue
			}
			t.Run(string(lang)+"/"+page.Name, func(t *testing.T) {
				t.Parallel()
				empty := reflect.New(reflect.TypeOf(page.Data).Elem())
				filled := reflect.New(reflect.TypeOf(page.Data).Elem())
				fill(filled.Elem(), 8)
				for state, data := range map[string]reflect.Value{"empty": empty, "filled": filled} {
					data.Interface().(PageData).page().Lang = lang
					got, err := v.Bytes(page.Name, data.Interface().(PageData))
					if err != nil {
						t.Errorf("%s: %v", state, err)
					}
					checkHTML(t, state, string(got))
					if state == "filled" { // else links have no beginning
						checkLanguage(t, state, lang, foreign, string(got))
					}
				}
				var out strings.Builder
				if err := everyBranch(t, templates, page.Name, funcs).ExecuteTemplate(&out, layoutName, filled.Interface()); err != nil {
					t.Errorf("every branch: %v", err)
				}
				if i := strings.IndexRune(out.String(), '⟦'); i >= 0 {
					t.Errorf("missing text: %.80s", out.String()[i:])
				}
				checkLanguage(t, "every branch", lang, foreign, out.String())
			})
		}
	}
}

// untranslated are the French texts that a language lacks, as pages show them.
func untranslated(t *testing.T, lang words.Lang) (texts []string) {
	t.Helper()
	own := map[string]bool{}
	for _, key := range textKeys(t, lang) {
		own[key] = true
	}
	for _, key := range textKeys(t, words.French) {
		if text := words.For(words.French).T(key); !own[key] && len(strings.Fields(text)) > 2 && !strings.HasPrefix(text, "⟦") { // shorter ones may be names
			texts = append(texts, text)
		}
	}
	return texts
}

// textKeys are the keys that a language has.
func textKeys(t *testing.T, lang words.Lang) (keys []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "words", string(lang), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the texts of %s: %d files, %v", lang, len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(content, &texts); err != nil {
			t.Fatal(err)
		}
		keys = slices.AppendSeq(keys, maps.Keys(texts))
	}
	return keys
}

// checkLanguage finds what a page says or leads to in another language than its own, but for papers, what the team
// wrote, and the link to the twin, which all say so.
func checkLanguage(t *testing.T, state string, lang words.Lang, foreign []string, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for node := range root.Descendants() {
		attr := map[string]string{}
		for _, a := range node.Attr {
			attr[a.Key] = a.Val
		}
		switch {
		case node.Data == "html" && node.Type == html.ElementNode && attr["lang"] != string(lang):
			t.Errorf("%s: the page is in %q", state, attr["lang"])
		case node.Type == html.TextNode && !isInside(node, "fr"):
			text.WriteString(node.Data)
		}
		for _, name := range []string{"href", "action"} {
			link, ok := attr[name]
			if ok && attr["hreflang"] == "" && attr["rel"] != "alternate" && link != pathIn(lang, link) {
				t.Errorf("%s: <%s> leads to %q, which is in another language: {{to …}}", state, node.Data, link)
			}
		}
	}
	for _, sentence := range foreign {
		if strings.Contains(text.String(), sentence) {
			t.Errorf("%s: in French: %q", state, sentence)
		}
	}
}

// isInside reports whether a text belongs to a part in a language of its own, below <html>.
func isInside(node *html.Node, lang string) bool {
	for n := node.Parent; n != nil && n.Data != "html"; n = n.Parent {
		for _, a := range n.Attr {
			if a.Key == "lang" {
				return a.Val == lang
			}
		}
	}
	return false
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
		if node.Type == html.TextNode && node.Parent.DataAtom != atom.Style { // a file that stands alone has its style in it
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
