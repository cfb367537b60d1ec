package school

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// InboxPage is how many requests a page of the inbox holds.
const InboxPage = 50

// Of says whose requests are listed.
type Of string

// The answers to whose.
const (
	OfAll    Of = ""
	OfMe     Of = "me"
	OfNobody Of = "nobody"
)

// InboxFilter is what the inbox shows. The zero value is every request that goes on.
type InboxFilter struct {
	// State is one state, or empty for every one that is not over.
	State State
	Of    Of
	// Search are beginnings of words of the organisation, its city, the contact or the reference.
	Search string
	Page   int // from 1
}

// Check returns fault.Invalid by field where the filter names what does not exist.
func (f InboxFilter) Check() error {
	wrong := typed{}
	if f.State != "" && !slices.Contains(States(), f.State) {
		wrong.wrong("state", "school.inbox.state_unknown")
	}
	if f.Of != OfAll && f.Of != OfMe && f.Of != OfNobody {
		wrong.wrong("of", "school.inbox.of_unknown")
	}
	return wrong.invalid()
}

// InboxLine is a request in a list.
type InboxLine struct {
	ID           int64
	Reference    string
	Organisation string
	City         string
	Asked        string
	Children     int
	Level        string
	State        State
	StateSince   time.Time
	WaitingSince time.Time // zero: the team owes nothing
	AssignedTo   int64
	Assignee     string // empty: nobody yet
	NextAction   string
	NextActionOn string // a day; empty: none
	// First is the start of the first private session; zero without one.
	First time.Time

	search string
}

// Inbox is one page of the requests that a filter lets through.
type Inbox struct {
	Lines       []InboxLine
	Total       int
	Page, Pages int
}

// What waits longest on the team comes first, then what has been planned, then the rest, the oldest state first.
const sqlLines = `
SELECT r.id, r.reference, o.name, o.city, coalesce(w.title || iif(w.level = '', '', ' – ' || w.level), r.wish), r.children, r.level, r.state,
       r.state_since, coalesce(r.waiting_since, ''), coalesce(r.assigned_to, 0), coalesce(u.name, ''), r.next_action, coalesce(r.next_action_on, ''),
       coalesce((SELECT min(s.starts_at) FROM sessions s WHERE s.request_id = r.id AND s.status <> 'cancelled'), ''), r.contact_name
  FROM group_requests r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN workshops w ON w.id = r.workshop_id
  LEFT JOIN users u ON u.id = r.assigned_to
 WHERE (r.state = ?1 OR ?1 = '' AND r.state NOT IN ('closed', 'declined', 'withdrawn'))
   AND (?2 = '' OR ?2 = 'me' AND r.assigned_to = ?3 OR ?2 = 'nobody' AND r.assigned_to IS NULL)
 ORDER BY r.waiting_since IS NULL, r.waiting_since, r.next_action_on IS NULL, r.next_action_on, r.state_since, r.id`

// Inbox returns the requests that f lets through, what waits longest on the team first. Forbidden for who has no desk; for f
// see InboxFilter.Check.
func (s *Service) Inbox(ctx context.Context, actor account.Actor, f InboxFilter) (inbox Inbox, err error) {
	if err := mayRead(actor); err != nil {
		return Inbox{}, err
	}
	if err := f.Check(); err != nil {
		return Inbox{}, err
	}
	lines, err := s.lines(ctx, f.State, f.Of, actor.ID)
	if err != nil {
		return Inbox{}, err
	}
	wanted := strings.Fields(plain(f.Search))
	lines = slices.DeleteFunc(lines, func(l InboxLine) bool { return !l.matches(wanted) })
	inbox = Inbox{Total: len(lines), Pages: max(1, (len(lines)+InboxPage-1)/InboxPage)}
	inbox.Page = min(max(f.Page, 1), inbox.Pages)
	from := (inbox.Page - 1) * InboxPage
	inbox.Lines = lines[from:min(from+InboxPage, len(lines))]
	return inbox, nil
}

