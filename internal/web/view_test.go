package web

import (
	"strings"
	"testing"
	"testing/fstest"

	ateliersdada "github.com/lesbricodeurs/ateliersdada"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// notePage is the page of these tests.
type notePage struct {
	Page
	Body string
}

func noteFiles(content string) fstest.MapFS {
	return fstest.MapFS{
		"_layout.html":       {Data: []byte(`{{define "layout"}}<title>{{.Title}}</title>{{template "content" .}}{{end}}`)},
		"error/problem.html": {Data: []byte(`{{define "content"}}{{.What}}{{end}}`)},
		"note/show.html":     {Data: []byte(content)},
	}
}

func noteViews(files fstest.MapFS, apart ...string) (*Views, error) {
	assets, err := NewAssets(fstest.MapFS{"css/site.css": {Data: []byte("p{}")}})
	if err != nil {
		return nil, err
	}
	declared := append(problemPages(), Declared{Name: "note/show", Data: &notePage{}})
	return NewViews(files, assets, []words.Lang{words.French}, declared, apart...)
}

func TestViewsRefuseToStart(t *testing.T) {
	t.Parallel()
	good := `{{define "content"}}{{.Body}}{{end}}`
	for name, test := range map[string]struct {
		change func(fstest.MapFS)
		want   string
	}{
		"file that no page declares":       {func(f fstest.MapFS) { f["note/old.html"] = &fstest.MapFile{Data: []byte(good)} }, `"note/old.html" is declared by no page`},
		"file that is no template":         {func(f fstest.MapFS) { f["note/show.html~"] = &fstest.MapFile{} }, `"note/show.html~" is declared by no page`},
		"declared page without file":       {func(f fstest.MapFS) { delete(f, "note/show.html") }, "note/show"},
		"no layout":                        {func(f fstest.MapFS) { delete(f, "_layout.html") }, "_layout.html"},
		"template that does not parse":     {func(f fstest.MapFS) { f["note/show.html"].Data = []byte(`{{define "content"}}{{if}}`) }, "note/show"},
		"unknown function":                 {func(f fstest.MapFS) { f["note/show.html"].Data = []byte(`{{define "content"}}{{shout .}}{{end}}`) }, "shout"},
		"page without content":             {func(f fstest.MapFS) { f["note/show.html"].Data = []byte(`{{define "contents"}}{{end}}`) }, "content"},
		"page that replaces a shared part": {func(f fstest.MapFS) { f["note/show.html"].Data = []byte(good + `{{define "layout"}}{{end}}`) }, "layout"},
		"part shared by two files":         {func(f fstest.MapFS) { f["note/_layout.html"] = f["_layout.html"] }, "layout"},
		"500 page that fails":              {func(f fstest.MapFS) { f["error/problem.html"].Data = []byte(`{{define "content"}}{{.Nothing}}{{end}}`) }, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := noteFiles(good)
			test.change(files)
			_, err := noteViews(files)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one that names %q", err, test.want)
			}
		})
	}
}

func TestViewsLeaveOtherFoldersAlone(t *testing.T) {
	t.Parallel()
	files := noteFiles(`{{define "content"}}{{end}}`)
	files["mail/confirmation.txt"] = &fstest.MapFile{}
	if _, err := noteViews(files, "mail"); err != nil {
		t.Error(err)
	}
}

