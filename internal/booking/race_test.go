package booking

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// post is the last POST of one form: Service.Book, or a broken variant of it.
type post func(ctx context.Context, key account.FormKey, r Request) (reference string, err error)

func (h *house) post(ctx context.Context, key account.FormKey, r Request) (string, error) {
	return h.Book(ctx, account.Guest(), key, r)
}

// rush lets parents send their forms for one session at the same instant, and returns the replies of each form. Who
// finds it full joins the list with the same form. Every tenth sends the form up to ten times at once; every
// seventh gives up at once and sends it again.
func (h *house) rush(session int64, parents int, send post) [][]reply {
	h.t.Helper()
	replies := make([][]reply, parents)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range parents {
		times := 1
		if i%10 == 0 {
			times = 2 + i/10%9
		}
		replies[i] = make([]reply, times)
		key, email := newKey(), fmt.Sprintf("parent.%d@exemple.fr", i)
		for n := range times {
			all.Go(func() {
				<-start
				if i%7 == 3 {
					h.giveUp(send, key, request(session, email, "Zoé"))
				}
				r := request(session, email, "Zoé")
				reference, err := send(h.t.Context(), key, r)
				if fault.Is(err, fault.Conflict, "booking.full") {
					r.IfFull = Wait
					reference, err = send(h.t.Context(), key, r)
				}
				replies[i][n] = reply{reference, err}
			})
		}
	}
	close(start)
	all.Wait()
	return replies
}

// giveUp sends a form over a connection that breaks meanwhile; nobody reads the answer.
func (h *house) giveUp(send post, key account.FormKey, r Request) {
	ctx, stop := context.WithCancel(h.t.Context())
	var line sync.WaitGroup
	line.Go(stop)
	_, _ = send(ctx, key, r)
	line.Wait()
}

// TestRush: however many ask at once, a session has exactly its seats and all others wait (REL-10, I1 to I9).
func TestRush(t *testing.T) {
	t.Parallel()
	for _, parents := range []int{40, 200} {
		t.Run(fmt.Sprintf("%d parents for 12 seats", parents), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(12)
			replies := h.rush(session, parents, h.post)
			for _, form := range replies {
				for _, r := range form {
					if r.err != nil {
						t.Errorf("a parent got %v", r.err)
					}
				}
			}
			for _, breach := range h.breaches(replies) {
				t.Error(breach)
			}
			for status, want := range map[string]int{"confirmed": 12, "waiting": parents - 12, "offered": 0} {
				if n := h.count(`SELECT count(*) FROM bookings WHERE session_id = ? AND status = ?`, session, status); n != want {
					t.Errorf("%d %s, want %d", n, status, want)
				}
			}
			last := h.group(h.text(`SELECT reference FROM booking_groups ORDER BY id DESC LIMIT 1`))
			if last.Rank() != parents-12 {
				t.Errorf("the last is %d. on the list, want %d.", last.Rank(), parents-12)
			}
		})
	}
}

