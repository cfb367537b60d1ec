package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

const galleryTemplate = "gallery/index"

// GalleryPath is where the gallery of components shows, in the demo only.
const GalleryPath = "/_galerie"

// GalleryPage shows every component in every state, at the width of a phone and of a
// desk, with made-up people.
type GalleryPage struct {
	Page
	Frames   []GalleryFrame
	Problems []Link
	Pictures []string
	Icons    []string
}

// GalleryFrame is the same components in a box of one width.
type GalleryFrame struct {
	Class, Name string
	Summary     []FieldError
	Forms       []GalleryForm
	Key         FormKey
	Steps       []Steps
	Seats       []Seats
	Cards       []SessionCard
	Badges      []Badge
	Notices     []Notice
	Buttons     []Button
	Answers     []Answer
	Age, City   Select
	Children    []GalleryChild
	Rank        string
	Child       string
	Reference   string
	Reader      string
	Starts      time.Time
	Ends        time.Time
}

// GalleryForm is one form in one state: empty, filled or wrong.
type GalleryForm struct {
	State   string
	First   Field
	Mail    Field
	Birth   DateField
	Health  Choices
	Details Field
	Places  Choices
	Level   Select
}

// GalleryChild is one line of a roster.
type GalleryChild struct {
	Name, Age     string
	State         Badge
	Health, Alone bool
	Here          bool
}

func galleryPages() []Declared {
	return []Declared{{Name: galleryTemplate, Data: &GalleryPage{}}}
}

