package message_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

var monday = time.Date(2027, 5, 3, 8, 0, 0, 0, time.UTC)

// house is a message service on a database with two sessions of two seats each.
type house struct {
	*message.Service
	t        *testing.T
	db       *sqlite.DB
	clock    *sqlitetest.Clock
	bookings *booking.Service
	staff    account.Actor
	sessions [2]int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: sqlitetest.NewClock(monday)}
	h.db = sqlitetest.NewAt(t, h.clock.Now)
	h.Service = message.NewService(h.db)
	secret, err := account.LoadSecret(t.TempDir())
	h.must(err)
	h.bookings = booking.NewService(h.db, secret)
	programme := catalog.New(h.db)
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at)
			VALUES (7, 'lukasz@exemple.fr', 'lukasz@exemple.fr', 'Łukasz', 'staff', '', ?)`, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, "command", "user.add", "user:7", nil)
	}))
	h.staff = account.Actor{Kind: account.KindUser, ID: 7, Name: "Łukasz", Role: account.Staff}
	workshop, err := programme.CreateWorkshop(t.Context(), h.staff, key(), catalog.Workshop{Title: "Robotique", Level: "Initiation",
		Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 2, DurationMinutes: 120})
	h.must(err)
	venue, err := programme.CreateVenue(t.Context(), h.staff, key(), catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette",
		Postcode: "69001", City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	h.must(err)
	for i, day := range []string{"2027-05-08", "2027-05-15"} {
		h.sessions[i], err = programme.CreateSession(t.Context(), h.staff, key(), catalog.SessionRequest{WorkshopID: workshop, VenueID: venue,
			Date: day, Starts: "14:00", Ends: "16:00", Capacity: 2})
		h.must(err)
		h.must(programme.PublishSession(t.Context(), h.staff, key(), h.sessions[i]))
	}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: monday.Add(24 * time.Hour)}
}

// book books children, or puts them on the list where a session is full. Without an address it is by phone.
func (h *house) book(session int, name, email string, firsts ...string) {
	h.t.Helper()
	r := booking.Request{SessionID: h.sessions[session], Guardian: family.NewGuardian{Name: name, Email: email, Phone: "06 12 34 56 78", Language: "fr"}, IfFull: booking.Wait}
	for _, first := range firsts {
		r.Children = append(r.Children, family.NewChild{FirstName: first, LastName: "D'Artagnan-N'Guyen",
			BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC), Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	if email == "" {
		_, err := h.bookings.BookFor(h.t.Context(), h.staff, key(), r, "")
		h.must(err)
		return
	}
	_, err := h.bookings.Book(h.t.Context(), account.Guest(), key(), r)
	h.must(err)
}

func (h *house) draft(audience message.Audience, sessions ...int64) message.Draft {
	return message.Draft{Sessions: sessions, Audience: audience, Text: message.Text{Subject: "À samedi", Body: "Bonjour {{responsable}}, à samedi avec {{enfants}}."}}
}

// mails returns to whom letters of the team go, with the names of the children in them.
func (h *house) mails() (list []string) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		list, err = sqlite.Column[string](tx, `SELECT recipient || ' ' || (SELECT group_concat(value, ' ') FROM json_each(payload, '$.children'))
			FROM outbox WHERE kind = 'team_wrote' ORDER BY id`)
		return err
	}))
	return list
}

func wantFault(t *testing.T, err error, kind fault.Kind, field string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || field != "" && f.Fields[field].Key == "" {
		t.Errorf("%v, want %s on %q", err, kind, field)
	}
}

// Each family gets one mail of its own, however many children, sessions and bookings it has; who has no address is counted
// apart, who gave up gets none (UX-A3).
func TestAudience(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "Zoé", "Łukasz")
	h.book(1, "Nguyễn", "Nguyen@exemple.fr", "Zoé")
	h.book(0, "李", "li@exemple.fr", "محمد")
	h.book(1, "Sans adresse", "", "李")
	both := h.sessions[:]
	for _, tt := range []struct {
		audience message.Audience
		sessions []int64
		mails    int
		phones   int
		first    string
	}{
		{message.Confirmed, both[:1], 1, 0, "Zoé Łukasz"},
		{message.Confirmed, both, 1, 1, "Zoé Łukasz"},
		{message.Waiting, both[:1], 1, 0, "محمد"},
		{message.All, both, 2, 1, "Zoé Łukasz"},
		{message.All, []int64{both[1], both[1]}, 1, 1, "Zoé"},
	} {
		p, err := h.Preview(t.Context(), h.staff, h.draft(tt.audience, tt.sessions...))
		h.must(err)
		if p.Families != tt.mails || len(p.ByPhone) != tt.phones || strings.Join(p.Sample.Children, " ") != tt.first {
			t.Errorf("%s of %v: %d mails, %d calls, first %v; want %+v", tt.audience, tt.sessions, p.Families, len(p.ByPhone), p.Sample.Children, tt)
		}
	}
	_, err := h.Preview(t.Context(), h.staff, h.draft(message.Waiting, both[1]))
	wantFault(t, err, fault.Invalid, "sessions")
}

// What is sent twice at the same instant is sent once (UX-A3, I4), and each mail is followed.
func TestSendOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "Zoé", "Łukasz")
	h.book(0, "李", "li@exemple.fr", "محمد")
	h.book(1, "Sans adresse", "", "李")
	d := h.draft(message.All, h.sessions[:]...)
	p, err := h.Preview(t.Context(), h.staff, d)
	h.must(err)
	form := key()
	ids := make([]int64, 6)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			var err error
			if ids[i], err = h.Send(t.Context(), h.staff, form, d, p.Seen); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if slices.Min(ids) != slices.Max(ids) {
		t.Errorf("mailings %v, want one", ids)
	}
	if got := h.mails(); !slices.Equal(got, []string{"nguyen@exemple.fr Zoé Łukasz", "li@exemple.fr محمد"}) {
		t.Errorf("mails to %q", got)
	}
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(`UPDATE outbox SET state = 'sent', done_at = ?1 WHERE recipient = 'nguyen@exemple.fr'`, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE outbox SET state = 'failed', last_error = '550', done_at = ?1 WHERE recipient = 'li@exemple.fr'`, sqlite.Time(tx.Now()))
		return err
	}))
	sent, err := h.Sent(t.Context(), h.staff, ids[0])
	h.must(err)
	var got []string
	for _, r := range sent.To {
		got = append(got, fmt.Sprint(r.Name, " ", r.State))
	}
	if want := []string{"Sans adresse ", "李 failed", "Nguyễn sent"}; !slices.Equal(got, want) {
		t.Errorf("recipients %q, want %q", got, want)
	}
	if sent.Families != 3 || sent.Failed != 1 || sent.Open != 0 || sent.SentBy != "Łukasz" || len(sent.Sessions) != 2 {
		t.Errorf("%+v", sent.Mailing)
	}
	if list, err := h.Mailings(t.Context(), h.staff); err != nil || len(list) != 1 {
		t.Errorf("%d mailings, %v", len(list), err)
	}
	breaches, err := upkeep.Verify(t.Context(), h.db)
	h.must(err)
	if len(breaches) > 0 {
		t.Errorf("breaches: %v", breaches)
	}
}

