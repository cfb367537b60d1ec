package upkeep_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

func TestVerifyFindsNothingWrongWhereTheRulesWereKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.count(`SELECT count(*) FROM bookings WHERE status IN ('confirmed', 'offered', 'waiting', 'cancelled')`); got != 5 {
		t.Fatalf("the house has %d bookings, not one of each kind", got)
	}
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("breaches: %q", breaches)
	}
	h.clock.Set(start.AddDate(0, 0, 3))
	h.must(h.timers.Due(t.Context()))
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("after an offer ran out: %q", breaches)
	}
	h.must(h.bookings.Cancel(t.Context(), account.Guest(), key(), h.links["zoe"], nil, ""))
	h.must(h.bookings.CancelSession(t.Context(), account.Command(), key(), 1, "Grève"))
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("after a session was cancelled: %q", breaches)
	}
}

func TestVerifyShowsEveryBreach(t *testing.T) {
	t.Parallel()
	const offered = `(SELECT id FROM bookings WHERE status = 'offered')`
	const atOnce = `UPDATE sessions SET starts_at = '2027-05-08T12:30:00Z', ends_at = '2027-05-08T13:00:00Z' WHERE id = 2`
	const waiting = `(SELECT id FROM bookings WHERE status = 'waiting')`
	cases := []struct {
		name      string
		invariant string
		record    string
		breaks    []string
	}{
		{"one seat too many", "I1", "session:1", []string{`UPDATE sessions SET capacity = 1 WHERE id = 1`}},
		{"a seat sold that is kept for a partner", "I1", "session:1", []string{
			`UPDATE sessions SET reserved_seats = 1, reserved_for = 'Centre social', reserved_until = '2027-05-07T22:00:00Z' WHERE id = 1`}},
		{"a seat that a partner left, and nobody was offered", "I2", "session:1", []string{
			`UPDATE sessions SET capacity = 3, reserved_seats = 1, reserved_for = 'Centre social', reserved_until = '2027-05-02T22:00:00Z' WHERE id = 1`}},
		{"an offer whose seat is gone", "I1", "booking:3", []string{`UPDATE bookings SET status = 'waiting' WHERE status = 'offered'`}},
		{"a seat kept for nobody", "I1", "booking:3", []string{`DELETE FROM offers`}},
		{"a free seat that nobody was offered", "I2", "session:1", []string{`UPDATE sessions SET capacity = 3 WHERE id = 1`}},
		{"a child twice", "I3", "session:1", []string{`DROP INDEX bookings_one_per_child`,
			`UPDATE bookings SET child_id = 1 WHERE status = 'waiting'`}},
		{"an unproved child twice", "I3", "session:1", []string{`DROP INDEX bookings_one_per_guest`,
			`UPDATE bookings SET guest_key = (SELECT guest_key FROM bookings WHERE id = 1) WHERE status = 'waiting'`}},
		{"an erasure answered with nothing", "I4", "form_keys", []string{`UPDATE form_keys SET result = '["ADA-22222222"]' WHERE result GLOB 'ADA-*'`}},
		{"a form answered with nothing", "I4", "form_keys", []string{`UPDATE form_keys SET result = 'ADA-22222222' WHERE result GLOB 'ADA-*'`}},
		{"a draft that leads nowhere", "I4", "drafts", []string{
			`INSERT INTO drafts (token_hash, session_id, answers, version, result, expires_at) VALUES (x'00', 1, '', 1, 'ADA-22222222', '2027-05-04T00:00:00Z')`}},
		{"a newcomer before who waits", "I7", "booking:4", []string{`UPDATE bookings SET session_id = 1, status = 'confirmed' WHERE id = 5`,
			`UPDATE sessions SET capacity = 3 WHERE id = 1`}},
		{"a seat given to who comes later", "I7", "booking:3", []string{notGiven, `UPDATE bookings SET status = 'confirmed' WHERE id = 4`,
			`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at)
				VALUES (4, '2027-05-04T15:00:00Z', '2027-05-04T15:00:00Z', 'given', '2027-05-04T15:00:00Z')`}},
		{"who was called about something else is overtaken", "I7", "booking:3", []string{notGiven, `UPDATE bookings SET status = 'confirmed' WHERE id = 4`,
			`INSERT INTO calls (group_id, subject, outcome, at, by) VALUES (3, 'mail:3', 'no_answer', '2027-05-04T15:00:00Z', 1)`}},
		{"who was reached about a seat is overtaken", "I7", "booking:3", []string{notGiven, `UPDATE bookings SET status = 'confirmed' WHERE id = 4`,
			`INSERT INTO calls (group_id, subject, outcome, at, by) VALUES (3, 'group:3', 'told', '2027-05-04T15:00:00Z', 1)`}},
		{"who came to like any seat is overtaken afterwards", "I7", "booking:3", []string{notGiven, `UPDATE bookings SET status = 'confirmed' WHERE id = 4`,
			`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at)
				VALUES (4, '2027-05-04T15:00:00Z', '2027-05-04T15:00:00Z', 'given', '2027-05-04T15:00:00Z')`,
			`INSERT INTO audit (at, actor, action, record, details) SELECT '2027-05-04T14:00:00Z', 'guest', 'booking.wishes', 'session:1',
				json_object('reference', reference) FROM booking_groups WHERE id = 3`}},
		{"a free seat while somebody waits unasked", "I2", "session:1", []string{notGiven, `UPDATE booking_groups SET unasked = 1`}},
		{"a free seat of a closed list", "I2", "session:1", []string{notGiven, `UPDATE sessions SET list_closed_at = '2027-05-04T00:00:00Z'`}},
		{"a seat given in vain", "I7", "booking:3", []string{notGiven,
			`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at)
				VALUES (3, '2027-05-04T15:00:00Z', '2027-05-04T15:00:00Z', 'given', '2027-05-04T15:00:00Z')`}},
		{"a seat accepted in vain", "I7", "booking:3", []string{`UPDATE offers SET outcome = 'accepted', ended_at = '2027-05-04T15:00:00Z'`,
			`UPDATE bookings SET status = 'lapsed' WHERE id = 3`}},
		{"a seat given by and by", "I7", "booking:3", []string{`UPDATE offers SET outcome = 'given', ended_at = '2027-05-04T15:00:00Z'`,
			`UPDATE bookings SET status = 'confirmed' WHERE id = 3`}},
		{"a seat given against the rules by nobody", "I1", "booking:3", []string{`UPDATE offers SET made_by = 1, reason = 'Une chaise de plus'`}},
		{"a seat given in silence", "I9", "booking_group:3", []string{`UPDATE bookings SET status = 'confirmed' WHERE id = 3`,
			`UPDATE offers SET outcome = 'given', ended_at = made_at, expires_at = made_at`}},
		{"an offer taken back in silence", "I9", "booking_group:3", []string{`UPDATE bookings SET status = 'waiting' WHERE id = 3`,
			`UPDATE offers SET outcome = 'withdrawn', ended_at = '2027-05-04T15:00:00Z'`}},
		{"a second choice of strangers", "I13", "booking_group:4", []string{`UPDATE booking_groups SET first_id = 1 WHERE id = 4`}},
		{"a choice of a choice", "I13", "booking_group:4", []string{`UPDATE booking_groups SET guardian_id = 1`,
			`UPDATE booking_groups SET first_id = 3 WHERE id = 4`, `UPDATE booking_groups SET first_id = 1 WHERE id = 3`}},
		{"a second choice of another workshop", "I13", "booking_group:5", []string{`UPDATE booking_groups SET guardian_id = 1, first_id = 1 WHERE id = 5`,
			`INSERT INTO workshops SELECT 2, 'Musique', level, discipline, min_age, max_age, summary, description, skills, tools, bring, capacity,
				price_cents, duration_minutes, created_at, updated_at FROM workshops`, `UPDATE sessions SET workshop_id = 2 WHERE id = 2`}},
		{"a single seat for who wants all together", "I7", "booking_group:3", []string{
			`UPDATE booking_groups SET seating = 'together' WHERE id = 3`, `UPDATE bookings SET group_id = 3 WHERE status = 'waiting'`}},
		{"an unanswered offer not counted", "I7", "booking:3", []string{
			`UPDATE offers SET outcome = 'expired', ended_at = expires_at`, `UPDATE bookings SET status = 'waiting' WHERE id = ` + offered}},
		{"who waits after two unanswered offers", "I7", "booking:4", []string{
			`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at) SELECT b.id, made_at, expires_at, 'expired', expires_at
				FROM offers, bookings b WHERE b.status = 'waiting'`,
			`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at) SELECT booking_id, made_at, expires_at, outcome, ended_at
				FROM offers WHERE outcome IS NOT NULL`,
			`UPDATE bookings SET unanswered_offers = 2 WHERE id = ` + waiting}},
		{"a booking that nobody was told of", "I9", "booking_group:1", []string{`DELETE FROM outbox WHERE kind = 'booking_confirmed' AND payload LIKE '%Zoé%'`}},
		{"a booking told of once more with others", "I9", "booking_group:1", []string{
			`UPDATE outbox SET kind = 'bookings_confirmed', payload = json_set(payload, '$.others', json_array(json(payload))) WHERE kind = 'booking_confirmed' AND payload LIKE '%Zoé%'`}},
		{"a booking told of twice", "I9", "booking_group:1", []string{
			`INSERT INTO outbox (kind, language, recipient, payload, message_id, created_at, send_after)
				SELECT kind, language, recipient, payload, 'other', created_at, send_after FROM outbox WHERE payload LIKE '%Zoé%'`}},
		{"an offer that nobody was told of", "I9", "booking_group:3", []string{`DELETE FROM outbox WHERE kind = 'seat_offered'`}},
		{"an offer taken in silence", "I9", "booking_group:3", []string{
			`UPDATE offers SET outcome = 'accepted', ended_at = '2027-05-04T15:00:00Z'`, `UPDATE bookings SET status = 'confirmed' WHERE id = ` + offered}},
		{"a cancellation that nobody was told of", "I9", "booking_group:2", []string{`DELETE FROM outbox WHERE kind = 'booking_cancelled'`}},
		{"one Message-ID for two", "I9", "outbox:2", []string{`UPDATE outbox SET message_id = (SELECT message_id FROM outbox WHERE id = 1) WHERE id = 2`}},
		{"an undo across children", "I10", "mark:2", []string{`INSERT INTO participants (id, session_id, booking_id) VALUES (2, 1, 1)`,
			`INSERT INTO marks (id, entry_key, participant_id, action, undoes, at, recorded_at, author_id)
				VALUES (2, 'b', 2, 'undo', 'a', '2027-05-04T12:06:00Z', '2027-05-04T12:06:00Z', 1)`}},
		{"a certificate for who never came", "I10", "certificate:1", []string{`UPDATE marks SET action = 'absent'`}},
		{"a closed session without figures", "I14", "session:2", []string{closedTuesday}},
		{"a fact too many", "I14", "session:2", []string{closedTuesday, figuresOfTuesday, oneFact, oneFact}},
		{"figures that are not those of the register", "I14", "session:2", []string{closedTuesday, strings.Replace(figuresOfTuesday, "12, 1, 0, 0", "12, 2, 0, 0", 1), oneFact}},
		{"figures of a session that was opened again", "I14", "session:2", []string{closedTuesday, figuresOfTuesday, oneFact,
			`UPDATE closings SET reopened_at = '2027-05-04T14:10:00Z', reopened_by = 1, reason = 'Oubli'`,
			`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T14:10:00Z', 'user:1', 'session.reopen', 'session:2')`}},
		{"a group closed like families", "I14", "session:2", []string{closedTuesday, figuresOfTuesday, oneFact,
			`UPDATE sessions SET request_id = 99 WHERE id = 2`}},
		{"a closing that nobody noted", "I12", "session:2", []string{
			`INSERT INTO closings (id, session_id, closed_at, closed_by, last_mark) VALUES (1, 2, '2027-05-04T14:06:00Z', 1, 1)`, figuresOfTuesday, oneFact}},
		{"an erased guardian with a phone", "I13", "guardian:1", []string{`UPDATE guardians SET name = '', email = '', email_folded = '', proved_at = NULL WHERE id = 1`,
			`UPDATE outbox SET payload = '{}', recipient = '' WHERE guardian_id = 1`, `UPDATE children SET first_name = '', last_name = '', name_folded = '' WHERE id = 1`}},
		{"a mail to who is erased", "I13", "outbox:1", []string{`UPDATE guardians SET name = '', email = '', email_folded = '', phone = '', proved_at = NULL WHERE id = 1`,
			`UPDATE children SET first_name = '', last_name = '', name_folded = '' WHERE id = 1`}},
		{"a child of who is erased", "I13", "child:1", []string{`UPDATE guardians SET name = '', email = '', email_folded = '', phone = '', proved_at = NULL WHERE id = 1`,
			`UPDATE outbox SET payload = '{}', recipient = '' WHERE guardian_id = 1`}},
		{"a local time", "I11", "sessions.starts_at", []string{`UPDATE sessions SET starts_at = '2027-05-08T14:00:00+02:00' WHERE id = 1`}},
		{"a birth date that is none", "I11", "children.birth_date", []string{`UPDATE children SET birth_date = '2018-02-30' WHERE id = 1`}},
		{"a booking that nobody noted", "I12", "booking_group:1", []string{`DROP TRIGGER audit_kept_12_months`,
			`DELETE FROM audit WHERE action = 'booking.book'`}},
		{"a cancellation that nobody noted", "I12", "session:1", []string{`DROP TRIGGER audit_kept_12_months`,
			`DELETE FROM audit WHERE action = 'booking.cancel'`}},
		{"a venue that nobody noted", "I12", "venue:1", []string{`DROP TRIGGER audit_kept_12_months`, `DELETE FROM audit WHERE record = 'venue:1'`}},
		{"a mark that nobody noted", "I12", "participant:1", []string{`DROP TRIGGER audit_kept_12_months`, `DELETE FROM audit WHERE action = 'mark.present'`}},
		{"an audit that can be changed", "I12", "database", []string{`DROP TRIGGER audit_never_changes`}},
		{"somebody promised to a group and elsewhere", "I16", "session:1", []string{atOnce,
			`UPDATE sessions SET request_id = 1 WHERE id = 2`, `INSERT INTO session_facilitators VALUES (1, 1), (2, 1)`}},
		{"a kit at two places", "I17", "session:2", []string{atOnce, oneKit, `INSERT INTO session_kits VALUES (1, 1, 1), (2, 1, 1)`}},
		{"more of a kit than there is", "I17", "session:1", []string{oneKit, `INSERT INTO session_kits VALUES (1, 1, 2)`}},
		{"a kit that nobody noted", "I12", "kit:1", []string{oneKit}},
		{"a row that points nowhere", "I13", "database", []string{`UPDATE sessions SET venue_id = 99 WHERE id = 2`}},
		{"a value that the schema forbids", "I13", "database", []string{`UPDATE venues SET step_free = 'perhaps'`}},
		{"a child of nobody", "I13", "child:1", []string{`DELETE FROM guardianships WHERE child_id = 1`}},
		{"a guardian of nobody", "I13", "guardian:99", []string{
			`INSERT INTO guardians (id, name, email, email_folded, phone, last_contact_at, created_at)
				VALUES (99, 'Li 李', '', '', '', '2027-05-04T00:00:00Z', '2027-05-04T00:00:00Z')`}},
		{"a consent of a stranger", "I13", "consent:1", []string{`UPDATE consents SET guardian_id = 2 WHERE id = 1`}},
		{"a pick-up person named by a stranger", "I13", "pickup_person:1", []string{`INSERT INTO pickup_persons VALUES (1, 1, 2, 'محمد')`}},
		{"a group of nobody", "I13", "booking_group:99", []string{
			`INSERT INTO booking_groups (id, reference, session_id, guardian_id, created_at) VALUES (99, 'ADA-33333333', 1, 1, '2027-05-04T00:00:00Z')`}},
		{"a booking for the child of others", "I13", "booking:1", []string{`UPDATE booking_groups SET guardian_id = 2 WHERE id = 1`}},
		{"a participant of two sessions", "I13", "participant:1", []string{`UPDATE participants SET session_id = 1`}},
		{"a pupil in another session", "I13", "participant:9", []string{`UPDATE sessions SET request_id = 1`,
			`INSERT INTO pupils VALUES (1, 1, 1, 'Zoé', '2027-05-01T08:00:00Z')`, `INSERT INTO participants (id, session_id, pupil_id) VALUES (9, 2, 1)`}},
		{"a class list of a public session", "I13", "session:1", []string{`INSERT INTO pupils VALUES (1, 1, 1, 'Zoé', '2027-05-01T08:00:00Z')`}},
		{"a headcount of a public session", "I13", "session:2", []string{`INSERT INTO headcounts VALUES (2, 'CM1', 'girl', 3, '2027-05-08T15:00:00Z')`}},
		{"a booking in another session than its group", "I13", "booking:5", []string{`UPDATE bookings SET session_id = 1, status = 'cancelled' WHERE id = 5`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.breaks(c.breaks...)
			breaches := h.verify()
			if !slices.ContainsFunc(breaches, func(b upkeep.Breach) bool { return b.Invariant == c.invariant && b.Record == c.record }) {
				t.Errorf("want a breach of %s at %s, got %q", c.invariant, c.record, breaches)
			}
			for _, b := range breaches {
				if line := b.String(); strings.ContainsAny(line, "\r\n") || strings.Contains(line, "Zoé") || !strings.HasPrefix(line, b.Invariant+" "+b.Record+": ") {
					t.Errorf("not one line without names: %q", line)
				}
			}
		})
	}
}

