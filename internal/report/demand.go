package report

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Demand is what was asked of the public sessions of a period beyond their seats, as it was when each ended. A family or
// a child counts once a session. Who is neither seated nor unmet left the list, or had an offer and did not take it.
type Demand struct {
	Sessions           int // with a list
	Families, Children int // ever on one
	Seated             int // children who got a seat from it
	Unmet              int // children who still waited at the end, and never had an offer
	UnmetFamilies      int
}

const sqlDemand = `
SELECT count(*), coalesce(sum(families), 0), coalesce(sum(children), 0), coalesce(sum(seated), 0), coalesce(sum(unmet), 0), coalesce(sum(unmet_families), 0)
  FROM list_figures l WHERE held_on BETWEEN ?1 AND ?2 AND children > 0 AND (?3 = '' OR city = ?3) AND (?4 = '' OR discipline = ?4)
   AND (?5 = '' OR EXISTS (SELECT 1 FROM session_facts f WHERE f.session_id = l.session_id AND f.funding = ?5))`

// Demand adds up the lists of the sessions held from one day to another, both included. Forbidden for who has no desk.
func (s *Service) Demand(ctx context.Context, actor account.Actor, from, to time.Time) (d Demand, err error) {
	if err := mayRead(actor); err != nil {
		return Demand{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		d, err = demand(tx, Question{From: from, To: to})
		return err
	})
	return d, err
}

func demand(tx *sqlite.Tx, q Question) (d Demand, err error) {
	err = tx.QueryRow(sqlDemand, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), q.City, q.Discipline, q.Funding).
		Scan(&d.Sessions, &d.Families, &d.Children, &d.Seated, &d.Unmet, &d.UnmetFamilies)
	return d, err
}
