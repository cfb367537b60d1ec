package booking

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MergeRequest makes two records one: those of a guardian with their children, or of children alone (UX-A9). It acts for one guardian: another
// guardian of a child stays, with whom they named (domain, Family data 5).
type MergeRequest struct {
	Into, From int64 // guardians; the same one where a child of theirs has two records
	SamePerson bool  // From is another record of Into; else both stay, and are guardians of the children of Pairs
	Take       []string
	Pairs      []family.MergedPair
	// Keep are bookings: where a child is in a session by both records, which of the two is kept. Doubles tells them.
	Keep []int64
}

// Comparison is two records side by side.
type Comparison struct {
	Into, From         DeskFamily
	IntoKids, FromKids []ComparedChild
	// Pairs are the children who may be the same one.
	Pairs []family.MergedPair
}

// ComparedChild is a child of one of two records. Of health it tells the state alone.
type ComparedChild struct {
	ID                  int64
	FirstName, LastName string
	Birth               time.Time // midnight UTC of the day
	Health              family.HealthState
	NoImage             bool     // a guardian refuses pictures
	Pickups             []string // whom this guardian named
	Others              int      // guardians besides this one
	Bookings            int
	folded              string
}

// Double is a session that a child is in by both records.
type Double struct {
	Child    string // first name
	Session  Session
	Bookings [2]DoubleBooking // From's, then Into's
}

// Field names the choice between the two, in the faults of Merge.
func (d Double) Field() string { return "double_" + strconv.FormatInt(d.Bookings[1].BookingID, 10) }

// DoubleBooking is one of two bookings of a child in a session.
type DoubleBooking struct {
	BookingID         int64
	Reference, Status string
	Rank              int // 0 for who does not wait
	groupID           int64
}

const (
	sqlComparedChildren = `
SELECT c.id, c.first_name, c.last_name, c.name_folded, c.birth_date, c.health_state,
       EXISTS (SELECT 1 FROM (SELECT answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
                                FROM consents WHERE child_id = c.id AND purpose = 'image') WHERE nth = 1 AND answer = 'no'),
       (SELECT count(*) FROM guardianships o JOIN guardians g ON g.id = o.guardian_id WHERE o.child_id = c.id AND o.guardian_id <> x.guardian_id AND g.name <> ''),
       (SELECT count(*) FROM bookings WHERE child_id = c.id)
FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? AND c.name_folded <> '' ORDER BY c.birth_date, c.id`
	sqlComparedPickups = `SELECT name FROM pickup_persons WHERE guardian_id = ? AND child_id = ? ORDER BY id`
)

// Compare returns two records before they are made one, and notes in the access log that somebody looked: it tells whether something is known of
// health. Forbidden to all but staff who have a name; NotFound for who is unknown or was erased.
func (s *Service) Compare(ctx context.Context, actor account.Actor, into, from int64) (c Comparison, err error) {
	if !actor.IsStaff() {
		return Comparison{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if c, err = compare(tx, into, from); err != nil {
			return err
		}
		return audit.Access(tx, actor.String(), "family.compare", record("guardian", into))
	})
	if err != nil {
		return Comparison{}, err
	}
	return c, nil
}

func compare(tx *sqlite.Tx, into, from int64) (c Comparison, err error) {
	if c.Into, err = deskFamily(tx, into); err != nil {
		return c, err
	}
	if c.From, err = deskFamily(tx, from); err != nil {
		return c, err
	}
	if c.IntoKids, err = comparedChildren(tx, into); err != nil {
		return c, err
	}
	if c.FromKids, err = comparedChildren(tx, from); err != nil {
		return c, err
	}
	for _, a := range c.FromKids {
		for _, b := range c.IntoKids {
			if a.ID != b.ID && a.Birth.Equal(b.Birth) && family.NearlySame(a.folded, b.folded) && (into != from || a.ID > b.ID) &&
				!slices.ContainsFunc(c.Pairs, func(p family.MergedPair) bool { return p.From == a.ID || p.Into == b.ID }) {
				c.Pairs = append(c.Pairs, family.MergedPair{From: a.ID, Into: b.ID})
			}
		}
	}
	return c, nil
}

