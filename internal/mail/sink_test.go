package mail

import (
	"encoding/json"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

func startSink(t *testing.T, keep int) *Sink {
	t.Helper()
	now := monday.Add(30 * time.Second)
	s, err := StartSink("127.0.0.1:0", keep, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func deliver(s *Sink, raw string) error {
	return smtp.SendMail(strings.TrimPrefix(s.URL(), "smtp://"), nil, "a@example.org", []string{"b@example.org", "c@example.org"}, []byte(raw))
}

func TestSinkKeepsTheLast(t *testing.T) {
	t.Parallel()
	s := startSink(t, 2)
	for _, subject := range []string{"un", "deux", "=?utf-8?q?Zo=C3=A9?="} {
		if err := deliver(s, "Subject: "+subject+"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Messages()
	if len(got) != 2 || got[0].Subject != "Zoé" || got[1].Subject != "deux" || len(got[0].To) != 2 {
		t.Errorf("kept %+v", got)
	}
	if m, ok := s.Message(3); !ok || m.Subject != "Zoé" {
		t.Errorf("message 3: %+v", m)
	}
	if _, ok := s.Message(1); ok {
		t.Error("message 1 should be forgotten")
	}
}

// Some addresses show what becomes of a mail that bounces or waits.
func TestSinkRefusesAddresses(t *testing.T) {
	t.Parallel()
	s := startSink(t, 2)
	for domain, code := range map[string]string{Bounces: "550", Waits: "452"} {
		err := smtp.SendMail(strings.TrimPrefix(s.URL(), "smtp://"), nil, "a@example.org", []string{"b@" + domain}, []byte("Subject: x\r\n\r\nx\r\n"))
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %s", domain, err, code)
		}
	}
	if got := s.Messages(); len(got) != 0 {
		t.Errorf("kept %+v", got)
	}
}

func TestSinkRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	s := startSink(t, 2)
	for _, raw := range []string{
		"no header at all",
		"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nnever closed",
		"Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
		"Subject: x\r\nContent-Type: ;\r\n\r\nx",
	} {
		if err := deliver(s, raw+"\r\n"); err == nil || !strings.Contains(err.Error(), "554") {
			t.Errorf("%q: %v, want 554", raw, err)
		}
	}
	if got := s.Messages(); len(got) != 0 {
		t.Errorf("kept %+v", got)
	}
}

// Tests and other programs read /_mails.json.
func TestReceivedAsJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(arrived(t, goldens["booking_confirmed"].kind, goldens["booking_confirmed"].payload))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"id", "received_at", "from", "to", "subject", "message_id", "headers", "text", "html", "attachments"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("no field %q", name)
		}
	}
	file := fields["attachments"].([]any)[0].(map[string]any)
	if file["name"] != "seance.ics" || !strings.HasPrefix(file["content"].(string), "BEGIN:VCALENDAR") {
		t.Errorf("attachment %v", file)
	}
}
