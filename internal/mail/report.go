package mail

import (
	"context"
	"errors"

	gomail "github.com/wneessen/go-mail"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// message renders and composes c. Its errors are permanent failures, but where what is owed could not be read.
func (w *Worker) message(c outbox.Claimed) (*gomail.Msg, error) {
	now := w.clock()
	m, err := w.renderer.Render(c, now)
	if f, ok := errors.AsType[*failure](err); ok {
		return nil, f
	}
	if err != nil {
		return nil, &failure{stage: "rendering", cause: err, permanent: true}
	}
	msg, err := compose(w.sender.identity, m, c.To, c.MessageID, now)
	if err != nil {
		return nil, &failure{stage: "composing", cause: err, permanent: true}
	}
	return msg, nil
}

// report writes the outcome of one message into the outbox; also when ctx has ended meanwhile,
// since a mail that is sent must be marked.
func (w *Worker) report(ctx context.Context, c outbox.Claimed, sending error) {
	if sending != nil && ctx.Err() != nil {
		return // cut off by the stop, not refused: the next start tries again
	}
	ctx = context.WithoutCancel(ctx)
	log := w.log.With("message", c.ID, "kind", c.Kind, "attempt", c.Attempts)
	if sending == nil {
		if err := w.store.Sent(ctx, c.ID); err != nil {
			log.Error("mail sent but not marked: it may be sent once more", "error", err)
		}
		return
	}
	var f *failure
	permanent := errors.As(sending, &f) && f.permanent
	log.Warn("mail not sent", "error", sending, "permanent", permanent)
	if err := w.store.Failed(ctx, c.ID, sending, permanent); err != nil {
		log.Error("failure of a mail not kept", "error", err)
	}
}
