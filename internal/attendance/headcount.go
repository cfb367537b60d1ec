package attendance

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	// MaxLevels is how many levels a headcount may tell apart.
	MaxLevels = 6
	// longestLevel is how long the name of a level may be, in signs.
	longestLevel = 40
	// largestCount is the greatest number of children of a session.
	largestCount = 500
)

// Gender is what a headcount tells apart, and only in figures.
type Gender string

// The genders, in the order of the form.
const (
	Girl   Gender = "girl"
	Boy    Gender = "boy"
	Other  Gender = "other"
	Unsaid Gender = "unsaid"
)

// Genders lists them in that order.
func Genders() []Gender { return []Gender{Girl, Boy, Other, Unsaid} }

// Headcount is how many children of one level came.
type Headcount struct {
	Level    string
	Children map[Gender]int
}

// Total is how many came of the level.
func (h Headcount) Total() (n int) {
	for _, children := range h.Children {
		n += children
	}
	return n
}

// Count is the headcount of a private session.
type Count struct {
	Session catalog.Session
	Group   Group
	Levels  []Headcount // none before the first count
	// Pupils is how long the class list is, and Came how many of it came, by the register.
	Pupils, Came int
	// Open is true while the headcount can be written: from the start of the session until its request is done.
	Open bool
}

// Total is how many children came.
func (c Count) Total() (n int) {
	for _, level := range c.Levels {
		n += level.Total()
	}
	return n
}

// Counted returns the headcount of a private session, for who leads it and for staff; NotFound and Forbidden as for a
// class list.
func (s *Service) Counted(ctx context.Context, actor account.Actor, sessionID int64) (c Count, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		c, err = counted(tx, actor, sessionID)
		return err
	})
	return c, err
}

const sqlHeadcounts = `
SELECT level, gender, children FROM headcounts WHERE session_id = ? ORDER BY level, gender`

const sqlPupilIDs = `
SELECT coalesce(p.id, 0) FROM pupils u LEFT JOIN participants p ON p.pupil_id = u.id WHERE u.session_id = ?`

func counted(tx *sqlite.Tx, actor account.Actor, sessionID int64) (c Count, err error) {
	if c.Group, err = reachGroup(tx, ForTeam(actor), sessionID); err != nil {
		return Count{}, err
	}
	if c.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
		return Count{}, err
	}
	c.Open = c.open(tx.Now()) == nil
	if c.Levels, err = headcounts(tx, sessionID); err != nil {
		return Count{}, err
	}
	journals, err := journals(tx, sessionID)
	if err != nil {
		return Count{}, err
	}
	rows, err := tx.Query(sqlPupilIDs, sessionID)
	if err != nil {
		return Count{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var participant int64
		if err := rows.Scan(&participant); err != nil {
			return Count{}, err
		}
		c.Pupils++
		if Fold(journals[participant]).Action.Came() {
			c.Came++
		}
	}
	return c, rows.Err()
}

func headcounts(tx *sqlite.Tx, sessionID int64) ([]Headcount, error) {
	rows, err := tx.Query(sqlHeadcounts, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var levels []Headcount
	for rows.Next() {
		var level string
		var gender Gender
		var children int
		if err := rows.Scan(&level, &gender, &children); err != nil {
			return nil, err
		}
		if len(levels) == 0 || levels[len(levels)-1].Level != level {
			levels = append(levels, Headcount{Level: level, Children: map[Gender]int{}})
		}
		levels[len(levels)-1].Children[gender] = children
	}
	return levels, rows.Err()
}

// open refuses a count that cannot be written, and says why.
func (c Count) open(now time.Time) error {
	switch {
	case c.Session.Status == catalog.Cancelled:
		return fault.New(fault.Conflict, "attendance.error.session_cancelled")
	case c.Group.over:
		return fault.New(fault.Conflict, "class.error.counted")
	case now.Before(c.Session.StartsAt):
		return fault.New(fault.Conflict, "class.error.not_started")
	}
	return nil
}

const (
	sqlDropHeadcounts = `DELETE FROM headcounts WHERE session_id = ?`
	sqlAddHeadcount   = `INSERT INTO headcounts (session_id, level, gender, children, recorded_at) VALUES (?, ?, ?, ?, ?)`
)

// Count writes how many children came to a private session, in place of the count before. Invalid, by field (see
// LevelField and CountField), for a level without name or twice, and for what is no number of children; for nobody at
// all too. Conflict where Count.Open is false. Who may is as for Counted.
func (s *Service) Count(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, levels []Headcount) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err := counted(tx, actor, sessionID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if err := c.open(tx.Now()); err != nil {
				return "", err
			}
			if err := checkLevels(levels); err != nil {
				return "", err
			}
			return "", writeLevels(tx, actor, sessionID, levels)
		})
		return err
	})
}

// LevelField and CountField name the fields of the nth level, from 1, as the messages of Count do.
func LevelField(n int) string { return "niveau_" + strconv.Itoa(n) }

// CountField names the number of children of a gender.
func CountField(n int, gender Gender) string { return string(gender) + "_" + strconv.Itoa(n) }

// checkLevels is the rule of what can be counted.
func checkLevels(levels []Headcount) error {
	wrong := map[string]fault.Message{}
	seen := map[string]bool{}
	total, numbers := 0, true
	for i, h := range levels {
		level := strings.Join(strings.Fields(h.Level), " ")
		switch {
		case level == "":
			wrong[LevelField(i+1)] = fault.Message{Key: "class.error.level"}
		case utf8.RuneCountInString(level) > longestLevel:
			wrong[LevelField(i+1)] = fault.Message{Key: "class.error.level_long", Args: []any{longestLevel}}
		case seen[level]:
			wrong[LevelField(i+1)] = fault.Message{Key: "class.error.level_twice"}
		}
		seen[level] = true
		for _, gender := range Genders() {
			n := h.Children[gender]
			if n < 0 || n > largestCount {
				wrong[CountField(i+1, gender)] = fault.Message{Key: "class.error.number", Args: []any{largestCount}}
				numbers = false
			}
			total += n
		}
	}
	switch {
	case numbers && total == 0:
		wrong[CountField(1, Girl)] = fault.Message{Key: "class.error.nobody"}
	case numbers && total > largestCount:
		wrong[CountField(1, Girl)] = fault.Message{Key: "class.error.number", Args: []any{largestCount}}
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

func writeLevels(tx *sqlite.Tx, actor account.Actor, sessionID int64, levels []Headcount) error {
	if _, err := tx.Exec(sqlDropHeadcounts, sessionID); err != nil {
		return err
	}
	total := 0
	for _, h := range levels {
		level := strings.Join(strings.Fields(h.Level), " ")
		for _, gender := range Genders() {
			total += h.Children[gender]
			if _, err := tx.Exec(sqlAddHeadcount, sessionID, level, string(gender), h.Children[gender], sqlite.Time(tx.Now())); err != nil {
				return err
			}
		}
	}
	return audit.Add(tx, actor.String(), "session.count", record("session", sessionID), map[string]any{"levels": len(levels), "children": total})
}
