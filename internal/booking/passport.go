package booking

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LinkPassport is the purpose of the links that open the passports of a family: what its children have done. Such a link
// opens no booking, and that of a booking no passport. It is mailed, since a screen may be that of a guest who gave an
// address that is not theirs.
const LinkPassport = "passport"

// PassportFamily returns the guardian whose passports a link opens. A wrong signature, an unknown
// reference and an erased family, whose links were revoked, are the same fault.NotFound.
func (s *Service) PassportFamily(ctx context.Context, link Link) (guardianID int64, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := groupByReference(tx, link.Reference)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err != nil || !s.secret.Verify(LinkPassport, link.Reference, g.version, link.Signature) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		guardianID = g.guardianID
		return nil
	})
	return guardianID, err
}

// PassportLink returns the link to the passports of the family of a booking. Only for who came by a mailed link, see
// LinkPassport.
func (s *Service) PassportLink(g Group) Link { return s.Sign(LinkPassport, g.Reference, g.version) }
