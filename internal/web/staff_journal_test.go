package web

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// audited are the names that the source gives to what it notes in the audit and in the access log, and to the details of it.
type audited struct{ actions, fields map[string]bool }

var actionName = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// actionEnds are the names that are put together: what stands before the end, and every end there is.
var actionEnds = map[string][]string{
	"mark.":      {"present", "late", "absent", "excused", "left", "undo"},
	"request.":   {"received", "proposed", "quoted", "accepted", "agreed", "done", "closed", "declined", "withdrawn"},
	"bilan.":     {"csv", "pdf", "xlsx"},
	"timetable.": {"add_hours", "remove_hours", "add_absence", "remove_absence"},
}

// readAudited reads all source of the program. A name is a literal where audit.Add and audit.Access want one, or that is given to
// a parameter or a variable called action.
func readAudited(t *testing.T) audited {
	t.Helper()
	found := audited{map[string]bool{}, map[string]bool{}}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			files, err := filepath.Glob(filepath.Join(path, "*.go"))
			if err != nil {
				return err
			}
			var parsed []*ast.File
			for _, file := range files {
				if strings.HasSuffix(file, "_test.go") {
					continue
				}
				f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
				if err != nil {
					return err
				}
				parsed = append(parsed, f)
			}
			found.readPackage(t, path, parsed)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// readPackage reads one package: functions of it may pass the name of an action on.
func (a audited) readPackage(t *testing.T, path string, files []*ast.File) {
	t.Helper()
	passing := map[string]int{} // functions with a parameter called action, and which it is
	notes := false
	for _, f := range files {
		notes = notes || f.Name.Name == "audit"
		for _, i := range f.Imports {
			notes = notes || i.Path.Value == `"github.com/lesbricodeurs/ateliersdada/internal/audit"`
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				at := 0
				for _, field := range fn.Type.Params.List {
					for _, name := range field.Names {
						if name.Name == "action" {
							passing[fn.Name.Name] = at
						}
						at++
					}
				}
			}
		}
	}
	if !notes {
		return
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if name, ok := left.(*ast.Ident); ok && name.Name == "action" && i < len(n.Rhs) {
						a.take(n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasSuffix(name.Name, "Action") && i < len(n.Values) {
						a.take(n.Values[i])
					}
				}
			case *ast.CallExpr:
				a.readCall(t, path, passing, n)
			}
			return true
		})
	}
}

func (a audited) readCall(t *testing.T, path string, passing map[string]int, call *ast.CallExpr) {
	t.Helper()
	name := ""
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		if name = fn.Name; name == "Add" && path == "../../internal/audit" {
			a.take(call.Args[2])
			a.takeFields(call.Args[4])
		}
	case *ast.SelectorExpr:
		name = fn.Sel.Name
		if from, ok := fn.X.(*ast.Ident); ok && from.Name == "audit" && (name == "Add" || name == "Access") {
			if !a.take(call.Args[2]) {
				t.Errorf("%s: the name of an action is neither written nor called action: %#v", path, call.Args[2])
			}
			if name == "Add" {
				a.takeFields(call.Args[4])
			}
			return
		}
	}
	if at, ok := passing[name]; ok && at < len(call.Args) {
		a.take(call.Args[at])
	}
}

// take keeps a name, and reports whether it is one or comes from where one is taken.
func (a audited) take(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		name, err := strconv.Unquote(e.Value)
		if err == nil && actionName.MatchString(name) {
			a.actions[name] = true
			return true
		}
	case *ast.Ident:
		return e.Name == "action" || strings.HasSuffix(e.Name, "Action")
	case *ast.BinaryExpr:
		if begin, ok := e.X.(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(begin.Value)
			for _, end := range actionEnds[name] {
				a.actions[name+end] = true
			}
			return actionEnds[name] != nil
		}
	}
	return false
}

