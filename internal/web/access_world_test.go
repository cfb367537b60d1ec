package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// accessWorld is the site with two of everything, X and Y, that people have and others ask for: sessions of
// tomorrow, each led by one facilitator and booked by one family.
type accessWorld struct {
	*house
	raw *sql.DB // the database file, beside the server
	// seen is the last digest that state made, at this data_version of raw; 0 for none.
	seen struct {
		version int64
		digest  string
	}
	start  string // a copy of the file as it was made
	people []person
	// things are the ids that paths and forms name, by object and then by name: see fill.
	things map[string]map[string]string
}

// person is who asks: their cookies, and the signatures of the links that were mailed to them, by the part of the
// site that they open. A parent is also the contact of a request, and whoever pays for it.
type person struct {
	name       string
	cookies    []*http.Cookie
	signatures map[string]string
}

// knows reports whether the person may learn that an object exists, though not do everything with it.
func (p person) knows(object string) bool {
	switch p.name {
	case "communication", "staff", "admin":
		return true
	case "parentA", "facX":
		return object == "X"
	case "parentB", "facY":
		return object == "Y"
	}
	return false
}

// madeUp is a signature of the right length that nobody was given.
const madeUp = "AAAAAAAAAAAAAAAAAAAAAA"

func newAccessWorld(t *testing.T) *accessWorld {
	t.Helper()
	h := newHouse(t)
	w := &accessWorld{house: h, things: map[string]map[string]string{}, people: []person{{name: "anonymous"}}}
	for i, object := range []string{"X", "Y"} {
		w.things[object] = w.makeThings(object, i)
		w.things[object]["image"] = settingPictures[i].name
	}
	var logo bytes.Buffer
	h.must(png.Encode(&logo, scribble(400, 160)))
	h.must(h.web.Office.ChangeLogo(t.Context(), account.Command(), h.key(), logo.Bytes()))
	w.things["none"] = map[string]string{
		"session": "987654", "workshop": "987654", "venue": "987654", "user": "987654", "certificate": "987654", "booking": "987654",
		"message": "987654", "reference": "ADA-22222222", "code": "222222222222", "entry": "none", "token": "none", "erasure": "00000000000000000000000000000000.t0.00", "other": "987654",
		"request": "987654", "kit": "987654", "mailing": "987654", "text": "987654", "slot": "987654", "asked": "GRP-99999999", "lesson": "987654", "child": "987654", "bar": "987654", "incident": "987654", "series": "987654", "schedule": "987654", "award": "987654",
		"guardian": "987654", "fiche": "987654", "note": "987654", "link": madeUp, "claim": "ADA-22222222", "brouillon": "22222222", "image": "tampon",
		"invite": madeUp, "change": madeUp, "acces": madeUp, "invitation": "987654",
	}
	maps.Copy(w.things["none"], nothingOfMoney())
	w.things["X"]["other"], w.things["Y"]["other"] = w.things["Y"]["user"], w.things["X"]["user"]
	w.things["X"]["fiche"], w.things["Y"]["fiche"] = w.things["Y"]["guardian"], w.things["X"]["guardian"]
	for _, who := range []string{"facX", "facY"} {
		w.people = append(w.people, w.member(who, account.Facilitator))
		u, err := w.web.Office.User(t.Context(), account.Command(), w.users[strings.ToLower(who)+"@exemple.fr"])
		if err != nil {
			t.Fatal(err)
		}
		w.people[len(w.people)-1].signatures = map[string]string{"agendas": w.secret.FeedToken(u)}
	}
	for _, role := range []account.Role{account.Communication, account.Staff, account.Admin} {
		w.people = append(w.people, w.member(string(role), role))
	}

	file := w.file()
	w.start = filepath.Join(t.TempDir(), "start.db")
	if err := w.db.Backup(t.Context(), w.start); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.raw, err = sql.Open("sqlite3", file+"?_busy_timeout=5000"); err != nil {
		t.Fatal(err)
	}
	w.raw.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = w.raw.Close() })
	return w
}

