package mail

import (
	"strings"
	"testing"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	tests := map[string]Server{
		"smtp://ada:p%40ss@mail.example.org":  {"mail.example.org", 587, "ada", "p@ss", startTLS},
		"smtp://mail.example.org:25":          {"mail.example.org", 25, "", "", startTLS},
		"smtps://ada:secret@mail.example.org": {"mail.example.org", 465, "ada", "secret", fromOn},
		"smtps://127.0.0.1:4650/":             {"127.0.0.1", 4650, "", "", fromOn},
		"smtp://127.0.0.1:2525":               {"127.0.0.1", 2525, "", "", none},
		"smtp://localhost":                    {"localhost", 25, "", "", none},
		"smtp://[::1]:2525":                   {"::1", 2525, "", "", none},
	}
	for raw, want := range tests {
		if got, err := ParseServer(raw); got != want || err != nil {
			t.Errorf("%s: %+v %v, want %+v", raw, got, err, want)
		}
	}
}

func TestParseServerRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "mail.example.org:587", "http://mail.example.org", "smtp://", "smtp://:587", "smtp://ada:s3cret@mail.example.org:99999",
		"smtp://ada:s3cret@mail.example.org:0", "smtp://ada:s3cret@mail.example.org/x", "smtp://ada:s3cret@mail.example.org?tls=no",
		"smtp://ada:s3cret%@mail.example.org", "smtp://ada:s3cret@mail.example.org:port",
	} {
		_, err := ParseServer(raw)
		if err == nil {
			t.Errorf("%q: accepted", raw)
			continue
		}
		if text := err.Error(); strings.Contains(text, "s3cret") || strings.Contains(text, "\n") {
			t.Errorf("%q: the error shows too much: %s", raw, text)
		}
	}
}

func TestParseIdentityRefuses(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"", "a@example.org"}, {"a@example.org", ""}, {"a@example.org, b@example.org", "a@example.org"}, {"A\r\nBcc: x@y <a@example.org>", "a@example.org"}} {
		if id, err := ParseIdentity(pair[0], pair[1]); err == nil {
			t.Errorf("%q: accepted as %+v", pair, id)
		}
	}
}
