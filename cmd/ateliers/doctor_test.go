package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// ateliers doctor beside a server that runs: each line is one finding, what is wrong makes it exit 1, and it changes nothing.
func TestDoctor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	sink, err := mail.StartSink("127.0.0.1:0", 10, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	p := start(t, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--smtp-url", sink.URL())
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if copies, _ := filepath.Glob(filepath.Join(dir, "backups", "ateliers-*.db")); len(copies) > 0 {
			break
		}
	}
	p.get("/healthz")
	flags := []string{"doctor", "--data", dir, "--base-url", p.url, "--smtp-url", sink.URL(), "--mail-from", "Ada <ada@ateliers.invalid>"}
	got := ateliers(t, flags...)
	got.want(t, 0)
	for _, want := range []string{
		"ok       disk: ", "ok       permissions: ", "ok       secret: ", "ok       database: it can be read; SQLite 3.", "ok       backups: the last copy is of ",
		"ok       mail: " + strings.TrimPrefix(sink.URL(), "smtp://") + " answers", "ok       proxy: " + p.url + " answers, and knows who asks", "warning  DKIM: ", ". To do: ",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, got.stdout)
		}
	}
	if n := len(sink.Messages()); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
	_ = sink.Close()
	got = ateliers(t, flags...)
	got.wantLine(t, 1, "things that are wrong: 1")
	if !strings.Contains(got.stdout, "WRONG    mail: "+strings.TrimPrefix(sink.URL(), "smtp://")) || !strings.Contains(got.stdout, "ATELIERS_SMTP_URL") {
		t.Errorf("without a mail server:\n%s", got.stdout)
	}
	if code := p.end(); code != 0 {
		t.Fatal(code)
	}
	if got = ateliers(t, flags...); !strings.Contains(got.stdout, "WRONG    site: "+p.url+" does not answer") {
		t.Errorf("without a server:\n%s", got.stdout)
	}
	ateliers(t, "doctor", "--data", filepath.Join(dir, "none"), "--smtp-url", "smtp://127.0.0.1:9").want(t, 1, "wrong")
	ateliers(t, "doctor", "--base-url", "ftp://x").wantLine(t, 2, "ATELIERS_BASE_URL")
}

// SEC-27, SEC-54: what a proxy does to requests.
func TestJudgeAnswer(t *testing.T) {
	t.Parallel()
	site, err := url.Parse("https://ateliers.example.org")
	if err != nil {
		t.Fatal(err)
	}
	good := seen{200, true, "ateliers.example.org", "198.51.100.2", "127.0.0.1", "198.51.100.2", "127.0.0.1"}
	for name, c := range map[string]struct {
		spoil func(*seen)
		says  string
	}{
		"as it should be": {func(*seen) {}, "knows who asks"},
		"as it should be, asked from the machine itself": {func(s *seen) { s.client, s.forwarded = s.peer, s.peer }, "knows who asks"},
		"another server":          {func(s *seen) { *s = seen{status: 404} }, "not the server of this data folder"},
		"no database":             {func(s *seen) { s.status = 503 }, "answers 503"},
		"the name of the inside":  {func(s *seen) { s.host = "127.0.0.1:8080" }, "not ateliers.example.org"},
		"says not who asks":       {func(s *seen) { s.forwarded, s.client = "", s.peer }, "does not say who asks"},
		"is not believed":         {func(s *seen) { s.client, s.believes = s.peer, "" }, "is not believed"},
		"is not believed by us":   {func(s *seen) { s.client, s.forwarded, s.believes = s.peer, s.peer, "" }, "is not believed"},
		"passes on what was said": {func(s *seen) { s.client, s.forwarded = forged, forged }, "somebody else"},
	} {
		s := good
		c.spoil(&s)
		got := judgeAnswer(site, s)
		if len(got) != 1 || !strings.Contains(got[0].Says, c.says) || (got[0].Level == upkeep.Fine) != strings.HasPrefix(name, "as it should be") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// SEC-54: TLS before 1.2 and a certificate about to end are told; a server that refuses the first is fine.
func TestJudgeTLS(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 3, 16, 0, 0, 0, time.UTC)
	for days, level := range map[int]upkeep.Level{90: upkeep.Fine, 13: upkeep.Warning, -1: upkeep.Warning} {
		state := &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{{NotAfter: now.AddDate(0, 0, days)}}}
		if got := judgeTLS(state, now); len(got) != 1 || got[0].Level != level {
			t.Errorf("%d days: %+v", days, got)
		}
	}
	for oldest, level := range map[uint16]upkeep.Level{tls.VersionTLS12: upkeep.Fine, tls.VersionTLS10: upkeep.Wrong} {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.TLS = &tls.Config{MinVersion: oldest}
		s.StartTLS()
		base, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got := oldTLS(t.Context(), base); got.Level != level {
			t.Errorf("TLS from %x on: %+v", oldest, got)
		}
		s.Close()
	}
	for location, level := range map[string]upkeep.Level{"https://x.example/": upkeep.Fine, "": upkeep.Wrong} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
				w.WriteHeader(http.StatusMovedPermanently)
			}
		}))
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
			}}}
		if got := toHTTPS(t.Context(), client, &url.URL{Scheme: "https", Host: "x.example"}); got.Level != level {
			t.Errorf("led to %q: %+v", location, got)
		}
		s.Close()
	}
}

