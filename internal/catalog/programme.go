package catalog

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// ProgrammeColumns are the columns of a programme file, all of them needed, in the order of the first one.
var ProgrammeColumns = []string{"date", "start", "end", "theme", "level", "discipline", "min_age", "max_age",
	"venue", "address", "postcode", "city", "price_eur"}

// programmeCapacity is what sessions of a file hold, which has no column for it.
const programmeCapacity = 12

// ProgrammeRow is one session of a programme file.
type ProgrammeRow struct {
	Line         int    // of the file, from 1
	Date         string // 2027-05-08
	DateWritten  string // as the file has it
	Starts, Ends string
	Workshop     Workshop
	Venue        Venue
}

// ParseProgrammeRow reads one row of a file: get gives the cell of a column, wrong learns of each cell that
// cannot be used and of what was expected in its place, as a noun phrase. A row with something wrong must
// not be imported.
func ParseProgrammeRow(line int, get func(column string) string, wrong func(column string, want fault.Message)) ProgrammeRow {
	row := ProgrammeRow{Line: line, DateWritten: get("date"), Starts: withoutSeconds(get("start")), Ends: withoutSeconds(get("end"))}
	var dated bool
	if row.Date, dated = parseProgrammeDate(row.DateWritten); !dated {
		wrong("date", fault.Message{Key: "catalog.import.date"})
	}
	starts, _, startErr := parseHour(row.Starts)
	if startErr != nil {
		wrong("start", fault.Message{Key: "catalog.import.hour"})
	}
	if ends, _, err := parseHour(row.Ends); err != nil {
		wrong("end", fault.Message{Key: "catalog.import.hour"})
	} else if startErr == nil {
		row.Workshop.DurationMinutes = int((ends - starts) / time.Minute)
		if row.Workshop.DurationMinutes < 15 {
			wrong("end", fault.Message{Key: "catalog.import.end", Args: []any{row.Starts}})
		}
	}
	text := func(column string) string {
		t, s := typed{}, get(column)
		if t.line(column, &s, true); len(t) > 0 {
			wrong(column, fault.Message{Key: "catalog.import.text", Args: []any{maxLine}})
		}
		return s
	}
	number := func(column string, low, high int) int {
		n, err := strconv.Atoi(get(column))
		if err != nil || n < low || n > high {
			wrong(column, fault.Message{Key: "catalog.import.number", Args: []any{low, high}})
		}
		return n
	}
	w, v := &row.Workshop, &row.Venue
	w.Title, w.Level = text("theme"), text("level")
	if w.Discipline = Discipline(get("discipline")); !slices.Contains(Disciplines, w.Discipline) {
		wrong("discipline", fault.Message{Key: "catalog.import.discipline", Args: []any{disciplineNames()}})
	}
	w.MinAge = number("min_age", MinAge, MaxAge)
	w.MaxAge = number("max_age", max(MinAge, min(w.MinAge, MaxAge)), MaxAge)
	w.Capacity = programmeCapacity
	v.Name, v.Address, v.Postcode, v.City = text("venue"), text("address"), get("postcode"), text("city")
	if !IsPostcode(v.Postcode) {
		wrong("postcode", fault.Message{Key: "catalog.import.postcode"})
	}
	v.StepFree, v.Capacity, v.TimeZone = StepFreeUnknown, programmeCapacity, HomeZone
	cents, ok := parseEuros(get("price_eur"))
	if !ok {
		wrong("price_eur", fault.Message{Key: "catalog.import.price"})
	}
	w.PriceCents = cents
	return row
}

// parseProgrammeDate reads 2027-05-08 and 08/05/2027, day first. What may mean another day is no date: 8/5/2027 is how English spreadsheets
// write the fifth of August, and 08/05/27 lacks its century.
func parseProgrammeDate(s string) (date string, ok bool) {
	for _, layout := range []string{DateLayout, "02/01/2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return t.Format(DateLayout), true
		}
	}
	return "", false
}

// withoutSeconds makes 14:00:00, as some spreadsheets write an hour, 14:00.
func withoutSeconds(hour string) string {
	if len(hour) == len("14:00:00") {
		return strings.TrimSuffix(hour, ":00")
	}
	return hour
}

