package privacy_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// withheld says, of each column of the register that is of families and in no export, why it is not. A new column of families
// belongs in an export (privacy/export.go) or here.
var withheld = map[string]string{
	"guardians.id": "a number of ours", "guardians.email_folded": "made of email", "guardians.sign_in_epoch": "a number of ours",
	"children.id": "a number of ours", "children.name_folded": "made of the names",
	"guardianships.guardian_id": "said by the list of children", "guardianships.child_id": "said by the list of children",
	"pickup_persons.id": "a number of ours", "pickup_persons.child_id": "said by name", "pickup_persons.guardian_id": "who asks",
	"consents.id": "a number of ours", "consents.child_id": "said by name", "consents.guardian_id": "who asks",
	"young_holders.child_id": "said by name", "young_holders.guardian_id": "a number of ours", "young_holders.email_folded": "made of email", "young_holders.sign_in_epoch": "a number of ours",
	"former_guardianships.guardian_id": "who asks", "former_guardianships.child_id": "of a family that they left",
	"invitations.id": "a number of ours", "invitations.token_hash": "of the link", "invitations.guardian_id": "who asks", "invitation_children.*": "numbers of ours",
	"guardians_before_merge.merge_id": "a number of ours", "guardians_before_merge.guardian_id": "a number of ours",
	"children_before_merge.merge_id": "a number of ours", "children_before_merge.child_id": "a number of ours", "children_before_merge.became": "a number of ours",
	"family_notes.id": "a number of ours", "family_notes.guardian_id": "who asks", "family_notes.child_id": "said by name",
	"email_changes.guardian_id": "who asks", "email_changes.token_hash": "of the link",
	"drafts.token_hash": "of a browser", "drafts.session_id": "said by title and date", "drafts.guardian_id": "who asks", "drafts.version": "a number of ours", "drafts.result": "a reference",
	"request_drafts.*":  "of organisations",
	"booking_groups.id": "a number of ours", "booking_groups.session_id": "said by title and date", "booking_groups.guardian_id": "who asks",
	"booking_groups.first_id": "a number of ours", "booking_groups.link_version": "of the links", "booking_groups.moved_id": "a number of ours",
	"bookings.id": "a number of ours", "bookings.group_id": "a number of ours", "bookings.session_id": "said by title and date", "bookings.child_id": "said by name",
	"bookings.guest_key": "a keyed digest", "bookings.called_off_from": "what the status would be again, were a session restored", "bookings.ical_sequence": "of the calendar",
	"offers.id": "a number of ours", "offers.booking_id": "said by name, title and date",
	"calls.id": "a number of ours", "calls.group_id": "said by title and date", "calls.subject": "a number of ours",
	"participants.*": "numbers of ours", "fact_bookings.*": "numbers of ours",
	"marks.id": "a number of ours", "marks.entry_key": "made by a tablet", "marks.participant_id": "said by name", "marks.undoes": "made by a tablet",
	"marks.taken_reason": "a note of the team", "barred_persons.*": "notes of the team", "incidents.*": "notes of the team", "closings.reason": "a note of the team",
	"certificates.id": "a number of ours", "certificates.participant_id": "said by name", "certificates.series_id": "a number of ours",
	"payments.id": "a number of ours", "payments.guardian_id": "who asks", "payments.recorded_for": "who asks, by an earlier record", "payments.reverses": "said by the amount", "payment_parts.payment_id": "said by its day", "payment_parts.group_id": "said by title and date",
	"carnets.payment_id": "said by its day", "late_charges.booking_id": "said by name, title and date", "receipts.payment_id": "said by its number", "receipts.content_hash": "made of the content",
	"outbox.id": "a number of ours", "outbox.guardian_id": "who asks", "outbox.message_id": "made for mail servers",
}

