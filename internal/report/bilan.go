package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Question is what a report is about. Empty fields choose everything.
type Question struct {
	From, To   time.Time // days, both included
	City       string    // of the venue; of a group, of its organisation
	Discipline string
	Funding    string // who paid: of a public session as its form says, of a group workshop its kind
}

// Before is the same question about the period before, as long as this one: whole months go back by months, so that a year
// is compared with a year.
func (q Question) Before() Question {
	before := q
	before.To = q.From.AddDate(0, 0, -1)
	if next := q.To.AddDate(0, 0, 1); q.From.Day() == 1 && next.Day() == 1 {
		months := (next.Year()-q.From.Year())*12 + int(next.Month()) - int(q.From.Month())
		before.From = q.From.AddDate(0, -months, 0)
	} else {
		before.From = before.To.AddDate(0, 0, -int(q.To.Sub(q.From).Hours()/24))
	}
	return before
}

// The spans over which facts count different children, as privacy writes them into facts.first.
const (
	noSpan       = 0
	calendarYear = 2
	schoolYear   = 4
	quarter      = 8
)

// span returns over which span the children of a period are counted: it must begin with one, and not go beyond it.
func (q Question) span() int {
	for _, s := range []struct{ span, month, months int }{{calendarYear, 1, 12}, {schoolYear, 9, 12}, {quarter, 1, 3}, {quarter, 4, 3}, {quarter, 7, 3}, {quarter, 10, 3}} {
		if q.From.Day() == 1 && int(q.From.Month()) == s.month && q.To.Before(q.From.AddDate(0, s.months, 0)) {
			return s.span
		}
	}
	return noSpan
}

// The dimensions of public sessions, beside those of groups.
const (
	ByFrame   Dimension = "frame"   // public sessions and group workshops
	ByNewness Dimension = "newness" // children who came for the first time, and others
	ByAge     Dimension = "age"     // a band: 9-11
	ByHome    Dimension = "home"    // where children live: see Home
	ByQPV     Dimension = "qpv"     // yes, no or unknown, with the year of the map and how it is known: yes/2024/declared
	ByCity    Dimension = "city"
	ByAbsence Dimension = "absence" // places of who did not come
	ByDemand  Dimension = "demand"  // children on waiting lists
)

// Values of the dimensions that are not written as such.
const (
	Public, Groups   = "public", "groups"
	FirstTime, Again = "first", "again"
	Absent, Excused  = "absent", "excused"
	Seated, Unmet    = "seated", "unmet"
	LeftList         = "left"
)

// Bilan is what took place in a period, in figures. It counts closed sessions and finished group requests alone, from facts
// alone, so that it never changes (I14).
type Bilan struct {
	Question
	CountsChildren bool // whether the period is one over which different children are counted
	Seats          int  // of the public sessions
	// Late is how many seats families gave up too late for another one, Twice how many of the children may be one of the
	// others under another spelling, UnmetFamilies who waited in vain, and Schools how many came, by their UAI.
	Late, Twice, UnmetFamilies Cell
	Schools                    int
	Tables                     []Table
	Communes                   map[string]string // the names of those that have a postcode of ByHome to themselves, as far as they are known
}

// Table returns the figures by a dimension; of group workshops where they are counted by it too.
func (b Bilan) Table(by Dimension, groups bool) Table {
	for _, t := range b.Tables {
		if t.By == by && t.Groups == groups {
			return t
		}
	}
	return Table{By: by, Groups: groups}
}

// figures of who came: sessions are those of a city or discipline alone.
type presences struct{ presences, children, minutes, first int }

const (
	sqlPresences = `
SELECT city, discipline, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, count(*), sum(minutes), sum(first & 1), sum(first_in), sum(first_in AND maybe_known)
  FROM (SELECT *, (first >> 4 * ((?3 <> '') + 2 * (?4 <> '') + 4 * (?5 <> '')) & ?6) <> 0 AS first_in
          FROM facts WHERE held_on BETWEEN ?1 AND ?2 AND (?3 = '' OR city = ?3) AND (?4 = '' OR discipline = ?4) AND (?5 = '' OR funding = ?5))
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`
	sqlSessionFigures = `
SELECT city, discipline, funding, count(*), sum(capacity), sum(absent), sum(excused), sum(late)
  FROM session_facts WHERE held_on BETWEEN ?1 AND ?2 AND (?3 = '' OR city = ?3) AND (?4 = '' OR discipline = ?4) AND (?5 = '' OR funding = ?5) GROUP BY 1, 2, 3`
)

