package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// doublePrefix begins the names of the choices that booking.Double asks for.
const doublePrefix = "double_"

const suspectsPath = familiesPath + "/doublons"

// suspectsPage lists records that may be two of one family, and those of which the team said that they are not.
type suspectsPage struct {
	DeskHead
	Suspects []suspectLine
	More     bool
	Apart    []apartLine
}

// suspectLine is a pair of such records, and the page that puts them side by side.
type suspectLine struct {
	Href       string
	Into, From foundFamily
	Same       bool // two children of one guardian
	Why        []string
	Differ     pairAct
}

// pairAct is a button about two records.
type pairAct struct {
	deskAct
	One, Other int64
}

// apartLine is a pair of which the team said that they are of two people.
type apartLine struct {
	Same       bool // two children of the same name of one guardian
	One, Other foundFamily
	Said       string
	TakeBack   pairAct
}

func mergePath(into, from int64) string { return familyPath(into) + "/reunir/" + idText(from) }

// followMerge leads from the pages of a record that joined another one, which somebody still has open or noted, to that of the one that stays.
func followMerge(h func(*Server, *gin.Context) error) func(*Server, *gin.Context) error {
	return followMergeTo(familyPath, h)
}

// followMergeTo is followMerge to another page than that of the family.
func followMergeTo(path func(guardianID int64) string, h func(*Server, *gin.Context) error) func(*Server, *gin.Context) error {
	return func(s *Server, c *gin.Context) error {
		err := h(s, c)
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
		return s.ifJoined(c, err, func(into int64) error { return seeOther(c, path(into)+"?fait=deja-reunie") })
	}
}

// ifJoined goes on with the record that stays, where the one that the path names joined it; err is what else there is to say.
func (s *Server) ifJoined(c *gin.Context, err error, goOn func(into int64) error) error {
	id, wrong := pathID(c, "id")
	if wrong != nil {
		return err
	}
	into, wrong := s.Families.Joined(c.Request.Context(), s.actor(c), id)
	if wrong != nil || into == 0 {
		return cmp.Or(wrong, err)
	}
	return goOn(into)
}

func getSuspects(s *Server, c *gin.Context) error { return s.showSuspects(c, http.StatusOK, nil) }

func (s *Server) showSuspects(c *gin.Context, status int, problem *fault.Error) error {
	list, more, err := s.Bookings.Suspects(c.Request.Context(), s.actor(c), 0)
	if err != nil {
		return err
	}
	page := &suspectsPage{DeskHead: s.deskHead(c, s.words.T("merge.suspects")), More: more, Suspects: s.suspectLines(c, list)}
	apart, err := s.Bookings.Different(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	for _, d := range apart {
		page.Apart = append(page.Apart, apartLine{Same: d.One.ID == d.Other.ID, One: s.foundFamily(d.One), Other: s.foundFamily(d.Other), Said: s.words.T("merge.apart.said", d.By, s.words.Date(d.At.In(zone))),
			TakeBack: pairAct{s.deskAct(c, "family-alike", suspectsPath+"/reprendre"), d.One.ID, d.Other.ID}})
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/suspects", page)
}

func postDifferent(s *Server, c *gin.Context) error {
	return s.submitPair(c, "family-different", "ecartee", s.Bookings.SayDifferent)
}

func postAlike(s *Server, c *gin.Context) error {
	return s.submitPair(c, "family-alike", "reprise-doublon", s.Bookings.TakeDifferentBack)
}

// submitPair runs a button about two records, and leads back to the list of pairs.
func (s *Server) submitPair(c *gin.Context, purpose, done string, do func(context.Context, account.Actor, account.FormKey, int64, int64) error) error {
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return suspectsPath + "?fait=" + done, do(c.Request.Context(), s.actor(c), key, rowID(form.Get("one")), rowID(form.Get("other")))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error { return s.showSuspects(c, status, problem) },
	})
}

