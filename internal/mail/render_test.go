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
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
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

// oneRenderer is shared by the tests: a renderer is made once per program there too, and reads every template.
var oneRenderer = sync.OnceValues(func() (*Renderer, error) {
	return NewRenderer(Site{
		BaseURL: "https://ateliers.example.org",
		Link: func(purpose, reference string, version int) string {
			return fmt.Sprintf("/inscriptions/%s-%s-v%d-sig", reference, purpose, version)
		},
		Draft:       func(id string) string { return "/reprendre/" + id + "/sig" },
		Certificate: func(code string) string { return "/attestations/" + code },
		Invitation:  func(nonce string) string { return "/compte/invitation/" + nonce + "-sig" },
		Email:       func(nonce string) string { return "/compte/adresse/" + nonce + "-sig" },
		SignIn:      func(nonce string) string { return "/compte/entrer/" + nonce + "-sig" },
		Password:    func(nonce string) string { return "/connexion/mot-de-passe/" + nonce + "-sig" },
		Forgotten:   "/connexion/oubli",
		Passport: func(reference string, version int) string {
			return fmt.Sprintf("/passeport/%s/v%d-sig", reference, version)
		},
		Erasure: func(lang words.Lang, token string) string { return fmt.Sprintf("/%s/effacement/%s/sig", lang, token) },
		Request: func(kind string, m outbox.Request) string {
			return fmt.Sprintf("/%s/%s/v%d-sig-%d-%d", m.Party, m.Reference, m.LinkVersion, m.ID, m.ConfirmID)
		},
		Organizer: netmail.Address{Name: "Les Ateliers d'Ada", Address: "salut@example.org"},
	})
})

func renderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := oneRenderer()
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
		Offers: outbox.OfferHours{WakingFrom: 8, WakingUntil: 21, Longest: 48, BeforeStart: 2, Shortest: 3, UnaskedUntil: 18},
	}
}

// again is session after some changes.
func again(sequence int) outbox.Session {
	s := session()
	s.Sequence = sequence
	return s
}

// before is the session that a booking had until it moved.
func before() *outbox.Session {
	s := session()
	s.ID, s.StartsAt, s.EndsAt = 11, "2027-05-06T12:00:00Z", "2027-05-06T14:00:00Z"
	return &s
}

func booking() outbox.Booking {
	return outbox.Booking{Reference: "ADA-7K3M9QXW", LinkVersion: 1, Guardian: "Nguyễn Thị Hồng", Session: session()}
}

func with(change func(*outbox.Booking)) outbox.Booking {
	b := booking()
	change(&b)
	return b
}

