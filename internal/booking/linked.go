package booking

import (
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Linked is a first or second choice of the same children: a place on another list, or a seat, that is still live.
type Linked struct {
	Link      Link // of the same purpose as the one that opened the booking
	Session   Session
	Confirmed []string // first names
	Offered   []string
	Waiting   []string
}

// Overlap is a session of a child that takes place at the same time as one where it is offered a seat. It is pointed
// out, not refused (domain, Capacity 4).
type Overlap struct {
	FirstName string
	Session   Session
	Status    string // of the child there: confirmed, offered or waiting
}

const sqlLinked = `
SELECT bg.id FROM booking_groups bg JOIN sessions s ON s.id = bg.session_id
WHERE (bg.id = ?2 OR bg.first_id = ?2) AND bg.session_id <> (SELECT session_id FROM booking_groups WHERE id = ?1) AND s.status = 'published' AND s.starts_at > ?3
  AND EXISTS (SELECT 1 FROM bookings b WHERE b.group_id = bg.id AND b.status IN ('waiting', 'offered', 'confirmed'))
ORDER BY s.starts_at, bg.id`

// linkedGroups reads the live bookings that are other choices of the same children; of those who left and came back to the
// same session there are two bookings, which are one choice.
func linkedGroups(tx *sqlite.Tx, v Group) ([]Group, error) {
	ids, err := sqlite.Column[int64](tx, sqlLinked, v.id, v.firstID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	var groups []Group
	for _, id := range ids {
		other, err := viewGroup(tx, id)
		if err != nil {
			return nil, err
		}
		groups = append(groups, other)
	}
	return groups, nil
}

// hides reports whether another choice is not for who came by the link of a young person: a guardian made it.
func (g Group) hides(other Group) bool { return g.ByYoung && !g.ViaMail && !other.ByYoung }

// linked is linkedGroups as whoever came by a link sees it, with links of the same purpose.
func (s *Service) linked(tx *sqlite.Tx, v Group, by Link) ([]Linked, error) {
	groups, err := linkedGroups(tx, v)
	if err != nil {
		return nil, err
	}
	var list []Linked
	for _, other := range groups {
		if v.hides(other) {
			continue
		}
		list = append(list, Linked{
			Link: s.linkLike(by, v, other), Session: other.Session,
			Confirmed: other.With("confirmed"), Offered: other.With("offered"), Waiting: other.With("waiting"),
		})
	}
	return list, nil
}

// linkLike is a link to another booking of the kind of the one by which v was opened.
func (s *Service) linkLike(by Link, v, other Group) Link {
	switch {
	case by.Signature == OwnSignature:
		return OwnLink(by.Owner, other.Reference)
	case v.ViaMail:
		return s.Sign(LinkMail, other.Reference, other.version)
	}
	return s.Sign(LinkScreen, other.Reference, other.version)
}

// stillWaiting returns, for a message, the sessions on whose lists the children of a booking still are.
func stillWaiting(tx *sqlite.Tx, v Group) ([]outbox.Session, error) {
	groups, err := linkedGroups(tx, v)
	if err != nil {
		return nil, err
	}
	var also []outbox.Session
	for _, other := range groups {
		if len(other.With("waiting"))+len(other.With("offered")) > 0 {
			also = append(also, other.Session.forMail())
		}
	}
	return also, nil
}

// leaveLinked gives up the places on other lists, by reference: who waits there or is offered a seat, never a seat that
// is theirs. Invalid for a booking that is not linked to v.
func (s *Service) leaveLinked(tx *sqlite.Tx, actor account.Actor, v Group, references []string) error {
	if len(references) == 0 {
		return nil
	}
	groups, err := linkedGroups(tx, v)
	if err != nil {
		return err
	}
	for _, reference := range references {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Reference == reference && !v.hides(g) })
		if i < 0 {
			// A list that was left meanwhile, or is over, is no reason to lose the seat.
			var ours bool
			if err := tx.QueryRow(sqlIsLinked, reference, v.id, v.firstID).Scan(&ours); err != nil {
				return err
			}
			if !ours {
				return fault.New(fault.Invalid, "booking.leave_unknown")
			}
			continue
		}
		// Read again: the place that was left before may have passed its seat on to this one.
		other, err := viewGroup(tx, groups[i].id)
		if err != nil {
			return err
		}
		if err := s.leave(tx, actor, other); err != nil {
			return err
		}
	}
	return nil
}

const sqlIsLinked = `
SELECT EXISTS (SELECT 1 FROM booking_groups WHERE reference = ?1 AND id <> ?2 AND (id = ?3 OR first_id = ?3))`

func (s *Service) leave(tx *sqlite.Tx, actor account.Actor, v Group) error {
	var ids []int64
	for _, c := range v.Children {
		if c.Status == "waiting" || c.Status == "offered" {
			ids = append(ids, c.BookingID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.cancel(tx, actor, v, ids, "")
}

// A link from the screen may be a stranger's, who typed another family's address: it knows of its own choices alone. By a
// mailed one, the same child is the same row, or one of the same name and birth date in another booking
// from the same address (domain, Family data 6).
const sqlOverlaps = `
SELECT DISTINCT c.first_name, ob.session_id, ob.status
FROM bookings b
JOIN sessions s ON s.id = b.session_id
JOIN children c ON c.id = b.child_id
JOIN guardians g ON g.id = ?2
JOIN guardians og ON og.id = g.id OR ?3 AND g.email_folded <> '' AND og.email_folded = g.email_folded
JOIN booking_groups og_groups ON og_groups.guardian_id = og.id AND (?3 OR og_groups.id = ?4 OR og_groups.first_id = ?4)
JOIN bookings ob ON ob.group_id = og_groups.id AND ob.status IN ('waiting', 'offered', 'confirmed')
JOIN children oc ON oc.id = ob.child_id AND (oc.id = c.id OR oc.name_folded = c.name_folded AND oc.birth_date = c.birth_date)
JOIN sessions os ON os.id = ob.session_id AND os.id <> s.id AND os.status = 'published'
  AND os.starts_at < s.ends_at AND os.ends_at > s.starts_at
WHERE b.group_id = ?1 AND b.status = 'offered'
ORDER BY c.id, os.starts_at`

// overlaps says where the children who are offered a seat are at that time, as far as this booking's family may know.
func overlaps(tx *sqlite.Tx, v Group) ([]Overlap, error) {
	if len(v.With("offered")) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(sqlOverlaps, v.id, v.guardianID, v.ViaMail, v.firstID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Overlap
	for rows.Next() {
		var o Overlap
		if err := rows.Scan(&o.FirstName, &o.Session.ID, &o.Status); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Session, err = loadSession(tx, list[i].Session.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}
