package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// token is what the register gives a browser to bring its journal with.
func (a *answer) token() string {
	a.t.Helper()
	token := a.doc.Find("#register").AttrOr("data-token", "")
	if token == "" {
		a.t.Fatalf("%s gives no token", a.what)
	}
	return token
}

// bring sends entries with a token; path is that of the register.
func (b *teamBrowser) bring(path, token string, entries ...journalEntry) *answer {
	text, _ := json.Marshal(entries) // strings always encode
	return b.post(path+"/journal", url.Values{"jeton": {token}, "appareil": {"tablette"}, "entrees": {string(text)}})
}

// verdicts are the reasons by key; "" for taken.
func (a *answer) verdicts() map[string]string {
	a.t.Helper()
	a.wants(http.StatusOK)
	var told struct {
		Now     time.Time
		Entries []struct{ Key, Refused string }
	}
	if err := json.Unmarshal([]byte(a.Body), &told); err != nil || told.Now.IsZero() {
		a.t.Fatalf("%v: %s", err, a.Body)
	}
	list := map[string]string{}
	for _, e := range told.Entries {
		list[e.Key] = e.Refused
	}
	return list
}

func seat(booking int64) string { return fmt.Sprint("inscription:", booking) }

// UX-F11: the token says who made the entries; whoever of the team is signed in brings them. UX-F10: each refusal has a reason in
// words, and what cannot be brought at all gets no answer that a tablet could take for one.
func TestJournal(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	token := nadia.get(h.path).token()
	amine := h.as("amine@exemple.fr")
	at := func(minute int) string { return fmt.Sprintf("2026-05-09T12:%02d:00Z", minute) }
	got := amine.bring(h.path, token,
		journalEntry{Key: "a", Who: seat(h.zoe), Action: "present", At: at(1)},
		journalEntry{Key: "b", Who: seat(h.anh), Action: "left", At: at(2), By: "other", Name: "Mamie Łucja"},
		journalEntry{Key: "c", Who: seat(999), Action: "present", At: at(2)},
		journalEntry{Key: "d", Who: "eleve:1", Action: "present", At: at(2)},
		journalEntry{Key: "e", Who: seat(h.anh), Action: "present", At: "hier"},
		journalEntry{Key: "w", Who: "nouveau:w", Action: "present", At: at(3), WalkIn: map[string]string{"first_name": "Łukasz", "last_name": "Nguyễn",
			"birth_day": "1", "birth_month": "5", "birth_year": "2017", "phone": "06 12 34 56 78", "health": "later"}},
		journalEntry{Key: "x", Who: "nouveau:w", Action: "undo", Undoes: "w", At: at(4)},
		journalEntry{Key: "y", Who: "nouveau:y", Action: "present", At: at(3), WalkIn: map[string]string{"first_name": "", "last_name": "李", "health": "later"}},
	).verdicts()
	for key, want := range map[string]string{"a": "", "b": "Appelez un responsable", "c": "n'est pas dans cette séance", "d": "n'est pas dans cette séance",
		"e": "Ce pointage n'existe pas", "w": "", "x": "", "y": "date de naissance"} {
		if refused, answered := got[key]; !answered || want == "" && refused != "" || !strings.Contains(wordstest.Plain(refused), want) {
			t.Errorf("%s: %q, want %q", key, refused, want)
		}
	}
	if n := h.count("SELECT count(*) FROM marks WHERE author_id = ? AND device = 'tablette'", h.nadia); n != 3 || h.count("SELECT count(*) FROM marks") != n {
		t.Errorf("%d marks are Nadia's", n)
	}

	// No token, one of another session, one that is too old: the tablet keeps all.
	entry := journalEntry{Key: "z", Who: seat(h.zoe), Action: "absent", At: at(4)}
	made := h.web.journalToken(account.Actor{ID: h.nadia}, h.session+1)
	for name, wrong := range map[string]string{"none": "", "made up": "1.2.3.AAAA", "of another session": made, "changed": strings.Replace(token, ".", "1.", 1)} {
		if a := amine.bring(h.path, wrong, entry); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	h.clock.Advance(31 * 24 * time.Hour)
	h.as("nadia@exemple.fr").bring(h.path, token, entry).wants(http.StatusGone)
	if n := h.count("SELECT count(*) FROM marks"); n != 3 {
		t.Errorf("%d marks", n)
	}
}

// REL-14: after a restore the numbers of children may be those of others, so a register from before brings nothing; one that is opened
// anew does.
func TestJournalFromBeforeARestore(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	before := b.get(h.path).token()
	h.clock.Advance(time.Minute)
	err := h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return attendance.DisownTablets(tx) })
	if err != nil {
		t.Fatal(err)
	}
	entry := journalEntry{Key: "a", Who: seat(h.zoe), Action: "present", At: "2026-05-09T12:01:00Z"}
	b.bring(h.path, before, entry).wants(http.StatusGone)
	if n := h.count("SELECT count(*) FROM marks"); n != 0 {
		t.Errorf("%d marks", n)
	}
	if got := b.bring(h.path, b.get(h.path).token(), entry).verdicts(); got["a"] != "" {
		t.Errorf("opened anew: %q", got["a"])
	}
}

