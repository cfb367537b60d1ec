package mail

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	zoe  = "Zoé D'Artagnan-N'Guyen"
	muh  = "محمد"
	lukz = "Łukasz"
	li   = "李"
	// monday is when the mails below are rendered: 3 May 2027, 20:00 in Lyon.
	monday = time.Date(2027, 5, 3, 18, 0, 0, 0, time.UTC)
)

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := NewRenderer(Site{
		BaseURL: "https://ateliers.example.org",
		Link: func(purpose, reference string, version int) string {
			return fmt.Sprintf("/inscriptions/%s-%s-v%d-sig", reference, purpose, version)
		},
		Request: func(kind string, m outbox.Request) string {
			return fmt.Sprintf("/%s/%s/v%d-sig-%d-%d", m.Party, m.Reference, m.LinkVersion, m.ID, m.ConfirmID)
		},
		Organizer: netmail.Address{Name: "Les Ateliers d'Ada", Address: "salut@example.org"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newIdentity(t testing.TB) Identity {
	t.Helper()
	id, err := ParseIdentity("Les Ateliers d'Ada <ateliers@example.org>", `"Salomé, coordination" <salut@example.org>`)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func session() outbox.Session {
	return outbox.Session{
		ID: 12, Title: "Découverte de la robotique", Level: "Initiation",
		StartsAt: "2027-05-08T12:00:00Z", EndsAt: "2027-05-08T14:00:00Z", Zone: "Europe/Paris",
		Venue: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon",
		Access: "Métro A, arrêt Hôtel de Ville.\nLa porte verte, au fond de la cour.", Bring: "Une gourde et un goûter",
	}
}

// again is session after some changes.
func again(sequence int) outbox.Session {
	s := session()
	s.Sequence = sequence
	return s
}

func booking() outbox.Booking {
	return outbox.Booking{Reference: "ADA-7K3M9QXW", LinkVersion: 1, Guardian: "Nguyễn Thị Hồng", Session: session()}
}

func with(change func(*outbox.Booking)) outbox.Booking {
	b := booking()
	change(&b)
	return b
}

// example is a message whose mail is kept as a file.
type example struct {
	kind    string
	payload any
}

// goldens are the mails that are kept as files: every kind, and the branches of its text.
var goldens = func() map[string]example {
	all := maps.Clone(bookingExamples)
	maps.Copy(all, requestExamples())
	return all
}()

// bookingExamples are the messages to families and facilitators.
var bookingExamples = map[string]example{
	"booking_confirmed": {outbox.BookingConfirmed, with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents = []string{zoe}, 1400 })},
	"booking_confirmed_siblings": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.Rank = []string{zoe, muh}, []string{li}, 3
		b.PriceCents, b.PaymentURL = 2850, "https://payer.example.org/?a=1&b=2"
	})},
	"booking_confirmed_free": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed = []string{lukz}
		b.Session.Access, b.Session.Bring = "", ""
	})},
	"booking_repeated": {outbox.BookingRepeated, with(func(b *outbox.Booking) {
		b.Confirmed, b.Offered, b.Waiting, b.Rank = []string{zoe}, []string{muh}, []string{li}, 1
		b.OfferUntil = "2027-05-05T16:00:00Z"
	})},
	"waiting_joined":          {outbox.WaitingJoined, with(func(b *outbox.Booking) { b.Waiting, b.Rank = []string{muh}, 3 })},
	"waiting_joined_siblings": {outbox.WaitingJoined, with(func(b *outbox.Booking) { b.Waiting, b.Rank = []string{zoe, lukz, li}, 1 })},
	"seat_offered": {outbox.SeatOffered, with(func(b *outbox.Booking) {
		b.Offered, b.OfferUntil = []string{muh}, "2027-05-05T16:00:00Z"
	})},
	"seat_offered_siblings_soon": {outbox.SeatOffered, with(func(b *outbox.Booking) {
		b.Offered, b.Waiting, b.Rank, b.OfferUntil = []string{zoe, lukz}, []string{li}, 2, "2027-05-03T18:30:00Z"
	})},
	"seat_offered_too_late": {outbox.SeatOffered, with(func(b *outbox.Booking) { b.Offered, b.OfferUntil = []string{zoe}, "2027-05-03T17:59:00Z" })},
	"offer_expired_kept":    {outbox.OfferExpired, with(func(b *outbox.Booking) { b.Offered, b.RankKept, b.Rank = []string{muh}, true, 1 })},
	"offer_expired_left":    {outbox.OfferExpired, with(func(b *outbox.Booking) { b.Offered = []string{zoe, muh} })},
	"booking_cancelled":     {outbox.BookingCancelled, with(func(b *outbox.Booking) { b.Cancelled = []string{zoe} })},
	"booking_cancelled_partly": {outbox.BookingCancelled, with(func(b *outbox.Booking) {
		b.Cancelled, b.Confirmed = []string{zoe, muh}, []string{li}
	})},
	"waiting_left": {outbox.WaitingLeft, with(func(b *outbox.Booking) { b.Cancelled = []string{lukz} })},
	"session_moved": {outbox.SessionMoved, with(func(b *outbox.Booking) {
		b.Confirmed, b.Offered, b.Waiting, b.Rank = []string{zoe}, []string{muh}, []string{li}, 1
		b.OfferUntil, b.Session.Sequence = "2027-05-05T16:00:00Z", 1
	})},
	"session_moved_waiting": {outbox.SessionMoved, with(func(b *outbox.Booking) { b.Waiting = []string{lukz} })},
	"session_cancelled": {outbox.SessionCancelled, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.PriceCents, b.Reason = []string{zoe}, []string{muh}, 1400, "La salle est fermée pour travaux.\nNous cherchons une autre date."
	})},
	"session_cancelled_waiting": {outbox.SessionCancelled, with(func(b *outbox.Booking) { b.Waiting = []string{li} })},
	"session_assigned":          {outbox.SessionAssigned, outbox.Assignment{Facilitator: "李 Łucja", By: "Amélie D'Orgeval", Session: session()}},
	"session_changed":           {outbox.SessionChanged, outbox.Assignment{Facilitator: "Nguyễn Thị Ánh", Session: again(1)}},
	"session_called_off": {outbox.SessionCalledOff, outbox.Assignment{Facilitator: "محمد", Session: again(2),
		Reason: "La classe part en sortie.\nNous reviendrons vers vous."}},
}

