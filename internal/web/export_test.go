package web

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// hostile is what somebody may be called, or call their school: a formula, to a spreadsheet (SEC-40).
const hostile = "=cmd|' /C calc'!A0"

// exports are the files of the team, by route: what to ask for, the page that offers them and says what their columns hold, and who
// takes them.
var exports = map[string]struct {
	path, page string
	role       account.Role
}{
	"/equipe/seances/:id/inscriptions.csv": {"/equipe/seances/{session}/inscriptions.csv", "/equipe/seances/{session}", account.Staff},
	"/equipe/bilan.csv":                    {"/equipe/bilan.csv", "/equipe/bilan", account.Staff},
	"/equipe/bilan.xlsx":                   {"/equipe/bilan.xlsx", "/equipe/bilan", account.Staff},
	"/equipe/bilan/presences.csv":          {"/equipe/bilan/presences.csv", "/equipe/bilan", account.Staff},
	"/equipe/bilan/presences.xlsx":         {"/equipe/bilan/presences.xlsx", "/equipe/bilan", account.Staff},
	"/equipe/bilan/groupes.csv":            {"/equipe/bilan/groupes.csv", "/equipe/bilan/groupes", account.Staff},
	"/equipe/factures.csv":                 {"/equipe/factures.csv?du=1/1/2026&au=31/12/2026", "/equipe/factures", account.Staff},
	"/equipe/paiements/journal.csv":        {"/equipe/paiements/journal.csv?du=1/1/2026&au=31/12/2026", "/equipe/paiements/journal?du=1/1/2026&au=31/12/2026", account.Staff},
	"/equipe/paiements/journal.xlsx":       {"/equipe/paiements/journal.xlsx?du=1/1/2026&au=31/12/2026", "/equipe/paiements/journal?du=1/1/2026&au=31/12/2026", account.Staff},
	"/equipe/journal.csv":                  {"/equipe/journal.csv", "/equipe/journal", account.Admin},
	"/equipe/journal.xlsx":                 {"/equipe/journal.xlsx", "/equipe/journal", account.Admin},
}

// UX-A6, SEC-40, issue 7 item 8: every table that the router gives out is for who may take it alone, opens in a French spreadsheet, holds
// no formula whatever people are called, is on record once each time, and says what its columns hold on the page that offers it.
func TestEveryExport(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	h, session := w.house, w.things["X"]["session"]
	w.sow(session)
	anonymous := h.teamBrowser()
	browsers := map[account.Role]*teamBrowser{}
	for _, role := range []account.Role{account.Facilitator, account.Communication, account.Staff, account.Admin} {
		browsers[role] = h.member(role)
	}
	found := 0
	for _, route := range w.web.Routes() {
		if route.Method != http.MethodGet || !regexp.MustCompile(`\.(csv|xlsx)$`).MatchString(route.Path) || route.Path == programmeModel { // which holds nothing of anybody
			continue
		}
		export, known := exports[route.Path]
		if !known {
			t.Errorf("%s gives a table and is in no test: say in exports who takes it, and where its columns are told", route.Path)
			continue
		}
		found++
		path, page := strings.ReplaceAll(export.path, "{session}", session), strings.ReplaceAll(export.page, "{session}", session)
		anonymous.get(path).wants(http.StatusSeeOther)
		for _, role := range []account.Role{account.Facilitator, account.Communication, account.Staff} {
			if role != export.role {
				browsers[role].get(path).wants(http.StatusForbidden)
			}
		}
		before := h.count(`SELECT count(*) FROM access_log`)
		file := browsers[export.role].get(path).wants(http.StatusOK)
		if n := h.count(`SELECT count(*) FROM access_log`) - before; n != 1 {
			t.Errorf("%s is on record %d times, want once", path, n)
		}
		if disposition := file.Header.Get("Content-Disposition"); !regexp.MustCompile(`^attachment; filename="[a-z0-9.-]+"$`).MatchString(disposition) {
			t.Errorf("%s is named %q (SEC-44)", path, disposition)
		}
		var header []string
		if strings.HasSuffix(route.Path, ".csv") {
			header = checkCSV(t, path, file.Body)
		} else {
			header = checkWorkbook(t, path, file.Body)
		}
		told := map[string]bool{}
		for _, name := range browsers[export.role].get(page).wants(http.StatusOK).doc.Find("details dt").EachIter() {
			told[strings.TrimSpace(name.Text())] = name.Next().Is("dd") && strings.TrimSpace(name.Next().Text()) != ""
		}
		for _, name := range header {
			if !told[name] {
				t.Errorf("%s does not say what the column %q of %s holds", page, name, path)
			}
		}
	}
	if found != len(exports) {
		t.Errorf("%d exports are routes, want %d", found, len(exports))
	}
}

