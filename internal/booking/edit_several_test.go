package booking

import (
	"reflect"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Several sessions change together, each on its day and at the same hour on the wall; every booking that moves is told once, and
// larger capacities go to the lists (UX-A2, UX-A5, I11).
func TestEditSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	summer := h.published(heldOn(h.edition(2), "2027-10-27", "14:00", "16:00"))
	winter := h.published(heldOn(h.edition(1), "2027-11-03", "14:00", "16:00"))
	apart := h.published(heldOn(h.edition(1), "2027-11-10", "14:00", "16:00"))
	zoe := h.book(request(summer, "zoe@exemple.fr", "Zoé", "Łukasz"))
	li := h.book(request(winter, "li@exemple.fr", "李"))
	waiting := h.book(joining(winter, "nguyen@exemple.fr", "Nguyễn"))

	key := newKey()
	for range 2 {
		h.must(h.EditSessions(t.Context(), staff, key, []int64{summer, winter}, SessionsChange{Starts: "10:00", Ends: "12:30", Capacity: 3}))
	}
	for session, want := range map[int64]string{summer: "2027-10-27T08:00:00Z 2027-10-27T10:30:00Z 3", winter: "2027-11-03T09:00:00Z 2027-11-03T11:30:00Z 3", apart: "2027-11-10T13:00:00Z 2027-11-10T15:00:00Z 1"} {
		if got := h.text(`SELECT starts_at || ' ' || ends_at || ' ' || capacity FROM sessions WHERE id = ?`, session); got != want {
			t.Errorf("session %d: %s, want %s", session, got, want)
		}
		if n := h.count(`SELECT count(*) FROM sessions WHERE id = ? AND closes_at = starts_at`, session); n != 1 {
			t.Errorf("session %d does not close at its start", session)
		}
	}
	for _, reference := range []string{zoe, li, waiting} {
		if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND payload ->> '$.reference' = ?`, outbox.SessionMoved, reference); n != 1 {
			t.Errorf("%s was told %d times, want once", reference, n)
		}
	}
	h.wantSeats(waiting, "offered")
	h.must(h.EditSessions(t.Context(), staff, newKey(), []int64{apart}, SessionsChange{Starts: "09:30"}))
	if got := h.text(`SELECT starts_at || ' ' || ends_at FROM sessions WHERE id = ?`, apart); got != "2027-11-10T08:30:00Z 2027-11-10T10:30:00Z" {
		t.Errorf("with a start alone: %s", got)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.edit'`); n != 3 {
		t.Errorf("%d audit lines, want one per session (I12)", n)
	}
	h.wantSound()
}

// Another hour leaves alone how a session is priced: with its series, or as the family chooses (issue 7, point 3).
func TestEditSessionsKeepsPricing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	serial := heldOn(h.edition(8), "2027-05-12", "14:00", "16:00")
	serial.PriceCents, serial.Pricing, serial.NewSeries = 5000, catalog.Pricing{Way: catalog.PerSeries}, "Mercredis"
	chosen := heldOn(h.edition(8), "2027-05-19", "14:00", "16:00")
	chosen.PriceCents, chosen.Pricing = 1000, catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}
	ids := []int64{h.published(serial), h.published(chosen)}
	h.must(h.EditSessions(t.Context(), staff, newKey(), ids, SessionsChange{Starts: "10:00"}))
	for i, want := range []catalog.SessionRequest{serial, chosen} {
		v, err := h.catalog.Session(t.Context(), ids[i])
		h.must(err)
		if v.StartsAt.Format(catalog.HourLayout) != "10:00" || v.PriceCents != want.PriceCents || !reflect.DeepEqual(v.Pricing, want.Pricing) {
			t.Errorf("it starts at %s and costs %d, %+v", v.StartsAt.Format(catalog.HourLayout), v.PriceCents, v.Pricing)
		}
	}
}

// Who pays is said of several sessions at once, for the report (UX-A7): out of the association's list, and taken away again; a kind that
// has left the list since stays where it is.
func TestEditSessionsFunding(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := []int64{h.published(heldOn(h.edition(8), "2027-05-12", "14:00", "16:00")), h.published(heldOn(h.edition(8), "2027-05-19", "14:00", "16:00"))}
	err := h.EditSessions(t.Context(), staff, newKey(), ids, SessionsChange{Funding: "Métropole de Lyon"})
	if f, known := fault.As(err); !known || f.Fields["funding"].Key != "catalog.schedule.hindered" {
		t.Fatalf("a funding that is on no list: %v", err)
	}
	h.exec(`INSERT INTO settings (name, value) VALUES ('own_fundings', 'Métropole de Lyon')`)
	h.must(h.EditSessions(t.Context(), staff, newKey(), ids, SessionsChange{Funding: "Métropole de Lyon"}))
	h.exec(`UPDATE settings SET value = 'CAF' WHERE name = 'own_fundings'`)
	h.must(h.EditSessions(t.Context(), staff, newKey(), ids, SessionsChange{Starts: "10:00"}))
	if n := h.count(`SELECT count(*) FROM sessions WHERE funding = 'Métropole de Lyon'`); n != 2 {
		t.Errorf("%d sessions are funded, want 2", n)
	}
	h.must(h.EditSessions(t.Context(), staff, newKey(), ids[:1], SessionsChange{Funding: NoFunding}))
	h.must(h.EditSessions(t.Context(), staff, newKey(), ids[1:], SessionsChange{Funding: "cite_educative"}))
	if got := h.text(`SELECT group_concat(funding, '|') FROM sessions WHERE id IN (?, ?)`, ids[0], ids[1]); got != "|cite_educative" {
		t.Errorf("fundings are %q", got)
	}
}

