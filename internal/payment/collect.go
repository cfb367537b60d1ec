package payment

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What a family may pay for, besides the reference of one booking.
const (
	ForAll    = "all"    // all that it owes, oldest first
	ForCarnet = "carnet" // a carnet, at its price
)

// Collected is money that a family gave, as it was typed.
type Collected struct {
	New
	For string // ForAll, ForCarnet, or the reference of a booking of the family
	// OwedCents is all that the family owed when the form was shown; nil: it does not say.
	OwedCents *int
	// ShownCents is what For costs as the form showed it, where no amount was typed: just that is paid, or nothing where it costs something else by now. nil: Cents was typed.
	ShownCents *int
	// AdvanceCents is how much more than all that is owed the form said is kept as an advance; nil: nobody is asked.
	AdvanceCents *int
}

const (
	sqlAddOfFamily = `
INSERT INTO payments (guardian_id, recorded_for, cents, mode, reference, received_on, reverses, reason, recorded_by, recorded_at)
VALUES (?1, coalesce((SELECT recorded_for FROM payments WHERE id = ?6), ?1), ?2, ?3, ?4, ?5, NULLIF(?6, 0), ?7, ?8, ?9) RETURNING id`
	sqlAddPart   = `INSERT INTO payment_parts (payment_id, group_id, cents) VALUES (?, ?, ?)`
	sqlAddCarnet = `INSERT INTO carnets (payment_id, units) VALUES (?, ?)`
)

// Collect keeps money that a family gave, with its receipt, and returns the id of the payment: paid for one booking, for all that is owed,
// oldest first, or for a carnet, which costs what settings.CarnetPrice says and nothing else. What is more than is owed stays to the credit
// of the family. The same form again is the same as once. Only staff who are signed in may, since a payment keeps who wrote it.
//
// Faults: Forbidden; NotFound for an unknown guardian, Gone "money.erased" for one who was erased; Invalid by field, also "for" for a booking
// that is not theirs or owes nothing, "money.owed_changed" where somebody else noted a payment meanwhile, and "cents" with "money.advance" or
// "money.advance_all" for more than is owed, unless AdvanceCents says so; Conflict "numbering.locked" after a restore, until the team has said which receipt was the last.
func (s *Service) Collect(ctx context.Context, actor account.Actor, key account.FormKey, guardianID int64, n Collected) (id int64, err error) {
	if !actor.IsStaff() {
		return 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		id, err = account.OnceID(tx, key, func() (int64, error) { return collect(tx, actor, guardianID, n) })
		return err
	})
	return id, err
}

func collect(tx *sqlite.Tx, actor account.Actor, guardianID int64, n Collected) (id int64, err error) {
	payer, err := payerTx(tx, guardianID)
	if err != nil {
		return 0, err
	}
	balance, err := balanceTx(tx, guardianID)
	if err != nil {
		return 0, err
	}
	if n.ShownCents != nil {
		n.Cents = *n.ShownCents
	}
	wrong := n.check(tx.Now(), FamilyModes())
	units, parts := 0, map[int64]int{}
	if n.For == ForCarnet {
		units, err = carnetOf(tx, n.Cents)
	} else {
		parts, err = balance.share(n)
	}
	if err = bothFaults(wrong, err); err != nil {
		return 0, err
	}
	if err := tx.QueryRow(sqlAddOfFamily, guardianID, n.Cents, string(n.Mode), n.Reference, n.ReceivedOn, 0, "", actor.ID, sqlite.Time(tx.Now())).Scan(&id); err != nil {
		return 0, err
	}
	for _, group := range balance.groups() {
		if parts[group] == 0 {
			continue
		}
		if _, err := tx.Exec(sqlAddPart, id, group, parts[group]); err != nil {
			return 0, err
		}
	}
	if units > 0 {
		if _, err := tx.Exec(sqlAddCarnet, id, units); err != nil {
			return 0, err
		}
	}
	number, err := issueReceipt(tx, id, payer, n.New, receiptLines(balance, parts, n.Cents, units))
	if err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "payment.record", record(id), map[string]any{"receipt": number, "cents": n.Cents, "carnet": units})
}