func comparedChildren(tx *sqlite.Tx, guardianID int64) (list []ComparedChild, err error) {
	rows, err := tx.Query(sqlComparedChildren, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c ComparedChild
		var birth string
		if err := rows.Scan(&c.ID, &c.FirstName, &c.LastName, &c.folded, &birth, &c.Health, &c.NoImage, &c.Others, &c.Bookings); err != nil {
			return nil, err
		}
		if c.Birth, err = time.Parse(time.DateOnly, birth); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Pickups, err = sqlite.Column[string](tx, sqlComparedPickups, guardianID, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Doubles returns the sessions that a child is in by both records, so that somebody says which booking is given up. Errors are those of Merge.
func (s *Service) Doubles(ctx context.Context, actor account.Actor, req MergeRequest) (list []Double, err error) {
	if !actor.IsStaff() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := checkMerge(tx, req); err != nil {
			return err
		}
		list, err = doubles(tx, req)
		return err
	})
	return list, err
}

const sqlTwoSpaces = `SELECT count(*) = 2 FROM young_holders WHERE child_id IN (?, ?)`

// checkMerge says what cannot be one.
func checkMerge(tx *sqlite.Tx, req MergeRequest) error {
	c, err := compare(tx, req.Into, req.From)
	if err != nil {
		return err
	}
	if len(req.Pairs) == 0 && (!req.SamePerson || req.Into == req.From) {
		return fault.New(fault.Conflict, "merge.nobody")
	}
	used := map[int64]bool{}
	has := func(kids []ComparedChild, id int64) bool {
		return slices.ContainsFunc(kids, func(k ComparedChild) bool { return k.ID == id })
	}
	for _, p := range req.Pairs {
		if p.From == p.Into || used[p.From] || used[p.Into] || !has(c.FromKids, p.From) || !has(c.IntoKids, p.Into) {
			return fault.New(fault.Conflict, "merge.pairs")
		}
		used[p.From], used[p.Into] = true, true
		var two bool
		if err := tx.QueryRow(sqlTwoSpaces, p.From, p.Into).Scan(&two); err != nil {
			return err
		}
		if two {
			return fault.New(fault.Conflict, "merge.two_spaces")
		}
	}
	return nil
}

const sqlDoubles = `
SELECT a.session_id, c.first_name, a.id, ga.reference, a.status, ga.id, b.id, gb.reference, b.status, gb.id
FROM bookings a JOIN bookings b ON b.session_id = a.session_id JOIN children c ON c.id = b.child_id
JOIN booking_groups ga ON ga.id = a.group_id JOIN booking_groups gb ON gb.id = b.group_id
WHERE a.child_id = ?1 AND b.child_id = ?2 AND a.status IN ('waiting', 'offered', 'confirmed') AND b.status IN ('waiting', 'offered', 'confirmed')
ORDER BY a.session_id`

// doubles finds them. Conflict "merge.both_there" where such a session has begun: nothing can be given up any more, and each may have been there.
func doubles(tx *sqlite.Tx, req MergeRequest) (list []Double, err error) {
	for _, p := range req.Pairs {
		found, err := doublesOf(tx, p)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			id := d.Session.ID
			if d.Session, err = loadSession(tx, id); err != nil {
				return nil, err
			}
			if !tx.Now().Before(d.Session.StartsAt) {
				return nil, fault.New(fault.Conflict, "merge.both_there", d.Child, d.Session.Title, d.Session.StartsAt)
			}
			for i := range d.Bookings {
				v, err := viewGroup(tx, d.Bookings[i].groupID)
				if err != nil {
					return nil, err
				}
				for _, c := range v.Children {
					if c.BookingID == d.Bookings[i].BookingID {
						d.Bookings[i].Rank = c.Rank
					}
				}
			}
			list = append(list, d)
		}
	}
	return list, nil
}

