package school

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// kinds are those of the events that somebody reads.
func (o *office) kinds(id int64, withNotes bool) (all []string) {
	o.t.Helper()
	read := func() (Status, error) { return o.Desk(o.t.Context(), account.Command(), id) }
	if !withNotes {
		r := o.read(id)
		read = func() (Status, error) {
			return o.Status(o.t.Context(), o.Sign(LinkContact, r.Reference, r.LinkVersion))
		}
	}
	status, err := read()
	o.must(err)
	for _, e := range status.Events {
		all = append(all, e.Kind)
	}
	return all
}

// What the team notes among itself is read by nobody else, and said to nobody but who gets the request.
func TestFollow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	zoe, lukasz, comms := o.user("Zoé", account.Staff), o.user("Łukasz", account.Admin), o.user("محمد", account.Communication)
	r := o.asked(Received, nil)
	var mailbox string
	o.scan(&mailbox, "SELECT email FROM users WHERE id = ?", lukasz.ID)

	o.must(o.AddNote(ctx, zoe, o.key(), r.ID, nil, " Rappeler Mme Nguyễn \n"))
	key := o.key()
	for range 2 {
		o.must(o.Assign(ctx, zoe, key, r.ID, nil, lukasz.ID))
	}
	o.must(o.Plan(ctx, zoe, o.key(), r.ID, nil, "Appeler l'école", "5 mai 2026"))
	if got := o.read(r.ID); got.AssignedTo != lukasz.ID || got.NextAction != "Appeler l'école" || got.NextActionOn != "2026-05-05" {
		t.Errorf("request = %+v", got)
	}
	if n := o.told(outbox.RequestNews, mailbox); n != 1 {
		t.Errorf("%d messages to who was given the request, want 1", n)
	}
	if got := o.kinds(r.ID, true); len(got) != 3 {
		t.Errorf("the team reads %v", got)
	}
	if got := o.kinds(r.ID, false); len(got) != 0 {
		t.Errorf("the contact reads %v", got)
	}

	// Taken by oneself, given back, the plan taken away: nobody is told.
	before := o.count("SELECT count(*) FROM outbox")
	o.must(o.Assign(ctx, zoe, o.key(), r.ID, nil, zoe.ID))
	o.must(o.Assign(ctx, zoe, o.key(), r.ID, nil, 0))
	o.must(o.Plan(ctx, zoe, o.key(), r.ID, nil, "", ""))
	if got := o.read(r.ID); got.AssignedTo != 0 || got.NextAction != "" || got.NextActionOn != "" {
		t.Errorf("request = %+v", got)
	}
	if n := o.count("SELECT count(*) FROM outbox"); n != before {
		t.Errorf("%d messages too many", n-before)
	}
	if n := o.count("SELECT count(*) FROM audit WHERE record = ?", record("request", r.ID)); n != 6 {
		t.Errorf("%d audit lines, want 6", n)
	}

	for name, err := range map[string]error{
		"an empty note":        o.AddNote(ctx, zoe, o.key(), r.ID, nil, " "),
		"to communication":     o.Assign(ctx, zoe, o.key(), r.ID, nil, comms.ID),
		"a day without action": o.Plan(ctx, zoe, o.key(), r.ID, nil, "", "5/5/2026"),
		"a past day":           o.Plan(ctx, zoe, o.key(), r.ID, nil, "Appeler", "3/5/2026"),
		"no day":               o.Plan(ctx, zoe, o.key(), r.ID, nil, "Appeler", "bientôt"),
		"by communication":     o.AddNote(ctx, comms, o.key(), r.ID, nil, "Note"),
		"about nothing":        o.AddNote(ctx, zoe, o.key(), 987654, nil, "Note"),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.asked(Received, nil)
	o.must(o.Answer(t.Context(), account.Command(), o.key(), r.ID, nil, "Avez-vous un vidéoprojecteur ?"))
	if n := o.told(outbox.RequestAnswered, r.Contact.Email); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	if got := o.read(r.ID); got.State != Received || got.WaitingSince.IsZero() {
		t.Errorf("a word changed the state to %s, waiting since %v", got.State, got.WaitingSince)
	}
	o.wantFault(o.Answer(t.Context(), account.Command(), o.key(), r.ID, nil, ""), "error.invalid")
	gone := o.asked(Closed, map[string]any{"contact_email": ""})
	o.wantFault(o.Answer(t.Context(), account.Command(), o.key(), gone.ID, nil, "Bonjour"), "school.forgotten")
}

// Another address revokes every link that went to the wrong one (SEC-9).
func TestEditContact(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	r := o.asked(Received, nil)
	old := o.Sign(LinkContact, r.Reference, r.LinkVersion)
	c := r.Contact
	c.Name, c.Phone = "李 Łucja", "04 72 00 00 00"
	o.must(o.EditContact(ctx, account.Command(), o.key(), r.ID, c))
	if _, err := o.Status(ctx, old); err != nil {
		t.Errorf("another name closed the link: %v", err)
	}
	c.Email = "direction@ecole.exemple.fr"
	o.must(o.EditContact(ctx, account.Command(), o.key(), r.ID, c))
	if _, err := o.Status(ctx, old); err == nil {
		t.Error("the link sent to the wrong address still opens the request")
	}
	got := o.read(r.ID)
	if got.Contact != c || got.LinkVersion != r.LinkVersion+1 {
		t.Errorf("request = %+v", got)
	}
	if _, err := o.Status(ctx, o.Sign(LinkContact, got.Reference, got.LinkVersion)); err != nil {
		t.Errorf("the new link: %v", err)
	}
	if n := o.told(outbox.RequestLinked, c.Email); n != 1 {
		t.Errorf("%d messages to the right address, want 1", n)
	}
	if n := o.count("SELECT count(*) FROM outbox WHERE recipient = ?", r.Contact.Email); n != 0 {
		t.Errorf("%d messages to the wrong address", n)
	}
	c.Email = ""
	o.wantFault(o.EditContact(ctx, account.Command(), o.key(), r.ID, c), "error.invalid")
}
