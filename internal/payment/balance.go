package payment

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What costs: a seat that is theirs. One that the family gave up late costs nothing unless the team counted it since (issue 7, point 5: no
// automatic punishment); it then does so whatever becomes of the booking it was in and of the hour of its session, but not beside a seat that the
// same child has there again. What was called off costs nothing.
const (
	sqlSeats = `
SELECT b.id, bg.id AS group_id, bg.guardian_id, bg.reference, s.id AS session_id, w.title, w.level, s.starts_at, v.time_zone, b.child_id, s.pricing, b.status = 'cancelled' AS late,
       coalesce(bg.seat_cents, iif(s.pricing = 'series', x.price_cents, s.price_cents)) AS cents,
       iif(s.pricing = 'series', x.title, '') AS series,
       iif(s.pricing = 'series', row_number() OVER (PARTITION BY b.child_id, iif(s.pricing = 'series', s.series_id, -b.id) ORDER BY b.id), 1) AS nth
  FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id JOIN sessions s ON s.id = b.session_id JOIN workshops w ON w.id = s.workshop_id
  JOIN venues v ON v.id = s.venue_id LEFT JOIN series x ON x.id = s.series_id
 WHERE s.status <> 'cancelled'`
	whereCounted = `EXISTS (SELECT 1 FROM late_charges k WHERE k.booking_id = b.id AND unixepoch(k.charged_at) >= unixepoch(b.cancelled_at))`
	whereAgain   = `EXISTS (SELECT 1 FROM bookings n WHERE n.session_id = b.session_id AND n.child_id = b.child_id AND n.status = 'confirmed')`
	sqlCosting   = sqlSeats + ` AND (b.status = 'confirmed' OR b.status = 'cancelled' AND ` + whereCounted + ` AND NOT ` + whereAgain + `)`
	// A place in a series is paid once for each child, whoever booked it: with the first of its seats that costs. So the seats of the
	// children are looked at, not those of the guardian.
	sqlSeatsOfGuardian = `
SELECT y.id, y.group_id, y.guardian_id, y.reference, y.session_id, y.title, y.level, y.starts_at, y.time_zone, y.series, y.child_id, c.first_name, c.last_name, y.pricing, y.cents, y.late
  FROM (` + sqlCosting + ` AND b.child_id IN (SELECT o.child_id FROM booking_groups g JOIN bookings o ON o.group_id = g.id WHERE g.guardian_id = ?1)) AS y
  JOIN children c ON c.id = y.child_id WHERE y.guardian_id = ?1 AND y.nth = 1 AND y.cents > 0 ORDER BY y.id`
	sqlSeatsOfAll = `
SELECT y.id, y.group_id, y.guardian_id, y.reference, y.session_id, y.title, y.level, y.starts_at, y.time_zone, y.series, y.child_id, '', '', y.pricing, y.cents, y.late
  FROM (` + sqlCosting + `) AS y WHERE y.nth = 1 AND y.cents > 0 ORDER BY y.id`
	// The same child got its seat in another session in the very transaction that ended this one: the booking moved, be it more than once since.
	whereMoved = `EXISTS (SELECT 1 FROM booking_groups m JOIN bookings n ON n.group_id = m.id
	   WHERE (m.id = bg.moved_id OR m.moved_id = bg.moved_id) AND n.child_id = b.child_id AND n.created_at = b.cancelled_at)`
	// What was given up late and may be counted. What a booking left behind when it moved was not given up, unlike what had been before that, and who left the list
	// without ever having had a seat gave up none: as in booking.Found. ?2 is booking.LateNotice in seconds.
	sqlCountable = `
SELECT y.id, y.group_id, y.guardian_id, y.reference, y.session_id, y.title, y.level, y.starts_at, y.time_zone, y.series, y.child_id, c.first_name, c.last_name, y.pricing, y.cents, y.late
  FROM (` + sqlSeats + ` AND bg.guardian_id = ?1 AND NOT ` + whereMoved + ` AND b.status = 'cancelled' AND b.cancelled_by = 'family'
       AND unixepoch(b.cancelled_at) >= unixepoch(s.starts_at) - ?2
       AND (b.joined_list = 0 OR EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given')))
       AND NOT ` + whereCounted + ` AND NOT ` + whereAgain + `) AS y
  JOIN children c ON c.id = y.child_id WHERE y.nth = 1 AND y.cents > 0 ORDER BY y.id`
)

const (
	sqlFunds = `
SELECT p.guardian_id, p.id, p.cents, coalesce(k.units, 0) FROM payments p LEFT JOIN carnets k ON k.payment_id = p.id
 WHERE p.guardian_id IS NOT NULL AND p.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM payments r WHERE r.reverses = p.id)`
	sqlFundsOfGuardian = sqlFunds + ` AND p.guardian_id = ?1 ORDER BY p.id`
	sqlFundsOfAll      = sqlFunds + ` ORDER BY p.id`
	sqlPartsOfGuardian = `SELECT t.payment_id, t.group_id, t.cents FROM payment_parts t JOIN payments p ON p.id = t.payment_id WHERE p.guardian_id = ?1`
	sqlPartsOfAll      = `SELECT payment_id, group_id, cents FROM payment_parts`
)

// lateSeconds is booking.LateNotice as the queries need it.
const lateSeconds = int64(booking.LateNotice / time.Second)

// ofGuardian reads rows that begin with a guardian, by guardian.
type ofGuardian[T any] map[int64][]T

func readSeats(tx *sqlite.Tx, query string, args ...any) (ofGuardian[Seat], error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := ofGuardian[Seat]{}
	for rows.Next() {
		var s Seat
		var guardian int64
		var title, level, starts, zone, first, last string
		if err := rows.Scan(&s.BookingID, &s.GroupID, &guardian, &s.Reference, &s.SessionID, &title, &level, &starts, &zone, &s.Series, &s.ChildID, &first, &last,
			&s.Way, &s.Cents, &s.Late); err != nil {
			return nil, err
		}
		if s.StartsAt, err = sqlite.ParseTime(starts); err != nil {
			return nil, err
		}
		loc, err := catalog.LoadZone(zone)
		if err != nil {
			return nil, err
		}
		s.StartsAt = s.StartsAt.In(loc)
		s.Workshop, s.Child = catalog.Workshop{Title: title, Level: level}.Name(), strings.TrimSpace(first+" "+last)
		all[guardian] = append(all[guardian], s)
	}
	return all, rows.Err()
}

func readFunds(tx *sqlite.Tx, funds, parts string, args ...any) (ofGuardian[Fund], error) {
	of, err := readParts(tx, parts, args...)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(funds, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := ofGuardian[Fund]{}
	for rows.Next() {
		var f Fund
		var guardian int64
		if err := rows.Scan(&guardian, &f.PaymentID, &f.Cents, &f.Units); err != nil {
			return nil, err
		}
		f.Parts = of[f.PaymentID]
		all[guardian] = append(all[guardian], f)
	}
	return all, rows.Err()
}

// readParts returns what payments are for, by payment and booking.
func readParts(tx *sqlite.Tx, query string, args ...any) (map[int64]map[int64]int, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	of := map[int64]map[int64]int{}
	for rows.Next() {
		var payment, group int64
		var cents int
		if err := rows.Scan(&payment, &group, &cents); err != nil {
			return nil, err
		}
		if of[payment] == nil {
			of[payment] = map[int64]int{}
		}
		of[payment][group] = cents
	}
	return of, rows.Err()
}

// balanceTx is where a guardian stands.
func balanceTx(tx *sqlite.Tx, guardianID int64) (Balance, error) {
	seats, err := readSeats(tx, sqlSeatsOfGuardian, guardianID)
	if err != nil {
		return Balance{}, err
	}
	funds, err := readFunds(tx, sqlFundsOfGuardian, sqlPartsOfGuardian, guardianID)
	if err != nil {
		return Balance{}, err
	}
	return Settle(seats[guardianID], funds[guardianID]), nil
}

// countableTx returns the seats that a guardian gave up late and that the team may count, oldest booking first. A place in a series that the child
// has all the same is paid already.
func countableTx(tx *sqlite.Tx, guardianID int64, b Balance) ([]Seat, error) {
	late, err := readSeats(tx, sqlCountable, guardianID, lateSeconds)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(late[guardianID], func(s Seat) bool {
		return s.Series != "" && slices.ContainsFunc(b.Seats, func(held Seat) bool { return held.ChildID == s.ChildID && held.Series == s.Series })
	}), nil
}

// Own returns where the guardian who is signed in stands. Forbidden to all but guardians.
func (s *Service) Own(ctx context.Context, actor account.Actor) (b Balance, err error) {
	if actor.Kind != account.KindGuardian {
		return Balance{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		b, err = balanceTx(tx, actor.ID)
		return err
	})
	return b, err
}

const sqlGroupOf = `SELECT id, guardian_id FROM booking_groups WHERE reference = ?`

// OfBooking returns how far the booking of a reference is settled. Who asks was let in by booking.Find.
func (s *Service) OfBooking(ctx context.Context, reference string) (v Settled, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var group, guardian int64
		if err := tx.QueryRow(sqlGroupOf, reference).Scan(&group, &guardian); err != nil {
			return notFound(err)
		}
		b, err := balanceTx(tx, guardian)
		v = b.OfGroup(group)
		return err
	})
	return v, err
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return err
}

