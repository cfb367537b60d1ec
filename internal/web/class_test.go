package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// lesson is a private session for a class on Saturday 9 May 2026 from 14 h to 16 h in Lyon, at 14 h 05, led by Nadia.
type lesson struct {
	*house
	asked
	session int64
	led     string // path of its register
	class   string // path of its class list on the status page
}

func newLesson(t *testing.T) *lesson {
	t.Helper()
	h := newHouse(t)
	l := &lesson{house: h, asked: h.request(map[string]any{"state": "agreed", "level": "CM1-CM2", "children": 26})}
	l.session = h.sessionOf(catalog.Workshop{
		Title: "Robotique", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 26})
	h.write(`UPDATE sessions SET request_id = ? WHERE id = ?`, l.id, l.session)
	nadia := h.user("nadia@exemple.fr", "Nadia Łukaszewska", account.Facilitator)
	if err := h.web.Catalog.Assign(t.Context(), account.Command(), h.key(), l.session, nadia); err != nil {
		t.Fatal(err)
	}
	l.led = fmt.Sprintf("/animation/seances/%d", l.session)
	l.class = fmt.Sprintf("%s/classe/%d", l.path(), l.session)
	h.clock.Set(time.Date(2026, 5, 9, 12, 5, 0, 0, time.UTC))
	return l
}

func (l *lesson) nadia() *teamBrowser {
	l.t.Helper()
	b := l.teamBrowser()
	b.signIn("nadia@exemple.fr")
	return b
}

// names are the first names of the list as they are stored.
func (l *lesson) names() (all string) {
	l.t.Helper()
	l.scan(&all, `SELECT coalesce(group_concat(first_name, '|'), '') FROM (SELECT first_name FROM pupils WHERE session_id = ? ORDER BY position)`, l.session)
	return all
}

