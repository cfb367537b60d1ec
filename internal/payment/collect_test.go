package payment

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// desk is a Service beside a programme that families book: sessions 1 to 6 of Saturdays from 8 May 2027 at 14 €.
type desk struct {
	*Service
	t        *testing.T
	clock    *sqlitetest.Clock
	staff    account.Actor
	catalog  *catalog.Catalog
	bookings *booking.Service
	base     catalog.SessionRequest
}

var monday = time.Date(2027, 5, 3, 8, 0, 0, 0, time.UTC)

func newDesk(t *testing.T) *desk {
	t.Helper()
	clock := sqlitetest.NewClock(monday)
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	d := &desk{Service: NewService(db), t: t, clock: clock, catalog: catalog.New(db), bookings: booking.NewService(db, secret)}
	d.must(err)
	id := accounttest.AddUser(t, db, account.NewUser{
		Email: "staff@example.org", Name: "Łukasz", Role: account.Staff, Password: "quatre chevaux bleus dansent"})
	d.staff = account.Actor{Kind: account.KindUser, ID: id, Name: "Łukasz", Role: account.Staff}
	workshop, err := d.catalog.CreateWorkshop(t.Context(), d.staff, d.key(), catalog.Workshop{Title: "Robotique", Level: "Initiation",
		Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, PriceCents: 1400, DurationMinutes: 120})
	d.must(err)
	venue, err := d.catalog.CreateVenue(t.Context(), d.staff, d.key(), catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette",
		Postcode: "69001", City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	d.must(err)
	d.base = catalog.SessionRequest{WorkshopID: workshop, VenueID: venue, Starts: "14:00", Ends: "16:00", Capacity: 12, PriceCents: 1400}
	for _, date := range []string{"2027-05-08", "2027-05-15", "2027-05-22", "2027-05-29", "2027-06-05", "2027-06-12"} {
		r := d.base
		r.Date = date
		d.session(r)
	}
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) key() account.FormKey { k := key(); k.Expires = monday.AddDate(5, 0, 0); return k }

func (d *desk) session(r catalog.SessionRequest) int64 {
	d.t.Helper()
	id, err := d.catalog.CreateSession(d.t.Context(), d.staff, d.key(), r)
	d.must(err)
	d.must(d.catalog.PublishSession(d.t.Context(), d.staff, d.key(), id))
	return id
}

// book books children in a session as a guest, and returns the reference and the guardian.
func (d *desk) book(session int64, email string, children ...string) (reference string, guardian int64) {
	d.t.Helper()
	r := booking.Request{SessionID: session, Guardian: family.NewGuardian{Name: "Nguyễn Thị Ánh", Email: email, Phone: "06 12 34 56 78", Language: "fr"}}
	for _, name := range children {
		r.Children = append(r.Children, family.NewChild{FirstName: name, LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	reference, err := d.bookings.Book(d.t.Context(), account.Guest(), d.key(), r)
	d.must(err)
	return reference, d.number(`SELECT guardian_id FROM booking_groups WHERE reference = ?`, reference)
}

// prove proves the mailbox of a booking, and returns the guardian whose it is then.
func (d *desk) prove(reference string) (guardian int64) {
	d.t.Helper()
	d.must(d.bookings.Prove(d.t.Context(), d.key(), d.bookings.Sign(booking.LinkMail, reference, 1)))
	return d.number(`SELECT guardian_id FROM booking_groups WHERE reference = ?`, reference)
}

// family books one child of a proved guardian in sessions, and returns the guardian and the references.
func (d *desk) family(sessions ...int64) (guardian int64, references []string) {
	d.t.Helper()
	for _, id := range sessions {
		reference, _ := d.book(id, "anh@example.org", "Zoé")
		references = append(references, reference)
		guardian = d.prove(reference)
	}
	return guardian, references
}

func (d *desk) number(query string, args ...any) (n int64) {
	d.t.Helper()
	d.must(d.db.Read(d.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

func (d *desk) collect(guardian int64, cents int, what string) int64 {
	d.t.Helper()
	id, err := d.Collect(d.t.Context(), d.staff, d.key(), guardian, cash(cents, what))
	d.must(err)
	return id
}

func cash(cents int, what string) Collected {
	return Collected{New: New{Cents: cents, Mode: Cash, ReceivedOn: "3/5/2027"}, For: what}
}

func (d *desk) wants(what string, guardian int64, want string) {
	d.t.Helper()
	f, err := d.OfFamily(d.t.Context(), d.staff, guardian)
	d.must(err)
	got := story(f.Balance)
	for _, c := range f.Carnets {
		got = strings.ReplaceAll(got, "u"+idText(c.PaymentID), "u")
	}
	if got != want {
		d.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func idText(id int64) string { return strings.TrimPrefix(record(id), "payment:") }

// A carnet from its sale to its end: used as bookings are made, given back in time, given back when late too unless the team
// counts it, and by a session that is called off, until that is undone.
func TestCarnetStory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	guardian, refs := d.family(1, 2)
	again := d.key()
	for range 2 { // a double click sells one
		_, err := d.Collect(ctx, d.staff, again, guardian, cash(5000, ForCarnet))
		d.must(err)
	}
	d.wants("sold", guardian, "u u owed 0, credit 0, units 2")
	d.family(3, 4, 5)
	d.wants("five seats", guardian, "u u u u 0/1400 owed 1400, credit 0, units 0")
	cancel := func(reference string) {
		d.must(d.bookings.CancelFor(ctx, d.staff, d.key(), reference, nil))
	}
	cancel(refs[1])
	d.wants("cancelled in time", guardian, "u u u u owed 0, credit 0, units 0")
	d.clock.Set(time.Date(2027, 5, 7, 12, 0, 0, 0, time.UTC)) // the day before
	cancel(refs[0])
	d.wants("cancelled late", guardian, "u u u owed 0, credit 0, units 1")
	late := d.number(`SELECT b.id FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE g.reference = ?`, refs[0])
	for range 2 {
		d.must(d.Charge(ctx, d.staff, d.key(), guardian, late))
	}
	d.wants("counted", guardian, "u u u u owed 0, credit 0, units 0")
	for range 2 {
		d.must(d.Uncharge(ctx, d.staff, d.key(), guardian, late))
	}
	d.wants("counted no more", guardian, "u u u owed 0, credit 0, units 1")
	d.must(d.bookings.CancelSession(ctx, d.staff, d.key(), 3, "Salle fermée"))
	d.wants("called off", guardian, "u u owed 0, credit 0, units 2")
	d.must(d.bookings.RestoreSession(ctx, d.staff, d.key(), 3))
	d.wants("restored", guardian, "u u u owed 0, credit 0, units 1")
	payments, err := d.Payments(ctx, d.staff, guardian)
	d.must(err)
	if len(payments) != 1 || payments[0].Receipt.Lines[0].Units != 4 {
		t.Fatalf("payments = %+v", payments)
	}
	d.must(d.TakeBack(ctx, d.staff, d.key(), payments[0].ID, "unpaid"))
	d.wants("the cheque bounced", guardian, "0/1400 0/1400 0/1400 owed 4200, credit 0, units 0")
	other := d.number(`SELECT b.id FROM bookings b WHERE b.status = 'confirmed' LIMIT 1`)
	if err := d.Charge(ctx, d.staff, d.key(), guardian, other); !fault.Is(err, fault.Conflict, "money.charge_not") {
		t.Errorf("a seat that nobody gave up was counted: %v", err)
	}
}

// UX-A7: nothing is owed by itself for a seat that was given up late. One that the team counts is paid once also where the child books again, and is
// paid whatever its session and its booking become.
func TestNoAutomaticPunishment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	reference, guardian := d.book(1, "anh@example.org", "Zoé", "Łukasz")
	late := d.number(`SELECT min(id) FROM bookings`)
	d.clock.Set(time.Date(2027, 5, 7, 12, 0, 0, 0, time.UTC)) // the day before
	d.must(d.bookings.CancelFor(ctx, d.staff, d.key(), reference, []int64{late}))
	d.wants("given up late", guardian, "0/1400 owed 1400, credit 0, units 0")
	d.must(d.Charge(ctx, d.staff, d.key(), guardian, late))
	d.wants("counted", guardian, "0/1400 0/1400 owed 2800, credit 0, units 0")
	d.must(d.bookings.MoveFor(ctx, d.staff, d.key(), reference, 1, 2))
	d.wants("the other child moves", guardian, "0/1400 0/1400 owed 2800, credit 0, units 0")
	again, other := d.book(1, "anh@example.org", "Zoé")
	d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE bookings SET child_id = (SELECT child_id FROM bookings WHERE id = ?1) WHERE group_id = (SELECT id FROM booking_groups WHERE reference = ?2)`, late, again)
		return err
	}))
	d.wants("the seat is theirs again", guardian, "0/1400 owed 1400, credit 0, units 0")
	d.wants("and is paid once", other, "0/1400 owed 1400, credit 0, units 0")
}

// A seat that was given up late may be counted also once the other child of its booking has moved, at the price that it had; what moved was given up by nobody, however
// often it moves, and has one price in the session where it is.
func TestLateSeatOfABookingThatMoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	r := d.base
	r.PriceCents, r.Pricing = 1000, catalog.Pricing{Way: catalog.Chosen, Steps: []int{500, 1000}}
	var chosen [3]int64
	for i, date := range []string{"2027-06-19", "2027-06-26", "2027-07-03"} {
		r.Date = date
		chosen[i] = d.session(r)
	}
	for _, tt := range []struct {
		name                  string
		session, other, third int64
		cents                 string
		choose                int
	}{{"at the usual price", 1, 2, 3, "1400", 0}, {"at a price that was chosen", chosen[0], chosen[1], chosen[2], "300", 300}} {
		reference, guardian := d.book(tt.session, "anh"+tt.cents+"@example.org", "Zoé", "Łukasz")
		if tt.choose > 0 {
			d.must(d.bookings.Choose(ctx, account.Guest(), d.key(), d.bookings.Sign(booking.LinkMail, reference, 1), tt.choose))
		}
		late := d.number(`SELECT min(b.id) FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE g.reference = ?`, reference)
		d.clock.Set(time.Unix(d.number(`SELECT unixepoch(starts_at) FROM sessions WHERE id = ?`, tt.session), 0).Add(-26 * time.Hour).UTC())
		d.must(d.bookings.CancelFor(ctx, d.staff, d.key(), reference, []int64{late}))
		d.clock.Advance(time.Minute)
		d.must(d.bookings.MoveFor(ctx, d.staff, d.key(), reference, tt.session, tt.other))
		d.clock.Advance(time.Minute)
		d.must(d.bookings.MoveFor(ctx, d.staff, d.key(), reference, tt.other, tt.third))
		f, err := d.OfFamily(ctx, d.staff, guardian)
		d.must(err)
		if len(f.Countable) != 1 || f.Countable[0].BookingID != late {
			t.Fatalf("%s: to be counted are %+v, want the seat of Zoé alone", tt.name, f.Countable)
		}
		one := "0/" + tt.cents
		d.wants(tt.name+", the other child moved", guardian, one+" owed "+tt.cents+", credit 0, units 0")
		for range 2 {
			d.must(d.Charge(ctx, d.staff, d.key(), guardian, late))
		}
		d.wants(tt.name+", counted", guardian, one+" "+one+" owed "+strconv.Itoa(2*f.Countable[0].Cents)+", credit 0, units 0")
		d.must(d.Uncharge(ctx, d.staff, d.key(), guardian, late))
		d.wants(tt.name+", counted no more", guardian, one+" owed "+tt.cents+", credit 0, units 0")
	}
}

// A place in a series is paid once for each child, also where another of its sessions is booked alone later, and by whoever booked first.
func TestSeriesIsPaidOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.base
	r.PriceCents, r.Pricing, r.NewSeries = 5000, catalog.Pricing{Way: catalog.PerSeries}, "Quatre samedis"
	var sessions []int64
	for _, date := range []string{"2027-06-19", "2027-06-26", "2027-07-03"} {
		r.Date = date
		sessions = append(sessions, d.session(r))
		if r.SeriesID == 0 {
			r.SeriesID, r.NewSeries = d.number(`SELECT id FROM series`), ""
		}
	}
	guardian, refs := d.family(sessions[0], sessions[1])
	d.wants("two of its sessions", guardian, "0/5000 owed 5000, credit 0, units 0")
	_, second := d.book(sessions[2], "autre@example.org", "Zoé")
	d.wants("a stranger of the same name pays theirs", second, "0/5000 owed 5000, credit 0, units 0")
	d.collect(guardian, 5000, refs[0])
	d.wants("paid", guardian, "5000/5000 owed 0, credit 0, units 0")
	d.must(d.bookings.CancelFor(t.Context(), d.staff, d.key(), refs[0], nil))
	d.wants("the first of them is given up", guardian, "5000/5000 owed 0, credit 0, units 0")
	d.must(d.bookings.CancelFor(t.Context(), d.staff, d.key(), refs[1], nil))
	d.wants("both are", guardian, " owed 0, credit 5000, units 0")
}

// What a family chose to pay counts, free counts nothing, and a booking that moves takes its price along.
func TestOtherPrices(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.base
	r.Date, r.PriceCents = "2027-06-19", 0
	free := d.session(r)
	r.Date, r.PriceCents, r.Pricing = "2027-06-26", 1000, catalog.Pricing{Way: catalog.Chosen, Steps: []int{500, 1000}}
	chosen := d.session(r)
	guardian, refs := d.family(free, chosen, 1)
	d.wants("what is suggested", guardian, "0/1000 0/1400 owed 2400, credit 0, units 0")
	link := d.bookings.Sign(booking.LinkMail, refs[1], 1)
	d.must(d.bookings.Choose(t.Context(), account.Guest(), d.key(), link, 300))
	d.wants("what is chosen", guardian, "0/300 0/1400 owed 1700, credit 0, units 0")
	d.collect(guardian, 1400, refs[2])
	d.must(d.bookings.Move(t.Context(), account.Guest(), d.key(), d.bookings.Sign(booking.LinkMail, refs[2], 1), 2))
	d.wants("moved", guardian, "0/300 1400/1400 owed 300, credit 0, units 0")
	d.collect(guardian, 500, ForAll)
	d.wants("all, and more", guardian, "300/300 1400/1400 owed 0, credit 200, units 0")
	if n := d.number(`SELECT sum(cents) FROM payment_parts`); n != 1700 {
		t.Errorf("%d cents are for bookings, want 1700", n)
	}
}

// A change of price is for who books from then on, of a session as of a series (issue 7, point 3).
func TestPriceStaysWhatWasBooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.base
	r.Date, r.PriceCents, r.Pricing, r.NewSeries = "2027-06-19", 5000, catalog.Pricing{Way: catalog.PerSeries}, "Samedis"
	first := d.session(r)
	r.Date, r.SeriesID, r.NewSeries = "2027-06-26", d.number(`SELECT id FROM series`), ""
	second := d.session(r)
	guardian, refs := d.family(1, first, second)
	edit := func(session int64, cents int) {
		v, err := d.catalog.Session(t.Context(), session)
		d.must(err)
		r := v.Request()
		r.PriceCents = cents
		d.must(d.bookings.EditSession(t.Context(), d.staff, d.key(), session, r))
	}
	for _, cents := range []int{2000, 0, 3000} {
		edit(1, cents)
	}
	edit(second, 6000)
	d.wants("who had booked", guardian, "0/1400 0/5000 owed 6400, credit 0, units 0")
	_, other := d.book(1, "autre@example.org", "Łukasz")
	d.wants("who books then", other, "0/3000 owed 3000, credit 0, units 0")
	if n := d.number(`SELECT price_cents FROM series`); n != 6000 {
		t.Errorf("the series costs %d", n)
	}
	edit(first, 7000)
	d.wants("again", guardian, "0/1400 0/5000 owed 6400, credit 0, units 0")
	d.must(d.bookings.CancelFor(t.Context(), d.staff, d.key(), refs[0], nil))
	_, err := d.bookings.JoinFor(t.Context(), d.staff, d.key(), refs[0], booking.JoinRequest{SessionID: 1, Seats: 1})
	d.must(err)
	d.wants("given up and booked anew", guardian, "0/5000 0/3000 owed 8000, credit 0, units 0")
}

// What a guest paid goes with them once their mailbox is proved, and nothing else may change it.
func TestPaymentsFollowWhoIsProved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	known, _ := d.family(1)
	reference, guest := d.book(2, "anh@example.org", "Zoé")
	if guest == known {
		t.Fatal("the guest is known already")
	}
	d.collect(guest, 1400, reference)
	d.wants("before", known, "0/1400 owed 1400, credit 0, units 0")
	if proved := d.prove(reference); proved != known {
		t.Fatalf("proved guardian %d, want %d", proved, known)
	}
	d.wants("after", known, "0/1400 1400/1400 owed 1400, credit 0, units 0")
	_, other := d.book(3, "autre@example.org", "Łukasz")
	for _, statement := range []string{`UPDATE payments SET guardian_id = ` + idText(other), `UPDATE payments SET reason = 'refund'`, `UPDATE payments SET reference = 'x'`, `DELETE FROM payments`, `UPDATE payment_parts SET cents = 1`,
		`DELETE FROM payment_parts`, `DELETE FROM receipts`} {
		if err := d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { _, err := tx.Exec(statement); return err }); err == nil {
			t.Errorf("%s was let through", statement)
		}
	}
}

// What was paid goes with a record that the team makes one with another, carnets and all, and comes back when that is undone; what was paid
// since goes with the booking that it is for.
func TestPaymentsFollowMerges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	into, _ := d.family(1)
	reference, from := d.book(2, "anh@exemple.net", "Łukasz")
	d.collect(from, 1400, reference)
	carnet := d.collect(from, 5000, ForCarnet)
	bounced := d.collect(from, 300, ForAll)
	d.must(d.TakeBack(ctx, d.staff, d.key(), bounced, "unpaid"))
	d.must(d.bookings.Merge(ctx, d.staff, d.key(), booking.MergeRequest{Into: into, From: from, SamePerson: true}))
	d.wants("merged", into, "u 1400/1400 owed 0, credit 0, units 3")
	d.wants("the empty record", from, " owed 0, credit 0, units 0")
	if all, err := d.Payments(ctx, account.Guardian(into), into); err != nil || len(all) != 3 {
		t.Errorf("payments = %+v, %v", all, err)
	}
	d.must(d.TakeBack(ctx, d.staff, d.key(), carnet, "mistake"))
	since := d.collect(into, 1400, ForAll)
	d.must(d.bookings.UndoMerge(ctx, d.staff, d.key(), into, d.number(`SELECT max(id) FROM merges`)))
	d.wants("undone, who stayed", into, "1400/1400 owed 0, credit 0, units 0")
	d.wants("undone, who came back", from, "1400/1400 owed 0, credit 0, units 0")
	if n := d.number(`SELECT count(*) FROM payments r JOIN payments p ON p.id = r.reverses WHERE r.guardian_id <> p.guardian_id`); n != 0 {
		t.Errorf("%d reversals are of somebody else", n)
	}
	if n := d.number(`SELECT guardian_id FROM payments WHERE id = ?`, since); n != into {
		t.Errorf("what was paid since is of guardian %d, want %d", n, into)
	}
}

// What pays bookings of two records that were one for a while stays whose it was noted for, with its receipt, when that is undone.
func TestMixedPaymentStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	into, _ := d.family(1)
	_, from := d.book(2, "anh@exemple.net", "Łukasz")
	d.must(d.bookings.Merge(ctx, d.staff, d.key(), booking.MergeRequest{Into: into, From: from, SamePerson: true}))
	both := d.collect(into, 2800, ForAll)
	d.must(d.bookings.UndoMerge(ctx, d.staff, d.key(), into, d.number(`SELECT max(id) FROM merges`)))
	d.wants("who paid", into, "1400/1400 owed 0, credit 1400, units 0")
	d.wants("who did not", from, "0/1400 owed 1400, credit 0, units 0")
	if _, err := d.Payment(ctx, account.Guardian(from), both); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the other family reads the receipt: %v", err)
	}
}

// Two desks have the same page open and note the same money: the second is told what is left, and nothing is noted twice.
func TestTwoDesksNoteTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	guardian, refs := d.family(1, 2)
	shown := func(cents int, what string) Collected {
		n, owed := cash(cents, what), 2800
		n.OwedCents = &owed
		return n
	}
	note := func(n Collected) error { return second(d.Collect(t.Context(), d.staff, d.key(), guardian, n)) }
	d.must(note(shown(1400, refs[0])))
	for _, n := range []Collected{shown(2800, ForAll), shown(1400, refs[0]), shown(1500, refs[1])} {
		if f, _ := fault.As(note(n)); f == nil || f.Fields["for"].Key != "money.owed_changed" || f.Fields["for"].Args[0] != "14" {
			t.Errorf("%s: %v", n.For, f)
		}
	}
	d.must(note(shown(1400, refs[1])))
	d.wants("each once", guardian, "1400/1400 1400/1400 owed 0, credit 0, units 0")
}

// Without an amount a payment is of what its form showed beside the choice, and of nothing where that costs something else by now.
func TestCollectWhatWasShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	guardian, refs := d.family(1, 2)
	for _, tt := range []struct {
		what  string
		shown int
		field string // empty: it is noted
	}{
		{ForAll, 1400, "for"}, {ForAll, 2801, "for"}, {refs[0], 700, "for"}, {refs[0], 2800, "for"}, {refs[0], 1400, ""}, {refs[0], 1400, "for"}, {ForCarnet, 4900, "cents"},
		{ForAll, 2800, "for"}, {ForAll, 1400, ""}, {ForAll, 0, "cents"}, {ForCarnet, 5000, ""},
	} {
		n := cash(0, tt.what)
		n.ShownCents = &tt.shown
		err := second(d.Collect(t.Context(), d.staff, d.key(), guardian, n))
		f, _ := fault.As(err)
		switch {
		case tt.field == "" && err != nil:
			t.Errorf("%s for %d: %v", tt.what, tt.shown, err)
		case tt.field != "" && (f == nil || f.Fields[tt.field].Key == ""):
			t.Errorf("%s for %d: %v, want a word about %s", tt.what, tt.shown, err, tt.field)
		}
	}
	if n := d.number(`SELECT sum(cents) FROM payments`); n != 1400+1400+5000 {
		t.Errorf("%d cents are noted", n)
	}
}

// Two households: what one guardian booked and paid is nothing of the other's.
func TestEachGuardianOwesTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, _ := d.family(1)
	reference, _ := d.book(2, "autre@example.org", "Łukasz")
	two := d.prove(reference)
	d.must(d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO guardianships (guardian_id, child_id) SELECT ?, child_id FROM guardianships WHERE guardian_id = ?`, two, one)
		return err
	}))
	paid := d.collect(one, 1400, ForAll)
	d.wants("who paid", one, "1400/1400 owed 0, credit 0, units 0")
	d.wants("who did not", two, "0/1400 owed 1400, credit 0, units 0")
	if _, err := d.Payment(t.Context(), account.Guardian(two), paid); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the other guardian reads the receipt: %v", err)
	}
	if _, err := d.Payments(t.Context(), account.Guardian(two), one); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the other guardian reads the payments: %v", err)
	}
	if all, err := d.Payments(t.Context(), account.Guardian(one), one); err != nil || len(all) != 1 {
		t.Errorf("own payments: %v, %v", all, err)
	}
}

func TestCollectRefusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	guardian, refs := d.family(1)
	theirs, _ := d.book(2, "autre@example.org", "Łukasz")
	for _, tt := range []struct {
		name, field, key string
		n                Collected
	}{
		{"nothing", "cents", "school_money.payment.cents_wrong", cash(0, ForAll)},
		{"no amount", "cents", "school_money.payment.cents_wrong", cash(-1, ForAll)},
		{"a school's mode", "mode", "school_money.payment.mode_missing", Collected{New: New{Cents: 1, Mode: PassCulture, ReceivedOn: "3/5/2027"}, For: ForAll}},
		{"tomorrow", "received_on", "school_money.payment.day_future", Collected{New: New{Cents: 1, Mode: Cash, ReceivedOn: "4/5/2027"}, For: ForAll}},
		{"a slip in the year", "received_on", "school_money.payment.day_old", Collected{New: New{Cents: 1, Mode: Cash, ReceivedOn: "2/5/2025"}, For: ForAll}},
		{"a card", "reference", "school_money.payment.reference_card", Collected{New: New{Cents: 1, Mode: Cash, Reference: "CB 4242 4242-4242 4242, merci", ReceivedOn: "3/5/2025"}, For: ForAll}},
		{"for nothing", "for", "money.for_missing", cash(1400, "")},
		{"for the booking of others", "for", "money.for_missing", cash(1400, theirs)},
		{"half a carnet", "cents", "money.carnet_price", cash(2500, ForCarnet)},
	} {
		if f, _ := fault.As(second(d.Collect(ctx, d.staff, d.key(), guardian, tt.n))); f == nil || f.Fields[tt.field].Key != tt.key {
			t.Errorf("%s: %v, want %s", tt.name, f, tt.key)
		}
	}
	d.collect(guardian, 1400, refs[0])
	if f, _ := fault.As(second(d.Collect(ctx, d.staff, d.key(), guardian, cash(1400, refs[0])))); f == nil || f.Fields["for"].Key != "money.owed_changed" {
		t.Errorf("paid twice: %v", f)
	}
	if f, _ := fault.As(second(d.Collect(ctx, d.staff, d.key(), guardian, cash(0, "x")))); f == nil || len(f.Fields) != 2 {
		t.Errorf("two mistakes: %v", f)
	}
	for _, role := range []account.Role{account.Facilitator, account.Communication} {
		actor := d.staff
		actor.Role = role
		for name, err := range map[string]error{
			"collect": second(d.Collect(ctx, actor, d.key(), guardian, cash(1, ForAll))), "take back": d.TakeBack(ctx, actor, d.key(), 1, "mistake"), "count": d.Charge(ctx, actor, d.key(), guardian, 1), "uncount": d.Uncharge(ctx, actor, d.key(), guardian, 1),
			"debts": second(d.Debts(ctx, actor, "")), "family": second(d.OfFamily(ctx, actor, guardian)), "session": second(d.OfSession(ctx, actor, 1)),
			"journal": second(d.Journal(ctx, actor, monday, monday, "")), "export": second(d.ExportJournal(ctx, actor, monday, monday, "", "csv")),
		} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s may %s: %v", role, name, err)
			}
		}
	}
	if err := d.TakeBack(ctx, d.staff, d.key(), 1, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("taken back without a reason: %v", err)
	}
	d.must(d.TakeBack(ctx, d.staff, d.key(), 1, "refund"))
	for _, id := range []int64{1, 2} {
		if err := d.TakeBack(ctx, d.staff, d.key(), id, "refund"); !fault.Is(err, fault.Conflict, "money.reversed") {
			t.Errorf("payment %d was taken back again: %v", id, err)
		}
	}
	if err := d.TakeBack(ctx, d.staff, d.key(), 77, "refund"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown payment: %v", err)
	}
	if err := second(d.Collect(ctx, d.staff, d.key(), 777, cash(1, ForAll))); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown family: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// Numbers have no gap in a year and begin anew with the next; a receipt keeps what it said, with the names of those who are erased, for ten
