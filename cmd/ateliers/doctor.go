package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

type doctorCommand struct {
	servingFlags
	DKIMSelector string `help:"Name under which the mail server publishes the key it signs with, as in NAME._domainkey; DKIM is not looked up without it." name:"dkim-selector" placeholder:"NAME" setting:"ATELIERS_DKIM_SELECTOR"`
}

// doctorPatience is how long one thing outside may take to answer.
const doctorPatience = 15 * time.Second

var levels = map[upkeep.Level]string{upkeep.Fine: "ok", upkeep.Warning: "warning", upkeep.Wrong: "WRONG"}

func (c *doctorCommand) run(ctx context.Context, w world, g globals) error {
	cfg, err := c.resolve()
	if err != nil {
		return err
	}
	data := cmp.Or(g.Data, defaultData)
	findings := upkeep.Examine(ctx, upkeep.Examination{
		Data: data, Base: databaseFile, Backups: c.backups(cfg, data, nil, w.logger(g)), Clock: time.Now,
	})
	findings = append(findings, examineMail(ctx, cfg, c.DKIMSelector)...)
	if secret, err := account.LoadSecretIn(data); err == nil {
		findings = append(findings, examineSite(ctx, cfg, secret)...)
	}
	wrong := 0
	for _, f := range findings {
		line := fmt.Sprintf("%-8s %s: %s", levels[f.Level], f.What, strings.ReplaceAll(f.Says, "\n", "; "))
		if f.Do != "" {
			line += ". To do: " + f.Do
		}
		w.say("%s", line)
		if f.Level == upkeep.Wrong {
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("things that are wrong: %d", wrong)
	}
	return nil
}

// examineMail tries the mail server without sending anything, and looks up what tells our mails from forged ones.
func examineMail(ctx context.Context, cfg configuration, selector string) (all []upkeep.Finding) {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	if err := mail.Try(ctx, cfg.server, cfg.identity); err != nil {
		all = append(all, upkeep.Finding{Level: upkeep.Wrong, What: "mail", Says: err.Error(),
			Do: "check ATELIERS_SMTP_URL (host, port, user, password) with the provider of the mail server; mails wait meanwhile"})
	} else {
		all = append(all, upkeep.Finding{What: "mail", Says: cfg.server.String() + " answers and lets us in"})
	}
	domain := cfg.identity.Domain()
	if !strings.Contains(domain, ".") {
		return append(all, upkeep.Finding{Level: upkeep.Wrong, What: "mail", Says: "mails come from " + domain + ", which nobody can answer",
			Do: "set ATELIERS_MAIL_FROM to an address of the association"})
	}
	return append(all, judgeRecords(mail.Records(ctx, net.DefaultResolver.LookupTXT, domain, selector), selector)...)
}

func judgeRecords(records []mail.Record, selector string) (all []upkeep.Finding) {
	for _, r := range records {
		f := upkeep.Finding{What: r.Name, Says: r.At + " has it"}
		switch {
		case r.Err != nil:
			f = upkeep.Finding{Level: upkeep.Warning, What: r.Name, Says: "DNS did not answer about " + r.At, Do: "try again where the network has DNS"}
		case r.Text == "":
			f = upkeep.Finding{Level: upkeep.Warning, What: r.Name, Says: r.At + " has no TXT record: mails may land among the unwanted", Do: "publish " + r.Want}
		}
		all = append(all, f)
	}
	if selector == "" {
		all = append(all, upkeep.Finding{Level: upkeep.Warning, What: "DKIM", Says: "it cannot be looked up without the name of the key", Do: "give the selector of the mail server with --dkim-selector"})
	}
	return all
}
