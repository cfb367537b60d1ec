// Package school owns what organisations ask of the collective: schools, libraries, social centres and others send
// one request for group workshops, which goes from the first click to the finished workshop. It owns the directory of
// schools, requests and their pipeline, proposals, quotes, invoices and agreements. Every change is one transaction
// that also writes the messages, the event that people read and the audit line. It knows no family and no child.
package school

import (
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service keeps requests. Its methods are safe for concurrent use.
type Service struct {
	db     *sqlite.DB
	secret account.Secret
}

// NewService returns a Service on db; secret signs the links that open requests.
func NewService(db *sqlite.DB, secret account.Secret) *Service {
	return &Service{db: db, secret: secret}
}

// record names a row in the audit.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