const sqlSessionGuardians = `SELECT DISTINCT bg.guardian_id FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id WHERE b.session_id = ?`

// OfSession returns the seats of a session that cost, by booking. Forbidden to all but staff.
func (s *Service) OfSession(ctx context.Context, actor account.Actor, sessionID int64) (seats map[int64]Seat, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		seats = map[int64]Seat{}
		guardians, err := sqlite.Column[int64](tx, sqlSessionGuardians, sessionID)
		if err != nil {
			return err
		}
		for _, id := range guardians {
			b, err := balanceTx(tx, id)
			if err != nil {
				return err
			}
			for _, seat := range b.Seats {
				if seat.SessionID == sessionID {
					seats[seat.BookingID] = seat
				}
			}
		}
		return nil
	})
	return seats, err
}

// Family is who pays, and where they stand.
type Family struct {
	GuardianID int64
	Name       string // empty once erased
	Email      string
	Phone      string
	Balance
	Countable []Seat // given up late, and free unless the team counts them
}

const sqlPayerOf = `SELECT name, email, phone FROM guardians WHERE id = ?`

// OfFamily returns a guardian with what they paid and owe, for the team. NotFound for an unknown one; Forbidden to all but staff.
func (s *Service) OfFamily(ctx context.Context, actor account.Actor, guardianID int64) (f Family, err error) {
	if !actor.CanManage() {
		return Family{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		f = Family{GuardianID: guardianID}
		if err := tx.QueryRow(sqlPayerOf, guardianID).Scan(&f.Name, &f.Email, &f.Phone); err != nil {
			return notFound(err)
		}
		if f.Balance, err = balanceTx(tx, guardianID); err != nil {
			return err
		}
		f.Countable, err = countableTx(tx, guardianID, f.Balance)
		return err
	})
	return f, err
}

