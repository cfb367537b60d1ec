// Package settings keeps what the association chooses for itself: its identity and
// a few figures. Every setting is declared here with a safe default and its limits;
// a database without a row, or with one that somebody edited into nonsense, behaves
// as the default says.
//
// Who may change a setting, and the audit line of a change, belong to
// account.Office.ChangeSettings: this package knows neither people nor the audit.
package settings

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The settings.
var (
	// SheetBlankLines is how many empty rows an attendance sheet ends with (UX-F13).
	SheetBlankLines = number("sheet_blank_lines", 5, 0, 15)
	// UnprovedBookingsCap is how many live bookings one e-mail address may have before
	// its mailbox is proved.
	UnprovedBookingsCap = number("unproved_bookings_cap", 8, 1, 100)

	// The hours of offers from the waiting list, see Hours. The least of OfferLongest and the greatest of OfferShortest go together:
	// see shortestDay.
	OfferWakingFrom   = number("offer_waking_from", 8, 5, 14)
	OfferWakingUntil  = number("offer_waking_until", 21, 12, 23)
	OfferLongest      = number("offer_longest_hours", 48, 24, 96)
	OfferBeforeStart  = number("offer_before_start_hours", 2, 1, 24)
	OfferShortest     = number("offer_shortest_hours", 3, 1, 3)
	OfferUnaskedUntil = number("offer_unasked_until", 18, 6, 23)

	// RequestContactYears is how many years after the end of a group request its contact is forgotten.
	RequestContactYears = number("request_contact_years", 3, 1, 10)
	// NotArrivedMinutes is how many minutes after its start a session calls the families of who has not come.
	NotArrivedMinutes = number("not_arrived_minutes", 15, 5, 120)
	// ChildrenPerFacilitator is how many children one person who leads a session looks after, where a capacity is proposed. The
	// association fixes it: the program knows no law.
	ChildrenPerFacilitator = number("children_per_facilitator", 8, 1, 50)
	// CloseAfterDays is how many days after its end a session is closed that nobody closes.
	CloseAfterDays = number("close_after_days", 3, 2, 60)
	// HealthDays is how many days after a child's last session a text about its health is erased.
	HealthDays = number("health_days", 30, 1, 365)
	// FamilyMonths is how many months after its last contact a family is erased.
	FamilyMonths = number("family_months", 24, 1, 60)
	// HonorabilityMonths is how many months a certificate of honorability counts, and HonorabilityDays how many days before its end the
	// team is told. Which certificate is asked for, and for how long it counts, the association knows from those who ask for it.
	HonorabilityMonths = number("honorability_months", 6, 1, 60)
	HonorabilityDays   = number("honorability_days", 30, 1, 180)
	// MemberMonths is how many months after their access ended somebody of the team is erased.
	MemberMonths = number("member_months", 24, 1, 120)
	// IncidentMonths is how many months a note about an incident is kept.
	IncidentMonths = number("incident_months", 12, 1, 60)
	// PupilNamesDays is how many days after a private session the first names of its class list are erased.
	PupilNamesDays = number("pupil_names_days", 30, 1, 365)

	// The association, as mails and papers name it.
	AssociationName    = text("association_name", "Les Bricodeurs", Line, 120)
	AssociationAddress = text("association_address", "", Lines, 300)
	AssociationEmail   = text("association_email", "salut@lesbricodeurs.fr", Email, 254)
	AssociationPhone   = text("association_phone", "", Line, 30)
	AssociationWebsite = text("association_website", "https://lesbricodeurs.fr", Web, 200)
	AssociationSIRET   = text("association_siret", "", SIRET, 20)
	AssociationRNA     = text("association_rna", "", RNA, 12)
	AssociationIBAN    = text("association_iban", "", IBAN, 42)

	// SignatoryName and SignatoryRole are who signs attestations of service.
	SignatoryName = text("signatory_name", "", Line, 120)
	SignatoryRole = text("signatory_role", "", Line, 120)

	// VATSentence is what quotes and invoices say about VAT. It is empty until staff choose it, and nothing is issued
	// before: what is right depends on the association's tax status, which no software knows (UX-S4).
	VATSentence = text("vat_sentence", "", Lines, 300)
	// QuoteDays is for how many days a quote can be accepted; InvoiceDays within how many an invoice is to be paid.
	QuoteDays   = number("quote_days", 30, 1, 365)
	InvoiceDays = number("invoice_days", 30, 0, 365)
	// PaymentTerms is what quotes and invoices say about paying.
	PaymentTerms = text("payment_terms", "", Lines, 600)
	// SessionPrice and KilometrePrice, in cents, are what a new quote begins with.
	SessionPrice   = euros("session_price", 0, 1_000_000)
	KilometrePrice = euros("kilometre_price", 0, 1_000)

	// OwnFundings are the kinds of funding that the association names itself, one a line: see Fundings.
	OwnFundings = text("own_fundings", "", Names, 2000)
	// CarnetUnits is how many seats a carnet pays, and CarnetPrice what it costs a family, in cents. Those that were sold stay as they are.
	CarnetUnits = number("carnet_units", 4, 2, 50)
	CarnetPrice = euros("carnet_price", 5000, 100_000)

	// AgreementText is what agreements with organisations say. Empty: the text that package school begins with, which
	// also checks it before it is stored (school.SaveAgreementText).
	AgreementText = text("agreement_text", "", Prose, 30_000)
)