// REL-20: whatever comes instead of entries, nothing breaks, and each answer is one that a tablet understands.
func FuzzJournal(f *testing.F) {
	h := newSaturday(f)
	b := h.as("nadia@exemple.fr")
	token := b.get(h.path).token()
	for _, text := range []string{
		`[]`, `null`, `{`, `[null]`, `[{"key":"a","who":"` + seat(h.zoe) + `","action":"present","at":"2026-05-09T12:01:00Z"}]`, `[{"walk_in":{"first_name":"\u0000"}}]`,
		`[{"key":"Zoé","who":"nouveau:","action":"left","by":"other","name":"` + strings.Repeat("é", 400) + `","at":"9999-12-31T23:59:59+14:00"}]`,
		`[{"key":"u","who":"` + seat(h.zoe) + `","action":"undo","undoes":"u","at":"2026-05-09T12:01:00Z"},{"key":"w","who":"x","action":"present","at":"2026-05-09T12:01:00Z","walk_in":{}}]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h.t = t
		a := b.post(h.path+"/journal", url.Values{"jeton": {token}, "appareil": {"tablette"}, "entrees": {text}})
		if a.Status != http.StatusOK && a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", text, a.Status)
		}
	})
}

// SEC-21: what tablets ask for again and again has nothing of health and phones, and is not in the access log.
func TestStatesTellNoCare(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	h.tap(b, h.zoe, "present")
	before := h.count("SELECT count(*) FROM access_log")
	a := b.get(h.path + "/etat.json").wants(http.StatusOK)
	a.hides("Arachides", "12 34", "98.76", "Linh", "Zoé", "Łukasz")
	if !strings.Contains(a.Body, `"`+seat(h.zoe)+`":{"journal":[{"key":`) {
		t.Errorf("got %s", a.Body)
	}
	if after := h.count("SELECT count(*) FROM access_log"); after != before {
		t.Errorf("%d lines in the access log, want %d", after, before)
	}
	h.clock.Advance(48 * time.Hour)
	h.as("nadia@exemple.fr").get(h.path + "/etat.json").wants(http.StatusForbidden)
}

// REL-14: a register that was open before the database was restored learns nothing more: its rows may be other children now.
func TestStatesOfAnOldPage(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	states := func() string {
		return b.get(h.path).wants(http.StatusOK).doc.Find("#register").AttrOr("data-states", "")
	}
	old := states()
	b.get(old).wants(http.StatusOK)
	h.clock.Advance(time.Minute)
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return attendance.DisownTablets(tx) }))
	b.get(old).wants(http.StatusGone).says("rechargez la feuille")
	b.get(h.path + "/etat.json").wants(http.StatusGone)
	b.get(states()).wants(http.StatusOK)
}

// The search by first letters, « qui est encore là ? » and the button of a family, without a script.
func TestFindAndMarkTogether(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	var siblings []int64
	h.clock.Advance(-24 * time.Hour)
	for _, name := range []string{"Łukasz", "Élie", "Ana"} {
		id := h.book("Parent "+name, "06 12 34 56 78", family.NewChild{FirstName: name, LastName: "Żuk", BirthDate: born(2017, 3, 1),
			Health: family.Health{State: family.HealthNone}, Image: family.Yes})
		siblings = append(siblings, id)
	}
	h.clock.Advance(24 * time.Hour)
	// They are of one guardian.
	h.write(`UPDATE booking_groups SET guardian_id = (SELECT g.guardian_id FROM booking_groups g JOIN bookings b ON b.group_id = g.id WHERE b.id = ?1)
		WHERE id IN (SELECT group_id FROM bookings WHERE id IN (?1, ?2))`, siblings[0], siblings[1])
	b := h.as("nadia@exemple.fr")
	shown := func(path string) (names []string) {
		for _, row := range b.get(path).wants(http.StatusOK).doc.Find(".roster > li:not([hidden]) .name").EachIter() {
			names = append(names, row.Text())
		}
		return names
	}
	for typed, want := range map[string][]string{"zo": {"Zoé D'Artagnan-N'Guyen"}, "GUY": {"Zoé D'Artagnan-N'Guyen"}, "luk": {"Łukasz Żuk"}, "żu e": nil,
		"elie z": {"Élie Żuk"}, "محم": {"محمد علي"}, "oé": nil} {
		if got := shown(h.path + "?q=" + url.QueryEscape(typed)); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	page := b.get(h.path)
	form := page.doc.Find("form.family")
	if form.Length() != 1 || wordstest.Plain(form.Find("button").Text()) != "Présents : Élie et Łukasz" {
		t.Fatalf("the family has %d buttons: %q", form.Length(), form.Find("button").Text())
	}
	values := url.Values{}
	for _, in := range form.Find("input").EachIter() {
		values.Add(in.AttrOr("name", ""), in.AttrOr("value", ""))
	}
	for range 2 {
		b.post(h.path+"/pointages", values).wants(http.StatusSeeOther)
	}
	if got := shown(h.path + "?ici=1"); !slices.Equal(got, []string{"Élie Żuk", "Łukasz Żuk"}) {
		t.Errorf("here are %q", got)
	}
	if n := h.count("SELECT count(*) FROM marks"); n != 2 {
		t.Errorf("%d marks", n)
	}
}

// REL-17: two tablets with 25 children and 60 actions each, on a network that loses a third of all, repeats a fifth, and
// forgets answers after the server had acted. In the end both queues are empty, and the server has the fold of all that was done.
func TestLossyTablets(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.write(`UPDATE sessions SET capacity = 30 WHERE id = ?`, h.session)
	bookings := []int64{h.zoe, h.anh, h.mohammed}
	h.clock.Advance(-24 * time.Hour)
	for i := len(bookings); i < 25; i++ {
		bookings = append(bookings, h.book("Parent", "06 12 34 56 78", family.NewChild{FirstName: fmt.Sprintf("Enfant %c", 'A'+i), LastName: "Nguyễn", BirthDate: born(2017, 5, 9),
			Health: family.Health{State: family.HealthNone}, Image: family.Yes}))
	}
	random := rand.New(rand.NewPCG(17, 17))
	actions := []string{"present", "late", "absent", "excused", "left"}
	journals := map[string][]attendance.Entry{}
	type tablet struct {
		*teamBrowser
		token string
		queue []journalEntry
	}
	h.clock.Advance(26 * time.Hour)
	h.user("staff@exemple.fr", "李 Wei", account.Staff)
	var tablets []*tablet
	for n, email := range []string{"nadia@exemple.fr", "staff@exemple.fr"} {
		b := h.as(email)
		tab := &tablet{teamBrowser: b, token: b.get(h.path).token()}
		for i := range 60 {
			at := time.Date(2026, 5, 9, 12, random.IntN(60), 0, 0, time.UTC)
			e := journalEntry{Key: fmt.Sprintf("%d-%02d", n, i), Who: seat(bookings[random.IntN(len(bookings))]), Action: actions[random.IntN(len(actions))], At: at.Format(time.RFC3339)}
			if len(tab.queue) > 0 && random.IntN(6) == 0 {
				undone := tab.queue[random.IntN(len(tab.queue))]
				if undone.Action != "undo" {
					e.Who, e.Action, e.Undoes = undone.Who, "undo", undone.Key
				}
			}
			if e.Action == "left" {
				e.By, e.Reason = "alone", "Le parent a dit oui au téléphone"
			}
			tab.queue = append(tab.queue, e)
			journals[e.Who] = append(journals[e.Who], attendance.Entry{Key: e.Key, Action: attendance.Action(e.Action), Undoes: e.Undoes, At: at, Taken: attendance.Taken{By: attendance.TakenBy(e.By)}})
		}
		random.Shuffle(len(tab.queue), func(i, j int) { tab.queue[i], tab.queue[j] = tab.queue[j], tab.queue[i] })
		tablets = append(tablets, tab)
	}
	sent := 0
	for len(tablets[0].queue)+len(tablets[1].queue) > 0 {
		for _, tab := range tablets {
			batch := tab.queue[:min(len(tab.queue), 1+random.IntN(12))]
			if len(batch) == 0 || random.IntN(10) < 3 {
				continue // lost on the way there
			}
			for range 1 + (random.IntN(10)+2)/10 { // a fifth comes twice
				sent++
				told := tab.bring(h.path, tab.token, batch...).verdicts()
				if random.IntN(10) < 3 {
					continue // lost on the way back
				}
				tab.queue = slices.DeleteFunc(slices.Clone(tab.queue), func(e journalEntry) bool {
					refused, answered := told[e.Key]
					if refused != "" {
						t.Fatalf("%+v: %s", e, refused)
					}
					return answered
				})
			}
		}
	}
	t.Logf("%d uploads", sent)
	if n := h.count("SELECT count(*) FROM marks"); n != 120 {
		t.Errorf("%d marks, want 120", n)
	}
	var told struct{ Rows map[string]rowState }
	if err := json.Unmarshal([]byte(tablets[0].get(h.path+"/etat.json").wants(http.StatusOK).Body), &told); err != nil {
		t.Fatal(err)
	}
	for who, journal := range journals {
		var stored []attendance.Entry
		for _, e := range told.Rows[who].Journal {
			at, err := time.Parse(time.RFC3339, e.At)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, attendance.Entry{Key: e.Key, Action: attendance.Action(e.Action), Undoes: e.Undoes, At: at, Taken: attendance.Taken{By: attendance.TakenBy(e.By), Name: e.Name}})
		}
		if got, want := attendance.Fold(stored), attendance.Fold(journal); got != want {
			t.Errorf("%s: got %+v, want %+v", who, got, want)
		}
	}
}

// A personal page is compressed for whoever takes that, and its length tells nothing exactly (BREACH).
func TestPersonalPagesAreZipped(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	b.client.Transport = rawTransport{b.client.Transport}
	lengths := map[string]bool{}
	for range 8 {
		res, err := b.client.Get(h.URL + h.path)
		h.must(err)
		h.must(res.Body.Close())
		if res.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") || res.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("headers %v", res.Header)
		}
		lengths[res.Header.Get("Content-Length")] = true
	}
	if len(lengths) < 2 {
		t.Errorf("all answers have the length %v", lengths)
	}
}

// rawTransport asks for gzip itself, so that the answer stays as it was sent.
type rawTransport struct{ http.RoundTripper }

func (t rawTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Encoding", "gzip")
	return t.RoundTripper.RoundTrip(r)
}
