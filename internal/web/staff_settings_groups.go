package web

import "github.com/lesbricodeurs/ateliersdada/internal/settings"

// settingGroups are the parts of the page of settings, each with the names of its settings in their order. Its title is the text
// settings.group.NAME. A test finds a setting that stands nowhere, or twice.
var settingGroups = []struct {
	name     string
	settings []string
}{
	{"association", []string{settings.AssociationName.Name, settings.AssociationAddress.Name, settings.AssociationEmail.Name, settings.AssociationPhone.Name, settings.AssociationWebsite.Name,
		settings.AssociationSIRET.Name, settings.AssociationRNA.Name, settings.AssociationIBAN.Name, settings.SignatoryName.Name, settings.SignatoryRole.Name}},
	{"sessions", []string{settings.ChildrenPerFacilitator.Name, settings.SheetBlankLines.Name, settings.NotArrivedMinutes.Name, settings.CloseAfterDays.Name,
		settings.UnprovedBookingsCap.Name}},
	{"offers", []string{settings.OfferWakingFrom.Name, settings.OfferWakingUntil.Name, settings.OfferLongest.Name, settings.OfferShortest.Name, settings.OfferBeforeStart.Name,
		settings.OfferUnaskedUntil.Name}},
	{"money", []string{settings.VATSentence.Name, settings.QuoteDays.Name, settings.InvoiceDays.Name, settings.PaymentTerms.Name, settings.SessionPrice.Name,
		settings.KilometrePrice.Name, settings.CarnetUnits.Name, settings.CarnetPrice.Name, settings.OwnFundings.Name}},
	{"team", []string{settings.HonorabilityMonths.Name, settings.HonorabilityDays.Name}},
	{"retention", []string{settings.HealthDays.Name, settings.FamilyMonths.Name, settings.IncidentMonths.Name, settings.PupilNamesDays.Name, settings.RequestContactYears.Name,
		settings.MemberMonths.Name}},
}

// settingGroup is a part of the page.
type settingGroup struct {
	Name, Title string
	Fields      []settingField
}

// grouped puts the fields of settings, by their names, into the parts of the page.
func (s *Server) grouped(fields map[string]settingField) (groups []settingGroup) {
	for _, g := range settingGroups {
		group := settingGroup{Name: g.name, Title: s.words.T("settings.group." + g.name)}
		for _, name := range g.settings {
			group.Fields = append(group.Fields, fields[name])
		}
		groups = append(groups, group)
	}
	return groups
}
