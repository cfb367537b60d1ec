package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The fields of the form of staff_booking_phone.go by which it says whom it is for: a record that the team has, and which of its children.
const (
	knownField = "famille"
	kidsField  = "enfant"
)

// familyBookPage lists the sessions in which the team can book a family that calls.
type familyBookPage struct {
	DeskHead
	Name     string
	Back     string
	Sessions []deskSession // each with the form that books
}

func knownPhonePath(sessionID, guardianID int64) string {
	return phonePath(sessionID) + "?" + knownField + "=" + idText(guardianID)
}

// searchForPath finds a family to book in a session.
func searchForPath(sessionID int64) string { return familiesPath + "?seance=" + idText(sessionID) }

func familyBookPath(guardianID int64) string { return familyPath(guardianID) + "/inscrire" }

func getFamilyBook(s *Server, c *gin.Context) error {
	f, err := s.deskFamily(c)
	if err != nil {
		return err
	}
	now := s.config.Now()
	sessions, err := s.Catalog.Between(c.Request.Context(), now, now.AddDate(plannedYears, 0, 0))
	if err != nil {
		return err
	}
	page := &familyBookPage{DeskHead: s.deskHead(c, s.words.T("known_phone.choose")), Name: f.Name, Back: familyPath(f.ID)}
	for _, v := range sessions {
		if v.Status == catalog.Published && !v.Private() && v.StartsAt.After(now) {
			line := s.deskSession(v, nil, now)
			line.Href = knownPhonePath(v.ID, f.ID)
			page.Sessions = append(page.Sessions, line)
		}
	}
	return s.show(c, http.StatusOK, "equipe/family_book", page)
}

// phoneFamily is a family whose record the team has, on the form that books by phone.
type phoneFamily struct {
	ID    string // of the guardian
	Name  string
	Facts []Answer
	Kids  *Choices // nil where none can be ticked
	There []phoneThere
	Asked []phoneHealth // of whose health the question is open
	Other string        // the form for a family that the team does not know
}

// phoneThere says that a child is in the session already, or waits.
type phoneThere struct{ Text, Href string }

// phoneHealth are the boxes about the health of a child.
type phoneHealth struct {
	Health  Choices
	Text    Field
	Consent Choices
}

// kidSuffix ends the names of the boxes about a child of the record.
func kidSuffix(id int64) string { return "_k" + idText(id) }

// kidAnswers is what the form says of the health of a child of the record.
func kidAnswers(form url.Values, id int64) phoneChild {
	suffix := kidSuffix(id)
	return phoneChild{childAnswers: childAnswers{Health: form.Get("health" + suffix)}, Text: form.Get("health_text" + suffix), Consent: form.Get("health_consent" + suffix)}
}

// ticked reports whether the form says that a child of the record comes.
func ticked(form url.Values, id int64) bool { return slices.Contains(form[kidsField], idText(id)) }

// checkKnown returns a message per wrong box of the form of a known family.
func checkKnown(form url.Values, caller booking.Caller, children []phoneChild, today time.Time) map[string]fault.Message {
	wrong := checkPhoneChildren(children, today)
	n := len(children)
	for _, kid := range caller.Kids {
		if !ticked(form, kid.ID) || kid.Reference != "" {
			continue
		}
		n++
		if kid.HealthToAsk {
			answers := kidAnswers(form, kid.ID)
			answers.Health = nameOr(answers.Health, healthLater)
			checkPhoneHealth(wrong, kidSuffix(kid.ID), answers)
		}
	}
	switch {
	case n == 0:
		wrong[kidsField] = fault.Message{Key: "rebook.own.nobody"}
	case n > mostChildren:
		wrong[kidsField] = fault.Message{Key: "rebook.own.many", Args: []any{mostChildren}}
	}
	return wrong
}

// knownRequest is what the form asks for a family that the team knows, once it is right. NotFound where the record, or a child, is not there any more.
func (s *Server) knownRequest(c *gin.Context, r booking.Request, form url.Values, children []phoneChild, today time.Time) (booking.KnownRequest, error) {
	known := booking.KnownRequest{SessionID: r.SessionID, GuardianID: rowID(form.Get(knownField)), IfFull: r.IfFull, Together: r.Together, Unasked: r.Unasked}
	caller, err := s.Bookings.CallerFor(c.Request.Context(), s.actor(c), known.GuardianID, known.SessionID)
	if err != nil {
		return known, err
	}
	for _, id := range form[kidsField] {
		child := booking.KnownChild{ID: rowID(id)}
		i := slices.IndexFunc(caller.Kids, func(kid booking.CallerChild) bool { return kid.ID == child.ID })
		if i < 0 {
			return known, fault.New(fault.NotFound, "error.not_found")
		}
		if caller.Kids[i].HealthToAsk {
			answers := kidAnswers(form, child.ID)
			child.New.Health = newChild(answers.childAnswers, answers.Text, today).Health
		}
		known.Children = append(known.Children, child)
	}
	if wrong := checkKnown(form, caller, children, today); len(wrong) > 0 {
		return known, fault.InvalidFields(wrong)
	}
	for _, child := range children {
		known.Children = append(known.Children, booking.KnownChild{New: newChild(child.childAnswers, child.Text, today)})
	}
	return known, nil
}

