package school

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// usualAgreement is the text that a new installation begins with.
//
//go:embed agreement_default.md
var usualAgreement string

// agreementFields are the fields that the text of the agreement may name.
var agreementFields = []string{
	"association", "association_adresse", "association_ville", "association_siret", "association_rna", "association_email",
	"organisme", "organisme_adresse", "organisme_uai", "organisme_siret", "contact", "contact_role",
	"atelier", "niveau", "enfants", "adultes", "dates", "lieu", "equipe", "montant", "devis", "payeur", "reference", "date",
}

// AgreementFields are the names of the fields of the agreement, in the order in which a page lists them.
func AgreementFields() []string { return slices.Clone(agreementFields) }

// CheckAgreement returns what keeps a text from being that of the agreement: Markdown that is not ours, each field that does
// not exist, by line, and the lack of a heading, under which mails name the agreement. An empty text is the usual one.
func CheckAgreement(text string) []prose.Problem {
	problems := prose.Check(text, agreementFields)
	document, _ := prose.Parse(text)
	if len(problems) == 0 && text != "" && titleOf(document.Fill(nil)) == "" {
		problems = []prose.Problem{{Line: 1, Message: fault.Message{Key: "school_papers.no_title"}}}
	}
	return problems
}

// AgreementText returns the text of the agreement; own tells whether the team wrote it. Forbidden to all but staff.
func (s *Service) AgreementText(ctx context.Context, actor account.Actor) (text string, own bool, err error) {
	if err := mayManage(actor); err != nil {
		return "", false, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		text, own, err = agreementText(tx)
		return err
	})
	return text, own, err
}

func agreementText(tx *sqlite.Tx) (text string, own bool, err error) {
	text, err = settings.Get(tx, settings.AgreementText)
	if err != nil || text != "" {
		return text, true, err
	}
	return usualAgreement, false, nil
}

// SaveAgreementText stores the text of the agreement for those that will be issued; an empty one brings the usual text
// back. What CheckAgreement finds is fault.Invalid on the field text, with the first line that is wrong. Forbidden to
// all but staff.
func (s *Service) SaveAgreementText(ctx context.Context, actor account.Actor, key account.FormKey, text string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == strings.TrimSpace(usualAgreement) {
		text = "" // so that a better text of a later version is not missed
	}
	if problems := CheckAgreement(text); len(problems) > 0 {
		return fault.InvalidFields(map[string]fault.Message{"text": AtLine(problems[0])})
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			before, after, err := settings.Set(tx, settings.AgreementText.Name, text)
			if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
				return "", fault.InvalidFields(map[string]fault.Message{"text": f.Fields[settings.AgreementText.Name]})
			}
			if err != nil || before == after {
				return "", err
			}
			// The text itself stays out of the audit, which is for short values.
			return "", audit.Add(tx, actor.String(), "settings.set", "setting:"+settings.AgreementText.Name,
				map[string]any{"from": ContentHash(before), "to": ContentHash(after)})
		})
		return err
	})
}

// AtLine is what a problem says, with its line.
func AtLine(p prose.Problem) fault.Message {
	return fault.Message{Key: "school_papers.at_line", Args: []any{p.Line, p.Message}}
}
