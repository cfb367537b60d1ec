package school

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// exec runs statements that stand for what other parts of the product do.
func (o *office) exec(statements ...string) {
	o.t.Helper()
	err := o.db.Write(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// set stores settings, in pairs of name and value.
func (o *office) set(pairs ...string) {
	o.t.Helper()
	o.must(o.db.Write(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if _, _, err := settings.Set(tx, pairs[i], pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	}))
}

// seller gives the association all that a quote needs.
func (o *office) seller() {
	o.t.Helper()
	o.set("association_address", "7 place Louis Chazette\n69001 Lyon", "association_siret", "73282932000074",
		"vat_sentence", "TVA non applicable, art. 293 B du CGI")
}

// proposed is a request to which dates were proposed.
func (o *office) proposed() Request {
	o.t.Helper()
	link, err := o.Send(o.t.Context(), account.Guest(), o.key(), DraftKey{}, request())
	o.must(err)
	o.exec(`UPDATE group_requests SET state = 'proposed', waiting_since = NULL WHERE reference = '` + link.Reference + `'`)
	return o.reload(link.Reference)
}

// reload is a request as it stands.
func (o *office) reload(reference string) (r Request) {
	o.t.Helper()
	o.must(o.db.Read(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		var id int64
		var version int
		if err := tx.QueryRow(sqlContactLink, reference).Scan(&id, &version); err != nil {
			return err
		}
		var err error
		r, err = requestTx(tx, id)
		return err
	}))
	return r
}

func text(cents int) QuoteText {
	return QuoteText{Lines: []Line{{Kind: LineService, Label: "Conférence, 李 et محمد", Quantity: 100, UnitCents: cents}}, Note: "À bientôt, Łukasz"}
}

// quoted is a request with its quote.
func (o *office) quoted(cents int) (Request, Quote) {
	o.t.Helper()
	r := o.proposed()
	return o.reload(r.Reference), o.issue(r, cents)
}

func (o *office) issue(r Request, cents int) Quote {
	o.t.Helper()
	id, err := o.IssueQuote(o.t.Context(), account.Command(), o.key(), r.ID, text(cents))
	o.must(err)
	return o.quote(r, id)
}

func (o *office) quote(r Request, id int64) (q Quote) {
	o.t.Helper()
	o.must(o.db.Read(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		q, err = quoteTx(tx, r.ID, id)
		return err
	}))
	return q
}

// wants fails unless err is the fault.
func (o *office) wants(err error, kind fault.Kind, key string) {
	o.t.Helper()
	if !fault.Is(err, kind, key) {
		o.t.Errorf("error %v, want %v %s", err, kind, key)
	}
}

// TestIssueNeedsTheAssociation: the software chooses no VAT sentence and invents no address (UX-S4).
func TestIssueNeedsTheAssociation(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.proposed()
	_, err := o.IssueQuote(t.Context(), account.Command(), o.key(), r.ID, text(15000))
	o.wants(err, fault.Conflict, "school_money.missing")
	o.seller()
	o.set("vat_sentence", "")
	_, err = o.IssueQuote(t.Context(), account.Command(), o.key(), r.ID, text(15000))
	f, _ := fault.As(err)
	if f == nil || fmt.Sprint(f.Message.Args) != "[{settings.vat_sentence []}]" {
		t.Errorf("error %v, want the VAT sentence alone", err)
	}
	if n := o.count(`SELECT count(*) FROM quotes`); n != 0 {
		t.Errorf("%d quotes were kept", n)
	}
	o.set("vat_sentence", "Exonération de TVA, art. 261-7-1° du CGI")
	q := o.issue(r, 15000)
	if q.Bill.VAT != "Exonération de TVA, art. 261-7-1° du CGI" {
		t.Errorf("VAT sentence = %q", q.Bill.VAT)
	}
}