// makeThings makes one session of tomorrow with all that belongs to it.
func (w *accessWorld) makeThings(object string, i int) map[string]string {
	t := w.house.t
	t.Helper()
	ctx, admin := t.Context(), account.Command()
	session := w.sessionOf(catalog.Workshop{
		Title: "Atelier " + object, Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-05", Starts: []string{"10:00", "16:00"}[i], Ends: []string{"12:00", "18:00"}[i], Capacity: 8, PriceCents: 1400})
	leader := w.user("fac"+strings.ToLower(object)+"@exemple.fr", "Łukasz "+object, account.Facilitator)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.web.Catalog.Assign(ctx, admin, w.key(), session, leader))

	b := w.browser()
	b.client.Transport = w.Client().Transport
	page := toCheck(b, strconv.FormatInt(session, 10), merged(zoe, values("first_name_1", "Zoé"+object)))
	booked := b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	reference := strings.Split(booked.path, "/")[2]
	base, err := url.Parse(w.URL)
	must(err)
	// Each parent has an address of their own, with a booking that nobody proved to be theirs.
	address := "parent" + strings.ToLower(object) + "@exemple.fr"
	w.write(`UPDATE guardians SET email = ?1, email_folded = ?1 WHERE id = (SELECT guardian_id FROM booking_groups WHERE reference = ?2)`, address, reference)
	w.enter(b, address)
	claim := linkOf(w.booked(session, address, booking.Wishes{}, "Ali"+object)).Reference
	asked := w.request(map[string]any{"reference": "GRP-2222222" + object})
	w.people = append(w.people, person{
		name: "parent" + map[string]string{"X": "A", "Y": "B"}[object], cookies: b.client.Jar.Cookies(base),
		signatures: map[string]string{
			"inscriptions": w.web.Bookings.Sign(booking.LinkMail, reference, 1).Signature,
			"passeport":    w.web.Bookings.Sign(booking.LinkPassport, reference, 1).Signature,
			"demandes":     asked.link.Signature,
			"payeurs":      w.web.School.Sign(school.LinkPayer, asked.reference, 1).Signature,
		},
	})

	things := map[string]string{
		"session": strconv.FormatInt(session, 10), "user": strconv.FormatInt(leader, 10), "reference": reference,
		"request": strconv.FormatInt(asked.id, 10), "asked": asked.reference, "claim": claim, "link": w.linkTo(address),
	}
	var guardian int64
	w.scan(&guardian, "SELECT guardian_id FROM booking_groups WHERE reference = ?", reference)
	things["guardian"] = idText(guardian)
	things["note"] = idText(w.write(`INSERT INTO family_notes (guardian_id, text, written_at, written_by) VALUES (?, 'À rappeler', ?, ?)`, guardian, sqlite.Time(w.clock.Now()), leader))
	must(w.web.Privacy.AskErasure(ctx, account.Guardian(guardian), w.key()))
	var token string
	w.scan(&token, "SELECT payload ->> '$.token' FROM outbox WHERE kind = 'erasure_asked' AND guardian_id = ?", guardian)
	things["erasure"] = token
	w.people[len(w.people)-1].signatures["effacement"] = w.web.Privacy.ErasureLink(token).Signature
	must(w.web.Office.MailPasswordLink(ctx, admin, w.key(), leader))
	things["acces"] = strings.TrimPrefix(w.passwordPath(outbox.PasswordForgotten), PasswordPath(""))
	things["brouillon"] = booking.NewSavedID()
	must(w.web.Bookings.MailDraft(ctx, w.key(), []byte("a phone of "+object), session, `{"Children":[{}]}`, things["brouillon"], "", address, "fr"))
	w.people[len(w.people)-1].signatures["reprendre"] = w.web.Bookings.DraftLink(things["brouillon"]).Signature
	things["kit"] = idText(w.write(`INSERT INTO kits (name, contents, copies, created_at, updated_at) VALUES (?1, '12 Thymio', 2, ?2, ?2)`, "Valise "+object, sqlite.Time(w.clock.Now())))
	things["text"] = idText(w.write(`INSERT INTO kept_texts (name, subject, body, created_at, updated_at) VALUES (?1, 'Samedi', 'À samedi', ?2, ?2)`, "Texte "+object, sqlite.Time(w.clock.Now())))
	things["mailing"] = idText(w.write(`INSERT INTO mailings (audience, subject, body, sent_at) VALUES ('all', 'Samedi', 'À samedi', ?)`, sqlite.Time(w.clock.Now())))
	w.write(`INSERT INTO mailing_families (mailing_id) VALUES (?)`, things["mailing"])
	things["slot"] = idText(w.option(session, asked.id, leader))
	money, confirmation := w.moneyThings(asked, leader)
	maps.Copy(things, money)
	w.people[len(w.people)-1].signatures["confirmations"] = confirmation
	things["recu"] = w.paidBy(guardian, leader)
	things["lesson"] = idText(w.lesson(session, asked.id, leader))
	for name, query := range map[string]string{
		"workshop": "SELECT workshop_id FROM sessions WHERE id = ?",
		"venue":    "SELECT venue_id FROM sessions WHERE id = ?",
		"booking":  "SELECT id FROM bookings WHERE session_id = ?",
		"child":    "SELECT child_id FROM bookings WHERE session_id = ?",
		"message":  "SELECT max(id) FROM outbox WHERE ? > 0",
	} {
		var id int64
		w.scan(&id, query, session)
		things[name] = strconv.FormatInt(id, 10)
	}

	maps.Copy(things, w.familyThings(object, things["child"], address))

	things["bar"] = idText(w.write(`INSERT INTO barred_persons (child_id, name, set_by, set_at) VALUES (?, 'Paul Dupré', ?, ?)`, things["child"], leader, sqlite.Time(w.clock.Now())))

	things["incident"] = idText(w.write(`INSERT INTO incidents (session_id, text, written_at, written_by) VALUES (?, 'Une chute', ?, ?)`, session, sqlite.Time(w.clock.Now()), leader))
	// Questions were left when the child came in at the door.
	w.write(`UPDATE booking_groups SET to_complete = 1 WHERE reference = ?`, things["reference"])

	// The last mail did not arrive.
	must(w.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE outbox SET state = 'failed', done_at = ? WHERE id = ?", sqlite.Time(tx.Now()), things["message"])
		return err
	}))

	// A certificate exists once the child was there.
	bookingID, err := strconv.ParseInt(things["booking"], 10, 64)
	must(err)
	register, lead := attendance.NewService(w.db, nil), account.Actor{Kind: account.KindUser, ID: leader, Role: account.Facilitator}
	now := w.clock.Now()
	w.clock.Set(time.Date(2026, 5, 5, 16, 30, 0, 0, time.UTC))
	must(register.Mark(ctx, lead, w.key(), attendance.NewMark{EntryKey: "seen-" + object, SessionID: session, BookingID: bookingID, Action: attendance.Present}))
	_, err = register.Issue(ctx, lead, w.key(), session, false)
	must(err)
	w.clock.Set(now)
	papers, err := register.Certificates(ctx, lead, session)
	must(err)
	things["certificate"], things["code"] = strconv.FormatInt(papers.Issued[0].ID, 10), papers.Issued[0].Code
	things["entry"] = "seen-" + object
	things["token"] = w.web.journalToken(lead, session)
	series := w.write(`INSERT INTO series (title, created_at) VALUES (?, '2026-05-01T08:00:00Z')`, "Cycle "+object)
	w.write(`UPDATE sessions SET series_id = ? WHERE id = ?`, series, session)
	things["series"] = strconv.FormatInt(series, 10)
	schedule := w.write(`INSERT INTO schedules (weekdays, every, first_day, last_day, created_at) VALUES ('3', 1, '2026-05-01', '2026-05-31', '2026-05-01T08:00:00Z')`)
	w.write(`UPDATE sessions SET schedule_id = ? WHERE id = ?`, schedule, session)
	things["schedule"] = strconv.FormatInt(schedule, 10)
	things["award"] = strconv.FormatInt(w.write(`INSERT INTO certificates (participant_id, series_id, minutes, year, number, code, issued_at)
		SELECT participant_id, ?1, 240, 2026, 100 + 10 * ?1, 'ABCDEFGHJKL' || (1 + ?1), issued_at FROM certificates WHERE id = ?2`, series, papers.Issued[0].ID), 10)
	return things
}