func exported(d privacy.Dossier) string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// RGPD-7: whatever of a family the register names is in its export, to the letter, but what is withheld for a reason; and every
// reason is about something that is kept.
func TestExportHoldsWhatTheRegisterNames(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	_, me := d.kanari(d.session)
	d.clock.Set(saturday)
	d.mark(d.session, 1, "left")
	d.insert(`UPDATE marks SET taken_by = 'other'`)
	d.insert(`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at) VALUES (1, ?1, ?1, 'given', ?1)`, sqlite.Time(saturday))
	d.insert(`INSERT INTO young_holders (child_id, email, email_folded, created_at) VALUES (1, 'zoe@exemple.fr', 'zoe@exemple.fr', ?)`, sqlite.Time(saturday))
	d.insert(`UPDATE booking_groups SET young_email = 'lukasz-jeune@exemple.fr'`)
	d.insert(`INSERT INTO former_guardianships (guardian_id, child_id, left_at) VALUES (?1, 1, ?2)`, me.ID, sqlite.Time(saturday))
	d.insert(`INSERT INTO invitations (token_hash, guardian_id, name, email, created_at, expires_at) VALUES (x'00', ?1, 'Łukasz', 'lukasz@exemple.fr', ?2, ?2)`, me.ID, sqlite.Time(saturday))
	d.insert(`INSERT INTO email_changes (guardian_id, token_hash, email, expires_at) VALUES (?1, x'00', 'neuf@exemple.fr', ?2)`, me.ID, sqlite.Time(saturday))
	d.insert(`INSERT INTO family_notes (guardian_id, child_id, text, written_at, written_by, released_at, released_by) VALUES (?1, 1, 'À rappeler', ?2, ?3, ?2, ?3)`, me.ID, sqlite.Time(saturday), d.staff.ID)
	d.insert(`INSERT INTO merges (guardian_id, from_id, same_person, merged_at, merged_by) VALUES (?1, ?1, 1, ?2, ?3)`, me.ID, sqlite.Time(saturday), d.staff.ID)
	d.insert(`INSERT INTO guardians_before_merge SELECT 1, id, name, email, phone, emergency_name, emergency_phone, language, proved_at, last_contact_at FROM guardians WHERE id = ?`, me.ID)
	d.insert(`INSERT INTO children_before_merge SELECT 1, id, 1, first_name, last_name, birth_date, health_state, health_text, gender, postal_code, qpv, qpv_zoning, qpv_method FROM children WHERE id = 1`)
	d.insert(`INSERT INTO calls (group_id, subject, outcome, at, by) VALUES (1, 'group:1', 'told', ?, ?)`, sqlite.Time(saturday), d.staff.ID)
	d.insert(`INSERT INTO drafts (token_hash, session_id, guardian_id, answers, version, expires_at) VALUES (x'00', ?, ?, '{}', 1, ?)`, d.session, me.ID, sqlite.Time(saturday))
	d.pays(me.ID)
	_, err := d.register.Issue(t.Context(), d.staff, d.key(), d.session, false)
	d.must(err)
	before, err := d.Export(t.Context(), me)
	d.must(err)
	has := map[string]bool{}
	for _, s := range before.Sections {
		if len(s.Rows) == 0 {
			t.Errorf("nothing of %s is in the world of this test", s.Table)
			continue
		}
		for _, c := range s.Rows[0] {
			has[s.Table+"."+c.Column] = true
		}
		for _, lang := range words.Offered() {
			p := words.For(lang)
			if !p.Has("export." + s.Table) {
				t.Errorf("in %s the section %s has no title", lang, s.Table)
			}
			for _, c := range s.Rows[0] {
				if !p.Has("export.column." + c.Column) {
					t.Errorf("in %s the column %s.%s has no name", lang, s.Table, c.Column)
				}
			}
		}
	}
	audience := map[string]privacy.Audience{}
	for _, item := range privacy.Items() {
		audience[item.Name] = item.Audience
	}
	unused := maps.Clone(withheld)
	for _, c := range register() {
		if audience[c.item] != privacy.Families {
			continue
		}
		for _, name := range strings.Fields(c.names) {
			column := c.table + "." + name
			why := withheld[column] + withheld[c.table+".*"]
			delete(unused, column)
			delete(unused, c.table+".*")
			if has[column] == (why != "") {
				t.Errorf("%s is in the export: %t; withheld because %q. It is one or the other", column, has[column], why)
			}
		}
	}
	if len(unused) > 0 {
		t.Errorf("withheld, but not kept of families: %q", slices.Sorted(maps.Keys(unused)))
	}

	// To the letter: whatever is written into a column shows.
	free := slices.DeleteFunc(d.sow(), func(column string) bool { return !has[column] })
	if len(free) < 14 {
		t.Fatalf("canaries only in %q", free)
	}
	after, err := d.Export(t.Context(), me)
	d.must(err)
	text := exported(after)
	for _, column := range free {
		if canary := "kanari-" + strings.Replace(column, ".", "-", 1); !strings.Contains(text, canary) {
			t.Errorf("%s says %s, the export does not", column, canary)
		}
	}
	if n := d.count(`SELECT count(*) FROM access_log WHERE action = 'family.export' AND actor = ?1 AND record = ?1`, me.String()); n != 2 {
		t.Errorf("%d lines in the access log, want 2", n)
	}
	for _, actor := range []account.Actor{account.Guest(), d.staff, account.Command()} {
		_, err := d.Export(t.Context(), actor)
		d.wants(err, fault.Forbidden, "error.forbidden")
	}
	_, err = d.Export(t.Context(), account.Guardian(99))
	d.wants(err, fault.NotFound, "error.not_found")
}

