package upkeep

import (
	"slices"
	"strings"
)

// vanish says when a row may be gone that a copy of the database still holds.
type vanish string

const (
	never  vanish = "never"
	told   vanish = "told"   // when the audit tells of an act on what the row is about
	freely vanish = "freely" // by the clock alone, as retention and purges do; then nothing tells when
)

// change says how the rows of one table may change, by columns; names are separated by spaces. A column that is in none of the lists never changes.
type change struct {
	table string
	rows  vanish
	// kind is how the audit names a row of this table: 'session' for 'session:12'. Empty where it does not.
	kind string
	// age is the column with an instant after which a row may be gone, a year later; empty for none.
	age string
	// hollow is the column that is empty in a row of which nothing is left, and which may go at any time; empty for none.
	hollow string
	// born is a column that is another one where the row went and another one got its number.
	born string
	// stamp is the column that every change moves, or nearly every one: updated_at.
	stamp string
	// traced columns change with the stamp, or when the audit tells of an act on what the row is about.
	traced string
	// emptied columns may become what an erasure leaves, at any time.
	emptied string
	// free columns change without a trace, mostly by the timers, and are not compared.
	free string
	// why says why nothing of the table is compared.
	why string
}

// changes has every table of schema.sql once. That no statement of the program changes what never changes here is proved by
// internal/architecture, which asks SQLite about each of them, triggers included.
var changes = []change{
	{table: "users", rows: never, kind: "user", traced: "email email_folded name phone role password_hash honorability_on honorability_told_at disabled_at",
		free: "sign_in_epoch feed_version"},
	{table: "password_links", rows: freely, free: "outcome ended_at expires_at"},
	{table: "second_factors", rows: told, free: "last_step"},
	{table: "recovery_codes", rows: told, traced: "used_at"},
	{table: "sign_ins", rows: freely, why: "each click of somebody of the team writes it, and nobody misses it"},
	{table: "sign_in_links", rows: freely, emptied: "guardian_id young_id", free: "outcome ended_at expires_at"},
	{table: "form_keys", rows: freely},
	{table: "settings", rows: never, kind: "setting", traced: "value"},
	{table: "signature", rows: freely, born: "updated_at", stamp: "updated_at", traced: "png"},
	{table: "logo", rows: freely, born: "updated_at", stamp: "updated_at", traced: "png"},
	{table: "outbox", rows: never, traced: "guardian_id", emptied: "recipient payload guardian_id", free: "send_after state attempts last_error done_at"},
	{table: "outbox_pause", rows: freely, free: "since"},
	{table: "alerts", rows: freely, born: "began_at", free: "ended_at"},
	{table: "number_locks", rows: freely, free: "since"},
	{table: "void_numbers", rows: never},
	{table: "audit", rows: never, age: "at"},
	{table: "access_log", rows: never, age: "at"},

	{table: "workshops", rows: never, kind: "workshop", stamp: "updated_at",
		traced: "title level discipline min_age max_age summary description skills tools bring capacity price_cents duration_minutes"},
	{table: "venues", rows: never, kind: "venue", stamp: "updated_at", traced: "name address postcode city access step_free capacity closed_from listed"},
	{table: "school_holidays", rows: freely, born: "known_since"},
	{table: "series", rows: never, kind: "series", traced: "price_cents"},
	{table: "schedules", rows: never},
	{table: "sessions", rows: never, kind: "session", stamp: "updated_at",
		traced: "workshop_id venue_id starts_at ends_at capacity reserved_seats reserved_for reserved_until pricing price_cents price_min_cents price_steps " +
			"payment_url status opens_at closes_at ical_sequence cancel_reason cancelled_at cancelled_from list_closed_at series_id funding"},
	{table: "session_facilitators", rows: told},
	{table: "left_in_holidays", rows: told, traced: "starts_at left_at left_by"},
	{table: "kits", rows: never, kind: "kit", stamp: "updated_at", traced: "name contents copies children"},
	{table: "session_kits", rows: told, traced: "copies"},
	{table: "availabilities", rows: told},
	{table: "absences", rows: told},

	{table: "guardians", rows: told, kind: "guardian", traced: "name email email_folded phone emergency_name emergency_phone language proved_at",
		free: "sign_in_epoch last_contact_at"},
	{table: "merged_guardians", rows: told, traced: "guardian_id"},
	{table: "children", rows: told, kind: "child", hollow: "name_folded", // of two that became one: gone with what could part them again
		traced: "first_name last_name name_folded birth_date health_state health_text gender postal_code qpv qpv_zoning qpv_method"},
	{table: "guardianships", rows: told, traced: "guardian_id"},
	{table: "pickup_persons", rows: told, traced: "child_id guardian_id"},
	{table: "consents", rows: told, traced: "child_id guardian_id"},
	{table: "different_families", rows: told},
	{table: "merges", rows: freely},
	{table: "merge_rows", rows: freely},
	{table: "guardians_before_merge", rows: freely},
	{table: "children_before_merge", rows: freely},
	{table: "family_notes", rows: told, kind: "note", traced: "guardian_id child_id released_at released_by"},
	{table: "young_holders", rows: told, traced: "child_id guardian_id email email_folded proved_at", emptied: "guardian_id", free: "sign_in_epoch"},
	{table: "former_guardianships", rows: told, traced: "left_at"},
	{table: "invitations", rows: freely, born: "created_at", traced: "guardian_id", emptied: "name email", free: "outcome ended_at"},
	{table: "invitation_children", rows: freely},
	{table: "email_changes", rows: freely, traced: "token_hash email expires_at"},

	{table: "drafts", rows: freely, why: "each screen of somebody who books writes it, and it is gone within hours"},
	{table: "booking_groups", rows: never, kind: "group",
		traced: "session_id guardian_id seating unasked seat_cents reminded_at coming_at completed_at young_email", free: "link_version"},
	{table: "bookings", rows: never, kind: "booking", stamp: "updated_at",
		traced: "group_id child_id status guest_key cancelled_by cancelled_at called_off_from cancel_reason reserved unanswered_offers " +
			"override_by override_reason ical_sequence"},
	{table: "offers", rows: never, traced: "expires_at outcome ended_at reason reminded_at"},
	{table: "calls", rows: never},
	{table: "list_figures", rows: never},

	{table: "participants", rows: never},
	{table: "pupils", rows: told, traced: "first_name", emptied: "first_name"},
	{table: "headcounts", rows: told},
	{table: "tablets", rows: never, free: "since"},
	{table: "marks", rows: never, emptied: "taken_name taken_reason"},
	{table: "barred_persons", rows: told, traced: "child_id lifted_by lifted_at"},
	{table: "certificates", rows: never, kind: "certificate", traced: "revoked_at revoked_by revoke_reason", emptied: "revoke_reason"},
	{table: "team_presences", rows: told},
	{table: "incidents", rows: freely, kind: "incident", born: "written_at", traced: "seen_at seen_by"},

	{table: "mailings", rows: never},
	{table: "mailing_sessions", rows: never},
	{table: "mailing_families", rows: never, traced: "guardian_id", emptied: "guardian_id"},
	{table: "kept_texts", rows: told, kind: "text", stamp: "updated_at", traced: "name subject body"},

	{table: "closings", rows: never, traced: "reopened_at reopened_by reason", emptied: "reason"},
	{table: "facts", rows: told, free: "first maybe_known"},
	{table: "fact_bookings", rows: freely, traced: "fact_id"},
	{table: "session_facts", rows: told},
	{table: "retention_reports", rows: freely, born: "at"},

	{table: "directory", rows: never, kind: "directory",
		traced: "name type sector address postcode city commune_code siret priority pupils is_open names places"},
	{table: "directory_search", why: "an index of words over directory, which is compared"},
	{table: "organisations", rows: never},
	{table: "group_requests", rows: never, kind: "request", stamp: "updated_at",
		traced: "link_version contact_name contact_role contact_email contact_phone wish aim period room equipment accessibility adage_reference message " +
			"state state_since waiting_since assigned_to next_action next_action_on forgotten_at"},
	{table: "wanted_dates", rows: told},
	{table: "request_events", rows: never, emptied: "text"},
	{table: "request_drafts", rows: freely, why: "each screen of somebody who asks writes it, and it is gone within days"},
	{table: "slots", rows: never, kind: "slot", traced: "state ended_at"},
	{table: "slot_times", rows: never},
	{table: "slot_facilitators", rows: never},
	{table: "slot_kits", rows: never},
	{table: "payers", rows: told, stamp: "updated_at",
		traced: "name address postcode city siret is_public service_code contact_name contact_email contact_phone link_version"},
	{table: "quotes", rows: never, kind: "quote", stamp: "updated_at",
		traced: "year number state lines note valid_until total_cents content content_hash issued_at issued_by"},
	{table: "invoices", rows: never, kind: "paper", traced: "content content_hash"},
	{table: "agreements", rows: never, kind: "paper", traced: "state content content_hash"},
	{table: "acceptances", rows: never, kind: "paper", traced: "name role engagement mailbox content_hash confirmed_at confirmed_by"},
	{table: "uploads", rows: never, kind: "paper", traced: "size sha256 content"},
	{table: "feedbacks", rows: never, emptied: "comment"},
	{table: "group_facts", rows: never},

	{table: "payments", rows: never, traced: "guardian_id recorded_for", emptied: "reference"},
	{table: "payment_parts", rows: never},
	{table: "carnets", rows: never},
	{table: "late_charges", rows: told, traced: "charged_by charged_at"},
	{table: "receipts", rows: never, kind: "receipt", traced: "content content_hash"},
}

