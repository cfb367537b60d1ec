package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// User is a member of the team or a facilitator.
type User struct {
	ID         int64
	Email      string // as typed
	Name       string
	Phone      string // as typed; may be empty
	Role       Role
	CreatedAt  time.Time
	DisabledAt time.Time // zero: may sign in
	Invited    bool      // has no password yet
	LinkUntil  time.Time // when the link to choose a password that was mailed ends; zero: none is open
	HasFactor  bool      // has set up an app for codes
	Recovery   int       // recovery codes that are left
	// CertifiedOn is the day of their certificate of honorability, and CertifiedUntil its last one, both midnight UTC; zero: there is none.
	CertifiedOn, CertifiedUntil time.Time
	epoch                       int64 // sign_in_epoch when it was read
	feedVersion                 int
}

// Disabled reports whether the user may no longer sign in.
func (u User) Disabled() bool { return !u.DisabledAt.IsZero() }

// Actor is the user as the one who acts.
func (u User) Actor() Actor {
	return Actor{Kind: KindUser, ID: u.ID, Name: u.Name, Role: u.Role}
}

const sqlUsers = `
SELECT id, email, name, phone, role, created_at, coalesce(disabled_at, ''), password_hash = '',
  (SELECT coalesce(max(expires_at), '') FROM password_links WHERE user_id = users.id AND outcome IS NULL),
  EXISTS (SELECT 1 FROM second_factors WHERE user_id = users.id), (SELECT count(*) FROM recovery_codes WHERE user_id = users.id AND used_at IS NULL), sign_in_epoch,
  coalesce(honorability_on, ''), feed_version
FROM users`

const sqlUser = sqlUsers + ` WHERE id = ?`

// FindUser returns the user id, disabled or not; fault.NotFound if there is none.
func FindUser(tx *sqlite.Tx, id int64) (User, error) {
	months, err := settings.Get(tx, settings.HonorabilityMonths)
	if err != nil {
		return User{}, err
	}
	u, err := scanUser(tx.QueryRow(sqlUser, id).Scan, months)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return User{}, fmt.Errorf("account: user %d: %w", id, err)
	}
	return u, nil
}

// ListUsers returns every user, disabled ones included, by name as a French reader
// expects them.
func ListUsers(ctx context.Context, db *sqlite.DB) ([]User, error) {
	var users []User
	err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		users = nil
		months, err := settings.Get(tx, settings.HonorabilityMonths)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlUsers)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			u, err := scanUser(rows.Scan, months)
			if err != nil {
				return err
			}
			users = append(users, u)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("account: users: %w", err)
	}
	order := collate.New(language.French)
	slices.SortStableFunc(users, func(a, b User) int { return order.CompareString(a.Name, b.Name) })
	return users, nil
}

// scanUser reads a user; a certificate counts for so many months.
func scanUser(scan func(...any) error, months int) (User, error) {
	var u User
	var created, disabled, link, certified string
	err := scan(&u.ID, &u.Email, &u.Name, &u.Phone, &u.Role, &created, &disabled, &u.Invited, &link, &u.HasFactor, &u.Recovery, &u.epoch, &certified, &u.feedVersion)
	if err != nil {
		return User{}, err
	}
	for _, instant := range []struct {
		text string
		at   *time.Time
	}{{created, &u.CreatedAt}, {disabled, &u.DisabledAt}, {link, &u.LinkUntil}} {
		if instant.text == "" {
			continue
		}
		if *instant.at, err = sqlite.ParseTime(instant.text); err != nil {
			return User{}, err
		}
	}
	if certified != "" {
		if u.CertifiedOn, err = time.Parse(time.DateOnly, certified); err != nil {
			return User{}, err
		}
		u.CertifiedUntil = certifiedUntil(u.CertifiedOn, months)
	}
	return u, nil
}
