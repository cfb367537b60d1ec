package web

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingCarePage is screen 2: health and safety, child by child.
type bookingCarePage struct {
	BookingHead
	Children []careFields
	Self     string // first name of who may book for themselves instead; empty for nobody
}

type careFields struct {
	Legend      string
	Health      Choices
	Leaves      Choices
	PickupNames Field
	Image       Choices
}

type careForm struct {
	Health      string `form:"health" validate:"oneof=no yes unsaid known" msg:"booking.health.missing"`
	Leaves      string `form:"leaves" validate:"oneof=me other alone" msg:"booking.leaves.missing"`
	PickupNames string `form:"pickup_names" validate:"required_if=Leaves other,omitempty,pickups" msg:"family.pickups_missing"`
	Image       string `form:"image" validate:"omitempty,oneof=yes no later" msg:"booking.image.wrong"`
}

// leavesSame is the answer of a brother or sister who leaves as the first child does: what most families want, so it is
// chosen already (UX-P2). It never reaches the draft: likeFirst puts the first child's answer in its place.
const leavesSame = "same"

// healthKnown is the answer about a child of the family whose health is known: the text stays where it is, and is not shown.
const healthKnown = "known"

// likeFirst gives the children who leave as the first one does its answer, unless that one is missing.
func likeFirst(children []childAnswers) {
	for i := range children {
		if children[i].Leaves == leavesSame && checkForm(careOf(children[0])) == nil {
			children[i].Leaves, children[i].PickupNames = children[0].Leaves, children[0].PickupNames
		}
	}
}

func careOf(child childAnswers) careForm {
	if !child.Known && child.Health == healthKnown {
		child.Health = ""
	}
	form := careForm{Health: child.Health, Leaves: child.Leaves, Image: child.Image}
	if child.Leaves == "other" {
		form.PickupNames = child.PickupNames
	}
	return form
}

// checkCare returns a message per wrong answer of screen 2.
func checkCare(children []childAnswers) map[string]fault.Message {
	wrong := map[string]fault.Message{}
	for i, child := range children {
		if i > 0 && child.Leaves == leavesSame {
			child.Leaves = "me" // as good as any: what is missing is said of the first child
		}
		for name, m := range checkForm(careOf(child)) {
			wrong[name+"_"+strconv.Itoa(i+1)] = m
		}
	}
	return wrong
}

// getBookingCare shows screen 2.
func getBookingCare(s *Server, c *gin.Context) error {
	v, stop, err := s.visitAfter(c, screenCare)
	if err != nil || stop {
		return err
	}
	return s.showCare(c, http.StatusOK, v, nil)
}

// postBookingCare keeps the answers of screen 2 and goes on.
func postBookingCare(s *Server, c *gin.Context) error {
	v, stop, err := s.visitAfter(c, screenCare)
	if err != nil || stop {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("do") == doSelf {
		return s.postSelf(c, v)
	}
	v.answers.Young = false
	for i := range v.answers.Children {
		suffix := "_" + strconv.Itoa(i+1)
		child := &v.answers.Children[i]
		child.Health = form.Get("health" + suffix)
		child.Leaves = form.Get("leaves" + suffix)
		child.PickupNames = form.Get("pickup_names" + suffix)
		child.Image = form.Get("image" + suffix)
	}
	likeFirst(v.answers.Children)
	if wantsLater(form) {
		return s.saveForLater(c, v)
	}
	if wrong := checkCare(v.answers.Children); len(wrong) > 0 {
		return s.showCare(c, http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
	}
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, s.today(v))))
}

// visitAfter is visit for a screen that needs the ones before it: who skipped one is sent back there, and
// stop is true since the answer is given.
func (s *Server) visitAfter(c *gin.Context, screen string) (v bookingVisit, stop bool, err error) {
	v, done, err := s.visit(c)
	if err != nil {
		return v, true, err
	}
	if done != "" {
		return v, true, seeOther(c, done)
	}
	first := nextScreen(v, s.today(v))
	order := map[string]int{screenChildren: 0, screenCare: 1, screenContact: 2, screenCheck: 3}
	if order[first] < order[screen] {
		return v, true, seeOther(c, screenPath(v.session.ID, first))
	}
	return v, false, nil
}

func (s *Server) showCare(c *gin.Context, status int, v bookingVisit, problem *fault.Error) error {
	p := s.words
	page := &bookingCarePage{BookingHead: s.bookingHead(c, v, p.T("booking.care.title"), 2, screenCare)}
	if v.mayBeSelf(s.today(v)) {
		page.Self = v.answers.Children[0].FirstName
	}
	page.Children = make([]careFields, len(v.answers.Children))
	controls := make([]control, 0, 4*len(page.Children))
	for i, child := range v.answers.Children {
		n := strconv.Itoa(i + 1)
		f := &page.Children[i]
		f.Legend = child.FirstName
		f.Health = Choices{Name: "health_" + n, Legend: p.T("booking.health", child.FirstName), Hint: p.T("booking.health.hint"),
			Options: choose([]Option{
				{Value: "no", Label: p.T("booking.health.no")},
				{Value: "yes", Label: p.T("booking.health.yes"), Hint: p.T("booking.health.yes.hint")},
				{Value: "unsaid", Label: p.T("booking.health.unsaid")},
			}, child.Health)}
		if child.Known {
			f.Health.Options = choose(append([]Option{{Value: healthKnown, Label: p.T("booking.health.known")}}, f.Health.Options...), child.Health)
		}
		leaves := []Option{
			{Value: "me", Label: p.T("booking.leaves.me")},
			{Value: "other", Label: p.T("booking.leaves.other"), Reveals: true},
			{Value: "alone", Label: p.T("booking.leaves.alone", child.FirstName)},
		}
		if first := v.answers.Children[0]; i > 0 && (child.Leaves == "" || child.Leaves == leavesSame) {
			leaves = append([]Option{{Value: leavesSame, Label: p.T("booking.leaves.same", first.FirstName)}}, leaves...)
			child.Leaves = leavesSame
		}
		f.Leaves = Choices{Name: "leaves_" + n, Legend: p.T("booking.leaves", child.FirstName), Options: choose(leaves, child.Leaves)}
		f.PickupNames = Field{Name: "pickup_names_" + n, Label: p.T("booking.pickup"), Hint: p.T("booking.pickup.hint"),
			Value: child.PickupNames, Autocomplete: "off", Conditional: true, People: true}
		f.Image = Choices{Name: "image_" + n, Legend: p.T("booking.image", child.FirstName), Hint: p.T("booking.image.hint"), Optional: true,
			Options: choose([]Option{
				{Value: "yes", Label: p.T("booking.image.yes")},
				{Value: "no", Label: p.T("booking.image.no")},
				{Value: "later", Label: p.T("booking.image.later")},
			}, child.Image)}
		controls = append(controls, &f.Health, &f.Leaves, &f.PickupNames, &f.Image)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/care", page)
}