// MayChange says whether the comparison of two states of the database expects that a column of a row of table changes, at some time; MayVanish whether
// it expects that a row goes. internal/architecture holds every statement of the program against them.
func MayChange(table, column string) bool {
	c := changeOf(table)
	return c.why != "" || column == c.stamp || slices.Contains(strings.Fields(c.traced+" "+c.emptied+" "+c.free), column)
}

// MayVanish is like MayChange.
func MayVanish(table string) bool {
	c := changeOf(table)
	return c.why != "" || c.rows != never || c.age != ""
}

func changeOf(table string) change {
	i := slices.IndexFunc(changes, func(c change) bool { return c.table == table })
	if i < 0 {
		return change{rows: never}
	}
	return changes[i]
}

// subjects are the columns that name what a row is about, as the audit names it.
var subjects = map[string]string{
	"guardian_id": "guardian", "other_id": "guardian", "from_id": "guardian", "child_id": "child", "young_id": "child",
	"session_id": "session", "booking_id": "booking", "group_id": "group", "user_id": "user", "request_id": "request",
}

// inDetails are the keys of what the audit says besides, with what the number there names.
var inDetails = map[string]string{
	"from": "guardian", "other": "guardian", "guardian": "guardian", "user": "user", "session": "session", "request": "request",
	"quote": "quote", "agreement": "agreement", "kit": "kit", "payment": "payment", "invoice": "invoice",
}

// ofAll are records of the audit that name no row, since the act was on many, with the kinds that they may have changed.
var ofAll = map[string][]string{
	"children": {"child"}, "requests": {"request"}, "papers": {"request", "quote", "paper"}, "receipts": {"receipt"}, "directory": {"directory"},
	"pupils": {"session"},
}
