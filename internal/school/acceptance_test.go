package school

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// asContact and asPayer are visits by the links that were mailed.
func (o *office) asContact(r Request) Visit {
	return Visit{ByContact, o.Sign(LinkContact, r.Reference, r.LinkVersion)}
}

func (o *office) asPayer(r Request) Visit {
	o.t.Helper()
	p, err := o.Payer(o.t.Context(), account.Command(), r.ID)
	if err != nil || p == nil {
		o.t.Fatalf("no payer: %v", err)
	}
	return Visit{ByPayer, o.Sign(LinkPayer, r.Reference, p.LinkVersion)}
}

func signed() Statement {
	return Statement{Name: "محمد D'Artagnan-N'Guyen", Role: "Maire adjoint", StatedOn: "4/5/2026", Engagement: "2026-EJ-0042", Agreed: true}
}

var town = Payer{
	Name: "Ville de Villeurbanne", Address: "1 place Lazare-Goujon", Postcode: "69100", City: "Villeurbanne", SIRET: "732 829 320 00074",
	Public: true, ServiceCode: "EDUC", ContactName: "Nguyễn Thị Ánh", Email: "compta@villeurbanne.example", Phone: "",
}

// lastConfirm is the last mail that asks to confirm something.
func (o *office) lastConfirm() (to string, m outbox.Request) {
	o.t.Helper()
	o.must(o.db.Read(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		var payload string
		if err := tx.QueryRow(`SELECT recipient, payload FROM outbox WHERE kind = 'request_confirm' ORDER BY id DESC LIMIT 1`).Scan(&to, &payload); err != nil {
			return err
		}
		return json.Unmarshal([]byte(payload), &m)
	}))
	return to, m
}

// TestAcceptFromTheMailbox: a statement alone changes nothing; the mail's link does, once, and everybody learns of it.
func TestAcceptFromTheMailbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx := t.Context()
	r, q := o.quoted(15000)
	key := o.key()
	id, err := o.Accept(ctx, key, o.asContact(r), Subject{Quote: q.ID}, signed())
	o.must(err)
	if again, err := o.Accept(ctx, key, o.asContact(r), Subject{Quote: q.ID}, signed()); err != nil || again != id {
		t.Errorf("sent twice: %d, %v", again, err)
	}
	to, m := o.lastConfirm()
	if to != r.Contact.Email || m.ConfirmID != id || m.Paper != "D2026-0001" || m.Signatory != "محمد D'Artagnan-N'Guyen" || m.LinkVersion != r.LinkVersion {
		t.Errorf("mail to %s: %+v", to, m)
	}
	if got := o.quote(r, q.ID); got.State != QuoteIssued || o.reload(r.Reference).State != Quoted {
		t.Fatalf("a statement alone made the quote %s", got.State)
	}

	signature := o.SignConfirmation(id, m.LinkVersion)
	c, err := o.Confirmation(ctx, id, signature)
	if err != nil || c.Quote.ID != q.ID || c.Acceptance.Role != "Maire adjoint" || c.Acceptance.Hash != q.Hash {
		t.Fatalf("confirmation = %+v, %v", c, err)
	}
	o.must(o.Confirm(ctx, o.key(), id, signature))
	o.must(o.Confirm(ctx, o.key(), id, signature))
	r = o.reload(r.Reference)
	if got := o.quote(r, q.ID); got.State != QuoteAccepted || r.State != Accepted || r.WaitingSince.IsZero() {
		t.Errorf("quote %s, request %s, team waits since %v", got.State, r.State, r.WaitingSince)
	}
	for kind, want := range map[string]int{"request_confirm": 1, "request_accepted": 1, "request_news": 1} {
		if n := o.count(`SELECT count(*) FROM outbox WHERE kind = ? AND payload LIKE '%D2026-0001%'`, kind); n != want {
			t.Errorf("%d letters %s, want %d", n, kind, want)
		}
	}
	if n := o.count(`SELECT count(*) FROM audit WHERE action = 'acceptance.confirm'`); n != 1 {
		t.Errorf("%d lines of audit, want 1", n)
	}
	_, err = o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
	o.wants(err, fault.Conflict, "school_money.accept.already")
}

