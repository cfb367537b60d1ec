package booking

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// finder returns the booking that a change is about, or why whoever asks may not change it.
type finder func(*sqlite.Tx) (group, error)

// byLink finds the booking that a family's link opens. A change from a mailed link proves the mailbox first;
// see opened for those that do not.
func (s *Service) byLink(link Link) finder {
	return func(tx *sqlite.Tx) (group, error) {
		g, err := s.open(tx, link)
		if err != nil || !g.viaMail {
			return g, err
		}
		return g, prove(tx, g)
	}
}

// opened finds the booking that a family's link opens, and takes nothing for proved: who gives up what was booked with their
// address may never have booked it, and then none of it joins their family.
func (s *Service) opened(link Link) finder {
	return func(tx *sqlite.Tx) (group, error) { return s.open(tx, link) }
}

// byReference finds a booking for the team, that acts for a family: by phone, say (domain, Waiting list 9).
func byReference(actor account.Actor, reference string) finder {
	return func(tx *sqlite.Tx) (group, error) {
		if !actor.CanManage() {
			return group{}, fault.New(fault.Forbidden, "error.forbidden")
		}
		g, err := groupByReference(tx, reference)
		return g, notFound(err)
	}
}

// notFound turns a missing row into the fault that says so.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return err
}

// change runs one change of a booking, once per key.
func (s *Service) change(ctx context.Context, key account.FormKey, find finder, do func(*sqlite.Tx, Group) error) error {
	_, err := s.changeTo(ctx, key, find, func(tx *sqlite.Tx, v Group) (string, error) { return v.Reference, do(tx, v) })
	return err
}

// changeTo is change for what has a result, such as a new reference.
func (s *Service) changeTo(ctx context.Context, key account.FormKey, find finder, do func(*sqlite.Tx, Group) (string, error)) (result string, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, _, err = account.Once(tx, key, func() (string, error) {
			g, err := find(tx)
			if err != nil {
				return "", err
			}
			v, err := viewGroup(tx, g.id)
			if err != nil {
				return "", err
			}
			v.ViaMail, v.Trusted = g.viaMail, g.trusted
			return do(tx, v)
		})
		return err
	})
	return result, err
}
