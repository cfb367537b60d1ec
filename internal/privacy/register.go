// Package privacy owns what is told and kept of people. Which column of the database belongs to which item says columns_test.go, which
// holds every column of the schema against it.
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
