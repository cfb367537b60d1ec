package web

import (
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// SheetPaper is a register as it is printed, with the team page for who may see it.
func SheetPaper(lang words.Lang, s attendance.Sheet) document.Sheet {
	paper := document.Sheet{
		Lang:         lang,
		Organisation: words.For(lang).T("ui.site"),
		Workshop:     s.Session.Workshop.Name(),
		Start:        s.Session.StartsAt,
		End:          s.Session.EndsAt,
		Venue:        s.Session.Venue.Name,
		Address:      venueAddress(s.Session.Venue),
		Capacity:     s.Session.Capacity,
		BlankLines:   s.BlankLines,
		Facilitators: facilitatorNames(s.Facilitators),
		TeamPage:     s.Care,
		MadeAt:       s.ReadAt,
	}
	for _, c := range s.Children {
		if isOnPaper(c) {
			paper.Rows = append(paper.Rows, sheetRow(c))
		}
	}
	return paper
}

// isOnPaper leaves out who gave the seat up and did not come: nobody expects them.
func isOnPaper(c attendance.Child) bool { return !c.Cancelled || c.State.Action.Came() }

var paperHealth = map[family.HealthState]document.Health{
	family.HealthNone: document.HealthNone, family.HealthDescribed: document.HealthDescribed,
	family.HealthRefused: document.HealthRefused, family.HealthToAsk: document.HealthToAsk,
}

func sheetRow(c attendance.Child) document.SheetRow {
	row := document.SheetRow{
		FirstName: c.FirstName, LastName: c.LastName, Age: c.Age,
		Health: paperHealth[c.Care.Health.State], HealthText: c.Care.Health.Text,
		Emergency:   document.Contact(c.Care.Emergency),
		PickUp:      c.Care.PickUp,
		LeavesAlone: c.Care.LeavesAlone,
		NoPhoto:     c.Image != attendance.ImageYes,
	}
	for _, g := range c.Care.Guardians {
		row.Guardians = append(row.Guardians, document.Contact(g))
	}
	return row
}

// CertificatePapers are the certificates of a session that can be printed: neither revoked nor of a child
// who was erased. url makes the absolute address that confirms a code.
func CertificatePapers(lang words.Lang, list attendance.Certificates, url func(code string) string) []document.Certificate {
	workshop := list.Session.Workshop
	var names []string
	for _, f := range list.Facilitators {
		names = append(names, f.Name)
	}
	var papers []document.Certificate
	for _, c := range list.Issued {
		if !isPrintable(c) {
			continue
		}
		papers = append(papers, document.Certificate{
			Organisation: words.For(lang).T("ui.site"),
			Child:        certificateName(c),
			Workshop:     workshop.Name(),
			Discipline:   string(workshop.Discipline),
			Made:         workshop.Summary,
			Learnt:       workshop.SkillList(),
			Start:        list.Session.StartsAt,
			End:          list.Session.EndsAt,
			Venue:        list.Session.Venue.Name,
			City:         list.Session.Venue.City,
			Facilitators: names,
			Number:       c.Number,
			Code:         attendance.ShowCode(c.Code),
			VerifyURL:    url(c.Code),
		})
	}
	return papers
}

// isPrintable leaves out what has been revoked, and whose child was erased.
func isPrintable(c attendance.Certificate) bool { return c.Valid() && c.FirstName != "" }

// CertificatePath is the page that confirms a certificate to anybody.
func CertificatePath(code string) string { return "/attestations/" + attendance.ShowCode(code) }