func TestRenderEscapes(t *testing.T) {
	t.Parallel()
	v, err := noteViews(noteFiles(`{{define "content"}}<a href="{{.Body}}" title={{.Body}}>{{.Body}}</a>{{end}}`))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = v.Render(&b, "note/show", &notePage{Page: Page{Lang: words.French, Title: "</title><b>"}, Body: `javascript:"><script>alert(1)</script>`})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>", "</title><b>", `href="javascript:`} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%s is not escaped in %s", bad, b.String())
		}
	}
}

func TestRenderWritesAllOrNothing(t *testing.T) {
	t.Parallel()
	v, err := noteViews(noteFiles(`{{define "content"}}half a page {{.Body.Missing}}{{end}}`))
	if err != nil {
		t.Fatal(err)
	}
	french := Page{Lang: words.French}
	for name, data := range map[string]struct {
		page string
		data PageData
	}{
		"template that fails":        {"note/show", &notePage{Page: french}},
		"undeclared page":            {"note/hide", &notePage{Page: french}},
		"struct of another page":     {"note/show", &ProblemPage{Page: french}},
		"language without templates": {problemTemplate, &ProblemPage{Page: Page{Lang: "xx"}}},
	} {
		var b strings.Builder
		if err := v.Render(&b, data.page, data.data); err == nil || b.Len() > 0 {
			t.Errorf("%s: error = %v, written %q; want an error and nothing written", name, err, b.String())
		}
	}
	if !strings.Contains(string(v.Broken(words.French)), "<title>") {
		t.Errorf("the 500 page made at start is %q", v.Broken(words.French))
	}
}

func TestTitleTellsErrors(t *testing.T) {
	t.Parallel()
	v := productViews(t)
	page := Page{Lang: words.French, Title: "Vos coordonnées"}
	for want, errors := range map[string][]FieldError{
		"<title>Vos coordonnées – Les Ateliers d&#39;Ada</title>":               nil,
		"<title>Erreur\u00a0: Vos coordonnées – Les Ateliers d&#39;Ada</title>": {{Target: "email", Text: "Écrivez votre adresse mail."}},
	} {
		page.Errors = errors
		got, err := v.Bytes(problemTemplate, &ProblemPage{Page: page})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %.300s", want, got)
		}
	}
}

func TestExplainPlacesEveryMessage(t *testing.T) {
	t.Parallel()
	p := words.For(words.French)
	phone := &Field{Name: "phone"}
	birth := &DateField{Name: "birth", ID: "child-2-birth", WrongYear: true}
	fine := &Choices{Name: "health"}
	page := &Page{}
	explain(p, page, fault.InvalidFields(map[string]fault.Message{
		"birth":  {Key: "ui.date.year"},
		"phone":  {Key: "ui.date.day"},
		"hidden": {Key: "ui.date.month"},
	}), phone, birth, fine)
	want := []FieldError{{Target: "main", Text: "Mois"}, {Target: "phone", Text: "Jour"}, {Target: "child-2-birth_year", Text: "Année"}}
	if len(page.Errors) != len(want) {
		t.Fatalf("summary = %v, want %v", page.Errors, want)
	}
	for i := range want {
		if page.Errors[i] != want[i] {
			t.Errorf("line %d = %v, want %v", i+1, page.Errors[i], want[i])
		}
	}
	if phone.Error != "Jour" || birth.Error != "Année" || fine.Error != "" {
		t.Errorf("beside the fields: %q, %q, %q", phone.Error, birth.Error, fine.Error)
	}
}

func TestExplainWithoutFieldsTellsTheMessage(t *testing.T) {
	t.Parallel()
	page := &Page{}
	explain(words.For(words.French), page, fault.New(fault.Invalid, "ui.seats.full"))
	if len(page.Errors) != 1 || page.Errors[0] != (FieldError{Target: "main", Text: "Complet"}) {
		t.Errorf("summary = %v", page.Errors)
	}
}

func TestHoles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seats                Seats
		taken, free, waiting int
	}{
		"some free":                   {Seats{Capacity: 12, Left: 3}, 9, 3, 0},
		"full with a list":            {Seats{Capacity: 12, Waiting: 2}, 12, 0, 2},
		"long list":                   {Seats{Capacity: 12, Waiting: 40}, 12, 0, mostWaitingHoles},
		"overbooked":                  {Seats{Capacity: 12, Left: -1}, 12, 0, 0},
		"large room, one seat left":   {Seats{Capacity: 200, Left: 1}, mostHoles - 1, 1, 0},
		"large room, nobody yet":      {Seats{Capacity: 200, Left: 200}, 0, mostHoles, 0},
		"more left than the room has": {Seats{Capacity: 2, Left: 5}, 0, 2, 0},
	} {
		count := map[Hole]int{}
		for _, h := range test.seats.Holes() {
			count[h]++
		}
		if count[HoleTaken] != test.taken || count[HoleFree] != test.free || count[HoleWaiting] != test.waiting {
			t.Errorf("%s: %v, want %d taken, %d free, %d waiting", name, count, test.taken, test.free, test.waiting)
		}
	}
}

// productViews are the real pages.
func productViews(t *testing.T) *Views {
	t.Helper()
	v, err := NewViews(under(t, ateliersdada.Templates, "templates"), productAssets(t), words.Offered(), declaredPages(), "mail", "files")
	if err != nil {
		t.Fatal(err)
	}
	return v
}