func payerTx(tx *sqlite.Tx, guardianID int64) (name string, err error) {
	var email, phone string
	if err := tx.QueryRow(sqlPayerOf, guardianID).Scan(&name, &email, &phone); err != nil {
		return "", notFound(err)
	}
	if name == "" {
		return "", fault.New(fault.Gone, "money.erased")
	}
	return name, nil
}

// carnetOf returns how many seats the carnet pays that is sold for cents. Invalid, field "cents", where that is not its price.
func carnetOf(tx *sqlite.Tx, cents int) (units int, err error) {
	price, err := settings.Get(tx, settings.CarnetPrice)
	if err != nil {
		return 0, err
	}
	if price == 0 {
		return 0, fault.InvalidFields(map[string]fault.Message{"for": {Key: "money.for_missing"}})
	}
	if cents != price {
		return 0, fault.InvalidFields(map[string]fault.Message{"cents": {Key: "money.carnet_price", Args: []any{settings.WriteEuros(price)}}})
	}
	return settings.Get(tx, settings.CarnetUnits)
}

// groups are the bookings that cost something, oldest first.
func (b Balance) groups() (ids []int64) {
	for _, s := range b.Seats {
		if !slices.Contains(ids, s.GroupID) {
			ids = append(ids, s.GroupID)
		}
	}
	return ids
}

// share says which bookings n pays: one, or all that are owed as far as it goes. Invalid, field "for", for nothing of theirs, and where what is
// owed is not what the form showed, so that two desks do not note the same money.
func (b Balance) share(n Collected) (parts map[int64]int, err error) {
	parts = map[int64]int{}
	cents, found, theirs := n.Cents, n.For == ForAll, false
	for _, s := range b.Seats {
		if n.For != ForAll && s.Reference != n.For {
			continue
		}
		theirs = true
		if s.LeftCents() == 0 {
			continue
		}
		found = true
		if part := min(cents, s.LeftCents()); part > 0 {
			parts[s.GroupID] += part
			cents -= part
		}
	}
	changed := n.OwedCents != nil && *n.OwedCents != b.OwedCents() && (n.For == ForAll || cents > 0)
	changed = changed || n.ShownCents != nil && *n.ShownCents != b.costs(n.For)
	switch {
	case changed, theirs && !found:
		return nil, fault.InvalidFields(map[string]fault.Message{"for": {Key: "money.owed_changed", Args: []any{settings.WriteEuros(b.OwedCents())}}})
	case !found:
		return nil, fault.InvalidFields(map[string]fault.Message{"for": {Key: "money.for_missing"}})
	}
	owed := b.OwedCents()
	if more := n.Cents - owed; n.AdvanceCents != nil && more > *n.AdvanceCents {
		m := fault.Message{Key: "money.advance", Args: []any{settings.WriteEuros(more)}}
		if owed == 0 {
			m.Key = "money.advance_all"
		}
		return nil, fault.InvalidFields(map[string]fault.Message{"cents": m})
	}
	return parts, nil
}

// costs is what is left to pay for one booking, by its reference, or for ForAll.
func (b Balance) costs(what string) (cents int) {
	for _, s := range b.Seats {
		if what == ForAll || s.Reference == what {
			cents += s.LeftCents()
		}
	}
	return cents
}

// bothFaults joins what is wrong in two looks at one form; another error than Invalid comes first.
func bothFaults(a, b error) error {
	x, xOK := fault.As(a)
	y, yOK := fault.As(b)
	if !xOK || !yOK || x.Fields == nil || y.Fields == nil {
		return cmp.Or(b, a)
	}
	for name, m := range y.Fields {
		if _, known := x.Fields[name]; !known {
			x.Fields[name] = m
		}
	}
	return x
}

// Reason is why a payment of a family is taken back. Its name on screen is the text money.reason.VALUE.
type Reason string

// Reasons lists the reasons, in the order in which people choose.
func Reasons() []Reason { return []Reason{"mistake", "unpaid", "refund", "other"} }

const sqlOfFamily = `
SELECT p.guardian_id, p.cents, p.mode, coalesce(p.reverses, 0), (SELECT count(*) FROM payments r WHERE r.reverses = p.id)
  FROM payments p WHERE p.id = ? AND p.guardian_id IS NOT NULL`