// notGiven takes the offer of the first of the list away.
const notGiven = `DELETE FROM offers; UPDATE bookings SET status = 'waiting' WHERE id = 3`

const oneKit = `INSERT INTO kits VALUES (1, 'Valise Thymio', '12 Thymio', 1, 0, '2027-05-04T00:00:00Z', '2027-05-04T00:00:00Z')`

// TestVerifyLetsGroupsBe: what touches without overlapping, two public sessions, what is called off and what is over break
// no promise.
func TestVerifyLetsGroupsBe(t *testing.T) {
	t.Parallel()
	const follow = `UPDATE sessions SET starts_at = '2027-05-08T14:00:00Z', ends_at = '2027-05-08T15:00:00Z' WHERE id = 2`
	const atOnce = `UPDATE sessions SET starts_at = '2027-05-08T12:30:00Z', ends_at = '2027-05-08T13:00:00Z' WHERE id = 2`
	const group = `UPDATE sessions SET request_id = 1 WHERE id = 2`
	const led, used = `INSERT INTO session_facilitators VALUES (1, 1), (2, 1)`, `INSERT INTO session_kits VALUES (1, 1, 1), (2, 1, 1)`
	for name, breaks := range map[string][]string{
		"one after the other": {follow, group, led, oneKit, used},
		"both public":         {atOnce, led},
		"called off":          {atOnce, group, led, oneKit, used, `UPDATE sessions SET status = 'cancelled' WHERE id = 2`},
		"kits that are over":  {oneKit, `INSERT INTO session_kits VALUES (2, 1, 2)`, `UPDATE sessions SET ends_at = '2027-05-04T12:01:00Z' WHERE id = 2`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.breaks(breaks...)
			for _, b := range h.verify() {
				if b.Invariant == "I16" || b.Invariant == "I17" {
					t.Errorf("seen: %s", b)
				}
			}
		})
	}
}

