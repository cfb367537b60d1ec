package booking

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// guardianOf is the id of who made a booking, childOf that of one of its children.
func (h *house) guardianOf(reference string) (id int64) {
	return int64(h.count(`SELECT guardian_id FROM booking_groups WHERE reference = ?`, reference))
}

func (h *house) childOf(reference, first string) int64 {
	return int64(h.count(`SELECT c.id FROM booking_groups g JOIN bookings b ON b.group_id = g.id JOIN children c ON c.id = b.child_id WHERE g.reference = ? AND c.first_name = ?`, reference, first))
}

// families is all that two records hold, as far as a merge may touch it, every column of it: what an undo must bring back to the letter.
func (h *house) families() string {
	h.t.Helper()
	var parts []string
	for table, but := range map[string]string{
		"guardians": "'last_contact_at', 'sign_in_epoch'", "children": "''", "guardianships": "''", "pickup_persons": "'id'", "consents": "''", "bookings": "''",
		"booking_groups": "'link_version'", "barred_persons": "''", "merged_guardians": "''", "young_holders": "''", "invitations": "''", "invitation_children": "''",
	} {
		columns := h.text(`SELECT group_concat('coalesce("' || name || '", ''–'')', ' || ''|'' || ') FROM pragma_table_info(?) WHERE name NOT IN (`+but+`)`, table)
		parts = append(parts, table+"\n"+h.text(`SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT `+columns+` AS line FROM `+table+` ORDER BY line)`))
	}
	parts = append(parts, h.text(`SELECT group_concat(id || '|' || guardian_id) FROM outbox WHERE id <= 2`))
	slices.Sort(parts)
	return strings.Join(parts, "\n--\n")
}

// twoRecords books Zoé twice, by two spellings of one guardian with two addresses; by the first one with Łukasz, too. A second guardian has Zoé
// of the first record as well, and named somebody.
func (h *house) twoRecords() (first, second string, other int64) {
	h.t.Helper()
	r := request(h.session(12), "hong@exemple.fr", "Zoé", "Łukasz")
	r.Guardian.Name = "Nguyễn Thị Hồng"
	r.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Arachides"}
	r.Children[0].Image = family.No
	r.Children[0].PickupPersons = []string{"Mamie Jeanne", "Papi"}
	first = h.book(r)
	other = h.shareChildren(first, "李 伟", "li@exemple.fr")
	h.exec(`UPDATE guardians SET proved_at = created_at WHERE id = ?`, other)
	h.exec(`INSERT INTO pickup_persons (child_id, guardian_id, name) VALUES (?, ?, 'محمد')`, h.childOf(first, "Zoé"), other)
	h.clock.Advance(time.Hour)
	r = request(h.nextSaturday(12), "hong.perso@exemple.fr", "Zoé")
	r.Guardian.Name, r.Guardian.Phone = "Hồng Nguyễn", "07 00 00 00 00"
	r.Children[0].Health = family.Health{State: family.HealthDescribed, Text: "Asthme"}
	r.Children[0].Image = family.Yes
	r.Children[0].PickupPersons = []string{"Mamie Jeanne", "Tata"}
	second = h.book(r)
	h.must(h.Prove(h.t.Context(), newKey(), h.mailed(second)))
	h.exec(`INSERT INTO barred_persons (child_id, name, set_by, set_at) VALUES (?, 'Paul', 99, '2027-05-01T08:00:00Z')`, h.childOf(second, "Zoé"))
	h.exec(`UPDATE children SET gender = 'girl', postal_code = '69100', qpv = 'yes', qpv_zoning = 2024, qpv_method = 'looked_up' WHERE id = ?`, h.childOf(first, "Zoé"))
	h.exec(`INSERT INTO invitations (token_hash, guardian_id, name, email, created_at, expires_at) VALUES (x'00', ?1, 'محمد', 'md@exemple.fr', ?2, ?2)`, h.guardianOf(first), "2027-06-01T08:00:00Z")
	h.exec(`INSERT INTO invitation_children SELECT 1, child_id FROM guardianships WHERE guardian_id = ?`, h.guardianOf(first))
	return first, second, other
}

