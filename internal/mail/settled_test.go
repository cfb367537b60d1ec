package mail

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// What a mail says of the price is what is left of it when the mail is made: nobody whose carnet or payment covers a booking is told to pay on the spot.
func TestPriceThatIsSettled(t *testing.T) {
	t.Parallel()
	const pays = "https://payer.example.org/"
	for _, tt := range []struct {
		name      string
		kind      string
		paid      Settled
		change    func(*outbox.Booking)
		fr, en    string
		button    string   // of the link to pay
		neitherIn []string // further words that it must not say
	}{
		{name: "nothing paid", kind: outbox.BookingConfirmed, paid: Settled{2800, 2800, 0, 0}, fr: "Tarif : 28 €, à régler sur place", en: "€28.00, to be paid on the day"},
		{name: "a carnet", kind: outbox.BookingConfirmed, paid: Settled{2800, 0, 0, 2}, fr: "Tarif : Réglé avec 2 places de votre carnet", en: "Paid with 2 places from your book"},
		{name: "a carnet, given a seat", kind: outbox.SeatGiven, paid: Settled{2800, 0, 0, 2}, fr: "Tarif : Réglé avec 2 places de votre carnet", en: "Paid with 2 places from your book"},
		{name: "a carnet and money", kind: outbox.BookingConfirmed, paid: Settled{2800, 0, 1400, 1}, fr: "Tarif : Réglé avec 1 place de votre carnet et 14 €", en: "Paid with 1 place from your book and €14.00"},
		{name: "money", kind: outbox.BookingConfirmed, paid: Settled{2800, 0, 2800, 0}, fr: "Tarif : 28 €, déjà réglé", en: "€28.00, already paid"},
		{name: "a part", kind: outbox.BookingConfirmed, paid: Settled{2800, 1400, 0, 1}, fr: "Tarif : 28 €, dont il reste 14 € à régler sur place", en: "€28.00, of which €14.00 is still to be paid on the day"},
		{name: "a part, online", kind: outbox.BookingConfirmed, paid: Settled{2800, 1400, 1400, 0}, change: func(b *outbox.Booking) { b.PaymentURL = pays },
			fr: "Tarif : 28 €, dont il reste 14 € à régler en ligne", en: "€28.00, of which €14.00 is still to be paid online", button: pays},
		{name: "all, online", kind: outbox.BookingConfirmed, paid: Settled{2800, 0, 2800, 0}, change: func(b *outbox.Booking) { b.PaymentURL = pays },
			fr: "Tarif : 28 €, déjà réglé", en: "€28.00, already paid", neitherIn: []string{pays}},
		{name: "a series paid with another booking", kind: outbox.BookingConfirmed, change: func(b *outbox.Booking) { b.PerSeries = true },
			fr: "Tarif : Compris dans le prix du cycle", en: "Part of the price of the series"},
		{name: "the copy for a young person", kind: outbox.BookingConfirmed, paid: Settled{2800, 0, 0, 2}, change: func(b *outbox.Booking) { b.Copy = true },
			fr: "Tarif : 28 €\n", en: "€28.00\n", neitherIn: []string{"carnet", "book of", "réglé", "paid"}},
		{name: "reminder", kind: outbox.Reminder, paid: Settled{2800, 2800, 0, 0}, fr: "Tarif : 28 €, à régler sur place si ce n'est pas déjà fait", en: "€28.00, to be paid on the day unless you already have"},
		{name: "reminder of a part", kind: outbox.Reminder, paid: Settled{2800, 1400, 0, 1}, fr: "Tarif : 14 €, à régler sur place si ce n'est pas déjà fait", en: "€14.00, to be paid on the day unless you already have"},
		{name: "reminder of what a carnet pays", kind: outbox.Reminder, paid: Settled{2800, 0, 0, 2}, fr: "Tarif : Réglé avec 2 places de votre carnet", en: "Paid with 2 places from your book"},
		{name: "given up meanwhile", kind: outbox.BookingConfirmed, fr: "Tarif : 28 €, à régler sur place", en: "€28.00, to be paid on the day"},
	} {
		site := renderer(t).site
		site.Settled = func(reference string) (Settled, error) {
			if reference != booking().Reference {
				t.Errorf("%s: asked about %q", tt.name, reference)
			}
			return tt.paid, nil
		}
		r, err := NewRenderer(site)
		if err != nil {
			t.Fatal(err)
		}
		b := with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents = []string{zoe, muh}, 2800 })
		if tt.kind == outbox.SeatGiven {
			b.Given = b.Confirmed
		}
		if tt.change != nil {
			tt.change(&b)
		}
		for lang, want := range map[words.Lang]string{words.French: tt.fr, words.English: tt.en} {
			c := claimed(t, tt.kind, b)
			c.Language = string(lang)
			m, err := r.Render(c, monday)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			text := wordstest.Plain(m.Text)
			if !strings.Contains(text, want) || !strings.Contains(text, tt.button) {
				t.Errorf("%s in %s: lacks %q and %q:\n%s", tt.name, lang, want, tt.button, text)
			}
			covered := tt.paid.Cents > 0 && tt.paid.LeftCents == 0
			for _, never := range append([]string{"sur place", "on the day"}, tt.neitherIn...) {
				if (covered || len(tt.neitherIn) > 0) && strings.Contains(text, never) {
					t.Errorf("%s in %s says %q:\n%s", tt.name, lang, never, text)
				}
			}
		}
	}
}

// A database that is busy for a moment costs no family its mail: it is tried again.
func TestPriceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	site := renderer(t).site
	site.Settled = func(string) (Settled, error) { return Settled{}, errors.New("busy") }
	r, err := NewRenderer(site)
	if err != nil {
		t.Fatal(err)
	}
	w := &Worker{renderer: r, clock: func() time.Time { return monday }}
	b := with(func(b *outbox.Booking) { b.Confirmed, b.PriceCents = []string{zoe}, 1400 })
	_, err = w.message(claimed(t, outbox.BookingConfirmed, b))
	if f, ok := errors.AsType[*failure](err); !ok || f.permanent {
		t.Errorf("%v: want a failure that passes", err)
	}
}
