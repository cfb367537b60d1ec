package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// requestDatesSection is what the contact of a request reads and does about dates: it chooses one of the options, asks for
// others, or sees what was fixed.
type requestDatesSection struct {
	Options  []requestOption
	Sessions []requestDate // fixed
	Ask      string        // where to ask for other dates; empty once it is too late
}

// requestOption is one option as its organisation sees it. Who and what stands in the way is nobody's business there.
type requestOption struct {
	Workshop string
	Dates    []requestDate
	Venue    string
	Address  string
	Free     bool
	Choose   string
	About    string // its first date, for who hears the link alone
}

// requestDate is a time, in the zone of the venue.
type requestDate struct {
	Start, End time.Time
	Workshop   string
	Venue      string
	Address    string
}

// datesDone are the acts on dates that the status page can tell of, as its query names them.
var datesDone = map[string][2]string{
	"dates":        {"school_dates.done.chosen", "school_dates.done.chosen.text"},
	"autres-dates": {"school_dates.done.asked", "school_dates.done.asked.text"},
}

// datesNotice tells what has just been done with dates; nil when nothing was, or when the date was given up since.
func (s *Server) datesNotice(c *gin.Context, section requestDatesSection) *Notice {
	done := c.Query("fait")
	keys, ok := datesDone[done]
	if !ok || done == "dates" && len(section.Sessions) == 0 {
		return nil
	}
	return &Notice{Tone: ToneDone, Title: s.words.T(keys[0]), Text: s.words.T(keys[1])}
}

// requestDatesSection fills the section of dates of the status page.
func (s *Server) requestDatesSection(c *gin.Context) (requestDatesSection, error) {
	d, err := s.School.Dates(c.Request.Context(), requestLink(c))
	if err != nil {
		return requestDatesSection{}, err
	}
	return s.requestDates(d, RequestPath(requestLink(c))), nil
}

func (s *Server) requestDates(d school.Dates, base string) requestDatesSection {
	section := requestDatesSection{Sessions: s.fixedDates(d.Sessions)}
	if !d.Request.State.TakesDates() {
		return section
	}
	if d.Request.State != school.Received && !d.Begun { // before that the team has not even answered
		section.Ask = base + "/autres-dates"
	}
	for _, slot := range d.Open() {
		section.Options = append(section.Options, s.requestOption(slot, base))
	}
	return section
}

func (s *Server) requestOption(slot school.Slot, base string) requestOption {
	o := requestOption{
		Workshop: workshopName(slot.Workshop), Venue: slot.Venue.Name, Address: venueAddress(slot.Venue),
		Free: slot.Free(), Choose: base + "/dates/" + idText(slot.ID),
	}
	for _, t := range slot.Times {
		o.Dates = append(o.Dates, requestDate{Start: t.From, End: t.To})
	}
	if len(o.Dates) > 0 {
		o.About = s.words.Date(o.Dates[0].Start)
	}
	return o
}

func (s *Server) fixedDates(sessions []catalog.Session) []requestDate {
	var all []requestDate
	for _, v := range sessions {
		all = append(all, requestDate{Start: v.StartsAt, End: v.EndsAt, Workshop: workshopName(v.Workshop), Venue: v.Venue.Name, Address: venueAddress(v.Venue)})
	}
	return all
}

// choosePage asks whether an option is really the one.
type choosePage struct {
	Page
	Option requestOption
	Key    FormKey
	Base   string
}

// chooseRefusedPage says why an option cannot be chosen any more, and what can be done instead.
type chooseRefusedPage struct {
	Page
	What    string
	Options []requestOption // that are free
	Ask     string
	Base    string
}

func getChoose(s *Server, c *gin.Context) error {
	return s.showChoose(c, http.StatusOK, nil)
}

// showChoose shows the option of the path; problem is why the form that came back did not count.
func (s *Server) showChoose(c *gin.Context, status int, problem *fault.Error) error {
	d, slot, err := s.pathSlot(c)
	if err != nil {
		return err
	}
	base := RequestPath(requestLink(c))
	if slot.State == school.SlotAccepted {
		return seeOther(c, base+"#dates")
	}
	if refusal := d.Refusal(slot); refusal != nil {
		return s.showChooseRefused(c, refusal)
	}
	page := &choosePage{Page: s.newPage(c, s.words.T("school_dates.choose.title")), Option: s.requestOption(slot, base), Key: s.newKey(c, "request-choose"), Base: base}
	page.Section = SectionGroups
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "demandes/choose", page)
}

// pathSlot is the option that the path names, among all dates of its request.
func (s *Server) pathSlot(c *gin.Context) (school.Dates, school.Slot, error) {
	d, err := s.School.Dates(c.Request.Context(), requestLink(c))
	if err != nil {
		return school.Dates{}, school.Slot{}, err
	}
	id, err := pathID(c, "slot")
	if err != nil {
		return school.Dates{}, school.Slot{}, err
	}
	i := slices.IndexFunc(d.Slots, func(slot school.Slot) bool { return slot.ID == id })
	if i < 0 {
		return school.Dates{}, school.Slot{}, fault.New(fault.NotFound, "error.not_found")
	}
	return d, d.Slots[i], nil
}