// Bilan counts what took place. Forbidden for who has no desk.
func (s *Service) Bilan(ctx context.Context, actor account.Actor, q Question) (Bilan, error) {
	if err := mayRead(actor); err != nil {
		return Bilan{}, err
	}
	var b Bilan
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		b, err = bilan(tx, q)
		return err
	})
	return b, err
}

func bilan(tx *sqlite.Tx, q Question) (Bilan, error) {
	b := Bilan{Question: q, CountsChildren: q.span() != noSpan}
	var open []Table
	public, err := publicFigures(tx, q)
	if err != nil {
		return Bilan{}, err
	}
	d, err := demand(tx, q)
	if err != nil {
		return Bilan{}, err
	}
	b.Seats, b.Late, b.Twice = public.seats, Cell{N: public.late}, Cell{N: public.twice}
	b.UnmetFamilies = Cell{N: d.UnmetFamilies}
	open = public.tables(b.CountsChildren)
	open = append(open, newTable(ByDemand, []Measure{Children}, line(Seated, d.Seated), line(Unmet, d.Unmet), line(LeftList, d.Children-d.Seated-d.Unmet)))
	if b.Communes, err = communes(tx, public.by[ByHome]); err != nil {
		return Bilan{}, err
	}
	facts, err := groupFacts(tx, q.From, q.To)
	if err != nil {
		return Bilan{}, err
	}
	facts = slices.DeleteFunc(facts, func(f Fact) bool {
		return q.City != "" && f.City != q.City || q.Discipline != "" && f.Discipline != q.Discipline || q.Funding != "" && f.Funding != q.Funding
	})
	groups := figures(facts, q.From, q.To)
	b.Schools = groups.Schools
	b.Tables = append(b.Tables, newTable(ByFrame, []Measure{Sessions, Presences, Minutes},
		line(Public, public.sessions, public.all.presences, public.all.minutes), line(Groups, groups.Total.Sessions, groups.Total.Presences, groups.Total.Minutes)))
	b.Tables = append(append(b.Tables, open...), groups.tables()...)
	return b, nil
}

// publicFigures are those of the public sessions of a period, not yet in tables.
type public struct {
	all                                           presences
	sessions, seats, absent, excused, late, twice int
	by                                            map[Dimension]map[string]presences
	sessionsBy                                    map[Dimension]map[string]int
}