// TestVerifyLetsTheWrittenExceptionsBe: 李, who came later, has a seat, and محمد waits (domain, Waiting list 4 and 5).
func TestVerifyLetsTheWrittenExceptionsBe(t *testing.T) {
	t.Parallel()
	const before = notGiven + `; UPDATE bookings SET status = 'confirmed' WHERE id = 4`
	const given = `INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at, made_by)
		VALUES (4, '2027-05-04T15:00:00Z', '2027-05-04T15:00:00Z', 'given', '2027-05-04T15:00:00Z', `
	for name, breaks := range map[string][]string{
		"let the offer of a sibling run out": {
			`UPDATE bookings SET group_id = 3 WHERE status = 'waiting'`,
			`UPDATE offers SET outcome = 'expired', ended_at = expires_at`,
			`UPDATE bookings SET status = 'waiting', unanswered_offers = 1 WHERE status = 'offered'`,
			`UPDATE bookings SET session_id = 1, status = 'confirmed' WHERE id = 5`},
		"lost the offer to a session that moved": {`UPDATE offers SET outcome = 'withdrawn', ended_at = '2027-05-04T15:00:00Z'`,
			`UPDATE bookings SET status = 'waiting' WHERE id = 3`, `UPDATE bookings SET status = 'confirmed' WHERE id = 4`},
		"did not answer the phone": {before,
			`INSERT INTO calls (group_id, subject, outcome, at, by) VALUES (3, 'group:3', 'no_answer', '2027-05-04T15:00:00Z', 1)`},
		"there were seats for both, and the team called": {before, given + `1)`},
		"an override": {before, `UPDATE bookings SET override_by = 1, override_reason = 'Une chaise de plus' WHERE id = 4`},
		"wanted seats together until then": {before, given + `NULL)`,
			`INSERT INTO audit (at, actor, action, record, details) SELECT '2027-05-04T15:00:01Z', 'guest', 'booking.wishes', 'session:1',
				json_object('reference', reference) FROM booking_groups WHERE id = 3`},
		"wants seats together":           {before, `UPDATE booking_groups SET seating = 'together' WHERE id = 3`},
		"is a sibling":                   {before, `UPDATE bookings SET group_id = 3 WHERE id = 4`},
		"was seen there, says the paper": {before, `UPDATE bookings SET updated_at = (SELECT ends_at FROM sessions WHERE id = 1) WHERE id = 4`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.breaks(breaks...)
			for _, b := range h.verify() {
				if b.Invariant == "I7" {
					t.Errorf("seen: %s", b)
				}
			}
		})
	}
}

// TestVerifyKnowsEveryInstant keeps the statement of I11 complete when the schema grows.
func TestVerifyKnowsEveryInstant(t *testing.T) {
	t.Parallel()
	instant := regexp.MustCompile(`^(at|.*_(at|after))$`)
	seen := 0
	for table, columns := range sqlitetest.Columns(t, sqlitetest.New(t)) {
		for _, column := range columns {
			if !instant.MatchString(column) {
				continue
			}
			seen++
			if !strings.Contains(upkeep.Instants, "'"+table+"."+column+"', "+column+" FROM "+table) {
				t.Errorf("%s.%s is not checked", table, column)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d instants found in the schema", seen)
	}
}

// TestVerifyLivesInTheTimeOfTheDatabase: a demo may run ahead of the clock of who verifies it.
func TestVerifyLivesInTheTimeOfTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// A seat freed on the morning of the session is offered to nobody: that is the rule, not a breach.
	h.clock.Set(time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC))
	h.must(h.bookings.Cancel(t.Context(), account.Guest(), key(), h.links["zoe"], nil, ""))
	h.clock.Set(start)
	for _, b := range h.verify() {
		t.Errorf("seen from the past: %s", b)
	}
}
