package mail

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// alertPage is a message about what is wrong with the installation, or is no more.
type alertPage struct {
	frame
	Subject, Title string
	Lines          []string
}

// homeZone is where the association is: a message about its server has no venue.
const homeZone = "Europe/Paris"

func (r *Renderer) alert(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	a, err := decode[outbox.Alert](m.Payload)
	if err != nil {
		return content{}, err
	}
	zone, err := time.LoadLocation(homeZone)
	if err != nil {
		return content{}, err
	}
	page := alertPage{frame: frame{Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", m.ID)), Why: p.T("mail.why.team"), Link: r.site.BaseURL + "/equipe/etat"}}
	title := "alert." + oneLine(a.Kind) + ".title"
	if !p.Has(title) {
		return content{}, fmt.Errorf("an alert of kind %q has no text", a.Kind)
	}
	began, err := time.Parse(time.RFC3339, a.Began)
	if err != nil {
		return content{}, err
	}
	page.Title = p.T(title, a.Count)
	if a.Kind == "mails_late" || a.Kind == "breaches" { // one, or several
		page.Title = p.N(title, a.Count)
	}
	page.Subject = p.T("mail.alert.subject", page.Title)
	page.Lines = []string{p.T("alert.since", began.In(zone)), p.T("alert." + a.Kind + ".what")}
	if a.Ended != "" {
		ended, err := time.Parse(time.RFC3339, a.Ended)
		if err != nil {
			return content{}, err
		}
		page.Title = p.T("alert." + a.Kind + ".over")
		page.Subject = p.T("mail.alert.subject_over", page.Title)
		page.Lines = []string{p.T("alert.lasted", began.In(zone), ended.In(zone))}
	}
	return content{page: page}, nil
}
