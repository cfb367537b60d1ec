package school

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// QuoteState is where one version of a quote stands. Its name on screen is the text school_money.quote.state.VALUE.
type QuoteState string

// The states of a quote.
const (
	QuoteDraft    QuoteState = "draft"
	QuoteIssued   QuoteState = "issued"
	QuoteReplaced QuoteState = "replaced" // by a newer version, or taken back with the dates that it names
	QuoteAccepted QuoteState = "accepted"
	QuoteRefused  QuoteState = "refused"
)

// Quote is one version of the quote of a request.
type Quote struct {
	ID, RequestID int64
	Version       int
	Number        string // 'D2026-0007', the same for every version; empty while the first is a draft
	State         QuoteState
	Lines         []Line // of a draft
	Note          string // of a draft
	ValidUntil    string // a day; empty for a draft
	TotalCents    int
	Bill          Bill   // as issued; zero for a draft
	Hash          string // of the content, as issued
	IssuedAt      time.Time
}

// ExpiredOn reports whether the quote can no longer be accepted on a day, midnight UTC.
func (q Quote) ExpiredOn(day time.Time) bool {
	return q.ValidUntil != "" && day.Format(time.DateOnly) > q.ValidUntil
}

// QuoteWork is what the desk needs to write a quote.
type QuoteWork struct {
	Money
	// Draft is what was saved; zero when nothing was.
	Draft Quote
	// Seen changes with what becomes of the quotes that were issued.
	Seen  string
	Dates []BillDate
	// SessionCents and KilometreCents are the usual prices.
	SessionCents, KilometreCents int
	// Missing are the settings without which nothing can be issued, by name.
	Missing []string
}

// QuoteWork returns what the desk needs to write the quote of a request.
func (s *Service) QuoteWork(ctx context.Context, actor account.Actor, requestID int64) (w QuoteWork, err error) {
	if err := mayManage(actor); err != nil {
		return QuoteWork{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		w = QuoteWork{}
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		if w.Money, err = moneyTx(tx, r); err != nil {
			return err
		}
		if w.Dates, err = billDates(tx, requestID); err != nil {
			return err
		}
		w.Draft = w.draft
		if w.Seen, err = quoteSeen(tx, requestID); err != nil {
			return err
		}
		if w.SessionCents, err = settings.Get(tx, settings.SessionPrice); err != nil {
			return err
		}
		if w.KilometreCents, err = settings.Get(tx, settings.KilometrePrice); err != nil {
			return err
		}
		seller, vat, err := SellerTx(tx)
		w.Missing = missingOf(seller, vat)
		return err
	})
	return w, err
}

const sqlQuoteColumns = `
SELECT id, request_id, version, coalesce(year, 0), coalesce(number, 0), state, lines, note, coalesce(valid_until, ''),
       total_cents, coalesce(content, ''), content_hash, coalesce(issued_at, '') FROM quotes`

const (
	sqlQuotesOfRequest = sqlQuoteColumns + ` WHERE request_id = ? ORDER BY version DESC`
	sqlQuoteByID       = sqlQuoteColumns + ` WHERE id = ? AND request_id = ?`
)

func scanQuote(scan func(...any) error) (q Quote, err error) {
	var year, number int
	var lines, content, issued string
	if err := scan(&q.ID, &q.RequestID, &q.Version, &year, &number, &q.State, &lines, &q.Note, &q.ValidUntil, &q.TotalCents,
		&content, &q.Hash, &issued); err != nil {
		return Quote{}, err
	}
	if number > 0 {
		q.Number = BillNumber(KindQuote, year, number)
	}
	if content == "" {
		return q, json.Unmarshal([]byte(lines), &q.Lines)
	}
	if q.Bill, err = thawBill(content); err != nil {
		return Quote{}, err
	}
	q.IssuedAt, err = sqlite.ParseTime(issued)
	return q, err
}

