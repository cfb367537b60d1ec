package mail

import (
	"strings"
	"unicode"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// oneLine turns every run of spaces, line ends and control characters into one space. What
// people typed as a name can then start neither a header nor a paragraph of its own (SEC-41).
// No-break spaces stay as they are: they are the typography of our own texts.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}

// lines is oneLine for a text that may have several.
func lines(s string) string {
	var kept []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		if line = oneLine(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// indent makes the further lines of a text stand under its first.
func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n  ") }

func cleanBooking(b *outbox.Booking) {
	for _, s := range []*string{&b.Reference, &b.Guardian, &b.PaymentURL} {
		*s = oneLine(*s)
	}
	for _, names := range [][]string{b.Confirmed, b.Waiting, b.Offered, b.Given, b.Cancelled} {
		for i := range names {
			names[i] = oneLine(names[i])
		}
	}
	b.Reason = lines(b.Reason)
	cleanSession(&b.Session)
	if b.Before != nil {
		cleanSession(b.Before)
	}
	for i := range b.Also {
		cleanSession(&b.Also[i])
	}
}

func cleanCertified(c *outbox.Certified) {
	for _, s := range []*string{&c.Guardian, &c.Reference, &c.Series} {
		*s = oneLine(*s)
	}
	for i := range c.Children {
		c.Children[i].FirstName, c.Children[i].Code = oneLine(c.Children[i].FirstName), oneLine(c.Children[i].Code)
	}
	cleanSession(&c.Session)
}

func cleanSession(s *outbox.Session) {
	for _, s := range []*string{&s.Title, &s.Level, &s.Venue, &s.Address, &s.Postcode, &s.City} {
		*s = oneLine(*s)
	}
	s.Access = lines(s.Access)
	s.Bring = lines(s.Bring)
}