// familyThings are an invitation that the parent of an object sent, and a new address that they gave.
func (w *accessWorld) familyThings(object, child, address string) map[string]string {
	t, ctx := w.house.t, w.house.t.Context()
	t.Helper()
	var guardian, childID int64
	w.scan(&guardian, `SELECT id FROM guardians WHERE email = ? AND proved_at IS NOT NULL`, address)
	w.scan(&childID, `SELECT id FROM children WHERE id = ?`, child)
	actor, families := account.Guardian(guardian), w.web.Families
	w.must(families.Invite(ctx, actor, w.key(), "Łukasz", "autre"+object+"@exemple.fr", []int64{childID}))
	w.must(families.AskEmail(ctx, actor, w.key(), "neuf"+object+"@exemple.fr"))
	space, err := families.Space(ctx, actor)
	w.must(err)
	return map[string]string{
		"invitation": idText(space.Invitations[0].ID), "invite": family.InvitationToken(w.secret, w.mailedNonce("autre"+object+"@exemple.fr")),
		"change": family.EmailToken(w.secret, w.mailedNonce("neuf"+object+"@exemple.fr")),
	}
}

// lesson makes a private session of this morning, like another one, with a class list and a headcount.
func (w *accessWorld) lesson(like, request, leader int64) int64 {
	id := w.write(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id, created_at, updated_at)
		SELECT workshop_id, venue_id, '2026-05-04T08:00:00Z', '2026-05-04T10:00:00Z', capacity, price_cents, status, opens_at, closes_at, ?2, created_at, updated_at FROM sessions WHERE id = ?1`, like, request)
	w.write(`INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)`, id, leader)
	w.write(`INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, 'CM1', 'girl', 12, '2026-05-04T10:00:00Z')`, id)
	if err := w.web.Attendance.WriteClass(w.house.t.Context(), attendance.ForContact(request), w.key(), id, []string{"Zoé", "Łukasz"}); err != nil {
		w.house.t.Fatal(err)
	}
	return id
}

// option is a date proposed to the organisation of a request, with the workshop and the venue of a session.
func (w *accessWorld) option(like, request, leader int64) int64 {
	id := w.write(`INSERT INTO slots (request_id, workshop_id, venue_id, capacity, state, created_at)
		SELECT ?2, workshop_id, venue_id, 24, 'open', created_at FROM sessions WHERE id = ?1`, like, request)
	w.write(`INSERT INTO slot_times (slot_id, starts_at, ends_at)
		SELECT ?1, replace(starts_at, '2026-05-05', '2026-05-20'), replace(ends_at, '2026-05-05', '2026-05-20') FROM sessions WHERE id = ?2`, id, like)
	w.write(`INSERT INTO slot_facilitators (slot_id, user_id) VALUES (?, ?)`, id, leader)
	return id
}

// member signs somebody of the team in.
func (w *accessWorld) member(name string, role account.Role) person {
	w.house.t.Helper()
	email := strings.ToLower(name) + "@exemple.fr"
	if w.users[email] == 0 {
		w.user(email, "Nguyễn "+name, role)
	}
	b := w.teamBrowser()
	b.signIn(email)
	p := person{name: name}
	for name, value := range b.cookies() {
		p.cookies = append(p.cookies, &http.Cookie{Name: name, Value: value})
	}
	return p
}

// file is where the database lies.
func (w *accessWorld) file() (path string) {
	w.scan(&path, "SELECT file FROM pragma_database_list WHERE name = 'main'")
	return path
}

// fill writes the ids of an object into a path or a form: after /equipe/ateliers/, ":id" is a workshop.
func (w *accessWorld) fill(pattern, object string, who person) (string, error) {
	first, rest, _ := strings.Cut(object, "+") // "X+Y": the first id in the path is X's, all else is Y's
	if rest == "" {
		rest = first
	}
	things, before := w.things[first], ""
	lang, pattern := splitPath(pattern)
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "*") {
			asset, err := w.web.assets.URL("css/site.css")
			return asset, err
		}
		name, isParameter := strings.CutPrefix(segment, ":")
		if !isParameter {
			before = segment
			continue
		}
		if name == "id" {
			name = map[string]string{
				"seances": "session", "cycles": "series", "plans": "schedule", "inscription": "session", "sessions": "session", "ateliers": "workshop", "lieux": "venue",
				"disponibilites": "user", "materiel": "kit", "personnes": "user", "mails": "message", "demandes": "request", "confirmations": "acceptance",
				"messages": "mailing", "modeles": "text", "familles": "guardian",
			}[before]
		}
		area := segments[1]
		if name == "attestation" && strings.Contains(pattern, "/cycles/") {
			name = "award"
		}
		if name == "reference" && before != "inscriptions" && before != "passeport" {
			name = "asked"
		}
		if name == "token" && area == "effacement" {
			name = "erasure"
		}
		if name == "session" && (area == "demandes" || lessonPages.MatchString(pattern)) {
			name = "lesson"
		}
		value := things[aliases[name]]
		switch {
		case name == "signature":
			value = cmp.Or(who.signatures[area], madeUp)
		case value == "":
			value = things[name]
		}
		if value == "" {
			return "", fmt.Errorf("the access test does not know what %s after /%s in %s is: teach accessWorld.fill", segment, before, pattern)
		}
		segments[i] = value
		if name != "signature" {
			things = w.things[rest]
		}
	}
	return lang.Path(strings.Join(segments, "/")), nil
}

// lessonPages are the pages that private sessions alone have.
var lessonPages = regexp.MustCompile(`^/animation/seances/:id/(classe|effectif|prenoms)$`)

// aliases are other names that paths give to things.
var aliases = map[string]string{"inscription": "booking", "attestation": "certificate", "membre": "user"}

// form writes the ids of an object into a form, and its key. The path already took the first id.
func (w *accessWorld) form(spec, object string, who person, cookie string) (url.Values, error) {
	if _, rest, mixed := strings.Cut(object, "+"); mixed {
		object = rest
	}
	for name, value := range w.things[object] {
		spec = strings.ReplaceAll(spec, "{"+name+"}", value)
	}
	form, err := url.ParseQuery(strings.ReplaceAll(spec, "{person}", who.name))
	if err != nil {
		return nil, err
	}
	for name, list := range form {
		for _, value := range list {
			if strings.ContainsAny(value, "{}") {
				return nil, fmt.Errorf("%s=%s names no thing", name, value)
			}
		}
	}
	if purpose := form.Get("key"); purpose != "" {
		form.Del("key")
		form.Set(formKeyField, w.web.Secret.FormKey(purpose, who.signIn(cookie), w.clock.Now()))
	}
	return form, nil
}

// signIn is what a form key of this person is bound to.
func (p person) signIn(cookie string) string {
	for _, c := range p.cookies {
		if c.Name == cookie {
			return c.Value
		}
	}
	return ""
}

// ask sends one request with the cookies of a person and follows no redirect.
func (w *accessWorld) ask(method, path string, form url.Values, header http.Header, who person) *answer {
	t := w.house.t
	t.Helper()
	return w.askBody(method, path, form.Encode(), header, who)
}

// askBody is ask with any body.
func (w *accessWorld) askBody(method, path, body string, header http.Header, who person) *answer {
	t := w.house.t
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	for _, cookie := range who.cookies {
		r.AddCookie(cookie)
	}
	res, err := w.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &answer{t: t, what: method + " " + path + " as " + who.name, Status: res.StatusCode, Header: res.Header, Body: string(read)}
}

// state is a digest of every row of every table but the log of who looked at what, which a GET may write. It reads them only
// when somebody committed something since the last time, which SQLite itself knows: most requests write nothing.
func (w *accessWorld) state() string {
	t := w.house.t
	t.Helper()
	var version int64
	if err := w.raw.QueryRowContext(t.Context(), `PRAGMA data_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version != w.seen.version {
		w.seen.version, w.seen.digest = version, w.digest()
	}
	return w.seen.digest
}

