// Package attendance owns what happens on the day of a session: the register with what a
// facilitator must know of each child, the journal of marks, and the certificates. A private session has a class
// list of first names, or is counted without any; nothing of families is in its register.
package attendance

import (
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service keeps registers and certificates. Its methods are safe for concurrent use.
type Service struct {
	db       *sqlite.DB
	bookings *booking.Service
}

// NewService returns a Service on db. bookings gives seats to children who come without one; who only reads, prints and
// certifies may leave it nil.
func NewService(db *sqlite.DB, bookings *booking.Service) *Service {
	return &Service{db: db, bookings: bookings}
}

// record names a row in the audit and the access log.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