// TestOnlyThePayerAgreesToPay: who asks and who pays are two; each agrees to what is theirs, from their own mailbox.
func TestOnlyThePayerAgreesToPay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx := t.Context()
	r := o.proposed()
	o.must(o.SetPayerByLink(ctx, o.key(), o.asContact(r).Link, &town))
	q := o.issue(r, 15000)
	if q.Bill.Payer == nil || q.Bill.Payer.SIRET != "73282932000074" || !q.Bill.Public || q.Bill.Service != "EDUC" {
		t.Errorf("payer on the quote = %+v", q.Bill)
	}
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_quoted' AND recipient IN (?, ?)`, r.Contact.Email, town.Email); n != 2 {
		t.Errorf("%d letters bring the quote, want 2", n)
	}
	_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
	o.wants(err, fault.NotFound, "error.not_found")
	id, err := o.Accept(ctx, o.key(), o.asPayer(r), Subject{Quote: q.ID}, signed())
	o.must(err)
	if to, m := o.lastConfirm(); to != town.Email || m.Party != outbox.PartyPayer {
		t.Errorf("confirmation asked at %s", to)
	}
	// The link of the payer never opens the page of the contact, nor the reverse.
	if _, err := o.Status(ctx, o.asPayer(r).Link); !fault.Is(err, fault.NotFound, "error.not_found") {
		t.Errorf("the payer's link opens the status page: %v", err)
	}
	if _, err := o.Money(ctx, Visit{ByPayer, o.asContact(r).Link}); !fault.Is(err, fault.NotFound, "error.not_found") {
		t.Errorf("the contact's link opens the payer's page: %v", err)
	}
	// Another address: the old links are dead, that of the confirmation too.
	old := o.asPayer(r)
	signature := o.SignConfirmation(id, old.versionOf(o, r))
	other := town
	other.Email = "autre@villeurbanne.example"
	o.must(o.SetPayer(ctx, account.Command(), o.key(), r.ID, &other))
	_, err = o.Money(ctx, old)
	o.wants(err, fault.NotFound, "error.not_found")
	o.wants(o.Confirm(ctx, o.key(), id, signature), fault.NotFound, "error.not_found")
	// And a payer who comes after none has no link that was given out before.
	o.must(o.SetPayer(ctx, account.Command(), o.key(), r.ID, nil))
	o.must(o.SetPayer(ctx, account.Command(), o.key(), r.ID, &town))
	_, err = o.Money(ctx, old)
	o.wants(err, fault.NotFound, "error.not_found")
}

// versionOf is the version of the payer's link at this moment.
func (Visit) versionOf(o *office, r Request) int {
	p, err := o.Payer(o.t.Context(), account.Command(), r.ID)
	o.must(err)
	return p.LinkVersion
}

// TestPayerChangedSinceTheQuote: nobody agrees to a quote that names another payer.
func TestPayerChangedSinceTheQuote(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, q := o.quoted(15000)
	o.must(o.SetPayerByLink(t.Context(), o.key(), o.asContact(r).Link, &town))
	_, err := o.Accept(t.Context(), o.key(), o.asPayer(r), Subject{Quote: q.ID}, signed())
	o.wants(err, fault.Conflict, "school_money.accept.payer_changed")
	if got := o.reload(r.Reference); got.WaitingSince.IsZero() {
		t.Error("nobody is to write another quote")
	}
}

// TestQuoteFollowsItsPayer: where the payer is reached elsewhere, the team sends the quote there, and a contact does not.
func TestQuoteFollowsItsPayer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx := t.Context()
	r := o.proposed()
	o.must(o.SetPayerByLink(ctx, o.key(), o.asContact(r).Link, &town))
	q := o.issue(r, 15000)
	quotesTo := func(email string) int {
		return o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_quoted' AND recipient = ? AND payload LIKE '%D2026-0001%'`, email)
	}
	other := town
	other.Phone = "04 78 00 00 00"
	o.must(o.SetPayerByLink(ctx, o.key(), o.asContact(r).Link, &other))
	if got := o.reload(r.Reference); !got.WaitingSince.IsZero() {
		t.Error("another phone makes the team write another quote")
	}
	other.Email = "faute@villeurbanne.example"
	o.must(o.SetPayerByLink(ctx, o.key(), o.asContact(r).Link, &other))
	if n := quotesTo(other.Email); n != 0 {
		t.Errorf("a contact sends %d quotes of ours to a mailbox of its choice", n)
	}
	if got := o.reload(r.Reference); got.WaitingSince.IsZero() {
		t.Error("nobody is to send the quote to the new mailbox")
	}
	other.Email = "finances@villeurbanne.example"
	o.must(o.SetPayer(ctx, account.Command(), o.key(), r.ID, &other))
	if n := quotesTo(other.Email); n != 1 {
		t.Errorf("%d quotes to the new mailbox, want 1", n)
	}
	_, err := o.Accept(ctx, o.key(), o.asPayer(r), Subject{Quote: q.ID}, signed())
	o.must(err)
}