// showUnbooked shows the form again whose family, or a child of it, is not there any more since it was shown: with the record that stays where it joined another one,
// as for a new family where it was erased. What was typed stays.
func (s *Server) showUnbooked(c *gin.Context, form url.Values, children []phoneChild) error {
	ctx, actor, id := c.Request.Context(), s.actor(c), rowID(form.Get(knownField))
	into, err := s.Families.Joined(ctx, actor, id)
	if err != nil {
		return err
	}
	problem := fault.New(fault.Conflict, "known_phone.joined")
	if into == 0 {
		_, err := s.Bookings.DeskFamily(ctx, actor, id)
		if fault.KindOf(err) == fault.NotFound {
			for _, name := range []string{knownField, kidsField} {
				form.Del(name)
			}
			if len(children) == 0 {
				children = []phoneChild{{}}
			}
			return s.showPhone(c, http.StatusConflict, form, children, fault.New(fault.Conflict, "known_phone.erased"))
		}
		if err != nil {
			return err
		}
		into, problem = id, fault.New(fault.Conflict, "known_phone.child_gone")
	}
	form.Set(knownField, idText(into))
	for i, typed := range form[kidsField] {
		was := rowID(typed)
		now, err := s.Families.Became(ctx, actor, was)
		if err != nil {
			return err
		}
		form[kidsField][i] = idText(now)
		for _, name := range []string{"health", "health_text", "health_consent"} {
			if value := form.Get(name + kidSuffix(was)); value != "" {
				form.Set(name+kidSuffix(now), value)
			}
		}
	}
	return s.showPhone(c, http.StatusConflict, form, children, problem)
}

// The fields by which the page that corrects how to reach a family keeps the form that books it meanwhile: nothing of that may stand in an address.
const (
	callField        = "appel"
	callSessionField = "appel_seance"
)

// correctedField says, within that form, that the contact has just been corrected: nobody posts it.
const correctedField = "corrige"

// callFields keep the form for a session.
func callFields(sessionID int64, form url.Values) url.Values {
	form.Del("do")
	return url.Values{callField: {form.Encode()}, callSessionField: {idText(sessionID)}}
}

// backToCall shows the form again that was left to correct how to reach its family, as it was typed.
func (s *Server) backToCall(c *gin.Context, form url.Values) error {
	call, err := url.ParseQuery(form.Get(callField))
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "error.not_found")
	}
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	call.Set(knownField, idText(id))
	if form.Get("do") == "keep" {
		call.Set(correctedField, "yes")
	}
	return s.showPhoneOf(c, http.StatusOK, rowID(form.Get(callSessionField)), call, readPhoneChildren(call), nil)
}

// addKnown fills the part of the form about a family that the team knows, and returns its controls and how many of its children come.
func (s *Server) addKnown(c *gin.Context, page *phonePage, session booking.Session, guardianID int64, form url.Values) (controls []control, coming int, err error) {
	p, ctx, actor := s.words, c.Request.Context(), s.actor(c)
	caller, err := s.Bookings.CallerFor(ctx, actor, guardianID, session.ID)
	if err != nil {
		return nil, 0, err
	}
	money, err := s.Payments.OfFamily(ctx, actor, guardianID)
	if err != nil {
		return nil, 0, err
	}
	none := p.T("desk_family.contact.none")
	f := &phoneFamily{ID: idText(caller.ID), Name: caller.Name, Other: phonePath(session.ID), Facts: []Answer{
		{Label: p.T("staff_phone.name"), Value: caller.Name}, {Label: p.T("staff_phone.phone"), Value: nameOr(caller.Phone, none)}, {Label: p.T("staff_phone.email"), Value: nameOr(caller.Email, p.T("known_phone.no_mail"))}}}
	if n := money.UnitsLeft(); n > 0 {
		f.Facts = append(f.Facts, Answer{Label: p.T("known_phone.carnet"), Value: p.N("money_desk.units.left", n)})
	}
	kids := Choices{Name: kidsField, Legend: p.T("rebook.own.who"), Many: true}
	for _, kid := range caller.Kids {
		if kid.Reference != "" {
			f.There = append(f.There, phoneThere{Text: p.T("rebook.own.there", kid.FirstName), Href: deskBookingPath(kid.Reference)})
			continue
		}
		chosen := ticked(form, kid.ID) || len(caller.Kids) == 1 && !form.Has("form_key")
		if chosen {
			coming++
		}
		hint := p.Age(family.AgeOn(kid.Birth, session.StartsAt))
		kids.Options = append(kids.Options, Option{Value: idText(kid.ID), Label: kid.FirstName + " " + kid.LastName, Hint: hint, Chosen: chosen})
		if kid.HealthToAsk {
			f.Asked = append(f.Asked, s.phoneHealth(kidSuffix(kid.ID), p.T("known_phone.health", kid.FirstName), kidAnswers(form, kid.ID)))
		}
	}
	if len(kids.Options) > 0 {
		f.Kids = &kids
	}
	controls = append(controls, &kids)
	for i := range f.Asked {
		controls = append(controls, &f.Asked[i].Health, &f.Asked[i].Text, &f.Asked[i].Consent)
	}
	page.Family = f
	return controls, coming, nil
}