// TestIssueQuote: what is frozen stays, a new version keeps the number and replaces the last (issue 3, 4).
func TestIssueQuote(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, q := o.quoted(15001)
	if q.Number != "D2026-0001" || q.Version != 1 || q.State != QuoteIssued || q.TotalCents != 15001 || q.ValidUntil != "2026-06-03" {
		t.Errorf("quote = %+v", q)
	}
	if r.State != Proposed {
		t.Fatalf("the first reading is %s", r.State)
	}
	r = o.reload(r.Reference)
	if r.State != Quoted || !r.WaitingSince.IsZero() {
		t.Errorf("state = %s, waiting since %v", r.State, r.WaitingSince)
	}
	b := q.Bill
	if b.Seller.SIRET != "73282932000074" || b.Client.Name != r.Organisation.Name || b.Lines[0].TotalCents != 15001 || b.Date != "2026-05-04" ||
		b.Subject != "Une conférence sur Ada Lovelace" || b.Children != 24 {
		t.Errorf("bill = %+v", b)
	}
	if n := o.count(`SELECT count(*) FROM outbox WHERE kind = 'request_quoted'`); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}

	o.set("association_name", "Les Bricodeuses", "vat_sentence", "Autre chose")
	o.exec(`UPDATE organisations SET name = 'Autre'`)
	if again := o.quote(r, q.ID); again.Bill.Seller.Name != "Les Bricodeurs" || again.Bill.VAT != b.VAT || again.Bill.Client.Name != b.Client.Name {
		t.Errorf("an issued quote changed: %+v", again.Bill)
	}

	second := o.issue(r, 14000)
	if second.Number != "D2026-0001" || second.Version != 2 {
		t.Errorf("second version = %s v%d", second.Number, second.Version)
	}
	if first := o.quote(r, q.ID); first.State != QuoteReplaced || first.TotalCents != 15001 {
		t.Errorf("the first is %s over %d", first.State, first.TotalCents)
	}
	if _, other := o.quoted(100); other.Number != "D2026-0002" {
		t.Errorf("the next request has %s", other.Number)
	}
	// Still New Year's Eve in London, New Year in Lyon: the number is of the year of the association.
	late := o.proposed()
	o.clock.Set(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC))
	if other := o.issue(late, 100); other.Number != "D2027-0001" || other.Bill.Date != "2027-01-01" {
		t.Errorf("on New Year's Day in Lyon: %s of %s", other.Number, other.Bill.Date)
	}
	if third := o.issue(r, 1); third.Number != "D2026-0001" || third.Version != 3 {
		t.Errorf("a version of the new year = %s v%d", third.Number, third.Version)
	}
}

func TestIssueQuoteOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r, key := o.proposed(), o.key()
	first, err := o.IssueQuote(t.Context(), account.Command(), key, r.ID, text(100))
	o.must(err)
	again, err := o.IssueQuote(t.Context(), account.Command(), key, r.ID, text(100))
	if err != nil || again != first || o.count(`SELECT count(*) FROM quotes`) != 1 {
		t.Errorf("sent twice: %d, %v", again, err)
	}
}

// Of two people who write at once the second learns of the first, and of what the payer answered to it, before anything is
// replaced.
func TestQuoteThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r := o.proposed()
	old := text(200)
	for _, change := range []func(){
		func() { o.issue(r, 100) },
		func() { o.exec(`UPDATE quotes SET state = 'accepted'`) },
	} {
		w, err := o.QuoteWork(t.Context(), account.Command(), r.ID)
		o.must(err)
		old.Seen = w.Seen
		change()
		_, err = o.IssueQuote(t.Context(), account.Command(), o.key(), r.ID, old)
		o.wants(err, fault.Conflict, "school_money.quote_meanwhile")
		o.wants(o.SaveQuote(t.Context(), account.Command(), o.key(), r.ID, old), fault.Conflict, "school_money.quote_meanwhile")
	}
	if n := o.count(`SELECT count(*) FROM quotes`); n != 1 {
		t.Errorf("%d quotes, want 1", n)
	}
	w, err := o.QuoteWork(t.Context(), account.Command(), r.ID)
	o.must(err)
	old.Seen = w.Seen
	if _, err := o.IssueQuote(t.Context(), account.Command(), o.key(), r.ID, old); err != nil {
		t.Errorf("who has read it may replace it: %v", err)
	}
}

