package school

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The columns of the official directory (Annuaire de l'éducation, data.education.gouv.fr) that are read, of some seventy.
const (
	columnUAI      = "Identifiant_de_l_etablissement"
	columnName     = "Nom_etablissement"
	columnType     = "Type_etablissement"
	columnSector   = "Statut_public_prive"
	columnStreet   = "Adresse_1"
	columnMore     = "Adresse_2"
	columnTown     = "Adresse_3"
	columnPostcode = "Code postal"
	columnCommune  = "Code_commune"
	columnCity     = "Nom_commune"
	columnPriority = "Appartenance_Education_Prioritaire"
	columnSIRET    = "SIREN_SIRET"
	columnPupils   = "Nombre_d_eleves"
	columnState    = "etat"
	columnSites    = "etablissement_multi_lignes"
)

// DirectoryColumns are the columns that a file of the directory must have.
var DirectoryColumns = []string{columnUAI, columnName, columnType, columnSector, columnStreet, columnMore, columnTown,
	columnPostcode, columnCommune, columnCity, columnPriority, columnSIRET, columnPupils, columnState, columnSites}

// DirectoryRow is one line of a file of the directory.
type DirectoryRow struct {
	Line  int // of the file, from 1
	entry indexed
}

// indexed is an entry with the words by which it is found.
type indexed struct {
	Entry
	names, places string
}

// ParseDirectoryRow reads one row of a file: get gives the cell of a column, wrong learns of each cell that cannot be used
// and of what was expected in its place, as a noun phrase. A row with something wrong must not be imported.
func ParseDirectoryRow(line int, get func(column string) string, wrong func(column string, want fault.Message)) DirectoryRow {
	read := cells{get: get, wrong: wrong}
	e := Entry{
		Name: read.text(columnName), Type: read.text(columnType), City: read.text(columnCity), CommuneCode: read.text(columnCommune),
		Address:  read.address(),
		Sector:   read.one(columnSector, "ask.import.sector", map[string]string{"public": "public", "privé": "private", "": "", "-": ""}),
		Priority: read.one(columnPriority, "ask.import.priority", map[string]string{"": "", "rep": "REP", "rep+": "REP+"}),
		Postcode: read.text(columnPostcode),
	}
	uai, m := ParseUAI(get(columnUAI))
	if m != nil {
		wrong(columnUAI, fault.Message{Key: "ask.import.uai"})
	}
	e.UAI = strings.Clone(uai)
	if e.Name == "" {
		wrong(columnName, fault.Message{Key: "ask.import.name"})
	}
	if e.Postcode != "" && !catalog.IsPostcode(e.Postcode) {
		wrong(columnPostcode, fault.Message{Key: "ask.import.postcode"})
	}
	e.Open = read.one(columnState, "ask.import.state", map[string]string{
		"ouvert": "open", "a ouvrir": "open", "a fermer": "open", "ferme": "", "fermé": ""}) != ""
	if typed := get(columnPupils); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 {
			wrong(columnPupils, fault.Message{Key: "ask.import.pupils"})
		}
		e.Pupils = n
	}
	// Nine digits are the number of a company and not of a place: no use for an invoice.
	if siret := strings.Join(strings.Fields(get(columnSIRET)), ""); len(siret) == 14 {
		e.SIRET = strings.Clone(siret)
	}
	if get(columnSites) == "1" {
		e.site = words(e.Name + " " + e.City)
	}
	return DirectoryRow{Line: line, entry: indexed{Entry: e, names: words(e.Name), places: words(e.City + " " + e.Postcode + " " + e.UAI)}}
}

// cells reads the cells of one row.
type cells struct {
	get   func(column string) string
	wrong func(column string, want fault.Message)
}

// text is a cell on one line. It is copied, since a cell keeps its whole row in memory.
func (c cells) text(column string) string {
	s := strings.Join(strings.Fields(readable(c.get(column))), " ")
	if utf8.RuneCountInString(s) > MaxLine {
		c.wrong(column, fault.Message{Key: "ask.import.long", Args: []any{MaxLine}})
	}
	return strings.Clone(s)
}

// one is a cell that holds one of a few values, in any case.
func (c cells) one(column, want string, values map[string]string) string {
	value, ok := values[strings.ToLower(c.get(column))]
	if !ok {
		c.wrong(column, fault.Message{Key: want})
	}
	return value
}