// UX-A9, Family data 5: two records of one guardian become one, the other guardian stays with whom they named; nothing of health is lost and any refusal
// wins. Undone, all is as it was.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second, other := h.twoRecords()
	into, from := h.guardianOf(second), h.guardianOf(first)
	zoe, again := h.childOf(second, "Zoé"), h.childOf(first, "Zoé")
	c, err := h.Compare(t.Context(), staff, into, from)
	h.must(err)
	if len(c.Pairs) != 1 || c.Pairs[0] != (family.MergedPair{From: again, Into: zoe}) || len(c.FromKids) != 2 || !c.FromKids[0].NoImage {
		t.Fatalf("side by side: %+v", c)
	}
	before := h.families()
	req := MergeRequest{Into: into, From: from, SamePerson: true, Pairs: c.Pairs, Take: []string{"phone"}}
	key := newKey()
	for range 2 {
		h.must(h.Merge(t.Context(), staff, key, req))
	}
	h.wantSound()
	if got := h.text(`SELECT name || ' ' || email || ' ' || phone FROM guardians WHERE id = ?`, into); got != "Hồng Nguyễn hong.perso@exemple.fr "+c.From.Phone {
		t.Errorf("contacts = %s", got)
	}
	want := "Arachides, Asthme pick-up: Mamie Jeanne, Papi, Tata, محمد"
	if got := h.text(`SELECT (SELECT group_concat(value, ', ') FROM (SELECT value FROM json_each('["' || replace(health_text, char(10), '","') || '"]') ORDER BY value)) ||
		' pick-up: ' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pickup_persons WHERE child_id = c.id ORDER BY name)) FROM children c WHERE id = ?`, zoe); got != want {
		t.Errorf("child = %q, want %q", got, want)
	}
	if n := h.count(`SELECT count(*) FROM guardianships WHERE guardian_id = ? AND child_id = ?`, other, zoe); n != 1 {
		t.Error("the other guardian lost the child")
	}
	if got := h.text(`SELECT answer FROM consents WHERE guardian_id = ? AND child_id = ? AND purpose = 'image' ORDER BY given_at DESC, id DESC LIMIT 1`, into, zoe); got != "no" {
		t.Errorf("pictures: %s", got)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE child_id = ?`, zoe); n != 2 {
		t.Errorf("%d bookings of the one child", n)
	}
	if n := h.count(`SELECT count(*) FROM booking_groups WHERE guardian_id = ?`, into); n != 2 {
		t.Errorf("%d bookings of the one guardian", n)
	}
	if n := h.count(`SELECT count(*) FROM barred_persons WHERE child_id = ?`, zoe); n != 1 {
		t.Error("a bar is lost")
	}
	if got := h.text(`SELECT gender || postal_code || qpv || qpv_zoning || qpv_method FROM children WHERE id = ?`, zoe); got != "girl69100yes2024looked_up" {
		t.Errorf("figures of the one child: %s", got)
	}
	if n := h.count(`SELECT count(*) FROM invitation_children x JOIN invitations i ON i.id = x.invitation_id WHERE i.guardian_id = ? AND x.child_id = ?`, into, zoe); n != 1 {
		t.Error("who was asked to join is not asked for the one child")
	}
	// The other guardian is told, and links to the address that went open nothing.
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND guardian_id = ? AND payload ->> '$.what' = 'merged'`, outbox.ChildChanged, other); n != 1 {
		t.Errorf("the other guardian is told %d times", n)
	}
	_, err = h.Find(t.Context(), h.mailed(first))
	wantFault(t, err, fault.NotFound, "error.not_found")
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND recipient = 'hong.perso@exemple.fr' AND payload ->> '$.reference' = ? AND payload ->> '$.link_version' = 2`, outbox.BookingRepeated, first); n != 1 {
		t.Errorf("%d mails with the new link", n)
	}
	if details := h.text(`SELECT details FROM audit WHERE action = 'family.merge'`); strings.Contains(details, "exemple") || strings.Contains(details, "Zo") {
		t.Errorf("the audit says %s", details)
	}
	list, err := h.Merges(t.Context(), staff, into)
	h.must(err)
	if len(list) != 1 || list[0].Name != "Nguyễn Thị Hồng" {
		t.Fatalf("to undo: %+v", list)
	}
	h.clock.Advance(29 * 24 * time.Hour)
	h.must(h.UndoMerge(t.Context(), staff, newKey(), into, list[0].ID))
	h.wantSound()
	if after := h.families(); after != before {
		t.Errorf("undone it is\n%s\nand was\n%s", after, before)
	}
	wantFault(t, h.UndoMerge(t.Context(), staff, newKey(), into, list[0].ID), fault.Gone, "merge.over")
	if n := h.count(`SELECT count(*) FROM merges`) + h.count(`SELECT count(*) FROM merge_rows`) + h.count(`SELECT count(*) FROM children_before_merge`) + h.count(`SELECT count(*) FROM guardians_before_merge`); n != 0 {
		t.Errorf("%d rows are left of it", n)
	}
}

// Two guardians, each with a record of the same child: both stay, and both are told.
func TestMergeChildrenAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.book(request(h.session(12), "a@exemple.fr", "Zoé")), h.book(request(h.nextSaturday(12), "b@exemple.fr", "Zoé"))
	for _, reference := range []string{first, second} {
		h.must(h.Prove(t.Context(), newKey(), h.mailed(reference)))
	}
	h.exec(`UPDATE children SET gender = 'girl', postal_code = '69100', qpv = 'yes', qpv_zoning = 2024, qpv_method = 'looked_up' WHERE id = ?`, h.childOf(second, "Zoé"))
	before := h.families()
	into, from := h.guardianOf(first), h.guardianOf(second)
	req := MergeRequest{Into: into, From: from, Pairs: []family.MergedPair{{From: h.childOf(second, "Zoé"), Into: h.childOf(first, "Zoé")}}}
	h.must(h.Merge(t.Context(), staff, newKey(), req))
	if n := h.count(`SELECT count(*) FROM guardianships WHERE child_id = ?`, req.Pairs[0].Into); n != 2 {
		t.Errorf("%d guardians of the child", n)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND payload ->> '$.what' = 'merged'`, outbox.ChildChanged); n != 2 {
		t.Errorf("%d are told", n)
	}
	if got := h.text(`SELECT gender || coalesce(postal_code, '') || coalesce(qpv, '') || coalesce(qpv_zoning, '') || coalesce(qpv_method, '') FROM children WHERE id = ?`, req.Pairs[0].Into); got != "girl" {
		t.Errorf("of one household the other one has %q", got)
	}
	h.wantSound()
	list, err := h.Merges(t.Context(), staff, from)
	h.must(err)
	h.must(h.UndoMerge(t.Context(), staff, newKey(), into, list[0].ID))
	if after := h.families(); after != before {
		t.Errorf("undone it is\n%s\nand was\n%s", after, before)
	}
}

