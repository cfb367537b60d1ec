package attendance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// group makes the session of the house private, for a class of a school in Baulon, and returns the request.
func (h *house) group() int64 {
	h.t.Helper()
	now := sqlite.Time(h.clock.Now())
	organisation := h.insert(`INSERT INTO organisations (kind, uai, name, address, postcode, city, created_at)
		VALUES ('school', '0350122T', 'École Les Lucioles', '1 rue Haute', '35580', 'Baulon', ?)`, now)
	request := h.insert(`INSERT INTO group_requests (reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level,
		children, adults, place, funding, state, state_since, created_at, updated_at)
		VALUES (?1, ?2, 'Łukasz', 'directeur', 'ecole@example.org', '02 99 00 00 00', 'Robots', 'CM1-CM2', 26, 2, 'theirs', 'own', 'agreed', ?3, ?3, ?3)`,
		"GRP-"+rand.Text()[:8], organisation, now)
	h.insert(`UPDATE sessions SET request_id = ? WHERE id = ?`, request, h.session)
	return request
}

var fiveNames = []string{"Zoé", "Łukasz", "Nguyễn Anh", "محمد", "李"}

// list writes a class list as nadia.
func (h *house) list(names ...string) {
	h.t.Helper()
	if err := h.WriteClass(h.t.Context(), attendance.ForTeam(h.nadia), h.key(), h.session, names); err != nil {
		h.t.Fatal(err)
	}
}