// TakeBack reverses a payment of a family, today: with a row of its own, so that what was told of an earlier month stays true. What it paid
// is owed again, a carnet that it bought pays nothing any more, and its receipt says so. Conflict "money.reversed" for one that was taken back
// already and for the row that did so; Invalid, field "reason", without one; NotFound; Forbidden to all but staff who are signed in.
func (s *Service) TakeBack(ctx context.Context, actor account.Actor, key account.FormKey, paymentID int64, reason Reason) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var guardianID, reverses, reversed int64
		var cents int
		var mode string
		if err := tx.QueryRow(sqlOfFamily, paymentID).Scan(&guardianID, &cents, &mode, &reverses, &reversed); err != nil {
			return notFound(err)
		}
		_, _, err := account.Once(tx, key, func() (string, error) {
			if reverses != 0 || reversed != 0 {
				return "", fault.New(fault.Conflict, "money.reversed")
			}
			if !slices.Contains(Reasons(), reason) {
				return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "money.reason_missing"}})
			}
			day, err := today(tx)
			if err != nil {
				return "", err
			}
			var id int64
			if err := tx.QueryRow(sqlAddOfFamily, guardianID, -cents, mode, "", day, paymentID, string(reason), actor.ID, sqlite.Time(tx.Now())).Scan(&id); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "payment.reverse", record(id), map[string]any{"payment": paymentID, "cents": -cents, "reason": reason})
		})
		return err
	})
}

// today is the present day of the association.
func today(tx *sqlite.Tx) (string, error) {
	zone, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return "", err
	}
	return tx.Now().In(zone).Format(time.DateOnly), nil
}

const (
	sqlLateSeat = `
SELECT b.session_id, bg.guardian_id, bg.reference FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id WHERE b.id = ?`
	sqlCharge = `
INSERT INTO late_charges (booking_id, charged_by, charged_at) VALUES (?1, ?2, ?3)
ON CONFLICT (booking_id) DO UPDATE SET charged_by = ?2, charged_at = ?3`
	sqlUncharge = `DELETE FROM late_charges WHERE booking_id = ?`
)

// Charge makes a family owe a seat that it gave up late, or uses a unit of its carnet for it: never by itself, always as somebody of the team
// decided. Twice is the same as once. Conflict "money.charge_not" for a seat that was not given up late, or that the child has again; NotFound
// where it is not of the guardian; Forbidden to all but staff who are signed in.
func (s *Service) Charge(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, bookingID int64) error {
	return s.decideLate(ctx, actor, key, guardianID, bookingID, func(tx *sqlite.Tx, b Balance) (action string, err error) {
		if counted(b, bookingID) {
			return "", nil
		}
		late, err := countableTx(tx, guardianID, b)
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(late, func(s Seat) bool { return s.BookingID == bookingID }) {
			return "", fault.New(fault.Conflict, "money.charge_not")
		}
		_, err = tx.Exec(sqlCharge, bookingID, actor.ID, sqlite.Time(tx.Now()))
		return "payment.charge", err
	})
}

// Uncharge takes Charge back: the seat costs nothing any more, and a unit of a carnet that paid it comes back. Twice is the same as once.
// NotFound and Forbidden as in Charge.
func (s *Service) Uncharge(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, bookingID int64) error {
	return s.decideLate(ctx, actor, key, guardianID, bookingID, func(tx *sqlite.Tx, b Balance) (action string, err error) {
		if !counted(b, bookingID) {
			return "", nil
		}
		_, err = tx.Exec(sqlUncharge, bookingID)
		return "payment.uncharge", err
	})
}

func counted(b Balance, bookingID int64) bool {
	return slices.ContainsFunc(b.Seats, func(s Seat) bool { return s.BookingID == bookingID && s.Late })
}

// decideLate does once what decide does with a seat of a guardian, and notes the action that it names; none: nothing changed.
func (s *Service) decideLate(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, bookingID int64, decide func(*sqlite.Tx, Balance) (action string, err error)) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var session, guardian int64
		var reference string
		err := tx.QueryRow(sqlLateSeat, bookingID).Scan(&session, &guardian, &reference)
		if errors.Is(err, sql.ErrNoRows) || err == nil && guardian != guardianID {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			balance, err := balanceTx(tx, guardianID)
			if err != nil {
				return "", err
			}
			action, err := decide(tx, balance)
			if err != nil || action == "" {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), action, "session:"+strconv.FormatInt(session, 10), map[string]any{"reference": reference})
		})
		return err
	})
}
