package school

import (
	"context"

	"bytes"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"os"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// keeps reports whether the files of the database hold a text anywhere.
func (o *office) keeps(text string) bool {
	o.t.Helper()
	o.must(o.db.Checkpoint(o.t.Context()))
	for _, file := range []string{o.db.Path(), o.db.Path() + "-wal"} {
		raw, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			o.t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text)) {
			return true
		}
	}
	return false
}

// Three years after the end nothing in the file tells who asked, nor what was written; a quote keeps its own names (RGPD-10).
func TestForgetContacts(t *testing.T) {
	t.Parallel()
	const canary = "Kanarienvogel"
	o := newOffice(t)
	ctx := t.Context()
	r := o.asked(Received, map[string]any{
		"contact_name": canary + " Nguyễn", "contact_role": canary, "contact_email": "k@" + canary + ".example", "contact_phone": canary,
		"wish": canary, "aim": canary, "period": canary, "room": canary, "equipment": canary, "accessibility": canary, "message": canary,
		"adage_reference": canary,
	})
	o.payer(r.ID)
	o.write("UPDATE payers SET contact_name = ?1, contact_email = ?1, contact_phone = ?1", canary)
	o.must(o.AddNote(ctx, account.Command(), o.key(), r.ID, nil, canary))
	o.must(o.Plan(ctx, account.Command(), o.key(), r.ID, nil, canary, ""))
	o.must(o.Answer(ctx, account.Command(), o.key(), r.ID, nil, canary))
	o.must(o.Decline(ctx, account.Command(), o.key(), r.ID, canary))
	o.write("INSERT INTO feedbacks (request_id, rating, comment, given_at) VALUES (?, 3, ?, '2026-05-04T12:00:00Z')", r.ID, canary)
	// The outbox empties its own rows, a month after sending.
	o.write("DELETE FROM outbox")
	o.write(`INSERT INTO quotes (request_id, version, year, number, state, lines, content, content_hash, issued_at, created_at, updated_at)
		VALUES (?, 1, 2026, 1, 'refused', '[]', '{"contact": "Łucja"}', 'x', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`, r.ID)
	link := o.Sign(LinkContact, r.Reference, r.LinkVersion)

	o.clock.Set(testNow.AddDate(3, 0, 0).Add(-time.Second))
	o.forget(ForgetContacts)
	if !o.keeps(canary) {
		t.Fatal("the contact went too early")
	}
	o.clock.Set(testNow.AddDate(3, 0, 0))
	for range 2 {
		o.forget(ForgetContacts)
	}
	if o.keeps(canary) {
		t.Error("the file still tells who asked, or what was written")
	}
	if !o.keeps("Łucja") {
		t.Error("the quote lost its names")
	}
	if _, err := o.Status(ctx, link); err == nil {
		t.Error("the link of a forgotten contact still opens the request")
	}
	if got := o.read(r.ID); got.Children != 24 || got.Organisation.Name == "" {
		t.Errorf("what counts is gone: %+v", got)
	}
	if n := o.count("SELECT count(*) FROM audit WHERE action = 'request.forget'"); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
}

// A request that goes on keeps its contact; one that nobody has touched for so long does not.
func TestForgetContactsOfWhatIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	alive := o.asked(Agreed, map[string]any{"state_since": "2023-01-01T00:00:00Z", "updated_at": "2026-05-01T00:00:00Z"})
	idle := o.asked(Proposed, map[string]any{"updated_at": "2023-05-04T12:00:00Z"})
	o.forget(ForgetContacts)
	if o.read(alive.ID).Contact.Name == "" || o.read(idle.ID).Contact.Name != "" {
		t.Error("the wrong contact was forgotten")
	}
}

// forget runs a step of the retention until nothing is left.
func (o *office) forget(step func(*sqlite.Tx) (int, error)) {
	o.t.Helper()
	for n := 1; n > 0; {
		o.must(o.db.Write(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
			n, err = step(tx)
			return err
		}))
	}
}