// TestDoubleSubmit: one form sent 2 to 10 times at once, 500 forms, is one booking and one answer each (REL-10, I4).
func TestDoubleSubmit(t *testing.T) {
	t.Parallel()
	const forms, atOnce = 500, 50
	h := newHouse(t)
	session := h.session(500)
	replies := make([][]reply, forms)
	for first := 0; first < forms; first += atOnce {
		var all sync.WaitGroup
		for i := first; i < first+atOnce; i++ {
			key := newKey()
			replies[i] = make([]reply, 2+i%9)
			for n := range replies[i] {
				all.Go(func() {
					reference, err := h.post(t.Context(), key, request(session, fmt.Sprintf("parent.%d@exemple.fr", i), "李"))
					replies[i][n] = reply{reference, err}
				})
			}
		}
		all.Wait()
	}
	for i, form := range replies {
		for _, r := range form {
			if r.err != nil || r.reference != form[0].reference {
				t.Fatalf("form %d: %q, %v and %q, %v", i, form[0].reference, form[0].err, r.reference, r.err)
			}
		}
	}
	for _, breach := range h.breaches(replies) {
		t.Error(breach)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'confirmed'`); n != forms {
		t.Errorf("%d bookings, want %d", n, forms)
	}
}

// TestStorm: bookings, cancellations, answers to offers and expiries race; nothing is sold twice or left unsold.
func TestStorm(t *testing.T) {
	t.Parallel()
	wanted := []string{"accepted", "declined", "expired", "given"}
	for seed := range uint64(5) { // who is faster is chance: another storm, where one was too mild
		outcomes := storm(t, seed)
		if t.Log(outcomes); t.Failed() || !slices.ContainsFunc(wanted, func(outcome string) bool { return outcomes[outcome] == 0 }) {
			return
		}
	}
	t.Errorf("no storm had all of %v: they are too mild", wanted)
}

// storm is one of them; it returns how often offers ended in which way.
func storm(t *testing.T, seed uint64) map[string]int {
	t.Helper()
	h := newHouse(t)
	r := h.edition(12)
	r.Date = "2027-09-04"
	session := h.published(r)
	replies := h.rush(session, 40, h.post)

	var all sync.WaitGroup
	for worker := range uint64(8) {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, worker))
			for step := range 40 {
				err := h.act(dice, session, fmt.Sprintf("famille.%d.%d@exemple.fr", worker, step))
				if worker == 0 && step%5 == 4 { // time goes on for all, but in one hand
					err = errors.Join(err, h.nextDeadline())
				}
				if err != nil {
					t.Errorf("worker %d, step %d: %v", worker, step, err)
				}
			}
		})
	}
	all.Wait()
	for _, breach := range h.breaches(replies) {
		t.Error(breach)
	}
	outcomes := map[string]int{}
	for _, outcome := range []string{"accepted", "declined", "expired", "given"} {
		outcomes[outcome] = h.count(`SELECT count(*) FROM offers WHERE outcome = ?`, outcome)
	}
	return outcomes
}

const sqlAnyReference = `
SELECT bg.reference FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id
WHERE bg.session_id = ?1 AND b.status = ?2 ORDER BY b.id LIMIT 1 OFFSET ?3`

// act does one thing that a family may do; that somebody else was faster is no error.
func (h *house) act(dice *rand.Rand, session int64, email string) error {
	ctx, guest := h.t.Context(), account.Guest()
	pick := func(status string) Link {
		var reference string
		err := h.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			return tx.QueryRow(sqlAnyReference, session, status, dice.IntN(3)).Scan(&reference)
		})
		if err != nil {
			return Link{} // nobody: the link of nothing
		}
		if dice.IntN(2) == 0 {
			return h.mailed(reference)
		}
		return h.screen(reference)
	}
	var err error
	switch dice.IntN(7) {
	case 0:
		r := joining(session, email, "Łukasz")
		r.Unasked = true
		_, err = h.Book(ctx, guest, newKey(), r)
	case 1:
		_, err = h.Book(ctx, guest, newKey(), joining(session, email, "Zoé", "محمد"))
	case 2:
		_, err = h.Book(ctx, guest, newKey(), together(session, email, "李", "Nguyễn"))
	case 3, 4:
		err = h.Cancel(ctx, guest, newKey(), pick("confirmed"), nil, "")
	case 5:
		err = h.Accept(ctx, guest, newKey(), pick("offered"), nil)
	case 6:
		err = h.Decline(ctx, guest, newKey(), pick("offered"))
	}
	if err == nil || fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Gone {
		return nil
	}
	return err
}

// nextDeadline moves the clock to just after the next deadline and ends what is overdue.
func (h *house) nextDeadline() error {
	var text string
	err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT coalesce(min(expires_at), '') FROM offers WHERE outcome IS NULL`).Scan(&text)
	})
	if err != nil || text == "" {
		return err
	}
	next, err := sqlite.ParseTime(text)
	if err != nil {
		return err
	}
	h.clock.Set(next.Add(time.Second))
	_, err = h.ExpireOffers(h.t.Context())
	return err
}