// class reads the class list as nadia.
func (h *house) class() attendance.Class {
	h.t.Helper()
	c, err := h.Class(h.t.Context(), attendance.ForTeam(h.nadia), h.session)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func names(c attendance.Class) (all []string) {
	for _, p := range c.Pupils {
		all = append(all, p.FirstName)
	}
	return all
}

func (h *house) markPupil(p attendance.Pupil, action attendance.Action) {
	h.t.Helper()
	if err := h.Mark(h.t.Context(), h.nadia, h.key(), attendance.NewMark{
		EntryKey: rand.Text(), SessionID: h.session, PupilID: p.ID, Action: action,
	}); err != nil {
		h.t.Fatal(err)
	}
}

// Until somebody is marked the list is what was written last; from then on names are corrected and added.
func TestClassList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	contact := attendance.ForContact(h.group())
	h.list("Zoé", "Zoé")
	if err := h.WriteClass(t.Context(), contact, h.key(), h.session, fiveNames); err != nil {
		t.Fatal(err)
	}
	c := h.class()
	if !slices.Equal(names(c), fiveNames) || c.Marked || !c.Open || c.Limit != 500 || c.Group.Organisation != "École Les Lucioles" {
		t.Fatalf("list %+v", c)
	}
	if c, err := h.Class(t.Context(), contact, h.session); err != nil || c.Limit != 12 || !slices.Equal(names(c), fiveNames) {
		t.Errorf("the contact's list %+v, %v", c, err)
	}

	h.markPupil(c.Pupils[0], attendance.Present)
	wantFault(t, h.WriteClass(t.Context(), contact, h.key(), h.session, []string{"Ali"}), fault.Conflict, "class.error.marked")
	key := h.key()
	for range 2 { // sent twice, once done
		if err := h.AmendClass(t.Context(), contact, key, h.session, map[int64]string{c.Pupils[3].ID: " Mohammed "}, []string{"Ali"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(h.class()); !slices.Equal(got, []string{"Zoé", "Łukasz", "Nguyễn Anh", "Mohammed", "李", "Ali"}) || !h.class().Marked {
		t.Errorf("list %q", got)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action LIKE 'class.%'`); n != 3 {
		t.Errorf("%d audit lines, want 3", n)
	}
	for _, details := range h.texts(`SELECT details FROM audit`) {
		if strings.Contains(details, "Zo") || strings.Contains(details, "Ali") {
			t.Errorf("the audit names a child: %s", details)
		}
	}
}

// Nothing of a list that is wrong is kept.
func TestClassListRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	request := h.group()
	contact, nadia := attendance.ForContact(request), attendance.ForTeam(h.nadia)
	h.list("Zoé")
	for _, tt := range []struct {
		by    attendance.ClassWriter
		names []string
		key   string
	}{
		{nadia, []string{"Ali", "123"}, "class.error.name"},
		{nadia, []string{"Ali", "=Ali"}, "class.error.name"},
		{nadia, []string{"Ali", ""}, "class.error.name"},
		{contact, slices.Repeat([]string{"Ali"}, 13), "class.error.too_many"},
		{nadia, slices.Repeat([]string{"Ali"}, 501), "class.error.too_many"},
	} {
		wantFault(t, h.WriteClass(t.Context(), tt.by, h.key(), h.session, tt.names), fault.Invalid, tt.key)
		wantFault(t, h.AmendClass(t.Context(), tt.by, h.key(), h.session, nil, tt.names), fault.Invalid, tt.key)
	}
	pupil := h.class().Pupils[0].ID
	wantFault(t, h.AmendClass(t.Context(), nadia, h.key(), h.session, map[int64]string{pupil: "?"}, nil), fault.Invalid, "class.error.name")
	wantFault(t, h.AmendClass(t.Context(), nadia, h.key(), h.session, map[int64]string{pupil: "Ali", pupil + 1: "Li"}, nil), fault.NotFound, "error.not_found")
	if got := names(h.class()); !slices.Equal(got, []string{"Zoé"}) {
		t.Errorf("list %q, want what it was", got)
	}
	h.insert(`UPDATE sessions SET status = 'cancelled' WHERE id = ?`, h.session)
	wantFault(t, h.WriteClass(t.Context(), contact, h.key(), h.session, []string{"Ali"}), fault.Conflict, "attendance.error.session_cancelled")
	h.insert(`UPDATE sessions SET status = 'published' WHERE id = ?`, h.session)
	h.clock.Set(paris(8, 16, 0).AddDate(0, 0, 30))
	wantFault(t, h.WriteClass(t.Context(), contact, h.key(), h.session, []string{"Ali"}), fault.Conflict, "class.error.too_late")
}

// SEC-20: who leads the session, staff and the contact of this very request; public sessions have no class list.
func TestWhoseClass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	public := h.sessionAt(paris(8, 9, 0), paris(8, 10, 0), h.nadia)
	request := h.group()
	for name, tt := range map[string]struct {
		by      attendance.ClassWriter
		session int64
		want    error
	}{
		"leader":               {attendance.ForTeam(h.nadia), h.session, nil},
		"staff":                {attendance.ForTeam(h.staff), h.session, nil},
		"contact":              {attendance.ForContact(request), h.session, nil},
		"another facilitator":  {attendance.ForTeam(h.amine), h.session, fault.New(fault.NotFound, "error.not_found")},
		"communication":        {attendance.ForTeam(h.write), h.session, fault.New(fault.Forbidden, "error.forbidden")},
		"another contact":      {attendance.ForContact(request + 1), h.session, fault.New(fault.NotFound, "error.not_found")},
		"nobody":               {attendance.ClassWriter{}, h.session, fault.New(fault.NotFound, "error.not_found")},
		"a public session":     {attendance.ForTeam(h.nadia), public, fault.New(fault.NotFound, "error.not_found")},
		"a contact, a public":  {attendance.ForContact(request), public, fault.New(fault.NotFound, "error.not_found")},
		"a session of nowhere": {attendance.ForTeam(h.staff), 999, fault.New(fault.NotFound, "error.not_found")},
	} {
		_, read := h.Class(t.Context(), tt.by, tt.session)
		write := h.WriteClass(t.Context(), tt.by, h.key(), tt.session, []string{"Zoé"})
		amend := h.AmendClass(t.Context(), tt.by, h.key(), tt.session, nil, nil)
		for what, got := range map[string]error{"reads": read, "writes": write, "amends": amend} {
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%s %s: %v, want %v", name, what, got, tt.want)
			}
		}
	}
	for _, actor := range []struct {
		name string
		err  error
	}{
		{"communication", h.Count(t.Context(), h.write, h.key(), h.session, nil)},
		{"communication erases", h.EraseNames(t.Context(), h.write, h.key(), h.session)},
	} {
		if !fault.Is(actor.err, fault.Forbidden, "error.forbidden") {
			t.Errorf("%s: %v", actor.name, actor.err)
		}
	}
	wantFault(t, h.Count(t.Context(), h.amine, h.key(), h.session, nil), fault.NotFound, "error.not_found")
	wantFault(t, h.EraseNames(t.Context(), h.amine, h.key(), h.session), fault.NotFound, "error.not_found")
	wantFault(t, h.Count(t.Context(), h.nadia, h.key(), public, nil), fault.NotFound, "error.not_found")
}

// The register of a class is the same register: one journal, no data of families (I10).
func TestRegisterOfClass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.group()
	h.list(fiveNames...)
	pupils := h.class().Pupils
	h.markPupil(pupils[0], attendance.Present)
	h.markPupil(pupils[1], attendance.Absent)
	h.markPupil(pupils[2], attendance.Present)
	r := h.roster(h.nadia)
	if r.Care || r.Group == nil || len(r.Children) != 5 || r.Counts.Here() != 2 || r.Counts.Absent != 1 || r.Counts.Booked != 5 || !r.MayMark {
		t.Fatalf("register %+v", r)
	}
	if err := h.Undo(t.Context(), h.nadia, h.key(), h.session, rand.Text(), r.Children[2].State.Key); err != nil {
		t.Fatal(err)
	}
	if got := h.roster(h.write); got.Children[2].State.Action != attendance.Expected || got.MayMark {
		t.Errorf("register of communication %+v", got)
	}
	other := h.sessionAt(paris(8, 9, 0), paris(8, 10, 0), h.nadia)
	err := h.Mark(t.Context(), h.nadia, h.key(), attendance.NewMark{EntryKey: rand.Text(), SessionID: other, PupilID: pupils[0].ID, Action: attendance.Present})
	wantFault(t, err, fault.NotFound, "error.not_found")
	if n := h.count(`SELECT count(*) FROM access_log`); n != 0 {
		t.Errorf("%d lines of access for a register without any care", n)
	}
	agenda, err := h.ForFacilitator(t.Context(), h.nadia)
	if err != nil {
		t.Fatal(err)
	}
	if today := agenda.Today[1]; today.Booked != 5 || today.Group != "École Les Lucioles" {
		t.Errorf("in the day: %+v", today)
	}
}

// Certificates are made of pupils who came; the public page shows the first name until it is erased, and stands without.
func TestCertificatesOfClass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.group()
	h.list(fiveNames...)
	pupils := h.class().Pupils
	h.markPupil(pupils[4], attendance.Present)
	h.markPupil(pupils[0], attendance.Late)
	h.markPupil(pupils[1], attendance.Absent)
	if n, err := h.Issue(t.Context(), h.nadia, h.key(), h.session, false); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	list, err := h.Certificates(t.Context(), h.nadia, h.session)
	if err != nil || list.Named != 5 || len(list.Issued) != 2 || list.Issued[0].FirstName != "Zoé" || list.Issued[1].FirstName != "李" || list.Issued[0].LastName != "" {
		t.Fatalf("certificates %+v, %v", list, err)
	}
	v, err := h.Verify(t.Context(), list.Issued[0].Code)
	if err != nil || v.Child != "Zoé" {
		t.Errorf("verified %+v, %v", v, err)
	}
	wantFault(t, h.EraseNames(t.Context(), h.nadia, h.key(), h.session), fault.Conflict, "class.error.not_over")
	h.markPupil(pupils[2], attendance.Present)
	h.clock.Set(paris(8, 16, 0))
	key := h.key()
	for range 2 {
		if err := h.EraseNames(t.Context(), h.nadia, key, h.session); err != nil {
			t.Fatal(err)
		}
	}
	v, err = h.Verify(t.Context(), list.Issued[0].Code)
	if err != nil || v.Child != "" || !v.Valid() {
		t.Errorf("verified after erasing %+v, %v", v, err)
	}
	list, err = h.Certificates(t.Context(), h.nadia, h.session)
	if err != nil || list.Named != 0 || list.ToIssue != 0 || len(list.Issued) != 2 || list.Issued[0].Doubt {
		t.Errorf("certificates after erasing %+v, %v", list, err)
	}
	if n, err := h.Issue(t.Context(), h.nadia, h.key(), h.session, false); n != 0 || err != nil {
		t.Errorf("a pupil without name got a certificate: %d, %v", n, err)
	}
	if c := h.class(); !c.Erased || c.Open {
		t.Errorf("list %+v", c)
	}
	wantFault(t, h.AmendClass(t.Context(), attendance.ForTeam(h.staff), h.key(), h.session, nil, []string{"Ali"}), fault.Conflict, "class.error.erased")
	if r := h.roster(h.staff); r.Counts.Here() != 3 {
		t.Errorf("the figures changed: %+v", r.Counts)
	}
}

// RGPD-10: nothing of the names is left in the file, neither where they were nor where they were on the way.
func TestErasedNamesAreGoneFromTheFile(t *testing.T) {
	t.Parallel()
	const canary, second = "Kanarienvogelin", "Kanarienvogelot"
	inFiles := func(h *house) bool {
		t.Helper()
		if err := h.db.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{h.db.Path(), h.db.Path() + "-wal"} {
			raw, err := os.ReadFile(file)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte("Kanarienvogel")) {
				return true
			}
		}
		return false
	}
	for name, erase := range map[string]func(h *house) error{
		"by hand": func(h *house) error {
			h.clock.Set(paris(8, 17, 0))
			return h.EraseNames(t.Context(), h.nadia, h.key(), h.session)
		},
		"by the clock": func(h *house) error {
			h.clock.Set(paris(8, 16, 0).AddDate(0, 0, 30))
			h.forget(attendance.ForgetPupils)
			if !inFiles(h) {
				t.Error("the names went a second too early")
			}
			h.clock.Set(paris(8, 16, 0).AddDate(0, 0, 31))
			h.forget(attendance.ForgetPupils)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.group()
			h.list("Ali", canary)
			h.list(canary, second, "Zoé")
			pupils := h.class().Pupils
			h.markPupil(pupils[0], attendance.Present)
			if err := h.AmendClass(t.Context(), attendance.ForTeam(h.nadia), h.key(), h.session, map[int64]string{pupils[2].ID: canary}, []string{second}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Issue(t.Context(), h.nadia, h.key(), h.session, false); err != nil {
				t.Fatal(err)
			}
			if !inFiles(h) {
				t.Fatal("the canary is not found where it must be")
			}
			if err := erase(h); err != nil {
				t.Fatal(err)
			}
			if inFiles(h) {
				t.Error("a name is still in the file")
			}
			if n := h.count(`SELECT count(*) FROM audit WHERE action = 'class.erase' AND json_extract(details, '$.pupils') = 4`); n != 1 {
				t.Errorf("%d audit lines, want 1", n)
			}
		})
	}
}

func TestHeadcount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	request := h.group()
	h.list(fiveNames...)
	h.markPupil(h.class().Pupils[0], attendance.Present)
	count := func(levels ...attendance.Headcount) error {
		return h.Count(t.Context(), h.nadia, h.key(), h.session, levels)
	}
	level := func(name string, girls, boys, other, unsaid int) attendance.Headcount {
		return attendance.Headcount{Level: name, Children: map[attendance.Gender]int{attendance.Girl: girls, attendance.Boy: boys, attendance.Other: other, attendance.Unsaid: unsaid}}
	}
	for range 2 { // the second count replaces the first
		if err := count(level("  CM1 ", 5, 4, 1, 2), level("CM2", 6, 7, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	read := func() attendance.Count {
		t.Helper()
		c, err := h.Counted(t.Context(), h.nadia, h.session)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := read()
	want := []attendance.Headcount{level("CM1", 5, 4, 1, 2), level("CM2", 6, 7, 0, 0)}
	if !reflect.DeepEqual(c.Levels, want) || c.Total() != 25 || c.Levels[0].Total() != 12 || !c.Open || c.Pupils != 5 || c.Came != 1 || c.Group.Level != "CM1-CM2" {
		t.Errorf("count %+v", c)
	}

	for _, tt := range []struct {
		levels []attendance.Headcount
		field  string
		key    string
	}{
		{nil, "girl_1", "class.error.nobody"},
		{[]attendance.Headcount{level("CM1", 0, 0, 0, 0)}, "girl_1", "class.error.nobody"},
		{[]attendance.Headcount{level(" ", 1, 0, 0, 0)}, "niveau_1", "class.error.level"},
		{[]attendance.Headcount{level(strings.Repeat("é", 41), 1, 0, 0, 0)}, "niveau_1", "class.error.level_long"},
		{[]attendance.Headcount{level("CM1", 1, 0, 0, 0), level("CM1 ", 1, 0, 0, 0)}, "niveau_2", "class.error.level_twice"},
		{[]attendance.Headcount{level("CM1", 1, -1, 0, 0)}, "boy_1", "class.error.number"},
		{[]attendance.Headcount{level("CM1", 1, 0, 0, 501)}, "unsaid_1", "class.error.number"},
		{[]attendance.Headcount{level("CM1", 300, 300, 0, 0)}, "girl_1", "class.error.number"},
	} {
		problem, ok := fault.As(count(tt.levels...))
		if !ok || problem.Kind != fault.Invalid || problem.Fields[tt.field].Key != tt.key {
			t.Errorf("%+v: %v", tt.levels, problem)
		}
	}
	h.clock.Set(paris(8, 13, 59))
	wantFault(t, count(want...), fault.Conflict, "class.error.not_started")
	h.clock.Set(paris(20, 9, 0)) // long after the register is shut for facilitators
	if err := count(level("CM1", 1, 1, 1, 1)); err != nil {
		t.Fatal(err)
	}
	h.insert(`UPDATE group_requests SET state = 'done' WHERE id = ?`, request)
	wantFault(t, count(want...), fault.Conflict, "class.error.counted")
	if c := read(); c.Total() != 4 || c.Open {
		t.Errorf("count %+v", c)
	}
}

// forget runs a step of the retention.
func (h *house) forget(step func(*sqlite.Tx) (int, error)) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := step(tx)
		return err
	}))
}
