package booking

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// mostUnproved is how many bookings Unproved shows at once.
const mostUnproved = 200

// UnprovedList are bookings to come whose address nobody has proved to read. Somebody may hold seats with made-up names by them (design, Guests).
type UnprovedList struct {
	Bookings []Group // in the order of the sessions and of the addresses
	More     bool    // there are more than it shows
	Cap      int     // how many live bookings such an address may have
}

const sqlUnproved = `
SELECT bg.id FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id JOIN sessions s ON s.id = bg.session_id
WHERE g.proved_at IS NULL AND g.email_folded <> '' AND s.status = 'published' AND s.starts_at > ?1 AND (?2 = 0 OR s.id = ?2)
  AND EXISTS (SELECT 1 FROM bookings b WHERE b.group_id = bg.id AND b.status IN ('waiting', 'offered', 'confirmed'))
ORDER BY s.starts_at, s.id, g.email_folded, bg.id LIMIT ?3`

// Unproved returns them, at most 200; those of one session unless sessionID is 0. Forbidden to all but staff.
func (s *Service) Unproved(ctx context.Context, actor account.Actor, sessionID int64) (list UnprovedList, err error) {
	if !actor.CanManage() {
		return UnprovedList{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		ids, err := sqlite.Column[int64](tx, sqlUnproved, sqlite.Time(tx.Now()), sessionID, mostUnproved+1)
		if err != nil {
			return err
		}
		list = UnprovedList{More: len(ids) > mostUnproved}
		if list.Cap, err = settings.Get(tx, settings.UnprovedBookingsCap); err != nil {
			return err
		}
		for _, id := range ids[:min(len(ids), mostUnproved)] {
			v, err := viewGroup(tx, id)
			if err != nil {
				return err
			}
			list.Bookings = append(list.Bookings, v)
		}
		return nil
	})
	return list, err
}

// Release gives up all that some bookings of unproved addresses have, in one step: each is told by its mail, and the seats pass on. What was proved meanwhile, was given
// up or has begun is left as it is. Forbidden to all but staff; NotFound for an unknown reference.
func (s *Service) Release(ctx context.Context, actor account.Actor, key account.FormKey, references []string) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", s.release(tx, actor, references) })
		return err
	})
}

func (s *Service) release(tx *sqlite.Tx, actor account.Actor, references []string) error {
	var sessions []int64
	for _, reference := range references {
		g, err := groupByReference(tx, reference)
		if err != nil {
			return notFound(err)
		}
		v, err := viewGroup(tx, g.id)
		if err != nil {
			return err
		}
		live := v.moving()
		if v.Proved || len(live) == 0 || !tx.Now().Before(v.Session.StartsAt) {
			continue
		}
		if err := s.giveUpByTeam(tx, actor, v, live); err != nil {
			return err
		}
		if err := tellOthers(tx, v, live, "cancelled", v.Session); err != nil {
			return err
		}
		if !slices.Contains(sessions, v.Session.ID) {
			sessions = append(sessions, v.Session.ID)
		}
	}
	for _, id := range sessions {
		if err := offerFreeSeats(tx, id, nil); err != nil {
			return err
		}
	}
	return nil
}
