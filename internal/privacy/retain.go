package privacy

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Step is one thing that the retention does. Its name is the text retention.step.VALUE.
type Step string

// steps are what has had its time, in the order in which it goes: families first, because their figures, mails and marks follow
// them. Each does a bounded part in the transaction it is given, and says how much; it is called until nothing is left.
var steps = []struct {
	name Step
	do   func(tx *sqlite.Tx) (int, error)
}{
	{"families", forgetFamilies},
	{"health", family.ForgetHealth},
	{"figures", family.ForgetFigures},
	{"merges", family.ForgetMerges},
	{"incidents", attendance.ForgetIncidents},
	{"reasons", forgetReasons},
	{"pupils", attendance.ForgetPupils},
	{"contacts", school.ForgetContacts},
	{"papers", school.ForgetPapers},
	{"receipts", payment.ForgetReceipts},
	{"members", account.ForgetMembers},
	{"signature", forgetSignature},
	{"mails", func(tx *sqlite.Tx) (int, error) { return outbox.Purge(tx, mostRows) }},
	{"traces", func(tx *sqlite.Tx) (int, error) { return audit.Purge(tx, mostRows) }},
	{"reports", forgetReports},
}

const (
	// mostRows is how many rows one transaction of the retention takes along.
	mostRows = 5000
	// mostFamilies is how many families it takes: each is some twenty statements.
	mostFamilies = 50
)

// Count is how often a step found something.
type Count struct {
	Step Step `json:"step"`
	N    int  `json:"n"`
}

// Report is what one run of the retention did, or would do.
type Report struct {
	At     time.Time // UTC
	Counts []Count   // of every step
}

// Total is how much went in all.
func (r Report) Total() (n int) {
	for _, c := range r.Counts {
		n += c.N
	}
	return n
}

// WouldRetain returns what Retain would do now: it does it to a copy of the database, so that nothing here changes or waits.
func (s *Service) WouldRetain(ctx context.Context) (r Report, err error) {
	err = s.db.OnCopy(ctx, sqlite.ForTrial, func(ctx context.Context, trial *sqlite.DB) (err error) {
		r, err = NewService(trial, s.secret).Retain(ctx)
		return err
	})
	return r, err
}

// Retain removes what has had its time, as the page « Vos données » tells of each item (RGPD-3, RGPD-9, RGPD-10), and keeps a
// report without names. Each step is done in transactions of bounded size, so that bookings go on meanwhile. Closed sessions
// keep their figures to the byte.
func (s *Service) Retain(ctx context.Context) (Report, error) {
	r := Report{}
	for _, step := range steps {
		total := 0
		for {
			var n int
			err := s.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
				n, err = step.do(tx)
				return err
			})
			if err != nil {
				return Report{}, err
			}
			if n == 0 {
				break
			}
			total += n
		}
		r.Counts = append(r.Counts, Count{step.name, total})
	}
	if err := s.keepReport(ctx, &r); err != nil {
		return Report{}, err
	}
	if err := s.NoteErasures(ctx); err != nil {
		return Report{}, err
	}
	// What was written before may still be in the write-ahead log; see erasing.
	if err := s.db.Checkpoint(ctx); err != nil && fault.KindOf(err) != fault.Unavailable {
		return Report{}, err
	}
	return r, nil
}

// contactOf is when there was last any contact with the family of guardian g: what they did themselves, and whatever was booked
// for one of their children, by whom ever, also by who has left the family since, until it was over. A session to come is
// contact to come.
const contactOf = `max(g.last_contact_at,
    coalesce((SELECT max(bg.created_at) FROM booking_groups bg WHERE bg.guardian_id = g.id), ''),
    coalesce((SELECT max(max(b.created_at, iif(b.cancelled_by = 'family', b.cancelled_at, ''), iif(b.status IN ('waiting', 'offered', 'confirmed'), s.ends_at, '')))
                FROM guardianships x JOIN bookings b ON b.child_id = x.child_id JOIN sessions s ON s.id = b.session_id WHERE x.guardian_id = g.id), ''))`