// Who is replaced while the hour changes is neither told of it nor in its way, though a group was promised them then; who comes is
// told once, with the new hour (UX-A5).
func TestEditSessionsHourAndLeader(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for id, name := range map[int64]string{97: "Aïcha", 98: "李"} {
		h.exec(`INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at)
			VALUES (?1, ?1 || '@exemple.fr', ?1 || '@exemple.fr', ?2, 'facilitator', '', '2027-05-01T00:00:00Z')`, id, name)
	}
	venue, err := h.catalog.CreateVenue(t.Context(), staff, newKey(), catalog.Venue{Name: "École", Address: "1 rue Neuve",
		Postcode: "69001", City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	h.must(err)
	elsewhere := heldOn(h.edition(12), "2027-05-08", "10:00", "12:00")
	elsewhere.VenueID = venue
	group, session := h.published(elsewhere), h.session(12)
	h.private(group)
	for _, id := range []int64{group, session} {
		h.must(h.catalog.Assign(t.Context(), staff, newKey(), id, 97))
	}
	h.must(h.EditSessions(t.Context(), staff, newKey(), []int64{session}, SessionsChange{Starts: "10:30", Facilitator: 98}))
	if got := h.text(`SELECT group_concat(user_id) FROM session_facilitators WHERE session_id = ?`, session); got != "98" {
		t.Errorf("%s lead it", got)
	}
	if got := h.text(`SELECT group_concat(kind || ' ' || recipient || ' ' || (payload ->> '$.session.starts_at'), ', ') FROM outbox
		WHERE kind IN (?, ?)`, outbox.SessionChanged, outbox.SessionAssigned); got != "session_assigned 98@exemple.fr 2027-05-08T08:30:00Z" {
		t.Errorf("mails: %s", got)
	}
	// Who led it already is told of the change, and of nothing else.
	h.must(h.EditSessions(t.Context(), staff, newKey(), []int64{session}, SessionsChange{Starts: "15:00", Facilitator: 98}))
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND recipient = '98@exemple.fr'`, outbox.SessionChanged); n != 1 {
		t.Errorf("who stays was told of the change %d times, want once", n)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SessionAssigned); n != 1 {
		t.Errorf("%d mails say who leads, want 1", n)
	}
	h.wantSound()
}

// What is refused for one is refused for all, and the sessions are named.
func TestEditSessionsAllOrNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	full := h.published(heldOn(h.edition(3), "2027-05-12", "14:00", "16:00"))
	empty := h.published(heldOn(h.edition(3), "2027-05-19", "14:00", "16:00"))
	h.book(request(full, "zoe@exemple.fr", "Zoé", "Łukasz", "李"))
	both := []int64{empty, full}
	err := h.EditSessions(t.Context(), staff, newKey(), both, SessionsChange{Capacity: 2})
	f, _ := fault.As(err)
	if f == nil || f.Fields["capacity"].Key != "catalog.schedule.capacity_taken" {
		t.Fatalf("got %v", err)
	}
	named, _ := f.Fields["capacity"].Args[0].([]time.Time)
	if len(named) != 1 || sqlite.Time(named[0]) != "2027-05-12T12:00:00Z" {
		t.Errorf("it names %v", f.Fields["capacity"].Args)
	}
	for _, tt := range []struct {
		name   string
		ids    []int64
		change SessionsChange
		field  string
		key    string
	}{
		{"nothing chosen", nil, SessionsChange{Capacity: 5}, "sessions", "catalog.schedule.none"},
		{"nothing changed", both, SessionsChange{}, "sessions", "catalog.schedule.no_change"},
		{"no hour", both, SessionsChange{Starts: "midi"}, "starts", "catalog.schedule.hindered"},
		{"ends before it begins", both, SessionsChange{Ends: "13:00"}, "ends", "catalog.schedule.hindered"},
		{"no seats", both, SessionsChange{Capacity: -1}, "capacity", "catalog.number"},
		{"no venue", both, SessionsChange{VenueID: 77}, "venue", "catalog.schedule.hindered"},
		{"nobody", both, SessionsChange{Facilitator: 777}, "facilitator", "catalog.schedule.hindered"},
	} {
		f, _ := fault.As(h.EditSessions(t.Context(), staff, newKey(), tt.ids, tt.change))
		if f == nil || f.Kind != fault.Invalid || f.Fields[tt.field].Key != tt.key {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
	h.must(h.CancelSession(t.Context(), staff, newKey(), full, ""))
	wantFault(t, h.EditSessions(t.Context(), staff, newKey(), both, SessionsChange{Starts: "10:00"}), fault.Conflict, "catalog.schedule.hindered")
	if err := h.EditSessions(t.Context(), account.Guest(), newKey(), both, SessionsChange{Starts: "10:00"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a guest: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM sessions WHERE ends_at <> strftime('%Y-%m-%dT14:00:00Z', starts_at) OR capacity <> 3`); n != 0 {
		t.Errorf("%d sessions were changed all the same", n)
	}
}
