// Package booking owns bookings, waiting lists, offers and the drafts that lead to them:
// who may take a seat, who is next, and what families are told. Every change is one
// transaction that also writes the messages and the audit line.
package booking

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service books, cancels and offers. Its methods are safe for concurrent use.
type Service struct {
	db     *sqlite.DB
	secret account.Secret
}

// NewService returns a Service on db; secret signs the links that open bookings.
func NewService(db *sqlite.DB, secret account.Secret) *Service {
	return &Service{db: db, secret: secret}
}