// newGallery answers GET /_galerie and GET /_galerie/{status}.
func newGallery(v *Views) http.Handler {
	p := words.For(words.French)
	mux := http.NewServeMux()
	show := func(w http.ResponseWriter, status int, name string, page PageData) {
		content, err := v.Bytes(name, page)
		if err != nil {
			status, content = http.StatusInternalServerError, v.Broken(words.French)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(content) // the visitor may leave at any time
	}
	mux.HandleFunc("GET "+GalleryPath, func(w http.ResponseWriter, r *http.Request) {
		show(w, http.StatusOK, galleryTemplate, newGalleryPage(p))
	})
	mux.HandleFunc("GET "+GalleryPath+"/{status}", func(w http.ResponseWriter, r *http.Request) {
		status, err := strconv.Atoi(r.PathValue("status"))
		if err != nil || !slices.Contains(problemStatuses, status) {
			status = http.StatusNotFound
		}
		page := Page{Lang: words.French, Path: r.URL.Path}
		problem := newProblemPage(page, status, problemWords(p, status))
		problem.RequestID = "k7q2-0c9e"
		show(w, status, problemTemplate, problem)
	})
	return mux
}

func newGalleryPage(p *words.Printer) *GalleryPage {
	page := &GalleryPage{
		Page: Page{Lang: words.French, Title: p.T("gallery.title"), Path: GalleryPath, NoIndex: true, Wide: true,
			Visitor: &Visitor{Name: "Łukasz Nguyễn", Role: p.T("gallery.role"), Facilitates: true, RunsDesk: true, SignOutPath: GalleryPath}},
		Frames: []GalleryFrame{
			newGalleryFrame(p, "phone", p.T("gallery.phone")),
			newGalleryFrame(p, "desk", p.T("gallery.desk")),
		},
		Pictures: []string{"robot", "robot-fete", "robot-perdu", "robot-pause", "robot-panne"},
		Icons: []string{"code", "robotique", "musique", "jeu", "fabrication", "navette", "agenda", "horloge", "lieu", "age", "prix",
			"sante", "telephone", "photo", "part-seul", "attestation", "attention", "fait", "imprimer", "mail", "chercher", "plus", "retour"},
	}
	for _, status := range problemStatuses {
		number := strconv.Itoa(status)
		page.Problems = append(page.Problems, Link{Href: GalleryPath + "/" + number, Label: number + " – " + p.T("error."+number+".title")})
	}
	return page
}

func newGalleryFrame(p *words.Printer, class, name string) GalleryFrame {
	start := time.Date(2027, 5, 8, 14, 0, 0, 0, time.FixedZone("CEST", 2*60*60))
	f := GalleryFrame{
		Class: class, Name: name, Starts: start, Ends: start.Add(2 * time.Hour), Rank: p.Ordinal(3),
		Child: "Zoé D'Artagnan-N'Guyen", Reference: "ADA-7K2M", Reader: "parent@example.org",
		Steps:   []Steps{{1, 4}, {2, 4}, {4, 4}},
		Seats:   []Seats{{12, 12, 0, false}, {12, 3, 0, false}, {12, 1, 0, false}, {12, 0, 0, false}, {12, 0, 2, false}, {40, 9, 0, false}, {12, 0, 15, false}, {12, 0, 2, true}},
		Cards:   galleryCards(p, start),
		Badges:  galleryBadges(p),
		Notices: galleryNotices(p),
		Buttons: []Button{{Label: p.T("gallery.book")}, {Label: p.T("gallery.later"), Kind: ButtonSecondary},
			{Label: p.T("gallery.cancel"), Kind: ButtonDanger}, {Label: p.T("gallery.undo"), Kind: ButtonQuiet}, {Label: p.T("gallery.to_page"), Href: GalleryPath}},
		Answers: []Answer{
			{p.T("gallery.child"), "Zoé D'Artagnan-N'Guyen", "#main"},
			{p.T("gallery.birth"), p.Date(start.AddDate(-9, -2, 0)), "#main"},
			{p.T("gallery.health"), p.T("gallery.health.text"), "#main"},
			{p.T("gallery.reference"), "ADA-7K2M", ""},
		},
		Age:      Select{Name: "age", ID: class + "-age", Label: p.T("gallery.age"), Optional: true, Empty: p.T("gallery.any"), Options: []Option{{Value: "9", Label: p.Age(9)}}},
		City:     Select{Name: "city", ID: class + "-city", Label: p.T("gallery.city"), Optional: true, Empty: p.T("gallery.any"), Options: []Option{{Value: "lyon", Label: "Lyon"}}},
		Children: galleryChildren(p),
	}
	for _, state := range []string{"empty", "filled", "wrong"} {
		form := newGalleryForm(p, class+"-"+state, p.T("gallery."+state))
		switch state {
		case "filled":
			form.fill()
		case "wrong":
			form.fill()
			f.Summary = form.spoil(p)
		}
		f.Forms = append(f.Forms, form)
	}
	return f
}

func newGalleryForm(p *words.Printer, prefix, state string) GalleryForm {
	yesNo := []Option{{Value: "no", Label: p.T("gallery.no")}, {Value: "yes", Label: p.T("gallery.yes"), Reveals: true}}
	return GalleryForm{
		State:  state,
		First:  Field{Name: "first_name", ID: prefix + "-first", Label: p.T("gallery.first_name"), Autocomplete: "off", People: true, Width: WidthMedium},
		Mail:   Field{Name: "email", ID: prefix + "-email", Label: p.T("gallery.mail"), Hint: p.T("gallery.mail.hint"), Type: "email", Autocomplete: "email", Optional: true},
		Birth:  DateField{Name: "birth", ID: prefix + "-birth", Legend: p.T("gallery.birth"), Hint: p.T("gallery.birth.hint")},
		Health: Choices{Name: "health", ID: prefix + "-health", Legend: p.T("gallery.health.ask"), Inline: true, Options: yesNo},
		Details: Field{Name: "details", ID: prefix + "-details", Label: p.T("gallery.details"),
			Hint: p.T("gallery.details.hint"), Rows: 3, Autocomplete: "off"},
		Places: Choices{Name: "heard", ID: prefix + "-heard", Legend: p.T("gallery.tools"), Many: true, Optional: true,
			Options: []Option{{Value: "scratch", Label: "Scratch", Hint: p.T("gallery.scratch.hint")}, {Value: "thymio", Label: "Thymio"}}},
		Level: Select{Name: "level", ID: prefix + "-level", Label: p.T("gallery.level"), Empty: p.T("gallery.choose"),
			Options: []Option{{Value: "1", Label: p.T("gallery.beginner")}, {Value: "2", Label: p.T("gallery.advanced")}}},
	}
}

func (f *GalleryForm) fill() {
	f.First.Value = "Zoé"
	f.Mail.Value = "d.artagnan-nguyen@example.org"
	f.Birth.Day, f.Birth.Month, f.Birth.Year = "3", "9", "2017"
	f.Health.Options = choose(f.Health.Options, "yes")
	f.Details.Value = "Arachide ; Ventoline dans le sac."
	f.Places.Options = choose(f.Places.Options, "scratch")
	f.Level.Options = choose(f.Level.Options, "2")
}

// spoil gives every control an error and returns the summary that goes with them.
func (f *GalleryForm) spoil(p *words.Printer) []FieldError {
	f.Birth.Day, f.Birth.Month = "31", "02"
	f.First.Value = ""
	f.Mail.Value = "zoe@"
	var summary []FieldError
	for i, c := range []control{&f.First, &f.Mail, &f.Birth, &f.Health, &f.Details, &f.Places, &f.Level} {
		text := p.T("gallery.wrong." + strconv.Itoa(i+1))
		c.setError(text)
		summary = append(summary, FieldError{Target: c.target(), Text: text})
	}
	return summary
}

func galleryCards(p *words.Printer, start time.Time) []SessionCard {
	card := func(days int, discipline Discipline, key string, state SessionState, seats Seats) SessionCard {
		at := start.AddDate(0, 0, days)
		return SessionCard{Href: "#main", Title: p.T("gallery." + key), Discipline: discipline, DisciplineName: p.T("gallery." + key + ".kind"),
			Level: p.T("gallery.beginner"), Start: at, End: at.Add(2 * time.Hour), OpensAt: start, MinAge: 8, MaxAge: 12,
			Venue: "Espace Altnet", City: "Lyon", Price: p.Money(1400), Seats: seats, State: state}
	}
	cards := []SessionCard{
		card(0, DisciplineRobotics, "robots", SessionOpen, Seats{12, 3, 0, false}),
		card(0, DisciplineCode, "scratch", SessionFull, Seats{12, 0, 2, false}),
		card(7, DisciplineMusic, "music", SessionFull, Seats{12, 0, 0, false}),
		card(14, DisciplineGames, "game", SessionUpcoming, Seats{12, 12, 0, false}),
		card(14, DisciplineMaking, "making", SessionCancelled, Seats{12, 8, 0, false}),
		card(21, "", "other", SessionClosed, Seats{12, 8, 0, false}),
		card(28, DisciplineCode, "scratch", SessionPast, Seats{12, 0, 0, false}),
	}
	cards[0].Price, cards[5].MaxAge = p.T("ui.free"), 0
	return cards
}

func galleryBadges(p *words.Printer) []Badge {
	return []Badge{
		{ToneInfo, p.T("gallery.badge.info")}, {ToneDone, p.T("gallery.badge.done")}, {ToneWaiting, p.T("gallery.badge.waiting")},
		{ToneWarning, p.T("gallery.badge.warning")}, {ToneStopped, p.T("gallery.badge.stopped")},
	}
}

func galleryNotices(p *words.Printer) (notices []Notice) {
	for _, tone := range []Tone{ToneDone, ToneInfo, ToneWaiting, ToneWarning, ToneStopped} {
		notices = append(notices, Notice{Tone: tone, Title: p.T("gallery.notice." + string(tone)), Text: p.T("gallery.notice.text")})
	}
	notices[3].Link = &Link{Href: "#main", Label: p.T("gallery.to_page")}
	return notices
}

func galleryChildren(p *words.Printer) []GalleryChild {
	return []GalleryChild{
		{Name: "D'Artagnan-N'Guyen Zoé", Age: p.Age(9), State: Badge{ToneInfo, p.T("gallery.expected")}, Health: true},
		{Name: "Nguyễn Văn Łukasz", Age: p.Age(11), State: Badge{ToneDone, p.T("gallery.present")}, Alone: true, Here: true},
		{Name: "محمد", Age: p.Age(8), State: Badge{ToneWarning, p.T("gallery.late")}, Here: true},
		{Name: "李", Age: p.Age(10), State: Badge{ToneStopped, p.T("gallery.absent")}},
	}
}
