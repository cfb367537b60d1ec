package account

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// The end of a certificate of honorability is told once, in time, to the admins and to whom it is of; another certificate is told of again.
// How long it counts is a setting (issue 7, item 4).
func TestHonorability(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	db := sqlitetest.NewAt(t, clock.Now)
	office := NewOffice(db, teamSecret)
	key := func() FormKey { return FormKey{Nonce: rand.Text(), Expires: clock.Now().Add(time.Hour)} }
	admin := addUser(t, db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", Admin).ID
	other := addUser(t, db, "anh@exemple.fr", "Nguyễn Thị Ánh", Admin).ID
	lukasz := addUser(t, db, "lukasz@exemple.fr", "Łukasz", Facilitator).ID
	actor := Actor{Kind: KindUser, ID: admin, Name: "Zoé", Role: Admin}
	set := func(typed string) error {
		return office.SetCertificate(t.Context(), actor, key(), lukasz, typed)
	}
	told := func(want int, at string) {
		t.Helper()
		n, err := RemindCertificates(t.Context(), db)
		if err != nil || n != want {
			t.Errorf("%s: %d certificates were told of, %v; want %d", at, n, err, want)
		}
	}
	for typed, key := range map[string]string{"2027-03-03": "account.certificate_future", "31/02/2027": "account.certificate_wrong", "2027-02-31": "account.certificate_wrong",
		"1900-01-01": "account.certificate_old", "2017-02-28": "account.certificate_old"} {
		err := set(typed)
		if f, _ := fault.As(err); f == nil || f.Fields["certified_on"].Key != key {
			t.Errorf("%s: %v, want %s", typed, err, key)
		}
	}
	told(0, "without any")
	if err := set("2026-08-31"); err != nil { // six months: to the last day of February
		t.Fatal(err)
	}
	u := findUser(t, db, lukasz)
	if got := u.CertifiedUntil.Format(time.DateOnly); got != "2027-02-28" {
		t.Errorf("it ends on %s", got)
	}
	told(1, "over")
	told(0, "told already")
	if err := set("2027-03-01"); err != nil {
		t.Fatal(err)
	}
	told(0, "fresh")
	clock.Set(time.Date(2027, 8, 1, 8, 0, 0, 0, time.UTC))
	told(0, "31 days before")
	clock.Set(time.Date(2027, 8, 2, 8, 0, 0, 0, time.UTC))
	told(1, "30 days before")
	var mails, named int
	if err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*), count(*) FILTER (WHERE recipient = 'anh@exemple.fr' AND payload ->> '$.member' = 'Łukasz' AND payload ->> '$.until' = '2027-09-01')
			FROM outbox WHERE kind = 'honorability_ending'`).Scan(&mails, &named)
	}); err != nil || mails != 6 || named != 1 {
		t.Errorf("%d mails, %d of them to the other admin about the second certificate, %v; want three each time", mails, named, err)
	}
	for day, want := range map[string]Certified{"2027-08-01": CertifiedValid, "2027-08-02": CertifiedEnding, "2027-09-01": CertifiedEnding, "2027-09-02": CertifiedOver} {
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		u.CertifiedOn, u.CertifiedUntil = time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC)
		if got := u.Certified(on, 30); got != want {
			t.Errorf("on %s it is %d, want %d", day, got, want)
		}
	}
	// A longer delay is a choice of the association: what is kept is the day of the certificate.
	if err := office.ChangeSettings(t.Context(), actor, key(), map[string]string{settings.HonorabilityMonths.Name: "36"}, nil); err != nil {
		t.Fatal(err)
	}
	if u = findUser(t, db, lukasz); u.CertifiedUntil.Year() != 2030 {
		t.Errorf("it ends on %s", u.CertifiedUntil)
	}
	staff := Actor{Kind: KindUser, ID: other, Role: Staff}
	if err := office.SetCertificate(t.Context(), staff, key(), lukasz, ""); !fault.Is(err, fault.Forbidden, "error.forbidden") {
		t.Errorf("staff: %v", err)
	}
}