func TestPayerIsChecked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.proposed()
	wrong := Payer{Name: "https://exemple.fr", SIRET: "73282932000075", Postcode: "?", Email: "compta"}
	err := o.SetPayerByLink(t.Context(), o.key(), o.asContact(r).Link, &wrong)
	f, _ := fault.As(err)
	if f == nil {
		t.Fatalf("error %v", err)
	}
	for field, key := range map[string]string{
		"payer_name": "ask.address", "payer_address": "school_money.payer.address_missing", "payer_postcode": "school_money.payer.postcode_wrong",
		"payer_city": "school_money.payer.city_missing", "payer_siret": "settings.siret", "payer_contact": "school_money.payer.contact_missing",
		"payer_email": "school_money.payer.email_wrong",
	} {
		if f.Fields[field].Key != key {
			t.Errorf("%s: %q, want %q", field, f.Fields[field].Key, key)
		}
	}
	o.exec(`UPDATE group_requests SET state = 'accepted'`)
	o.wants(o.SetPayerByLink(t.Context(), o.key(), o.asContact(r).Link, &town), fault.Conflict, "school_money.payer.late")
}

// TestAcceptRefusals: each reason why nobody can agree has a sentence of its own.
func TestAcceptRefusals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	start := func(t *testing.T) (*office, Request, Quote) {
		o := newOffice(t)
		o.seller()
		r, q := o.quoted(15000)
		return o, r, q
	}
	t.Run("expired, but stated in time", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		o.clock.Set(time.Date(2026, 6, 3, 21, 30, 0, 0, time.UTC)) // 23:30 in Lyon, the last day
		id, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.must(err)
		o.clock.Advance(time.Hour)
		_, err = o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.wants(err, fault.Gone, "school_money.accept.expired")
		o.must(o.Confirm(ctx, o.key(), id, o.SignConfirmation(id, 1))) // the mail was read after midnight
	})
	t.Run("a newer version meanwhile", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		id, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.must(err)
		o.issue(r, 99)
		o.wants(o.Confirm(ctx, o.key(), id, o.SignConfirmation(id, 1)), fault.Conflict, "school_money.accept.replaced")
		if o.reload(r.Reference).State != Quoted {
			t.Error("an old version was accepted")
		}
	})
	t.Run("another text under the same id", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		id, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.must(err)
		o.exec(`UPDATE quotes SET content_hash = 'x'`)
		o.wants(o.Confirm(ctx, o.key(), id, o.SignConfirmation(id, 1)), fault.Conflict, "school_money.accept.replaced")
	})
	t.Run("too late for the link", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		id, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.must(err)
		o.clock.Advance(31 * 24 * time.Hour)
		o.wants(o.Confirm(ctx, o.key(), id, o.SignConfirmation(id, 1)), fault.Gone, "school_money.confirm.expired")
	})
	t.Run("withdrawn", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		o.exec(`UPDATE group_requests SET state = 'withdrawn'`)
		_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.wants(err, fault.Conflict, "school_money.accept.over")
	})
	t.Run("links that nobody was given", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		id, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.must(err)
		for _, signature := range []string{"", "AAAAAAAAAAAAAAAAAAAAAA", o.SignConfirmation(id+1, 1), o.SignConfirmation(id, 2), o.asContact(r).Link.Signature} {
			o.wants(o.Confirm(ctx, o.key(), id, signature), fault.NotFound, "error.not_found")
		}
		o.wants(o.Confirm(ctx, o.key(), 99, o.SignConfirmation(99, 1)), fault.NotFound, "error.not_found")
	})
	t.Run("the quote of another request", func(t *testing.T) {
		t.Parallel()
		o, r, _ := start(t)
		_, foreign := o.quoted(1)
		_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: foreign.ID}, signed())
		o.wants(err, fault.NotFound, "error.not_found")
	})
	t.Run("too often", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		for range maxStatements {
			_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
			o.must(err)
		}
		_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
		o.wants(err, fault.Conflict, "school_money.accept.too_often")
	})
	t.Run("wrong answers", func(t *testing.T) {
		t.Parallel()
		o, r, q := start(t)
		_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, Statement{StatedOn: "5/5/2026"})
		f, _ := fault.As(err)
		for field, key := range map[string]string{"name": "school_money.accept.name_missing", "role": "school_money.accept.role_missing",
			"stated_on": "school_money.accept.day_wrong", "agreed": "school_money.accept.not_ticked"} {
			if f == nil || f.Fields[field].Key != key {
				t.Errorf("%s: %v, want %s", field, err, key)
			}
		}
	})
}

