package school

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Ratings are the answers to how it went, the best first. Their names on screen are the texts school.rating.VALUE.
func Ratings() []int { return []int{4, 3, 2, 1} }

// Feedback is what the teacher said afterwards.
type Feedback struct {
	Rating  int // one of Ratings
	Comment string
	At      time.Time // UTC; zero: nothing was said
}

const (
	sqlAddFeedback = `INSERT INTO feedbacks (request_id, rating, comment, given_at) VALUES (?, ?, ?, ?)`
	sqlFeedback    = `SELECT rating, comment, given_at FROM feedbacks WHERE request_id = ?`
)

// feedbackTx returns what was said about a request; the zero Feedback when nothing was.
func feedbackTx(tx *sqlite.Tx, requestID int64) (f Feedback, err error) {
	var at string
	err = tx.QueryRow(sqlFeedback, requestID).Scan(&f.Rating, &f.Comment, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Feedback{}, nil
	}
	if err != nil {
		return Feedback{}, err
	}
	f.At, err = sqlite.ParseTime(at)
	return f, err
}

// TakesFeedback reports whether the workshops are over, so that one can say how they went.
func (s State) TakesFeedback() bool { return s == Done || s == Closed }

// GiveFeedback keeps the answers of the contact whose link it is and tells the team. They are given once: a second time is
// Conflict "school.feedback_given". Before the workshops took place it is "school.feedback_early". What is wrong is Invalid
// on rating or on comment; a wrong link is NotFound.
func (s *Service) GiveFeedback(ctx context.Context, key account.FormKey, link Link, rating int, comment string) error {
	return s.byContact(ctx, key, link, func(tx *sqlite.Tx, r Request) error {
		given, err := feedbackTx(tx, r.ID)
		switch {
		case err != nil:
			return err
		case !r.State.TakesFeedback():
			return fault.New(fault.Conflict, "school.feedback_early")
		case !given.At.IsZero():
			return fault.New(fault.Conflict, "school.feedback_given")
		}
		wrong := typed{}
		wrong.text("comment", &comment)
		if rating < 1 || rating > len(Ratings()) {
			wrong.wrong("rating", "school.rating_missing")
		}
		if err := wrong.invalid(); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlAddFeedback, r.ID, rating, comment, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if err := addEvent(tx, account.Guest(), ByContact, r.ID, "feedback", ""); err != nil {
			return err
		}
		if err := audit.Add(tx, account.Guest().String(), "request.feedback", record("request", r.ID), map[string]any{"rating": rating}); err != nil {
			return err
		}
		m := letter(r)
		m.News, m.Reason = "feedback", comment
		return tellTeam(tx, r, outbox.RequestNews, m)
	})
}
