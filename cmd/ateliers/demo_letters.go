package main

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

const (
	// lettersKept is how many mails of a demo can be read.
	lettersKept = 1000
	// lettersEvery is how soon a mail of a demo arrives without anybody asking for it.
	lettersEvery = time.Second
)

// letters are the mails of a demo: sent over SMTP like any other, to a server of its own.
type letters struct {
	sink   *mail.Sink
	worker *mail.Worker
	// sending is held while mails are on their way, so that whoever takes it finds them arrived.
	sending sync.Mutex
}

// letters starts the mail server of a demo.
func (h *house) letters(ctx context.Context, base *url.URL) (*letters, error) {
	sink, err := mail.StartSink("127.0.0.1:0", lettersKept, h.clock)
	if err != nil {
		return nil, err
	}
	server, err := mail.ParseServer(sink.URL())
	if err != nil {
		return nil, err
	}
	const from = "Les Ateliers d'Ada <ateliers@example.org>"
	identity, err := mail.ParseIdentity(from, from)
	if err != nil {
		return nil, err
	}
	worker, err := h.postman(ctx, base, server, identity)
	if err != nil {
		return nil, err
	}
	return &letters{sink: sink, worker: worker}, nil
}

// Close stops the mail server.
func (l *letters) Close() error { return l.sink.Close() }

// send sends all that is due; when it returns, all of it has arrived.
func (l *letters) send(ctx context.Context) error {
	l.sending.Lock()
	defer l.sending.Unlock()
	return l.worker.SendDue(ctx)
}

// run sends what is due, as it comes due, until ctx ends.
func (l *letters) run(ctx context.Context) {
	tick := time.NewTicker(lettersEvery)
	defer tick.Stop()
	for {
		_ = l.send(ctx) // whoever asks for the mails learns of it
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Received returns the mails, newest first, once all that is due has arrived.
func (l *letters) Received(ctx context.Context) ([]web.DemoMail, error) {
	if err := l.send(ctx); err != nil {
		return nil, err
	}
	var mails []web.DemoMail
	for _, m := range l.sink.Messages() {
		d := web.DemoMail{
			ID: m.ID, ReceivedAt: m.ReceivedAt, From: m.From, To: m.To, Subject: m.Subject, MessageID: m.MessageID,
			Headers: m.Headers, Text: m.Text, HTML: m.HTML, Attachments: []web.DemoAttachment{},
		}
		for _, a := range m.Attachments {
			d.Attachments = append(d.Attachments, web.DemoAttachment(a))
		}
		mails = append(mails, d)
	}
	return mails, nil
}
