package school

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Payer is who pays when it is not who asks, such as a town for its schools (domain, Schools 3).
type Payer struct {
	Name, Address, Postcode, City string
	SIRET                         string // 14 digits, or empty
	Public                        bool   // invoices go through Chorus Pro
	ServiceCode                   string
	ContactName, Email, Phone     string
	// LinkVersion is that of the payer's own link; it changes with the address, so that who paid before sees nothing more.
	LinkVersion int
}

const sqlPayer = `
SELECT name, address, postcode, city, siret, is_public, service_code, contact_name, contact_email, contact_phone, link_version
  FROM payers WHERE request_id = ?`

// payerTx returns who pays for a request; nil when who asks does.
func payerTx(tx *sqlite.Tx, requestID int64) (*Payer, error) {
	var p Payer
	err := tx.QueryRow(sqlPayer, requestID).Scan(&p.Name, &p.Address, &p.Postcode, &p.City, &p.SIRET, &p.Public,
		&p.ServiceCode, &p.ContactName, &p.Email, &p.Phone, &p.LinkVersion)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// Payer returns who pays for a request, for the desk; nil when who asks does.
func (s *Service) Payer(ctx context.Context, actor account.Actor, requestID int64) (p *Payer, err error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := requestTx(tx, requestID); err != nil {
			return err
		}
		p, err = payerTx(tx, requestID)
		return err
	})
	return p, err
}

// namedAs reports whether p is who a paper names as the one who pays. nil stands for who asks, in both.
func (p *Payer) namedAs(on *Client) bool {
	if p == nil || on == nil {
		return p == nil && on == nil
	}
	return p.Name == on.Name && p.SIRET == on.SIRET
}

var postcodeShape = regexp.MustCompile(`^[0-9A-Z][0-9A-Z -]{2,9}$`)

// check cleans what was typed; what is wrong is fault.Invalid by the names of its fields.
func (p *Payer) check() error {
	t := typed{}
	t.told("payer_name", &p.Name, "school_money.payer.name_missing")
	t.line("payer_address", &p.Address, "school_money.payer.address_missing")
	t.line("payer_postcode", &p.Postcode, "school_money.payer.postcode_missing")
	t.line("payer_city", &p.City, "school_money.payer.city_missing")
	t.line("payer_service", &p.ServiceCode, "")
	t.told("payer_contact", &p.ContactName, "school_money.payer.contact_missing")
	t.line("payer_email", &p.Email, "school_money.payer.email_missing")
	t.line("payer_phone", &p.Phone, "")
	if p.Postcode != "" && !postcodeShape.MatchString(strings.ToUpper(p.Postcode)) {
		t.wrong("payer_postcode", "school_money.payer.postcode_wrong")
	}
	if p.SIRET = strings.Join(strings.Fields(p.SIRET), ""); p.SIRET != "" && !settings.IsSIRET(p.SIRET) {
		t.wrong("payer_siret", "settings.siret")
	}
	if p.Email != "" && (!account.IsEmail(p.Email) || !strings.Contains(p.Email, ".")) {
		t.wrong("payer_email", "school_money.payer.email_wrong")
	}
	return t.invalid()
}

// SetPayer says who pays for a request, for the desk; nil: who asks does. Once an invoice is out it is Conflict
// "school_money.payer.late". A payer who is reached at another address gets the quote that waits there.
func (s *Service) SetPayer(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, p *Payer) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.setPayer(ctx, actor, key, ByTeam, p, func(tx *sqlite.Tx) (Request, error) { return requestTx(tx, requestID) })
}

// SetPayerByLink is SetPayer for the contact, until the quote is accepted. A quote that waits is then the team's to write
// anew, or to send to another address: the contact moves no offer of ours into a mailbox that nobody looked at.
func (s *Service) SetPayerByLink(ctx context.Context, key account.FormKey, link Link, p *Payer) error {
	return s.setPayer(ctx, account.Guest(), key, ByContact, p, func(tx *sqlite.Tx) (Request, error) { return s.openTx(tx, link) })
}