func doublesOf(tx *sqlite.Tx, p family.MergedPair) (list []Double, err error) {
	rows, err := tx.Query(sqlDoubles, p.From, p.Into)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d Double
		a, b := &d.Bookings[0], &d.Bookings[1]
		if err := rows.Scan(&d.Session.ID, &d.Child, &a.BookingID, &a.Reference, &a.Status, &a.groupID, &b.BookingID, &b.Reference, &b.Status, &b.groupID); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

const (
	sqlBookingIDsOfChild = `SELECT id FROM bookings WHERE child_id = ?`
	sqlBookingsToChild   = `UPDATE bookings SET child_id = ?2 WHERE child_id = ?1`
	// Should the merge be undone, nobody is left with what the other one was answering.
	sqlDropDraftsSigned = `DELETE FROM drafts WHERE guardian_id = ?`
)

// Merge makes two records one. What was booked, answered, marked and certified follows; facts of closed sessions stay what they were. Of a child who is in
// a session by both records one booking is given up, as req says, with its mail, and its seat passes on. Whatever is known of health stays, and any refusal wins.
// Links that were mailed to an address that goes open nothing any more, and those to what is to come go to the one that stays; the other guardians of the children
// are told, and both guardians where both stay. It can be undone for family.MergeUndoable, see UndoMerge.
//
// Forbidden to all but staff who have a name; NotFound for who is unknown or was erased; Conflict "merge.nobody" where nothing would become one, "merge.pairs" for
// children who are not one of each, "merge.two_spaces" where both have a space of their own, "merge.both_there" as doubles says; Invalid, field Double.Field, where it
// was not said what is kept.
func (s *Service) Merge(ctx context.Context, actor account.Actor, key account.FormKey, req MergeRequest) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", s.merge(tx, actor, req) })
		return err
	})
}

func (s *Service) merge(tx *sqlite.Tx, actor account.Actor, req MergeRequest) error {
	if err := checkMerge(tx, req); err != nil {
		return err
	}
	twice, err := doubles(tx, req)
	if err != nil {
		return err
	}
	given, err := giveUpDoubles(tx, actor, twice, req.Keep)
	if err != nil {
		return err
	}
	m := &family.Merger{Into: req.Into, From: req.From, SamePerson: req.SamePerson, Pairs: req.Pairs, Take: req.Take}
	if err := m.Start(tx); err != nil {
		return err
	}
	var children []string
	for _, p := range req.Pairs {
		ids, err := sqlite.Column[int64](tx, sqlBookingIDsOfChild, p.From)
		if err != nil {
			return err
		}
		m.Moved(family.MovedBooking, ids, p.From)
		if _, err := tx.Exec(sqlBookingsToChild, p.From, p.Into); err != nil {
			return err
		}
		children = append(children, strconv.FormatInt(p.From, 10)+"→"+strconv.FormatInt(p.Into, 10))
	}
	if err := m.JoinChildren(); err != nil {
		return err
	}
	if req.SamePerson && req.From != req.Into {
		if err := s.joinGuardians(tx, m, req); err != nil {
			return err
		}
	}
	id, err := m.Finish(actor.MemberID())
	if err != nil {
		return err
	}
	for _, g := range given { // only now: the mail goes to the address that stays
		v, err := viewGroup(tx, g.groupID)
		if err != nil {
			return err
		}
		if err := s.tellCancelled(tx, v, g.seats, g.places); err != nil {
			return err
		}
	}
	if err := tellMerged(tx, req, "merged"); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "family.merge", record("guardian", req.Into), map[string]any{
		"merge": id, "from": req.From, "same_person": req.SamePerson, "children": strings.Join(children, ", "), "took": strings.Join(req.Take, ", "), "given_up": len(twice)}); err != nil {
		return err
	}
	for _, g := range given {
		if err := offerFreeSeats(tx, g.sessionID, nil); err != nil {
			return err
		}
	}
	return nil
}