// checkState proves that state sees one changed value, and that restore takes it back.
func (w *accessWorld) checkState() {
	before := w.state()
	w.write(`UPDATE venues SET access = access || '.' WHERE id = 1`)
	if w.state() == before {
		w.house.t.Fatal("a change is not seen")
	}
	if w.restore(); w.state() != before {
		w.house.t.Fatal("the database was not restored")
	}
}

func (w *accessWorld) digest() string {
	t := w.house.t
	t.Helper()
	sum := sha256.New()
	for _, table := range w.tables() {
		rows, err := w.raw.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(sum, "%s%q\n", table, values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return string(sum.Sum(nil))
}

func (w *accessWorld) tables() (names []string) {
	t := w.house.t
	t.Helper()
	rows, err := w.raw.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'access_log' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// restore makes the database what it was at the start, while the server runs.
func (w *accessWorld) restore() {
	t := w.house.t
	t.Helper()
	w.seen.version = 0 // what this connection changes itself it does not count
	from, err := sql.Open("sqlite3", w.start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	err = withDriver(t.Context(), from, func(source *sqlite3.SQLiteConn) error {
		return withDriver(t.Context(), w.raw, func(target *sqlite3.SQLiteConn) error {
			backup, err := target.Backup("main", source, "main")
			if err != nil {
				return err
			}
			if _, err := backup.Step(-1); err != nil {
				return err
			}
			return backup.Finish()
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withDriver lends the driver's own connection of a pool.
func withDriver(ctx context.Context, db *sql.DB, do func(*sqlite3.SQLiteConn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error { return do(driver.(*sqlite3.SQLiteConn)) })
}