// upload sends a form with a file as a browser does.
func (b *teamBrowser) upload(path string, form url.Values, field, name string, content []byte) *answer {
	b.h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for key, values := range form {
		for _, value := range values {
			if err := w.WriteField(key, value); err != nil {
				b.h.t.Fatal(err)
			}
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.h.t.Fatal(err)
	}
	return b.sendBody(http.MethodPost, path, body.String(), http.Header{"Sec-Fetch-Site": {"same-origin"}, "Content-Type": {w.FormDataContentType()}})
}

func xlsx(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A teacher types, pastes and uploads the list without an account; a second sending changes nothing.
func TestTeacherGivesTheList(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	teacher := l.teamBrowser()
	teacher.get(l.path()).wants(http.StatusOK).says("La classe", "samedi 9 mai 2026 à 14 h", "Pas de liste de prénoms")
	page := teacher.get(l.class).wants(http.StatusOK).says("seulement les prénoms", "26 prénoms au plus", "au plus tard 30 jours après", "ne sont pas lus")
	form := page.form(l.class)
	form.Set(classText, "Zoé, Łukasz\nNguyễn Anh\r\nمحمد; 李\n")
	for range 2 {
		teacher.post(l.class, form).leadsTo(l.class + "?fait=liste")
	}
	if got := l.names(); got != "Zoé|Łukasz|Nguyễn Anh|محمد|李" {
		t.Errorf("list %q", got)
	}
	if got := teacher.get(l.class + "?fait=liste").says("La liste est enregistrée : 5 prénoms.").form(l.class).Get(classText); got != "Zoé\nŁukasz\nNguyễn Anh\nمحمد\n李" {
		t.Errorf("the text shows %q", got)
	}
	teacher.get(l.path()).says("5 prénoms")

	// A file replaces the list; what else is in it is not read, and that is said.
	form = teacher.get(l.class).form(l.class)
	book := xlsx(t, []any{"Nom", "Prénom", "Né le"}, []any{"Martin", "Zoé", "01/02/2016"}, []any{"D'Artagnan-N'Guyen", "Éloïse", ""})
	teacher.upload(l.class, form, classFile, "Classe de Mme Li.xlsx", book).leadsTo(l.class + "?fait=liste&colonnes=2")
	teacher.get(l.class + "?fait=liste&colonnes=2").says("2 autres colonnes n'ont pas été lues")
	if got := l.names(); got != "Zoé|Éloïse" {
		t.Errorf("list %q", got)
	}
	form = teacher.get(l.class).form(l.class)
	teacher.upload(l.class, form, classFile, "liste.csv", []byte("\ufeffNom;Prénom\r\nMartin;Ali\r\n")).leadsTo(l.class + "?fait=liste&colonnes=1")
	if got := l.names(); got != "Ali" {
		t.Errorf("list %q", got)
	}
	for _, secret := range []string{"Martin", "Artagnan", "2016"} {
		if l.count(`SELECT count(*) FROM pupils WHERE first_name LIKE ?`, "%"+secret+"%") != 0 {
			t.Errorf("%s was kept", secret)
		}
	}
	form = teacher.get(l.class).form(l.class)
	form.Set(classRemove, "1")
	teacher.post(l.class, form).leadsTo(l.class + "?fait=liste")
	if got := l.names(); got != "" {
		t.Errorf("list %q after it was taken away", got)
	}
}

// What is wrong is named by line, nothing of it is kept, and what was typed stays (bad input of the issue; ACC-5).
func TestClassListThatIsWrong(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	teacher := l.teamBrowser()
	form := teacher.get(l.class).form(l.class)
	form.Set(classText, "Zoé\nAli")
	teacher.post(l.class, form).wants(http.StatusSeeOther)
	windows, err := charmap.Windows1252.NewEncoder().String("Nom;Prénom\nMartin;Zoé\n")
	if err != nil {
		t.Fatal(err)
	}
	const typed = "Jeanne\nPaul"
	for name, tt := range map[string]struct {
		file string
		want []string
	}{
		"a broken row":    {"Nom;Prénom\nMartin;Zoé\nLi;\nAnh;42\n", []string{"Ligne 3, colonne « Prénom ». Attendu : quelque chose dans cette case."}},
		"no name":         {"Prénom\nZoé\n42\n", []string{"Ligne 3 : on y lit « 42 ». Attendu : un prénom, avec des lettres"}},
		"10,000 lines":    {"Prénom\n" + strings.Repeat("Zoé\n", 10_000), []string{"Ligne 28. Attendu : 26 lignes au plus."}},
		"formulas":        {"Prénom\nZoé\n=1+1\n", []string{"Ligne 3 : on y lit « =1+1 »"}},
		"Windows-1252":    {windows, []string{"Ligne 1 : on y lit « Nom;Pr�nom »", "Ligne 2 : on y lit « Martin;Zo� »", "UTF-8"}},
		"an XLSX formula": {string(xlsxFormula(t)), []string{"Ligne 2, colonne « Prénom »", "calculé"}},
		"no workbook":     {"PK\x03\x04 nothing", []string{"un classeur Excel (.xlsx) sans mot de passe"}},
	} {
		form := teacher.get(l.class).form(l.class)
		form.Set(classText, typed)
		page := teacher.upload(l.class, form, classFile, "liste.csv", []byte(tt.file)).wants(http.StatusUnprocessableEntity).says(tt.want...).says("Rien n'a été enregistré")
		if got := page.form(l.class).Get(classText); got != typed {
			t.Errorf("%s: of what was typed stays %q", name, got)
		}
		if page.doc.Find("#"+classFile).AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s: the file is not marked as wrong", name)
		}
		if got := l.names(); got != "Zoé|Ali" {
			t.Errorf("%s: the list is %q", name, got)
		}
	}
	form = teacher.get(l.class).form(l.class)
	form.Set(classText, "Zoé\n42\n=1+1\n<b>")
	page := teacher.post(l.class, form).wants(http.StatusUnprocessableEntity).says("Ligne 2 : on y lit « 42 »", "Ligne 3 : on y lit « =1+1 »", "Ligne 4 : on y lit « <b> »")
	if got := page.form(l.class).Get(classText); got != "Zoé\n42\n=1+1\n<b>" {
		t.Errorf("of what was typed stays %q", got)
	}
	form.Set(classText, " \n")
	teacher.post(l.class, form).wants(http.StatusUnprocessableEntity).says("Écrivez au moins un prénom, ou choisissez un fichier.")
	// SEC-22: what else is sent changes nothing.
	form = teacher.get(l.class).form(l.class)
	form.Set(classText, "Zoé")
	form.Set("capacity", "1000")
	form.Set("session_id", "1")
	teacher.post(l.class, form).wants(http.StatusSeeOther)
	if l.count(`SELECT count(*) FROM sessions WHERE capacity <> 26`) != 0 || l.names() != "Zoé" {
		t.Errorf("list %q", l.names())
	}
}

func xlsxFormula(t *testing.T) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for place, text := range map[string]string{"A1": "Prénom", "B1": "Nom", "B2": "Martin"} {
		if err := book.SetCellStr("Sheet1", place, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellFormula("Sheet1", "A2", `HYPERLINK("https://example.org")`); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// SEC-26: a route that takes a file takes no more than its cap, and every other route no more than before.
func TestUploadCaps(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	teacher := l.teamBrowser()
	form := teacher.get(l.class).form(l.class)
	teacher.upload(l.class, form, classFile, "x.csv", bytes.Repeat([]byte("Zoé\n"), 60_000)).wants(http.StatusUnprocessableEntity).says("26 lignes au plus")
	teacher.upload(l.class, form, classFile, "x.csv", make([]byte, classCap+1)).wants(http.StatusRequestEntityTooLarge)
	teacher.upload(l.path(), form, classFile, "x.csv", make([]byte, 300<<10)).wants(http.StatusRequestEntityTooLarge)
	teacher.upload("/connexion", url.Values{}, classFile, "x.csv", []byte("Zoé")).wants(http.StatusUnprocessableEntity)
	if got := l.names(); got != "" {
		t.Errorf("list %q", got)
	}
}

// From the list to the certificate and to the end of the names; the paper and its page say the same.
func TestLessonFromListToCertificates(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	nadia := l.nadia()
	nadia.get("/animation").wants(http.StatusOK).says("Robotique", "26 enfants", "École élémentaire Marie-Curie")
	nadia.get(l.led).wants(http.StatusOK).says("École élémentaire Marie-Curie, CM1-CM2", "26 enfants annoncés", "Compter sans prénoms")
	sheet := nadia.get(l.led + "/feuille").wants(http.StatusOK).says("École élémentaire Marie-Curie")
	if n := sheet.doc.Find("table.sheet tbody tr").Length(); n != 26 {
		t.Errorf("%d lines for 26 children without names", n)
	}
	form := nadia.get(l.led + "/classe").wants(http.StatusOK).form(l.led + "/classe")
	form.Set(classText, "Zoé\nŁukasz\nمحمد")
	nadia.post(l.led+"/classe", form).leadsTo(l.led + "/classe?fait=liste")
	nadia.get(l.led+"/feuille").says("Zoé", "Łukasz", "محمد").hides("Santé", "Âge")
	if text := pdfText(t, nadia.get(l.led+"/feuille.pdf").wants(http.StatusOK).Body); !strings.Contains(text, "Łukasz") || !strings.Contains(text, "Marie-Curie") {
		t.Errorf("the file says\n%s", text)
	}

	register := nadia.get(l.led).wants(http.StatusOK).hides("Fiche", "ans</span>")
	for i, mark := range []string{"present", "absent", "present"} {
		row := register.doc.Find("ul.roster > li").Eq(i)
		tap := row.Find(`form:has(input[value=` + mark + `])`)
		values := url.Values{}
		for _, name := range []string{"form_key", "eleve", "pointage"} {
			values.Set(name, tap.Find("input[name="+name+"]").AttrOr("value", ""))
		}
		nadia.post(l.led+"/pointages", values).leadsTo(l.led + "#" + row.AttrOr("id", "-"))
	}
	nadia.get(l.led).says("2 présents", "1 absent")

	// Marked: the list is corrected and added to, by the teacher too; an old page of the list cannot replace it.
	form.Set(formKeyField, nadia.get(l.led+"/classe").form(l.led+"/classe").Get(formKeyField))
	form.Set(classText, "Ali")
	nadia.post(l.led+"/classe", form).wants(http.StatusConflict).says("la liste ne peut plus être remplacée")
	teacher := l.teamBrowser()
	form = teacher.get(l.class).says("Corriger un prénom").form(l.class)
	form.Set(className+"1", "Zoë")
	form.Set(classText, "Jeanne")
	teacher.post(l.class, form).leadsTo(l.class + "?fait=liste")
	form = teacher.get(l.class).form(l.class)
	form.Set(className+"2", "42")
	page := teacher.post(l.class, form).wants(http.StatusUnprocessableEntity)
	if field := page.doc.Find("#" + className + "2"); field.AttrOr("value", "") != "42" || field.AttrOr("aria-invalid", "") != "true" {
		t.Error("the wrong name is not shown where it was typed")
	}
	if got := l.names(); got != "Zoë|Łukasz|محمد|Jeanne" {
		t.Errorf("list %q", got)
	}

	form = nadia.get(l.led + "/attestations").says("2 enfants sont venus").form(l.led + "/attestations")
	nadia.post(l.led+"/attestations", form).wants(http.StatusSeeOther)
	given := nadia.get(l.led+"/attestations").says("Zoë", "محمد").hides("effacer les prénoms")
	public := given.doc.Find(".given a.num").First().AttrOr("href", "")
	if text := pdfText(t, nadia.get(l.led+"/attestations.pdf").wants(http.StatusOK).Body); !strings.Contains(text, "Zoë") {
		t.Errorf("the certificates say\n%s", text)
	}
	guest := l.teamBrowser()
	guest.get(public).wants(http.StatusOK).says("Cette attestation est valable", "Zoë")

	l.clock.Set(time.Date(2026, 5, 9, 14, 10, 0, 0, time.UTC))
	link := nadia.get(l.led+"/attestations").says("Attestations imprimées : effacer les prénoms").doc.Find(`a[href$="/prenoms"]`).AttrOr("href", "")
	form = nadia.get(link).wants(http.StatusOK).says("Effacer les prénoms ?", "4 prénoms disparaîtront", "resteront valables").form(link)
	for range 2 {
		nadia.post(link, form).leadsTo(l.led + "/attestations?effaces=1")
	}
	nadia.get(l.led+"/attestations?effaces=1").says("Les prénoms sont effacés.", "Nom effacé").hides("Zoë")
	nadia.get(l.led).says("Élève 1 (prénom effacé)", "2 présents")
	guest.get(public).wants(http.StatusOK).says("Cette attestation est valable").hides("Zoë")
	teacher.get(l.class).says("ont été effacés").hides("Zoë", "Jeanne")
	teacher.get(l.path()).says("Prénoms effacés")
}

// RGPD-10: nothing of an erased name is left in the file: no draft, no key of a form, no message, no page of the database.
func TestErasedNamesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	teacher, nadia := l.teamBrowser(), l.nadia()
	form := teacher.get(l.class).form(l.class)
	form.Set(classText, "Kanarienvogel\nZoé\nKanarienvogel")
	teacher.post(l.class, form).wants(http.StatusSeeOther)
	form = teacher.get(l.class).form(l.class)
	teacher.upload(l.class, form, classFile, "Kanarienvogel.xlsx", xlsx(t, []any{"Nom", "Prénom"}, []any{"Kanarienvogel", "Kanarienvogel"})).wants(http.StatusSeeOther)
	canary := func() bool {
		t.Helper()
		if err := l.db.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(l.db.Path())
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(raw, []byte("Kanarienvogel"))
	}
	if !canary() {
		t.Fatal("the canary is not found where it must be")
	}
	l.clock.Set(time.Date(2026, 5, 9, 15, 0, 0, 0, time.UTC))
	link := l.led + "/prenoms"
	nadia.post(link, nadia.get(link).form(link)).wants(http.StatusSeeOther)
	if canary() {
		t.Error("a name is still in the file")
	}
}

// A class without a list is counted by level and gender, with its sum; who may not write sees no form (SEC-20).
func TestHeadcountPage(t *testing.T) {
	t.Parallel()
	l := newLesson(t)
	nadia := l.nadia()
	count := l.led + "/effectif"
	form := nadia.get(count).wants(http.StatusOK).says("Compter les enfants", "Filles", "Non précisé").form(count)
	if got := form.Get("niveau_1"); got != "CM1-CM2" {
		t.Errorf("the first level is %q", got)
	}
	form.Set("girl_1", "douze")
	page := nadia.post(count, form).wants(http.StatusUnprocessableEntity).says("Écrivez un nombre entre 0 et 500.")
	if field := page.doc.Find("#girl_1"); field.AttrOr("value", "") != "douze" || field.AttrOr("aria-invalid", "") != "true" {
		t.Error("what was typed is not there, or not marked")
	}
	form = page.form(count)
	for name, value := range map[string]string{"niveau_1": "CM1", "girl_1": "6", "boy_1": "7", "unsaid_1": "1", "niveau_2": "CM2", "girl_2": "5", "boy_2": "6"} {
		form.Set(name, value)
	}
	for range 2 {
		nadia.post(count, form).leadsTo(count + "?fait=compte")
	}
	nadia.get(count+"?fait=compte").says("C'est compté : 25 enfants.", "En tout : 14 enfants", "En tout : 11 enfants", "Un autre niveau")
	l.teamBrowser().get(l.path()).says("25 enfants venus")
	l.member(account.Communication).get(count).wants(http.StatusForbidden)
	form = nadia.get(count).form(count)
	for name := range form {
		if strings.HasPrefix(name, "girl") || strings.HasPrefix(name, "boy") || strings.HasPrefix(name, "unsaid") {
			form.Set(name, "")
		}
	}
	nadia.post(count, form).wants(http.StatusUnprocessableEntity).says("Indiquez combien d'enfants sont venus")
	l.write(`UPDATE group_requests SET state = 'done' WHERE id = ?`, l.id)
	closed := nadia.get(count).says("se ferme avec la demande", "CM2", "25 enfants comptés")
	if closed.doc.Find("main form").Length() != 0 {
		t.Error("a closed count offers a form")
	}
}