// TestAuditorSeesBrokenVariants: the negative controls (REL-2). Each variant of Book breaks one rule of the
// transaction; the auditor must see it in the same rush within 10 rounds, else it could not see it in Book.
func TestAuditorSeesBrokenVariants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		variant func(h *house) post
		breach  string
	}{
		{"(a) check and insert in two transactions", checkThenInsert, "I1 sold too often"},
		{"(c) the message outside the transaction", messageAfterwards, "I9 changes and messages differ"},
		{"(d) no idempotency", noIdempotency, "I4 two bookings from one form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for round := range 10 {
				session := h.session(12)
				if seen := h.breaches(h.rush(session, 40, tt.variant(h))); strings.Contains(strings.Join(seen, "\n"), tt.breach) {
					t.Logf("round %d: %s", round+1, seen[0])
					return
				}
			}
			t.Errorf("ten rounds without %q", tt.breach)
		})
	}
}

// seats is the check of Book: how many of the children get a seat.
func (h *house) seats(tx *sqlite.Tx, r Request) (confirmed int, err error) {
	s, err := loadSession(tx, r.SessionID)
	if err != nil {
		return 0, err
	}
	open, err := openSeats(tx, s)
	if err != nil {
		return 0, err
	}
	return decide(s, []time.Time{r.Children[0].BirthDate}, open, r.IfFull, tx.Now())
}

// insert writes one child's booking without asking whether it may, and without its message.
func (h *house) insert(tx *sqlite.Tx, r Request, confirmed int) (reference string, err error) {
	reference = account.NewReference("ADA")
	guardianID, err := family.AddGuardian(tx, r.Guardian)
	if err != nil {
		return "", err
	}
	groupID, err := insertGroup(tx, newGroup{reference: reference, sessionID: r.SessionID, guardianID: guardianID})
	if err != nil {
		return "", err
	}
	childID, err := family.AddChild(tx, guardianID, r.Children[0])
	if err != nil {
		return "", err
	}
	status := "waiting"
	if confirmed > 0 {
		status = "confirmed"
	}
	if err := insertBooking(tx, groupID, r.SessionID, childID, status, nil); err != nil {
		return "", err
	}
	return reference, audit.Add(tx, "guest", "booking.book", record("session", r.SessionID), map[string]any{"reference": reference})
}

// tell adds the message of insert.
func (h *house) tell(tx *sqlite.Tx, r Request, reference string) error {
	return send(tx, outbox.BookingConfirmed, Group{GuardianEmail: r.Guardian.Email, language: "fr"}, outbox.Booking{Reference: reference})
}

func checkThenInsert(h *house) post {
	return func(ctx context.Context, key account.FormKey, r Request) (reference string, err error) {
		var confirmed int
		if err := h.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			confirmed, err = h.seats(tx, r)
			return err
		}); err != nil {
			return "", err
		}
		err = h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			reference, _, err = account.Once(tx, key, func() (string, error) {
				reference, err := h.insert(tx, r, confirmed)
				if err != nil {
					return "", err
				}
				return reference, h.tell(tx, r, reference)
			})
			return err
		})
		return reference, err
	}
}

// messageAfterwards loses every fifth connection between the booking and its message.
func messageAfterwards(h *house) post {
	var bookings atomic.Int64
	return func(ctx context.Context, key account.FormKey, r Request) (reference string, err error) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		var repeated bool
		if err := h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			reference, repeated, err = account.Once(tx, key, func() (string, error) {
				confirmed, err := h.seats(tx, r)
				if err != nil {
					return "", err
				}
				return h.insert(tx, r, confirmed)
			})
			return err
		}); err != nil || repeated {
			return reference, err
		}
		if bookings.Add(1)%5 == 0 {
			stop()
		}
		return reference, h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return h.tell(tx, r, reference) })
	}
}

func noIdempotency(h *house) post {
	return func(ctx context.Context, _ account.FormKey, r Request) (reference string, err error) {
		err = h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			confirmed, err := h.seats(tx, r)
			if err != nil {
				return err
			}
			if reference, err = h.insert(tx, r, confirmed); err != nil {
				return err
			}
			return h.tell(tx, r, reference)
		})
		return reference, err
	}
}