// TestRefuseQuote: the reason reaches the team, whose turn it is; another version can be accepted.
func TestRefuseQuote(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx := t.Context()
	r, q := o.quoted(15000)
	o.wants(o.RefuseQuote(ctx, o.key(), o.asContact(r), q.ID, " "), fault.Invalid, "error.invalid")
	o.must(o.RefuseQuote(ctx, o.key(), o.asContact(r), q.ID, "Trop cher pour nous"))
	o.must(o.RefuseQuote(ctx, o.key(), o.asContact(r), q.ID, "Trop cher pour nous"))
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_news' AND payload LIKE '%Trop cher%'`); n != 1 {
		t.Errorf("%d letters to the team, want 1", n)
	}
	if got := o.reload(r.Reference); got.WaitingSince.IsZero() || got.State != Quoted {
		t.Errorf("the team's turn since %v, state %s", got.WaitingSince, got.State)
	}
	_, err := o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, signed())
	o.wants(err, fault.Conflict, "school_money.accept.replaced")
	second := o.issue(r, 12000)
	_, err = o.Accept(ctx, o.key(), o.asContact(r), Subject{Quote: second.ID}, signed())
	o.must(err)
}

// convention is an agreement as it is frozen.
const convention = `{"reference":"GRP-22222222","version":1,"text":[{"kind":"heading","text":[{"text":"Entre Łukasz et 李"}]}]}`

// agreement issues one.
func (o *office) agreement(r Request, version int) (id int64) {
	o.t.Helper()
	o.must(o.db.Write(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`INSERT INTO agreements (request_id, version, state, content, content_hash, issued_at)
			VALUES (?1, ?2, 'issued', ?3, ?4, ?5) RETURNING id`, r.ID, version, convention, ContentHash(convention), sqlite.Time(tx.Now())).Scan(&id)
	}))
	return id
}

// TestAnAgreementIsTheContactsToSign: an agreement is the contact's to sign, also where somebody else pays.
func TestAnAgreementIsTheContactsToSign(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	r := o.proposed()
	o.must(o.SetPayerByLink(ctx, o.key(), o.asContact(r).Link, &town))
	o.exec(`UPDATE group_requests SET state = 'accepted', waiting_since = NULL`)
	sub := Subject{Agreement: o.agreement(r, 1)}
	_, err := o.Accept(ctx, o.key(), o.asPayer(r), sub, signed())
	o.wants(err, fault.NotFound, "error.not_found")
	id, err := o.Accept(ctx, o.key(), o.asContact(r), sub, signed())
	o.must(err)
	c, err := o.Confirmation(ctx, id, o.SignConfirmation(id, 1))
	if err != nil || c.Agreement.ID != sub.Agreement {
		t.Fatalf("confirmation = %+v, %v", c, err)
	}
	o.must(o.Confirm(ctx, o.key(), id, o.SignConfirmation(id, 1)))
	if got := o.reload(r.Reference); got.State != Agreed || o.count(`SELECT count(*) FROM agreements WHERE state = 'signed'`) != 1 {
		t.Errorf("request %s", got.State)
	}
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_agreed' AND recipient = ?`, r.Contact.Email); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

// pdf is the least that Check takes for a PDF.
func pdf(middle string) Paper {
	return Paper{FileName: "Devis signé.PDF", Content: []byte("%PDF-1.7\n" + middle + "\ntrailer << >>\n%%EOF\n")}
}

// SEC-26: what is no PDF, whole and open, is refused before it is kept.
func TestPaperCheck(t *testing.T) {
	t.Parallel()
	named := func(p Paper, name string) Paper { p.FileName = name; return p }
	for _, tt := range []struct {
		name  string
		paper Paper
		want  string
	}{
		{"a PDF", pdf("x"), ""},
		{"nothing", Paper{FileName: "a.pdf"}, "school_money.paper.missing"},
		{"another ending", named(pdf("x"), "a.pdf.exe"), "school_money.paper.no_pdf"},
		{"no name", named(pdf("x"), ""), "school_money.paper.no_pdf"},
		{"a picture called PDF", Paper{"a.pdf", []byte("\xff\xd8\xff\xe0 %PDF-1.7 %%EOF")}, "school_money.paper.no_pdf"},
		{"a page called PDF", Paper{"a.pdf", []byte("<script>alert(1)</script>%PDF-%%EOF")}, "school_money.paper.no_pdf"},
		{"cut short", Paper{"a.pdf", []byte("%PDF-1.7\nhalf of it")}, "school_money.paper.broken"},
		{"its end far from the end", Paper{"a.pdf", append([]byte("%PDF-1.7 %%EOF"), bytes.Repeat([]byte("x"), 2000)...)}, "school_money.paper.broken"},
		{"locked", pdf("/Encrypt 5 0 R"), "school_money.paper.locked"},
		{"as large as may be", pdf(string(bytes.Repeat([]byte("x"), MaxUpload-len(pdf("").Content)))), ""},
		{"a byte too large", pdf(string(bytes.Repeat([]byte("x"), MaxUpload+1-len(pdf("").Content)))), "school_money.paper.large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := tt.paper.Check()
			if tt.want == "" && m != nil || tt.want != "" && (m == nil || m.Key != tt.want) {
				t.Errorf("Check = %v, want %q", m, tt.want)
			}
		})
	}
}

