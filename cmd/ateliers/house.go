package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// house is everything that serves people, over one database.
type house struct {
	db         *sqlite.DB
	clock      func() time.Time
	log        *slog.Logger
	secret     account.Secret
	catalog    *catalog.Catalog
	bookings   *booking.Service
	attendance *attendance.Service
	school     *school.Service
	privacy    *privacy.Service
	payments   *payment.Service
	mails      *mail.Renderer // nil until the first of pages and postman made it
	press      *document.Press
	outbox     *outbox.Store
	timers     *upkeep.Timers
}

// newHouse puts the features on a database. It fails when the secret or the fonts do.
func newHouse(db *sqlite.DB, clock func() time.Time, log *slog.Logger) (*house, error) {
	secret, err := account.LoadSecret(filepath.Dir(db.Path()))
	if err != nil {
		return nil, err
	}
	press, err := document.New()
	if err != nil {
		return nil, err
	}
	bookings := booking.NewService(db, secret)
	h := &house{
		db: db, clock: clock, log: log, secret: secret, press: press,
		catalog: catalog.New(db), bookings: bookings, attendance: attendance.NewService(db, bookings),
		school: school.NewService(db, secret), privacy: privacy.NewService(db, secret), payments: payment.NewService(db),
		outbox: outbox.NewStore(db),
	}
	h.timers = &upkeep.Timers{DB: db, Bookings: h.bookings, School: h.school, Privacy: h.privacy, Outbox: h.outbox, Log: log}
	return h, nil
}

// pages returns the web server, with the pages of the demo if there is one. With secondFactor the team is asked for a code after the password.
func (h *house) pages(ctx context.Context, base *url.URL, proxies []string, secondFactor bool, demo *web.Demo) (*web.Server, error) {
	mails, err := h.renderer(ctx, base)
	if err != nil {
		return nil, err
	}
	preview := func(kind, language string, payload any) (subject, text string, err error) {
		m, err := mails.Preview(kind, language, payload, h.clock())
		return m.Subject, m.Text, err
	}
	return web.New(web.Config{
		BaseURL: base, TrustedProxies: proxies, Log: h.log, Now: h.clock, Health: h.health, Preview: preview, Demo: demo,
	}, web.Features{
		Door:       account.NewDoor(h.db, h.secret, h.clock, secondFactor),
		SignIns:    account.NewSignIns(h.db, base.Scheme == "https", h.clock),
		FamilyDoor: account.NewFamilyDoor(h.db, h.secret, h.clock), FamilySignIns: account.NewFamilySignIns(h.db, base.Scheme == "https", h.clock),
		Families: family.NewService(h.db, h.secret),
		Secret:   h.secret, Catalog: h.catalog, Bookings: h.bookings, Attendance: h.attendance, School: h.school, Privacy: h.privacy, Payments: h.payments, Messages: message.NewService(h.db), Report: report.NewService(h.db), Numbers: numbering.NewService(h.db), Alerts: alert.NewStore(h.db), Press: h.press,
		Office: account.NewOffice(h.db, h.secret), Outbox: h.outbox,
	})
}

// postman returns the worker that sends what the outbox holds.
func (h *house) postman(ctx context.Context, base *url.URL, server mail.Server, identity mail.Identity) (*mail.Worker, error) {
	renderer, err := h.renderer(ctx, base)
	if err != nil {
		return nil, err
	}
	return mail.NewWorker(h.outbox, renderer, mail.NewSender(server, identity), h.clock, h.log), nil
}

// renderer makes mails out of messages; it is made once, since it reads every template.
func (h *house) renderer(ctx context.Context, base *url.URL) (*mail.Renderer, error) {
	if h.mails != nil {
		return h.mails, nil
	}
	site := mail.Site{BaseURL: base.String(), Request: h.requestPath, Link: func(purpose, reference string, version int) string {
		opens := booking.LinkMail
		if purpose == "screen" {
			opens = booking.LinkScreen
		}
		return web.BookingPath(h.bookings.Sign(opens, reference, version))
	}}
	site.Draft = func(id string) string { return web.DraftPath(h.bookings.DraftLink(id)) }
	reading := context.WithoutCancel(ctx) // mails are made long after the start
	site.Settled = func(reference string) (mail.Settled, error) {
		v, err := h.payments.OfBooking(reading, reference)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			return mail.Settled{}, nil // erased since it was written
		}
		return mail.Settled{Cents: v.Cents, LeftCents: v.LeftCents, PaidCents: v.PaidCents, Units: v.Units}, err
	}
	site.Certificate = web.CertificatePath
	site.Invitation = func(nonce string) string { return web.InvitationPath(family.InvitationToken(h.secret, nonce)) }
	site.Email = func(nonce string) string { return web.EmailPath(family.EmailToken(h.secret, nonce)) }
	site.SignIn = func(nonce string) string { return web.SignInPath(h.secret.SignInToken(nonce)) }
	site.Password = func(nonce string) string { return web.PasswordPath(h.secret.PasswordToken(nonce)) }
	site.Forgotten = web.ForgottenPath
	site.Passport = func(reference string, version int) string {
		return web.PassportPath(h.bookings.Sign(booking.LinkPassport, reference, version))
	}
	site.Erasure = func(lang words.Lang, token string) string { return web.ErasurePath(lang, h.privacy.ErasureLink(token)) }
	err := h.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if site.Organizer.Name, err = settings.Get(tx, settings.AssociationName); err != nil {
			return err
		}
		site.Organizer.Address, err = settings.Get(tx, settings.AssociationEmail)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	h.mails, err = mail.NewRenderer(site)
	return h.mails, err
}

// requestPath is where a message about a group request leads whom it goes to.
func (h *house) requestPath(kind string, m outbox.Request) string {
	switch {
	case kind == outbox.RequestConfirm:
		return web.ConfirmationPath(m.ConfirmID, h.school.SignConfirmation(m.ConfirmID, m.LinkVersion))
	case m.Party == outbox.PartyTeam:
		return web.DeskRequestPath(m.ID)
	case m.Party == outbox.PartyPayer:
		return web.PayerPath(h.school.Sign(school.LinkPayer, m.Reference, m.LinkVersion))
	}
	return web.RequestPath(h.school.Sign(school.LinkContact, m.Reference, m.LinkVersion))
}

// health reads and writes: both ways into the database are open, and the disk takes what is written.
func (h *house) health(ctx context.Context) error {
	if _, _, err := h.outbox.NextDue(ctx); err != nil {
		return err
	}
	return h.db.Probe(ctx)
}