// address is the address without the line of the town, which the file repeats.
func (c cells) address() string {
	var lines []string
	for _, column := range []string{columnStreet, columnMore, columnTown} {
		line := c.text(column)
		if line != "" && (column != columnTown || len(line) < 5 || !catalog.IsPostcode(line[:5])) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

// DirectoryImport is what an import did, or what keeps it from being done.
type DirectoryImport struct {
	Added, Changed, Unchanged int
	// Problems has one entry per row that only the whole file shows to be wrong; then nothing was imported.
	Problems []RowProblem
}

// RowProblem is what is wrong with one cell, as table.Problem.
type RowProblem struct {
	Line          int
	Column, Value string
	Want          fault.Message
}

// errDryRun undoes an import that was only tried.
var errDryRun = errors.New("school: dry run")

const (
	sqlDirectory = `
SELECT id, uai, site, name, type, sector, address, postcode, city, commune_code, siret, priority, coalesce(pupils, 0), is_open,
       names, places FROM directory`

	sqlPutEntry = `
INSERT INTO directory (uai, site, name, type, sector, address, postcode, city, commune_code, siret, priority, pupils, is_open, names, places)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULLIF(?12, 0), ?13, ?14, ?15)
ON CONFLICT (uai, site) DO UPDATE SET name = ?3, type = ?4, sector = ?5, address = ?6, postcode = ?7, city = ?8,
  commune_code = ?9, siret = ?10, priority = ?11, pupils = NULLIF(?12, 0), is_open = ?13, names = ?14, places = ?15`

	sqlCloseEntry = `UPDATE directory SET is_open = 0 WHERE id = ?`

	// An index over another table is not told of its changes one by one: after an import it is made anew.
	sqlRebuildSearch = `INSERT INTO directory_search (directory_search) VALUES ('rebuild')`
)

// ImportDirectory brings the directory up to a file, all or nothing; it may be repeated. Schools that the file lacks are
// left as they are: it may be of one département. Where it holds a school, the places of that school which it lacks close.
//
// The rows are those that ParseDirectoryRow found nothing wrong with. What only the whole file shows (a school that comes
// twice) is listed in Problems, with an Invalid fault. A dry run says what would be done.
func ImportDirectory(ctx context.Context, db *sqlite.DB, actor account.Actor, rows []DirectoryRow, dryRun bool) (DirectoryImport, error) {
	if err := mayManage(actor); err != nil {
		return DirectoryImport{}, err
	}
	if problems := twice(rows); len(problems) > 0 {
		return DirectoryImport{Problems: problems}, fault.New(fault.Invalid, "ask.import.problems", len(problems))
	}
	var done DirectoryImport
	err := db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if done, err = importRows(tx, rows); err != nil {
			return err
		}
		if dryRun {
			return errDryRun
		}
		if done.Added+done.Changed == 0 {
			return nil
		}
		if _, err := tx.Exec(sqlRebuildSearch); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "directory.import", "directory", map[string]any{"added": done.Added, "changed": done.Changed})
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return DirectoryImport{}, err
	}
	return done, nil
}

// placeKey names a place of a school.
type placeKey struct{ uai, site string }

func (e Entry) key() placeKey { return placeKey{e.UAI, e.site} }

// twice finds the places that a file holds more than once.
func twice(rows []DirectoryRow) []RowProblem {
	var problems []RowProblem
	lines := make(map[placeKey]int, len(rows))
	for _, row := range rows {
		if first, again := lines[row.entry.key()]; again {
			problems = append(problems, RowProblem{row.Line, columnUAI, row.entry.UAI, fault.Message{Key: "ask.import.twice", Args: []any{first}}})
			continue
		}
		lines[row.entry.key()] = row.Line
	}
	return problems
}

func importRows(tx *sqlite.Tx, rows []DirectoryRow) (done DirectoryImport, err error) {
	known, err := directory(tx)
	if err != nil {
		return DirectoryImport{}, err
	}
	inFile := make(map[string]bool, len(rows))
	for _, row := range rows {
		e := row.entry
		inFile[e.UAI] = true
		old, exists := known[e.key()]
		delete(known, e.key())
		e.ID = old.ID
		switch {
		case e == old:
			done.Unchanged++
			continue
		case exists:
			done.Changed++
		default:
			done.Added++
		}
		if _, err := tx.Exec(sqlPutEntry, e.UAI, e.site, e.Name, e.Type, e.Sector, e.Address, e.Postcode, e.City, e.CommuneCode,
			e.SIRET, e.Priority, e.Pupils, e.Open, e.names, e.places); err != nil {
			return DirectoryImport{}, err
		}
	}
	for key, left := range known {
		if left.Open && inFile[key.uai] {
			if _, err := tx.Exec(sqlCloseEntry, left.ID); err != nil {
				return DirectoryImport{}, err
			}
			done.Changed++
		}
	}
	return done, nil
}

// directory reads every entry.
func directory(tx *sqlite.Tx) (map[placeKey]indexed, error) {
	rows, err := tx.Query(sqlDirectory)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[placeKey]indexed{}
	for rows.Next() {
		var i indexed
		i.Entry, err = scanEntry(func(to ...any) error { return rows.Scan(slices.Concat(to, []any{&i.names, &i.places})...) })
		if err != nil {
			return nil, err
		}
		all[i.key()] = i
	}
	return all, rows.Err()
}
