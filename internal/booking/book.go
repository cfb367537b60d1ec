package booking

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Request is a family's wish to have seats: one guardian, one or several children, one session.
type Request struct {
	SessionID int64
	Guardian  family.NewGuardian
	Children  []family.NewChild // at least one, each once
	IfFull    IfFull
	Together  bool // while waiting: all seats or none
	Unasked   bool // while waiting: a freed seat is theirs at once (domain, Waiting list 3)
	SeatCents *int // what the family chose to pay for a seat; counts where it is for it to choose, and nil is what is suggested
	// YoungEmail is the address of a young person who asks for themselves (domain, Family data 7); empty for a guardian. Of Children, the one, only the names and
	// the birth date count then: all else is for the guardian to say.
	YoungEmail string
	// Draft is where the answers come from. It is emptied by success, and so is what tells a form sent twice.
	Draft DraftKey
}

// Repeated is the result of booking only children who already have a live booking from the same
// address. It opens nothing: the mailbox that the booking belongs to gets the link again.
const Repeated = "repeated"

// Book takes seats for all children of req at once, or none (domain, Capacity 1–7).
// It returns the reference of the new booking, or Repeated. The same draft, or the same key where there is
// no draft, gives the first result again.
//
// Faults: NotFound (no such session), Gone and Conflict as decide says, Conflict
// "booking.draft_changed" (the answers are no longer those that were shown), Conflict
// "booking.too_many" (too many live bookings of an unproved address), and those of forYoung.
func (s *Service) Book(ctx context.Context, actor account.Actor, key account.FormKey, req Request) (reference string, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if req.Draft.TokenHash != nil {
			reference, err = s.book(tx, actor, req)
			return err
		}
		reference, _, err = account.Once(tx, key, func() (string, error) { return s.book(tx, actor, req) })
		return err
	})
	return reference, err
}

func (s *Service) book(tx *sqlite.Tx, actor account.Actor, req Request) (string, error) {
	reference := account.NewReference("ADA")
	if first, err := finishDraft(tx, req.Draft, reference); err != nil || first != "" {
		return first, err
	}
	session, err := loadSession(tx, req.SessionID)
	if err != nil {
		return "", err
	}

	var youngEmail *string
	if req.YoungEmail != "" {
		if req, err = forYoung(tx, req, session); err != nil {
			return "", err
		}
		youngEmail = &req.YoungEmail
	}

	// Children already booked from this address are left out: booking twice leads to the first one.
	keys := make([][]byte, 0, len(req.Children))
	fresh := make([]family.NewChild, 0, len(req.Children))
	births := make([]time.Time, 0, len(req.Children))
	for _, child := range req.Children {
		guest := s.guestKey(session.ID, req.Guardian.Email, child)
		first, err := liveGuest(tx, guest)
		if err != nil {
			return "", err
		}
		if first != 0 {
			if err := s.repeatMail(tx, first); err != nil {
				return "", err
			}
			continue
		}
		keys, fresh, births = append(keys, guest), append(fresh, child), append(births, child.BirthDate)
	}
	if len(fresh) == 0 {
		if err := audit.Add(tx, actor.String(), "booking.repeated", record("session", session.ID), nil); err != nil {
			return "", err
		}
		return Repeated, setDraftResult(tx, req.Draft, Repeated)
	}

	open, err := openSeats(tx, session)
	if err != nil {
		return "", err
	}
	confirmed, err := decide(session, births, open, req.IfFull, tx.Now())
	if err != nil {
		return "", err
	}
	if err := checkCap(tx, req.Guardian.Email, len(fresh)); err != nil {
		return "", err
	}
	price, err := session.seatPrice(req.SeatCents)
	if err != nil {
		return "", err
	}

	if err := finishCopy(tx, req.Draft.Saved, reference); err != nil {
		return "", err
	}
	return reference, take(tx, actor, taking{reference: reference, session: session, guardian: req.Guardian, children: fresh, keys: keys,
		confirmed: confirmed, price: price, wishes: Wishes{Together: req.Together, Unasked: req.Unasked}, youngEmail: youngEmail})
}

// taking is a booking as it was decided, before it is written.
type taking struct {
	reference string
	session   Session
	guardian  family.NewGuardian
	children  []family.NewChild
	of        knownRecord // whose booking it is, where the team says so
	keys      [][]byte    // of the children, as guests
	confirmed int         // so many of them have a seat, in their order; the others join the list
	wishes    Wishes      // of who joins it
	price     *int        // of a seat; nil: what the session says
	// youngEmail is as newGroup has it.
	youngEmail *string
	// override is the reason for what is beyond the rules, and over for which of the children.
	override string
	over     []bool
	// reserved is true where the seats are those of the partner.
	reserved bool
}

