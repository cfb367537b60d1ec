package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// peoplePage lists who is in the team.
type peoplePage struct {
	DeskHead
	People []personLine
}

type personLine struct {
	Name, Email, Phone, Role string
	State                    Badge
	Certificate              Badge // of honorability
	Href                     string
}

// personFormPage invites somebody into the team.
type personFormPage struct {
	DeskHead
	Key   FormKey
	Name  Field
	Email Field
	Phone Field
	Role  Choices
	// Action is where it is sent, How says what happens then, Do is its button, and Back leads away.
	Action, How, Do, Back string
}

// personPage changes what somebody of the team may do.
type personPage struct {
	DeskHead
	Person   personLine
	Disabled bool
	Invited  bool   // and has not chosen a password yet
	Link     string // until when the link that was mailed works; empty: none does
	Role     Choices
	SetRole  deskAct
	MailLink deskAct
	Factor   *deskAct // takes the app for codes away; nil where there is none
	Access   deskAct  // lets in, or keeps out
	Correct  string   // where a mistyped invitation is corrected; empty where it was accepted
	// CertifiedOn is the day of their certificate of honorability.
	CertifiedOn  Field
	SetCertified deskAct
	Journal      string // what was done to them
	Did          string // what they did
}

func (s *Server) personLine(u account.User) personLine {
	state := Badge{ToneDone, s.words.T("staff.person.enabled")}
	switch {
	case u.Disabled():
		state = Badge{ToneStopped, s.words.T("staff.person.disabled")}
	case u.Invited && u.LinkUntil.After(s.config.Now()):
		state = Badge{ToneWaiting, s.words.T("team.person.invited")}
	case u.Invited:
		state = Badge{ToneWarning, s.words.T("team.person.expired")}
	}
	return personLine{Name: u.Name, Email: u.Email, Phone: u.Phone, Role: s.words.T(u.Role.Label()), State: state, Href: personPath(u.ID)}
}

func personPath(id int64) string { return "/equipe/personnes/" + idText(id) }

func getPeople(s *Server, c *gin.Context) error {
	users, err := s.Office.Users(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &peoplePage{DeskHead: s.deskHead(c, s.words.T("staff.people.title"))}
	today, err := s.teamDay()
	if err != nil {
		return err
	}
	days, err := s.Office.HonorabilityDays(c.Request.Context())
	if err != nil {
		return err
	}
	for _, u := range users {
		line := s.personLine(u)
		if !u.Disabled() {
			line.Certificate = s.certifiedBadge(u, today, days)
		}
		page.People = append(page.People, line)
	}
	return s.show(c, http.StatusOK, "equipe/people", page)
}

// roleChoices asks for a role and says what each opens.
func (s *Server) roleChoices(chosen string) Choices {
	roles := Choices{Name: "role", Legend: s.words.T("staff.person.role")}
	for _, r := range account.Roles() {
		roles.Options = append(roles.Options, Option{Value: string(r), Label: s.words.T(r.Label()), Hint: s.words.T("staff.person.role." + string(r))})
	}
	roles.Options = choose(roles.Options, chosen)
	return roles
}

func getPersonNew(s *Server, c *gin.Context) error {
	return s.showPersonForm(c, http.StatusOK, nil, nil)
}

func (s *Server) showPersonForm(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	page := s.personForm(c, s.words.T("staff.person.new"), "person-new", form)
	page.Action, page.Back, page.How, page.Do = "/equipe/personnes/nouvelle", "/equipe/personnes", s.words.T("team.person.how"), s.words.T("staff.person.add")
	return s.sendPersonForm(c, status, page, problem)
}

// personForm is the form of somebody to invite, with what was typed.
func (s *Server) personForm(c *gin.Context, title, purpose string, form url.Values) *personFormPage {
	p := s.words
	return &personFormPage{
		DeskHead: s.deskHead(c, title), Key: s.newKey(c, purpose),
		Name:  Field{Name: "name", Label: p.T("staff.person.name"), Value: form.Get("name"), Autocomplete: "off", People: true},
		Email: Field{Name: "email", Label: p.T("staff.sign_in.email"), Value: form.Get("email"), Type: "email", Autocomplete: "off", NoSpellcheck: true},
		Phone: Field{Name: "phone", Label: p.T("staff.person.phone"), Value: form.Get("phone"), Type: "tel", Autocomplete: "off", Optional: true, Width: WidthMedium},
		Role:  s.roleChoices(form.Get("role")),
	}
}

func (s *Server) sendPersonForm(c *gin.Context, status int, page *personFormPage, problem *fault.Error) error {
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Name, &page.Email, &page.Phone, &page.Role)
	}
	return s.show(c, status, "equipe/person_form", page)
}