func (s *Server) suspectLines(c *gin.Context, list []booking.Suspect) (lines []suspectLine) {
	for _, two := range list {
		line := suspectLine{Href: mergePath(two.Into.ID, two.From.ID), Into: s.foundFamily(two.Into), From: s.foundFamily(two.From), Same: two.Into.ID == two.From.ID}
		line.Differ = pairAct{s.deskAct(c, "family-different", suspectsPath+"/ecarter"), two.Into.ID, two.From.ID}
		for _, l := range two.Why {
			line.Why = append(line.Why, s.words.T("merge.why."+string(l)))
		}
		lines = append(lines, line)
	}
	return lines
}

// mergePage puts two records side by side and asks what is kept; with Review it says what becomes of them, and asks about each session that a child is in by
// both (UX-A9, ACC-6).
type mergePage struct {
	DeskHead
	Same       bool // a child of one guardian has two records
	Into, From string
	Rows       []mergeRow
	Kids       [2][]string // as the page lists them
	Mode       *Choices    // nil where it is the same guardian
	Take       []*Choices
	Pairs      []*Choices
	Swap       string
	Review     []string
	Doubles    []*Choices
	Kept       []keptField
	Action     string
	Back       string
	Key        FormKey
}

// mergeRow is one part of both contacts.
type mergeRow struct {
	Label, Into, From string
	Differs           bool
}

func getMerge(s *Server, c *gin.Context) error { return s.showMerge(c, http.StatusOK, nil, nil) }

func (s *Server) mergeIDs(c *gin.Context) (into, from int64, err error) {
	if into, err = pathID(c, "id"); err != nil {
		return 0, 0, err
	}
	from, err = pathID(c, "fiche")
	return into, from, err
}

func postMerge(s *Server, c *gin.Context) error {
	into, from, err := s.mergeIDs(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("do") == "again" {
		return s.showMerge(c, http.StatusOK, form, nil)
	}
	if form.Get("do") != "keep" {
		return s.reviewMerge(c, http.StatusOK, form, nil)
	}
	return s.submit(c, deskForm{
		purpose: "merge",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return familyPath(into) + "?fait=reunies", s.Bookings.Merge(c.Request.Context(), s.actor(c), key, mergeRequest(into, from, form))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.reviewMerge(c, status, form, problem)
		},
	})
}

// mergeRequest reads what the form asks for.
func mergeRequest(into, from int64, form url.Values) booking.MergeRequest {
	req := booking.MergeRequest{Into: into, From: from, SamePerson: form.Get("mode") == "person" && into != from}
	for _, part := range family.ContactParts() {
		if req.SamePerson && form.Get("take_"+part) == "from" {
			req.Take = append(req.Take, part)
		}
	}
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		child, ok := strings.CutPrefix(name, "pair_")
		if with := rowID(form.Get(name)); ok && with != 0 {
			req.Pairs = append(req.Pairs, family.MergedPair{From: rowID(child), Into: with, TakeIdentity: form.Get("identity_"+child) == "from"})
		}
		if strings.HasPrefix(name, doublePrefix) {
			req.Keep = append(req.Keep, rowID(form.Get(name)))
		}
	}
	return req
}

// partsOf are the parts of a contact, in the order of family.ContactParts.
func (s *Server) partsOf(f booking.DeskFamily) []string {
	p := s.words
	none := p.T("desk_family.contact.none")
	email := f.Email
	if email != "" && f.Proved {
		email = p.T("merge.proved", email)
	}
	emergency := p.T("desk_family.emergency.self")
	if f.EmergencyName != "" {
		emergency = f.EmergencyName + ", " + f.Emergency
	}
	return []string{f.Name, nameOr(email, none), nameOr(f.Phone, none), emergency, words.Lang(f.Language).Name()}
}

