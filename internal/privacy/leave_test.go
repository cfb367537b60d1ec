package privacy_test

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// household is Zoé, who came to a session that is over, with two guardians; the first one, who booked, has left with her, and
// so have the persons named.
func household(t *testing.T) (d *day, families *family.Service, first, second account.Actor, zoe int64) {
	t.Helper()
	d = newDay(t)
	secret, err := account.LoadSecret(t.TempDir())
	d.must(err)
	families = family.NewService(d.db, secret)
	_, first = d.kanari(d.session)
	zoe = int64(d.count(`SELECT id FROM children WHERE first_name = 'Zoé'`))
	now := sqlite.Time(d.clock.Now())
	second = account.Guardian(d.insert(`INSERT INTO guardians (name, email, email_folded, phone, proved_at, last_contact_at, created_at)
		VALUES ('Ánh Nguyễn', 'anh@exemple.fr', 'anh@exemple.fr', '', ?1, ?1, ?1)`, now))
	d.insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, second.ID, zoe)
	d.must(families.SetDeparture(t.Context(), second, d.key(), zoe, true, []string{"Oncle Minh"}))
	d.must(families.SetImage(t.Context(), second, d.key(), zoe, family.Yes, nil))
	d.clock.Set(saturday)
	left := func(by attendance.TakenBy, name string) {
		t.Helper()
		d.mark(d.session, 1, attendance.Left)
		d.insert(`UPDATE marks SET taken_by = ?1, taken_name = ?2, taken_reason = '' WHERE id = (SELECT max(id) FROM marks)`, string(by), name)
	}
	left(attendance.ByGuardian, "Madame Kanarienvogel")
	left(attendance.ByPerson, "PapiKanari")
	left(attendance.ByPerson, "Oncle Minh")
	left(attendance.ByGuardian, "Ánh Nguyễn")
	d.clock.Set(saturday.AddDate(0, 0, 2))
	return d, families, first, second, zoe
}

const taken = `SELECT group_concat(taken_name, ', ' ORDER BY id) FROM marks WHERE taken_by IS NOT NULL AND taken_name <> ''`

// Domain, Family data 5: any refusal of image rights wins, also of a guardian who is in the child's family no more, and no more
// may the child leave alone whom they did not let; what they said besides is gone with them. RGPD-8: so are the names by which
// the register knew them, which the other guardian's own file must not hold either.
func TestWhoLeavesAChildLeavesItsRefusalsAndNoName(t *testing.T) {
	t.Parallel()
	d, families, first, second, zoe := household(t)
	ctx := t.Context()
	d.must(families.SetImage(ctx, first, d.key(), zoe, family.Yes, map[family.Purpose]family.Answer{"image_site": family.Yes}))
	d.must(families.SetImage(ctx, first, d.key(), zoe, family.No, map[family.Purpose]family.Answer{"image_press": family.No}))
	d.must(families.SetDeparture(ctx, first, d.key(), zoe, false, []string{"PapiKanari"}))
	d.must(families.LeaveChild(ctx, first, d.key(), zoe))

	if got, want := d.text(`SELECT group_concat(purpose || ' ' || answer, ', ' ORDER BY purpose) FROM consents WHERE child_id = ? AND guardian_id = ?`, zoe, first.ID),
		"health yes, image no, image_press no, leave_alone no"; got != want {
		t.Errorf("of who left there is %q, want %q", got, want)
	}
	own, err := families.Child(ctx, second, zoe)
	if d.must(err); !own.ImageRefused {
		t.Error("the refusal counts no more")
	}
	if got, want := d.text(taken), "Oncle Minh, Ánh Nguyễn"; got != want {
		t.Errorf("beside marks: %q, want %q", got, want)
	}
	// A mark that was on a tablet without a network while they left.
	d.insert(`INSERT INTO marks (entry_key, participant_id, action, at, recorded_at, author_id, taken_by, taken_name)
		SELECT 'late', participant_id, action, at, recorded_at, author_id, 'guardian', 'Madame Kanarienvogel' FROM marks WHERE id = 1`)
	file, err := d.Export(ctx, second)
	d.must(err)
	if text := exported(file); strings.Contains(text, "Madame") || !strings.Contains(text, "Oncle Minh") {
		t.Error("the other guardian's file: ", text)
	}
	file, err = d.Export(ctx, first)
	d.must(err)
	for _, s := range file.Sections {
		if s.Table == "consents" && strings.Contains(exported(privacy.Dossier{Sections: []privacy.Section{s}}), "Zoé") {
			t.Error("who left reads the name of the child")
		}
	}
	breaches, err := upkeep.Verify(ctx, d.db)
	d.must(err)
	for _, b := range breaches {
		if b.Invariant == "I13" {
			t.Error(b)
		}
	}

	d.must(d.AskErasure(ctx, first, d.key()))
	d.must(d.EraseLinked(ctx, d.key(), d.ErasureLink(d.text(`SELECT payload ->> '$.token' FROM outbox WHERE kind = 'erasure_asked'`))))
	if got, want := d.text(taken), "Oncle Minh, Ánh Nguyễn"; got != want {
		t.Errorf("beside marks, once erased: %q, want %q", got, want)
	}
	if own, err = families.Child(ctx, second, zoe); err != nil || !own.ImageRefused {
		t.Errorf("the refusal of who was erased: %v, %v", own.ImageRefused, err)
	}
}

// RGPD-8: a name that was changed, and a person who was replaced, are beside marks of before; both go with who wrote them, and
// what the other guardian of the child is called by stays.
func TestErasureReachesFormerNames(t *testing.T) {
	t.Parallel()
	d, families, first, _, zoe := household(t)
	ctx := t.Context()
	d.must(families.SetContact(ctx, first, d.key(), "Zoé Neuer-Name", "06 98 76 54 32"))
	d.must(families.SetDeparture(ctx, first, d.key(), zoe, false, []string{"Jemand"}))
	if got, want := d.text(taken), "Madame Kanarienvogel, PapiKanari, Oncle Minh, Ánh Nguyễn"; got != want {
		t.Fatalf("beside marks: %q, want %q: with whom a child left is known as long as the family is", got, want)
	}
	d.must(d.AskErasure(ctx, first, d.key()))
	d.must(d.EraseLinked(ctx, d.key(), d.ErasureLink(d.text(`SELECT payload ->> '$.token' FROM outbox WHERE kind = 'erasure_asked'`))))
	if got, want := d.text(taken), "Oncle Minh, Ánh Nguyễn"; got != want {
		t.Errorf("beside marks: %q, want %q", got, want)
	}
}

// I13: who has neither a child nor a booking can be erased like anybody, and verify finds nothing wrong with what stays, or no copy would be
// made any more.
func TestVerifyKnowsWhoWasErasedWithoutAChild(t *testing.T) {
	t.Parallel()
	d, families, _, second, zoe := household(t)
	ctx := t.Context()
	d.must(families.LeaveChild(ctx, second, d.key(), zoe))
	d.must(d.AskErasure(ctx, second, d.key()))
	d.must(d.EraseLinked(ctx, d.key(), d.ErasureLink(d.text(`SELECT payload ->> '$.token' FROM outbox WHERE kind = 'erasure_asked'`))))
	breaches, err := upkeep.Verify(ctx, d.db)
	d.must(err)
	for _, b := range breaches {
		if b.Invariant == "I13" {
			t.Error(b)
		}
	}
}