// knownRecord is the family of which a record is there already; the zero value is of one that gets a new record.
type knownRecord struct {
	guardianID int64
	childIDs   []int64 // of the children of the booking, in their order; 0 for a new one
}

func (of knownRecord) guardian(tx *sqlite.Tx, g family.NewGuardian) (int64, error) {
	if of.guardianID != 0 {
		return of.guardianID, nil
	}
	return family.AddGuardian(tx, g)
}

func (of knownRecord) child(tx *sqlite.Tx, guardianID int64, i int, child family.NewChild) (int64, error) {
	if of.guardianID != 0 && of.childIDs[i] != 0 {
		return of.childIDs[i], nil
	}
	return family.AddChild(tx, guardianID, child)
}

// take writes a booking, tells its family and notes it.
func take(tx *sqlite.Tx, actor account.Actor, t taking) error {
	guardianID, err := t.of.guardian(tx, t.guardian)
	if err != nil {
		return err
	}
	waiting := len(t.children) - t.confirmed
	if waiting == 0 {
		t.wishes = Wishes{}
	}
	groupID, err := insertGroup(tx, newGroup{reference: t.reference, sessionID: t.session.ID, guardianID: guardianID, wishes: t.wishes,
		price: t.price, createdBy: actor.MemberID(), youngEmail: t.youngEmail, toComplete: t.youngEmail != nil})
	if err != nil {
		return err
	}
	mail := outbox.Booking{
		Reference: t.reference, LinkVersion: 1, Guardian: t.guardian.Name,
		PriceCents: t.confirmed * t.session.seatCents(t.price), PerSeries: t.session.Pricing.Way == catalog.PerSeries,
		PaymentURL: t.session.PaymentURL, Session: t.session.forMail(),
		Unasked: t.wishes.Unasked,
	}
	for i, child := range t.children {
		childID, err := t.of.child(tx, guardianID, i, child)
		if err != nil {
			return err
		}
		status := "waiting"
		if i < t.confirmed {
			status = "confirmed"
			mail.Confirmed = append(mail.Confirmed, child.FirstName)
		} else {
			mail.Waiting = append(mail.Waiting, child.FirstName)
		}
		if err := insertBooking(tx, groupID, t.session.ID, childID, status, t.keys[i]); err != nil {
			return err
		}
		if t.reserved {
			if _, err := tx.Exec(sqlReservedChild, groupID, childID); err != nil {
				return err
			}
		}
		if t.override == "" || !t.over[i] {
			continue
		}
		if _, err := tx.Exec(sqlOverrideChild, groupID, childID, actor.MemberID(), t.override); err != nil {
			return err
		}
	}
	kind := outbox.BookingConfirmed
	if t.confirmed == 0 {
		kind = outbox.WaitingJoined
	}
	if waiting > 0 {
		mail.Rank = t.session.Waiting + 1
	}
	v := Group{guardianID: guardianID, GuardianEmail: t.guardian.Email, language: t.guardian.Language}
	if t.youngEmail != nil {
		v.ByYoung, v.youngEmail, v.Children = true, *t.youngEmail, []Seat{{FirstName: t.children[0].FirstName}}
		mail.ByYoung, mail.ToComplete = true, true
	}
	if err := send(tx, kind, v, mail); err != nil {
		return err
	}
	if t.of.guardianID != 0 {
		after, err := viewGroup(tx, groupID)
		if err != nil {
			return err
		}
		if err := tellOthersBooked(tx, after); err != nil {
			return err
		}
	}
	if err := audit.Add(tx, actor.String(), "booking.book", record("session", t.session.ID),
		map[string]any{"reference": t.reference, "confirmed": t.confirmed, "waiting": waiting}); err != nil {
		return err
	}
	if waiting > 0 && t.confirmed < t.session.free() {
		// Who chose to wait with all children, any seat being fine, may use the seat that was too few.
		return offerFreeSeats(tx, t.session.ID, nil)
	}
	return nil
}

const sqlInsertGroup = `
INSERT INTO booking_groups (reference, session_id, guardian_id, seating, unasked, first_id, created_by, created_at, young_email, to_complete, seat_cents)
VALUES (?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?)`

// newGroup is one act of booking or joining, before it has an id.
type newGroup struct {
	reference             string
	sessionID, guardianID int64
	wishes                Wishes
	firstID               int64 // the first choice, 0 for none
	createdBy             int64 // the member of the team, 0 for the family itself
	price                 *int  // of a seat; nil: what the session says
	// youngEmail is nil where no young person booked for themselves; else their address, empty for who has a space of their own.
	youngEmail *string
	toComplete bool // questions are left for the guardian
}