// lines reads requests as lists show them, in the order of the inbox. Their words are searched here and not in SQL, which
// folds no accent: a line is short, and a collective has hundreds.
func (s *Service) lines(ctx context.Context, state State, of Of, user int64) (all []InboxLine, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlLines, string(state), string(of), user)
		if err != nil {
			return err
		}
		defer rows.Close()
		all = nil
		for rows.Next() {
			l, err := scanInboxLine(rows.Scan)
			if err != nil {
				return err
			}
			all = append(all, l)
		}
		return rows.Err()
	})
	return all, err
}

func scanInboxLine(scan func(...any) error) (l InboxLine, err error) {
	var since, waiting, first, contact string
	if err := scan(&l.ID, &l.Reference, &l.Organisation, &l.City, &l.Asked, &l.Children, &l.Level, &l.State, &since, &waiting,
		&l.AssignedTo, &l.Assignee, &l.NextAction, &l.NextActionOn, &first, &contact); err != nil {
		return InboxLine{}, err
	}
	for _, at := range []struct {
		text string
		to   *time.Time
	}{{since, &l.StateSince}, {waiting, &l.WaitingSince}, {first, &l.First}} {
		if at.text == "" {
			continue
		}
		if *at.to, err = sqlite.ParseTime(at.text); err != nil {
			return InboxLine{}, err
		}
	}
	l.search = " " + plain(strings.Join([]string{l.Organisation, l.City, contact, l.Reference}, " "))
	return l, nil
}

// matches reports whether each of these is the beginning of a word of l.
func (l InboxLine) matches(wanted []string) bool {
	for _, word := range wanted {
		if !strings.Contains(l.search, " "+word) {
			return false
		}
	}
	return true
}

// plain is words without accents.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(words(s)))
}

// Column is one state of the board.
type Column struct {
	State State
	Lines []InboxLine
	Total int // of which Lines shows the first
}

// columnLines is how many requests a column of the board shows; the inbox has them all.
const columnLines = 20

// Board returns the requests that go on, by state, each in the order of the inbox. Forbidden for who has no desk.
func (s *Service) Board(ctx context.Context, actor account.Actor) ([]Column, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, "", OfAll, actor.ID)
	if err != nil {
		return nil, err
	}
	var columns []Column
	for _, state := range States() {
		if state.IsOver() {
			continue
		}
		column := Column{State: state}
		for _, l := range lines {
			if l.State != state {
				continue
			}
			if column.Total++; column.Total <= columnLines {
				column.Lines = append(column.Lines, l)
			}
		}
		columns = append(columns, column)
	}
	return columns, nil
}

// Owed is what the team has to do about requests.
type Owed struct {
	Waiting    int // the team owes the next step
	Unassigned int // of these, nobody looks after
	Due        int // a next action was planned for today or earlier
}

const sqlOwed = `
SELECT count(*) FILTER (WHERE waiting_since IS NOT NULL), count(*) FILTER (WHERE waiting_since IS NOT NULL AND assigned_to IS NULL),
       count(*) FILTER (WHERE next_action_on <= ?1)
  FROM group_requests WHERE state NOT IN ('closed', 'declined', 'withdrawn')`

// Owed counts what waits on the team. Forbidden for who has no desk.
func (s *Service) Owed(ctx context.Context, actor account.Actor) (o Owed, err error) {
	if err := mayRead(actor); err != nil {
		return Owed{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		day, err := today(tx)
		if err != nil {
			return err
		}
		return tx.QueryRow(sqlOwed, day.Format(time.DateOnly)).Scan(&o.Waiting, &o.Unassigned, &o.Due)
	})
	return o, err
}

// Colleague is somebody who may look after requests.
type Colleague struct {
	ID   int64
	Name string
}

const sqlColleagues = `SELECT id, name FROM users WHERE role IN ('staff', 'admin') AND disabled_at IS NULL ORDER BY name, id`

// Colleagues lists those who may look after requests. Forbidden for who has no desk.
func (s *Service) Colleagues(ctx context.Context, actor account.Actor) (all []Colleague, err error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlColleagues)
		if err != nil {
			return err
		}
		defer rows.Close()
		all = nil
		for rows.Next() {
			var c Colleague
			if err := rows.Scan(&c.ID, &c.Name); err != nil {
				return err
			}
			all = append(all, c)
		}
		return rows.Err()
	})
	return all, err
}
