package school

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// ServiceDone is what an attestation of service says: the workshops of a request that took place, as they were counted.
type ServiceDone struct {
	Request
	Seller   Seller
	Sessions []ServiceSession // in order of time
	// Quote is the number of the accepted quote, Engagement what the public buyer wrote with it; may be empty.
	Quote, Engagement string
	// Signatory signs for the association; may be empty.
	Signatory, SignatoryRole string
}

// ServiceSession is one session as it was counted. Times are in the venue's zone.
type ServiceSession struct {
	Start, End     time.Time
	Workshop       string
	Venue, Address string
	Facilitators   []string
	Groups         []ServiceGroup
}

// ServiceGroup is how many children of a level came.
type ServiceGroup struct {
	Level    string
	Children int
}

// Total is how many children came.
func (s ServiceSession) Total() (n int) {
	for _, g := range s.Groups {
		n += g.Children
	}
	return n
}

// ServiceDone returns what the attestation of a request says, for its contact. Conflict "class.error.not_served" until
// every session that was not called off has ended and is counted.
func (s *Service) ServiceDone(ctx context.Context, link Link) (d ServiceDone, err error) {
	return s.serviceDone(ctx, func(tx *sqlite.Tx) (Request, error) { return s.openTx(tx, link) })
}

// ServiceDoneAtDesk is ServiceDone for who has a desk.
func (s *Service) ServiceDoneAtDesk(ctx context.Context, actor account.Actor, id int64) (d ServiceDone, err error) {
	if err := mayRead(actor); err != nil {
		return ServiceDone{}, err
	}
	return s.serviceDone(ctx, func(tx *sqlite.Tx) (Request, error) { return requestTx(tx, id) })
}

const sqlAgreedQuote = `
SELECT q.id, coalesce((SELECT a.engagement FROM acceptances a WHERE a.quote_id = q.id AND a.confirmed_at IS NOT NULL ORDER BY a.confirmed_at DESC, a.id DESC LIMIT 1), '')
  FROM quotes q WHERE q.request_id = ? AND q.state = 'accepted' ORDER BY q.version DESC LIMIT 1`

func (s *Service) serviceDone(ctx context.Context, open func(*sqlite.Tx) (Request, error)) (d ServiceDone, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		d = ServiceDone{}
		if d.Request, err = open(tx); err != nil {
			return err
		}
		held, err := heldSessions(tx, d.Request)
		if err != nil {
			return err
		}
		if !served(held, tx.Now()) {
			return fault.New(fault.Conflict, "class.error.not_served")
		}
		for _, h := range held {
			d.Sessions = append(d.Sessions, h.attested(d.Level))
		}
		if d.Seller, _, err = SellerTx(tx); err != nil {
			return err
		}
		if d.Signatory, err = settings.Get(tx, settings.SignatoryName); err != nil {
			return err
		}
		if d.SignatoryRole, err = settings.Get(tx, settings.SignatoryRole); err != nil {
			return err
		}
		var quote int64
		err = tx.QueryRow(sqlAgreedQuote, d.ID).Scan(&quote, &d.Engagement)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		q, err := quoteTx(tx, d.ID, quote)
		d.Quote = q.Number
		return err
	})
	return d, err
}

// served reports whether every session has ended and is counted, and there is one.
func served(held []heldSession, now time.Time) bool {
	return len(held) > 0 && !slices.ContainsFunc(held, func(h heldSession) bool { return now.Before(h.ends) || len(h.groups) == 0 })
}

// attested is h as the attestation says it: levels without genders.
func (h heldSession) attested(level string) ServiceSession {
	s := ServiceSession{Start: h.starts, End: h.ends, Workshop: h.workshop, Venue: h.venue, Address: h.address}
	if h.facilitators != "" {
		s.Facilitators = strings.Split(h.facilitators, "\n")
	}
	for _, c := range h.groups {
		if c.level == "" {
			c.level = level
		}
		if n := len(s.Groups); n > 0 && s.Groups[n-1].Level == c.level {
			s.Groups[n-1].Children += c.children
			continue
		}
		s.Groups = append(s.Groups, ServiceGroup{Level: c.level, Children: c.children})
	}
	return s
}

// IsServed reports whether the attestation of a request can be given: see ServiceDone. Whoever calls it has made sure
// that the request may be seen.
func (s *Service) IsServed(ctx context.Context, r Request) (done bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		held, err := heldSessions(tx, r)
		done = err == nil && served(held, tx.Now())
		return err
	})
	return done, err
}