// givenUp is what a booking no longer has, by the first names of the children.
type givenUp struct {
	groupID, sessionID int64
	seats, places      []string
}

// giveUpDoubles gives up one of each two bookings. Who calls it mails that, and passes the seats on.
func giveUpDoubles(tx *sqlite.Tx, actor account.Actor, twice []Double, kept []int64) (given []givenUp, err error) {
	missing := map[string]fault.Message{}
	for _, d := range twice {
		if slices.Contains(kept, d.Bookings[0].BookingID) == slices.Contains(kept, d.Bookings[1].BookingID) {
			missing[d.Field()] = fault.Message{Key: "merge.double_missing"}
		}
	}
	if len(missing) > 0 {
		return nil, fault.InvalidFields(missing)
	}
	for _, d := range twice {
		b := d.Bookings[0]
		if slices.Contains(kept, b.BookingID) {
			b = d.Bookings[1]
		}
		v, err := viewGroup(tx, b.groupID)
		if err != nil {
			return nil, err
		}
		g, err := endByTeam(tx, actor, v, v.among([]int64{b.BookingID}))
		if err != nil {
			return nil, err
		}
		given = append(given, g)
	}
	return given, nil
}

// giveUpByTeam ends what some children of a booking have, because the team says so, and mails it. Who calls it passes the seats on.
func (s *Service) giveUpByTeam(tx *sqlite.Tx, actor account.Actor, v Group, children []Seat) error {
	g, err := endByTeam(tx, actor, v, children)
	if err != nil {
		return err
	}
	return s.tellCancelled(tx, v, g.seats, g.places)
}

func endByTeam(tx *sqlite.Tx, actor account.Actor, v Group, children []Seat) (g givenUp, err error) {
	g = givenUp{groupID: v.id, sessionID: v.Session.ID}
	now := sqlite.Time(tx.Now())
	for _, c := range children {
		if c.Status == "waiting" {
			g.places = append(g.places, c.FirstName)
		} else {
			g.seats = append(g.seats, c.FirstName)
		}
		if _, err := tx.Exec(sqlEndOffer, c.BookingID, "declined", now); err != nil {
			return g, err
		}
		if _, err := tx.Exec(sqlCancel, c.BookingID, "team", now); err != nil {
			return g, err
		}
	}
	return g, audit.Add(tx, actor.String(), "booking.cancel", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(g.seats), "places_on_list": len(g.places)})
}

// joinGuardians gives the bookings of one guardian to another record of theirs, with the record itself.
func (s *Service) joinGuardians(tx *sqlite.Tx, m *family.Merger, req MergeRequest) error {
	into, err := deskFamily(tx, req.Into)
	if err != nil {
		return err
	}
	from, err := deskFamily(tx, req.From)
	if err != nil {
		return err
	}
	gone, stale := from, req.From // whose address goes, and whose links
	if slices.Contains(req.Take, "email") {
		gone, stale = into, req.Into
	}
	if err := keepDifferent(tx, req.From, req.Into); err != nil {
		return err
	}
	if err := s.secret.EndLinks(tx, req.From); err != nil {
		return err
	}
	readdressed := account.FoldEmail(into.Email) != account.FoldEmail(from.Email)
	if readdressed {
		if err := s.secret.EndLinks(tx, gone.ID); err != nil {
			return err
		}
		if err := outbox.Recall(tx, gone.ID, gone.Email); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlRevokeLinks, stale); err != nil {
			return err
		}
	}
	again, err := sqlite.Column[int64](tx, sqlLiveGroupsOf, stale, sqlite.Time(tx.Now()))
	if err != nil {
		return err
	}
	groups, err := sqlite.Column[int64](tx, sqlGroupsOf, req.From)
	if err != nil {
		return err
	}
	m.Moved(family.MovedGroup, groups, req.From)
	if _, err := tx.Exec(sqlMoveGroups, req.From, req.Into); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlDropDraftsSigned, req.From); err != nil {
		return err
	}
	if err := m.JoinGuardian(); err != nil || !readdressed {
		return err
	}
	for _, id := range again {
		if err := s.repeatMail(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// tellMerged tells the guardians of the children that became one: but for who is one person now, who asked for it.
func tellMerged(tx *sqlite.Tx, req MergeRequest, what string) error {
	var wards []family.Ward
	for _, p := range req.Pairs {
		w := family.Ward{ChildID: p.Into}
		if req.SamePerson || req.Into == req.From {
			w.GuardianID = req.Into
		}
		wards = append(wards, w)
	}
	return family.TellOthers(tx, wards, outbox.ChildChange{What: what}, tx.Now())
}

// Merges returns the merges of a guardian that can still be undone. Forbidden to all but staff.
func (s *Service) Merges(ctx context.Context, actor account.Actor, guardianID int64) (list []family.Merge, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = family.MergesOf(tx, guardianID)
		return err
	})
	return list, err
}