func publicFigures(tx *sqlite.Tx, q Question) (public, error) {
	p := public{by: map[Dimension]map[string]presences{}, sessionsBy: map[Dimension]map[string]int{ByCity: {}, ByDiscipline: {}, ByFunding: {}}}
	from, to := q.From.Format(time.DateOnly), q.To.Format(time.DateOnly)
	rows, err := tx.Query(sqlPresences, from, to, q.City, q.Discipline, q.Funding, q.span())
	if err != nil {
		return public{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var city, discipline, funding, age, gender, home, qpv, method string
		var zoning, twice int
		var n presences
		if err := rows.Scan(&city, &discipline, &funding, &age, &gender, &home, &qpv, &zoning, &method, &n.presences, &n.minutes, &n.first, &n.children, &twice); err != nil {
			return public{}, err
		}
		if method != "" {
			qpv += "/" + strconv.Itoa(zoning) + "/" + method
		}
		p.all = p.all.plus(n)
		p.twice += twice
		for by, value := range map[Dimension]string{ByAge: age, ByGender: gender, ByHome: home, ByQPV: qpv, ByCity: city, ByDiscipline: discipline, ByFunding: funding} {
			if p.by[by] == nil {
				p.by[by] = map[string]presences{}
			}
			p.by[by][value] = p.by[by][value].plus(n)
		}
	}
	if err := rows.Err(); err != nil {
		return public{}, err
	}
	held, err := tx.Query(sqlSessionFigures, from, to, q.City, q.Discipline, q.Funding)
	if err != nil {
		return public{}, err
	}
	defer held.Close()
	for held.Next() {
		var city, discipline, funding string
		var sessions, seats, absent, excused, late int
		if err := held.Scan(&city, &discipline, &funding, &sessions, &seats, &absent, &excused, &late); err != nil {
			return public{}, err
		}
		p.sessionsBy[ByCity][city] += sessions
		p.sessionsBy[ByDiscipline][discipline] += sessions
		p.sessionsBy[ByFunding][funding] += sessions
		p.sessions, p.seats, p.absent, p.excused, p.late = p.sessions+sessions, p.seats+seats, p.absent+absent, p.excused+excused, p.late+late
	}
	return p, held.Err()
}

func (n presences) plus(o presences) presences {
	return presences{n.presences + o.presences, n.children + o.children, n.minutes + o.minutes, n.first + o.first}
}

// tables are the public sessions by everything that is asked of them. Without counted children that measure is left out.
func (p public) tables(countsChildren bool) []Table {
	people := func(n presences) []int {
		if countsChildren {
			return []int{n.children, n.presences, n.minutes}
		}
		return []int{n.presences, n.minutes}
	}
	measures := []Measure{Presences, Minutes}
	if countsChildren {
		measures = []Measure{Children, Presences, Minutes}
	}
	var all []Table
	if countsChildren {
		all = append(all, newTable(ByNewness, []Measure{Children}, line(FirstTime, p.all.first), line(Again, p.all.children-p.all.first)))
	}
	for _, by := range []Dimension{ByGender, ByAge, ByHome, ByQPV} {
		var lines []Line
		for value, n := range p.by[by] {
			lines = append(lines, line(value, people(n)...))
		}
		t := newTable(by, measures, lines...)
		t.sort()
		all = append(all, t)
	}
	for _, by := range []Dimension{ByCity, ByDiscipline, ByFunding} {
		var lines []Line
		for value, sessions := range p.sessionsBy[by] {
			lines = append(lines, line(value, append([]int{sessions}, people(p.by[by][value])...)...))
		}
		t := newTable(by, append([]Measure{Sessions}, measures...), lines...)
		t.sort()
		all = append(all, t)
	}
	return append(all, newTable(ByAbsence, []Measure{Places}, line(Excused, p.excused), line(Absent, p.absent)))
}

// sort puts ages by age, and all else with the most presences first.
func (t Table) sort() {
	presences := slices.Index(t.Measures, Presences)
	slices.SortFunc(t.Rows, func(a, b Line) int {
		if t.By == ByAge {
			return cmp.Compare(age(a.Value), age(b.Value))
		}
		return cmp.Or(cmp.Compare(b.Cells[presences].N, a.Cells[presences].N), cmp.Compare(a.Value, b.Value))
	})
}

// age is the youngest of a band.
func age(band string) int {
	first, _, _ := strings.Cut(strings.TrimSuffix(band, "+"), "-")
	n, _ := strconv.Atoi(first) // the schema knows the bands
	return n
}

// tables are the group workshops by what funders ask of them.
func (f Figures) tables() []Table {
	var all []Table
	for _, part := range f.Parts {
		whole := part.By != ByLevel && part.By != ByGender // else one session counts in several rows
		measures := []Measure{Presences, Minutes}
		if whole {
			measures = []Measure{Sessions, Presences, Minutes}
		}
		var lines []Line
		for _, r := range part.Rows {
			numbers := []int{r.Sessions, r.Presences, r.Minutes}
			lines = append(lines, line(r.Value, numbers[len(numbers)-len(measures):]...))
		}
		t := newTable(part.By, measures, lines...)
		t.Groups = true
		all = append(all, t)
	}
	return all
}

// GirlsShare is how many of the children whose gender is known are girls, in per cent, and how many are not known; by presences
// where children are not counted. It is known only where all of these are shown, and of somebody.
func (b Bilan) GirlsShare() (percent, unknown int, known bool) {
	t := b.Table(ByGender, false)
	m := Presences
	if b.CountsChildren {
		m = Children
	}
	of := func(gender string) int {
		c := t.Of(&gender, m)
		known = known && c.Mask == Shown
		return c.N
	}
	known = !t.Withheld
	girls, others, unsaid := of("girl"), of("boy")+of("other"), of("unsaid")
	if !known || girls+others == 0 {
		return 0, 0, false
	}
	return (100*girls + (girls+others)/2) / (girls + others), unsaid, true
}

// ForOthers is the report as it may leave the team: no figure of one to four people is in it, nor can be computed from it
// (UX-A7).
func (b Bilan) ForOthers() Bilan {
	frame := b.Table(ByFrame, false)
	withheld := map[bool]bool{} // public sessions, and groups
	people := func(value string) int { return frame.Of(&value, Presences).N }
	fewChildren := b.CountsChildren && people(Public) > 0 && b.Table(ByAge, false).Of(nil, Children).N < fewest
	if isSmall(people(Public)) || isSmall(people(Groups)) || fewChildren {
		// The one would follow from the other.
		withheld[false], withheld[true] = true, true
	}
	others := b
	others.Late, others.Twice, others.UnmetFamilies = b.Late.forOthers(), b.Twice.forOthers(), b.UnmetFamilies.forOthers()
	others.Tables = nil
	for _, t := range b.Tables {
		switch {
		case len(t.Rows) == 0:
		case withheld[t.Groups], isSmall(t.Of(nil, t.Measures[t.people()[0]]).N):
			t = t.withhold()
		default:
			t = t.widen().forOthers()
		}
		others.Tables = append(others.Tables, t)
	}
	return others
}

// withhold hides all figures of people.
func (t Table) withhold() Table {
	w := t
	w.Withheld, w.Rows = true, nil
	w.Total = slices.Clone(t.Total)
	for _, m := range t.people() {
		w.Total[m] = Cell{Mask: Hidden}
	}
	return w
}

// Cities and disciplines that closed sessions have, for whoever chooses among them.
const (
	sqlCities   = `SELECT city FROM session_facts UNION SELECT city FROM group_facts WHERE city <> '' ORDER BY 1`
	sqlFundings = `SELECT funding FROM session_facts WHERE funding <> '' UNION SELECT funding FROM group_facts WHERE funding <> '' ORDER BY 1`
)

// Choices returns the cities and the fundings of everything that a report could count. Forbidden for who has no desk.
func (s *Service) Choices(ctx context.Context, actor account.Actor) (cities, fundings []string, err error) {
	if err := mayRead(actor); err != nil {
		return nil, nil, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if cities, err = sqlite.Column[string](tx, sqlCities); err != nil {
			return err
		}
		fundings, err = sqlite.Column[string](tx, sqlFundings)
		return err
	})
	return cities, fundings, err
}

