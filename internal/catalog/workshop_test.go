package catalog_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func sortedFields(f *fault.Error) []string { return slices.Sorted(maps.Keys(f.Fields)) }

func TestWorkshopRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name string
		edit func(w *catalog.Workshop)
		want string
	}{
		{"no title", func(w *catalog.Workshop) { w.Title = " \t" }, "title=catalog.required"},
		{"long title", func(w *catalog.Workshop) { w.Title = strings.Repeat("é", 121) }, "title=catalog.too_long"},
		{"longest title", func(w *catalog.Workshop) { w.Title = strings.Repeat("é", 120) }, ""},
		{"no level", func(w *catalog.Workshop) { w.Level = "" }, ""},
		{"unknown discipline", func(w *catalog.Workshop) { w.Discipline = "cuisine" }, "discipline=catalog.filter.discipline"},
		{"too young", func(w *catalog.Workshop) { w.MinAge = 2 }, "min_age=catalog.number"},
		{"ages reversed", func(w *catalog.Workshop) { w.MinAge, w.MaxAge = 12, 6 }, "max_age=catalog.workshop.ages"},
		{"one age", func(w *catalog.Workshop) { w.MinAge, w.MaxAge = 9, 9 }, ""},
		{"long text", func(w *catalog.Workshop) { w.Description = strings.Repeat("é", 4001) }, "description=catalog.too_long"},
		{"no seat", func(w *catalog.Workshop) { w.Capacity = 0 }, "capacity=catalog.number"},
		{"free", func(w *catalog.Workshop) { w.PriceCents = 0 }, ""},
		{"paid to come", func(w *catalog.Workshop) { w.PriceCents = -1 }, "price=catalog.price"},
		{"cents taken for euros", func(w *catalog.Workshop) { w.PriceCents = 140_000 }, "price=catalog.price"},
		{"a minute", func(w *catalog.Workshop) { w.DurationMinutes = 1 }, "duration=catalog.number"},
		{"all wrong at once", func(w *catalog.Workshop) { *w = catalog.Workshop{PriceCents: -1} },
			"capacity=catalog.number discipline=catalog.filter.discipline duration=catalog.number max_age=catalog.number min_age=catalog.number price=catalog.price title=catalog.required"},
		{"exists already", func(w *catalog.Workshop) { w.Title, w.Level = "Robotique", "Initiation" }, "title=catalog.workshop.exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := h.workshop
			w.Title = tt.name
			tt.edit(&w)
			_, err := h.CreateWorkshop(t.Context(), staff, key(), w)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
}

// UX-P9: names of things keep every letter; what cannot be shown is taken off.
func TestWorkshopTextsAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workshop
	w.Title = "  L'« Étoile »\u0000 de  Nguyễn & <Łukasz>, محمد, 李 "
	w.Description = "Un robot.\r\n\r\nEt encore."
	w.Skills = "Lire\n\n Compter "
	id, err := h.CreateWorkshop(t.Context(), staff, key(), w)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Workshop(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if want := "L'« Étoile » de Nguyễn & <Łukasz>, محمد, 李"; got.Title != want {
		t.Errorf("title %q, want %q", got.Title, want)
	}
	if want := []string{"Un robot.", "Et encore."}; !slices.Equal(got.Paragraphs(), want) {
		t.Errorf("paragraphs %q, want %q", got.Paragraphs(), want)
	}
	if want := []string{"Lire", "Compter"}; !slices.Equal(got.SkillList(), want) {
		t.Errorf("skills %q, want %q", got.SkillList(), want)
	}
}

// I4, I12: a form sent twice makes one workshop and one line in the audit.
func TestCreateWorkshopTwiceIsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workshop
	w.Title = "Musique"
	again := key()
	first, err := h.CreateWorkshop(t.Context(), staff, again, w)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.CreateWorkshop(t.Context(), staff, again, w)
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Errorf("ids %d and %d, want the same", first, second)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'workshop.create' AND actor = 'user:99'`); n != 2 { // one of the house
		t.Errorf("%d lines in the audit, want 2", n)
	}
}

func TestEditWorkshop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.workshop
	other.Title = "Musique"
	otherID, err := h.CreateWorkshop(t.Context(), staff, key(), other)
	if err != nil {
		t.Fatal(err)
	}
	edited := h.workshop
	edited.MinAge, edited.Summary = 7, "Un robot à soi."
	if err := h.EditWorkshop(t.Context(), staff, key(), edited, ""); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Workshop(t.Context(), edited.ID); err != nil || got != edited {
		t.Errorf("got %+v, %v, want %+v", got, err, edited)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'workshop.edit' AND details = '{"min_age":[6,7]}'`); n != 1 {
		t.Errorf("%d lines in the audit, want 1", n)
	}
	taken := edited
	taken.ID = otherID
	wantFault(t, h.EditWorkshop(t.Context(), staff, key(), taken, ""), fault.Invalid, "title=catalog.workshop.exists")
	unknown := edited
	unknown.ID = 12345
	wantFault(t, h.EditWorkshop(t.Context(), staff, key(), unknown, ""), fault.NotFound, "catalog.workshop.not_found")
	all, err := h.Workshops(t.Context())
	if err != nil || len(all) != 2 || all[0].Title != "Musique" {
		t.Errorf("workshops %v, %v", all, err)
	}
}

func TestVenueRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name string
		edit func(v *catalog.Venue)
		want string
	}{
		{"no name", func(v *catalog.Venue) { v.Name = "" }, "name=catalog.required"},
		{"no address, no city", func(v *catalog.Venue) { v.Address, v.City = "", " " }, "address=catalog.required city=catalog.required"},
		{"overseas postcode", func(v *catalog.Venue) { v.Postcode = "97400" }, ""},
		{"short postcode", func(v *catalog.Venue) { v.Postcode = "6900" }, "postcode=catalog.venue.postcode"},
		{"letters in the postcode", func(v *catalog.Venue) { v.Postcode = "2A004" }, "postcode=catalog.venue.postcode"},
		{"step-free maybe", func(v *catalog.Venue) { v.StepFree = "maybe" }, "step_free=catalog.venue.step_free"},
		{"a room for nobody", func(v *catalog.Venue) { v.Capacity = 0 }, "capacity=catalog.number"},
		{"Réunion", func(v *catalog.Venue) { v.TimeZone = "Indian/Reunion" }, ""},
		{"unknown time zone", func(v *catalog.Venue) { v.TimeZone = "Europe/Lyon" }, "time_zone=catalog.venue.time_zone"},
		{"the zone of the machine", func(v *catalog.Venue) { v.TimeZone = "Local" }, "time_zone=catalog.venue.time_zone"},
		{"no time zone", func(v *catalog.Venue) { v.TimeZone = "" }, "time_zone=catalog.venue.time_zone"},
		{"exists already", func(v *catalog.Venue) { v.Name = "Espace Altnet" }, "name=catalog.venue.exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := h.venue
			v.Name = tt.name
			tt.edit(&v)
			_, err := h.CreateVenue(t.Context(), staff, key(), v)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
}

func TestEditVenue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	v := h.venue
	v.Access, v.TimeZone = "Sonnez à « Ada ».", "Indian/Reunion"
	if err := h.EditVenue(t.Context(), staff, key(), v, ""); err != nil {
		t.Fatal(err)
	}
	s := h.session(id)
	if s.Sequence != 0 || s.Venue.TimeZone != "Europe/Paris" || s.Venue.Access != v.Access {
		t.Errorf("after another access: sequence %d, %+v", s.Sequence, s.Venue)
	}
	v.Address = "8 place Louis Chazette"
	if err := h.EditVenue(t.Context(), staff, key(), v, ""); err != nil {
		t.Fatal(err)
	}
	if s := h.session(id); s.Sequence != 1 { // UX-P12
		t.Errorf("after another address: sequence %d, want 1", s.Sequence)
	}
	v.ID = 12345
	wantFault(t, h.EditVenue(t.Context(), staff, key(), v, ""), fault.NotFound, "catalog.venue.not_found")
}

// Only staff runs the programme.
func TestProgrammeIsForStaff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	facilitator := h.user("محمد", account.Facilitator)
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1), facilitator, h.user("李", account.Communication)} {
		for name, do := range map[string]func() error{
			"create workshop": func() error { _, err := h.CreateWorkshop(t.Context(), actor, key(), h.workshop); return err },
			"edit workshop":   func() error { return h.EditWorkshop(t.Context(), actor, key(), h.workshop, "") },
			"create venue":    func() error { _, err := h.CreateVenue(t.Context(), actor, key(), h.venue); return err },
			"edit venue":      func() error { return h.EditVenue(t.Context(), actor, key(), h.venue, "") },
			"create session": func() error {
				_, err := h.CreateSession(t.Context(), actor, key(), h.request("2027-05-08", "14:00", "16:00"))
				return err
			},
			"edit session": func() error {
				return h.EditSession(t.Context(), actor, key(), id, h.request("2027-05-08", "14:00", "16:00"))
			},
			"duplicate": func() error {
				_, err := h.DuplicateSession(t.Context(), actor, key(), id, "2027-05-15", catalog.Assent{})
				return err
			},
			"publish":  func() error { return h.PublishSession(t.Context(), actor, key(), id) },
			"assign":   func() error { return h.Assign(t.Context(), actor, key(), id, facilitator.ID) },
			"unassign": func() error { return h.Unassign(t.Context(), actor, key(), id, facilitator.ID) },
			"import": func() error {
				_, err := h.ImportProgramme(t.Context(), actor, nil, catalog.ImportOptions{})
				return err
			},
		} {
			t.Run(actor.String()+" "+name, func(t *testing.T) {
				wantFault(t, do(), fault.Forbidden, "error.forbidden")
			})
		}
	}
}
