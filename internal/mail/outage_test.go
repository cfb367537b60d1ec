package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A name that no server has, a server that speaks no TLS: the message waits, and leaves once the server can be reached (REL-8).
func TestServerThatCannotBeReached(t *testing.T) {
	t.Parallel()
	bare := (&script{}).start(t)
	t.Cleanup(func() {
		if n := len(bare.messages()); n != 0 {
			t.Errorf("%d mails went over a bare connection", n)
		}
	})
	for name, url := range map[string]string{
		"DNS fails": "smtp://nowhere..invalid:587", // Go's own resolver says no at once, and asks no network
		"TLS fails": "smtps://" + bare.address,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, url)
			p.add("parent@example.org", "ADA-1")
			p.sendDue()
			p.wantStates("pending×1")
			p.probe(t.Context())
			if !p.away {
				t.Error("a server that cannot be reached counts as present")
			}
			friendly := (&script{}).start(t)
			p.clock.Advance(time.Minute)
			if err := newWorker(t, p.db, "smtp://"+friendly.address, p.clock.Now).SendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.wantStates("sent×2")
			if got := bookings(friendly.messages()); !slices.Equal(got, []string{"ADA-1"}) {
				t.Errorf("arrived %v", got)
			}
		})
	}
}

// A mailbox that takes nothing for now keeps its own messages waiting and is no outage: that is the server's, gone, or refusing
// whoever it is (REL-8, REL-22).
func TestFullMailboxIsNoOutage(t *testing.T) {
	t.Parallel()
	refusing := func(err func() error, addresses ...string) *script {
		return &script{rcpt: func(to string) error {
			if slices.Contains(addresses, to) {
				return err()
			}
			return nil
		}}
	}
	const full, other = "li.wei@example.org", "zoe@example.org"
	for _, tt := range []struct {
		name   string
		server *script
		to     []string
		later  *script // the server of the last try; nil: the same
		late   int
	}{
		{"one mailbox is full", refusing(temporary, full), []string{full, full}, nil, 0},
		{"two are refused", refusing(temporary, full, other), []string{full, other}, nil, 2},
		{"the server goes away", refusing(closing, full), []string{full}, nil, 1},
		{"the message is refused", &script{data: func(int) error { return temporary() }}, []string{full}, nil, 1},
		{"a full mailbox, then no server", refusing(temporary, full), []string{full}, &script{address: closedPort(t)}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, "smtp://"+tt.server.start(t).address)
			for i, to := range tt.to {
				p.add(to, fmt.Sprintf("ADA-%d", i))
			}
			p.sendDue()
			p.clock.Advance(20 * time.Minute)
			if tt.later != nil {
				p.Worker = newWorker(t, p.db, "smtp://"+tt.later.address, p.clock.Now)
			}
			p.sendDue()
			late, leaves, err := p.store.Late(t.Context(), 15*time.Minute)
			if late != tt.late || leaves || err != nil {
				t.Errorf("%d late, some leave: %t, %v; want %d, none", late, leaves, err, tt.late)
			}
		})
	}
}

// The mail server is gone for two hours, in which ten families get a message every ten minutes. Five minutes after it is back everybody
// has all of theirs, in their order, each once; and nobody was tried more often than the back-off says: after 1, 5, 15 and 60
// minutes (REL-8).
func TestTwoHoursOutage(t *testing.T) {
	t.Parallel()
	const families = 10
	server := &script{address: closedPort(t)}
	p := newPost(t, "smtp://"+server.address)
	p.pace.SetLimit(10_000)
	want := map[string][]string{}
	for minute := range 120 {
		if minute%10 == 0 {
			for i := range families {
				to, reference := fmt.Sprintf("parent%d@example.org", i), fmt.Sprintf("ADA-%d-%d", i, minute)
				p.add(to, reference)
				want[to] = append(want[to], reference)
			}
		}
		p.sendDue()
		if minute%10 == 0 {
			p.probe(t.Context())
		}
		p.clock.Advance(time.Minute)
	}
	for _, state := range p.states() {
		if !slices.Contains([]string{"pending×0", "pending×1", "pending×2", "pending×3", "pending×4", "pending×5"}, state) {
			t.Errorf("a message is %s after two hours: the back-off is 1, 5, 15, 60 minutes", state)
		}
	}

	server.start(t)
	back := p.clock.Now()
	for p.clock.Now().Sub(back) < 5*time.Minute {
		p.clock.Advance(probeEvery)
		p.probe(t.Context())
		p.sendDue()
	}
	got := map[string][]string{}
	ids := map[string]bool{}
	for _, m := range server.messages() {
		got[m.To[0]] = append(got[m.To[0]], bookings([]Received{m})...)
		ids[m.MessageID] = true
	}
	for to, references := range want {
		if !slices.Equal(got[to], references) {
			t.Errorf("%s got %s, want %s", to, strings.Join(got[to], " "), strings.Join(references, " "))
		}
	}
	if n := len(server.messages()); n != families*12 || len(ids) != n {
		t.Errorf("%d mails with %d Message-IDs arrived, want %d each", n, len(ids), families*12)
	}
}