// A child who is in a session by both records: the team says which booking is given up, and its seat passes on (I3, I8).
func TestMergeAsksWhatIsGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	first, second := h.book(request(session, "a@exemple.fr", "Zoé")), h.book(request(session, "b@exemple.fr", "Zoé"))
	waits := request(session, "c@exemple.fr", "李")
	waits.IfFull = Wait
	third := h.book(waits)
	req := MergeRequest{Into: h.guardianOf(first), From: h.guardianOf(second), SamePerson: true,
		Pairs: []family.MergedPair{{From: h.childOf(second, "Zoé"), Into: h.childOf(first, "Zoé")}}}
	twice, err := h.Doubles(t.Context(), staff, req)
	h.must(err)
	if len(twice) != 1 || twice[0].Bookings[0].Reference != second || twice[0].Bookings[1].Reference != first {
		t.Fatalf("twice: %+v", twice)
	}
	for _, give := range [][]int64{nil, {twice[0].Bookings[0].BookingID, twice[0].Bookings[1].BookingID}} {
		req.Keep = give
		err := h.Merge(t.Context(), staff, newKey(), req)
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Fields[twice[0].Field()].Key != "merge.double_missing" {
			t.Fatalf("keeping %v: %v", give, err)
		}
	}
	h.wantSeats(second, "confirmed")
	req.Keep = []int64{twice[0].Bookings[1].BookingID}
	h.must(h.Merge(t.Context(), staff, newKey(), req))
	h.wantSeats(first, "confirmed")
	h.wantSeats(third, "offered")
	if n := h.count(`SELECT count(*) FROM bookings WHERE cancelled_by = 'team'`); n != 1 {
		t.Error("it counts as given up by the family")
	}

	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND recipient = 'a@exemple.fr' AND state = 'pending' AND payload ->> '$.reference' = ?`, outbox.BookingCancelled, second); n != 1 {
		t.Errorf("%d mails tell the one that stays what was given up", n)
	}

	// Once it has begun nobody can tell who was there.
	fourth := h.book(request(h.nextSaturday(3), "d@exemple.fr", "Łukasz"))
	fifth := h.book(request(h.group(fourth).Session.ID, "e@exemple.fr", "Łukasz"))
	h.clock.Set(h.group(fourth).Session.StartsAt)
	req = MergeRequest{Into: h.guardianOf(fourth), From: h.guardianOf(fifth), SamePerson: true, Pairs: []family.MergedPair{{From: h.childOf(fifth, "Łukasz"), Into: h.childOf(fourth, "Łukasz")}}}
	wantFault(t, h.Merge(t.Context(), staff, newKey(), req), fault.Conflict, "merge.both_there")
}

// What a family says anew ends the undo, and what is left of the records before goes with it; so do 30 days, and erasure.
func TestMergeBecomesFinal(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(h *house, into, child int64){
		"health": func(h *house, _, child int64) {
			h.exec(`UPDATE children SET health_state = 'none', health_text = '' WHERE id = ?`, child)
		},
		"pick-up": func(h *house, _, child int64) { h.exec(`DELETE FROM pickup_persons WHERE child_id = ?`, child) },
		"guardian": func(h *house, into, child int64) {
			h.exec(`DELETE FROM guardianships WHERE child_id = ? AND guardian_id <> ?`, child, into)
		},
		"erasure": func(h *house, into, _ int64) {
			h.must(h.erase(h.text(`SELECT reference FROM booking_groups WHERE guardian_id = ? LIMIT 1`, into)))
		},
		"30 days": func(h *house, _, _ int64) {
			h.clock.Advance(family.MergeUndoable + time.Minute)
			h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				_, err := family.ForgetMerges(tx)
				return err
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			first, second, _ := h.twoRecords()
			into, from, child := h.guardianOf(second), h.guardianOf(first), h.childOf(second, "Zoé")
			h.must(h.Merge(t.Context(), staff, newKey(), MergeRequest{Into: into, From: from, SamePerson: true, Pairs: []family.MergedPair{{From: h.childOf(first, "Zoé"), Into: child}}}))
			list, err := h.Merges(t.Context(), staff, into)
			h.must(err)
			change(h, into, child)
			wantFault(t, h.UndoMerge(t.Context(), staff, newKey(), into, list[0].ID), fault.Gone, "merge.over")
			if n := h.count(`SELECT count(*) FROM children_before_merge`) + h.count(`SELECT count(*) FROM guardians_before_merge`); n != 0 {
				t.Errorf("%d records as they were are left", n)
			}
			if n := h.count(`SELECT count(*) FROM children WHERE id NOT IN (SELECT child_id FROM guardianships)`); n != 0 {
				t.Errorf("%d empty records are left", n)
			}
		})
	}
}

// A consent given since is of one child: nobody could say of which record.
func TestUndoAfterAnAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second, _ := h.twoRecords()
	into, child := h.guardianOf(second), h.childOf(second, "Zoé")
	h.must(h.Merge(t.Context(), staff, newKey(), MergeRequest{Into: into, From: h.guardianOf(first), SamePerson: true, Pairs: []family.MergedPair{{From: h.childOf(first, "Zoé"), Into: child}}}))
	h.clock.Advance(time.Hour)
	h.must(family.NewService(h.db, h.secret).SetImage(t.Context(), account.Guardian(into), newKey(), child, family.No, nil))
	list, err := h.Merges(t.Context(), staff, into)
	h.must(err)
	before := h.families()
	wantFault(t, h.UndoMerge(t.Context(), staff, newKey(), into, list[0].ID), fault.Conflict, "merge.answered")
	if h.families() != before {
		t.Error("a refused undo changed something")
	}
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(into), account.Command(), {Kind: account.KindUser, ID: 1, Role: account.Communication}} {
		wantFault(t, h.UndoMerge(t.Context(), actor, newKey(), into, list[0].ID), fault.Forbidden, "error.forbidden")
		wantFault(t, h.Merge(t.Context(), actor, newKey(), MergeRequest{Into: into, From: 1, SamePerson: true}), fault.Forbidden, "error.forbidden")
	}
}

// A page that is left open undoes nothing once its merge is over, were it because another family was merged since; nor does it undo that of another family.
func TestUndoOfAnotherMerge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ids []int64
	session := h.session(12)
	for _, mail := range []string{"a@exemple.fr", "b@exemple.fr", "c@exemple.fr", "d@exemple.fr"} {
		ids = append(ids, h.guardianOf(h.book(request(session, mail, "Zoé "+mail[:1]))))
	}
	h.must(h.Merge(t.Context(), staff, newKey(), MergeRequest{Into: ids[0], From: ids[1], SamePerson: true}))
	old, err := h.Merges(t.Context(), staff, ids[0])
	h.must(err)
	h.must(h.UndoMerge(t.Context(), staff, newKey(), ids[0], old[0].ID))
	h.must(h.Merge(t.Context(), staff, newKey(), MergeRequest{Into: ids[2], From: ids[3], SamePerson: true}))
	list, err := h.Merges(t.Context(), staff, ids[2])
	h.must(err)
	if list[0].ID == old[0].ID {
		t.Error("two merges have one id")
	}
	for _, id := range []int64{old[0].ID, list[0].ID} {
		wantFault(t, h.UndoMerge(t.Context(), staff, newKey(), ids[0], id), fault.Gone, "merge.over")
	}
	h.must(h.UndoMerge(t.Context(), staff, newKey(), ids[3], list[0].ID))
}

// What somebody was answering, signed in to the record that goes, is no one's: after the undo the other family would have it.
func TestMergeLeavesNoDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second, _ := h.twoRecords()
	into, from := h.guardianOf(second), h.guardianOf(first)
	for i, id := range []int64{into, from} {
		h.exec(`INSERT INTO drafts (token_hash, session_id, guardian_id, answers, version, expires_at) VALUES (?, 1, ?, '{}', 1, '2028-01-01T00:00:00Z')`, []byte{byte(i)}, id)
	}
	h.must(h.Merge(t.Context(), staff, newKey(), MergeRequest{Into: into, From: from, SamePerson: true}))
	if n := h.count(`SELECT count(*) FROM drafts WHERE guardian_id = ?`, into); n != 1 || h.count(`SELECT count(*) FROM drafts`) != 1 {
		t.Errorf("who stays has %d drafts", n)
	}
}