func disciplineNames() string {
	names := make([]string, len(Disciplines))
	for i, d := range Disciplines {
		names[i] = string(d)
	}
	return strings.Join(names, ", ")
}

// parseEuros reads 14, 14,5 or 14.50 as whole cents, without going through a float.
func parseEuros(s string) (cents int, ok bool) {
	whole, part, found := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
	if found && (len(part) < 1 || len(part) > 2) || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	if len(part) == 1 {
		part += "0"
	}
	euros, err := strconv.Atoi(whole)
	if err != nil || euros > MaxPriceCents/100 {
		return 0, false
	}
	cents = euros * 100
	if part != "" {
		n, err := strconv.Atoi(part)
		if err != nil {
			return 0, false
		}
		cents += n
	}
	return cents, cents <= MaxPriceCents
}

// ImportOptions say how a programme is imported.
type ImportOptions struct {
	// DryRun reports what would be done and does nothing.
	DryRun bool
	// ShiftTo, when set (2027-05-08), moves every row by the same whole number of weeks, so that the first
	// falls on that day or in the six days after it.
	ShiftTo string
	// Drafts leaves it to the team to publish what is new. Then that has to be to come, where the venue is open and not promised to a
	// group at that hour: what is not is a problem of its row. What else is in the way is asked about as Assent says.
	Drafts bool
	Assent Assent
}

// Imported is what an import did, or what keeps it from being done.
type Imported struct {
	Created   int // sessions that are new
	Unchanged int // sessions that were there
	Weeks     int // by which every row was moved
	Sessions  []ImportedSession
	Workshops []Workshop // those that were lacking
	Venues    []Venue    // those that were lacking
	// Obstacles are what a dry run of Drafts would ask about, nil for nothing.
	Obstacles *Obstacles
	// Problems has one entry per row that the whole file shows to be wrong; then nothing was imported.
	Problems []RowProblem
}

// ImportedSession is the session of one row, in the order of the file.
type ImportedSession struct {
	Session
	New bool
}

// RowProblem is what is wrong with one cell, as table.Problem.
type RowProblem struct {
	Line          int
	Column, Value string
	Want          fault.Message
}

// errDryRun undoes an import that was only tried.
var errDryRun = errors.New("catalog: dry run")

// ImportProgramme stores the sessions of a programme file, published and open from now on, with workshops
// and venues that it lacks. It is all or nothing, and may be repeated: a session of the same workshop, at
// the same venue and time, is left as it is, and so are workshops and venues that exist.
//
// The rows are those that ParseProgrammeRow found nothing wrong with. What only the whole file shows (a row
// that comes twice, an hour that the change of clocks skips or doubles after the shift) is listed in Problems,
// with an Invalid fault. A ShiftTo that is no date is Invalid on shift_to.
func (c *Catalog) ImportProgramme(ctx context.Context, actor account.Actor, rows []ProgrammeRow, opts ImportOptions) (done Imported, err error) {
	if err := mayManage(actor); err != nil {
		return Imported{}, err
	}
	err = c.try(ctx, opts.DryRun, func(tx *sqlite.Tx) (err error) {
		done, err = importProgramme(tx, actor, rows, opts)
		return err
	})
	if err != nil {
		return Imported{Problems: done.Problems}, err
	}
	return done, nil
}

// ImportProgrammeOnce does once, for a form, what ImportProgramme does.
func (c *Catalog) ImportProgrammeOnce(ctx context.Context, actor account.Actor, key account.FormKey, rows []ProgrammeRow, opts ImportOptions) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			_, err := importProgramme(tx, actor, rows, opts)
			return "", err
		})
		return err
	})
}

