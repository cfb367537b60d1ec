package storm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	answering = 6   // families with an offer that they both accept and decline
	waiting   = 40  // families on the list behind them, every fifth of whom asked not to be asked
	newcomers = 100 // parents who confirm meanwhile
	promoters = 10  // who pass seats on: half of them workers, beside that of the server, half of them staff at the desk
	capacity  = cancels + offered + answering
	// breath is what a promoter leaves to others between two turns. SQLite asks again for a lock ten times a second; a process that never lets go of it, which
	// none of the program's does, would keep the server from it for longer than anybody waits.
	breath = 20 * time.Millisecond
)

// waitingRounds is how often everything happens at once, at least.
func waitingRounds() int { return times(4, 50) }

// TestWaitingListRace: seats are given up, offers run out, are accepted and declined, by the families and by the team at its
// desk, workers of another process pass seats on, staff try to give some, and newcomers book, all at the same instant,
// against the real server (REL-12; I1, I2, I7; Waiting list 1, 3, 5, 6).
func TestWaitingListRace(t *testing.T) {
	w := newWorld(t)
	server := serve(t, w.dir, "smtp://127.0.0.1:1")
	desk := w.signIn(server.addr)
	count := map[string]int{}
	mild := func() (missing []string) { // who is faster is chance: a race goes on until each was once, if it takes ten times as long
		for _, outcome := range []string{"accepted", "declined", "given"} {
			if count[outcome] == 0 {
				missing = append(missing, outcome)
			}
		}
		return missing
	}
	for round := 0; round < waitingRounds() || len(mild()) > 0 && round < 10*waitingRounds(); round++ {
		r := &waitingRace{world: w, addr: server.addr, desk: desk, client: newClient(), session: w.session(fmt.Sprintf("Robotique %d", round), capacity)}
		r.prepare()
		r.run()
		r.judge()
		r.client.CloseIdleConnections()
		for _, outcome := range []string{"accepted", "declined", "expired", "given"} {
			count[outcome] += w.number(`SELECT count(*) FROM offers o JOIN bookings b ON b.id = o.booking_id WHERE b.session_id = ? AND o.outcome = ?`, r.session, outcome)
		}
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
	w.verify()
	if missing := mild(); len(missing) > 0 {
		t.Errorf("no seat was %v: the race is too mild", missing)
	}
	t.Log(count)
}

// waitingRace is one round.
type waitingRace struct {
	*world
	addr    string
	desk    member
	client  *http.Client
	session int64
	seated  []string // references
	listed  []string
	late    []family
}

// prepare fills the session, makes offers that are just running out, and lets parents come to the last screen.
func (r *waitingRace) prepare() {
	r.t.Helper()
	for range capacity {
		r.seated = append(r.seated, r.books(false))
	}
	for i := range offered + answering + waiting {
		r.listed = append(r.listed, r.books(i >= offered+answering && i%5 == 0))
	}
	for _, reference := range r.seated[cancels:] {
		if err := r.bookings.Cancel(r.t.Context(), account.Guest(), r.key(), r.link(reference), nil, ""); err != nil {
			r.t.Fatal(err)
		}
	}
	r.seated = r.seated[:cancels]
	r.late = r.familiesAt(r.session, newcomers)
	const runOut = `UPDATE offers SET expires_at = ?1 WHERE outcome IS NULL AND booking_id IN (SELECT id FROM bookings WHERE session_id = ?2 AND status = 'offered' ORDER BY id LIMIT ?3)`
	if err := r.db.Write(r.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(runOut, sqlite.Time(tx.Now()), r.session, offered)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
}

// books books a child of a new family, or puts it on the list.
func (r *waitingRace) books(unasked bool) (reference string) {
	r.t.Helper()
	r.families++
	reference, err := r.bookings.Book(r.t.Context(), account.Guest(), r.key(), booking.Request{
		SessionID: r.session, IfFull: booking.Wait, Unasked: unasked,
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
			at(&clicks, func() { r.cancel(reference, http.StatusSeeOther) })
		}
	}
	for _, reference := range r.listed {
		for range 2 { // accepting twice gives one seat
			at(&clicks, func() { r.click(reference, "accepter", http.StatusSeeOther, http.StatusGone) })
		}
	}
	for _, reference := range r.listed[offered : offered+answering] {
		at(&clicks, func() { r.click(reference, "refuser", http.StatusSeeOther, http.StatusGone) })
	}
	open := newDoor(r.addr)
	for i, f := range r.late {
		at(&clicks, func() {
			if a := rush(r.client, open, f, i%10 == 0); a.err != nil {
				r.t.Errorf("newcomer %d: %v", i, a.err)
			}
		})
	}
	done := make(chan struct{})
	for i := range promoters {
		at(&all, func() {
			for turn := 0; ; turn++ {
				if i%2 == 0 {
					if _, err := r.bookings.ExpireOffers(context.Background()); err != nil {
						r.t.Errorf("promoter: %v", err)
					}
				} else {
					r.deskTurn(r.listed[(turn*promoters+i)%len(r.listed)])
				}
				select {
				case <-done:
					return
				case <-time.After(breath):
				}
			}
		})
	}
	close(start)
	clicks.Wait()
	close(done)
	all.Wait()
}

// deskTurn lets staff note that a family accepted by phone, and try to give it a seat: there never is a free one, for
// whatever is freed goes to the list in the same transaction, so that giving one asks for a reason.
func (r *waitingRace) deskTurn(reference string) {
	path := "/equipe/inscriptions/" + reference
	r.send(r.desk.family(path+"/accepter"), "booking-accept", r.desk.token, http.StatusSeeOther, http.StatusGone)
	r.send(r.desk.family(path+"/donner"), "booking-give", r.desk.token, http.StatusUnprocessableEntity, http.StatusConflict)
}

// click sends a form of its own from the page of a booking.
func (r *waitingRace) click(reference, what string, want ...int) {
	link := r.link(reference)
	r.send(family{path: "/inscriptions/" + link.Reference + "/" + link.Signature + "/" + what}, "booking", "", want...)
}

// cancel gives up what a booking of one child has, from its page.
func (r *waitingRace) cancel(reference string, want ...int) {
	link := r.link(reference)
	booked := r.number(`SELECT b.id FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE g.reference = ?`, reference)
	r.sendForm(family{path: "/inscriptions/" + link.Reference + "/" + link.Signature + "/annuler"},
		url.Values{"form_key": {r.secret.FormKey("booking", "", time.Now())}, "booking": {strconv.Itoa(booked)}}, want...)
}

func (r *waitingRace) send(f family, purpose, token string, want ...int) {
	r.sendForm(f, url.Values{"form_key": {r.secret.FormKey(purpose, token, time.Now())}}, want...)
}

func (r *waitingRace) sendForm(f family, form url.Values, want ...int) {
	status, _, err := confirm(r.client, r.addr, f, form)
	if err != nil {
		r.t.Errorf("%s: %v", f.path, err)
		return
	}
	if !slices.Contains(want, status) {
		r.t.Errorf("%s: status %d, want one of %v", f.path, status, want)
	}
}

// judge compares what is there with what the rules leave.
func (r *waitingRace) judge() {
	r.t.Helper()
	first := r.number(`SELECT min(b.id) FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
		WHERE b.session_id = ? AND p.email LIKE 'parent%'`, r.session)
	const offers = `SELECT count(*) FROM offers o JOIN bookings b ON b.id = o.booking_id WHERE b.session_id = ?`
	expired, declined := r.number(offers+` AND o.outcome = 'expired'`, r.session), r.number(offers+` AND o.outcome = 'declined'`, r.session)
	left := offered + answering + waiting - capacity - declined // of those who were on the list before
	for _, c := range []struct {
		what, query string
		want        int
	}{
		{"seats taken", `SELECT count(*) FROM bookings WHERE session_id = ? AND status IN ('confirmed', 'offered')`, capacity},
		{"cancelled", `SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'cancelled'`, capacity},
		{"off the list", `SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'declined'`, declined},
		{"waiting", `SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'waiting'`, left + newcomers},
		{"offers, one for each seat given up or declined and each offer that ran out", offers, offered + answering + cancels + expired + declined},
		{"bookings with two live offers", `SELECT count(*) FROM (SELECT 1 FROM offers o JOIN bookings b ON b.id = o.booking_id
			WHERE b.session_id = ? AND o.outcome IS NULL GROUP BY b.id HAVING count(*) > 1)`, 0},
		{"seats confirmed without an offer", `SELECT count(*) FROM bookings b WHERE b.session_id = ? AND b.status = 'confirmed'
			AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given'))`, 0},
		{"seats beyond the rules", `SELECT count(*) FROM bookings WHERE session_id = ? AND override_by IS NOT NULL`, 0},
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
		if newcomer := strings.HasPrefix(b.Guardian.Email, "parent"); newcomer != (rank > left) {
			r.t.Errorf("%d. on the list is %s", rank, b.Guardian.Email)
		}
	}
}
