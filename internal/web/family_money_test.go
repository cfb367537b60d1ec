package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
)

// sells keeps that a family with an address paid, and for what; it returns the id of the payment.
func (s *site) sells(email string, cents int, what string) int64 {
	s.t.Helper()
	s.sql(`INSERT OR IGNORE INTO users (id, email, email_folded, name, role, password_hash, created_at) VALUES (99, 'l@exemple.fr', 'l@exemple.fr', 'Łukasz', 'staff', '', '2026-05-01T08:00:00Z')`)
	id, err := s.web.Payments.Collect(s.t.Context(), account.Actor{Kind: account.KindUser, ID: 99, Role: account.Staff}, s.key(),
		int64(s.count("SELECT id FROM guardians WHERE email = ? AND proved_at IS NOT NULL", email)),
		payment.Collected{For: what, New: payment.New{Cents: cents, Mode: payment.Cash, ReceivedOn: "4/5/2026"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// A family sees what is left on its carnet in its space, on the check page with how many seats this booking will use, and on the page of the
// booking; and takes its receipts.
func TestCarnetOfAFamily(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	b.get("/compte").want(200, "Reste à régler : 28 €", "Mes paiements, carnets et reçus")
	s.sells("zoe@exemple.fr", 5000, payment.ForCarnet)
	b.get("/compte").want(200, "Rien à régler", "Il reste 2 places sur votre carnet")
	other := s.edition(session, "2026-05-16", 6)
	page := b.get("/inscription/" + idText(other))
	ids := s.ownChildren("zoe@exemple.fr")
	check := b.post(page.path, page.fill("", url.Values{"enfant": ids})).want(200, "Vérifiez", "Il vous reste 2 places de carnet : cette inscription en utilisera 2.")
	if strings.Contains(check.body, "à régler sur place") {
		t.Error("it is also to be paid on the spot")
	}
	b.post(check.path, check.fill("", nil)).want(200, "Réglées avec 2 places de votre carnet")
	third := s.edition(session, "2026-05-23", 6)
	page = b.get("/inscription/" + idText(third))
	b.post(page.path, page.fill("", url.Values{"enfant": ids[:1]})).want(200, "14 €, à régler sur place")

	own := b.get("/compte/paiements").want(200, "Rien à régler", "Place de carnet", "Reçu R2026-0001", "Espèces")
	b.get("/en/compte/paiements").want(200, "Nothing to be paid", "Receipt R2026-0001", "Cash")
	href, _ := own.Find(`a[href$="recu.pdf"]`).Attr("href")
	if pdf := b.get(href).want(200); !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Error("the receipt is no PDF")
	}
	b.get(strings.TrimSuffix(href, "/recu.pdf")).want(200, "Carnet de 4 places", "la somme de 50,00 €, en espèces")
}

// One unit left for two children: the page says what the other seat costs.
func TestCarnetTooShort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	s.sells("zoe@exemple.fr", 5000, payment.ForCarnet)
	ids := s.ownChildren("zoe@exemple.fr")
	page := b.get("/inscription/" + idText(s.edition(session, "2026-05-16", 6)))
	page = b.post(page.path, page.fill("", url.Values{"enfant": ids[:1]})).want(200, "Il vous reste 2 places de carnet : cette inscription en utilisera 1.")
	b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	page = b.get("/inscription/" + idText(s.edition(session, "2026-05-30", 6)))
	page = b.post(page.path, page.fill("", url.Values{"enfant": ids})).want(200, "Il vous reste 1 place de carnet : cette inscription en utilisera 1. Reste 14 €.")
	booked := b.post(page.path, page.fill("", nil)).want(200, "Reste à régler : 14 €.")
	s.sells("zoe@exemple.fr", 1400, payment.ForAll)
	b.get(booked.path).want(200, "Réglées avec 1 place de votre carnet et 14 €.")
}

// A child who has a seat in a series pays for it once, also where another of its sessions is booked alone; and what is paid online is said so,
// for several sessions as for one.
func TestSeriesIsNotChargedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	second, third := s.edition(session, "2026-05-16", 6), s.edition(session, "2026-05-23", 6)
	s.sql(`INSERT INTO series (id, title, price_cents, created_at) VALUES (7, 'Les samedis', 5000, '2026-05-01T08:00:00Z')`)
	s.sql(`UPDATE sessions SET series_id = 7, pricing = 'series', payment_url = 'https://payer.example.org/' WHERE id IN (?, ?, ?)`, session, second, third)
	ids := s.ownChildren("zoe@exemple.fr")
	page := b.get("/inscription/" + idText(second))
	check := b.post(page.path, page.fill("", url.Values{"enfant": ids, "seance": {idText(third)}})).want(200, "Ce cycle compte déjà dans vos inscriptions")
	b.post(check.path, check.fill("", nil))
	b.get("/compte/paiements").want(200, "Reste à régler : 100 €")
	if n := s.count("SELECT count(*) FROM outbox WHERE kind = 'bookings_confirmed' AND payload ->> '$.price_cents' IS NULL AND payload ->> '$.per_series'"); n != 1 {
		t.Errorf("%d mails say that it is part of the series, want 1", n)
	}
	s.booked(session, "autre@exemple.fr", booking.Wishes{}, "李")
	stranger := s.browser()
	page = toCheck(stranger, idText(second), zoe, ali).want(200, "100 € pour tout le cycle", "à régler en ligne")
	if strings.Contains(page.body, "sur place") {
		t.Error("a session that is paid online says that it is paid on the spot")
	}
}

// What is paid online says so for several sessions too.
func TestSeveralSessionsPaidOnline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé")
	second, third := s.edition(session, "2026-05-16", 6), s.edition(session, "2026-05-23", 6)
	s.sql(`INSERT INTO series (id, title, created_at) VALUES (7, 'Les samedis', '2026-05-01T08:00:00Z')`)
	s.sql(`UPDATE sessions SET series_id = 7, payment_url = 'https://payer.example.org/' WHERE id IN (?, ?)`, second, third)
	says := func(want string) {
		t.Helper()
		page := b.get("/inscription/" + idText(second))
		b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr"), "seance": {idText(third)}})).want(200, "28 € en tout, pour 2 séances, "+want)
	}
	says("à régler en ligne, une fois la place réservée.")
	s.sql(`UPDATE sessions SET payment_url = '' WHERE id = ?`, third)
	says("à régler comme le dit chaque séance.")
	s.sql(`UPDATE sessions SET payment_url = ''`)
	says("à régler sur place.")
}

