package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// post is an outbox with a worker that sends to one mail server.
type post struct {
	*Worker
	t     *testing.T
	db    *sqlite.DB
	clock *sqlitetest.Clock
}

func newPost(t *testing.T, server string) post {
	t.Helper()
	clock := sqlitetest.NewClock(monday)
	db := sqlitetest.NewAt(t, clock.Now)
	return post{newWorker(t, db, server, clock.Now), t, db, clock}
}

func newWorker(t *testing.T, db *sqlite.DB, server string, clock sqlite.Clock) *Worker {
	t.Helper()
	s, err := ParseServer(server)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	return NewWorker(outbox.NewStore(db), renderer(t), NewSender(s, newIdentity(t)), clock, log)
}

func (p post) add(to, reference string) {
	p.t.Helper()
	err := p.db.Write(p.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return outbox.Add(tx, outbox.Message{
			Kind: outbox.BookingConfirmed, Language: "fr", To: to,
			Payload: with(func(b *outbox.Booking) { b.Reference, b.Confirmed = reference, []string{zoe, muh} }),
		})
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p post) sendDue() {
	p.t.Helper()
	if err := p.SendDue(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// states lists the rows in order as "state×attempts".
func (p post) states() []string {
	p.t.Helper()
	var states []string
	err := p.db.Read(p.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT state || '×' || attempts FROM outbox ORDER BY id`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			states = append(states, s)
		}
		return rows.Err()
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return states
}

func (p post) wantStates(want ...string) {
	p.t.Helper()
	if got := p.states(); !slices.Equal(got, want) {
		p.t.Errorf("outbox %v, want %v", got, want)
	}
}

// bookings lists the references that the mails are about, in the order of their arrival.
func bookings(mails []Received) []string {
	var refs []string
	for _, m := range mails {
		_, rest, _ := strings.Cut(m.Text, "/inscriptions/")
		ref, _, _ := strings.Cut(rest, "-mail-")
		refs = append(refs, ref)
	}
	return refs
}

func TestWorkerSends(t *testing.T) {
	t.Parallel()
	sink := startSink(t, 10)
	p := newPost(t, sink.URL())
	p.add("parent@example.org", "ADA-1")
	p.clock.Advance(30 * time.Second)
	p.sendDue()
	p.wantStates("sent×1")
	got := sink.Messages()
	if len(got) != 1 {
		t.Fatalf("%d mails arrived", len(got))
	}
	m := got[0]
	if m.From != "ateliers@example.org" || !slices.Equal(m.To, []string{"parent@example.org"}) {
		t.Errorf("envelope from %q to %q", m.From, m.To)
	}
	// UX-P13: first names, workshop and date in the subject, a human to answer to, text and HTML.
	for _, part := range []string{zoe, muh, "Découverte de la robotique", "samedi 8\u00a0mai"} {
		if !strings.Contains(m.Subject, part) {
			t.Errorf("subject %q lacks %q", m.Subject, part)
		}
	}
	if m.Headers["Reply-To"][0] != "Salomé, coordination <salut@example.org>" || m.Headers["Date"][0] != "Mon, 03 May 2027 18:00:30 +0000" {
		t.Errorf("headers %v", m.Headers)
	}
	if !strings.Contains(m.Text, "Bonjour") || !strings.Contains(m.HTML, "<html lang=\"fr\"") || len(m.Attachments) != 1 {
		t.Errorf("text %d, HTML %d bytes, %d attachments", len(m.Text), len(m.HTML), len(m.Attachments))
	}
	if !m.ReceivedAt.Equal(monday.Add(30*time.Second)) || m.ID != 1 {
		t.Errorf("received %d at %v", m.ID, m.ReceivedAt)
	}
}

// Refused, 451, 421, 550, hung up after DATA, nobody there: each message is tried again or given to the team, and nobody gets
// more than two copies, which have one Message-ID (REL-8, I9).
func TestWhatAServerMayAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		script *script // nil: nobody listens
		state  string
		copies int
		later  string // the state a minute later, the server being friendly again
	}{
		{"accepts", &script{}, "sent×1", 1, "sent×1"},
		{"451 to the recipient", &script{rcpt: func(string) error { return temporary() }}, "pending×1", 0, "sent×2"},
		{"550 to the recipient", &script{rcpt: func(string) error { return permanent() }}, "failed×1", 0, "failed×1"},
		{"451 to the message", &script{data: func(int) error { return temporary() }}, "pending×1", 1, "sent×2"},
		{"421 to the message", &script{data: func(int) error { return closing() }}, "pending×1", 1, "sent×2"},
		{"421 to us", &script{mailFrom: closing}, "pending×1", 0, "sent×2"},
		{"550 to the message", &script{data: func(int) error { return permanent() }}, "failed×1", 1, "failed×1"},
		{"550 to us", &script{mailFrom: permanent}, "pending×1", 0, "sent×2"},
		{"hangs up after DATA", &script{hangUp: func(int) bool { return true }}, "pending×1", 1, "sent×2"},
		{"wants a password", &script{user: "ada", password: "lovelace"}, "pending×1", 0, "sent×2"},
		{"nobody listens", nil, "pending×1", 0, "sent×2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := tt.script
			if server == nil {
				server = &script{address: closedPort(t)}
			} else {
				server.start(t)
			}
			p := newPost(t, "smtp://"+strings.Replace(server.address, "127.0.0.1:0", "", 1))
			if server.user != "" {
				p = newPost(t, "smtp://ada:wrong@"+server.address)
			}
			p.add("parent@example.org", "ADA-1")
			p.sendDue()
			p.wantStates(tt.state)
			mails := server.messages()
			if len(mails) != tt.copies {
				t.Errorf("the server read %d copies, want %d", len(mails), tt.copies)
			}
			p.sendDue() // nothing before the back-off ends
			p.wantStates(tt.state)

			friendly := (&script{}).start(t)
			other := newWorker(t, p.db, "smtp://"+friendly.address, p.clock.Now)
			p.clock.Advance(time.Minute)
			if err := other.SendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.wantStates(tt.later)
			for _, again := range friendly.messages() {
				for _, m := range mails {
					if m.MessageID != again.MessageID {
						t.Errorf("the second copy has Message-ID %q, the first %q", again.MessageID, m.MessageID)
					}
				}
			}
		})
	}
}

func TestSignsIn(t *testing.T) {
	t.Parallel()
	server := (&script{user: "ada@example.org", password: "p:ss wörd"}).start(t)
	p := newPost(t, "smtp://ada%40example.org:p%3Ass%20w%C3%B6rd@"+server.address)
	p.add("parent@example.org", "ADA-1")
	p.sendDue()
	p.wantStates("sent×1")
}

// A server that offers no encryption gets nothing but on loopback.
func TestEncryptionIsRequired(t *testing.T) {
	t.Parallel()
	server := (&script{}).start(t)
	p := newPost(t, "smtp://"+server.address)
	p.sender.server.encryption = startTLS
	p.add("parent@example.org", "ADA-1")
	p.sendDue()
	p.wantStates("pending×1")
	if n := len(server.messages()); n != 0 {
		t.Errorf("%d mails went over a bare connection", n)
	}
}

// The process dies between the server's "250" and the mark: one more copy, under the same Message-ID.
func TestCrashBeforeTheMark(t *testing.T) {
	t.Parallel()
	server := (&script{}).start(t)
	p := newPost(t, "smtp://"+server.address)
	p.add("parent@example.org", "ADA-1")
	claimed, err := p.store.Claim(t.Context(), 1)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	msg, err := p.message(claimed[0])
	if err != nil {
		t.Fatal(err)
	}
	conn, err := p.sender.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.send(msg); err != nil {
		t.Fatal(err)
	}
	conn.close() // and no report

	restarted := newWorker(t, p.db, "smtp://"+server.address, p.clock.Now)
	if _, err := restarted.store.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := restarted.SendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.clock.Advance(time.Hour)
	}
	p.wantStates("sent×2")
	mails := server.messages()
	if len(mails) != 2 || mails[0].MessageID != mails[1].MessageID {
		t.Errorf("%d copies, want 2 with one Message-ID", len(mails))
	}
}

// What goes wrong with one message holds back the later ones to the same person, and nobody else's (REL-8).
func TestOrderPerPersonThroughFailures(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	server := (&script{rcpt: func(to string) error {
		if to == "zoe@example.org" && tries.Add(1)%3 != 0 {
			return temporary()
		}
		return nil
	}}).start(t)
	p := newPost(t, "smtp://"+server.address)
	var want []string
	for i := range 4 {
		ref := fmt.Sprintf("ADA-%d", i)
		want = append(want, ref)
		p.add("zoe@example.org", ref)
	}
	p.add("lukasz@example.org", "ADA-L")
	p.sendDue()
	if got := bookings(server.messages()); !slices.Equal(got, []string{"ADA-L"}) {
		t.Errorf("arrived %v: one person's trouble must not stop another", got)
	}
	for range 12 {
		p.clock.Advance(15 * time.Minute)
		p.sendDue()
	}
	got := bookings(server.messages())[1:]
	if !slices.Equal(got, want) {
		t.Errorf("arrived %v, want %v", got, want)
	}
}

func TestGivesUpVisibly(t *testing.T) {
	t.Parallel()
	p := newPost(t, "smtp://"+closedPort(t))
	p.add("parent@example.org", "ADA-1")
	for range 24 * 4 {
		p.sendDue()
		p.clock.Advance(15 * time.Minute)
	}
	failed, err := p.store.FailedMessages(t.Context())
	if err != nil || len(failed) != 1 || failed[0].Reference != "ADA-1" || !strings.Contains(failed[0].Error, "connecting") {
		t.Errorf("failed %+v %v", failed, err)
	}
}

// When the server is back nobody waits for the end of a back-off that its absence caused (REL-8).
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	server := &script{address: closedPort(t)}
	p := newPost(t, "smtp://"+server.address)
	for i := range 40 {
		p.add(fmt.Sprintf("parent%d@example.org", i), fmt.Sprintf("ADA-%d", i))
	}
	p.sendDue()
	p.probe(t.Context())
	if !p.away {
		t.Error("an absent server counts as present")
	}
	server.start(t)
	p.sendDue()
	if n := len(server.messages()); n != 0 {
		t.Fatalf("%d mails before the back-off ended", n)
	}
	p.probe(t.Context())
	p.sendDue()
	if n := len(server.messages()); n != 40 || p.away {
		t.Errorf("%d mails after the server came back, want 40", n)
	}
}

// Each message arrives once and none is lost, whatever a server that lives does.
func TestEachArrivesOnce(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	server := (&script{
		rcpt: func(string) error {
			if tries.Add(1)%4 == 0 {
				return temporary()
			}
			return nil
		},
	}).start(t)
	p := newPost(t, "smtp://"+server.address)
	p.pace.SetLimit(10_000)
	want := map[string]int{}
	for i := range 120 {
		ref := fmt.Sprintf("ADA-%d", i)
		want[ref] = 1
		p.add(fmt.Sprintf("parent%d@example.org", i%50), ref)
	}
	for range 20 {
		p.sendDue()
		p.clock.Advance(10 * time.Hour)
	}
	got := map[string]int{}
	ids := map[string]bool{}
	for _, m := range server.messages() {
		got[bookings([]Received{m})[0]]++
		ids[m.MessageID] = true
	}
	for ref := range want {
		if got[ref] != 1 {
			t.Errorf("%s arrived %d times", ref, got[ref])
		}
	}
	if len(ids) != len(want) {
		t.Errorf("%d Message-IDs for %d messages", len(ids), len(want))
	}
}

func TestUnrenderableFailsAloneAndAtOnce(t *testing.T) {
	t.Parallel()
	sink := startSink(t, 10)
	p := newPost(t, sink.URL())
	for _, m := range []outbox.Message{
		{Kind: "unknown_kind", Payload: booking()},
		{Kind: outbox.BookingConfirmed, Payload: booking()}, // nobody is confirmed
		{Kind: outbox.BookingConfirmed, Payload: json.RawMessage(`[]`)},
		{Kind: outbox.BookingConfirmed, Payload: with(func(b *outbox.Booking) {
			b.Confirmed = []string{zoe}
			b.Session.Zone = "Europe/Nowhere"
		})},
	} {
		m.Language, m.To = "fr", m.Kind+"@example.org"
		if err := p.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return outbox.Add(tx, m) }); err != nil {
			t.Fatal(err)
		}
	}
	p.add("parent@example.org", "ADA-1")
	p.add("parent@example.org, other@example.org", "ADA-2")
	p.add("Zoé <parent@example.org>", "ADA-3")
	p.sendDue()
	p.wantStates("failed×1", "failed×1", "failed×1", "failed×1", "sent×1", "failed×1", "failed×1")
	if got := bookings(sink.Messages()); !slices.Equal(got, []string{"ADA-1"}) {
		t.Errorf("arrived %v", got)
	}
}

func TestRunSendsUntilStopped(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 10)
	server := (&script{rcpt: func(to string) error { arrived <- to; return nil }}).start(t)
	p := newPost(t, "smtp://"+server.address)
	p.add("before@example.org", "ADA-1")
	if _, err := p.store.Claim(t.Context(), 1); err != nil { // and a crash
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	want := func(to string) {
		t.Helper()
		select {
		case got := <-arrived:
			if got != to {
				t.Errorf("mail to %q, want %q", got, to)
			}
		case <-time.After(soon):
			t.Fatalf("no mail to %s", to)
		}
	}
	want("before@example.org")
	p.add("during@example.org", "ADA-2")
	p.store.Notify()
	want("during@example.org")
	stop()
	select {
	case <-done:
	case <-time.After(soon):
		t.Fatal("Run goes on after its ctx has ended")
	}
}

// A server that neither answers nor hangs up, a tarpit, does not keep us from stopping; the message is
// neither lost nor counted as refused (REL-8).
func TestStopsDespiteASilentServer(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	reading := make(chan struct{})
	server := (&script{hang: hang, rcpt: func(string) error { close(reading); return nil }}).start(t)
	t.Cleanup(func() { close(hang) })
	p := newPost(t, "smtp://"+server.address)
	p.sender.grace = 50 * time.Millisecond
	p.add("parent@example.org", "ADA-1")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	<-reading
	stop()
	select {
	case <-done:
	case <-time.After(soon):
		t.Fatal("still waiting for the server")
	}
	p.wantStates("claimed×1")
}
