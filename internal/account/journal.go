package account

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Journal returns the newest lines that q chooses, at most that many, to an actor that CanAdminister; others get
// fault.Forbidden. That it was read, and of which record, is in the access log first.
func (o *Office) Journal(ctx context.Context, actor Actor, q audit.Query, most int) (lines []audit.Line, err error) {
	err = o.searchJournal(ctx, actor, "journal.read", q, most, func(l audit.Line) error {
		lines = append(lines, l)
		return nil
	})
	return lines, err
}

// ExportJournal gives do each of the newest lines that q chooses, at most that many, for a file. Who may is as for Journal.
func (o *Office) ExportJournal(ctx context.Context, actor Actor, q audit.Query, most int, do func(audit.Line) error) error {
	return o.searchJournal(ctx, actor, "journal.export", q, most, do)
}

func (o *Office) searchJournal(ctx context.Context, actor Actor, action string, q audit.Query, most int, do func(audit.Line) error) error {
	if !actor.CanAdminister() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	about := q.Record
	switch {
	case about != "":
	case q.Reading:
		about = "access_log"
	default:
		about = "audit"
	}
	if err := inWrite(ctx, o.db, func(tx *sqlite.Tx) error { return audit.Access(tx, actor.String(), action, about) }); err != nil {
		return err
	}
	return o.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error { return audit.Search(tx, q, most, do) })
}
