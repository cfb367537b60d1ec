package mail

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// request is what every message about a request says, to its contact.
func request(change func(*outbox.Request)) outbox.Request {
	q := outbox.Request{
		ID: 7, Reference: "GRP-7K3M9QXW", LinkVersion: 1, Party: outbox.PartyContact, Contact: "Nguyễn Thị Hồng",
		Organisation: "École élémentaire Łukasz-D'Orgeval", Asked: "Découverte de la robotique – Initiation", Children: 24, Level: "CM1-CM2",
	}
	if change != nil {
		change(&q)
	}
	return q
}

func toPayer(q *outbox.Request) { q.Party, q.Contact = outbox.PartyPayer, "محمد 李" }

func paper(q *outbox.Request) {
	q.Paper, q.PaperKind, q.Cents, q.ValidUntil = "D2026-0007", "quote", 48550, "2027-06-30"
}

func afternoon() outbox.Session {
	s := session()
	s.ID, s.StartsAt, s.EndsAt = 13, "2027-05-15T12:00:00Z", "2027-05-15T14:30:00Z"
	return s
}

// later is after the change of the clocks, and in another zone.
func later() outbox.Session {
	s := session()
	s.ID, s.StartsAt, s.EndsAt, s.Zone = 14, "2027-11-06T13:00:00Z", "2027-11-06T15:00:00Z", "Indian/Reunion"
	s.Venue, s.Address, s.Postcode, s.City = "Médiathèque", "2 rue Pasteur", "97400", "Saint-Denis"
	return s
}

// requestExamples are the messages about group requests.
func requestExamples() map[string]example {
	all := map[string]example{}
	for name, r := range map[string]struct {
		kind   string
		change func(*outbox.Request)
	}{
		"request_received": {outbox.RequestReceived, nil},
		"request_proposed": {outbox.RequestProposed, func(q *outbox.Request) {
			q.Options = [][]outbox.Session{{session(), afternoon()}, {afternoon()}}
		}},
		"request_proposed_one": {outbox.RequestProposed, func(q *outbox.Request) { q.Options = [][]outbox.Session{{session()}} }},
		"request_scheduled":    {outbox.RequestScheduled, func(q *outbox.Request) { q.Sessions = []outbox.Session{session(), afternoon()} }},
		"request_quoted":       {outbox.RequestQuoted, paper},
		"request_quoted_payer": {outbox.RequestQuoted, func(q *outbox.Request) { paper(q); toPayer(q) }},
		"request_confirm": {outbox.RequestConfirm, func(q *outbox.Request) {
			paper(q)
			toPayer(q)
			q.ConfirmID, q.Signatory = 9, "Zoé D'Artagnan-N'Guyen"
		}},
		"request_accepted":       {outbox.RequestAccepted, func(q *outbox.Request) { paper(q); q.ValidUntil, q.Signatory = "", "Zoé" }},
		"request_accepted_payer": {outbox.RequestAccepted, func(q *outbox.Request) { paper(q); toPayer(q); q.ValidUntil = "" }},
		"request_agreement":      {outbox.RequestAgreement, func(q *outbox.Request) { q.Paper, q.PaperKind = "Convention de partenariat", "agreement" }},
		"request_agreed":         {outbox.RequestAgreed, func(q *outbox.Request) { q.Sessions = []outbox.Session{session()} }},
		"request_changed": {outbox.RequestChanged, func(q *outbox.Request) {
			q.Sessions, q.Reason = []outbox.Session{afternoon()}, "La salle est prise.\nDésolés !"
		}},
		"request_called_off":        {outbox.RequestChanged, func(q *outbox.Request) { q.Sessions, q.News = []outbox.Session{session()}, "called_off" }},
		"request_accepted_no_quote": {outbox.RequestAccepted, nil},
		"request_declined_payer":    {outbox.RequestDeclined, func(q *outbox.Request) { toPayer(q); q.Reason = "Personne n'anime ce jour-là." }},
		"request_withdrawn_payer":   {outbox.RequestWithdrawn, toPayer},
		"request_linked":            {outbox.RequestLinked, nil},
		"request_done":              {outbox.RequestDone, func(q *outbox.Request) { q.Sessions = []outbox.Session{session()} }},
		"request_invoiced":          {outbox.RequestInvoiced, func(q *outbox.Request) { q.Paper, q.PaperKind, q.Cents = "F2027-0001", "invoice", 48550 }},
		"request_invoiced_payer": {outbox.RequestInvoiced, func(q *outbox.Request) {
			q.Paper, q.PaperKind, q.Cents = "F2027-0001", "invoice", 48550
			toPayer(q)
		}},
		"request_credited": {outbox.RequestInvoiced, func(q *outbox.Request) { q.Paper, q.PaperKind, q.Cents = "A2027-0001", "credit_note", 48550 }},
		"request_credited_payer": {outbox.RequestInvoiced, func(q *outbox.Request) {
			q.Paper, q.PaperKind, q.Cents = "A2027-0001", "credit_note", 48550
			toPayer(q)
		}},
		"request_closed":    {outbox.RequestClosed, nil},
		"request_declined":  {outbox.RequestDeclined, func(q *outbox.Request) { q.Reason = "Personne n'anime ce jour-là." }},
		"request_withdrawn": {outbox.RequestWithdrawn, nil},
		"request_answered":  {outbox.RequestAnswered, func(q *outbox.Request) { q.Reason = "Avez-vous un vidéoprojecteur ?\n\nÀ bientôt" }},
		"request_news":      {outbox.RequestNews, func(q *outbox.Request) { q.Party, q.Contact, q.News = outbox.PartyTeam, "", "received" }},
		"request_news_long": {outbox.RequestNews, func(q *outbox.Request) {
			q.Party, q.Contact, q.News, q.Reason = outbox.PartyTeam, "Łucja", "dates_asked", "Plutôt un mardi."
			q.Asked = "Une conférence sur Ada Lovelace pour toute l'école, avec une démonstration de robots dans la cour"
		}},
	} {
		all[name] = example{r.kind, request(r.change)}
	}
	return all
}

// A message that lacks what it tells fails, for the team to see.
func TestRequestWithoutItsFacts(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{outbox.RequestProposed, outbox.RequestScheduled, outbox.RequestQuoted, outbox.RequestConfirm,
		outbox.RequestAgreement, outbox.RequestInvoiced, outbox.RequestAnswered, outbox.RequestNews} {
		if _, err := renderer(t).Render(claimed(t, kind, request(nil)), monday); err == nil {
			t.Errorf("%s is sent without what it tells", kind)
		}
	}
	if _, err := renderer(t).Render(claimed(t, outbox.RequestReceived, request(func(q *outbox.Request) { q.Party = "" })), monday); err == nil {
		t.Error("a message to nobody is sent")
	}
}

// What an organisation is called starts no header and no paragraph (SEC-41).
func TestRequestNamesStayInTheirLine(t *testing.T) {
	t.Parallel()
	r := arrived(t, outbox.RequestNews, request(func(q *outbox.Request) {
		q.Party, q.News, q.Organisation = outbox.PartyTeam, "received", "École\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>"
	}))
	if len(r.Headers["Bcc"]) > 0 || strings.Contains(r.HTML, "<script>") || strings.Contains(r.Subject, "\n") {
		t.Errorf("headers %v, subject %q", r.Headers, r.Subject)
	}
}
