package web

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// RegisterPaper is a register as it is printed: that of a class for a private session, and else that for families, with
// the team page for who may see it.
func RegisterPaper(lang words.Lang, s attendance.Sheet) document.Register {
	if s.Group != nil {
		return classSheetPaper(lang, s)
	}
	paper := document.Sheet{
		Session: paperSession(lang, s), Capacity: s.Session.Capacity, BlankLines: s.BlankLines, TeamPage: s.Care,
	}
	for _, c := range s.Children {
		if isOnPaper(c) {
			paper.Rows = append(paper.Rows, sheetRow(words.For(lang), c))
		}
	}
	return paper
}

// BlankPaper is a register without names: of a private session with a line for every child that was announced, of a
// public one with as many lines as asked for.
func BlankPaper(lang words.Lang, bare attendance.Sheet, lines int) document.Register {
	if bare.Group != nil {
		return classSheetPaper(lang, bare)
	}
	return document.BlankSheet{Session: paperSession(lang, bare), Lines: lines}
}

// BlankLines is how many lines a blank register has where nobody chose: one for each seat, and those at the end of any
// sheet.
func BlankLines(bare attendance.Sheet) int {
	return min(bare.Session.Capacity+bare.BlankLines, document.MostBlankSheetLines)
}

// UnplannedPaper is a register without names for a session that is in no programme.
func UnplannedPaper(lang words.Lang, madeAt time.Time, lines int) document.Register {
	return document.BlankSheet{Session: document.Session{Lang: lang, Organisation: words.For(lang).T("ui.site"), MadeAt: madeAt}, Lines: lines}
}

// RegisterPapers is the registers of several sessions in one file.
func RegisterPapers(lang words.Lang, title string, sheets []attendance.Sheet) document.Bundle {
	bundle := document.Bundle{Lang: lang, Title: title}
	for _, s := range sheets {
		bundle.MadeAt = s.ReadAt
		bundle.Registers = append(bundle.Registers, RegisterPaper(lang, s))
	}
	return bundle
}

// paperSession is what all papers of a session say at their head.
func paperSession(lang words.Lang, s attendance.Sheet) document.Session {
	return document.Session{
		Lang:         lang,
		Organisation: words.For(lang).T("ui.site"),
		Workshop:     s.Session.Workshop.Name(),
		Start:        s.Session.StartsAt,
		End:          s.Session.EndsAt,
		Venue:        s.Session.Venue.Name,
		Address:      venueAddress(s.Session.Venue),
		Facilitators: facilitatorNames(s.Facilitators),
		MadeAt:       s.ReadAt,
	}
}

// isOnPaper leaves out who gave the seat up and did not come: nobody expects them.
func isOnPaper(c attendance.Child) bool { return !c.Cancelled || c.State.Action.Came() }

var paperHealth = map[family.HealthState]document.Health{
	family.HealthNone: document.HealthNone, family.HealthDescribed: document.HealthDescribed,
	family.HealthRefused: document.HealthRefused, family.HealthToAsk: document.HealthToAsk,
}

func sheetRow(p *words.Printer, c attendance.Child) document.SheetRow {
	if c.Erased() {
		return document.SheetRow{LastName: p.T("erase.family"), Erased: true}
	}
	row := document.SheetRow{
		FirstName: c.FirstName, LastName: c.LastName, Age: c.Age,
		Health: paperHealth[c.Care.Health.State], HealthText: c.Care.Health.Text,
		Emergency:   document.Contact(c.Care.Emergency),
		PickUp:      c.Care.PickUp,
		LeavesAlone: c.Care.LeavesAlone,
		NeverTo:     c.Care.Barred,
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
	var papers []document.Certificate
	for _, c := range list.Issued {
		if isPrintable(c) {
			papers = append(papers, sessionPaper(lang, list, c, url))
		}
	}
	return papers
}

func sessionPaper(lang words.Lang, list attendance.Certificates, c attendance.Certificate, url func(code string) string) document.Certificate {
	paper := certificatePaperOf(lang, c, list.Session, url)
	paper.Workshop = list.Session.Workshop.Name()
	paper.Made, paper.Learnt = list.Session.Workshop.Summary, list.Session.Workshop.SkillList()
	paper.Start, paper.End = list.Session.StartsAt, list.Session.EndsAt
	paper.Facilitators, paper.Signatory = facilitatorNames(list.Facilitators), document.Signatory(list.Signatory)
	return paper
}

// SeriesPapers are the certificates about a series that can be printed.
func SeriesPapers(lang words.Lang, list attendance.SeriesCertificates, url func(code string) string) []document.Certificate {
	var papers []document.Certificate
	for _, c := range list.Issued {
		if isPrintable(c) && len(c.Attended) > 0 {
			papers = append(papers, seriesPaper(lang, list, c, url))
		}
	}
	return papers
}

// seriesPaper lists the sessions that the child came to, and what each workshop taught, once.
func seriesPaper(lang words.Lang, list attendance.SeriesCertificates, c attendance.Certificate, url func(code string) string) document.Certificate {
	last := c.Attended[len(c.Attended)-1]
	paper := certificatePaperOf(lang, c, last, url)
	paper.Workshop, paper.Signatory = list.Series.Title, document.Signatory(list.Signatory)
	paper.Start, paper.End = c.Attended[0].StartsAt, last.StartsAt
	for _, v := range c.Attended {
		paper.Sessions = append(paper.Sessions, document.CertifiedSession{Start: v.StartsAt, Workshop: v.Workshop.Name()})
		paper.Learnt = append(paper.Learnt, v.Workshop.SkillList()...)
	}
	paper.Learnt = eachOnce(paper.Learnt)
	return paper
}

// certificatePaperOf is what certificates about a session and about a series have in common.
func certificatePaperOf(lang words.Lang, c attendance.Certificate, at catalog.Session, url func(code string) string) document.Certificate {
	return document.Certificate{
		Organisation: words.For(lang).T("ui.site"), Child: certificateName(c), Discipline: string(at.Workshop.Discipline), Minutes: c.Minutes,
		Venue: at.Venue.Name, City: at.Venue.City, Number: c.Number, Code: attendance.ShowCode(c.Code), VerifyURL: url(c.Code),
	}
}

// isPrintable leaves out what has been revoked, and whose child was erased.
func isPrintable(c attendance.Certificate) bool { return c.Valid() && c.FirstName != "" }

// CertificatePath is the page that confirms a certificate to anybody.
func CertificatePath(code string) string { return "/attestations/" + attendance.ShowCode(code) }