func insertGroup(tx *sqlite.Tx, g newGroup) (int64, error) {
	res, err := tx.Exec(sqlInsertGroup, g.reference, g.sessionID, g.guardianID, g.wishes.seating(), g.wishes.Unasked,
		g.firstID, g.createdBy, sqlite.Time(tx.Now()), g.youngEmail, g.toComplete, g.price)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

const sqlInsertBooking = `
INSERT INTO bookings (group_id, session_id, child_id, status, joined_list, guest_key, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?4 = 'waiting', ?5, ?6, ?6)`

func insertBooking(tx *sqlite.Tx, groupID, sessionID, childID int64, status string, guestKey []byte) error {
	_, err := tx.Exec(sqlInsertBooking, groupID, sessionID, childID, status, guestKey, sqlite.Time(tx.Now()))
	return err
}

// guestKey tells one unproved child of one session from another without keeping anything readable.
// A family without e-mail has none: the team books it and sees the names.
func (s *Service) guestKey(sessionID int64, email string, c family.NewChild) []byte {
	if email == "" {
		return nil
	}
	// Keys of one session lie together in their index: a rush then touches few pages.
	key := binary.BigEndian.AppendUint64(make([]byte, 0, 24), uint64(sessionID))
	sum := sha256.Sum256([]byte(s.secret.Sign("guest", strconv.FormatInt(sessionID, 10)+"\x00"+account.FoldEmail(email)+
		"\x00"+family.SortName(c.LastName, c.FirstName)+"\x00"+c.BirthDate.Format(time.DateOnly), 0)))
	return append(key, sum[:16]...)
}

// The condition on status is word for word that of the index bookings_one_per_guest: SQLite uses it only then.
const sqlLiveGuest = `
SELECT group_id FROM bookings WHERE guest_key = ? AND (status = 'waiting' OR status = 'offered' OR status = 'confirmed')`

// liveGuest returns the booking group where the child of a guest key already has a live booking, or 0.
func liveGuest(tx *sqlite.Tx, key []byte) (groupID int64, err error) {
	if key == nil {
		return 0, nil
	}
	err = tx.QueryRow(sqlLiveGuest, key).Scan(&groupID)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return groupID, err
}

// The + keeps SQLite from looking at the value to choose a plan, and so from parsing the statement at each use.
const sqlLiveUnproved = `
SELECT count(*) FROM guardians g JOIN booking_groups bg ON bg.guardian_id = g.id JOIN bookings b ON b.group_id = bg.id
WHERE g.email_folded = +? AND g.proved_at IS NULL AND b.status IN ('waiting', 'offered', 'confirmed')`

// checkCap refuses more live bookings than the setting allows for an address nobody has proved,
// so that one person cannot fill a session with made-up children.
func checkCap(tx *sqlite.Tx, email string, more int) error {
	if email == "" {
		return nil
	}
	var live int
	if err := tx.QueryRow(sqlLiveUnproved, account.FoldEmail(email)).Scan(&live); err != nil {
		return err
	}
	if live+more <= settings.UnprovedBookingsCap.Min {
		return nil // whatever the setting says: most bookings are spared a read
	}
	limit, err := settings.Get(tx, settings.UnprovedBookingsCap)
	if err != nil {
		return err
	}
	if live+more > limit {
		return fault.New(fault.Conflict, "booking.too_many", limit)
	}
	return nil
}

// repeatMail sends the owner of a booking its link again.
func (s *Service) repeatMail(tx *sqlite.Tx, groupID int64) error {
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return err
	}
	return send(tx, outbox.BookingRepeated, v, v.mail())
}

// send adds a message to the guardian of a booking, or none for a family without e-mail. A young person who booked for themselves gets a copy: its link opens
// the booking, and proves nothing.
func send(tx *sqlite.Tx, kind string, v Group, payload outbox.Booking) error {
	return sendAfter(tx, kind, v, payload, time.Time{})
}

// sendAfter is send for a message that leaves at an instant; zero is at once.
func sendAfter(tx *sqlite.Tx, kind string, v Group, payload outbox.Booking, at time.Time) error {
	m := outbox.Message{Kind: kind, Language: v.language, To: v.GuardianEmail, GuardianID: v.guardianID, Payload: payload, SendAfter: at}
	if err := outbox.Add(tx, m); err != nil || v.youngEmail == "" {
		return err
	}
	m.To, m.Payload = v.youngEmail, v.copied(payload)
	return outbox.Add(tx, m)
}

// copied is a message about the booking as its young person gets it.
func (g Group) copied(payload outbox.Booking) outbox.Booking {
	payload.Guardian, payload.Copy, payload.ToComplete = g.Children[0].FirstName, true, false
	return payload
}

// record names a row for the audit.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