// takeFields keeps the names of details that are written where they are noted.
func (a audited) takeFields(e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(key.Value)
				a.fields[name] = true
			}
		}
		return true
	})
}

// Every action that the program can note, and every detail of it, has a plain French text on the page of the journal.
func TestEveryActionHasWords(t *testing.T) {
	t.Parallel()
	found, p := readAudited(t), words.For(words.French)
	for _, known := range []string{"account.set_role", "session.unassign", "timetable.add_hours", "family.set_health", "roster.read", "bilan.xlsx", "audit.purge"} {
		if !found.actions[known] {
			t.Errorf("the source notes %s, which was not found", known)
		}
	}
	kinds := map[string]bool{}
	for _, area := range journalAreas {
		for _, begin := range area.begin {
			kinds[begin] = true
		}
	}
	for action := range found.actions {
		if !p.Has("journal.act." + action) {
			t.Errorf("%s has no text journal.act.%s", action, action)
		}
		if begin, _, _ := strings.Cut(action, "."); !kinds[begin] {
			t.Errorf("%s belongs to no kind of act: add %q to journalAreas", action, begin)
		}
	}
	for field := range found.fields {
		if !p.Has("journal.field." + field) {
			t.Errorf("the detail %q has no text journal.field.%s", field, field)
		}
	}
}

// Item 10 of issue 7, SEC-18, SEC-51: an admin finds who did what, and who looked at what; reading it is on record, and so is taking it away.
func TestAuditPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	lukasz := h.user("lukasz@exemple.fr", "Łukasz D'Artagnan-N'Guyen", account.Facilitator)
	b := h.member(account.Admin)
	desk := deskSessionPath(session)
	b.post(desk+"/animer", with(b.get(desk).form(desk+"/animer"), "facilitator", strconv.FormatInt(lukasz, 10))).wants(303)
	person := personPath(lukasz)
	b.post(person+"/role", with(b.get(person).form(person+"/role"), "role", "staff")).wants(303)
	b.post("/equipe/reglages", with(b.get("/equipe/reglages").form("/equipe/reglages"), "sheet_blank_lines", "9")).wants(303)

	copied := desk + "/dupliquer"
	b.post(copied, with(b.get(desk).form(copied), "date", "2026-06-13")).wants(303)
	b.get(journalPath).wants(200).says("a dupliqué une séance", "avant : Robotique, samedi").hides("avant : " + strconv.FormatInt(session, 10) + "<")

	b.get("/equipe/reglages").wants(200).says("Par défaut : 5. Changé par Zoé D'Artagnan-N'Guyen le")
	b.get(journalPath).wants(200).says("a confié une séance", "Robotique, samedi", "personne : Łukasz D'Artagnan-N'Guyen",
		"a changé le rôle d'une personne de l'équipe", "avant : Animation", "après : Coordination",
		"a changé un réglage", "Lignes vides à la fin d'une feuille d'émargement", "avant : 5", "après : 9", "a réussi sa connexion")
	b.get(journalOf("session:" + strconv.FormatInt(session, 10))).wants(200).says("a confié une séance").hides("a changé un réglage")
	b.get(journalPath + "?genre=settings").wants(200).says("a changé un réglage").hides("a confié une séance")
	b.get(journalPath + "?qui=user:" + strconv.FormatInt(lukasz, 10)).wants(200).says("Rien ne correspond")
	b.get(journalPath + "?du=2026-05-04&au=2026-05-03").wants(422).says("La fin vient avant le début")
	b.get(journalPath+"?du=hier&fiche=user").wants(422).says("comme 2027-03-01", "numéro de la fiche")
	b.get(journalPath + "?au=2020-01-01").wants(200).says("Rien ne correspond")

	csv := b.get(journalPath + ".csv?genre=people").wants(200)
	if !strings.Contains(csv.Body, ";account.set_role;user:"+strconv.FormatInt(lukasz, 10)+";") || strings.Contains(csv.Body, "settings.set") {
		t.Errorf("the table is\n%s", csv.Body)
	}
	if b.get(journalPath + ".xlsx").wants(200); h.count(`SELECT count(*) FROM access_log WHERE action = 'journal.export'`) != 2 {
		t.Error("taking the journal away is not on record")
	}
	b.get(journalPath+"?vue=lectures").wants(200).says("a lu le journal", "a exporté le journal").hides("a changé un réglage")
	for _, role := range []account.Role{account.Staff, account.Communication, account.Facilitator} {
		h.member(role).get(journalPath).wants(403)
	}
}

