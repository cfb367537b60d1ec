package family

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// home is a database of its own for families.
type home struct {
	t     *testing.T
	db    *sqlite.DB
	clock *sqlitetest.Clock
}

func newHome(t *testing.T) *home {
	t.Helper()
	clock := sqlitetest.NewClock(time.Date(2027, 5, 3, 8, 0, 0, 0, time.UTC))
	return &home{t: t, db: sqlitetest.NewAt(t, clock.Now), clock: clock}
}

func (h *home) write(do func(tx *sqlite.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) }); err != nil {
		h.t.Fatal(err)
	}
}

// guardian adds a guardian with one child, ten minutes after the last.
func (h *home) guardian(g NewGuardian, c NewChild) (guardianID, childID int64) {
	h.t.Helper()
	h.clock.Advance(10 * time.Minute)
	h.write(func(tx *sqlite.Tx) (err error) {
		if guardianID, err = AddGuardian(tx, g); err != nil {
			return err
		}
		childID, err = AddChild(tx, guardianID, c)
		return err
	})
	return guardianID, childID
}

func (h *home) prove(guardianID int64) (known int64) {
	h.t.Helper()
	h.write(func(tx *sqlite.Tx) (err error) {
		known, err = Prove(tx, guardianID)
		return err
	})
	return known
}

func (h *home) text(query string, args ...any) (s string) {
	h.t.Helper()
	err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&s) })
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

var zoe = NewChild{FirstName: "Zoé", LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC),
	Health: Health{State: HealthNone}, Image: Later}

// TestProve: the first to prove an address is its family; others of the same address learn who that is, and
// whoever wrote none never meets another who wrote none.
func TestProve(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	first, _ := h.guardian(NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Language: "fr"}, zoe)
	second, _ := h.guardian(NewGuardian{Name: "Łukasz", Email: " ZOE@exemple.fr", Language: "fr"}, zoe)
	other, _ := h.guardian(NewGuardian{Name: "李", Email: "li@exemple.fr", Language: "fr"}, zoe)
	phoneA, _ := h.guardian(NewGuardian{Name: "محمد", Language: "fr"}, zoe)
	phoneB, _ := h.guardian(NewGuardian{Name: "محمد", Language: "fr"}, zoe)
	// U+212A lowers to k: it must not unite two mailboxes.
	kelvin, _ := h.guardian(NewGuardian{Name: "K", Email: "\u212Aim@exemple.fr", Language: "fr"}, zoe)
	kim, _ := h.guardian(NewGuardian{Name: "Kim", Email: "kim@exemple.fr", Language: "fr"}, zoe)
	for _, step := range []struct{ guardian, known int64 }{
		{first, 0}, {first, 0}, {second, first}, {second, first}, {other, 0}, {phoneA, 0}, {phoneB, 0}, {kelvin, 0}, {kim, 0},
	} {
		if known := h.prove(step.guardian); known != step.known {
			t.Errorf("Prove(%d) = %d, want %d", step.guardian, known, step.known)
		}
	}
	if got := h.text(`SELECT group_concat(id || coalesce(' ' || proved_at, ''), ', ' ORDER BY id) FROM guardians WHERE email_folded = 'zoe@exemple.fr'`); got != "1 2027-05-03T09:10:00Z, 2" {
		t.Errorf("guardians = %s", got)
	}
	if got := h.text(`SELECT count(*) FROM audit WHERE action = 'family.prove'`); got != "6" {
		t.Errorf("%s audit lines, want 6", got)
	}
}

