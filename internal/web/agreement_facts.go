package web

import (
	"strings"
	"unicode"

	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// AgreementFacts writes the facts of an agreement in a language: the values of its fields. What is not known yet has none.
func AgreementFacts(lang words.Lang) school.WriteFacts {
	return func(f school.AgreementFacts) (map[string]string, error) { return agreementValues(words.For(lang), f) }
}

func agreementValues(p *words.Printer, f school.AgreementFacts) (map[string]string, error) {
	o := f.Request.Organisation
	dates, places, err := agreedDates(p, f.Dates)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 && f.Request.Place == school.Theirs {
		places = []string{joined(", ", o.Name, oneLine(o.Address), o.Postcode+" "+o.City)}
	}
	values := map[string]string{
		"association": f.Association.Name, "association_adresse": oneLine(f.Association.Address), "association_ville": townOf(f.Association.Address),
		"association_siret": f.Association.SIRET, "association_rna": f.Association.RNA, "association_email": f.Association.Email,
		"organisme": o.Name, "organisme_adresse": joined(", ", oneLine(o.Address), o.Postcode+" "+o.City), "organisme_uai": o.UAI, "organisme_siret": o.SIRET,
		"contact": f.Request.Contact.Name, "contact_role": f.Request.Contact.Role,
		"atelier": f.Request.Asked(), "niveau": f.Request.Level, "enfants": p.N("school_papers.children", f.Request.Children),
		"dates": strings.Join(dates, "\n"), "lieu": strings.Join(places, "\n"), "equipe": p.List(f.Team),
		"payeur": f.Payer, "reference": f.Request.Reference, "date": p.Birth(paperDay(f.Date)),
	}
	if f.Payer == "" {
		values["payeur"] = o.Name
	}
	if f.Request.Adults > 0 {
		values["adultes"] = p.N("school_papers.adults", f.Request.Adults)
	}
	switch {
	case f.Quote != "":
		values["montant"], values["devis"] = p.Amount(f.Cents), p.T("school_papers.quote", f.Quote)
	case f.Request.Funding == settings.Free:
		values["montant"], values["devis"] = p.Amount(0), p.T("school_papers.free")
	}
	return values, nil
}

// agreedDates are the sessions with their hours, each on its line, and where they are, each place once.
func agreedDates(p *words.Printer, all []school.BillDate) (dates, places []string, err error) {
	periods, err := billPeriods(all)
	if err != nil {
		return nil, nil, err
	}
	for i, d := range all {
		dates = append(dates, p.T("school_papers.date", p.Date(periods[i].Start), p.Span(periods[i].Start, periods[i].End)))
		places = append(places, joined(", ", d.Venue, oneLine(d.Address), d.Postcode+" "+d.City))
	}
	return dates, eachOnce(places), nil
}

// oneLine joins the lines of an address.
func oneLine(address string) string { return joined(", ", strings.Split(address, "\n")...) }

// joined joins the parts that say something.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// townOf is the town at the end of an address, without its postcode.
func townOf(address string) string {
	lines := strings.FieldsFunc(address, func(r rune) bool { return r == '\n' || r == ',' })
	if len(lines) == 0 {
		return ""
	}
	return strings.TrimLeftFunc(lines[len(lines)-1], func(r rune) bool { return unicode.IsDigit(r) || unicode.IsSpace(r) })
}

// agreementPaper is a frozen agreement as it is printed.
func (s *Server) agreementPaper(a school.Agreement) (document.Agreement, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return document.Agreement{}, err
	}
	paper := document.Agreement{
		Lang: words.French, Reference: a.Paper.Reference, Version: a.Paper.Version, Date: paperDay(a.Paper.Date),
		Association: document.Association(a.Paper.Association), Client: paperParty(a.Paper.Client),
		Text: a.Paper.Text, Hash: a.Hash, Issuer: a.IssuedBy, MadeAt: a.IssuedAt.In(zone),
	}
	if a.Signed.ID != 0 {
		paper.Signed = &document.Signature{
			Name: a.Signed.Name, Role: a.Signed.Role, On: paperDay(a.Signed.StatedOn), Confirmed: a.Signed.ConfirmedAt.In(zone),
		}
	}
	return paper, nil
}
