package web

import (
	"context"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// familyQPV asks what somebody of the team found on the map of priority districts while the family was on the phone (UX-A8).
type familyQPV struct {
	Child, QPV Choices
	deskAct
}

// familyQPV is nil where there is no child.
func (s *Server) familyQPV(c *gin.Context, f booking.DeskFamily, form url.Values) *familyQPV {
	if len(f.Children) == 0 {
		return nil
	}
	p := s.words
	q := &familyQPV{deskAct: s.deskAct(c, "family-qpv", familyPath(f.ID)+"/quartier"),
		Child: Choices{Name: "qpv_child", Legend: p.T("family_qpv.about")},
		QPV: Choices{Name: "qpv", Legend: p.T("family_qpv.found"), Inline: true, Options: choose([]Option{
			{Value: "yes", Label: p.T("booking.figures.qpv.yes")}, {Value: "no", Label: p.T("booking.figures.qpv.no")}}, form.Get("qpv"))}}
	for _, child := range f.Children {
		q.Child.Options = append(q.Child.Options, Option{Value: idText(child.ID), Label: child.Name})
	}
	q.Child.Options = choose(q.Child.Options, typedOr(form, "qpv_child", idText(f.Children[0].ID)))
	return q
}

func postFamilyQPV(s *Server, c *gin.Context) error {
	return s.onNote(c, "family-qpv", "quartier", func(ctx context.Context, id int64, form url.Values, key account.FormKey) error {
		return s.Families.LookUpQPV(ctx, s.actor(c), key, id, rowID(form.Get("qpv_child")), form.Get("qpv"))
	})
}
