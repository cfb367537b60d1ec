package mail

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Identity is who writes: From, and the human who reads the answers.
type Identity struct {
	From, ReplyTo mail.Address
}

// ParseIdentity reads two addresses such as « Les Ateliers d'Ada <salut@example.org> ».
func ParseIdentity(from, replyTo string) (Identity, error) {
	f, err := mail.ParseAddress(from)
	if err != nil {
		return Identity{}, fmt.Errorf("mail: sender %q: %w", from, err)
	}
	r, err := mail.ParseAddress(replyTo)
	if err != nil {
		return Identity{}, fmt.Errorf("mail: address for answers %q: %w", replyTo, err)
	}
	return Identity{From: *f, ReplyTo: *r}, nil
}

// host is the right part of Message-IDs.
func (id Identity) host() string {
	return id.From.Address[strings.LastIndexByte(id.From.Address, '@')+1:]
}

// compose makes the message that goes over the wire: one recipient, and the same Message-ID
// whenever it is sent. What people typed cannot add a header: subjects and names are encoded,
// addresses parsed (SEC-41).
func compose(id Identity, m Mail, to, messageID string, date time.Time) (*gomail.Msg, error) {
	address, err := mail.ParseAddress(to)
	if err != nil {
		return nil, fmt.Errorf("mail: recipient: %w", err)
	}
	if address.Address != to {
		return nil, fmt.Errorf("mail: recipient: %q is more than an address", to)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&id.From)
	msg.ReplyToMailAddress(&id.ReplyTo)
	msg.ToMailAddress(address)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(date)
	msg.SetMessageIDWithValue(messageID + "@" + id.host())
	msg.SetGenHeader(gomail.HeaderContentLang, string(m.Language))
	// No out-of-office answers (RFC 3834): a human would have to sort them.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	for _, c := range m.Calendars {
		kind := gomail.ContentType("text/calendar; charset=utf-8; method=" + c.Method)
		if err := msg.AttachReader(c.Name, bytes.NewReader(c.Data), gomail.WithFileContentType(kind)); err != nil {
			return nil, fmt.Errorf("mail: calendar: %w", err)
		}
	}
	return msg, nil
}