// Export returns the report of a period and of the one before as they may leave the team, and puts on record in the access log
// that they do, in a file of a format. Forbidden for who is not staff.
func (s *Service) Export(ctx context.Context, actor account.Actor, q Question, format string) (now, before Bilan, err error) {
	if !actor.CanManage() {
		return Bilan{}, Bilan{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if now, err = bilan(tx, q); err != nil {
			return err
		}
		before, err = bilan(tx, q.Before())
		return err
	})
	if err != nil {
		return Bilan{}, Bilan{}, err
	}
	return now.ForOthers(), before.ForOthers(), s.note(ctx, actor, "bilan."+format, q)
}

// note puts on record that a report was taken away.
func (s *Service) note(ctx context.Context, actor account.Actor, action string, q Question) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		record := []string{q.From.Format(time.DateOnly) + "/" + q.To.Format(time.DateOnly)}
		for _, chosen := range []string{q.City, q.Discipline, q.Funding} {
			if chosen != "" {
				record = append(record, chosen)
			}
		}
		return audit.Access(tx, actor.String(), action, strings.Join(record, " "))
	})
}

// Presence is one fact, as closing wrote it: of one child in one session, and of nobody who could be named.
type Presence struct {
	SessionID                                 int64
	HeldOn, Discipline, City, Funding         string
	AgeBand, Gender, Home, QPV, QPVMethod     string
	QPVZoning, Minutes                        int
	FirstEver, FirstOfYear, FirstOfSchoolYear bool
}

const sqlEachPresence = `
SELECT session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_method, qpv_zoning, minutes, first & 1 <> 0, first & 2 <> 0, first & 4 <> 0
  FROM facts WHERE held_on BETWEEN ?1 AND ?2 AND (?3 = '' OR city = ?3) AND (?4 = '' OR discipline = ?4) AND (?5 = '' OR funding = ?5) ORDER BY held_on, session_id, id`

// ExportPresences calls each for every presence of the public sessions of a period, for a table that stays in the team: a row is
// one child, however coarse. It is on record in the access log. Forbidden for who is not staff; an error of each ends it.
func (s *Service) ExportPresences(ctx context.Context, actor account.Actor, q Question, each func(Presence) error) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	if err := s.note(ctx, actor, "bilan.presences", q); err != nil {
		return err
	}
	return s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlEachPresence, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), q.City, q.Discipline, q.Funding)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Presence
			if err := rows.Scan(&p.SessionID, &p.HeldOn, &p.Discipline, &p.City, &p.Funding, &p.AgeBand, &p.Gender, &p.Home, &p.QPV, &p.QPVMethod, &p.QPVZoning, &p.Minutes,
				&p.FirstEver, &p.FirstOfYear, &p.FirstOfSchoolYear); err != nil {
				return err
			}
			if err := each(p); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Association is who reports, as the settings have it.
type Association struct {
	Name, Address         string
	SIRET, RNA            string
	Email, Phone, Website string
	IBAN                  string // never set: a report asks for no money
}

// Association returns who reports.
func (s *Service) Association(ctx context.Context) (a Association, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for _, f := range []struct {
			field   *string
			setting settings.Setting[string]
		}{
			{&a.Name, settings.AssociationName}, {&a.Address, settings.AssociationAddress}, {&a.SIRET, settings.AssociationSIRET}, {&a.RNA, settings.AssociationRNA},
			{&a.Email, settings.AssociationEmail}, {&a.Phone, settings.AssociationPhone}, {&a.Website, settings.AssociationWebsite},
		} {
			if *f.field, err = settings.Get(tx, f.setting); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}