func importProgramme(tx *sqlite.Tx, actor account.Actor, rows []ProgrammeRow, opts ImportOptions) (Imported, error) {
	weeks, err := weeksTo(rows, opts.ShiftTo)
	if err != nil {
		return Imported{}, err
	}
	at, problems, err := programmeTimes(rows, weeks)
	if err != nil {
		return Imported{}, err
	}
	in := &programmeImport{tx: tx, actor: actor, drafts: opts.Drafts, done: Imported{Weeks: weeks, Problems: problems}}
	if len(problems) == 0 {
		for i, row := range rows {
			if err := in.row(row, at[i]); err != nil {
				return Imported{}, err
			}
		}
	}
	if n := len(in.done.Problems); n > 0 {
		return in.done, fault.New(fault.Invalid, "catalog.import.problems", n)
	}
	if opts.Drafts {
		err = AskTx(tx, opts.Assent, in.created...)
	}
	if cause, asks := errors.AsType[*Obstacles](err); asks {
		for i, o := range cause.All {
			if slices.Contains(in.created, o.With) { // of the same file, and rolled back
				cause.All[i].Other = nil
			}
		}
		if opts.DryRun {
			in.done.Obstacles, err = cause, nil
		}
	}
	return in.done, err
}

// try does bulk work in a transaction of its own, and takes it back at once if it is a dry run.
func (c *Catalog) try(ctx context.Context, dryRun bool, do func(tx *sqlite.Tx) error) error {
	err := c.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := do(tx); err != nil || !dryRun {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return err
}

// weeksTo returns the number of weeks by which the first of rows comes to fall on date or soon after.
func weeksTo(rows []ProgrammeRow, date string) (int, error) {
	if date == "" || len(rows) == 0 {
		return 0, nil
	}
	target, err := time.Parse(DateLayout, date)
	if err != nil {
		return 0, fault.InvalidFields(map[string]fault.Message{"shift_to": {Key: "catalog.date.format"}})
	}
	first := slices.MinFunc(rows, func(a, b ProgrammeRow) int { return strings.Compare(a.Date, b.Date) })
	from, err := time.Parse(DateLayout, first.Date)
	if err != nil {
		return 0, err
	}
	days := int((target.Unix() - from.Unix()) / (24 * 60 * 60)) // a Duration holds 292 years at most
	weeks := days / 7
	if days%7 > 0 {
		weeks++
	}
	return weeks, nil
}

// programmeTimes returns the instants of each row once it has moved by weeks, and what is wrong with them.
func programmeTimes(rows []ProgrammeRow, weeks int) ([]times, []RowProblem, error) {
	zone, err := LoadZone(HomeZone)
	if err != nil {
		return nil, nil, err
	}
	type place struct {
		theme, level, venue, postcode string
		starts                        time.Time
	}
	all := make([]times, len(rows))
	var problems []RowProblem
	lines := map[place]int{}
	for i, row := range rows {
		day, err := time.Parse(DateLayout, row.Date)
		if err != nil {
			return nil, nil, err
		}
		date := day.AddDate(0, 0, 7*weeks).Format(DateLayout)
		bad := func(column, value string, err error) {
			if f, ok := fault.As(err); ok {
				problems = append(problems, wantHour(row, column, value, f.Message))
			}
		}
		starts, startErr := LocalTime(date, row.Starts, zone)
		bad("start", row.Starts, startErr)
		ends, endErr := LocalTime(date, row.Ends, zone)
		bad("end", row.Ends, endErr)
		if startErr != nil || endErr != nil {
			continue
		}
		key := place{row.Workshop.Title, row.Workshop.Level, row.Venue.Name, row.Venue.Postcode, starts}
		if line, twice := lines[key]; twice {
			problems = append(problems, RowProblem{row.Line, "date", row.DateWritten, fault.Message{Key: "catalog.import.twice", Args: []any{line}}})
		}
		lines[key] = row.Line
		all[i] = times{starts: starts, ends: ends, closes: starts}
	}
	return all, problems, nil
}

// wantHour says of an hour that LocalTime refuses what was expected in its cell, as a noun phrase.
func wantHour(row ProgrammeRow, column, value string, refusal fault.Message) RowProblem {
	switch refusal.Key {
	case "catalog.hour.skipped":
		refusal.Key = "catalog.import.hour_skipped"
	case "catalog.hour.twice":
		refusal.Key = "catalog.import.hour_twice"
	case "catalog.hour.offset":
		refusal.Key = "catalog.import.hour_offset"
	default: // the day that the shift leads to cannot be written with four digits of year
		return RowProblem{row.Line, "date", row.DateWritten, fault.Message{Key: "catalog.import.date"}}
	}
	return RowProblem{row.Line, column, value, refusal}
}

const sqlFindWorkshop = `SELECT id FROM workshops WHERE title = ? AND level = ?`

const sqlFindVenue = `SELECT id FROM venues WHERE name = ? AND postcode = ? AND listed = 1`

const sqlFindSession = `SELECT id FROM sessions WHERE workshop_id = ? AND venue_id = ? AND starts_at = ? AND request_id IS NULL ORDER BY id LIMIT 1`

// programmeImport stores a programme row by row.
type programmeImport struct {
	tx      *sqlite.Tx
	actor   account.Actor
	drafts  bool
	created []int64 // sessions
	done    Imported
}

// row stores one session with what it lacks, unless it is there.
func (in *programmeImport) row(row ProgrammeRow, at times) error {
	tx := in.tx
	var workshopID, venueID, id int64
	err := tx.QueryRow(sqlFindWorkshop, row.Workshop.Title, row.Workshop.Level).Scan(&workshopID)
	if errors.Is(err, sql.ErrNoRows) {
		workshopID, err = insertWorkshop(tx, in.actor, row.Workshop)
		in.done.Workshops = append(in.done.Workshops, row.Workshop)
	}
	if err != nil {
		return err
	}
	err = tx.QueryRow(sqlFindVenue, row.Venue.Name, row.Venue.Postcode).Scan(&venueID)
	if errors.Is(err, sql.ErrNoRows) {
		venueID, err = insertVenue(tx, in.actor, row.Venue)
		in.done.Venues = append(in.done.Venues, row.Venue)
	}
	if err != nil {
		return err
	}
	err = tx.QueryRow(sqlFindSession, workshopID, venueID, sqlite.Time(at.starts)).Scan(&id)
	fresh := errors.Is(err, sql.ErrNoRows)
	switch {
	case fresh:
		id, err = in.create(row, workshopID, venueID, at)
		if id == 0 {
			return err
		}
		in.done.Created++
	case err == nil:
		in.done.Unchanged++
	default:
		return err
	}
	s, err := SessionTx(tx, id)
	in.done.Sessions = append(in.done.Sessions, ImportedSession{s, fresh})
	return err
}

// create stores a session that is new. 0 without an error is a problem of its row.
func (in *programmeImport) create(row ProgrammeRow, workshopID, venueID int64, at times) (int64, error) {
	now := in.tx.Now()
	wrong := func(column, value, want string, args ...any) (int64, error) {
		in.done.Problems = append(in.done.Problems, RowProblem{row.Line, column, value, fault.Message{Key: want, Args: args}})
		return 0, nil
	}
	if tooFar(at.starts, now) {
		return wrong("date", row.DateWritten, "catalog.import.too_far", maxYearsAhead)
	}
	status := Published
	if in.drafts {
		status = Draft
		if !at.starts.After(now) {
			return wrong("date", row.DateWritten, "catalog.import.future")
		}
	}
	// Sessions of the past (the programme as it was) open at their start, that is, never.
	at.opens = now
	if at.starts.Before(at.opens) {
		at.opens = at.starts
	}
	id, err := insertSession(in.tx, SessionRequest{WorkshopID: workshopID, VenueID: venueID,
		Capacity: programmeCapacity, PriceCents: row.Workshop.PriceCents}, at, status, Reservation{})
	if in.drafts && fault.KindOf(err) == fault.Invalid {
		return wrong("venue", row.Venue.Name, "catalog.import.closed")
	}
	if err != nil {
		return 0, err
	}
	in.created = append(in.created, id)
	if in.drafts {
		s, err := SessionTx(in.tx, id)
		if err != nil {
			return 0, err
		}
		err = refuseHindered(in.tx, s)
		if fault.KindOf(err) == fault.Conflict {
			return wrong("venue", row.Venue.Name, "catalog.import.promised")
		}
		if err != nil {
			return 0, err
		}
	}
	return id, audit.Add(in.tx, in.actor.String(), "session.import", record("session", id), map[string]any{
		"workshop": workshopID, "venue": venueID, "starts_at": sqlite.Time(at.starts)})
}
