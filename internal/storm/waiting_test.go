package storm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	childfamily "github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	cancels   = 12  // families with a seat, who all give it up
	offered   = 6   // families with an offer that runs out at the same instant
	waiting   = 40  // families on the list behind them
	newcomers = 100 // parents who confirm meanwhile
	promoters = 10  // workers that pass seats on, beside that of the server
)

// waitingRounds is how often everything happens at once.
func waitingRounds() int {
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		return 50
	}
	return 4
}

// TestWaitingListRace: seats are given up, offers run out and are accepted, ten workers of another process pass seats on, and
// newcomers book, all at the same instant, against the real server (REL-12; I1, I2, I7; Waiting list 1, 5, 6).
func TestWaitingListRace(t *testing.T) {
	w := newWorld(t)
	server := serve(t, w.dir, "smtp://127.0.0.1:1")
	accepted := 0
	for round := range waitingRounds() {
		r := &waitingRace{world: w, addr: server.addr, client: newClient(), session: w.session(fmt.Sprintf("Robotique %d", round), cancels+offered)}
		r.prepare()
		r.run()
		r.judge()
		r.client.CloseIdleConnections()
		accepted += w.number(`SELECT count(*) FROM offers o JOIN bookings b ON b.id = o.booking_id WHERE b.session_id = ? AND o.outcome = 'accepted'`, r.session)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
	w.verify()
	if accepted == 0 {
		t.Error("nobody accepted in time: the race is too mild")
	}
	t.Logf("%d accepted, %d ran out", accepted, w.number(`SELECT count(*) FROM offers WHERE outcome = 'expired'`))
}

// waitingRace is one round.
type waitingRace struct {
	*world
	addr    string
	client  *http.Client
	session int64
	seated  []string // references
	listed  []string
	late    []family
}

// prepare fills the session, makes offers that are just running out, and lets parents come to the last screen.
func (r *waitingRace) prepare() {
	r.t.Helper()
	for range cancels + offered {
		r.seated = append(r.seated, r.books())
	}
	for range offered + waiting {
		r.listed = append(r.listed, r.books())
	}
	for _, reference := range r.seated[cancels:] {
		if err := r.bookings.Cancel(r.t.Context(), account.Guest(), r.key(), r.link(reference), nil); err != nil {
			r.t.Fatal(err)
		}
	}
	r.seated = r.seated[:cancels]
	for range newcomers {
		r.late = append(r.late, r.family(r.session))
	}
	const runOut = `UPDATE offers SET expires_at = ? WHERE outcome IS NULL AND booking_id IN (SELECT id FROM bookings WHERE session_id = ?)`
	if err := r.db.Write(r.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(runOut, sqlite.Time(tx.Now()), r.session)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
}

// books books a child of a new family, or puts it on the list.
func (r *waitingRace) books() (reference string) {
	r.t.Helper()
	r.families++
	reference, err := r.bookings.Book(r.t.Context(), account.Guest(), r.key(), booking.Request{
		SessionID: r.session, IfFull: booking.Wait,
		Guardian: childfamily.NewGuardian{Name: "Nguyễn", Email: fmt.Sprintf("famille%d@exemple.fr", r.families), Phone: "06 12 34 56 78", Language: "fr"},
		Children: []childfamily.NewChild{{FirstName: "Łukasz", LastName: "D'Artagnan-N'Guyen", BirthDate: time.Now().UTC().Truncate(24*time.Hour).AddDate(-9, 0, 0),
			Health: childfamily.Health{State: childfamily.HealthNone}, Image: childfamily.Later}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return reference
}

func (r *waitingRace) link(reference string) booking.Link {
	return r.bookings.Sign(booking.LinkScreen, reference, 1)
}

// run lets everything happen at once.
func (r *waitingRace) run() {
	start := make(chan struct{})
	var all, clicks sync.WaitGroup
	at := func(group *sync.WaitGroup, do func()) { group.Go(func() { <-start; do() }) }
	for _, reference := range r.seated {
		for range 2 { // cancelling twice frees one seat
			at(&clicks, func() { r.click(reference, "annuler", http.StatusSeeOther) })
		}
	}
	for _, reference := range r.listed {
		for range 2 { // accepting twice gives one seat
			at(&clicks, func() { r.click(reference, "accepter", http.StatusSeeOther, http.StatusGone) })
		}
	}
	var addr atomic.Value
	addr.Store(r.addr)
	for i, f := range r.late {
		at(&clicks, func() {
			if a := rush(r.client, &addr, f, i%10 == 0); a.err != nil {
				r.t.Errorf("newcomer %d: %v", i, a.err)
			}
		})
	}
	done := make(chan struct{})
	for range promoters {
		at(&all, func() {
			for {
				if _, err := r.bookings.ExpireOffers(context.Background()); err != nil {
					r.t.Errorf("promoter: %v", err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	close(start)
	clicks.Wait()
	close(done)
	all.Wait()
}

// click sends a form of its own from the page of a booking.
func (r *waitingRace) click(reference, what string, want ...int) {
	link := r.link(reference)
	f := family{path: "/inscriptions/" + link.Reference + "/" + link.Signature + "/" + what}
	status, _, err := confirm(r.client, r.addr, f, url.Values{"form_key": {r.secret.FormKey("booking", "", time.Now())}, "all": {"1"}})
	if err != nil {
		r.t.Errorf("%s: %v", what, err)
		return
	}
	for _, s := range want {
		if status == s {
			return
		}
	}
	r.t.Errorf("%s: status %d, want one of %v", what, status, want)
}

// judge compares what is there with what the rules leave.
func (r *waitingRace) judge() {
	r.t.Helper()
	first := r.number(`SELECT min(b.id) FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
		WHERE b.session_id = ? AND p.email LIKE 'parent%'`, r.session)
	const offers = `SELECT count(*) FROM offers o JOIN bookings b ON b.id = o.booking_id WHERE b.session_id = ?`
	expired := r.number(offers+` AND o.outcome = 'expired'`, r.session)
	for _, c := range []struct {
		what, query string
		want        int
	}{
		{"seats taken", `SELECT count(*) FROM bookings WHERE session_id = ? AND status IN ('confirmed', 'offered')`, cancels + offered},
		{"cancelled", `SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'cancelled'`, cancels + offered},
		{"waiting", `SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'waiting'`, offered + waiting + newcomers - cancels - offered},
		{"offers, one for each seat given up and each offer that ran out", offers, offered + cancels + expired},
		{"bookings with two live offers", `SELECT count(*) FROM (SELECT 1 FROM offers o JOIN bookings b ON b.id = o.booking_id
			WHERE b.session_id = ? AND o.outcome IS NULL GROUP BY b.id HAVING count(*) > 1)`, 0},
		{"seats confirmed without an offer", `SELECT count(*) FROM bookings b WHERE b.session_id = ? AND b.status = 'confirmed'
			AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome = 'accepted')`, 0},
		{"newcomers who wait", fmt.Sprintf(`SELECT count(*) FROM bookings WHERE session_id = ? AND id >= %d AND status = 'waiting'`, first), newcomers},
	} {
		if n := r.number(c.query, r.session); n != c.want {
			r.t.Errorf("%s: %d, want %d", c.what, n, c.want)
		}
	}
	list, err := r.bookings.SessionBookings(context.Background(), account.Command(), r.session)
	if err != nil {
		r.t.Fatal(err)
	}
	rank := 0
	for _, b := range list.Bookings {
		if b.Rank == 0 {
			continue
		}
		if rank++; b.Rank != rank {
			r.t.Errorf("%s is %d. on the list, want %d.", b.Reference, b.Rank, rank)
		}
		if newcomer := strings.HasPrefix(b.Guardian.Email, "parent"); newcomer != (rank > offered+waiting-cancels-offered) {
			r.t.Errorf("%d. on the list is %s", rank, b.Guardian.Email)
		}
	}
}