// Domain, Family data 5: of two households each takes the child and what is its own, and nothing that only the other wrote, nor
// what the team notes; after erasing there is nothing to take.
func TestExportOfTwoHouseholds(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	reference, me := d.kanari(d.session)
	other := d.books(d.at(saturday.AddDate(0, 0, 7)), "Li", 2018, "", "", "")
	d.insert(`UPDATE bookings SET child_id = 1 WHERE id = ?`, other)
	d.insert(`INSERT INTO guardianships SELECT g.guardian_id, 1 FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.id = ?`, other)
	her := account.Guardian(int64(d.count(`SELECT max(id) FROM guardians`)))
	d.pays(me.ID)
	d.insert(`UPDATE guardians SET name = 'Ánh Nguyễn', email = 'anh@exemple.fr', emergency_name = 'Sa voisine' WHERE id = ?`, her.ID)
	d.insert(`INSERT INTO pickup_persons (child_id, guardian_id, name) VALUES (1, ?, 'Oncle Minh')`, her.ID)
	d.insert(`UPDATE bookings SET cancel_reason = 'other', status = 'cancelled', cancelled_by = 'family', cancelled_at = ?2 WHERE id = ?1`, other, sqlite.Time(d.clock.Now()))
	d.insert(`INSERT INTO barred_persons (child_id, name, note, set_by, set_at) VALUES (1, 'Interdit', 'Note secrète', ?, ?)`, d.staff.ID, sqlite.Time(d.clock.Now()))
	d.insert(`INSERT INTO merges (guardian_id, from_id, same_person, merged_at, merged_by) VALUES (?, ?, 0, ?, ?)`, me.ID, her.ID, sqlite.Time(d.clock.Now()), d.staff.ID)
	d.insert(`INSERT INTO children_before_merge SELECT 1, id, 1, first_name, last_name, birth_date, 'to_ask', '', NULL, iif(id = 1, '00111', '00222'), NULL, NULL, NULL FROM children WHERE id IN (1, (SELECT max(id) FROM children))`)
	d.insert(`INSERT INTO family_notes (guardian_id, text, written_at, written_by) VALUES (?, 'Note secrète', ?, ?)`, me.ID, sqlite.Time(d.clock.Now()), d.staff.ID)
	d.insert(`INSERT INTO incidents (session_id, text, written_at, written_by) VALUES (?, 'Note secrète', ?, ?)`, d.session, sqlite.Time(d.clock.Now()), d.nadia.ID)
	d.clock.Set(saturday)
	d.mark(d.session, 1, "present")
	d.mark(d.session, 1, "left")
	d.insert(`UPDATE marks SET taken_by = 'person', taken_name = 'Oncle Minh', taken_reason = 'Note secrète' WHERE action = 'left'`)

	mine, err := d.Export(t.Context(), me)
	d.must(err)
	hers, err := d.Export(t.Context(), her)
	d.must(err)
	for _, tt := range []struct {
		who        string
		d          privacy.Dossier
		has, lacks []string
	}{
		{"the first guardian", mine, []string{"Kanarienvogel@exemple.fr", "PapiKanari", "Notkanari", "Arachidenallergie", "Łukasz", reference, "Chèque 007", "00111"},
			[]string{"00222", "Ánh", "anh@exemple.fr", "Oncle Minh", "Sa voisine", "Interdit", "Note secrète", `"other"`}},
		{"the second", hers, []string{"Ánh Nguyễn", "Oncle Minh", "Sa voisine", "Arachidenallergie", "00222"},
			[]string{"00111", "kanarienvogel@exemple.fr", "Kanarienvogel@", "PapiKanari", "Notkanari", "06 98 76 54 32", "Łukasz", reference, "Interdit", "Note secrète", "Chèque 007"}},
	} {
		text := exported(tt.d)
		for _, part := range tt.has {
			if !strings.Contains(text, part) {
				t.Errorf("%s does not get %q", tt.who, part)
			}
		}
		for _, part := range tt.lacks {
			if strings.Contains(text, part) {
				t.Errorf("%s gets %q", tt.who, part)
			}
		}
	}

	d.clock.Set(saturday.Add(24 * time.Hour))
	_, err = d.EraseFamily(t.Context(), d.staff, d.key(), reference)
	d.must(err)
	_, err = d.Export(t.Context(), me)
	d.wants(err, fault.NotFound, "error.not_found")
}