// Neither a letter nor a family that nobody saw in the preview: who booked since, what was typed since.
func TestSendChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "Zoé")
	d := h.draft(message.Confirmed, h.sessions[0])
	p, err := h.Preview(t.Context(), h.staff, d)
	h.must(err)
	unseen := d
	unseen.Subject = "Nous changeons tout"
	_, err = h.Send(t.Context(), h.staff, key(), unseen, p.Seen)
	wantFault(t, err, fault.Conflict, "")
	h.book(0, "李", "li@exemple.fr", "محمد")
	_, err = h.Send(t.Context(), h.staff, key(), d, p.Seen)
	wantFault(t, err, fault.Conflict, "")
	if got := h.mails(); len(got) > 0 {
		t.Errorf("mails to %q", got)
	}
}

// A try goes to who writes, and to no family; it holds the names of none (RGPD-8: an erasure would not find them there).
func TestTry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "محمد")
	form := key()
	for range 2 {
		h.must(h.Try(t.Context(), h.staff, form, h.draft(message.Confirmed, h.sessions[0])))
	}
	if got := h.mails(); !slices.Equal(got, []string{"lukasz@exemple.fr Zoé Łukasz"}) {
		t.Errorf("mails to %q", got)
	}
	if list, err := h.Mailings(t.Context(), h.staff); err != nil || len(list) > 0 {
		t.Errorf("%d mailings, %v", len(list), err)
	}
	wantFault(t, h.Try(t.Context(), account.Command(), key(), h.draft(message.Confirmed, h.sessions[0])), fault.Forbidden, "")
}

func TestDraftChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "Zoé")
	for _, tt := range []struct {
		field  string
		change func(*message.Draft)
	}{
		{"sessions", func(d *message.Draft) { d.Sessions = nil }},
		{"sessions", func(d *message.Draft) { d.Sessions = make([]int64, 0); d.Audience = message.All }},
		{"audience", func(d *message.Draft) { d.Audience = "everybody" }},
		{"subject", func(d *message.Draft) { d.Subject = " \n" }},
		{"subject", func(d *message.Draft) { d.Subject = strings.Repeat("é", 121) }},
		{"subject", func(d *message.Draft) { d.Subject = "{{prenom}}" }},
		{"body", func(d *message.Draft) { d.Body = "" }},
		{"body", func(d *message.Draft) { d.Body = "Bonjour {{allergies}}" }},
		{"body", func(d *message.Draft) { d.Body = "Bonjour {{enfants}" }},
		{"body", func(d *message.Draft) { d.Body = strings.Repeat("é", 8001) }},
	} {
		d := h.draft(message.Confirmed, h.sessions[0])
		tt.change(&d)
		_, err := h.Preview(t.Context(), h.staff, d)
		wantFault(t, err, fault.Invalid, tt.field)
		_, err = h.Send(t.Context(), h.staff, key(), d, "")
		wantFault(t, err, fault.Invalid, tt.field)
	}
	d := h.draft(message.Confirmed, 987654)
	_, err := h.Preview(t.Context(), h.staff, d)
	wantFault(t, err, fault.NotFound, "")
	facilitator := account.Actor{Kind: account.KindUser, ID: h.staff.ID, Role: account.Facilitator}
	for _, actor := range []account.Actor{facilitator, account.Guest(), account.Guardian(1)} {
		_, err := h.Send(t.Context(), actor, key(), h.draft(message.Confirmed, h.sessions[0]), "")
		wantFault(t, err, fault.Forbidden, "")
	}
}

// A text is kept, changed by one at a time, and forgotten; an unknown field is found when it is saved.
func TestTexts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	text := message.KeptText{Name: "Quoi apporter", Text: message.Text{Subject: "Samedi", Body: "À samedi, {{enfants}} !"}}
	id, err := h.CreateText(t.Context(), h.staff, key(), text)
	h.must(err)
	wrong := text
	wrong.Body = "{{santé}} {{sante}}"
	_, err = h.CreateText(t.Context(), h.staff, key(), wrong)
	wantFault(t, err, fault.Invalid, "body")
	_, err = h.CreateText(t.Context(), h.staff, key(), message.KeptText{Text: text.Text})
	wantFault(t, err, fault.Invalid, "name")
	seen, err := h.KeptText(t.Context(), id)
	h.must(err)
	edited := seen
	edited.Body = "À samedi."
	h.must(h.EditText(t.Context(), h.staff, key(), edited, seen.Version()))
	wantFault(t, h.EditText(t.Context(), h.staff, key(), seen, seen.Version()), fault.Conflict, "")
	form := key()
	for range 2 {
		h.must(h.DropText(t.Context(), h.staff, form, id))
	}
	if list, err := h.Texts(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%d texts, %v", len(list), err)
	}
	_, err = h.KeptText(t.Context(), id)
	wantFault(t, err, fault.NotFound, "")
}

// Whose record became one with another is still named by what became of the mail to it: a guest who proves the address, and two records that the team made one (UX-A9).
func TestSentToMergedFamilies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	prove := func(id int) {
		t.Helper()
		var references []string
		h.must(h.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
			references, err = sqlite.Column[string](tx, `SELECT reference FROM booking_groups WHERE guardian_id = ?`, id)
			return err
		}))
		h.must(h.bookings.Prove(t.Context(), key(), h.bookings.Sign(booking.LinkMail, references[0], 1)))
	}
	h.book(0, "Nguyễn", "nguyen@exemple.fr", "Zoé")
	prove(1)
	h.book(1, "Nguyễn", "nguyen@exemple.fr", "李")
	h.book(1, "Łukasz", "lukasz@exemple.fr", "محمد")
	d := h.draft(message.All, h.sessions[1])
	p, err := h.Preview(t.Context(), h.staff, d)
	h.must(err)
	id, err := h.Send(t.Context(), h.staff, key(), d, p.Seen)
	h.must(err)
	prove(2)
	h.must(h.bookings.Merge(t.Context(), h.staff, key(), booking.MergeRequest{Into: 1, From: 3, SamePerson: true}))
	sent, err := h.Sent(t.Context(), h.staff, id)
	h.must(err)
	for _, r := range sent.To {
		if r.Name != "Nguyễn" || r.State == "" {
			t.Errorf("the mail to %q is of %q: %q", r.Email, r.Name, r.State)
		}
	}
	if len(sent.To) != 2 {
		t.Errorf("%d families, want 2", len(sent.To))
	}
}
