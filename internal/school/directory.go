package school

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Entry is a school or an education office of the official directory.
type Entry struct {
	ID   int64
	UAI  string
	Name string
	// Type is as published: 'Ecole', 'Collège', …; may be empty.
	Type        string
	Sector      string // public, private or empty
	Address     string
	Postcode    string
	City        string
	CommuneCode string // INSEE
	SIRET       string
	Priority    string // REP, REP+ or empty
	Pupils      int    // 0: not known
	Open        bool

	// site tells the places of one UAI apart, see the table.
	site string
}

// organisation is the entry as who asks.
func (e Entry) organisation() Organisation {
	return Organisation{
		Kind: School, UAI: e.UAI, Name: e.Name, Address: e.Address, Postcode: e.Postcode, City: e.City,
		CommuneCode: e.CommuneCode, Sector: e.Sector, Priority: e.Priority, SIRET: e.SIRET,
	}
}

const sqlEntry = `
SELECT id, uai, site, name, type, sector, address, postcode, city, commune_code, siret, priority, coalesce(pupils, 0), is_open
  FROM directory WHERE id = ? AND is_open`

// scanEntry reads the columns of sqlEntry.
func scanEntry(scan func(...any) error) (e Entry, err error) {
	err = scan(&e.ID, &e.UAI, &e.site, &e.Name, &e.Type, &e.Sector, &e.Address, &e.Postcode, &e.City, &e.CommuneCode, &e.SIRET,
		&e.Priority, &e.Pupils, &e.Open)
	return e, err
}

// entryTx returns an open entry; NotFound for a closed one too.
func entryTx(tx *sqlite.Tx, id int64) (Entry, error) {
	e, err := scanEntry(tx.QueryRow(sqlEntry, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "ask.school_gone")
	}
	return e, err
}

// Entry returns one entry of the directory; NotFound where there is none, or it closed.
func (s *Service) Entry(ctx context.Context, id int64) (e Entry, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		e, err = entryTx(tx, id)
		return err
	})
	return e, err
}

const sqlEntryOf = `SELECT id FROM directory WHERE uai = ?1 AND is_open ORDER BY name = ?2 DESC, id LIMIT 1`

// entryOf finds the entry of an organisation that asked before; 0 when the directory has none.
func entryOf(tx *sqlite.Tx, o Organisation) (id int64, err error) {
	if o.UAI == "" {
		return 0, nil
	}
	err = tx.QueryRow(sqlEntryOf, o.UAI, o.Name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