const sqlForgotten = `
SELECT g.id FROM guardians g WHERE g.name <> '' AND g.last_contact_at < ?1 AND ` + contactOf + ` < ?1 ORDER BY g.id LIMIT ?2`

// forgetFamilies erases guardians who have had no contact for settings.FamilyMonths, as if they had asked for it. Who may not be
// erased before the morning waits for another night, and keeps nobody else.
func forgetFamilies(tx *sqlite.Tx) (erased int, err error) {
	months, err := settings.Get(tx, settings.FamilyMonths)
	if err != nil {
		return 0, err
	}
	ids, err := numbers(tx, sqlForgotten, sqlite.Time(tx.Now().AddDate(0, -months, 0)), mostFamilies)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		_, err := booking.EraseGuardian(tx, account.System(), id)
		if fault.KindOf(err) == fault.Conflict {
			continue
		}
		if err != nil {
			return 0, err
		}
		erased++
	}
	return erased, nil
}

// numbers runs a query of one column.
func numbers(tx *sqlite.Tx, query string, args ...any) (list []int64, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// forgetSignature removes the picture of the signature settings.MemberMonths after the last certificate that bears it.
func forgetSignature(tx *sqlite.Tx) (int, error) {
	months, err := settings.Get(tx, settings.MemberMonths)
	if err != nil {
		return 0, err
	}
	forgotten, err := settings.ForgetSignature(tx, tx.Now().AddDate(0, -months, 0))
	if err != nil || !forgotten {
		return 0, err
	}
	return 1, audit.Add(tx, account.System().String(), "settings.signature", "setting:signature", map[string]any{"bytes": 0})
}

// reportMonths is how long reports are kept.
const reportMonths = 12

const (
	sqlKeepReport    = `INSERT INTO retention_reports (at, counts) VALUES (?, ?)`
	sqlForgetReports = `DELETE FROM retention_reports WHERE at < ?`
	sqlReports       = `SELECT at, counts FROM retention_reports ORDER BY id DESC LIMIT ?`
	sqlRetainedAt    = `SELECT coalesce(max(at), '') FROM retention_reports`
)

func (s *Service) keepReport(ctx context.Context, r *Report) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r.At = tx.Now()
		if _, err := tx.Exec(sqlKeepReport, sqlite.Time(r.At), string(counts)); err != nil {
			return err
		}
		return audit.Add(tx, account.System().String(), "privacy.retain", "database", map[string]any{"total": r.Total()})
	})
}

func forgetReports(tx *sqlite.Tx) (int, error) {
	res, err := tx.Exec(sqlForgetReports, sqlite.Time(tx.Now().AddDate(0, -reportMonths, 0)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Reports returns the last runs of the retention, the latest first. Forbidden to all but staff.
func (s *Service) Reports(ctx context.Context, actor account.Actor, most int) (list []Report, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlReports, most)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at string
			var counts []byte
			if err := rows.Scan(&at, &counts); err != nil {
				return err
			}
			var r Report
			if r.At, err = sqlite.ParseTime(at); err != nil {
				return err
			}
			if err := json.Unmarshal(counts, &r.Counts); err != nil {
				return err
			}
			list = append(list, r)
		}
		return rows.Err()
	})
	return list, err
}

// nightHour is when the retention runs, on the clock of the association: nobody books, and backups of the night come after.
const nightHour = 3

// RetainNightly runs Retain once a night, at the first call after three in the morning of zone; the other calls do nothing.
func (s *Service) RetainNightly(ctx context.Context, zone *time.Location) error {
	due := false
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		now := tx.Now().In(zone)
		night := time.Date(now.Year(), now.Month(), now.Day(), nightHour, 0, 0, 0, zone)
		if night.After(now) {
			night = time.Date(now.Year(), now.Month(), now.Day()-1, nightHour, 0, 0, 0, zone)
		}
		var last string
		err := tx.QueryRow(sqlRetainedAt).Scan(&last)
		due = last < sqlite.Time(night)
		return err
	})
	if err != nil || !due {
		return err
	}
	_, err = s.Retain(ctx)
	return err
}