// years after the end of its own.
func TestReceipts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	guardian, refs := d.family(1, 2)
	first := d.collect(guardian, 2000, ForAll)
	if err := second(d.Collect(ctx, d.staff, d.key(), guardian, cash(0, ForAll))); err == nil {
		t.Fatal("nothing was collected")
	}
	d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return numbering.LockAll(tx, 2027, 2027) }))
	if err := second(d.Collect(ctx, d.staff, d.key(), guardian, cash(100, refs[1]))); !fault.Is(err, fault.Conflict, "numbering.locked") {
		t.Errorf("after a restore: %v", err)
	}
	d.must(numbering.NewService(d.db).Release(ctx, d.staff, d.key(), []numbering.Answer{{Series: numbering.Receipt, Year: 2027, Last: "1"}}))
	d.collect(guardian, 100, refs[1])
	d.clock.Set(time.Date(2027, 12, 31, 23, 30, 0, 0, time.UTC)) // half past midnight in Lyon
	d.collect(guardian, 900, ForAll)
	all, err := d.Payments(ctx, account.Guardian(guardian), guardian)
	d.must(err)
	var numbers []string
	for _, p := range all {
		numbers = append(numbers, p.Receipt.Number)
	}
	if !slices.Equal(numbers, []string{"R2028-0001", "R2027-0002", "R2027-0001"}) {
		t.Errorf("numbers = %v", numbers)
	}
	lines := all[0].Receipt.Lines
	if len(lines) != 2 || lines[0].Cents != 700 || lines[0].Workshop != "Robotique – Initiation" || lines[0].Child != "Zoé D'Artagnan-N'Guyen" ||
		lines[0].StartsAt != "2027-05-15T14:00:00+02:00" || lines[1] != (ReceiptLine{Cents: 200}) {
		t.Errorf("lines = %+v", lines)
	}
	d.must(d.TakeBack(ctx, d.staff, d.key(), first, "mistake"))
	d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := booking.EraseGuardian(tx, account.System(), guardian)
		return err
	}))
	p, err := d.Payment(ctx, d.staff, first)
	d.must(err)
	if r := p.Receipt; r.Payer != "Nguyễn Thị Ánh" || r.Reversed != "2028-01-01" || r.Reason != "mistake" || r.TotalCents != 2000 || r.From.Name != "Les Bricodeurs" {
		t.Errorf("receipt = %+v", r)
	}
	if err := second(d.Collect(ctx, d.staff, d.key(), guardian, cash(1, ForAll))); !fault.Is(err, fault.Gone, "money.erased") {
		t.Errorf("who was erased paid: %v", err)
	}
	forget := func(year int) (n int) {
		d.clock.Set(time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC))
		d.must(d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) { n, err = ForgetReceipts(tx); return err }))
		return n
	}
	for _, tt := range []struct{ year, want int }{{2037, 0}, {2038, 2}, {2038, 0}, {2039, 1}} {
		if n := forget(tt.year); n != tt.want {
			t.Errorf("%d receipts went in %d, want %d", n, tt.year, tt.want)
		}
	}
	if p, err = d.Payment(ctx, d.staff, first); err != nil || !p.Receipt.Forgotten() || p.Receipt.Number != "R2027-0001" || p.Receipt.TotalCents != 2000 {
		t.Errorf("what is left: %+v, %v", p, err)
	}
	if n := d.number(`SELECT count(*) FROM receipts WHERE content_hash <> ?`, school.ContentHash("{}")); n != 0 {
		t.Errorf("%d hashes are of something else", n)
	}
}