func typedPerson(form url.Values) account.NewUser {
	return account.NewUser{Name: form.Get("name"), Email: form.Get("email"), Phone: form.Get("phone"), Role: account.Role(form.Get("role"))}
}

func postPersonNew(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "person-new",
		do: func(form url.Values, key account.FormKey) (string, error) {
			id, err := s.Office.Invite(c.Request.Context(), s.actor(c), key, typedPerson(form))
			s.Outbox.Notify()
			return personPath(id) + "?fait=invitation", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPersonForm(c, status, form, problem)
		},
		made: func(result string) string { return "/equipe/personnes/" + result },
	})
}

func getPerson(s *Server, c *gin.Context) error {
	return s.showPerson(c, http.StatusOK, nil, nil)
}

func (s *Server) showPerson(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	u, err := s.Office.User(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	path := personPath(id)
	role := string(u.Role)
	if form.Has("role") {
		role = form.Get("role")
	}
	page := &personPage{
		DeskHead: s.deskHead(c, u.Name), Person: s.personLine(u), Disabled: u.Disabled(), Invited: u.Invited,
		Role: s.roleChoices(role), SetRole: s.deskAct(c, "person-role", path+"/role"),
		MailLink: s.deskAct(c, "person-link", path+"/lien"), Access: s.deskAct(c, "person-access", path+"/acces"),
	}
	if page.Person.Certificate, err = s.honorabilityBadge(c, u); err != nil {
		return err
	}
	page.SetCertified = s.deskAct(c, "person-honorability", path+"/honorabilite")
	page.CertifiedOn = Field{Name: "certified_on", Label: s.words.T("team.honorability.on"), Hint: s.words.T("team.honorability.hint"), Type: "date", Optional: true, Width: WidthMedium}
	if !u.CertifiedOn.IsZero() {
		page.CertifiedOn.Value = u.CertifiedOn.Format(time.DateOnly)
	}
	if form.Has("certified_on") {
		page.CertifiedOn.Value = form.Get("certified_on")
	}
	if u.Invited && !u.Disabled() {
		page.Correct = path + "/corriger"
	}
	page.Journal, page.Did = journalOf(u.Actor().String()), journalPath+"?"+url.Values{"qui": {u.Actor().String()}}.Encode()
	if u.HasFactor {
		act := s.deskAct(c, "person-factor", path+"/application")
		page.Factor = &act
	}
	if u.LinkUntil.After(s.config.Now()) {
		zone, err := loadTeamZone()
		if err != nil {
			return err
		}
		page.Link = s.words.DateHour(u.LinkUntil.In(zone))
	}
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Role, &page.CertifiedOn)
	}
	return s.show(c, status, "equipe/person", page)
}

// personAct runs one change of somebody's account.
func (s *Server) personAct(c *gin.Context, purpose, done string, do func(key account.FormKey, id int64, form url.Values) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return personPath(id) + "?fait=" + done, do(key, id, form)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPerson(c, status, form, problem)
		},
	})
}

func postPersonRole(s *Server, c *gin.Context) error {
	return s.personAct(c, "person-role", "enregistree", func(key account.FormKey, id int64, form url.Values) error {
		return s.Office.SetRole(c.Request.Context(), s.actor(c), key, id, account.Role(form.Get("role")))
	})
}

// postPersonLink invites somebody again, or mails them a link to choose another password.
func postPersonLink(s *Server, c *gin.Context) error {
	return s.personAct(c, "person-link", "lien-equipe", func(key account.FormKey, id int64, _ url.Values) error {
		err := s.Office.MailPasswordLink(c.Request.Context(), s.actor(c), key, id)
		s.Outbox.Notify()
		return err
	})
}

// postPersonFactor takes the app for codes away of somebody who lost it.
func postPersonFactor(s *Server, c *gin.Context) error {
	return s.personAct(c, "person-factor", "application", func(key account.FormKey, id int64, _ url.Values) error {
		err := s.Office.DropFactor(c.Request.Context(), s.actor(c), key, id)
		s.Outbox.Notify()
		return err
	})
}

