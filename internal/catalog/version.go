package catalog

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A version is a fingerprint of what a form can change. The form carries that of what it showed, so that
// two people who edit one thing at a time do not silently undo each other. The moment of the last change
// would not do: instants are kept to the second.

// Version changes with every field of the workshop.
func (w Workshop) Version() string { return version(w) }

// Version changes with every field of the venue.
func (v Venue) Version() string { return version(v) }

// Version changes with what EditSession can change and with who leads the session, not with bookings or publication.
func (s Session) Version() string {
	return version([]any{s.Workshop.ID, s.Venue.ID, sqlite.Time(s.StartsAt), sqlite.Time(s.EndsAt), s.Capacity, s.Reserved.Seats, s.Reserved.Partner, s.Reserved.LastDay(), s.PriceCents, s.Pricing,
		s.PaymentURL, s.Funding, sqlite.Time(s.OpensAt), sqlite.Time(s.ClosesAt), s.Series.ID, s.ledBy})
}

func version(fields any) string {
	text, _ := json.Marshal(fields) // texts and numbers always have a JSON form
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// unchanged refuses, as Conflict, an edit of something that is no longer what the form showed.
func unchanged(seen, present string) error {
	if seen != "" && seen != present {
		return fault.New(fault.Conflict, "catalog.changed_meanwhile")
	}
	return nil
}