// mergedName is the name of one of two records, with what tells it from the other one where that is of the same name.
func (s *Server) mergedName(f, other booking.DeskFamily) string {
	p := s.words
	if f.ID == other.ID || f.Name != other.Name {
		return f.Name
	}
	apart := p.T("merge.named.number", idText(f.ID))
	switch {
	case f.Email != "" && account.FoldEmail(f.Email) != account.FoldEmail(other.Email):
		apart = f.Email
	case f.Phone != "" && f.Phone != other.Phone:
		apart = f.Phone
	case f.Proved && !other.Proved:
		apart = p.T("merge.named.proved")
	case other.Proved && !f.Proved:
		apart = p.T("merge.named.unproved")
	}
	return p.T("merge.named", f.Name, apart)
}

func (s *Server) mergeHead(c *gin.Context, into, from int64) (*mergePage, booking.Comparison, error) {
	cmp, err := s.Bookings.Compare(c.Request.Context(), s.actor(c), into, from)
	if err != nil {
		return nil, cmp, err
	}
	p := s.words
	page := &mergePage{DeskHead: s.deskHead(c, p.T("merge.title")), Same: into == from, Into: s.mergedName(cmp.Into, cmp.From), From: s.mergedName(cmp.From, cmp.Into),
		Action: mergePath(into, from), Swap: mergePath(from, into), Back: familyPath(into), Key: s.newKey(c, "merge")}
	a, b := s.partsOf(cmp.Into), s.partsOf(cmp.From)
	for i, part := range family.ContactParts() {
		differs := a[i] != b[i]
		if part == "email" { // whether it is confirmed is no choice
			differs = account.FoldEmail(cmp.Into.Email) != account.FoldEmail(cmp.From.Email)
		}
		page.Rows = append(page.Rows, mergeRow{Label: p.T("merge.part." + part), Into: a[i], From: b[i], Differs: differs})
	}
	for i, kids := range [][]booking.ComparedChild{cmp.IntoKids, cmp.FromKids} {
		for _, k := range kids {
			page.Kids[i] = append(page.Kids[i], s.comparedWords(k))
		}
	}
	return page, cmp, nil
}

// comparedWords tells a child in one line: of health whether something is known, never what.
func (s *Server) comparedWords(k booking.ComparedChild) string {
	p := s.words
	told := []string{p.T("merge.child.line", k.FirstName+" "+k.LastName, p.Date(k.Birth)), p.T("merge.health." + string(k.Health))}
	if k.NoImage {
		told = append(told, p.T("merge.no_image"))
	}
	if len(k.Pickups) > 0 {
		told = append(told, p.T("merge.pickups", p.List(k.Pickups)))
	}
	if k.Others > 0 {
		told = append(told, p.N("merge.others", k.Others))
	}
	return joinSentences(append(told, p.N("merge.bookings", k.Bookings)))
}