// SEC-45: what DNS says, or does not.
func TestJudgeRecords(t *testing.T) {
	t.Parallel()
	zone := map[string][]string{"ada.example": {"other", "v=spf1 -all"}, "k1._domainkey.ada.example": {"v=DKIM1; p=abc"}}
	lookup := func(_ context.Context, name string) ([]string, error) {
		if texts, ok := zone[name]; ok {
			return texts, nil
		}
		if strings.HasSuffix(name, "dead.example") {
			return nil, errors.New("i/o timeout")
		}
		return nil, &net.DNSError{IsNotFound: true}
	}
	says := func(domain, selector string) (all string) {
		for _, f := range judgeRecords(mail.Records(t.Context(), lookup, domain, selector), selector) {
			all += levels[f.Level] + " " + f.What + ": " + f.Says + " " + f.Do + "\n"
		}
		return all
	}
	for _, c := range []struct{ domain, selector, want string }{
		{"ada.example", "k1", "ok SPF: ada.example has it"}, {"ada.example", "k1", "ok DKIM: k1._domainkey"}, {"ada.example", "k1", "warning DMARC: _dmarc.ada.example has no TXT"},
		{"ada.example", "", "warning DKIM: it cannot be looked up"}, {"other.example", "k1", "warning SPF: other.example has no TXT"},
		{"other.example", "k1", "publish v=DMARC1"}, {"dead.example", "", "warning SPF: DNS did not answer"},
	} {
		if got := says(c.domain, c.selector); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: want %q in\n%s", c.domain, c.selector, c.want, got)
		}
	}
}

// Nobody but the doctor learns what the server sees.
func TestOnlyTheDoctorIsTold(t *testing.T) {
	t.Parallel()
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, "serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--backups", "off")
	base, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	got := examineSite(t.Context(), configuration{baseURL: base}, secret) // that of another data folder
	if len(got) != 1 || !strings.Contains(got[0].Says, "not the server of this data folder") {
		t.Errorf("%+v", got)
	}
}

// SEC-55: whatever the umask, nobody else can read what the server writes.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"migrate", "backup " + filepath.Join(dir, "copy.db"), "key " + filepath.Join(dir, "key.txt"), "restore " + filepath.Join(dir, "copy.db"), "retention"} {
		c := exec.Command("sh", "-c", `umask 000; exec "$0" "$@"`, self)
		c.Args = append(append(c.Args, strings.Fields(args)...), "--data", dir)
		c.Env = append(os.Environ(), asProgram+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %#o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