// Setting is a declared setting whose value is a T.
type Setting[T int | string] struct {
	Declaration
	parse func(string) T // of a text that Declaration.check has accepted
}

// Declaration is what a form needs to know of a setting.
type Declaration struct {
	Name    string
	Kind    Kind
	Default string
	Min     int // least value of a Number, or of Euros in cents; 1 where a text must not be empty
	Max     int // greatest value of a Number, or of Euros in cents; greatest length of a text in characters
}

// Label is the key of the setting's name in the catalogue of messages.
func (d Declaration) Label() string { return "settings." + d.Name }

// Hint is the key of a sentence about the setting, where the catalogue of messages has one.
func (d Declaration) Hint() string { return "settings.hint." + d.Name }

// declared holds the settings in the order of their declaration.
var declared []Declaration

func number(name string, fallback, lowest, highest int) Setting[int] {
	d := declare(Declaration{Name: name, Kind: Number, Default: strconv.Itoa(fallback), Min: lowest, Max: highest})
	return Setting[int]{d, func(s string) int {
		n, _ := strconv.Atoi(s) // check has read it
		return n
	}}
}

// euros declares an amount, in cents up to highest.
func euros(name string, fallback, highest int) Setting[int] {
	d := declare(Declaration{Name: name, Kind: Euros, Default: WriteEuros(fallback), Max: highest})
	return Setting[int]{d, func(s string) int {
		cents, _ := ParseEuros(s) // check has read it
		return cents
	}}
}

// text declares a setting that may be empty if its default is.
func text(name, fallback string, kind Kind, longest int) Setting[string] {
	d := Declaration{Name: name, Kind: kind, Default: fallback, Max: longest}
	if fallback != "" {
		d.Min = 1
	}
	return Setting[string]{declare(d), func(s string) string { return s }}
}

func declare(d Declaration) Declaration {
	declared = append(declared, d)
	return d
}

const sqlGet = `SELECT value FROM settings WHERE name = ?`

// Get returns the value of a setting, or its default where nothing valid is stored.
func Get[T int | string](tx *sqlite.Tx, s Setting[T]) (T, error) {
	value, err := stored(tx, s.Declaration)
	if err != nil {
		var none T
		return none, err
	}
	return s.parse(value), nil
}

// stored returns a text that d.check accepts.
func stored(tx *sqlite.Tx, d Declaration) (string, error) {
	var value string
	switch err := tx.QueryRow(sqlGet, d.Name).Scan(&value); {
	case errors.Is(err, sql.ErrNoRows):
		return d.Default, nil
	case err != nil:
		return "", fmt.Errorf("settings: %s: %w", d.Name, err)
	}
	value, problem := d.check(value)
	if problem.Key != "" {
		return d.Default, nil
	}
	return value, nil
}

// Value is a setting with what is in force.
type Value struct {
	Declaration
	Value string
}

// All returns every setting in the order of declaration, for the page that edits them: all but Prose, which has its own.
func All(tx *sqlite.Tx) ([]Value, error) {
	var values []Value
	for _, d := range declared {
		if d.Kind == Prose {
			continue
		}
		value, err := stored(tx, d)
		if err != nil {
			return nil, err
		}
		values = append(values, Value{Declaration: d, Value: value})
	}
	return values, nil
}

const sqlSet = `INSERT INTO settings (name, value) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// Set stores the value that was typed for the setting called name, and returns what
// was in force before and what is now. A name that is not declared is fault.NotFound;
// a value outside the limits is fault.Invalid with the field name. Use
// account.Office.ChangeSettings, which also asks who may and writes the audit line.
func Set(tx *sqlite.Tx, name, typed string) (before, after string, err error) {
	i := slices.IndexFunc(declared, func(d Declaration) bool { return d.Name == name })
	if i < 0 {
		return "", "", fault.New(fault.NotFound, "error.not_found")
	}
	d := declared[i]
	after, problem := d.check(typed)
	if problem.Key != "" {
		return "", "", fault.InvalidFields(map[string]fault.Message{name: problem})
	}
	if before, err = stored(tx, d); err != nil {
		return "", "", err
	}
	if _, err := tx.Exec(sqlSet, name, after); err != nil {
		return "", "", fmt.Errorf("settings: %s: %w", name, err)
	}
	return before, after, nil
}
