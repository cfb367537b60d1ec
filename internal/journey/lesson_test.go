package journey

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	secrets "github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

// lessons are private sessions of this morning in the common demo, for two schools: one is agreed, the other done.
var lessons struct {
	once                       sync.Once
	status, doneStatus         string // pages of the contacts
	listed, marked, none, done int    // sessions: with a list, with marks, without a list, and of the request that is done
	doneRequest                int
}

// lesson makes them, once, beside the program: their names are as long as names may be.
func lesson(b *tab) {
	b.t.Helper()
	lessons.once.Do(func() { makeLessons(b.t) })
}

func makeLessons(t *testing.T) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(common.data, "ateliers.db")+"?_busy_timeout=5000&_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	insert := func(query string, args ...any) int {
		t.Helper()
		res, err := db.ExecContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		id, err := res.LastInsertId()
		if err != nil {
			t.Fatal(err)
		}
		return int(id)
	}
	secret, err := secrets.LoadSecret(common.data)
	if err != nil {
		t.Fatal(err)
	}
	request := func(reference, name, state string) (id int, status string) {
		organisation := insert(`INSERT INTO organisations (kind, uai, name, address, postcode, city, sector, priority, created_at)
			VALUES ('school', '0350122T', ?, '1 rue Haute', '35580', 'Baulon', 'public', 'REP+', '2027-01-04T08:00:00Z')`, name)
		id = insert(`INSERT INTO group_requests (reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children, adults, place, funding,
			state, state_since, created_at, updated_at) VALUES (?1, ?2, 'Łucja Nguyễn', 'Directrice', 'ecole@exemple.fr', '02 99 00 00 00', 'Des robots', 'CM1-CM2', 26, 2, 'theirs', 'own', ?3, ?4, ?4, ?4)`,
			reference, organisation, state, "2027-01-04T08:00:00Z")
		return id, web.RequestPath(school.NewService(nil, secret).Sign(school.LinkContact, reference, 1))
	}
	session := func(request int) int {
		id := insert(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
			SELECT workshop_id, venue_id, '2027-03-01T08:00:00Z', '2027-03-01T10:00:00Z', 26, 0, 'published', opens_at, closes_at, ?, created_at, updated_at FROM sessions WHERE id = ?`, request, pastSession)
		insert(`INSERT INTO session_facilitators (session_id, user_id) SELECT ?, user_id FROM session_facilitators WHERE session_id = ?`, id, pastSession)
		return id
	}
	names := func(session int) {
		for i, name := range []string{"Zoé", "Łukasz", "محمد", "李", strings.Repeat("Wolfeschlegel", 7), "Nguyễn Anh"} {
			insert(`INSERT INTO pupils (session_id, position, first_name, created_at) VALUES (?, ?, ?, '2027-02-01T08:00:00Z')`, session, i+1, name)
		}
	}
	agreed, status := request("GRP-LESSON22", "École "+strings.Repeat("élémentaire ", 6), "agreed")
	done, doneStatus := request("GRP-LESSON33", "École Les Lucioles", "done")
	lessons.status, lessons.doneStatus, lessons.doneRequest = status, doneStatus, done
	lessons.listed, lessons.marked, lessons.none, lessons.done = session(agreed), session(agreed), session(agreed), session(done)
	names(lessons.listed)
	names(lessons.marked)
	for i, action := range []string{"present", "present", "absent"} {
		participant := insert(`INSERT INTO participants (session_id, pupil_id) SELECT session_id, id FROM pupils WHERE session_id = ? AND position = ?`, lessons.marked, i+1)
		insert(`INSERT INTO marks (entry_key, participant_id, action, at, recorded_at, author_id) SELECT ?, ?, ?, '2027-03-01T08:05:00Z', '2027-03-01T08:05:00Z', user_id
			FROM session_facilitators WHERE session_id = ? LIMIT 1`, "lesson-"+action+strconv.Itoa(i), participant, action, lessons.marked)
	}
	for gender, children := range map[string]int{"girl": 12, "boy": 11, "unsaid": 2} {
		insert(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, 'CM1', ?, ?, '2027-03-01T10:00:00Z')`, lessons.done, gender, children)
		insert(`INSERT INTO group_facts (session_id, level, gender, held_on, minutes, children, discipline, kind, uai, sector, priority, commune_code, city, funding)
			VALUES (?, 'CM1', ?, '2027-03-01', 90, ?, 'robotique', 'school', '0350122T', 'public', 'REP+', '35017', 'Baulon', 'own')`, lessons.done, gender, children)
	}
}

