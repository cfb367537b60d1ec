package school

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// writeFacts stands in for the pages, which know the words.
func writeFacts(f AgreementFacts) (map[string]string, error) {
	return map[string]string{"organisme": f.Request.Organisation.Name, "contact": f.Request.Contact.Name, "association": f.Association.Name, "date": f.Date}, nil
}

// The text that a new installation begins with is right, and says what an agreement has to say.
func TestUsualAgreement(t *testing.T) {
	t.Parallel()
	if problems := CheckAgreement(usualAgreement); len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, want := range []string{
		"Objet", "Dates et lieu", "Engagements de l'association", "Engagements de l'organisme", "adulte responsable", "autorisation du chef d'établissement",
		"Conditions financières", "Droit à l'image", "Données personnelles", "nom des élèves", "assurée", "annulation",
	} {
		if !strings.Contains(usualAgreement, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	used := prose.Fields(usualAgreement)
	for _, name := range used {
		if !strings.Contains(strings.Join(agreementFields, " "), name) {
			t.Errorf("unknown field %s", name)
		}
	}
}

// UX-S5: a text with a field that does not exist is refused with its name and line; nothing is stored.
func TestSaveAgreementText(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	staff := o.user("Łukasz", account.Staff)
	save := func(actor account.Actor, text string) error {
		return o.SaveAgreementText(t.Context(), actor, o.key(), text)
	}
	for _, c := range []struct {
		text, key string
		line      int
	}{
		{"# Convention\n\n{{organisme}} et {{zoé}}", "prose.unknown_field", 3},
		{"un\n\n<b>", "prose.html", 3},
		{"{{organisme}", "prose.brace", 1},
		{"Entre nous, sans titre", "school_papers.no_title", 1},
		{"#\n\nEntre nous", "school_papers.no_title", 1},
	} {
		f, ok := fault.As(save(staff, c.text))
		if !ok || f.Kind != fault.Invalid || f.Fields["text"].Key != "school_papers.at_line" || f.Fields["text"].Args[0] != c.line ||
			f.Fields["text"].Args[1].(fault.Message).Key != c.key {
			t.Errorf("%q: %+v", c.text, f)
		}
	}
	if n := o.count("SELECT count(*) FROM settings"); n != 0 {
		t.Errorf("%d settings stored", n)
	}
	if f, ok := fault.As(save(staff, "# "+strings.Repeat("a", 40_000))); !ok || f.Fields["text"].Key != "settings.too_long" {
		t.Errorf("too long: %v", f)
	}
	o.wantFault(save(o.user("Zoé", account.Facilitator), "un"), "error.forbidden")

	if err := save(staff, "# À nous\r\n\r\n{{organisme}}"); err != nil {
		t.Fatal(err)
	}
	if text, own, err := o.AgreementText(t.Context(), staff); err != nil || !own || text != "# À nous\n\n{{organisme}}" {
		t.Errorf("%q, %v, %v", text, own, err)
	}
	if n := o.count("SELECT count(*) FROM audit WHERE action = 'settings.set' AND record = 'setting:agreement_text'"); n != 1 {
		t.Errorf("%d lines in the audit", n)
	}
	if err := save(staff, "  "); err != nil {
		t.Fatal(err)
	}
	if text, own, err := o.AgreementText(t.Context(), staff); err != nil || own || text != usualAgreement {
		t.Errorf("not the usual text again: %v, %v", own, err)
	}
}

// An agreement is issued once for a form, in one transaction with its event, its audit line and its message; the next
// version replaces it and both stay readable, word for word.
func TestIssueAgreement(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	staff := o.user("Łukasz", account.Staff)
	hostile := "École « **x** # {{total}} <b> »"
	r := o.asked(Accepted, nil)
	o.write("UPDATE organisations SET name = ? WHERE id = ?", hostile, r.Organisation.ID)
	if err := o.SaveAgreementText(t.Context(), staff, o.key(), "# Convention\n\n**{{organisme}}** {{contact}} {{dates}}"); err != nil {
		t.Fatal(err)
	}
	key := o.key()
	first, err := o.IssueAgreement(t.Context(), staff, key, r.ID, writeFacts)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.IssueAgreement(t.Context(), staff, key, r.ID, writeFacts); err != nil || again != first {
		t.Fatalf("the same form again: %d, %v", again, err)
	}
	if n := o.told(outbox.RequestAgreement, "zoe@ecole.exemple.fr"); n != 1 {
		t.Errorf("%d messages", n)
	}
	if n := o.count("SELECT count(*) FROM request_events WHERE request_id = ? AND kind = 'agreement'", r.ID); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := o.count("SELECT count(*) FROM audit WHERE action = 'agreement.issue'"); n != 1 {
		t.Errorf("%d lines in the audit", n)
	}
	if r = o.read(r.ID); !r.WaitingSince.IsZero() || r.State != Accepted {
		t.Errorf("it is the team's turn in state %s", r.State)
	}
	if err := o.SaveAgreementText(t.Context(), staff, o.key(), "# Tout autre chose"); err != nil {
		t.Fatal(err)
	}
	second, err := o.IssueAgreement(t.Context(), staff, o.key(), r.ID, writeFacts)
	if err != nil {
		t.Fatal(err)
	}
	all, err := o.Agreements(t.Context(), o.Sign(LinkContact, r.Reference, 1))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	if all[0].ID != second || all[0].Version != 2 || all[0].State != AgreementIssued || all[1].State != AgreementReplaced || all[0].IssuedBy != "Łukasz" {
		t.Errorf("got %+v", all)
	}
	want := prose.Document{
		{Kind: prose.Heading, Level: 1, Text: []prose.Run{{Text: "Convention"}}},
		{Kind: prose.Paragraph, Text: []prose.Run{{Text: hostile, Bold: true}, {Text: " Zoé D'Artagnan-N'Guyen …………"}}},
	}
	if !reflect.DeepEqual(all[1].Paper.Text, want) || all[1].Paper.Title() != "Convention" {
		t.Errorf("the first version says %+v", all[1].Paper.Text)
	}
	if n := o.count("SELECT count(*) FROM agreements WHERE json_valid(content) AND length(content_hash) = 64"); n != 2 {
		t.Errorf("%d of 2 are frozen", n)
	}
}

// Signing by the contact, confirmed from the mailbox: signed, agreed, and both sides are told; the version that counts
// knows who signed.
func TestSignAgreement(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	staff := o.user("Łukasz", account.Staff)
	r := o.asked(Accepted, nil)
	id, err := o.IssueAgreement(t.Context(), staff, o.key(), r.ID, writeFacts)
	if err != nil {
		t.Fatal(err)
	}
	visit := Visit{Party: ByContact, Link: o.Sign(LinkContact, r.Reference, 1)}
	if a, err := o.AgreementToSign(t.Context(), visit, id); err != nil || a.Paper.Title() != "Convention d'intervention" {
		t.Errorf("title %q, %v", a.Paper.Title(), err)
	}
	_, err = o.AgreementToSign(t.Context(), Visit{Party: ByPayer, Link: visit.Link}, id)
	o.wantFault(err, "error.not_found")
	_, err = o.AgreementToSign(t.Context(), visit, id+1)
	o.wantFault(err, "error.not_found")

	stated, err := o.Accept(t.Context(), o.key(), visit, Subject{Agreement: id}, Statement{Name: "Ánh Nguyễn", Role: "Directrice", StatedOn: "4/5/2026", Agreed: true})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := o.DeskAgreements(t.Context(), staff, r.ID); err != nil || all[0].Signed.ID != 0 || all[0].State != AgreementIssued {
		t.Errorf("signed before it was confirmed: %+v, %v", all, err)
	}
	if err := o.Confirm(t.Context(), o.key(), stated, o.SignConfirmation(stated, 1)); err != nil {
		t.Fatal(err)
	}
	all, err := o.DeskAgreements(t.Context(), staff, r.ID)
	if err != nil || all[0].State != AgreementSigned || all[0].Signed.Name != "Ánh Nguyễn" {
		t.Errorf("got %+v, %v", all, err)
	}
	if r = o.read(r.ID); r.State != Agreed {
		t.Errorf("state %s", r.State)
	}
	if o.told(outbox.RequestAgreed, "zoe@ecole.exemple.fr") != 1 {
		t.Error("the contact is not told")
	}
}

// What cannot be issued is refused with its reason: too early, too late, by who may not, with a text that was right
// once and is not any more.
func TestAgreementsThatCannotBeIssued(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	staff := o.user("Łukasz", account.Staff)
	issue := func(actor account.Actor, id int64) error {
		_, err := o.IssueAgreement(t.Context(), actor, o.key(), id, writeFacts)
		return err
	}
	for _, state := range States() {
		if state != Accepted {
			o.wantFault(issue(staff, o.asked(state, nil).ID), "school_papers.not_now")
		}
	}
	r := o.asked(Accepted, nil)
	o.wantFault(issue(o.user("Inès", account.Communication), r.ID), "error.forbidden")
	o.wantFault(issue(staff, 987654), "error.not_found")
	o.write("INSERT INTO settings (name, value) VALUES ('agreement_text', '{{ancien}}')")
	o.wantFault(issue(staff, r.ID), "school_papers.text_wrong")
	w, err := o.AgreementWork(t.Context(), staff, r.ID, writeFacts)
	if err != nil || w.CanIssue() || len(w.Problems) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := o.AgreementWork(t.Context(), o.user("Ali", account.Facilitator), r.ID, writeFacts); !fault.Is(err, fault.Forbidden, "error.forbidden") {
		t.Errorf("a facilitator: %v", err)
	}
	if n := o.count("SELECT count(*) FROM agreements"); n != 0 {
		t.Errorf("%d agreements", n)
	}
}

// The preview names the fields that have no value yet, and takes its facts from the request as it stands.
func TestAgreementWork(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.asked(Accepted, nil)
	var facts AgreementFacts
	w, err := o.AgreementWork(t.Context(), o.user("Inès", account.Communication), r.ID, func(f AgreementFacts) (map[string]string, error) {
		facts = f
		return writeFacts(f)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !w.CanIssue() || !strings.Contains(strings.Join(w.Empty, " "), "dates") || strings.Contains(strings.Join(w.Empty, " "), "organisme ") {
		t.Errorf("%v, %v", w.Problems, w.Empty)
	}
	if facts.Date != "2026-05-04" || facts.Association.Name != "Les Bricodeurs" || facts.Quote != "" || facts.Payer != "" || facts.Request.ID != r.ID {
		t.Errorf("%+v", facts)
	}
	err = o.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, _, _, err := draftAgreement(tx, r, func(AgreementFacts) (map[string]string, error) { return nil, context.Canceled })
		return err
	})
	if err != context.Canceled {
		t.Errorf("the error of writing facts is lost: %v", err)
	}
}

// What waits for a signature must be true: after another price or other dates nobody can sign it, and the team issues
// another one.
func TestAgreementThatIsNotTrueAnyMore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *team, r Request, s catalog.Session) error{
		"another quote": func(c *team, r Request, _ catalog.Session) error {
			c.seller()
			_, err := c.IssueQuote(c.t.Context(), c.staff, c.key(), r.ID, QuoteText{Lines: []Line{{Kind: LineService, Label: "Atelier", Quantity: 100, UnitCents: 12000}}})
			return err
		},
		"another day": func(c *team, _ Request, s catalog.Session) error {
			return c.EditSession(c.t.Context(), c.staff, c.key(), s.ID, catalog.SessionRequest{WorkshopID: s.Workshop.ID, VenueID: s.Venue.ID,
				Date: "2026-06-10", Starts: "09:00", Ends: "11:00", Capacity: 24})
		},
		"one day fewer": func(c *team, _ Request, s catalog.Session) error {
			return c.CancelSession(c.t.Context(), c.staff, c.key(), s.ID, "")
		},
		"all called off": func(c *team, r Request, _ catalog.Session) error {
			return c.Reschedule(c.t.Context(), c.staff, c.key(), r.ID, "Grève")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			p := c.proposal()
			p.Each, p.Times = false, append(p.Times, TypedTime{"2026-06-16", "09:00", "11:00"})
			link, id, slot := c.proposed("École Łucja", p)
			c.must(c.choose(link, slot.ID))
			c.must(c.SkipQuote(t.Context(), c.staff, c.key(), id, "Offert"))
			agreement, err := c.IssueAgreement(t.Context(), c.staff, c.key(), id, writeFacts)
			c.must(err)
			d := c.dates(link)
			c.must(change(c, d.Request, d.Sessions[0]))
			_, err = c.Accept(t.Context(), c.key(), Visit{Party: ByContact, Link: link}, Subject{Agreement: agreement},
				Statement{Name: "Ánh Nguyễn", Role: "Directrice", StatedOn: "4/5/2026", Agreed: true})
			wantFault(t, err, fault.Conflict, "school_money.accept.replaced")
			if r := c.read(id); r.State == Accepted && r.WaitingSince.IsZero() {
				t.Error("the team does not know that it has to issue another one")
			}
		})
	}
}