// Item 10 of issue 7, SEC-51: a line about a family says of which record it is and leads to its page as long as there is one; what was
// written, and who signs for the association, it never holds.
func TestAuditPageLeadsToRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session("Robotique", 12)
	h.book(session, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	staff, admin := h.member(account.Staff), h.member(account.Admin)
	notes := familyPath(1) + "/notes"
	staff.post(notes, with(staff.get(familyPath(1)).form(notes), "text", "Asthme de Zoé : rappeler le soir")).wants(303)
	staff.post("/equipe/reglages", with(staff.get("/equipe/reglages").form("/equipe/reglages"), "signatory_name", "Łukasz Nowak")).wants(303)
	staff.get("/equipe/reglages").says("Changé par")
	for record, details := range map[string]map[string]any{"guardian:98": {"from": 99}, "guardian:1": {"from": 99, "children": "12→15, 13→16"}} {
		if err := h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return audit.Add(tx, "system", "family.merge", record, details)
		}); err != nil {
			t.Fatal(err)
		}
	}
	page := admin.get(journalPath).wants(200).says("a écrit une note sur une famille", "Note n° 1", "sur la famille de : Responsable n° 1",
		"Responsable n° 98", "fiche qui l'a rejointe : Responsable n° 99", "Réglage : Qui signe les attestations", "enfants : enfant n° 12 réuni à l'enfant n° 15, enfant n° 13 réuni à l'enfant n° 16").hides("→", "Asthme", "Hồng", "Nowak")
	if n := page.doc.Find(`tbody a[href="` + familyPath(1) + `"]`).Length(); n != 2 {
		t.Errorf("%d links to the family, want one of the note and one of the merge", n)
	}
	for _, gone := range []int64{98, 99} {
		if page.doc.Find(`tbody a[href="`+familyPath(gone)+`"]`).Length() != 0 {
			t.Errorf("a link to family %d, of which nothing is kept", gone)
		}
	}
	staff.get(familyPath(1)).wants(200)
	admin.get(journalPath + "?vue=lectures&fiche=guardian&numero=1").wants(200).says("Responsable n° 1")
}

// The journal is read page by page: each line once, none left out, also where a line is added in between.
func TestAuditPageGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	add := func(n int) {
		t.Helper()
		if err := h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return audit.Add(tx, "system", "booking.remind", "session:"+strconv.Itoa(n), nil)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 120 {
		add(n)
	}
	var seen []string
	next := journalPath + "?qui=system"
	for pages := 0; next != ""; pages++ {
		if pages > 5 {
			t.Fatal("it never ends")
		}
		page := b.get(next).wants(200)
		next = ""
		page.doc.Find("tbody tr td:nth-of-type(2)").Each(func(_ int, cell *goquery.Selection) { seen = append(seen, cell.Contents().First().Text()) })
		page.doc.Find(".pages a").Each(func(_ int, a *goquery.Selection) {
			if a.Text() == "Plus anciennes" {
				next = a.AttrOr("href", "")
			}
		})
		add(1000 + pages)
	}
	if len(seen) != 120 || !strings.HasSuffix(seen[0], "119") || !strings.HasSuffix(seen[119], "\u00a00") {
		t.Errorf("%d lines, from %s to %s", len(seen), seen[0], seen[len(seen)-1])
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != 120 {
		t.Error("a line was shown twice")
	}
}
