package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// agreementTextPath is where the team writes the text of the agreement.
const agreementTextPath = "/equipe/reglages/convention"

// agreementTextPage edits the text of the agreement, with a preview and the fields that it may name.
type agreementTextPage struct {
	DeskHead
	Key      FormKey
	Text     Field
	Own      bool // the team wrote it: the usual text can be had back
	Problems []string
	Preview  prose.Document
	Fields   []agreementField
}

// agreementField is a field with what it gives, and an example.
type agreementField struct{ Name, What, Example string }

func getAgreementText(s *Server, c *gin.Context) error {
	return s.showAgreementText(c, http.StatusOK, nil, nil)
}

func (s *Server) showAgreementText(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	text, own, err := s.School.AgreementText(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	text = typedOr(form, "text", text)
	p := s.words
	page := &agreementTextPage{
		DeskHead: s.deskHead(c, p.T("school_papers.text.title")), Key: s.newKey(c, "agreement-text"), Own: own,
		Text: Field{Name: "text", Label: p.T("school_papers.text.label"), Hint: p.T("school_papers.text.hint"), Value: text, Rows: 30},
	}
	examples := map[string]string{}
	for _, name := range school.AgreementFields() {
		f := agreementField{name, p.T("school_papers.field." + name), p.T("school_papers.example." + name)}
		examples[name] = f.Example
		page.Fields = append(page.Fields, f)
	}
	for _, problem := range school.CheckAgreement(text) {
		page.Problems = append(page.Problems, p.Message(school.AtLine(problem)))
	}
	document, _ := prose.Parse(text)
	page.Preview = document.Fill(examples)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Text)
	}
	return s.show(c, status, "equipe/agreement_text", page)
}

// postAgreementText stores the text; the button « aperçu » only shows it, and « texte d'origine » brings the usual one back.
func postAgreementText(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("act") == "preview" {
		return s.showAgreementText(c, http.StatusOK, form, nil)
	}
	return s.submit(c, deskForm{
		purpose: "agreement-text",
		do: func(form url.Values, key account.FormKey) (string, error) {
			text := form.Get("text")
			if form.Get("act") == "usual" {
				text = ""
			}
			return agreementTextPath + "?fait=enregistree", s.School.SaveAgreementText(c.Request.Context(), s.actor(c), key, text)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showAgreementText(c, status, form, problem)
		},
	})
}
