// Package report counts what took place, for those who fund it. It reads the facts that closing wrote and nothing else,
// so that a figure never changes when a family is erased or a contact forgotten (I14), and no figure names anybody.
package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service reports. Its methods are safe for concurrent use.
type Service struct {
	db *sqlite.DB
}

// NewService returns a Service on db.
func NewService(db *sqlite.DB) *Service { return &Service{db: db} }

// Fact is how many children of one level and gender came to one session of a group.
type Fact struct {
	SessionID         int64
	HeldOn            string // a day, as written: 2027-05-08
	Minutes, Children int
	Level, Gender     string
	Discipline        string
	Kind, UAI         string
	Sector, Priority  string
	CommuneCode, City string
	Funding           string
}

// Tally is what some facts come to.
type Tally struct {
	Sessions  int // in which they took place
	Presences int // a child who came twice counts twice
	Minutes   int // minutes × children
}

// Dimension is what figures are told apart by.
type Dimension string

// The dimensions, in the order of the page.
const (
	ByLevel      Dimension = "level"
	ByGender     Dimension = "gender"
	ByKind       Dimension = "kind"
	BySector     Dimension = "sector"
	ByPriority   Dimension = "priority"
	ByCommune    Dimension = "commune"
	ByDiscipline Dimension = "discipline"
	ByFunding    Dimension = "funding"
)

// dimensions says what each dimension reads of a fact.
var dimensions = []struct {
	name Dimension
	of   func(Fact) string
}{
	{ByLevel, func(f Fact) string { return f.Level }},
	{ByGender, func(f Fact) string { return f.Gender }},
	{ByKind, func(f Fact) string { return f.Kind }},
	{BySector, func(f Fact) string { return f.Sector }},
	{ByPriority, func(f Fact) string { return f.Priority }},
	{ByCommune, func(f Fact) string { return f.City }},
	{ByDiscipline, func(f Fact) string { return f.Discipline }},
	{ByFunding, func(f Fact) string { return f.Funding }},
}

// Part is the figures by one dimension. Its children and minutes add up to the total; its sessions do too, but by level
// and by gender, where one session counts in several rows.
type Part struct {
	By   Dimension
	Rows []Row // the most children first
}

// Row is one line of a part. Value is as it was written: a code for kinds, sectors, genders and so on; it may be empty.
type Row struct {
	Value string
	Tally
}

// Figures are the group workshops of a period.
type Figures struct {
	From, To time.Time // days, both included
	Schools  int       // by their UAI
	Total    Tally
	Parts    []Part
}

// mayRead lets through who has a desk: figures name nobody.
func mayRead(actor account.Actor) error {
	if actor.HasDesk() {
		return nil
	}
	return fault.New(fault.Forbidden, "error.forbidden")
}

// GroupFigures counts the group workshops held from one day to another, both included. Forbidden for who has no desk.
func (s *Service) GroupFigures(ctx context.Context, actor account.Actor, from, to time.Time) (Figures, error) {
	if err := mayRead(actor); err != nil {
		return Figures{}, err
	}
	facts, err := s.facts(ctx, from, to)
	if err != nil {
		return Figures{}, err
	}
	return figures(facts, from, to), nil
}

// ExportGroups returns the facts behind GroupFigures, for a table that leaves the desk: staff alone, and on record in
// the access log.
func (s *Service) ExportGroups(ctx context.Context, actor account.Actor, from, to time.Time) ([]Fact, error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	facts, err := s.facts(ctx, from, to)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Access(tx, actor.String(), "groups.export", from.Format(time.DateOnly)+"/"+to.Format(time.DateOnly))
	})
	if err != nil {
		return nil, err
	}
	return facts, nil
}

const sqlGroupFacts = `
SELECT session_id, held_on, minutes, children, level, gender, discipline, kind, uai, sector, priority, commune_code, city, funding
  FROM group_facts WHERE held_on BETWEEN ? AND ? ORDER BY held_on, session_id, level, gender`

func (s *Service) facts(ctx context.Context, from, to time.Time) (facts []Fact, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		facts, err = groupFacts(tx, from, to)
		return err
	})
	return facts, err
}

func groupFacts(tx *sqlite.Tx, from, to time.Time) (facts []Fact, err error) {
	rows, err := tx.Query(sqlGroupFacts, from.Format(time.DateOnly), to.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f Fact
		if err := rows.Scan(&f.SessionID, &f.HeldOn, &f.Minutes, &f.Children, &f.Level, &f.Gender, &f.Discipline, &f.Kind, &f.UAI,
			&f.Sector, &f.Priority, &f.CommuneCode, &f.City, &f.Funding); err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	return facts, rows.Err()
}

// figures adds facts up: the one place where that is done.
func figures(facts []Fact, from, to time.Time) Figures {
	f := Figures{From: from, To: to, Total: tally(facts)}
	schools := map[string]bool{}
	for _, fact := range facts {
		if fact.UAI != "" {
			schools[fact.UAI] = true
		}
	}
	f.Schools = len(schools)
	for _, d := range dimensions {
		byValue := map[string][]Fact{}
		for _, fact := range facts {
			byValue[d.of(fact)] = append(byValue[d.of(fact)], fact)
		}
		part := Part{By: d.name}
		for value, some := range byValue {
			part.Rows = append(part.Rows, Row{Value: value, Tally: tally(some)})
		}
		slices.SortFunc(part.Rows, func(a, b Row) int {
			return cmp.Or(cmp.Compare(b.Presences, a.Presences), cmp.Compare(a.Value, b.Value))
		})
		f.Parts = append(f.Parts, part)
	}
	return f
}

func tally(facts []Fact) (t Tally) {
	sessions := map[int64]bool{}
	for _, f := range facts {
		sessions[f.SessionID] = true
		t.Presences += f.Children
		t.Minutes += f.Children * f.Minutes
	}
	t.Sessions = len(sessions)
	return t
}