// RGPD-8: whatever of a family the register names, nothing that could be written there outlives its erasure.
func TestErasureEmptiesWhatTheRegisterNames(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	reference, _ := d.kanari(d.session)
	now := sqlite.Time(d.clock.Now())
	d.clock.Set(saturday)
	d.mark(d.session, 1, "left")
	d.insert(`UPDATE marks SET taken_by = 'other'`)
	d.insert(`INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at, made_by) VALUES (1, ?1, ?1, 'given', ?1, ?2)`, now, d.staff.ID)
	d.insert(`INSERT INTO barred_persons (child_id, name, note, set_by, set_at) VALUES (1, 'x', 'x', ?, ?)`, d.nadia.ID, now)
	d.insert(`UPDATE bookings SET override_by = ?, override_reason = 'x' WHERE id = 1`, d.staff.ID)
	_, err := d.register.Issue(t.Context(), d.staff, d.key(), d.session, false)
	d.must(err)
	d.insert(`UPDATE certificates SET revoked_at = ?1, revoke_reason = 'x'`, now)
	d.insert(`INSERT INTO family_notes (guardian_id, text, written_at, written_by) SELECT guardian_id, 'x', ?, ? FROM booking_groups WHERE reference = ?`, now, d.staff.ID, reference)
	d.pays(int64(d.count(`SELECT guardian_id FROM booking_groups WHERE reference = ?`, reference)))
	free := d.sow()
	d.insert(`UPDATE booking_groups SET reference = ?`, reference)
	d.clock.Set(saturday.AddDate(0, 0, 5))
	d.must(d.CloseOverdue(t.Context()))
	_, err = d.EraseFamily(t.Context(), d.staff, d.key(), reference)
	d.must(err)
	// Of the team and of nobody, what no family names, and what accounts keep for ten years with its own names.
	others := []string{"receipts", "users", "signature", "closings", "drafts", "request_drafts"}
	for _, column := range free {
		table, name, _ := strings.Cut(column, ".")
		if !slices.Contains(others, table) && d.count(`SELECT count(*) FROM "`+table+`" WHERE "`+name+`" LIKE '%kanari-%'`) > 0 {
			t.Errorf("%s still says something", column)
		}
	}
	var left int
	d.must(d.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM consents`).Scan(&left)
	}))
	if left != 0 {
		t.Errorf("%d consents are left", left)
	}
}

// pays keeps a payment of a guardian for their first booking, a carnet, and that a late seat was counted.
func (d *day) pays(guardian int64) {
	d.t.Helper()
	now := sqlite.Time(d.clock.Now())
	d.insert(`INSERT INTO payments (id, guardian_id, cents, mode, reference, received_on, recorded_by, recorded_at) VALUES (1, ?1, 1400, 'cheque', 'Chèque 007', '2027-05-07', ?2, ?3)`, guardian, d.staff.ID, now)
	d.insert(`INSERT INTO payment_parts (payment_id, group_id, cents) SELECT 1, min(id), 1400 FROM booking_groups WHERE guardian_id = ?`, guardian)
	d.insert(`INSERT INTO receipts (payment_id, year, number, total_cents, content, content_hash, issued_at) VALUES (1, 2027, 1, 1400, '{}', 'x', ?)`, now)
	d.insert(`INSERT INTO carnets (payment_id, units) VALUES (1, 4)`)
	d.insert(`INSERT INTO late_charges (booking_id, charged_by, charged_at) SELECT min(b.id), ?2, ?3 FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE g.guardian_id = ?1`, guardian, d.staff.ID, now)
}
