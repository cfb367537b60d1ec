// Package message owns what the team writes to families: mailings to those who booked a session or wait for it, what
// became of each mail, and the texts that are kept to be written again.
package message

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service writes to families. It is safe for concurrent use.
type Service struct{ db *sqlite.DB }

// NewService returns the mailings of db.
func NewService(db *sqlite.DB) *Service { return &Service{db} }

// Text is a letter before it is anybody's: its fields, such as {{enfants}}, have no values yet. The body is in the Markdown
// of package prose.
type Text struct{ Subject, Body string }

// fields are what a text may name; mails give them their values, in the language of whoever reads them.
var fields = []string{"responsable", "enfants", "atelier", "seances", "lieu"}

// Fields are the names of the fields of a text, in the order in which a page lists them.
func Fields() []string { return append([]string(nil), fields...) }

// How long a text may be, in characters.
const (
	mostSubject = 120
	mostBody    = 8000
)

// trim takes away what nobody meant to write.
func (t Text) trim() Text {
	return Text{Subject: strings.Join(strings.Fields(t.Subject), " "), Body: strings.TrimSpace(strings.ReplaceAll(t.Body, "\r\n", "\n"))}
}

// check returns what keeps a text from being sent, by field: subject and body.
func (t Text) check() map[string]fault.Message {
	wrong := map[string]fault.Message{}
	for _, part := range []struct {
		name, text string
		most       int
	}{{"subject", t.Subject, mostSubject}, {"body", t.Body, mostBody}} {
		switch problems := prose.Check(part.text, fields); {
		case part.text == "":
			wrong[part.name] = fault.Message{Key: "message." + part.name + ".missing"}
		case utf8.RuneCountInString(part.text) > part.most:
			wrong[part.name] = fault.Message{Key: "message.too_long", Args: []any{part.most}}
		case len(problems) > 0:
			wrong[part.name] = fault.Message{Key: "message.at_line", Args: []any{problems[0].Line, problems[0].Message}}
		}
	}
	return wrong
}

// mayWrite lets those write who may manage the programme, and those of communication: they see no health data here.
func mayWrite(actor account.Actor) error {
	if !actor.HasDesk() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

func (s *Service) write(ctx context.Context, actor account.Actor, do func(tx *sqlite.Tx) error) error {
	if err := mayWrite(actor); err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return do(tx) })
}

func (s *Service) read(ctx context.Context, actor account.Actor, do func(tx *sqlite.Tx) error) error {
	if err := mayWrite(actor); err != nil {
		return err
	}
	return s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error { return do(tx) })
}

// record names a row in the audit.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }
