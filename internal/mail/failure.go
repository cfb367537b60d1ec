package mail

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// failure is why one message did not leave.
type failure struct {
	stage string // of the conversation with the server, or of our own work
	code  int    // SMTP reply code; 0: the server said nothing
	cause error
	// permanent failures are not tried again.
	permanent bool
	// unreachable tells that no conversation came about: every other message would fail alike.
	unreachable bool
	// mailbox tells that the recipient's mailbox takes nothing for now.
	mailbox bool
}

func (f *failure) Error() string { return f.stage + ": " + f.cause.Error() }

func (f *failure) Unwrap() error { return f.cause }

// Is tells the outbox what is one mailbox's fault (outbox.ErrMailbox).
func (f *failure) Is(target error) bool { return f.mailbox && target == outbox.ErrMailbox }

// LogValue leaves out what the server said: it often quotes the address.
func (f *failure) LogValue() slog.Value {
	if f.code == 0 && f.unreachable {
		return slog.StringValue(f.Error()) // no address in it, and what the operator needs
	}
	return slog.StringValue(fmt.Sprintf("%s: code %d", f.stage, f.code))
}

// asFailure judges what go-mail returned. A refusal (5xx) of the recipient or of the message
// is for ever. A refusal of ourselves (MAIL FROM, sign-in) is a mistake in the configuration, which
// somebody will put right: the message waits.
func asFailure(err error) *failure {
	var send *gomail.SendError
	if !errors.As(err, &send) {
		return &failure{stage: "sending", cause: err}
	}
	f := &failure{stage: send.Reason.String(), code: send.ErrorCode()}
	// The rest repeats recipient and Message-ID, which the row holds anyway.
	said, _, _ := strings.Cut(strings.TrimPrefix(send.Error(), f.stage+": "), ", affected ")
	f.cause = errors.New(said)
	switch send.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		f.permanent = f.code >= 500
	}
	const closing = 421 // said anywhere: the server goes away
	f.mailbox = send.Reason == gomail.ErrSMTPRcptTo && f.code > 0 && f.code < 500 && f.code != closing
	return f
}
