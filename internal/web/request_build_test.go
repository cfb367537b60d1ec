package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// asked is a request for group workshops, with the link of its contact.
type asked struct {
	id        int64
	reference string
	link      school.Link
}

// path is the status page.
func (a asked) path() string { return RequestPath(a.link) }

// request puts a request of a school into the database, on which the team owes the next step; column by column,
// change says what differs from the usual one.
func (s *site) request(change map[string]any) asked {
	s.t.Helper()
	now := sqlite.Time(s.clock.Now())
	organisation := s.write(`INSERT INTO organisations (kind, uai, name, address, postcode, city, created_at)
		VALUES ('school', '0350122T', 'École élémentaire Marie-Curie', '3 rue des Lilas', '69001', 'Lyon', ?)`, now)
	s.keys++
	columns := map[string]any{
		"reference": fmt.Sprintf("GRP-%08d", s.keys), "organisation_id": organisation, "contact_name": "Zoé D'Artagnan-N'Guyen",
		"contact_role": "Directrice", "contact_email": "zoe@ecole.exemple.fr", "contact_phone": "04 78 00 00 00",
		"wish": "Découvrir les robots", "level": "CM1", "children": 24, "adults": 2, "place": "theirs", "funding": "own",
		"state": "received", "state_since": now, "waiting_since": now, "created_at": now, "updated_at": now,
	}
	for name, value := range change {
		columns[name] = value
	}
	var names, marks []string
	var values []any
	for name, value := range columns {
		names, marks, values = append(names, name), append(marks, "?"), append(values, value)
	}
	a := asked{reference: columns["reference"].(string)}
	a.id = s.write("INSERT INTO group_requests ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
	a.link = s.web.School.Sign(school.LinkContact, a.reference, 1)
	s.write(`INSERT INTO request_events (request_id, at, by, kind) VALUES (?, ?, 'contact', 'received')`, a.id, now)
	return a
}

// write runs one statement, beside the features.
func (s *site) write(query string, args ...any) (id int64) {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}
