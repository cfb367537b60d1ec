package web

import (
	"bytes"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// ReceiptPaper is the receipt of a payment as it is printed.
func ReceiptPaper(lang words.Lang, r payment.Receipt) (document.Receipt, error) {
	p := words.For(lang)
	paper := document.Receipt{
		Lang: lang, Number: r.Number, Date: paperDay(r.Date), Association: document.Association(r.From), Payer: r.Payer, Total: r.TotalCents,
		Mode: p.T("money.paid_by." + string(r.Mode)), Reference: r.Reference, Received: paperDay(r.ReceivedOn), VAT: r.VAT, MadeAt: paperDay(r.Date),
	}
	if r.Reversed != "" {
		paper.Reversed, paper.Reason = paperDay(r.Reversed), p.T("money.reason."+string(r.Reason))
	}
	for _, l := range r.Lines {
		label, err := receiptLabel(p, l)
		if err != nil {
			return document.Receipt{}, err
		}
		paper.Lines = append(paper.Lines, document.ReceiptLine{Label: label, Total: l.Cents})
	}
	return paper, nil
}

// receiptLabel says what one line of a receipt is for.
func receiptLabel(p *words.Printer, l payment.ReceiptLine) (string, error) {
	switch {
	case l.Units > 0:
		return p.T("money.line.carnet", l.Units), nil
	case l.Series != "" && l.Child == "":
		return p.T("money.line.series.nameless", l.Series), nil
	case l.Series != "":
		return p.T("money.line.series", l.Series, l.Child), nil
	case l.Workshop == "":
		return p.T("money.line.advance"), nil
	}
	starts, err := time.Parse(time.RFC3339, l.StartsAt)
	if err != nil {
		return "", err
	}
	if l.Child == "" {
		return p.T("money.line.seat.nameless", l.Workshop, p.DateHour(starts)), nil
	}
	return p.T("money.line.seat", l.Workshop, p.DateHour(starts), l.Child), nil
}

// sendReceipt answers with a receipt as a PDF, named after its number alone (SEC-44).
func (s *Server) sendReceipt(c *gin.Context, r payment.Receipt) error {
	paper, err := ReceiptPaper(words.French, r)
	if err != nil {
		return err
	}
	if paper.Logo, err = s.Office.Logo(c.Request.Context()); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.Press.Receipt(c.Request.Context(), &file, paper); err != nil {
		return err
	}
	return sendFile(c, r.Number+".pdf", "application/pdf", file.Bytes())
}

// receiptView is the HTML twin of a receipt, in French as the paper is: the partial "receipt". Forgotten, it has a number and a total.
type receiptView struct {
	Number    string
	Forgotten bool
	Void      string // that it counts no more; empty while it does
	Seller    billParty
	Sentence  string
	Lines     []billLine
	Total     int
	VAT       string
}

func (s *Server) newReceiptView(r payment.Receipt) (receiptView, error) {
	p := words.For(words.French)
	v := receiptView{Number: r.Number, Total: r.TotalCents, Forgotten: r.Forgotten()}
	if v.Forgotten {
		return v, nil
	}
	paper, err := ReceiptPaper(words.French, r)
	if err != nil {
		return receiptView{}, err
	}
	v.Void, v.Sentence, v.VAT, v.Seller = paper.Void(p), paper.Sentence(p), r.VAT, sellerParty(p, p.T("money.receipt.from"), r.From)
	for _, l := range paper.Lines {
		v.Lines = append(v.Lines, billLine{Label: l.Label, Cents: l.Total})
	}
	return v, nil
}

// sellerParty is the association as papers name it.
func sellerParty(p *words.Printer, role string, from school.Seller) billParty {
	party := billParty{Role: role, Name: from.Name, Lines: filled(strings.Split(from.Address, "\n")...)}
	party.add(p, "school_money.bill.siret", from.SIRET)
	party.add(p, "school_money.bill.rna", from.RNA)
	party.Lines = append(party.Lines, filled(from.Email, from.Phone, from.Website)...)
	return party
}