func TestQuoteRefusals(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r := o.proposed()
	ctx := t.Context()
	_, err := o.IssueQuote(ctx, account.Guest(), o.key(), r.ID, text(1))
	o.wants(err, fault.Forbidden, "error.forbidden")
	_, err = o.IssueQuote(ctx, account.Command(), o.key(), 99, text(1))
	o.wants(err, fault.NotFound, "error.not_found")
	_, err = o.IssueQuote(ctx, account.Command(), o.key(), r.ID, QuoteText{})
	o.wants(err, fault.Invalid, "school_money.line.none")
	o.exec(`UPDATE group_requests SET state = 'received'`)
	_, err = o.IssueQuote(ctx, account.Command(), o.key(), r.ID, text(1))
	o.wants(err, fault.Conflict, "school_money.quote_not_now")
	o.exec(`UPDATE group_requests SET state = 'withdrawn'`)
	o.wants(o.SaveQuote(ctx, account.Command(), o.key(), r.ID, text(1)), fault.Conflict, "school_money.quote_over")
}

// TestDraft: what was saved comes back; saving again replaces it; issuing uses it up.
func TestDraft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	r := o.proposed()
	for _, cents := range []int{100, 250} {
		o.must(o.SaveQuote(t.Context(), account.Command(), o.key(), r.ID, text(cents)))
	}
	w, err := o.QuoteWork(t.Context(), account.Command(), r.ID)
	if err != nil || w.Draft.TotalCents != 250 || len(w.Draft.Lines) != 1 || w.Draft.Note != "À bientôt, Łukasz" || len(w.Quotes) != 0 {
		t.Fatalf("work = %+v, %v", w, err)
	}
	o.issue(r, 250)
	if w, err = o.QuoteWork(t.Context(), account.Command(), r.ID); err != nil || w.Draft.ID != 0 || len(w.Quotes) != 1 {
		t.Errorf("after issuing: %+v, %v", w, err)
	}
}

// TestNumbersHaveNoGap: twenty issued at once get twenty numbers in a row (I15).
func TestNumbersHaveNoGap(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	numbers := o.issueAtOnce(20, func(r Request) (string, error) {
		id, err := o.IssueQuote(t.Context(), account.Command(), o.key(), r.ID, text(100))
		if err != nil {
			return "", err
		}
		return o.quote(r, id).Number, nil
	})
	if wrong := gaps(numbers); wrong != "" {
		t.Error(wrong)
	}
}

// TestGapsAreSeen is the negative control: a number that is read in one transaction and used in the next is given out
// twice, or lost when the second one fails, and the test above would say so.
func TestGapsAreSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seller()
	for range 10 {
		var barrier sync.WaitGroup
		barrier.Add(20)
		numbers := o.issueAtOnce(20, func(Request) (string, error) {
			var n int
			err := o.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
				n, err = numbering.Next(tx, numbering.Quote, 2026)
				return err
			})
			barrier.Done()
			barrier.Wait() // all have read before anybody writes
			return BillNumber(KindQuote, 2026, n), err
		})
		if gaps(numbers) != "" {
			return
		}
	}
	t.Error("ten rounds of a broken counter, and nothing was seen")
}

// issueAtOnce runs issue for n requests at the same instant and returns the numbers, sorted.
func (o *office) issueAtOnce(n int, issue func(Request) (string, error)) []string {
	o.t.Helper()
	var requests []Request
	for range n {
		requests = append(requests, o.proposed())
	}
	numbers, errs := make([]string, n), make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			<-start
			numbers[i], errs[i] = issue(r)
		})
	}
	close(start)
	all.Wait()
	o.must(errors.Join(errs...))
	slices.Sort(numbers)
	return numbers
}

// gaps says which of the sorted numbers is not the next one.
func gaps(numbers []string) string {
	for i, number := range numbers {
		if want := BillNumber(KindQuote, 2026, i+1); number != want {
			return fmt.Sprintf("%s, want %s, of %s", number, want, strings.Join(numbers, " "))
		}
	}
	return ""
}
