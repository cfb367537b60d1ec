package booking

import (
	"cmp"
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Likeness is why two records may be one, by what they have in common.
type Likeness string

// The likenesses, the strongest first.
const (
	SameChild Likeness = "child" // a child of the same name and birth date
	SameEmail Likeness = "email"
	SamePhone Likeness = "phone"
	NearChild Likeness = "near" // a child of nearly the same name, born on the same day
)

// Suspect are two records of guardians that may be one, or two records of one guardian's child where both are the same.
type Suspect struct {
	Into, From Found // Into is the one whose mailbox is proved, or the older one
	Why        []Likeness
}

// mostSuspects is how many are shown at once.
const mostSuspects = 50

// mostSharing is how many records may have a phone in common and still tell anything of who they are: the number of a home or of a helper stands in many.
// So many records of one address, each a booking of a guest, are likened to the oldest of them alone.
const mostSharing = 5

const sqlSuspectGuardians = `SELECT id, email_folded, phone, proved_at IS NOT NULL FROM guardians WHERE name <> '' ORDER BY id`

const sqlSuspectChildren = `
SELECT x.guardian_id, c.id, c.name_folded, c.birth_date FROM guardianships x JOIN children c ON c.id = x.child_id WHERE c.name_folded <> '' ORDER BY c.id, x.guardian_id`

// Suspects returns the records that may be two of one family, the likest first and at most 50, and whether there are more; of one guardian alone unless guardianID
// is 0. Two guardians of one child who share a phone are two people, and so are those of whom the team said so (SayDifferent). Each booking of a guest is a record
// until its address is proved: of all records of one address the whole list names one pair, with themselves and with any other family. Forbidden to all but staff.
func (s *Service) Suspects(ctx context.Context, actor account.Actor, guardianID int64) (list []Suspect, more bool, err error) {
	if !actor.CanManage() {
		return nil, false, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		pairs, known, err := likely(tx, guardianID)
		if err != nil {
			return err
		}
		if pairs, err = known.undecided(tx, pairs); err != nil {
			return err
		}
		if guardianID == 0 {
			pairs = known.onePerAddress(pairs)
		}
		more = len(pairs) > mostSuspects
		list = nil
		for _, p := range pairs[:min(len(pairs), mostSuspects)] {
			into, from := p.a, p.b
			if known.proved[from] && !known.proved[into] {
				into, from = from, into
			}
			two, err := found(tx, []int64{into, from})
			if err != nil {
				return err
			}
			list = append(list, Suspect{Into: two[0], From: two[1], Why: p.why})
		}
		return nil
	})
	return list, more, err
}

// likelyPair are two guardians, the older row first; the same one twice where a child of theirs may have two records.
type likelyPair struct {
	a, b int64
	why  []Likeness
}

type suspectChild struct {
	id        int64
	name      string
	guardians []int64
}

// knownGuardians are who may be in a pair: whose mailbox is proved, and the oldest record of the address of each.
type knownGuardians struct {
	proved map[int64]bool
	oldest map[int64]int64
}

// likely finds them: of one guardian alone, if only is not 0.
func likely(tx *sqlite.Tx, only int64) (pairs []likelyPair, known knownGuardians, err error) {
	byEmail, byPhone := map[string][]int64{}, map[string][]int64{}
	known = knownGuardians{proved: map[int64]bool{}, oldest: map[int64]int64{}}
	rows, err := tx.Query(sqlSuspectGuardians)
	if err != nil {
		return nil, known, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var email, phone string
		var proved bool
		if err := rows.Scan(&id, &email, &phone, &proved); err != nil {
			return nil, known, err
		}
		known.proved[id], known.oldest[id] = proved, id
		if email != "" {
			byEmail[email] = append(byEmail[email], id)
			known.oldest[id] = byEmail[email][0]
		}
		if digits := phoneDigits(phone); len(digits) >= 8 {
			byPhone[digits] = append(byPhone[digits], id)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, known, err
	}
	born, together, err := suspectChildren(tx)
	if err != nil {
		return nil, known, err
	}
	why := map[[2]int64][]Likeness{}
	add := func(a, b int64, l Likeness) {
		if only != 0 && a != only && b != only {
			return
		}
		key := [2]int64{min(a, b), max(a, b)}
		if !slices.Contains(why[key], l) {
			why[key] = append(why[key], l)
		}
	}
	for _, children := range born {
		alike(children, only, add)
	}
	for l, groups := range map[Likeness]map[string][]int64{SameEmail: byEmail, SamePhone: byPhone} {
		for _, ids := range groups {
			olders := ids
			if len(ids) > mostSharing {
				olders = ids[:1]
				if l == SamePhone {
					continue
				}
			}
			for i, a := range olders {
				for _, b := range ids[i+1:] {
					if l == SameEmail || !together[[2]int64{a, b}] {
						add(a, b, l)
					}
				}
			}
		}
	}
	for key, reasons := range why {
		slices.SortFunc(reasons, func(a, b Likeness) int { return strength(a) - strength(b) })
		pairs = append(pairs, likelyPair{key[0], key[1], reasons})
	}
	slices.SortFunc(pairs, func(p, q likelyPair) int {
		return cmp.Or(strength(p.why[0])-strength(q.why[0]), len(q.why)-len(p.why), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	return pairs, known, nil
}

func strength(l Likeness) int {
	return slices.Index([]Likeness{SameChild, SameEmail, SamePhone, NearChild}, l)
}

// suspectChildren are the children by birth date, and the guardians who have a child in common, the older row first.
func suspectChildren(tx *sqlite.Tx) (born map[string][]suspectChild, together map[[2]int64]bool, err error) {
	born, together = map[string][]suspectChild{}, map[[2]int64]bool{}
	rows, err := tx.Query(sqlSuspectChildren)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var guardian, id int64
		var name, birth string
		if err := rows.Scan(&guardian, &id, &name, &birth); err != nil {
			return nil, nil, err
		}
		list := born[birth]
		if n := len(list); n > 0 && list[n-1].id == id {
			for _, other := range list[n-1].guardians {
				together[[2]int64{other, guardian}] = true
			}
			list[n-1].guardians = append(list[n-1].guardians, guardian)
			continue
		}
		born[birth] = append(list, suspectChild{id, name, []int64{guardian}})
	}
	return born, together, rows.Err()
}

// alike finds two records of one child among those born on one day. Twins have a guardian in common: of those only the same name counts.
func alike(children []suspectChild, only int64, add func(a, b int64, l Likeness)) {
	theirs := func(c suspectChild) bool { return only == 0 || slices.Contains(c.guardians, only) }
	for i, c := range children {
		for _, o := range children[i+1:] {
			if !theirs(c) && !theirs(o) { // names are dear to compare
				continue
			}
			same := c.name == o.name
			if !same && !family.NearlySame(c.name, o.name) {
				continue
			}
			at := slices.IndexFunc(c.guardians, func(g int64) bool { return slices.Contains(o.guardians, g) })
			switch {
			case same && at >= 0:
				add(c.guardians[at], c.guardians[at], SameChild)
			case same:
				add(c.guardians[0], o.guardians[0], SameChild)
			case at < 0:
				add(c.guardians[0], o.guardians[0], NearChild)
			}
		}
	}
}