// The journal has invoices and families together, filters by day and mode, and its totals are the sums of its lines.
func TestJournal(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := t.Context()
	x.must(x.Record(ctx, x.staff, key(), 1, 1, paid(10000)))
	x.exec(`INSERT INTO guardians (id, name, email, email_folded, phone, last_contact_at, created_at) VALUES (1, '=محمد', '', '', '', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`)
	for _, n := range []Collected{cash(1400, ForAll), {New: New{Cents: 5000, Mode: HelloAsso, Reference: "HA-12", ReceivedOn: "1/5/2026"}, For: ForCarnet}} {
		n.ReceivedOn = strings.ReplaceAll(n.ReceivedOn, "3/5/2027", "5/5/2026")
		if _, err := x.Collect(ctx, x.staff, key(), 1, n); err != nil {
			t.Fatal(err)
		}
	}
	x.must(x.TakeBack(ctx, x.staff, key(), 2, "mistake"))
	day := func(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name     string
		from, to int
		mode     Mode
		want     string
		cents    int
	}{
		{"all", 1, 5, "", "R2026-0002 5000 =محمد, F2026-0001 10000 =La Ruche, 李, R2026-0001 1400 =محمد, R2026-0001 -1400 =محمد", 15000},
		{"one day", 1, 4, "", "R2026-0002 5000 =محمد", 5000},
		{"one mode", 1, 5, Cash, "R2026-0001 1400 =محمد, R2026-0001 -1400 =محمد", 0},
		{"none", 2, 3, "", "", 0},
	} {
		j, err := x.ExportJournal(ctx, x.staff, day(tt.from), day(tt.to), tt.mode, "csv")
		x.must(err)
		var told []string
		sum, byMode := 0, 0
		for _, e := range j.Entries {
			told, sum = append(told, e.Paper+" "+amount(e.Cents)+" "+e.Payer), sum+e.Cents
		}
		for _, s := range j.Sums {
			byMode += s.Cents
		}
		if got := strings.Join(told, ", "); got != tt.want || j.Cents != tt.cents || sum != tt.cents || byMode != tt.cents {
			t.Errorf("%s: %s over %d (lines %d, modes %d)", tt.name, got, j.Cents, sum, byMode)
		}
	}
	var logged int
	x.must(x.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM access_log WHERE action = 'payment.export' AND record = 'money:2026-05-01:2026-05-05:csv:4'`).Scan(&logged)
	}))
	if logged != 1 {
		t.Errorf("%d lines in the access log, want 1", logged)
	}
}

func amount(cents int) string {
	if cents < 0 {
		return "-" + amount(-cents)
	}
	return idText(int64(cents))
}

// What families owe is told in all, and looked for by a child's name without accents.
func TestDebts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	guardian, _ := d.family(1, 2)
	_, other := d.book(2, "autre@example.org", "Łukasz")
	_, settled := d.book(3, "tiers@example.org", "محمد")
	d.collect(settled, 1400, ForAll)
	d.collect(settled, 5000, ForCarnet)
	d.clock.Set(time.Date(2027, 5, 8, 18, 0, 0, 0, time.UTC))
	for _, tt := range []struct {
		typed string
		want  []int64
	}{{"", []int64{guardian, other}}, {"lukasz", []int64{other}}, {"ZOE nguyen", []int64{guardian}}, {"tiers", []int64{settled}}, {"personne", nil}} {
		debts, err := d.Debts(t.Context(), d.staff, tt.typed)
		d.must(err)
		var got []int64
		for _, f := range debts.Families {
			got = append(got, f.GuardianID)
		}
		if !slices.Equal(got, tt.want) || debts.Count != 2 || debts.OwedCents != 4200 || debts.DueCents != 1400 || debts.UnitsLeft != 4 || debts.UnitsSold != 4 || debts.More {
			t.Errorf("%q: %+v", tt.typed, debts)
		}
	}
}