// sow writes a formula wherever people write what is exported.
func (w *accessWorld) sow(session string) {
	w.house.t.Helper()
	for _, query := range []string{
		`UPDATE children SET first_name = ?1, last_name = '+33 6 12'`,
		`INSERT INTO closings (id, session_id, closed_at, last_mark) VALUES (77, ` + session + `, '2026-05-05T16:00:00Z', 0)`,
		`INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, funding, minutes, capacity, came, absent, excused, late) VALUES (77, ` + session + `, '2026-05-05', 'code', ?1, '@SUM(A1)', 120, 12, 8, 0, 0, 0)`,
		`INSERT INTO facts (closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, first, maybe_known, minutes)
			SELECT 77, ` + session + `, '2026-05-05', 'code', ?1, '@SUM(A1)', '9-11', 'girl', '69/69001', 'no', 2024, 'declared', 4294967295, 0, 120 FROM json_each('[1,2,3,4,5,6,7,8]')`,
		`INSERT INTO group_facts (session_id, level, gender, held_on, minutes, children, discipline, kind, uai, sector, priority, commune_code, city, funding)
			VALUES (` + session + `, ?1, 'girl', '2026-05-05', 120, 20, 'code', 'school', '', 'public', '', '', '-Lyon', '+33')`,
		`INSERT INTO payments (invoice_id, cents, mode, reference, received_on, recorded_by, recorded_at) SELECT id, 100, 'transfer', ?1, '2026-05-04', 1, '2026-05-04T10:00:00Z' FROM invoices LIMIT 1`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2026-05-04T10:00:00Z', 'user:1', 'session.edit', ?1)`,
	} {
		w.write(query, hostile)
	}
}

// number is a cell that may begin with a sign.
var number = regexp.MustCompile(`^-?[0-9]+([,.][0-9]+)?$`)

// checkCSV returns the header of a table.
func checkCSV(t *testing.T, path, body string) []string {
	t.Helper()
	text, hasBOM := strings.CutPrefix(body, "\ufeff")
	if !hasBOM || !strings.Contains(body, "\r\n") {
		t.Errorf("%s does not open in a French spreadsheet", path)
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = ';'
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	harmless := false
	for _, line := range lines {
		for _, cell := range line {
			harmless = harmless || strings.HasPrefix(cell, "'"+hostile)
			if strings.HasPrefix(cell, "'") || number.MatchString(cell) {
				continue
			}
			if strings.IndexAny(cell, "=+-@\t\r\x00") == 0 {
				t.Errorf("%s holds a formula: %q", path, cell)
			}
		}
	}
	if !harmless {
		t.Errorf("%s holds nothing that somebody wrote: %s", path, body)
	}
	return lines[0]
}

var sheetText = regexp.MustCompile(`<t[^>]*>([^<]*)</t>`)

// checkWorkbook returns the header of the first sheet.
func checkWorkbook(t *testing.T, path, body string) (header []string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	sheets := 0
	for _, part := range archive.File {
		if !strings.HasPrefix(part.Name, "xl/worksheets/sheet") {
			continue
		}
		sheets++
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("<f ")) {
			t.Errorf("%s: %s calculates", path, part.Name)
		}
		if part.Name != "xl/worksheets/sheet1.xml" {
			continue
		}
		if !bytes.Contains(text, []byte("&#39;=cmd|")) && !bytes.Contains(text, []byte("'=cmd|")) {
			t.Errorf("%s holds nothing that somebody wrote", path)
		}
		first, _, _ := strings.Cut(string(text), "</row>")
		for _, cell := range sheetText.FindAllStringSubmatch(first, -1) {
			header = append(header, strings.ReplaceAll(cell[1], "&#39;", "'"))
		}
	}
	if sheets != 2 || len(header) == 0 {
		t.Errorf("%s has %d sheets, and %d columns in the first, want what the columns hold in a second one", path, sheets, len(header))
	}
	return header
}