const (
	sqlGroupsBack      = `UPDATE booking_groups SET guardian_id = ?1 WHERE guardian_id = ?3 AND (id IN (SELECT value FROM json_each(?2)) OR moved_id IN (SELECT value FROM json_each(?2)))`
	sqlBookingsBack    = `UPDATE bookings SET child_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlBookingsOfGroup = `UPDATE bookings SET child_id = ?1 WHERE child_id = ?2 AND group_id IN (SELECT id FROM booking_groups WHERE guardian_id = ?3)`
)

// UndoMerge takes a merge apart again, by the id that Merges returns for a guardian: whose the rows were, theirs they are. What was given up because both had it stays given
// up, and what was booked since stays with who stayed, but for what grew out of a booking that goes back. Contacts that were corrected since stay.
//
// Forbidden to all but staff; Gone and Conflict as family.Undo and Undoing.Check say: then nothing changes.
func (s *Service) UndoMerge(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, id int64) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", s.undoMerge(tx, actor, guardianID, id) })
		return err
	})
}

func (s *Service) undoMerge(tx *sqlite.Tx, actor account.Actor, guardianID, id int64) error {
	u, err := family.Undo(tx, guardianID, id)
	if err != nil {
		return err
	}
	for was, ids := range u.Rows(family.MovedBooking) {
		if _, err := tx.Exec(sqlBookingsBack, was, ids); err != nil {
			return err
		}
	}
	for was, ids := range u.Rows(family.MovedGroup) {
		if _, err := tx.Exec(sqlGroupsBack, was, ids, u.Into); err != nil {
			return err
		}
	}
	for _, p := range u.Pairs {
		if u.From == u.Into {
			continue
		}
		if _, err := tx.Exec(sqlBookingsOfGroup, p.From, p.Into, u.From); err != nil {
			return err
		}
	}
	if err := u.Restore(); err != nil {
		return err
	}
	if err := u.Return(); err != nil {
		return err
	}
	if err := u.Check(); err != nil {
		return err
	}
	if u.Readdressed {
		for _, guardian := range []int64{u.From, u.Into} {
			if _, err := tx.Exec(sqlRevokeLinks, guardian); err != nil {
				return err
			}
			if err := s.mailLinks(tx, guardian); err != nil {
				return err
			}
		}
	}
	req := MergeRequest{Into: u.Into, From: u.From, SamePerson: u.SamePerson}
	for _, p := range u.Pairs {
		req.Pairs = append(req.Pairs, family.MergedPair{From: p.Into, Into: p.From}, p)
	}
	if err := tellMerged(tx, req, "split"); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "family.unmerge", record("guardian", u.Into), map[string]any{"merge": id, "from": u.From})
}
