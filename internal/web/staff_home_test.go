package web

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/past"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// UX-A1: the home tells what the coming days need, each with the page where it is done, and shows one of them as the next step.
func TestHomeTellsWhatToDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b, reader := h.member(account.Staff), h.member(account.Communication)
	session := h.session("Robotique", 2)
	h.sql("INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)", session, h.users[string(account.Staff)+"@exemple.fr"])
	_, err := h.web.Catalog.ImportHolidays(t.Context(), account.Command(), []catalog.Holiday{{Zone: "A", Name: "Vacances d'été", FirstDay: "2026-07-04", LastDay: "2026-08-30"}}, false)
	h.must(err)
	calm := b.get("/equipe").wants(200).says("Rien ne presse", "0 place prise sur 2, soit 0 %").hides("À faire d'abord", "Ensuite")
	if n := calm.doc.Find(`main .button:not(.secondary)`).Length(); n != 1 {
		t.Errorf("a quiet home has %d primary buttons, want that of a new session", n)
	}

	h.on("2026-11-07", "Musique", "musique", 6, 12, 12) // after the holidays that are known
	h.sql("UPDATE sessions SET status = 'draft' WHERE id = ?", h.on("2026-06-06", "Code", "code", 6, 12, 12))
	h.book(session, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan", "Ali D'Artagnan")
	h.book(session, "Łukasz", "lukasz@exemple.fr", "06 00 00 00 02", "Nguyễn Żak")
	claimed, err := h.web.Outbox.Claim(t.Context(), 1)
	h.must(err)
	h.must(h.web.Outbox.Failed(t.Context(), claimed[0].ID, errors.New("550 no such user"), true))
	h.sql("DELETE FROM session_facilitators")
	h.clock.Advance(lateMail + time.Minute)

	home := b.get("/equipe").wants(200).says("2 places prises sur 2, soit 100 %").hides("Rien ne presse")
	h.sql("UPDATE sessions SET capacity = 3 WHERE id = ?", session)
	b.get("/equipe").says("2 places prises sur 3, soit 67 %") // rounded, as in the report
	h.sql("UPDATE sessions SET capacity = 2 WHERE id = ?", session)
	if next := home.doc.Find(".first-todo .button"); next.Length() != 1 || next.AttrOr("href", "") != callsPath {
		t.Errorf("the next step leads to %q", next.AttrOr("href", ""))
	}
	if n := home.doc.Find(`main .button:not(.secondary)`).Length(); n != 1 {
		t.Errorf("%d primary buttons, want the next step alone", n)
	}
	got := map[string]string{}
	for _, line := range home.doc.Find(".first-todo, .todo li").EachIter() {
		got[line.Find("a").AttrOr("href", "")] = line.Find(".badge").Text()
	}
	for href, want := range map[string]string{
		"/equipe/seances/1#animation": "1 séance que personne n'anime",
		"/equipe/seances/1#attente":   "1 enfant en liste d'attente",
		"/equipe/mails":               "1 mail ne part pas",
		"/equipe/seances/publier":     "1 séance en brouillon",
		"/equipe/vacances#calendrier": "1 séance tombe peut-être pendant les vacances",
		callsPath:                     "1 famille",
	} {
		if !strings.Contains(wordstest.Plain(got[href]), want) {
			t.Errorf("%s is led to by %q, want %q", href, got[href], want)
		}
	}
	home.says("1 mail n'est pas arrivé")
	reader.get("/equipe").wants(200).says("que personne n'anime", "en liste d'attente").hides("brouillon :", "n'est pas arrivé", "ne part pas", "Relire et publier", "Ajouter le calendrier", "à appeler")

	// Two children are more than one person is to look after.
	h.sql("INSERT INTO settings (name, value) VALUES ('children_per_facilitator', '1')")
	h.sql("INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)", session, h.users[string(account.Staff)+"@exemple.fr"])
	b.get("/equipe").says("1 séance où il faut être plus nombreux à animer").hides("que personne n'anime")

	// The calendar is asked for a season before it ends, too.
	h.sql("DELETE FROM sessions WHERE starts_at > '2026-09'")
	b.get("/equipe").hides("connues que jusqu'au")
	h.clock.Set(time.Date(2026, 6, 4, 12, 0, 0, 0, time.UTC))
	h.member(account.Staff).get("/equipe").says("Les vacances scolaires ne sont connues que jusqu'au dimanche 30 août 2026")
}

