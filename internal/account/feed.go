package account

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// FeedToken is the secret part of the link to the calendar of what u leads: calendars that subscribe to it have no cookie. Raising the
// version revokes it.
func (s Secret) FeedToken(u User) string {
	return s.Sign("feed", strconv.FormatInt(u.ID, 10), u.feedVersion)
}

// FeedToken is that of Secret.
func (d *Door) FeedToken(u User) string { return d.secret.FeedToken(u) }

// FeedOwner returns whose calendar a link opens: fault.NotFound for a wrong one, one that was revoked, and where the access is closed.
func (d *Door) FeedOwner(ctx context.Context, id int64, token string) (u User, err error) {
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err = FindUser(tx, id)
		return err
	})
	if err == nil && (u.Disabled() || !equal(d.secret.FeedToken(u), token)) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return User{}, err
	}
	return u, nil
}

const sqlRenewFeed = `UPDATE users SET feed_version = feed_version + 1 WHERE id = ?`

// RenewFeed gives the actor another link to the calendar of what they lead: the one before opens nothing any more.
func (d *Door) RenewFeed(ctx context.Context, actor Actor, key FormKey) error {
	if !actor.IsTeam() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) {
			if _, err := tx.Exec(sqlRenewFeed, actor.ID); err != nil {
				return "", fmt.Errorf("account: feed of user %d: %w", actor.ID, err)
			}
			return "", audit.Add(tx, actor.String(), "account.renew_feed", userRecord(actor.ID), nil)
		})
		return err
	})
}