// TestMergeHealth: no merge loses what somebody described, nor takes « to ask » for an answer (Family data 2, 6).
func TestMergeHealth(t *testing.T) {
	t.Parallel()
	none, refused, toAsk := Health{State: HealthNone}, Health{State: HealthRefused}, Health{State: HealthToAsk}
	described := func(text string) Health { return Health{State: HealthDescribed, Text: text} }
	eggs, nuts, more := described("Œufs"), described("Arachides"), described("Arachides, trousse dans le sac")
	tests := []struct {
		name                 string
		older, newer         Health
		newerJoins, oldJoins Health // what the family's record says when the newer, or the older, is the guest's
	}{
		{"a new allergy", none, nuts, nuts, nuts},
		{"another allergy", eggs, nuts, described("Œufs\nArachides"), described("Arachides\nŒufs")},
		{"the same in more words", nuts, more, more, more},
		{"an allergy is not forgotten", nuts, none, nuts, nuts},
		{"nor when nothing more is said", nuts, refused, nuts, nuts},
		{"to ask is no answer", none, toAsk, none, none},
		{"to ask is answered", toAsk, none, none, none},
		{"to ask keeps an allergy", nuts, toAsk, nuts, nuts},
	}
	for _, tt := range tests {
		for _, newerIsGuest := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				h := newHome(t)
				with := func(health Health) NewChild {
					c := zoe
					c.Health = health
					return c
				}
				known, knownChild := h.guardian(NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Language: "fr"}, with(tt.older))
				guest, guestChild := h.guardian(NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Language: "fr"}, with(tt.newer))
				want := tt.newerJoins
				if !newerIsGuest {
					known, knownChild, guest, guestChild = guest, guestChild, known, knownChild
					want = tt.oldJoins
				}
				h.write(func(tx *sqlite.Tx) error {
					if err := MergeChild(tx, guestChild, knownChild, known); err != nil {
						return err
					}
					return MergeGuardian(tx, guest, known, false)
				})
				if got := h.text(`SELECT health_state || ' ' || health_text FROM children`); got != string(want.State)+" "+want.Text {
					t.Errorf("newer is the guest %v: health = %s, want %v", newerIsGuest, got, want)
				}
			})
		}
	}
}

// TestMergeGuardian: children, pick-up persons, consents and messages change hands; the newer contacts win.
func TestMergeGuardian(t *testing.T) {
	t.Parallel()
	older := NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Phone: "06 11 11 11 11", EmergencyName: "Mamie Jeanne", EmergencyPhone: "01 11 11 11 11", Language: "fr"}
	newer := NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Phone: "07 22 22 22 22", Language: "fr"}
	for _, newerIsGuest := range []bool{true, false} {
		h := newHome(t)
		lukasz := zoe
		lukasz.FirstName, lukasz.PickupPersons = "Łukasz", []string{"محمد"}
		known, _ := h.guardian(older, lukasz)
		guest, _ := h.guardian(newer, lukasz)
		if !newerIsGuest {
			known, guest = guest, known
		}
		h.write(func(tx *sqlite.Tx) error {
			return outbox.Add(tx, outbox.Message{Kind: outbox.BookingConfirmed, Language: "fr", To: "zoe@exemple.fr", GuardianID: guest, Payload: outbox.Booking{}})
		})
		h.clock.Advance(time.Hour)
		h.write(func(tx *sqlite.Tx) error { return MergeGuardian(tx, guest, known, false) })
		if got := h.text(`SELECT group_concat(phone || '|' || emergency_name || '|' || emergency_phone || '|' || last_contact_at) FROM guardians`); got != "07 22 22 22 22|||2027-05-03T09:20:00Z" {
			t.Errorf("newer is the guest %v: guardians = %s", newerIsGuest, got)
		}
		if got := h.text(`SELECT (SELECT count(*) FROM guardianships WHERE guardian_id = ?1) || (SELECT count(*) FROM pickup_persons WHERE guardian_id = ?1) ||
			(SELECT count(*) FROM consents WHERE guardian_id = ?1) || (SELECT count(*) FROM outbox WHERE guardian_id = ?1)`, known); got != "2241" {
			t.Errorf("children, pick-up persons, consents, messages = %s, want 2, 2, 4, 1", strings.Join(strings.Split(got, ""), ", "))
		}
	}
}

// TestSameChildren pairs by name, however it is written, and birth date; each of the guest's children once.
func TestSameChildren(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	known, knownZoe := h.guardian(NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Language: "fr"}, zoe)
	shouted := zoe
	shouted.FirstName, shouted.LastName = "ZOE", "D’ARTAGNAN-N’GUYEN"
	guest, guestZoe := h.guardian(NewGuardian{Name: "Nguyễn", Email: "zoe@exemple.fr", Language: "fr"}, shouted)
	twin := zoe
	twin.FirstName = "李"
	younger := zoe
	younger.BirthDate = younger.BirthDate.AddDate(0, 0, 1)
	var pairs []SameChild
	h.write(func(tx *sqlite.Tx) error {
		for _, add := range []struct {
			guardian int64
			child    NewChild
		}{{guest, twin}, {guest, younger}, {known, zoe}} {
			if _, err := AddChild(tx, add.guardian, add.child); err != nil {
				return err
			}
		}
		var err error
		pairs, err = SameChildren(tx, guest, known)
		return err
	})
	if len(pairs) != 1 || pairs[0] != (SameChild{Guest: guestZoe, Known: knownZoe}) {
		t.Errorf("pairs = %+v, want %d with %d", pairs, guestZoe, knownZoe)
	}
}