// led opens a page of the register of a lesson.
func led(which func() int, below string) func(*tab) {
	return func(b *tab) {
		lesson(b)
		b.open(numbered("/animation/seances/:id", which()) + below)
	}
}

// askedPage opens a page below the status page of a request.
func askedPage(which func() string, below func() string) func(*tab) {
	return func(b *tab) {
		lesson(b)
		b.open(which() + below())
	}
}

// then goes on from a page: it sends its form with some fields filled.
func then(show func(*tab), fields map[string]string) func(*tab) {
	return func(b *tab) {
		show(b)
		b.fill(fields)
		b.send()
	}
}

// lessonShots are the pages of a class, from its list to the figures.
func lessonShots() []shot {
	listed, marked, none, done := func() int { return lessons.listed }, func() int { return lessons.marked }, func() int { return lessons.none }, func() int { return lessons.done }
	status, doneStatus := func() string { return lessons.status }, func() string { return lessons.doneStatus }
	list := func() string { return "/classe/" + strconv.Itoa(lessons.listed) }
	amend := func() string { return "/classe/" + strconv.Itoa(lessons.marked) }
	attestation := func() string { return "/attestation" }
	const led1, class, count = "/animation/seances/:id", "/demandes/:reference/:signature/classe/:session", "/animation/seances/:id/effectif"
	return []shot{
		{route: "/demandes/:reference/:signature", state: "with a class", show: askedPage(status, func() string { return "" })},
		{route: class, state: "to replace", show: askedPage(status, list)},
		{route: class, state: "wrong", show: then(askedPage(status, list), map[string]string{"prenoms": "Zoé\n=1+1\n42"}), status: 422},
		{route: class, state: "to correct", show: askedPage(status, amend)},
		{route: "/demandes/:reference/:signature/attestation", show: askedPage(doneStatus, attestation)},
		{route: led1, state: "with a list", role: "facilitator", show: led(marked, "")},
		{route: led1, state: "of a class without a list", role: "facilitator", show: led(none, "")},
		{route: "/animation/seances/:id/feuille", state: "of a class", role: "facilitator", show: led(listed, "/feuille")},
		{route: "/animation/seances/:id/classe", state: "to replace", role: "facilitator", show: led(listed, "/classe")},
		{route: count, state: "empty", role: "facilitator", show: led(none, "/effectif")},
		{route: count, state: "wrong", role: "facilitator", show: then(led(none, "/effectif"), map[string]string{"girl_1": "douze"}), status: 422},
		{route: count, state: "closed", role: "facilitator", show: led(done, "/effectif")},
		{route: "/animation/seances/:id/prenoms", role: "facilitator", show: led(marked, "/prenoms")},
		{route: "/animation/seances/:id/attestations", state: "of a class", role: "facilitator", show: led(marked, "/attestations")},
		{route: "/equipe/bilan", role: "staff", show: func(b *tab) { lesson(b); b.open("/equipe/bilan") }},
		{route: "/equipe/bilan", state: "wrong", role: "communication", show: at("/equipe/bilan?du=hier"), status: 422},
		{route: "/equipe/bilan/groupes", role: "communication", show: func(b *tab) { lesson(b); b.open("/equipe/bilan/groupes") }},
		{route: "/equipe/bilan/groupes", state: "wrong", role: "communication", show: at("/equipe/bilan/groupes?du=hier"), status: 422},
		{route: "/equipe/demandes/:id/attestation", role: "staff", show: func(b *tab) {
			lesson(b)
			b.open(numbered("/equipe/demandes/:id/attestation", lessons.doneRequest))
		}},
	}
}
