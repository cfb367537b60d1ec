package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Different are two records of which the team said that they are of two people.
type Different struct {
	One, Other Found // the older record first; the same one for two children of one guardian
	By         string
	At         time.Time // UTC
}

const (
	sqlSayDifferent = `INSERT OR IGNORE INTO different_families (guardian_id, other_id, said_at, said_by) VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4)`
	sqlTakeBack     = `DELETE FROM different_families WHERE guardian_id = min(?1, ?2) AND other_id = max(?1, ?2)`
	sqlDifferent    = `
SELECT d.guardian_id, d.other_id, u.name, d.said_at FROM different_families d JOIN users u ON u.id = d.said_by ORDER BY d.said_at DESC, d.guardian_id, d.other_id LIMIT ?`
	sqlDifferentPairs  = `SELECT guardian_id, other_id FROM different_families`
	sqlForgetDifferent = `DELETE FROM different_families WHERE ?1 IN (guardian_id, other_id)`
	sqlKeepDifferent   = `
INSERT OR IGNORE INTO different_families (guardian_id, other_id, said_at, said_by)
SELECT min(other, ?2), max(other, ?2), said_at, said_by
  FROM (SELECT iif(guardian_id = ?1, other_id, guardian_id) AS other, said_at, said_by FROM different_families WHERE ?1 IN (guardian_id, other_id)) WHERE other <> ?2`
)

// SayDifferent notes that two records which look alike are of two people, or, of the same guardian twice, that two children of the same name are two: Suspects shows
// them no more. Only the ids are kept, until either is erased; twice is the same as once.
//
// Forbidden to all but staff; NotFound for who is unknown or was erased, and for a guardian without two such children.
func (s *Service) SayDifferent(ctx context.Context, actor account.Actor, key account.FormKey, one, other int64) error {
	return s.different(ctx, actor, key, "family.different", one, other, func(tx *sqlite.Tx) error {
		if one == other {
			pairs, _, err := likely(tx, one)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(pairs, func(p likelyPair) bool { return p.a == one && p.b == one }) {
				return fault.New(fault.NotFound, "error.not_found")
			}
		}
		_, err := tx.Exec(sqlSayDifferent, one, other, sqlite.Time(tx.Now()), actor.MemberID())
		return err
	})
}

// TakeDifferentBack ends what SayDifferent noted. Errors as SayDifferent.
func (s *Service) TakeDifferentBack(ctx context.Context, actor account.Actor, key account.FormKey, one, other int64) error {
	return s.different(ctx, actor, key, "family.alike", one, other, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlTakeBack, one, other)
		return err
	})
}

func (s *Service) different(ctx context.Context, actor account.Actor, key account.FormKey, action string, one, other int64, note func(*sqlite.Tx) error) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			for _, id := range []int64{one, other} {
				if _, err := deskFamily(tx, id); err != nil {
					return "", err
				}
			}
			if err := note(tx); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), action, record("guardian", min(one, other)), map[string]any{"other": max(one, other)})
		})
		return err
	})
}

// Different returns the records of which the team said that they are of two people, the latest first and at most 50. Forbidden to all but staff.
func (s *Service) Different(ctx context.Context, actor account.Actor) (list []Different, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = different(tx)
		return err
	})
	return list, err
}

func different(tx *sqlite.Tx) (list []Different, err error) {
	rows, err := tx.Query(sqlDifferent, mostSuspects)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids [][]int64
	for rows.Next() {
		var one, other int64
		var d Different
		var at string
		if err := rows.Scan(&one, &other, &d.By, &at); err != nil {
			return nil, err
		}
		if d.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		list, ids = append(list, d), append(ids, []int64{one, other})
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		two, err := found(tx, ids[i])
		if err != nil {
			return nil, err
		}
		list[i].One, list[i].Other = two[0], two[1]
	}
	return list, nil
}

// keepDifferent keeps what was said of a record that becomes one with another, and drops it of the one that goes.
func keepDifferent(tx *sqlite.Tx, from, into int64) error {
	if _, err := tx.Exec(sqlKeepDifferent, from, into); err != nil {
		return err
	}
	_, err := tx.Exec(sqlForgetDifferent, from)
	return err
}

// undecided leaves out the pairs of which the team said that they are of two people. What was said of a record of an address holds for the later ones of that
// address, too: a guest who books again is a new record.
func (k knownGuardians) undecided(tx *sqlite.Tx, pairs []likelyPair) ([]likelyPair, error) {
	rows, err := tx.Query(sqlDifferentPairs)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	exactly, byAddress := map[[2]int64]bool{}, map[[2]int64]bool{}
	for rows.Next() {
		var p likelyPair
		if err := rows.Scan(&p.a, &p.b); err != nil {
			return nil, err
		}
		exactly[[2]int64{p.a, p.b}] = true
		byAddress[k.addresses(p)] = true
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(pairs, func(p likelyPair) bool {
		of := k.addresses(p)
		return exactly[[2]int64{p.a, p.b}] || of[0] != of[1] && byAddress[of]
	}), nil
}

// onePerAddress leaves, of all pairs between the records of two addresses or of one, the likest.
func (k knownGuardians) onePerAddress(pairs []likelyPair) []likelyPair {
	named := map[[2]int64]bool{}
	return slices.DeleteFunc(pairs, func(p likelyPair) bool {
		of := k.addresses(p)
		again := p.a != p.b && named[of]
		named[of] = named[of] || p.a != p.b
		return again
	})
}

// addresses are the oldest records of the addresses of a pair, the older one first.
func (k knownGuardians) addresses(p likelyPair) [2]int64 {
	a, b := k.oldest[p.a], k.oldest[p.b]
	return [2]int64{min(a, b), max(a, b)}
}
