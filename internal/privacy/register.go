// Package privacy owns what is told and kept of people: the register of every column of the database.
package privacy

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Basis is on which ground of the RGPD something is kept. Its name is the text privacy.basis.VALUE. Which one fits is
// the association's choice, made with its lawyers; these are the usual ones for extra-curricular activities (CNIL).
type Basis string

// The grounds.
const (
	Contract   Basis = "contract"   // art. 6.1.b: to hold the place that was booked, the workshop that was ordered
	Consent    Basis = "consent"    // art. 6.1.a, and 9.2.a for health
	Legitimate Basis = "legitimate" // art. 6.1.f
	Legal      Basis = "legal"      // art. 6.1.c: accounting, security of processing
)

// Need says whether people must give something. Its name is the text privacy.need.VALUE.
type Need string

// The needs.
const (
	Required Need = "required"
	Optional Need = "optional"
	Made     Need = "made" // nobody is asked: the program writes it down
)

// Audience is whom a line of the notice concerns. Its name is the text privacy.audience.VALUE.
type Audience string

// The audiences, in the order of the page.
const (
	Families      Audience = "families"
	Organisations Audience = "organisations"
	Team          Audience = "team"
)

// Audiences lists every audience, in that order.
func Audiences() []Audience { return []Audience{Families, Organisations, Team} }

// Item is one line of the notice « Vos données ». What is kept, why, who sees it and how long it stays are the texts
// privacy.item.NAME.data, .why, .seen and .kept.
type Item struct {
	Name     string
	Audience Audience
	Basis    Basis
	Need     Need
	// Periods are the settings that the text about how long it stays names.
	Periods []settings.Setting[int]
}

// Items lists what is kept of people, in the order of the page.
func Items() []Item {
	return []Item{
		{"child", Families, Contract, Required, periods(settings.FamilyMonths)},
		{"guardian", Families, Contract, Required, periods(settings.FamilyMonths)},
		{"safety", Families, Contract, Required, periods(settings.FamilyMonths)},
		{"health", Families, Consent, Optional, periods(settings.HealthDays)},
		{"image", Families, Consent, Optional, periods(settings.FamilyMonths)},
		{"figures", Families, Legitimate, Optional, periods(settings.FamilyMonths)},
		{"presence", Families, Contract, Made, periods(settings.FamilyMonths)},
		{"note", Families, Legitimate, Made, periods(settings.FamilyMonths)},
		{"incident", Families, Legitimate, Made, periods(settings.IncidentMonths)},
		{"draft", Families, Contract, Made, nil},
		{"message", Families, Contract, Made, nil},
		{"money", Families, Legal, Made, nil},
		{"contact", Organisations, Contract, Required, periods(settings.RequestContactYears)},
		{"request", Organisations, Contract, Optional, periods(settings.RequestContactYears)},
		{"payer", Organisations, Contract, Optional, periods(settings.RequestContactYears)},
		{"signature", Organisations, Contract, Required, nil},
		{"bill", Organisations, Legal, Made, nil},
		{"pupil", Organisations, Contract, Optional, periods(settings.PupilNamesDays)},
		{"member", Team, Contract, Required, periods(settings.MemberMonths)},
		{"signatory", Team, Legitimate, Optional, periods(settings.MemberMonths)},
		{"trace", Team, Legal, Made, nil},
	}
}

// Nobody marks columns that say nothing of a person.
const Nobody = ""

func periods(list ...settings.Setting[int]) []settings.Setting[int] { return list }

// Kept returns the figures that the texts about how long items stay name, by item, as the association has set them.
func (s *Service) Kept(ctx context.Context) (kept map[string][]any, err error) {
	kept = map[string][]any{}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for _, item := range Items() {
			for _, period := range item.Periods {
				n, err := settings.Get(tx, period)
				if err != nil {
					return err
				}
				kept[item.Name] = append(kept[item.Name], n)
			}
		}
		return nil
	})
	return kept, err
}

// Columns are some columns of one table that belong to the same Item, or to Nobody.
type Columns struct {
	Table string
	Item  string
	Names string // separated by spaces
}