// Each sentence of the home, and the link after it, agrees with how many there are; of nothing it says nothing.
func TestHomeSentences(t *testing.T) {
	t.Parallel()
	p := words.For(words.French)
	s := &Server{words: p}
	sessions := func(n int) []deskSession { return make([]deskSession, n) }
	counted := func(what, act string) func(int) []deskTodo {
		return func(n int) []deskTodo { return []deskTodo{{Badge{ToneInfo, p.N(what, n)}, Link{"", p.T(act)}}} }
	}
	agreeing := func(what, act string) func(int) []deskTodo {
		return func(n int) []deskTodo { return []deskTodo{{Badge{ToneInfo, p.N(what, n)}, Link{"", p.N(act, n)}}} }
	}
	for _, tt := range []struct {
		todo      func(n int) []deskTodo
		one, many string
		silent    bool // it knows of nothing by itself
	}{
		{func(n int) []deskTodo { return s.aloneTodo(sessions(n)) }, "1 séance que personne n'anime. Choisir qui anime", "2 séances que personne n'anime. Choisir qui anime", true},
		{func(n int) []deskTodo { return s.shortTodo(sessions(n)) }, "1 séance où il faut être plus nombreux à animer. Ajouter quelqu'un", "2 séances où il faut être plus nombreux à animer. Ajouter quelqu'un", true},
		{func(n int) []deskTodo { return s.waitingTodo(sessions(n), n) }, "1 enfant en liste d'attente. Voir qui attend", "2 enfants en liste d'attente. Voir qui attend", true},
		{counted("calls.home", "calls.home.act"), "1 famille à appeler. Voir qui appeler", "2 familles à appeler. Voir qui appeler", false},
		{counted("staff.home.mails", "staff.home.mails.act"), "1 mail n'est pas arrivé. Voir les mails", "2 mails ne sont pas arrivés. Voir les mails", false},
		{counted("staff.home.unsent", "staff.home.mails.act"), "1 mail ne part pas. Voir les mails", "2 mails ne partent pas. Voir les mails", false},
		{counted("staff.home.drafts", "staff.home.drafts.act"), "1 séance en brouillon. Relire et publier", "2 séances en brouillon. Relire et publier", false},
		{counted("school.todo.waiting", "school.todo.waiting.act"), "1 demande de groupe attend l'équipe. Répondre", "2 demandes de groupe attendent l'équipe. Répondre", false},
		{agreeing("school.todo.nobody", "school.todo.nobody.act"), "1 demande que personne ne suit. Choisir qui la suit", "2 demandes que personne ne suit. Choisir qui les suit", false},
		{counted("school.todo.due", "school.todo.due.act"), "1 action prévue pour aujourd'hui ou avant. Voir les demandes", "2 actions prévues pour aujourd'hui ou avant. Voir les demandes", false},
		{counted("team.honorability.home", "team.honorability.home.act"), "1 attestation d'honorabilité à renouveler. Voir les personnes", "2 attestations d'honorabilité à renouveler. Voir les personnes", false},
		{agreeing("incident.home", "incident.home.act"), "1 note d'incident attend d'être lue. La lire", "2 notes d'incident attendent d'être lues. Lire la plus ancienne", false},
		{agreeing("plan.holidays.inside.home", "plan.holidays.inside.act"), "1 séance planifiée tombe pendant des vacances connues depuis. Voir cette séance", "2 séances planifiées tombent pendant des vacances connues depuis. Voir ces séances", false},
		{counted("plan.holidays.beyond.home", "staff.home.calendar.act"), "1 séance tombe peut-être pendant les vacances : le calendrier ne va pas jusque-là. Ajouter le calendrier", "2 séances tombent peut-être pendant les vacances : le calendrier ne va pas jusque-là. Ajouter le calendrier", false},
		{func(n int) []deskTodo {
			return []deskTodo{{Badge{ToneInfo, p.N("staff.home.filled", n, 8, 0)}, Link{"", ""}}}
		}, "1 place prise sur 8, soit 0 %..", "2 places prises sur 8, soit 0 %..", false},
	} {
		for n, want := range map[int]string{1: tt.one, 2: tt.many} {
			todo := tt.todo(n)
			if got := wordstest.Plain(todo[0].What.Label + ". " + todo[0].Act.Label); strings.TrimSpace(got) != strings.TrimSpace(wordstest.Plain(want)) {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if tt.silent && tt.todo(0) != nil {
			t.Errorf("%q is told of nothing", tt.todo(0)[0].What.Label)
		}
	}
}

// At most a second with five years of data: the page of a family, which finds the records like it, and the list of all of them. What takes longer fails.
func BenchmarkSuspectsOfFiveYears(b *testing.B) {
	h := newHouse(b)
	h.must(past.Make(b.Context(), h.db, past.FiveYears(testNow)))
	h.sql(`UPDATE guardians SET phone = '06 00 00 00 00' WHERE id % 20 = 0`) // a helper's own number, typed for whoever has none
	staff := h.member(account.Staff)
	for _, path := range []string{familyPath(1), familyPath(20), suspectsPath} {
		b.Run(path, func(b *testing.B) {
			for range b.N {
				staff.get(path).wants(200)
			}
			if took := b.Elapsed() / time.Duration(b.N); took > time.Second {
				b.Errorf("%s takes %v", path, took)
			}
		})
	}
}

// UX-A1: at most a second with five years of data, of which the home reads what is to come, and two years of sessions to come.
func BenchmarkHomeOfFiveYears(b *testing.B) {
	h := newHouse(b)
	h.must(past.Make(b.Context(), h.db, past.FiveYears(testNow)))
	h.sql(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
		SELECT workshop_id, venue_id, strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+2 years'), strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+2 years'), capacity, price_cents, status, opens_at, starts_at, created_at, updated_at
		  FROM sessions WHERE starts_at > ?`, sqlite.Time(testNow.AddDate(-2, 0, 0)))
	staff := h.member(account.Staff)
	b.ResetTimer()
	for range b.N {
		staff.get("/equipe").wants(200)
	}
}