// several is a booking of two sessions at once, the second one as other makes it.
func several(other func(*outbox.Booking)) outbox.Booking {
	return with(func(b *outbox.Booking) {
		b.Confirmed, b.PriceCents = []string{zoe}, 1400
		second := with(other)
		second.Reference, second.Session.ID = "ADA-2BCDFGHJ", 13
		second.Session.StartsAt, second.Session.EndsAt = "2027-05-15T12:00:00Z", "2027-05-15T14:00:00Z"
		b.Others = []outbox.Booking{second}
	})
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
	"booking_confirmed_by_young": {outbox.BookingConfirmed, with(func(b *outbox.Booking) { b.Confirmed, b.ByYoung, b.ToComplete = []string{zoe}, true, true })},
	"booking_confirmed_in_space": {outbox.BookingConfirmed, with(func(b *outbox.Booking) { b.Confirmed, b.ByYoung, b.InSpace = []string{zoe}, true, true })},
	"booking_confirmed_to_young": {outbox.BookingConfirmed, with(func(b *outbox.Booking) { b.Confirmed, b.ByYoung, b.Copy, b.Guardian = []string{zoe}, true, true, zoe })},
	"waiting_joined_by_young":    {outbox.WaitingJoined, with(func(b *outbox.Booking) { b.Waiting, b.Rank, b.ByYoung, b.ToComplete = []string{muh}, 3, true, true })},
	"reminder_to_complete":       {outbox.Reminder, with(func(b *outbox.Booking) { b.Confirmed, b.ByYoung, b.ToComplete = []string{lukz}, true, true })},

	"team_wrote": {outbox.TeamWrote, outbox.TeamLetter{Guardian: "Nguyễn Thị Hồng", Children: []string{zoe, muh, li}, Sessions: []outbox.Session{session(), *before()},
		Subject: "{{atelier}}, {{lieu}}", Body: "Bonjour {{responsable}},\n\nnous attendons **{{enfants}}** {{seances}}.\n\n- Apportez une gourde\n- Venez à pied"}},
	"team_wrote_test": {outbox.TeamWrote, outbox.TeamLetter{Guardian: "*<b>&amp; {{lieu}}", Children: []string{lukz}, Sessions: []outbox.Session{session()},
		Subject: "Samedi", Body: "{{responsable}}, {{enfants}}\nencore une ligne\n\n1. un\n2. deux", Test: true}},
	"child_changed_health":      {outbox.ChildChanged, outbox.ChildChange{Guardian: "Nguyễn Thị Hồng", Children: []string{zoe}, What: "health"}},
	"child_changed_image":       {outbox.ChildChanged, outbox.ChildChange{Guardian: "Nguyễn Thị Hồng", Children: []string{muh}, What: "image"}},
	"child_changed_booked":      {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, li}, What: "booked", Session: before()}},
	"child_changed_cancelled":   {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{muh}, What: "cancelled", Session: before()}},
	"child_changed_waiting":     {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "waiting", Session: before()}},
	"child_changed_moved":       {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "moved", Session: before()}},
	"child_changed_seated":      {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "seated", Session: before()}},
	"child_changed_unlisted":    {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "unlisted", Session: before()}},
	"child_changed_rescheduled": {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "rescheduled", Session: before()}},
	"child_changed_called_off":  {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, muh}, What: "called_off", Session: before()}},
	"child_changed_merged":      {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{zoe, li}, What: "merged"}},
	"child_changed_left":        {outbox.ChildChanged, outbox.ChildChange{Guardian: lukz, Children: []string{li}, What: "left"}},
	"guardian_invited":          {outbox.GuardianInvited, outbox.Invited{Name: lukz, By: "Nguyễn Thị Hồng", Nonce: "K3M9QXW7"}},
	"young_invited":             {outbox.YoungInvited, outbox.Invited{Name: lukz, By: "Nguyễn Thị Hồng"}},
	"email_confirm":             {outbox.EmailConfirm, outbox.EmailChange{Guardian: zoe, Nonce: "K3M9QXW7"}},
	"email_changed":             {outbox.EmailChanged, outbox.EmailChange{Guardian: zoe}},
	"sign_in_link":              {outbox.SignInLink, outbox.SignIn{Nonce: "K3M9QXW7"}},
	"sign_in_unknown":           {outbox.SignInUnknown, outbox.SignIn{}},
	"booking_confirmed":         {outbox.BookingConfirmed, with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents = []string{zoe}, 1400 })},
	"bookings_confirmed": {outbox.BookingsConfirmed, several(func(b *outbox.Booking) {
		b.Confirmed, b.PriceCents, b.PaymentURL = []string{zoe, muh}, 2800, "https://payer.example.org/?a=1&b=2"
	})},
	"bookings_confirmed_waits": {outbox.BookingsConfirmed, several(func(b *outbox.Booking) {
		b.Waiting, b.Rank, b.Unasked = []string{zoe, li}, 3, true
	})},
	"booking_confirmed_siblings": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.Rank = []string{zoe, muh}, []string{li}, 3
		b.PriceCents, b.PaymentURL = 2850, "https://payer.example.org/?a=1&b=2"
	})},
	"booking_confirmed_unasked": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.Rank, b.Unasked = []string{lukz}, []string{muh}, 4, true
	})},
	"booking_confirmed_free": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed = []string{lukz}
		b.Session.Access, b.Session.Bring = "", ""
	})},
	"booking_repeated": {outbox.BookingRepeated, with(func(b *outbox.Booking) {
		b.Confirmed, b.Offered, b.Waiting, b.Rank = []string{zoe}, []string{muh}, []string{li}, 1
		b.OfferUntil = "2027-05-05T16:00:00Z"
	})},
	"waiting_joined": {outbox.WaitingJoined, with(func(b *outbox.Booking) { b.Waiting, b.Rank = []string{muh}, 3 })},
	"waiting_joined_unasked": {outbox.WaitingJoined, with(func(b *outbox.Booking) {
		b.Waiting, b.Rank, b.Unasked, b.Also = []string{li}, 21, true, []outbox.Session{afternoon()}
	})},
	"offer_soon": {outbox.OfferSoon, with(func(b *outbox.Booking) { b.Offered, b.OfferUntil = []string{zoe}, "2027-05-04T06:30:00Z" })},
	"offer_soon_siblings_extended": {outbox.OfferSoon, with(func(b *outbox.Booking) {
		b.Offered, b.Waiting, b.Rank, b.OfferUntil, b.Extended = []string{muh, li}, []string{lukz}, 2, "2027-05-04T07:00:00Z", true
	})},
	"seat_given": {outbox.SeatGiven, with(func(b *outbox.Booking) {
		b.Given, b.Confirmed, b.PriceCents = []string{muh}, []string{muh}, 1400
	})},
	"seat_given_siblings_also": {outbox.SeatGiven, with(func(b *outbox.Booking) {
		b.Given, b.Confirmed, b.Waiting, b.Rank = []string{zoe, lukz}, []string{zoe, lukz, muh}, []string{li}, 1
		b.PriceCents, b.PaymentURL = 4200, "https://payer.example.org/?a=1&b=2"
		b.Session.Sequence, b.Also = 2, []outbox.Session{afternoon(), later()}
	})},
	"walked_in":       {outbox.WalkedIn, with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents, b.ToComplete = []string{muh}, 1400, true })},
	"walked_in_again": {outbox.WalkedIn, with(func(b *outbox.Booking) { b.Confirmed = []string{zoe} })},
	"reminder":        {outbox.Reminder, with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents = []string{zoe, li}, 2800 })},
	"reminder_series": {outbox.Reminder, with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents, b.PerSeries = []string{zoe, li}, 10000, true })},
	"reminder_free": {outbox.Reminder, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.Rank = []string{muh}, []string{lukz}, 2
	})},
	"booking_confirmed_also": {outbox.BookingConfirmed, with(func(b *outbox.Booking) {
		b.Confirmed, b.Also = []string{lukz}, []outbox.Session{afternoon()}
	})},
	"offer_expired_left_sibling": {outbox.OfferExpired, with(func(b *outbox.Booking) {
		b.Offered, b.Confirmed, b.Waiting = []string{lukz}, []string{zoe}, []string{li}
	})},
	"waiting_joined_siblings": {outbox.WaitingJoined, with(func(b *outbox.Booking) { b.Waiting, b.Rank = []string{zoe, lukz, li}, 1 })},
	"seat_offered": {outbox.SeatOffered, with(func(b *outbox.Booking) {
		b.Offered, b.OfferUntil = []string{muh}, "2027-05-05T16:00:00Z"
	})},
	"seat_offered_last": {outbox.SeatOffered, with(func(b *outbox.Booking) {
		b.Offered, b.Last, b.OfferUntil = []string{muh}, []string{muh}, "2027-05-05T16:00:00Z"
	})},
	"offer_soon_last_of_siblings": {outbox.OfferSoon, with(func(b *outbox.Booking) {
		b.Offered, b.Last, b.OfferUntil = []string{zoe, lukz, li}, []string{zoe, li}, "2027-05-04T06:30:00Z"
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
	"waiting_left_offered": {outbox.WaitingLeft, with(func(b *outbox.Booking) {
		b.Cancelled, b.Offered, b.Waiting, b.Rank = []string{lukz}, []string{zoe}, []string{li}, 1
	})},
	"waiting_left_given": {outbox.WaitingLeft, with(func(b *outbox.Booking) { b.Cancelled, b.Given = []string{lukz}, []string{zoe, muh} })},
	"session_moved": {outbox.SessionMoved, with(func(b *outbox.Booking) {
		b.Confirmed, b.Offered, b.Waiting, b.Rank = []string{zoe}, []string{muh}, []string{li}, 1
		b.OfferUntil, b.Session.Sequence = "2027-05-05T16:00:00Z", 1
	})},
	"session_moved_waiting": {outbox.SessionMoved, with(func(b *outbox.Booking) { b.Waiting = []string{lukz} })},
	"booking_moved": {outbox.BookingMoved, with(func(b *outbox.Booking) {
		b.Confirmed, b.PriceCents, b.Before, b.Session.Sequence = []string{zoe}, 1400, before(), 1
	})},
	"booking_moved_siblings_online": {outbox.BookingMoved, with(func(b *outbox.Booking) {
		b.Confirmed, b.PriceCents, b.PaymentURL, b.Before = []string{muh, li}, 2800, "https://payer.example.org/?a=1&b=2", before()
		b.Also = []outbox.Session{session()}
	})},
	"session_cancelled": {outbox.SessionCancelled, with(func(b *outbox.Booking) {
		b.Confirmed, b.Waiting, b.PriceCents, b.Reason = []string{zoe}, []string{muh}, 1400, "La salle est fermée pour travaux.\nNous cherchons une autre date."
	})},
	"session_cancelled_waiting": {outbox.SessionCancelled, with(func(b *outbox.Booking) { b.Waiting = []string{li} })},
	"draft_saved":               {outbox.DraftSaved, outbox.Draft{ID: "7K3M9QXW2BCD", Until: "2027-05-10T18:00:00Z", Session: session()}},
	"session_thanked": {outbox.SessionThanked, outbox.Certified{Guardian: "Nguyễn Thị Hồng", Reference: "ADA-7K3M9QXW", LinkVersion: 1,
		Children: []outbox.CertifiedChild{{FirstName: "Zoé"}}, Session: session()}},
	"session_thanked_siblings": {outbox.SessionThanked, outbox.Certified{Guardian: "Łukasz D'Artagnan-N'Guyen",
		Children: []outbox.CertifiedChild{{FirstName: muh, Code: "7K3M9QXW2BCD", Minutes: 90}, {FirstName: li}}, Session: session()}},
	"certificates_issued": {outbox.CertificatesIssued, outbox.Certified{Guardian: "Nguyễn Thị Hồng", Reference: "ADA-7K3M9QXW", LinkVersion: 1,
		Children: []outbox.CertifiedChild{{FirstName: "Zoé", Code: "7K3M9QXW2BCD", Minutes: 120}}, Session: session()}},
	"certificates_issued_siblings": {outbox.CertificatesIssued, outbox.Certified{Guardian: "Łukasz D'Artagnan-N'Guyen", Reference: "ADA-7K3M9QXW", LinkVersion: 3,
		Children: []outbox.CertifiedChild{{FirstName: muh, Code: "7K3M9QXW2BCD", Minutes: 90}, {FirstName: li, Code: "DCB2WXQ9M3K7", Minutes: 120}}, Session: session()}},
	"certificates_issued_series": {outbox.CertificatesIssued, outbox.Certified{Guardian: "Nguyễn Thị Hồng",
		Children: []outbox.CertifiedChild{{FirstName: lukz, Code: "7K3M9QXW2BCD", Minutes: 480}}, Series: "Les mercredis de Zoé", Session: session()}},
	"erasure_asked":         {outbox.ErasureAsked, outbox.Erasure{Guardian: zoe, Token: "0123456789abcdef0123456789abcdef.t0z1a0.0011223344556677", Until: "2027-05-04T18:00:00Z"}},
	"family_erased":         {outbox.FamilyErased, outbox.Erased{}},
	"family_erased_of_two":  {outbox.FamilyErased, outbox.Erased{Bookings: 2, Stays: true}},
	"team_invited":          {outbox.TeamInvited, outbox.TeamAccess{Name: zoe, By: "Nguyễn Thị Hồng", Nonce: "K3M9QXW7"}},
	"team_invited_command":  {outbox.TeamInvited, outbox.TeamAccess{Name: muh, Nonce: "K3M9QXW7"}},
	"password_forgotten":    {outbox.PasswordForgotten, outbox.TeamAccess{Name: lukz, Nonce: "K3M9QXW7"}},
	"password_forgotten_by": {outbox.PasswordForgotten, outbox.TeamAccess{Name: li, By: zoe, Nonce: "K3M9QXW7"}},
	"factor_dropped":        {outbox.FactorDropped, outbox.TeamAccess{Name: zoe}},
	"factor_dropped_by":     {outbox.FactorDropped, outbox.TeamAccess{Name: muh, By: zoe}},
	"alert_mails":           {outbox.AlertRaised, outbox.Alert{Kind: "mails_late", Count: 12, Began: "2027-05-03T16:00:00Z"}},
	"alert_disk":            {outbox.AlertRaised, outbox.Alert{Kind: "disk_low", Count: 7, Began: "2027-05-03T16:00:00Z"}},
	"alert_over":            {outbox.AlertEnded, outbox.Alert{Kind: "backup_late", Began: "2027-05-03T16:00:00Z", Ended: "2027-05-03T18:30:00Z"}},
	"password_changed":      {outbox.PasswordChanged, outbox.TeamAccess{Name: li}},
	"session_assigned":      {outbox.SessionAssigned, outbox.Assignment{Facilitator: "李 Łucja", By: "Amélie D'Orgeval", Session: session()}},
	"session_changed":       {outbox.SessionChanged, outbox.Assignment{Facilitator: "Nguyễn Thị Ánh", Session: again(1)}},
	"honorability_soon":     {outbox.HonorabilityEnding, outbox.Honorability{Name: "محمد", Until: "2027-06-01"}},
	"honorability_soon_of":  {outbox.HonorabilityEnding, outbox.Honorability{Name: zoe, Member: "Nguyễn Thị Ánh", MemberID: 12, Until: "2027-06-01"}},
	"honorability_over_of":  {outbox.HonorabilityEnding, outbox.Honorability{Name: zoe, Member: "李 Łucja", MemberID: 13, Until: "2027-01-31"}},
	"session_handed_over":   {outbox.SessionHandedOver, outbox.Assignment{Facilitator: "李 Łucja", By: "Amélie D'Orgeval", Session: session()}},
	"session_called_off": {outbox.SessionCalledOff, outbox.Assignment{Facilitator: "محمد", Session: again(2),
		Reason: "La classe part en sortie.\nNous reviendrons vers vous."}},
}

func claimed(t testing.TB, kind string, payload any) outbox.Claimed {
	t.Helper()
	data, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Claimed{ID: 1, Kind: kind, Language: string(words.French), To: "parent@example.org", Payload: data, MessageID: "K3M9", Attempts: 1, CreatedAt: monday}
}

// arrived is the mail of a message in French as a mail server receives it.
func arrived(t testing.TB, kind string, payload any) Received {
	t.Helper()
	return arrivedIn(t, words.French, kind, payload)
}

func arrivedIn(t testing.TB, lang words.Lang, kind string, payload any) Received {
	t.Helper()
	c := claimed(t, kind, payload)
	c.Language = string(lang)
	m, err := renderer(t).Render(c, monday)
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
			goldenMail(t, name, arrived(t, tt.kind, tt.payload))
			if toTeam(tt) {
				return // the team reads French
			}
			english := arrivedIn(t, words.English, tt.kind, tt.payload)
			goldenMail(t, "en/"+name, english)
			ours := english.Subject + english.Text
			if q, ok := tt.payload.(outbox.Request); ok { // what somebody wrote stays as it is
				for line := range strings.Lines(q.Reason) {
					ours = strings.ReplaceAll(ours, strings.TrimSpace(line), "")
				}
			}
			for _, sign := range []string{"\u00a0", "\u202f", "«", " :", " ?"} {
				if strings.Contains(ours, sign) {
					t.Errorf("%q is French:\n%s", sign, english.Text)
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

// toTeam reports whether a message goes to the team, which writers of messages address in French.
func toTeam(e example) bool {
	if q, ok := e.payload.(outbox.Request); ok {
		return q.Party == outbox.PartyTeam
	}
	return slices.Contains([]string{outbox.TeamInvited, outbox.PasswordForgotten, outbox.PasswordChanged, outbox.FactorDropped, outbox.HonorabilityEnding, outbox.SessionHandedOver, outbox.SessionAssigned, outbox.SessionChanged, outbox.SessionCalledOff, outbox.AlertRaised, outbox.AlertEnded}, e.kind)
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

// goldenMail compares a mail with its files, and looks for what no mail holds.
func goldenMail(t *testing.T, name string, r Received) {
	t.Helper()
	golden(t, name+".txt", asText(r))
	golden(t, name+".html", strings.ReplaceAll(r.HTML, "\r\n", "\n"))
	for _, text := range []string{r.Subject, r.Text, r.HTML} {
		for _, sign := range []string{"⟦", "<no value>", "%!", "ZgotmplZ", "\ufffd"} {
			if strings.Contains(text, sign) {
				t.Errorf("holds %q:\n%s", sign, text)
			}
		}
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