func postChoose(s *Server, c *gin.Context) error {
	link := requestLink(c)
	id, err := pathID(c, "slot")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "request-choose",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return RequestPath(link) + "?fait=dates#dates", s.School.Choose(c.Request.Context(), account.Guest(), key, link, id)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			if strings.HasPrefix(problem.Message.Key, "error.form_") { // the date is as good as before
				return s.showChoose(c, status, problem)
			}
			return s.showChooseRefused(c, problem)
		},
	})
}

// showChooseRefused answers who chose too late: what was offered besides is still there (UX-S3).
func (s *Server) showChooseRefused(c *gin.Context, problem *fault.Error) error {
	d, err := s.School.Dates(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	p, base := s.words, RequestPath(requestLink(c))
	section := s.requestDates(d, base)
	page := &chooseRefusedPage{Page: s.newPage(c, p.T("school_dates.refused.title")), What: p.Message(problem.Message), Ask: section.Ask, Base: base}
	page.Section = SectionGroups
	if problem.Message.Key == "school_dates.taken" {
		page.Title = p.T("school_dates.taken.title")
	}
	for _, o := range section.Options {
		if o.Free {
			page.Options = append(page.Options, o)
		}
	}
	return s.show(c, statuses[problem.Kind], "demandes/choose_refused", page)
}

// otherDatesPage asks for other dates than those proposed.
type otherDatesPage struct {
	Page
	Key    FormKey
	Action string
	Base   string
	Fixed  bool // dates are fixed: they stay until the team has answered
	Open   int  // options that this declines
	Text   Field
	Wanted []wantedRow
}

// wantedRow is a date that would suit, as it is typed.
type wantedRow struct {
	Day  Field
	Half Select
}

func getOtherDates(s *Server, c *gin.Context) error {
	return s.showOtherDates(c, http.StatusOK, nil, nil)
}

func (s *Server) showOtherDates(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	d, err := s.School.Dates(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	p, base := s.words, RequestPath(requestLink(c))
	if !d.Request.State.TakesDates() || d.Begun {
		return seeOther(c, base)
	}
	page := &otherDatesPage{
		Page: s.newPage(c, p.T("school_dates.other.title")), Key: s.newKey(c, "request-other-dates"), Action: base + "/autres-dates", Base: base,
		Fixed: d.Request.Scheduled, Open: len(d.Open()),
		Text: Field{Name: "period", Label: p.T("school_dates.other.text"), Hint: p.T("school_dates.other.text.hint"), Value: form.Get("period"), Rows: 4, Optional: true},
	}
	page.Section = SectionGroups
	controls := []control{&page.Text}
	page.Wanted = make([]wantedRow, school.MaxWanted)
	for i := range page.Wanted {
		page.Wanted[i] = s.wantedRow(i+1, form)
		controls = append(controls, &page.Wanted[i].Day, &page.Wanted[i].Half)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "demandes/other_dates", page)
}

func (s *Server) wantedRow(n int, form url.Values) wantedRow {
	p, name := s.words, dateName(n-1)
	row := wantedRow{
		Day:  Field{Name: name, Label: p.T("school_dates.other.day", n), Value: form.Get(name), Type: "date", Width: WidthMedium, Optional: true},
		Half: Select{Name: name + "_half", Label: p.T("school_dates.other.half", n), Empty: p.T("staff.choose"), Optional: true},
	}
	for _, half := range school.Halves() {
		row.Half.Options = append(row.Half.Options, Option{Value: half, Label: p.T("school.half." + half)})
	}
	row.Half.Options = choose(row.Half.Options, form.Get(row.Half.Name))
	return row
}

func postOtherDates(s *Server, c *gin.Context) error {
	link := requestLink(c)
	return s.submit(c, deskForm{
		purpose: "request-other-dates",
		do: func(form url.Values, key account.FormKey) (string, error) {
			wanted, err := typedWanted(form)
			if err == nil {
				err = s.School.AskOtherDates(c.Request.Context(), account.Guest(), key, link, form.Get("period"), wanted)
			}
			return RequestPath(link) + "?fait=autres-dates#dates", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showOtherDates(c, status, form, problem)
		},
	})
}

// typedWanted reads the dates that were typed.
func typedWanted(form url.Values) (wanted []school.WantedDate, err error) {
	wrong := map[string]fault.Message{}
	for n := range closeRows(form, school.MaxWanted, "date_#", "date_#_half") {
		name := dateName(n)
		day, problem := school.ParseDay(form.Get(name))
		if problem != nil {
			wrong[name] = *problem
		}
		wanted = append(wanted, school.WantedDate{Day: day, Half: form.Get(name + "_half")})
	}
	if len(wrong) > 0 {
		return nil, fault.InvalidFields(wrong)
	}
	return wanted, nil
}

// closeRows moves the filled rows of a form together, so that the nth thing typed stands in the nth row, and returns how many
// there are. In the names of a row's fields # is its number.
func closeRows(form url.Values, most int, names ...string) (filled int) {
	for n := 1; n <= most; n++ {
		values, typed := make([][]string, len(names)), false
		for i, name := range names {
			numbered := strings.ReplaceAll(name, "#", strconv.Itoa(n))
			values[i] = form[numbered]
			typed = typed || form.Get(numbered) != ""
			delete(form, numbered)
		}
		if !typed {
			continue
		}
		filled++
		for i, name := range names {
			form[strings.ReplaceAll(name, "#", strconv.Itoa(filled))] = values[i]
		}
	}
	return filled
}