func (s *Server) showMerge(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	into, from, err := s.mergeIDs(c)
	if err != nil {
		return err
	}
	page, cmp, err := s.mergeHead(c, into, from)
	if err != nil {
		return err
	}
	p := s.words
	var controls []control
	if !page.Same {
		page.Mode = &Choices{Name: "mode", Legend: p.T("merge.mode"), Options: choose([]Option{
			{Value: "person", Label: p.T("merge.mode.person"), Hint: p.T("merge.mode.person.hint")},
			{Value: "children", Label: p.T("merge.mode.children"), Hint: p.T("merge.mode.children.hint")},
		}, typedOr(form, "mode", "person"))}
		controls = append(controls, page.Mode)
		for i, part := range family.ContactParts() {
			if row := page.Rows[i]; row.Differs {
				name := "take_" + part
				page.Take = append(page.Take, &Choices{Name: name, Legend: row.Label, Options: choose([]Option{{Value: "into", Label: row.Into}, {Value: "from", Label: row.From}}, typedOr(form, name, usualPart(part, cmp)))})
			}
		}
	}
	for _, kid := range cmp.FromKids {
		page.Pairs = append(page.Pairs, s.pairChoices(kid, cmp, form)...)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/merge", page)
}

// usualPart is which record a part is usually kept of: the one that stays, but for an address that is confirmed where the other one is not.
func usualPart(part string, cmp booking.Comparison) string {
	if part == "email" && (cmp.From.Proved && !cmp.Into.Proved || cmp.Into.Email == "") || part == "phone" && cmp.Into.Phone == "" {
		return "from"
	}
	return "into"
}

// pairChoices asks with which child of the record that stays another one is made one, and whose names are kept where they differ.
func (s *Server) pairChoices(kid booking.ComparedChild, cmp booking.Comparison, form url.Values) (list []*Choices) {
	p, id := s.words, idText(kid.ID)
	usual := "0"
	for _, pair := range cmp.Pairs {
		if pair.From == kid.ID {
			usual = idText(pair.Into)
		}
	}
	pair := &Choices{Name: "pair_" + id, Legend: p.T("merge.pair", kid.FirstName, p.Date(kid.Birth))}
	for _, other := range cmp.IntoKids {
		if other.ID != kid.ID && !(cmp.Into.ID == cmp.From.ID && other.ID > kid.ID) {
			pair.Options = append(pair.Options, Option{Value: idText(other.ID), Label: p.T("merge.pair.with", other.FirstName+" "+other.LastName, p.Date(other.Birth))})
		}
	}
	if len(pair.Options) == 0 {
		return nil
	}
	apart := Option{Value: "0", Label: p.T("merge.pair.apart")}
	pair.Options = choose(append(pair.Options, apart), typedOr(form, pair.Name, usual))
	list = append(list, pair)
	for _, other := range cmp.IntoKids {
		if idText(other.ID) != typedOr(form, pair.Name, usual) || kid.FirstName == other.FirstName && kid.LastName == other.LastName && kid.Birth.Equal(other.Birth) {
			continue
		}
		name := "identity_" + id
		list = append(list, &Choices{Name: name, Legend: p.T("merge.identity", kid.FirstName), Options: choose([]Option{
			{Value: "into", Label: p.T("merge.child", other.FirstName+" "+other.LastName, p.Date(other.Birth))},
			{Value: "from", Label: p.T("merge.child", kid.FirstName+" "+kid.LastName, p.Date(kid.Birth))},
		}, typedOr(form, name, "into"))})
	}
	return list
}

// reviewMerge shows what becomes of the two records before anything is done.
func (s *Server) reviewMerge(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	into, from, err := s.mergeIDs(c)
	if err != nil {
		return err
	}
	req := mergeRequest(into, from, form)
	doubles, err := s.Bookings.Doubles(c.Request.Context(), s.actor(c), req)
	if wrong, known := fault.As(err); known && wrong.Kind == fault.Conflict {
		return s.showMerge(c, statuses[wrong.Kind], form, wrong)
	}
	if err != nil {
		return err
	}
	page, cmp, err := s.mergeHead(c, into, from)
	if err != nil {
		return err
	}
	page.Review, page.Rows = s.mergeWords(req, cmp), nil
	var controls []control
	for _, d := range doubles {
		choice, err := s.doubleChoice(c, d, form)
		if err != nil {
			return err
		}
		page.Doubles = append(page.Doubles, choice)
		controls = append(controls, choice)
	}
	for _, kept := range keptFields(form) {
		if !strings.HasPrefix(kept.Name, doublePrefix) {
			page.Kept = append(page.Kept, kept)
		}
	}
	if problem != nil {
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/merge", page)
}

// mergeWords says what will be done.
func (s *Server) mergeWords(req booking.MergeRequest, cmp booking.Comparison) (told []string) {
	p := s.words
	if req.SamePerson {
		told = append(told, p.T("merge.will.person", s.mergedName(cmp.From, cmp.Into), s.mergedName(cmp.Into, cmp.From)))
		a, b := s.partsOf(cmp.Into), s.partsOf(cmp.From)
		for i, part := range family.ContactParts() {
			kept := a[i]
			if slices.Contains(req.Take, part) {
				kept = b[i]
			}
			if a[i] != b[i] && (part != "email" || account.FoldEmail(cmp.Into.Email) != account.FoldEmail(cmp.From.Email)) {
				told = append(told, p.T("merge.will.keep", p.T("merge.part."+part), kept))
			}
		}
		if account.FoldEmail(cmp.Into.Email) != account.FoldEmail(cmp.From.Email) {
			told = append(told, p.T("merge.will.links"))
		}
	} else if req.Into != req.From {
		told = append(told, p.T("merge.will.children", s.mergedName(cmp.Into, cmp.From), s.mergedName(cmp.From, cmp.Into)))
	}
	child := func(kids []booking.ComparedChild, id int64) booking.ComparedChild {
		return kids[slices.IndexFunc(kids, func(k booking.ComparedChild) bool { return k.ID == id })]
	}
	for _, pair := range req.Pairs {
		from, into := child(cmp.FromKids, pair.From), child(cmp.IntoKids, pair.Into)
		if pair.TakeIdentity {
			into.FirstName, into.LastName, into.Birth = from.FirstName, from.LastName, from.Birth
		}
		told = append(told, p.T("merge.will.child", into.FirstName+" "+into.LastName, p.Date(into.Birth)))
	}
	return append(told, p.T("merge.will.kept"), p.T("merge.will.undo"))
}

// doubleChoice asks which of two bookings of a child in one session is kept, and tells which of them is paid.
func (s *Server) doubleChoice(c *gin.Context, d booking.Double, form url.Values) (*Choices, error) {
	p := s.words
	choice := &Choices{Name: d.Field(), Legend: p.T("merge.double", d.Child, newBookedSession(d.Session).Name, p.DateShort(d.Session.StartsAt)), Hint: p.T("merge.double.hint")}
	for _, b := range []booking.DoubleBooking{d.Bookings[1], d.Bookings[0]} {
		label := p.T("merge.double.keep", b.Reference, p.T("booking.state."+b.Status))
		if b.Rank > 0 {
			label = p.T("merge.double.rank", b.Reference, p.Ordinal(b.Rank))
		}
		paid, err := s.Payments.OfBooking(c.Request.Context(), b.Reference)
		if err != nil {
			return nil, err
		}
		choice.Options = append(choice.Options, Option{Value: idText(b.BookingID), Label: label, Hint: s.paidWords(paid)})
	}
	choice.Options = choose(choice.Options, form.Get(d.Field()))
	return choice, nil
}

// paidWords says for the team how far a booking is settled; empty where it costs nothing.
func (s *Server) paidWords(v payment.Settled) string {
	switch {
	case v.Cents == 0:
		return ""
	case v.LeftCents > 0:
		return s.words.T("money.seat.owed", s.words.Money(v.LeftCents))
	}
	return s.words.T("money.seat.paid")
}

// mergedLine is a merge that can be undone.
type mergedLine struct {
	ID   int64
	What string
	Undo deskAct
}

func (s *Server) mergedLines(c *gin.Context, id int64) (lines []mergedLine, err error) {
	list, err := s.Bookings.Merges(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return nil, err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return nil, err
	}
	p := s.words
	for _, m := range list {
		what := p.T("merge.done.children", p.Date(m.At.In(zone)), m.By, p.Date(m.At.Add(family.MergeUndoable).In(zone)))
		if m.Name != "" {
			what = p.T("merge.done.person", m.Name, p.Date(m.At.In(zone)), m.By, p.Date(m.At.Add(family.MergeUndoable).In(zone)))
		}
		lines = append(lines, mergedLine{ID: m.ID, What: what, Undo: s.deskAct(c, "unmerge", familyPath(id)+"/separer")})
	}
	return lines, nil
}

func postUnmerge(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "unmerge",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return familyPath(id) + "?fait=separees", s.Bookings.UndoMerge(c.Request.Context(), s.actor(c), key, id, rowID(form.Get("merge")))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showDeskFamily(c, status, nil, problem)
		},
	})
}