// TakesPayer reports whether the contact may still say who pays: until the quote is accepted.
func (s State) TakesPayer() bool { return s == Received || s == Proposed || s == Quoted }

const (
	sqlHasInvoice = `SELECT EXISTS (SELECT 1 FROM invoices WHERE request_id = ?)`

	// Every change of payer leaves an event, so that their count gives a version that no earlier link has.
	sqlNextPayerLink = `SELECT 2 + count(*) FROM request_events WHERE request_id = ? AND kind = 'payer'`

	sqlSetPayer = `
INSERT INTO payers (request_id, name, address, postcode, city, siret, is_public, service_code, contact_name, contact_email,
                    contact_phone, link_version, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
ON CONFLICT (request_id) DO UPDATE SET name = ?2, address = ?3, postcode = ?4, city = ?5, siret = ?6, is_public = ?7,
       service_code = ?8, contact_name = ?9, contact_email = ?10, contact_phone = ?11, link_version = ?12, updated_at = ?13`

	sqlDropPayer = `DELETE FROM payers WHERE request_id = ?`
)

func (s *Service) setPayer(ctx context.Context, actor account.Actor, key account.FormKey, by By, p *Payer, open func(*sqlite.Tx) (Request, error)) error {
	var wrong error
	if p != nil {
		clean := *p
		wrong, p = clean.check(), &clean
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := open(tx)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if wrong != nil {
				return "", wrong
			}
			return "", changePayer(tx, actor, by, r, p)
		})
		return err
	})
}

func changePayer(tx *sqlite.Tx, actor account.Actor, by By, r Request, p *Payer) error {
	var late bool
	if err := tx.QueryRow(sqlHasInvoice, r.ID).Scan(&late); err != nil {
		return err
	}
	if late || r.State.IsOver() || by == ByContact && !r.State.TakesPayer() {
		return fault.New(fault.Conflict, "school_money.payer.late")
	}
	before, err := payerTx(tx, r.ID)
	if err != nil || before == nil && p == nil {
		return err
	}
	name, version := "", 0
	if p == nil {
		if _, err := tx.Exec(sqlDropPayer, r.ID); err != nil {
			return err
		}
	} else {
		if before != nil && account.FoldEmail(before.Email) == account.FoldEmail(p.Email) {
			version = before.LinkVersion
		} else if err := tx.QueryRow(sqlNextPayerLink, r.ID).Scan(&version); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetPayer, r.ID, p.Name, p.Address, p.Postcode, p.City, p.SIRET, p.Public, p.ServiceCode,
			p.ContactName, p.Email, p.Phone, version, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		name = p.Name
	}
	if err := addEvent(tx, actor, by, r.ID, "payer", name); err != nil {
		return err
	}
	moved := p != nil && before != nil && version != before.LinkVersion
	if err := redirectQuote(tx, by, r, p, moved); err != nil {
		return err
	}
	if by == ByContact {
		m := letter(r)
		m.News, m.Reason = "payer", name
		if err := tellTeam(tx, r, outbox.RequestNews, m); err != nil {
			return err
		}
	}
	return audit.Add(tx, actor.String(), "request.payer", record("request", r.ID), map[string]any{"other": p != nil})
}

// redirectQuote does what a quote that waits for its answer needs after a change of payer; moved tells that the same payer
// is reached elsewhere.
func redirectQuote(tx *sqlite.Tx, by By, r Request, p *Payer, moved bool) error {
	all, err := quotesTx(tx, r.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(q Quote) bool { return q.State == QuoteIssued })
	if i < 0 {
		return nil
	}
	named := p.namedAs(all[i].Bill.Payer)
	switch {
	case named && !moved:
		return nil
	case named && by == ByTeam:
		_, err := tellPayer(tx, r, outbox.RequestQuoted, quoteLetter(r, all[i].Bill))
		return err
	}
	return setTurn(tx, r.ID, teamsTurn)
}
