package catalog

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// KitUse is how many copies of a kit something needs.
type KitUse struct {
	KitID  int64
	Copies int
}

// SessionKit is a kit that a session uses, in Used copies.
type SessionKit struct {
	Kit
	Used int
}

const sqlSessionKits = `
SELECT k.id, k.name, k.contents, k.copies, k.children, u.copies FROM session_kits u JOIN kits k ON k.id = u.kit_id
 WHERE u.session_id = ? ORDER BY k.name, k.id`

// SessionKits returns the kits that a session uses, by name.
func (c *Catalog) SessionKits(ctx context.Context, sessionID int64) (all []SessionKit, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		all, err = sessionKitsTx(tx, sessionID)
		return err
	})
	return all, err
}

func sessionKitsTx(tx *sqlite.Tx, sessionID int64) ([]SessionKit, error) {
	rows, err := tx.Query(sqlSessionKits, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []SessionKit
	for rows.Next() {
		var k SessionKit
		if err := rows.Scan(&k.ID, &k.Name, &k.Contents, &k.Copies, &k.Children, &k.Used); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

const sqlTakeKit = `
INSERT INTO session_kits (session_id, kit_id, copies) VALUES (?1, ?2, ?3) ON CONFLICT (session_id, kit_id) DO UPDATE SET copies = ?3`

// TakeKit makes a session use copies of a kit, in place of those that it used before. A kit that does not exist is
// Invalid on kit, a number that nobody has Invalid on copies; copies that other sessions use at that time are Conflict, and
// so is a session that is cancelled or has ended.
func (c *Catalog) TakeKit(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, u KitUse) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := sessionToLead(tx, sessionID)
		if err != nil {
			return err
		}
		if err := takeKit(tx, actor, sessionID, u); err != nil {
			return err
		}
		return refuseHindered(tx, s)
	})
}

func takeKit(tx *sqlite.Tx, actor account.Actor, sessionID int64, u KitUse) error {
	t := typed{}
	if _, err := kitTx(tx, u.KitID); fault.KindOf(err) == fault.NotFound {
		t["kit"] = fault.Message{Key: "catalog.kit.choose"}
	} else if err != nil {
		return err
	}
	t.number("copies", u.Copies, 1, MaxCopies)
	if err := t.invalid(); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlTakeKit, sessionID, u.KitID, u.Copies); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "session.take_kit", record("session", sessionID), map[string]any{"kit": u.KitID, "copies": u.Copies})
}

const sqlLeaveKit = `DELETE FROM session_kits WHERE session_id = ? AND kit_id = ?`

// LeaveKit ends the use of a kit by a session. One that it does not use is left as it is.
func (c *Catalog) LeaveKit(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, kitID int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		if _, err := sessionToLead(tx, sessionID); err != nil {
			return err
		}
		res, err := tx.Exec(sqlLeaveKit, sessionID, kitID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return audit.Add(tx, actor.String(), "session.leave_kit", record("session", sessionID), map[string]any{"kit": kitID})
	})
}

// copiesFree returns how many copies of a kit no session uses at any moment from from to to; never negative.
func copiesFree(tx *sqlite.Tx, k Kit, from, to time.Time) (int, error) {
	used, err := kitUses(tx, sqlHinderedKit, k.ID, 0, sqlite.Time(from), sqlite.Time(to))
	if err != nil {
		return 0, err
	}
	return max(0, k.Copies-busiest(used, from, to)), nil
}