func claimed(t testing.TB, kind string, payload any) outbox.Claimed {
	t.Helper()
	data, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Claimed{ID: 1, Kind: kind, Language: "fr", To: "parent@example.org", Payload: data, MessageID: "K3M9", Attempts: 1, CreatedAt: monday}
}

// arrived is the mail of a message as a mail server receives it.
func arrived(t testing.TB, kind string, payload any) Received {
	t.Helper()
	c := claimed(t, kind, payload)
	m, err := newRenderer(t).Render(c, monday)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := compose(newIdentity(t), m, c.To, c.MessageID, monday)
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	r, err := parse(&raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// asText writes a received mail for a golden file: headers, text and attachments; no HTML.
func asText(r Received) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		if name != "Content-Type" { // holds a random boundary
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Headers[name], "\n\t"))
		}
	}
	fmt.Fprintf(&b, "\n%s", r.Text)
	for _, a := range r.Attachments {
		fmt.Fprintf(&b, "\n======== %s (%s)\n%s", a.Name, a.Type, a.Content)
	}
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

func TestGolden(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, tt := range goldens {
		seen[tt.kind] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := arrived(t, tt.kind, tt.payload)
			golden(t, name+".txt", asText(r))
			golden(t, name+".html", strings.ReplaceAll(r.HTML, "\r\n", "\n"))
			for _, text := range []string{r.Subject, r.Text, r.HTML} {
				for _, sign := range []string{"⟦", "<no value>", "%!", "ZgotmplZ", "\ufffd"} {
					if strings.Contains(text, sign) {
						t.Errorf("holds %q:\n%s", sign, text)
					}
				}
			}
		})
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("%s has no golden file", kind)
		}
	}
}

// A kind without templates would fail at the first message of its kind.
func TestEveryKindIsRendered(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../outbox/messages.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if spec.Type != nil {
			return true // a Party
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if kinds[kind] == nil {
			t.Errorf("%s (%s) cannot be rendered", spec.Names[0], kind)
		}
		found++
		return true
	})
	if found != len(kinds) {
		t.Errorf("outbox names %d kinds, mail renders %d", found, len(kinds))
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if that is meant, run with -update\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