// quotesTx returns every version of the quote of a request, the newest first.
func quotesTx(tx *sqlite.Tx, requestID int64) (all []Quote, err error) {
	rows, err := tx.Query(sqlQuotesOfRequest, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		q, err := scanQuote(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, rows.Err()
}

// quoteTx returns one quote of a request; that of another request is NotFound.
func quoteTx(tx *sqlite.Tx, requestID, id int64) (Quote, error) {
	q, err := scanQuote(tx.QueryRow(sqlQuoteByID, id, requestID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Quote{}, fault.New(fault.NotFound, "error.not_found")
	}
	return q, err
}

const (
	sqlBillSessions = `
SELECT s.starts_at, s.ends_at, v.time_zone, v.name, v.address, v.postcode, v.city FROM sessions s JOIN venues v ON v.id = s.venue_id
 WHERE s.request_id = ? AND s.status <> 'cancelled' ORDER BY s.starts_at`

	// Options are alternatives: only one that stands alone says when it will be.
	sqlBillSlot = `
SELECT t.starts_at, t.ends_at, v.time_zone, v.name, v.address, v.postcode, v.city
  FROM slots s JOIN slot_times t ON t.slot_id = s.id JOIN venues v ON v.id = s.venue_id
 WHERE s.request_id = ?1 AND s.state = 'open' AND (SELECT count(*) FROM slots WHERE request_id = ?1 AND state = 'open') = 1
 ORDER BY t.starts_at`
)

// billDates are the sessions of a request, or the only dates that were proposed.
func billDates(tx *sqlite.Tx, requestID int64) ([]BillDate, error) {
	dates, err := readDates(tx, sqlBillSessions, requestID)
	if err != nil || len(dates) > 0 {
		return dates, err
	}
	return readDates(tx, sqlBillSlot, requestID)
}

func readDates(tx *sqlite.Tx, query string, requestID int64) (dates []BillDate, err error) {
	rows, err := tx.Query(query, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d BillDate
		if err := rows.Scan(&d.StartsAt, &d.EndsAt, &d.Zone, &d.Venue, &d.Address, &d.Postcode, &d.City); err != nil {
			return nil, err
		}
		dates = append(dates, d)
	}
	return dates, rows.Err()
}

// QuoteText is what the desk writes into a quote.
type QuoteText struct {
	Lines []Line
	Note  string
	// Seen is QuoteWork.Seen as the form showed it. When a quote was issued, accepted or refused since, it is Conflict
	// "school_money.quote_meanwhile"; empty writes the next version whatever happened. Invoices have none.
	Seen string
}

const maxNote = 1000

// check cleans what was typed and returns the total.
func (q *QuoteText) check() (cents int, err error) {
	t := typed{}
	q.Note = strings.TrimSpace(readable(q.Note))
	if len([]rune(q.Note)) > maxNote {
		t.wrong("note", "school_money.note_long", maxNote)
	}
	for i := range q.Lines {
		q.Lines[i].Label = readable(q.Lines[i].Label)
	}
	cents, err = checkLines(q.Lines)
	return cents, t.with(err)
}

// SaveQuote keeps the draft of a request. What is wrong with it is fault.Invalid by the names of its fields.
func (s *Service) SaveQuote(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, text QuoteText) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	cents, wrong := text.check()
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			switch {
			case r.State.IsOver():
				return "", fault.New(fault.Conflict, "school_money.quote_over")
			case wrong != nil:
				return "", wrong
			}
			id, _, err := saveDraft(tx, requestID, text, cents)
			if err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "quote.save", record("quote", id), map[string]any{"cents": cents})
		})
		return err
	})
}

const (
	sqlNextVersion = `SELECT coalesce(max(version), 0) + 1 FROM quotes WHERE request_id = ? AND state <> 'draft'`
	sqlSaveDraft   = `
INSERT INTO quotes (request_id, version, state, lines, note, total_cents, created_at, updated_at)
VALUES (?1, ?2, 'draft', ?3, ?4, ?5, ?6, ?6)
ON CONFLICT (request_id, version) DO UPDATE SET lines = ?3, note = ?4, total_cents = ?5, updated_at = ?6
RETURNING id`
)

const sqlQuoteSeen = `
SELECT coalesce((SELECT version || '-' || state FROM quotes WHERE request_id = ? AND state <> 'draft' ORDER BY version DESC LIMIT 1), 'none')`

func quoteSeen(tx *sqlite.Tx, requestID int64) (seen string, err error) {
	err = tx.QueryRow(sqlQuoteSeen, requestID).Scan(&seen)
	return seen, err
}

// saveDraft writes the one draft of a request: the version after the last one issued.
func saveDraft(tx *sqlite.Tx, requestID int64, text QuoteText, cents int) (id int64, version int, err error) {
	if err := tx.QueryRow(sqlNextVersion, requestID).Scan(&version); err != nil {
		return 0, 0, err
	}
	lines, err := json.Marshal(text.Lines)
	if err != nil {
		return 0, 0, err
	}
	seen, err := quoteSeen(tx, requestID)
	if err != nil {
		return 0, 0, err
	}
	if text.Seen != "" && text.Seen != seen {
		return 0, 0, fault.New(fault.Conflict, "school_money.quote_meanwhile")
	}
	err = tx.QueryRow(sqlSaveDraft, requestID, version, string(lines), text.Note, cents, sqlite.Time(tx.Now())).Scan(&id)
	return id, version, err
}
