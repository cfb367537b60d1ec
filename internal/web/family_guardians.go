package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// InvitationPath is the page by which the link of a mail makes somebody a guardian too.
func InvitationPath(token string) string { return "/compte/invitation/" + token }

// guardiansPage says with whom the children are shared, and never more of the others than that they are there (domain, Family data 5).
type guardiansPage struct {
	Page
	Children    []sharedChild
	Invitations []sentInvitation
	Key         FormKey
}

// sharedChild is how many other guardians a child has.
type sharedChild struct {
	Name  string
	Told  string
	Leave string // where the guardian takes themself out; empty for the last one
}

// sentInvitation is an invitation and what became of it.
type sentInvitation struct {
	Told     string
	Withdraw string // empty once it is over
	About    string
}

func getGuardians(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	page := &guardiansPage{Page: s.familyPage(c, p.T("space.guardians.title")), Key: s.newKey(c, "family-withdraw")}
	page.Notice = s.doneNotice(c)
	for _, child := range v.Children {
		shared := sharedChild{Name: child.FirstName + " " + child.LastName, Told: p.T("space.guardians.alone")}
		if child.Others > 0 {
			shared.Told, shared.Leave = p.N("space.guardians.others", child.Others), s.to(c, ownChildPath(child.ID, "/quitter"))
		}
		page.Children = append(page.Children, shared)
	}
	for _, i := range v.Invitations {
		sent := sentInvitation{Told: p.T("space.invitation." + i.Outcome + ".told")}
		if i.Outcome == "" {
			sent.Told = p.T("space.invitation.open", i.Name, i.Email, p.List(i.Children), p.Date(i.Until))
			sent.Withdraw, sent.About = s.to(c, "/compte/responsables/"+strconv.FormatInt(i.ID, 10)+"/retirer"), i.Name
		}
		page.Invitations = append(page.Invitations, sent)
	}
	return s.show(c, http.StatusOK, "family/guardians", page)
}

// inviteForm is whom to invite.
type inviteForm struct {
	Name  string `form:"name" validate:"full_name"`
	Email string `form:"email" validate:"mailbox"`
}

func editInvite(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	var options []Option
	for _, child := range v.Children {
		options = append(options, Option{Value: strconv.FormatInt(child.ID, 10), Label: child.FirstName + " " + child.LastName})
	}
	return s.editing(c, edit{
		title: p.T("space.invite.title"), lead: p.T("space.invite.lead"), notes: []string{p.T("space.invite.apart")}, back: "/compte/responsables", done: "invitation", fresh: true,
		parts: func(form url.Values) []editPart {
			return []editPart{
				{Field: &Field{Name: "name", Label: p.T("space.invite.name"), Value: form.Get("name"), Autocomplete: "off", People: true}},
				{Field: &Field{Name: "email", Label: p.T("space.invite.email"), Value: form.Get("email"), Type: "email", Autocomplete: "off", NoSpellcheck: true}},
				{Choices: &Choices{Name: "children", Legend: p.T("space.invite.children"), Many: true, Options: choose(options, form["children"]...)}},
			}
		},
		check: func(form url.Values) map[string]fault.Message {
			wrong := checkForm(inviteForm{form.Get("name"), form.Get("email")})
			if len(form["children"]) == 0 {
				if wrong == nil {
					wrong = map[string]fault.Message{}
				}
				wrong["children"] = fault.Message{Key: "family.invite_children"}
			}
			return wrong
		},
		review: func(form url.Values) []Answer {
			var names []string
			for _, o := range options {
				if slices.Contains(form["children"], o.Value) {
					names = append(names, o.Label)
				}
			}
			return []Answer{{Label: p.T("space.invite.name"), Value: form.Get("name")}, {Label: p.T("space.invite.email"), Value: form.Get("email")}, {Label: p.T("space.invite.children"), Value: p.List(names)}}
		},
		save: func(key account.FormKey, form url.Values) error {
			name, _ := family.ParseName(form.Get("name"))
			email, _ := family.ParseEmail(form.Get("email"))
			var children []int64
			for _, text := range form["children"] {
				id, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					return fault.InvalidFields(map[string]fault.Message{"children": {Key: "family.invite_children"}})
				}
				children = append(children, id)
			}
			return s.Families.Invite(c.Request.Context(), s.actor(c), key, name, email, children)
		},
	})
}

func postInvitationWithdraw(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-withdraw", form)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("invitation"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	if err := s.Families.WithdrawInvitation(c.Request.Context(), s.actor(c), key, id); err != nil {
		return err
	}
	return seeOther(c, "/compte/responsables?fait=invitation-retiree")
}

// getInvitation shows whom it is from and for which children. Opening it accepts nothing.
func getInvitation(s *Server, c *gin.Context) error {
	v, err := s.Families.FindInvitation(c.Request.Context(), c.Param("invite"))
	if err != nil {
		return s.showMailedOver(c, err)
	}
	p := s.printer(c)
	page := &mailedPage{
		Page: s.familyPage(c, p.T("space.invited.title")), Key: s.newKey(c, "family-invited"), Lead: p.T("space.invited.lead", v.By, p.List(v.Children)),
		Lines: []Answer{{Label: p.T("space.invited.name"), Value: v.Name}, {Label: p.T("space.invited.email"), Value: v.Email}},
		Notes: []string{p.T("space.invite.apart"), p.T("space.invited.not_you")}, Button: p.T("space.invited.accept"),
	}
	if !v.Known {
		shared := sharedDevice(p)
		page.Shared, page.Button = &shared, p.T("space.invited.button")
	}
	return s.show(c, http.StatusOK, "family/mailed", page)
}

func postInvitation(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-invited", form)
	if err != nil {
		return err
	}
	guardian, epoch, err := s.Families.Accept(c.Request.Context(), key, c.Param("invite"))
	if err != nil {
		return s.showMailedOver(c, err)
	}
	if guardian == 0 {
		return seeOther(c, familyDoor+"?fait=invitation-acceptee") // whoever holds the link is not signed in to what was there before
	}
	return s.enterAs(c, guardian, epoch, form.Get("shared") != "", "bienvenue")
}