// postPersonAccess keeps somebody out, or lets them in again.
func postPersonAccess(s *Server, c *gin.Context) error {
	return s.personAct(c, "person-access", "enregistree", func(key account.FormKey, id int64, form url.Values) error {
		switch form.Get("open") {
		case "yes":
			err := s.Office.Enable(c.Request.Context(), s.actor(c), key, id)
			s.Outbox.Notify() // perhaps an invitation
			return err
		case "no":
			return s.Office.Disable(c.Request.Context(), s.actor(c), key, id)
		}
		return fault.New(fault.Invalid, "web.form_broken")
	})
}

// honorabilityBadge says how it stands with the certificate of honorability of somebody.
func (s *Server) honorabilityBadge(c *gin.Context, u account.User) (Badge, error) {
	today, err := s.teamDay()
	if err != nil {
		return Badge{}, err
	}
	days, err := s.Office.HonorabilityDays(c.Request.Context())
	if err != nil {
		return Badge{}, err
	}
	return s.certifiedBadge(u, today, days), nil
}

func (s *Server) certifiedBadge(u account.User, today time.Time, days int) Badge {
	p := s.words
	switch u.Certified(today, days) {
	case account.CertifiedValid:
		return Badge{ToneDone, p.T("team.honorability.valid", p.Birth(u.CertifiedUntil))}
	case account.CertifiedEnding:
		return Badge{ToneWarning, p.T("team.honorability.ending", p.Birth(u.CertifiedUntil))}
	case account.CertifiedOver:
		return Badge{ToneStopped, p.T("team.honorability.over", p.Birth(u.CertifiedUntil))}
	default:
		return Badge{ToneWaiting, p.T("team.honorability.none")}
	}
}

// postPersonHonorability keeps the day of somebody's certificate of honorability.
func postPersonHonorability(s *Server, c *gin.Context) error {
	return s.personAct(c, "person-honorability", "enregistree", func(key account.FormKey, id int64, form url.Values) error {
		return s.Office.SetCertificate(c.Request.Context(), s.actor(c), key, id, form.Get("certified_on"))
	})
}

// getPersonCorrect shows what was typed of somebody who has not accepted yet.
func getPersonCorrect(s *Server, c *gin.Context) error {
	return s.showPersonCorrect(c, http.StatusOK, nil, nil)
}

func (s *Server) showPersonCorrect(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	u, err := s.Office.User(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	if !u.Invited || u.Disabled() {
		return fault.New(fault.Conflict, "account.not_invited")
	}
	if form == nil {
		form = url.Values{"name": {u.Name}, "email": {u.Email}, "phone": {u.Phone}, "role": {string(u.Role)}}
	}
	page := s.personForm(c, s.words.T("team.person.correct", u.Name), "person-correct", form)
	page.Action, page.Back, page.How, page.Do = personPath(id)+"/corriger", personPath(id), s.words.T("team.person.correct.how"), s.words.T("team.person.correct.do")
	return s.sendPersonForm(c, status, page, problem)
}

func postPersonCorrect(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "person-correct",
		do: func(form url.Values, key account.FormKey) (string, error) {
			err := s.Office.CorrectInvitation(c.Request.Context(), s.actor(c), key, id, typedPerson(form))
			s.Outbox.Notify()
			return personPath(id) + "?fait=invitation", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPersonCorrect(c, status, form, problem)
		},
	})
}

// honorabilityTodo tells admins of certificates of honorability that end soon, or have ended.
func (s *Server) honorabilityTodo(c *gin.Context) ([]deskTodo, error) {
	if !s.actor(c).CanAdminister() {
		return nil, nil
	}
	users, err := s.Office.Users(c.Request.Context(), s.actor(c))
	if err != nil {
		return nil, err
	}
	today, err := s.teamDay()
	if err != nil {
		return nil, err
	}
	days, err := s.Office.HonorabilityDays(c.Request.Context())
	if err != nil {
		return nil, err
	}
	ending := 0
	for _, u := range users {
		if state := u.Certified(today, days); !u.Disabled() && (state == account.CertifiedEnding || state == account.CertifiedOver) {
			ending++
		}
	}
	if ending == 0 {
		return nil, nil
	}
	return []deskTodo{{Badge{ToneWarning, s.words.N("team.honorability.home", ending)}, Link{"/equipe/personnes", s.words.T("team.honorability.home.act")}}}, nil
}