// Who paid in advance is not told on the check page to pay that once more.
func TestPaidInAdvance(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé")
	s.sells("zoe@exemple.fr", 1400, payment.ForAll)
	s.sells("zoe@exemple.fr", 2000, payment.ForAll) // of which nothing is owed any more
	page := b.get("/inscription/" + idText(s.edition(session, "2026-05-16", 6)))
	page = b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr")})).want(200, "Vous avez déjà payé 20 € d'avance : cette inscription en utilisera 14 €.")
	if strings.Contains(page.body, "à régler sur place") {
		t.Error("it is also to be paid on the spot")
	}
	b.post(page.path, page.fill("", nil)).want(200, "C'est réglé. Merci")
	page = b.get("/inscription/" + idText(s.edition(session, "2026-05-23", 6)))
	page = b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr")})).want(200, "cette inscription en utilisera 6 €. Reste 8 €.")
	b.post(page.path, page.fill("", nil)).want(200, "Reste à régler : 8 €.")
	// What is over is not to be paid « le jour de la séance » any more.
	page = b.get("/inscription/" + idText(s.edition(session, "2026-05-30", 6)))
	page = b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr")})).want(200, "14 €, à régler sur place")
	booked := b.post(page.path, page.fill("", nil)).want(200, "14 €, à régler sur place le jour de la séance")
	s.clock.Set(time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC))
	b.get(booked.path).want(200, "Reste à régler : 14 €.")
}