// PayerOf returns the guardian who made the booking of a reference. NotFound for an unknown one; Forbidden to all but staff.
func (s *Service) PayerOf(ctx context.Context, actor account.Actor, reference string) (guardianID int64, err error) {
	if !actor.CanManage() {
		return 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		guardianID, err = booking.GuardianOf(tx, reference)
		return err
	})
	return guardianID, err
}

// CarnetOnSale returns how many seats a carnet pays and what it costs, in cents; 0: none is sold.
func (s *Service) CarnetOnSale(ctx context.Context) (units, cents int, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if units, err = settings.Get(tx, settings.CarnetUnits); err != nil {
			return err
		}
		cents, err = settings.Get(tx, settings.CarnetPrice)
		return err
	})
	return units, cents, err
}

// Debtor is a family that owes something, in a list.
type Debtor struct {
	GuardianID int64
	Name       string
	OwedCents  int // all of it
	DueCents   int // what of it is for sessions that have begun
	Seats      int // not paid, or not wholly
	UnitsLeft  int
}

// mostDebtors is how many families one list shows: who looks for one more writes its name.
const mostDebtors = 100

// Debts is what families owe.
type Debts struct {
	Families             []Debtor // who owes for what is over comes first, the most of it first
	More                 bool     // there are more than it lists
	Count                int      // families that owe
	OwedCents            int      // by all of them
	DueCents             int
	CreditCents          int // paid by families that owe nothing, for nothing yet
	UnitsLeft, UnitsSold int // of all carnets
}

const sqlNames = `
SELECT g.id, g.name, g.email_folded,
       coalesce((SELECT group_concat(c.name_folded, ' ') FROM guardianships s JOIN children c ON c.id = s.child_id WHERE s.guardian_id = g.id), '')
  FROM guardians g WHERE g.name <> ''`

// Debts returns what families owe: all of them in the totals, and a list of those that do, or, where something is typed, of those in whose
// names, children's names or address every word of it is found. Who was erased owes nothing. Forbidden to all but staff.
func (s *Service) Debts(ctx context.Context, actor account.Actor, typed string) (d Debts, err error) {
	if !actor.CanManage() {
		return Debts{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	wanted := strings.Fields(family.Fold(typed))
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		d = Debts{}
		seats, err := readSeats(tx, sqlSeatsOfAll)
		if err != nil {
			return err
		}
		funds, err := readFunds(tx, sqlFundsOfAll, sqlPartsOfAll)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlNames)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var name, email, children string
			if err := rows.Scan(&id, &name, &email, &children); err != nil {
				return err
			}
			found := containsAll(family.Fold(name)+" "+email+" "+children, wanted)
			d.add(tx.Now(), Debtor{GuardianID: id, Name: name}, Settle(seats[id], funds[id]), found, len(wanted) > 0)
		}
		return rows.Err()
	})
	d.sort()
	return d, err
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// add counts one family, and lists it where it is found and owes something, or was looked for.
func (d *Debts) add(now time.Time, f Debtor, b Balance, found, sought bool) {
	f.OwedCents, f.DueCents, f.UnitsLeft = b.OwedCents(), b.DueCents(now), b.UnitsLeft()
	for _, s := range b.Seats {
		if s.LeftCents() > 0 {
			f.Seats++
		}
	}
	for _, c := range b.Carnets {
		d.UnitsSold += c.Units
	}
	d.UnitsLeft += f.UnitsLeft
	d.CreditCents += b.CreditCents
	d.OwedCents += f.OwedCents
	d.DueCents += f.DueCents
	if f.OwedCents > 0 {
		d.Count++
	}
	if found && (sought || f.OwedCents > 0) {
		d.Families = append(d.Families, f)
	}
}

func (d *Debts) sort() {
	slices.SortStableFunc(d.Families, func(a, b Debtor) int {
		return cmp.Or(cmp.Compare(b.DueCents, a.DueCents), cmp.Compare(b.OwedCents, a.OwedCents), strings.Compare(family.Fold(a.Name), family.Fold(b.Name)))
	})
	if d.More = len(d.Families) > mostDebtors; d.More {
		d.Families = d.Families[:mostDebtors]
	}
}
