package words

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-playground/locales/fr"
)

// wrongUses tells what is wrong with the literal keys of s: unknown, with another
// number of arguments than the text takes, or asked with a count that it ignores.
func wrongUses(s *scan, p *Printer) []string {
	var problems []string
	for _, u := range s.uses {
		e, ok := p.entries[u.key]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("%s: %q is not in the catalogue", u.where, u.key))
		case u.plural && !e.plural:
			problems = append(problems, fmt.Sprintf("%s: %q has no plural forms", u.where, u.key))
		case u.args >= 0 && u.args != e.arity:
			problems = append(problems, fmt.Sprintf("%s: %q takes %d arguments and gets %d", u.where, u.key, e.arity, u.args))
		}
	}
	return problems
}

// names reports whether a literal names key or a literal prefix begins it.
func (s *scan) names(key string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	return s.literals[key] || slices.ContainsFunc(slices.Collect(maps.Keys(s.prefixes)), begins)
}

// unused lists the keys that nobody names.
func unused(s *scan, p *Printer) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(p.entries)) {
		if !s.names(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func TestEveryKeyUsedIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, problem := range wrongUses(repository(t), For(French)) {
		t.Error(problem)
	}
}

func TestEveryKeyOfTheCatalogueIsUsed(t *testing.T) {
	t.Parallel()
	for _, key := range unused(repository(t), For(French)) {
		t.Errorf("%q: nobody writes this key, nor a literal prefix of it such as \"area.\" + name", key)
	}
}

// Whatever a language says, it says of the same arguments as French, so that a page need not know the language.
func TestLanguagesTakeWhatFrenchTakes(t *testing.T) {
	t.Parallel()
	french := For(French)
	for lang, p := range languages().printers {
		for key, e := range p.entries {
			f, ok := french.entries[key]
			if !ok || f.plural != e.plural || f.arity != e.arity {
				t.Errorf("%s: %q takes %d arguments (plural: %t), in French %d (known: %t, plural: %t)", lang, key, e.arity, e.plural, f.arity, ok, f.plural)
			}
		}
	}
}

// teamOnly are the files of which families and schools read nothing: pages, papers and mails of the team, and commands.
// Whatever is not here is read by them too, so that a new page is asked for its English without anybody thinking of it.
var teamOnly = slices.Concat(
	[]string{"cmd/", "internal/message/", "internal/payment/", "internal/prose/", "internal/report/", "internal/settings/", "internal/table/", "internal/upkeep/"},
	within("templates/", "account/", "animation/", "demo/", "equipe/", "gallery/", "mail/session_assigned.", "mail/session_changed.", "mail/session_called_off.", "mail/session_handed_over.", "mail/honorability_",
		"mail/team_", "mail/password_", "mail/factor_"),
	// Papers are in French, and so is what is read of them on a page.
	[]string{"internal/document/", "internal/web/agreement_facts.go", "internal/web/bill_paper.go", "internal/web/receipt_paper.go"},
	within("internal/account/", "add_user.go", "change_user.go", "email.go", "honorability.go", "idle.go", "office.go", "password", "second_factor.go", "sign_in.go", "user.go"),
	within("internal/attendance/", "access.go", "barred.go", "care.go", "certificates.go", "closed.go", "contradiction.go", "depart.go", "fold.go", "group.go",
		"group_sessions.go", "headcount.go", "incident.go", "issue.go", "mark.go", "not_arrived.go", "revoke.go", "roster.go", "series.go", "sessions.go", "sheets.go",
		"team.go", "upload.go", "walk_in.go"),
	within("internal/booking/", "call", "change.go", "edit_several.go", "erase.go", "give.go", "list_figures.go", "not_arrived.go", "staff_", "standby.go", "walk_in.go"),
	within("internal/catalog/", "change.go", "facilitators.go", "free_at.go", "funding.go", "group_session.go", "holidays", "kit.go", "localtime.go", "programme.go", "schedule", "series.go", "session_cancel.go", "session_obstacles.go", "capacity_proposal.go",
		"session_capacity.go", "session_create.go", "session_edit.go", "session_handover.go", "session_kits.go", "session_list.go", "session_publish.go",
		"session_request.go", "session_reserve.go", "timetable.go", "typed.go", "venue.go", "version.go", "workshop.go", "hindrance.go"),
	within("internal/family/", "look_up_qpv.go", "merge", "note"),
	within("internal/mail/", "alert.go", "facilitator.go", "team.go", "report.go", "failure.go"),
	within("internal/document/", "bilan.go"),
	[]string{"internal/numbering/", "internal/alert/"},
	within("internal/privacy/", "closing.go", "facts.go"),
	within("internal/school/", "agreement_text.go", "call_off.go", "follow.go", "import.go", "inbox.go", "invoice.go", "line.go", "propose.go", "quote", "settle.go",
		"skip.go", "write_to.go"),
	within("internal/web/", "agreement_text.go", "certificate_acts.go", "class_count.go", "class_erase.go", "class_sheet.go", "demo.go", "desk_", "facilitate", "gallery.go",
		"report_", "request_desk", "request_inbox.go", "request_plan.go", "series.go", "sign_in.go", "signed_in.go", "staff_", "team_", "timetable.go"),
)

// teamKeys begin the texts of mails to the team, whose keys are put together where those of families are.
var teamKeys = []string{"mail.assigned.", "mail.handed_over.", "mail.honorability.", "mail.state.handed_over", "mail.calendar.leading", "mail.greeting.team", "mail.password_", "mail.factor_", "mail.team_invited.", "mail.request_news.", "mail.session_called_off.", "mail.session_changed.",
	"mail.state.assigned", "mail.why.facilitator", "mail.why.request.team", "mail.why.team", "mail.alert.", "alert."}

// within puts a folder before the beginnings of paths in it.
func within(folder string, names ...string) []string {
	for i := range names {
		names[i] = folder + names[i]
	}
	return names
}

// readByPeople scans whatever families and schools may read.
func readByPeople(t *testing.T) *scan {
	t.Helper()
	s := newScan()
	s.withoutPapers = true
	theirs := func(kind func(path string) bool) func(path string) bool {
		return func(path string) bool {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			return kind(path) && !slices.ContainsFunc(teamOnly, func(team string) bool { return strings.HasPrefix(name, team) })
		}
	}
	s.folder(t, "internal", theirs(shipped), s.goFile)
	s.folder(t, "templates", theirs(isTemplate), s.template)
	return s
}

// Every language that people can choose says all that they can read (issue 6, point 8).
func TestOfferedLanguagesAreComplete(t *testing.T) {
	t.Parallel()
	s := readByPeople(t)
	for _, lang := range Offered()[1:] {
		p, found := For(lang), 0
		for _, key := range slices.Sorted(maps.Keys(For(French).entries)) {
			if !s.names(key) || slices.ContainsFunc(teamKeys, func(team string) bool { return strings.HasPrefix(key, team) }) {
				continue
			}
			found++
			if _, ok := p.entries[key]; !ok {
				t.Errorf("%s: %q is missing, but families or schools read it", lang, key)
			}
		}
		if found < 1000 {
			t.Errorf("only %d keys seen: the files are not where this test looks", found)
		}
	}
}

// The scanner must see what it is there to see: each source below holds mistakes.
func TestScanner(t *testing.T) {
	t.Parallel()
	p, err := load(French, fr.New(), fstest.MapFS{"a.json": {Data: []byte(`{
		"a.none": "Bonjour", "a.one": "Bonjour {0}", "a.two": "{0} et {1}",
		"a.places": {"one": "{0} place", "other": "{0} places"},
		"a.for": {"one": "{0} place pour {1}", "other": "{0} places pour {1}"},
		"state.open": "ouverte", "state.full": "complète", "a.table": "x", "a.lost": "y"
	}`)}})
	if err != nil {
		t.Fatal(err)
	}
	const head = "package x\nimport \"a.lost\"\nfunc f() {\n"
	tests := []struct {
		name, src string
		want      []string // parts of each problem, in order
	}{
		{"right.go", head + `p.T("a.none"); p.T("a.one", x); p.N("a.places", 3); p.N("a.for", 3, x); t(c, "a.two", x, y)
			fault.New(fault.Gone, "a.one", x); fault.Wrap(err, fault.Gone, "a.none"); p.T(key); p.T("a.two", list...)
			_ = fault.Message{Key: "a.one", Args: []any{1}}; _ = fault.Message{Key: "a.two", Args: args}; _ = other{Key: "no.key"}; x.New(1, "no.key") }`, nil},
		{"unknown.go", head + `p.T("a.absent") }`, []string{`unknown.go:4:1: "a.absent" is not in`}},
		{"count.go", head + `p.N("a.absent", 1); p.N("a.one", 1); p.N("a.for", 1); p.T("a.two", x) }`,
			[]string{`"a.absent" is not in`, `"a.one" has no plural`, `"a.for" takes 2 arguments and gets 1`, `"a.two" takes 2 arguments and gets 1`}},
		{"context.go", head + `s.t(c, "a.absent") }`, []string{`"a.absent" is not in`}},
		{"fault.go", head + `return fault.New(fault.Gone, "a.absent"), fault.Wrap(err, fault.Gone, "a.one") }`, []string{`"a.absent" is not in`, `"a.one" takes 1 arguments and gets 0`}},
		{"message.go", head + `_ = fault.Message{Key: "a.absent"}; _ = fault.Message{Key: "a.none", Args: []any{1}} }`, []string{`"a.absent"`, `"a.none" takes 0 arguments and gets 1`}},
		{"fields.go", head + `fault.InvalidFields(map[string]fault.Message{"name": {Key: "a.absent"}, "b": {Key: "a.one", Args: []any{9}}}) }`, []string{`"a.absent"`}},
		{"list.go", head + `_ = []fault.Message{{Key: "a.absent"}} }`, []string{`"a.absent"`}},
		{"right.html", `{{t "a.none"}}{{n "a.for" .Count .Name}}{{$.P.T "a.one" .X}}{{"a.none" | t}}{{.X | t "a.one"}}{{.Key | t}}{{t .Key}}`, nil},
		{"unknown.html", `{{define "body"}}{{if .X}}{{else}}{{range .Y}}{{with .Z}}<p title="{{t "a.absent"}}">{{end}}{{end}}{{end}}{{end}}`, []string{`unknown.html:1:69: "a.absent"`}},
		{"piped.html", `{{"a.absent" | t}}{{.X | upper | t "a.none"}}{{if eq (t "a.one") "x"}}{{end}}{{template "_x" (dict "label" (.P.N "a.one" 3))}}{{(t "a.two").X}}`,
			[]string{`"a.absent"`, `"a.none" takes 0 arguments and gets 1`, `"a.one" takes 1 arguments and gets 0`, `"a.one" has no plural`, `"a.two" takes 2`}},
		{"break.html", `{{range .X}}{{break}}{{continue}}{{end}}{{/* t "a.absent" */}}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScan()
			read := s.template
			if strings.HasSuffix(tt.name, ".go") {
				read = s.goFile
			}
			if err := read(tt.name, []byte(tt.src)); err != nil {
				t.Fatal(err)
			}
			got := wrongUses(s, p)
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %d problems", got, len(tt.want))
			}
			for i, part := range tt.want {
				if !strings.Contains(got[i], part) {
					t.Errorf("problem %q does not say %q", got[i], part)
				}
			}
		})
	}

	t.Run("unused", func(t *testing.T) {
		t.Parallel()
		s := newScan()
		if err := s.goFile("x.go", []byte(head+`p.T("a.none"); _ = []string{"a.table", "a.two"}; key := "state." + s }`)); err != nil {
			t.Fatal(err)
		}
		if err := s.template("x.html", []byte(`{{t "a.one" 1}}{{t (printf "a.pl%s" .X)}}`)); err != nil {
			t.Fatal(err)
		}
		if got, want := unused(s, p), []string{"a.for", "a.lost"}; !slices.Equal(got, want) {
			t.Errorf("unused keys %q, want %q", got, want)
		}
	})
}
