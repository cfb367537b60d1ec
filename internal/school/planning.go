package school

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Planning is what the team needs to propose dates: who and what is free when.
type Planning struct {
	Dates
	// Wanted are the dates asked for that are still to come, in their order.
	Wanted []catalog.At
	// Looked is the time that the team asked about; nil when it did not.
	Looked *catalog.At
}

// halfHours are the usual hours of a half day in schools.
var halfHours = map[string][2]string{"morning": {"09:00", "12:00"}, "afternoon": {"13:30", "16:30"}, "day": {"09:00", "16:30"}}

// usual is the time that a wanted date usually means, on the clocks of the association.
func (d WantedDate) usual() TypedTime {
	hours := halfHours[d.Half]
	return TypedTime{Date: d.Day.Format(time.DateOnly), Starts: hours[0], Ends: hours[1]}
}

// Planning returns what is free at the dates that the request asks for, and at a time of the team's choice (none when it is
// zero), all on the clocks of the association. What is wrong with that time is Invalid by field: date_0, starts_0, ends_0; the
// planning is returned all the same. Forbidden to all but staff; an unknown request is NotFound.
func (s *Service) Planning(ctx context.Context, actor account.Actor, requestID int64, look TypedTime) (p Planning, err error) {
	if err := mayManage(actor); err != nil {
		return Planning{}, err
	}
	wrong := typed{}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		if p.Dates, err = datesTx(tx, r); err != nil {
			return err
		}
		clocks, err := catalog.LoadZone(catalog.HomeZone)
		if err != nil {
			return err
		}
		for _, d := range r.Wanted {
			// A date that is past, or that begins while clocks change, is none to propose.
			if span, ok := d.usual().read(0, clocks, tx.Now(), typed{}); ok {
				at, err := freeAt(tx, span, clocks)
				if err != nil {
					return err
				}
				p.Wanted = append(p.Wanted, at)
			}
		}
		if look == (TypedTime{}) {
			return nil
		}
		if span, ok := look.read(0, clocks, tx.Now(), wrong); ok {
			at, err := freeAt(tx, span, clocks)
			if err != nil {
				return err
			}
			p.Looked = &at
		}
		return nil
	})
	if err == nil {
		err = wrong.invalid()
	}
	return p, err
}

func freeAt(tx *sqlite.Tx, p catalog.Period, clocks *time.Location) (catalog.At, error) {
	return catalog.FreeAtTx(tx, catalog.Period{From: p.From.In(clocks), To: p.To.In(clocks)})
}
