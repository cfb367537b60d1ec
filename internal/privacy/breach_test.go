package privacy_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// RGPD-14: from whatever record an entry names, every guardian of the families that it holds is found, and nobody else.
func TestBreach(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	_, kanari := d.kanari(d.session)
	child := d.count(`SELECT min(id) FROM children WHERE last_name = 'Kanarienvogel'`)
	other := d.insert(`INSERT INTO guardians (name, email, email_folded, phone, language, last_contact_at, created_at)
		VALUES ('Nguyễn', 'nguyen@exemple.fr', 'nguyen@exemple.fr', '', 'fr', ?1, ?1)`, sqlite.Time(d.clock.Now()))
	d.insert(`INSERT INTO guardianships (guardian_id, child_id) VALUES (?, ?)`, other, child)
	stranger := d.insert(`INSERT INTO guardians (name, email, email_folded, phone, language, last_contact_at, created_at)
		VALUES ('Łukasz', '', '', '06', 'fr', ?1, ?1)`, sqlite.Time(d.clock.Now()))
	erased := d.insert(`INSERT INTO guardians (name, email, email_folded, phone, language, last_contact_at, created_at)
		VALUES ('', '', '', '', 'fr', ?1, ?1)`, sqlite.Time(d.clock.Now()))

	d.clock.Advance(time.Hour)
	start := d.clock.Now()
	seat := d.count(`SELECT min(id) FROM bookings WHERE child_id = ?`, child)
	group := d.count(`SELECT group_id FROM bookings WHERE id = ?`, seat)
	both := []int64{kanari.ID, other}
	mail := d.insert(`INSERT INTO outbox (kind, language, recipient, guardian_id, payload, message_id, created_at, send_after)
		VALUES ('mailing', 'fr', 'nguyen@exemple.fr', ?2, '{}', 'x@exemple.fr', ?1, ?1)`, sqlite.Time(start), other)
	toTeam := d.insert(`INSERT INTO outbox (kind, language, recipient, payload, message_id, created_at, send_after)
		VALUES ('team_invited', 'fr', 'li@exemple.fr', '{}', 'y@exemple.fr', ?1, ?1)`, sqlite.Time(start))
	mailing := d.insert(`INSERT INTO mailings (audience, subject, body, sent_at) VALUES ('all', 'Salle', 'Ailleurs', ?)`, sqlite.Time(start))
	d.insert(`INSERT INTO mailing_families (mailing_id, guardian_id, outbox_id) VALUES (?, ?, ?)`, mailing, other, mail)
	d.insert(`INSERT INTO mailing_families (mailing_id, guardian_id) VALUES (?, ?)`, mailing, stranger)
	// The record of who became one with another is empty: the other is told.
	d.insert(`INSERT INTO mailing_families (mailing_id, guardian_id) VALUES (?, ?)`, mailing, erased)
	d.insert(`INSERT INTO merged_guardians (erasure_id, was_id, guardian_id) SELECT erasure_id, id, ? FROM guardians WHERE id = ?`, kanari.ID, erased)
	d.pays(kanari.ID)
	for _, test := range []struct {
		record string
		want   []int64
	}{
		{recordOf("session", d.session), both}, {recordOf("group", int64(group)), both}, {recordOf("booking", int64(seat)), both},
		{recordOf("child", int64(child)), both}, {recordOf("guardian", kanari.ID), []int64{kanari.ID}},
		{recordOf("guardian", stranger), []int64{stranger}}, {recordOf("guardian", erased), []int64{kanari.ID}}, {"setting:x", nil}, {"database", nil},
		{recordOf("session", 987654), nil}, {recordOf("young", int64(child)), both}, {recordOf("outbox", mail), []int64{other}},
		{recordOf("payment", 1), []int64{kanari.ID}}, {"money:2027-05-01:2027-05-31:csv:1", []int64{kanari.ID}}, {"payments:2027-05-01:2027-05-31", nil},
		{recordOf("outbox", toTeam), nil}, {recordOf("mailing", mailing), []int64{kanari.ID, other, stranger}},
	} {
		d.must(d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return audit.Access(tx, "user:9", "sheet.print", test.record)
		}))
		list, err := d.Breach(t.Context(), privacy.Entries{From: start, To: start.Add(time.Minute), Actor: "user:9", Record: test.record})
		d.must(err)
		var got []int64
		for _, touched := range list {
			got = append(got, touched.Guardian)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s touches %v, want %v", test.record, got, test.want)
		}
	}
	// What somebody did to one booking is about its family, not about all of the session.
	d.clock.Advance(time.Minute)
	neighbour := d.insert(`INSERT INTO booking_groups (reference, session_id, guardian_id, created_at) VALUES ('ADA-NEIGHBUR', ?, ?, ?)`, d.session, stranger, sqlite.Time(d.clock.Now()))
	li := d.insert(`INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, created_at) VALUES ('李', 'Li', 'li 李', '2018-03-01', 'none', ?)`, sqlite.Time(d.clock.Now()))
	d.insert(`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at) VALUES (?1, ?2, ?3, 'cancelled', ?4, ?4)`, neighbour, d.session, li, sqlite.Time(d.clock.Now()))
	for reference, want := range map[string][]int64{"ADA-NEIGHBUR": {stranger}, "ADA-NOTTHERE": nil} {
		actor := "user:7" + reference
		d.must(d.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return audit.Add(tx, actor, "booking.cancel", recordOf("session", d.session), map[string]any{"reference": reference})
		}))
		list, err := d.Breach(t.Context(), privacy.Entries{From: d.clock.Now(), To: d.clock.Now().Add(time.Minute), Actor: actor})
		d.must(err)
		var got []int64
		for _, touched := range list {
			got = append(got, touched.Guardian)
		}
		if !slices.Equal(got, want) {
			t.Errorf("an act on %s touches %v, want %v", reference, got, want)
		}
	}
	for what, about := range map[string]privacy.Entries{
		"another actor":  {From: start, To: start.Add(time.Minute), Actor: "user:8"},
		"another period": {From: start.Add(time.Minute), To: start.Add(time.Hour), Actor: "user:9"},
	} {
		if list, err := d.Breach(t.Context(), about); err != nil || len(list) > 0 {
			t.Errorf("%s: %v, %v", what, list, err)
		}
	}
	list, err := d.Breach(t.Context(), privacy.Entries{From: start, To: start.Add(time.Minute), Actor: "user:9"})
	d.must(err)
	if len(list) != 3 || list[0].Email != "Kanarienvogel@exemple.fr" || list[0].Entries != 10 {
		t.Errorf("all entries: %+v", list)
	}
	if n := d.count(`SELECT count(*) FROM access_log WHERE action = 'breach.list'`); n == 0 {
		t.Error("nobody can tell that the list was made")
	}
}

func recordOf(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