// Register says of every column of the schema to which item it belongs (RGPD-1). A new column needs a line here: a test
// fails without it, so that nothing personal is kept of which the page « Vos données » does not tell.
func Register() []Columns {
	return []Columns{
		{"users", "member", "id email email_folded name phone role password_hash sign_in_epoch honorability_on honorability_told_at feed_version created_at disabled_at"},
		{"password_links", "trace", "token_hash user_id expires_at outcome ended_at"},
		{"second_factors", "member", "user_id seed last_step since"},
		{"recovery_codes", "member", "code_hash user_id used_at"},
		{"sign_ins", "trace", "token_hash data expires_at"},
		{"sign_in_links", "trace", "token_hash mailbox guardian_id young_id next expires_at outcome ended_at"},
		{"form_keys", Nobody, "nonce body_hash result expires_at"},
		{"settings", Nobody, "name value"},
		{"signature", "signatory", "id png updated_at"},
		{"logo", Nobody, "id png updated_at"},
		{"outbox", "message", "id kind language recipient guardian_id payload message_id created_at send_after state attempts last_error done_at"},
		{"outbox_pause", Nobody, "id since"},
		{"alerts", Nobody, "id kind count began_at ended_at"},
		{"number_locks", Nobody, "series year since"},
		{"void_numbers", Nobody, "series year number voided_at"},
		{"audit", "trace", "id at actor action record details"},
		{"access_log", "trace", "id at actor action record"},
		{"workshops", Nobody, "id title level discipline min_age max_age summary description skills tools bring capacity price_cents duration_minutes created_at updated_at"},
		{"venues", Nobody, "id name address postcode city access step_free capacity time_zone closed_from listed created_at updated_at"},
		{"school_holidays", Nobody, "id zone name first_day last_day known_since"},
		{"sessions", Nobody, "id workshop_id venue_id starts_at ends_at capacity reserved_seats reserved_for reserved_until pricing price_cents price_min_cents price_steps payment_url status opens_at closes_at ical_sequence cancel_reason cancelled_at cancelled_from list_closed_at request_id series_id schedule_id funding created_at updated_at"},
		{"left_in_holidays", Nobody, "session_id starts_at left_at"},
		{"left_in_holidays", "trace", "left_by"},
		{"schedules", Nobody, "id weekdays every first_day last_day created_at"},
		{"series", Nobody, "id title price_cents created_at"},
		{"session_facilitators", "member", "session_id user_id"},
		{"kits", Nobody, "id name contents copies children created_at updated_at"},
		{"session_kits", Nobody, "session_id kit_id copies"},
		{"availabilities", "member", "id user_id weekday starts ends"},
		{"absences", "member", "id user_id first_day last_day"},

		{"guardians", "guardian", "id name email email_folded phone language proved_at sign_in_epoch last_contact_at created_at"},
		{"guardians", Nobody, "erasure_id"},
		{"merged_guardians", Nobody, "erasure_id guardian_id"},
		{"guardians", "safety", "emergency_name emergency_phone"},
		{"children", "child", "id first_name last_name name_folded birth_date created_at"},
		{"children", "health", "health_state health_text"},
		{"children", "figures", "gender postal_code qpv qpv_zoning qpv_method"},
		{"guardianships", "guardian", "guardian_id child_id"},
		{"young_holders", "child", "child_id guardian_id email email_folded proved_at sign_in_epoch created_at"},
		{"former_guardianships", "guardian", "guardian_id child_id left_at"},
		{"different_families", "trace", "guardian_id other_id said_at said_by"},
		{"merges", "trace", "id guardian_id from_id same_person merged_at merged_by"},
		{"merge_rows", Nobody, "merge_id kind row_id was"},
		{"guardians_before_merge", "guardian", "merge_id guardian_id name email phone language proved_at last_contact_at"},
		{"guardians_before_merge", "safety", "emergency_name emergency_phone"},
		{"children_before_merge", "child", "merge_id child_id became first_name last_name birth_date"},
		{"children_before_merge", "health", "health_state health_text"},
		{"children_before_merge", "figures", "gender postal_code qpv qpv_zoning qpv_method"},
		{"family_notes", "note", "id guardian_id child_id text written_at released_at"},
		{"family_notes", "trace", "written_by released_by"},
		{"invitations", "guardian", "id token_hash guardian_id name email created_at expires_at outcome ended_at"},
		{"invitation_children", "guardian", "invitation_id child_id"},
		{"email_changes", "guardian", "guardian_id token_hash email expires_at"},
		{"pickup_persons", "safety", "id child_id guardian_id name"},
		{"consents", "image", "id child_id guardian_id purpose answer text_version given_at"},
		{"drafts", "draft", "token_hash session_id guardian_id answers version result expires_at"},
		{"booking_groups", "presence", "id reference session_id guardian_id seating unasked first_id link_version seat_cents moved_id created_at reminded_at coming_at to_complete completed_at"},
		{"booking_groups", "child", "young_email"},
		{"booking_groups", "trace", "created_by"},
		{"bookings", "presence", "id group_id session_id child_id status guest_key cancelled_by cancelled_at called_off_from cancel_reason reserved joined_list unanswered_offers ical_sequence created_at updated_at"},
		{"bookings", "trace", "override_by override_reason"},
		{"offers", "presence", "id booking_id made_at expires_at outcome ended_at reminded_at"},
		{"offers", "trace", "made_by reason"},
		{"calls", "presence", "id group_id subject outcome at"},
		{"calls", "trace", "by"},
		{"list_figures", Nobody, "session_id held_on discipline city families children seated unmet unmet_families recorded_at"},
		{"participants", "presence", "id session_id booking_id pupil_id"},
		{"tablets", Nobody, "id since"},
		{"marks", "presence", "id entry_key participant_id action undoes at recorded_at"},
		{"marks", "safety", "taken_by taken_name taken_reason"},
		{"marks", "trace", "author_id device"},
		{"barred_persons", "safety", "id child_id name note set_at lifted_at"},
		{"barred_persons", "trace", "set_by lifted_by"},
		{"certificates", "presence", "id participant_id series_id minutes year number code issued_at revoked_at"},
		{"certificates", "trace", "issued_by revoked_by revoke_reason"},
		{"pupils", "pupil", "id session_id position first_name created_at"},
		{"team_presences", "member", "session_id user_id noted_at"},
		{"team_presences", "trace", "noted_by"},
		{"incidents", "incident", "id session_id text written_at seen_at"},
		{"incidents", "trace", "written_by seen_by"},
		{"closings", Nobody, "id session_id closed_at last_mark reopened_at"},
		{"closings", "trace", "closed_by reopened_by"},
		{"closings", "incident", "reason"},
		{"mailings", Nobody, "id audience subject body sent_at"},
		{"mailings", "trace", "sent_by"},
		{"mailing_sessions", Nobody, "mailing_id session_id"},
		{"mailing_families", Nobody, "id mailing_id guardian_id outbox_id"},
		{"kept_texts", Nobody, "id name subject body created_at updated_at"},
		{"facts", Nobody, "id closing_id session_id held_on discipline city funding age_band gender home qpv qpv_zoning qpv_method first maybe_known minutes"},
		{"fact_bookings", "presence", "booking_id fact_id"},
		{"session_facts", Nobody, "closing_id session_id held_on discipline city funding minutes capacity came absent excused late"},
		{"retention_reports", Nobody, "id at counts"},
		{"headcounts", Nobody, "session_id level gender children recorded_at"},

		{"directory", Nobody, "id uai site name type sector address postcode city commune_code siret priority pupils is_open names places"},
		{"directory_search", Nobody, "names places"},
		{"organisations", Nobody, "id kind uai name address postcode city commune_code sector priority siret created_at"},
		{"group_requests", "contact", "id reference link_version organisation_id contact_name contact_role contact_email contact_phone language created_at updated_at forgotten_at"},
		{"group_requests", "request", "workshop_id wish aim level children adults period place room equipment wifi accessibility funding adage_reference message " +
			"state state_since waiting_since next_action next_action_on started_from"},
		{"group_requests", "trace", "assigned_to"},
		{"wanted_dates", "request", "request_id position day half"},
		{"request_events", "request", "id request_id at by kind text"},
		{"request_events", "trace", "user_id"},
		{"request_drafts", "draft", "token_hash answers version result expires_at"},
		{"slots", "request", "id request_id workshop_id venue_id capacity state created_at ended_at"},
		{"slots", "trace", "created_by"},
		{"slot_times", "request", "slot_id starts_at ends_at"},
		{"slot_facilitators", "member", "slot_id user_id"},
		{"slot_kits", Nobody, "slot_id kit_id copies"},
		{"payers", "payer", "request_id name address postcode city siret is_public service_code contact_name contact_email contact_phone link_version created_at updated_at"},
		{"quotes", "bill", "id request_id version year number state lines note valid_until total_cents content content_hash issued_at created_at updated_at"},
		{"quotes", "trace", "issued_by"},
		{"invoices", "bill", "id kind request_id quote_id credits year number total_cents content content_hash due_on issued_at"},
		{"invoices", "trace", "issued_by"},
		{"agreements", "bill", "id request_id version state content content_hash issued_at"},
		{"agreements", "trace", "issued_by"},
		{"acceptances", "signature", "id request_id quote_id agreement_id party name role stated_on engagement mailbox content_hash upload_id stated_at confirmed_at"},
		{"acceptances", "trace", "confirmed_by"},
		{"uploads", "signature", "id request_id name size sha256 content sent_by uploaded_at"},
		{"uploads", "trace", "user_id"},
		{"feedbacks", "request", "request_id rating comment given_at"},
		{"group_facts", Nobody, "session_id level gender held_on minutes children discipline kind uai sector priority commune_code city funding"},
		{"payments", "bill", "invoice_id"},
		{"payments", "money", "id guardian_id recorded_for cents mode reference received_on reverses reason recorded_at"},
		{"payments", "trace", "recorded_by"},
		{"payment_parts", "money", "payment_id group_id cents"},
		{"carnets", "money", "payment_id units"},
		{"late_charges", "money", "booking_id charged_at"},
		{"late_charges", "trace", "charged_by"},
		{"receipts", "money", "payment_id year number total_cents content content_hash issued_at"},
	}
}