// TestSignedPaper: it counts once the team has read it, and the bytes come back as they came.
func TestSignedPaper(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	ctx := t.Context()
	r, q := o.quoted(15000)
	st := signed()
	st.Agreed = false // the signature is on the paper
	err := o.SendPaper(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, st, Paper{"a.pdf", []byte("GIF89a")})
	if f, _ := fault.As(err); f == nil || f.Fields["file"].Key != "school_money.paper.no_pdf" {
		t.Fatalf("error %v", err)
	}
	file := pdf("signature de Łukasz")
	o.must(o.SendPaper(ctx, o.key(), o.asContact(r), Subject{Quote: q.ID}, st, file))
	if o.reload(r.Reference).State != Quoted {
		t.Fatal("a paper that nobody read counts")
	}
	m, err := o.DeskMoney(ctx, account.Command(), r.ID)
	o.must(err)
	a := m.Acceptances[0]
	u, err := o.Upload(ctx, account.Command(), r.ID, a.UploadID)
	if err != nil || !bytes.Equal(u.Content, file.Content) || u.SHA256 != ContentHash(string(file.Content)) {
		t.Errorf("upload = %d bytes, %v", len(u.Content), err)
	}
	if n := o.count(`SELECT count(*) FROM uploads WHERE name LIKE '%evis%'`); n != 0 {
		t.Error("the sender's name of the file was kept")
	}
	// No mail confirms a paper: only a reader does.
	_, err = o.Confirmation(ctx, a.ID, o.SignConfirmation(a.ID, 1))
	o.wants(err, fault.NotFound, "error.not_found")
	other, _ := o.quoted(1)
	o.wants(o.VerifyPaper(ctx, account.Command(), o.key(), other.ID, a.UploadID), fault.NotFound, "error.not_found")
	o.wants(o.VerifyPaper(ctx, account.Guest(), o.key(), r.ID, a.UploadID), fault.Forbidden, "error.forbidden")
	for range 2 {
		o.must(o.VerifyPaper(ctx, account.Command(), o.key(), r.ID, a.UploadID))
	}
	if got := o.reload(r.Reference); got.State != Accepted {
		t.Errorf("after reading the paper: %s", got.State)
	}
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_accepted'`); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

func TestNoMorePapersThanThat(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, q := o.quoted(15000)
	for i := range maxUploads {
		o.must(o.SendPaper(t.Context(), o.key(), o.asContact(r), Subject{Quote: q.ID}, signed(), pdf(strconv.Itoa(i))))
	}
	err := o.SendPaper(t.Context(), o.key(), o.asContact(r), Subject{Quote: q.ID}, signed(), pdf("more"))
	o.wants(err, fault.Conflict, "school_money.paper.too_many")
}

// TestRecordAcceptance: what came by post counts at once, also a few days after the last day.
func TestRecordAcceptance(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, q := o.quoted(15000)
	o.clock.Set(time.Date(2026, 6, 8, 9, 0, 0, 0, time.UTC))
	file := pdf("x")
	o.wants(o.RecordAcceptance(t.Context(), account.Guest(), o.key(), r.ID, Subject{Quote: q.ID}, signed(), nil), fault.Forbidden, "error.forbidden")
	o.must(o.RecordAcceptance(t.Context(), account.Command(), o.key(), r.ID, Subject{Quote: q.ID}, signed(), &file))
	if got := o.reload(r.Reference); got.State != Accepted || o.count(`SELECT count(*) FROM uploads`) != 1 {
		t.Errorf("request %s", got.State)
	}
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_news' AND payload LIKE '%quote_accepted%'`); n != 0 {
		t.Error("the team was told what it did itself")
	}
}
