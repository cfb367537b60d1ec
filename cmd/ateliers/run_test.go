package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

func TestHelpIsEverywhere(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"", "demo", "serve", "migrate", "verify", "backup", "restore", "key", "doctor", "retention", "breach", "user", "user add", "user drop-factor", "import", "import programme", "sheet", "certificates", "config",
	} {
		got := ateliers(t, append(strings.Fields(args), "--help")...)
		got.want(t, 0)
		if !strings.Contains(got.stdout, "Usage: ateliers "+args) || !strings.Contains(got.stdout, "--data") || got.stderr != "" {
			t.Errorf("ateliers %s --help prints %q, %q", args, got.stdout, got.stderr)
		}
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, stderr string }{
		{"", "expected one of"},
		{"dance", "unexpected argument dance"},
		{"serve --fast", "unknown flag --fast"},
		{"user add zoe@example.org", "--role"},
		{"user add zoe@example.org --role king", "king"},
		{"sheet 1", "--output"},
		{"sheet first -o x.pdf", "first"},
		{"import programme x.csv --shift-to demain", "2027-05-08"},
		{"demo --now demain", "2027-05-08T09:00:00+02:00"},
		{"demo --addr here", "HOST:PORT"},
		{"demo --addr 0.0.0.0:0", "--lan"},
		{"config --log loud", "loud"},
		{"config --base-url http://ateliers.example.org", "want https"},
		{"config --base-url https://ateliers.example.org/a", "nothing after"},
		{"config --base-url ateliers.example.org", "https://ateliers.example.org"},
		{"config --addr 8080", "HOST:PORT"},
		{"config --trusted-proxies 10.0.0.0/8,proxy", "proxy"},
		{"config --smtp-url http://mail", "smtp"},
		{"config --mail-from Zoé", "ATELIERS_MAIL_FROM"},
		{"config --backup-days 30", "1 to 29"},
		{"config --backup-days 0", "1 to 29"},
		{"config --backup-recipients age1zoe", "ATELIERS_BACKUP_RECIPIENTS"},
		{"config --backups off --backup-command rclone", "want one or the other"},
		{"backup x.db.age", "--backup-recipients"},
	} {
		ateliers(t, strings.Fields(c.args)...).wantLine(t, 2, "ateliers: ", c.stderr)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	got := ateliers(t, "config")
	got.want(t, 0)
	for _, want := range []string{
		"ATELIERS_DATA=data\n", "ATELIERS_BASE_URL=http://127.0.0.1:8080\n", "ATELIERS_ADDR=127.0.0.1:8080\n", "ATELIERS_TRUSTED_PROXIES=\n",
		"ATELIERS_MAIL_REPLY_TO=Les Ateliers d'Ada <ateliers@localhost>\n", "ATELIERS_SECOND_FACTOR=true\n",
		"ATELIERS_BACKUPS=data/backups\n", "ATELIERS_BACKUP_DAYS=29\n", "ATELIERS_BACKUP_RECIPIENTS=\n", "ATELIERS_BACKUP_SEND_TO=\n", "ATELIERS_BACKUP_COMMAND=\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the defaults lack %q:\n%s", want, got.stdout)
		}
	}

	got = inWorld(t, world{args: []string{"config", "--addr", "127.0.0.1:9"}, stdin: strings.NewReader(""), env: env(
		"ATELIERS_DATA", "/srv/ateliers", "ATELIERS_ADDR", "127.0.0.1:1", "ATELIERS_BASE_URL", "https://ateliers.example.org/",
		"ATELIERS_SMTP_URL", "smtps://zoe:s3cret%20word@mail.example.org", "ATELIERS_TRUSTED_PROXIES", "10.0.0.1,fd00::/8",
		"ATELIERS_MAIL_FROM", "Ada <ada@example.org>", "ATELIERS_MAIL_REPLY_TO", "salut@example.org", "ATELIERS_SECOND_FACTOR", "false",
		"ATELIERS_BACKUPS", "/mnt/copies", "ATELIERS_BACKUP_COMMAND", "rclone copy {} far:ateliers")})
	got.want(t, 0)
	for _, want := range []string{
		"ATELIERS_DATA=/srv/ateliers\n", "ATELIERS_ADDR=127.0.0.1:9\n", "ATELIERS_SMTP_URL=smtps://zoe:xxxxx@mail.example.org\n",
		"ATELIERS_TRUSTED_PROXIES=10.0.0.1,fd00::/8\n", "ATELIERS_MAIL_REPLY_TO=salut@example.org\n", "ATELIERS_SECOND_FACTOR=false\n",
		"ATELIERS_BACKUPS=/mnt/copies\n", "ATELIERS_BACKUP_COMMAND=rclone copy {} far:ateliers\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the values lack %q:\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout+got.stderr, "s3cret") {
		t.Error("the password of the mail server is shown")
	}
	for _, url := range []string{"smtp://zoe:s3cret@:x/", "smtp://zoe:s3cr%et@mail.example.org", "imap://zoe:s3cret@mail.example.org"} {
		got := inWorld(t, world{args: []string{"config"}, stdin: strings.NewReader(""), env: env("ATELIERS_SMTP_URL", url)})
		got.wantLine(t, 2, "ATELIERS_SMTP_URL")
		if strings.Contains(got.stderr, "s3cr") {
			t.Errorf("the password of a wrong address is shown: %s", got.stderr)
		}
	}
}

// TestDataFolder: whatever is wrong with the data folder, every command says it in one line.
func TestDataFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	foreign, newer := t.TempDir(), migrated(t)
	if err := os.WriteFile(filepath.Join(foreign, databaseFile), []byte("not a database, but a letter to Łukasz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(newer, databaseFile)})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`PRAGMA user_version = 99`)
		return err
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, data, stderr string }{
		{"missing", filepath.Join(dir, "a", "b"), "does not exist"},
		{"a file", file, "is a file"},
		{"under a file, where nobody can write", filepath.Join(file, "data"), "not a directory"},
		{"with a file that is no database", foreign, "cannot be read as a database"},
		{"of a newer version", newer, "newer version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, command := range []string{
				"serve --addr 127.0.0.1:0", "migrate", "verify", "backup " + filepath.Join(t.TempDir(), "copy"), "retention --dry-run",
				"sheet 1 -o x.pdf", "certificates 1 -o x.pdf", "user add zoe@example.org --role staff",
			} {
				ateliers(t, append(strings.Fields(command), "--data", c.data)...).wantLine(t, 1, c.stderr)
			}
		})
	}
	for _, command := range []string{"verify", "backup x", "retention", "sheet 1 -o x.pdf"} {
		empty := t.TempDir()
		ateliers(t, append(strings.Fields(command), "--data", empty)...).wantLine(t, 1, "there is no database in "+empty)
	}
}

func TestVerifyNamesBreaches(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	got := ateliers(t, "verify", "--data", dir)
	got.want(t, 0)
	if got.stdout != "no breach\n" {
		t.Errorf("a sound database: %q", got.stdout)
	}
	err := opened(t, dir).Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO venues (name, address, postcode, city, created_at, updated_at)
			VALUES ('Altnet', '7 place Louis Chazette', '69001', 'Lyon', '2027-05-08T14:00:00+02:00', '2027-05-08T12:00:00Z')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got = ateliers(t, "verify", "--data", dir)
	got.wantLine(t, 1, "breaches found")
	if !strings.Contains(got.stdout, "I11 venues.created_at: 1 values are not instants in UTC\n") || !strings.Contains(got.stdout, "I12 venue:1: ") {
		t.Errorf("the breaches: %s", got.stdout)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	dir, copied := migrated(t), t.TempDir()
	ateliers(t, "backup", filepath.Join(copied, databaseFile), "--data", dir).want(t, 0)
	ateliers(t, "verify", "--data", copied).want(t, 0)
	ateliers(t, "backup", filepath.Join(copied, databaseFile), "--data", dir).wantLine(t, 1, "file already exists")
}

// REL-13: a copy is put in place on an empty machine by the documented command alone, and over what is there, which is kept aside.
func TestRestore(t *testing.T) {
	t.Parallel()
	dir, copied, empty := migrated(t), filepath.Join(t.TempDir(), "copy.db"), t.TempDir()
	ateliers(t, "backup", copied, "--data", dir).want(t, 0)
	for _, data := range []string{empty, dir} {
		got := ateliers(t, "restore", copied, "--data", data)
		got.want(t, 0)
		if kept := strings.Contains(got.stdout, "before-restore-"); kept != (data == dir) || !strings.Contains(got.stdout, "no mail leaves") {
			t.Errorf("%s", got.stdout)
		}
		ateliers(t, "verify", "--data", data).want(t, 0)
	}
	ateliers(t, "restore", filepath.Join(empty, "none.db"), "--data", dir).wantLine(t, 1, "was not restored")
	ateliers(t, "restore", "--data", dir).wantLine(t, 2, "<file>")
}

// REL-13, SEC-50: the key is made, the copy encrypted and restored by the documented commands alone, on a machine that has nothing else.
func TestEncryptedBackup(t *testing.T) {
	t.Parallel()
	dir, away, empty := migrated(t), t.TempDir(), t.TempDir()
	key, file := filepath.Join(away, "key.txt"), filepath.Join(away, "copy.db.age")
	got := ateliers(t, "key", key)
	got.want(t, 0)
	public := got.stdout[strings.Index(got.stdout, "age1"):]
	if text, err := os.ReadFile(key); err != nil || strings.Contains(got.stdout+got.stderr, "SECRET-KEY-") || !strings.Contains(string(text), "\nAGE-SECRET-KEY-1") {
		t.Errorf("%q, %v; printed %q", text, err, got.stdout)
	}
	ateliers(t, "key", key).wantLine(t, 1, "file exists")
	ateliers(t, "backup", file, "--backup-recipients", strings.TrimSpace(public), "--data", dir).want(t, 0)
	ateliers(t, "restore", file, "--data", empty).wantLine(t, 1, "--identity")
	ateliers(t, "restore", file, "--identity", key, "--data", empty).want(t, 0)
	ateliers(t, "verify", "--data", empty).want(t, 0)
}

// REL-13: a server makes its first copy when it starts, and ends while it makes one.
func TestServeMakesBackups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--smtp-url", "smtp://127.0.0.1:9")
	var copies []string
	for deadline := time.Now().Add(time.Minute); len(copies) == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		copies, _ = filepath.Glob(filepath.Join(dir, "backups", "ateliers-*.db"))
	}
	if code := p.end(); code != 0 || len(copies) != 1 {
		t.Fatalf("%q, ended with %d: %s", copies, code, p.stderr)
	}
	ateliers(t, "restore", copies[0], "--data", t.TempDir()).want(t, 0)

	dir = t.TempDir()
	p = start(t, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--smtp-url", "smtp://127.0.0.1:9", "--backups", "off")
	p.get("/healthz")
	if code := p.end(); code != 0 {
		t.Errorf("ended with %d: %s", code, p.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "backups")); !os.IsNotExist(err) {
		t.Errorf("copies that are off: %v", err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	dry := ateliers(t, "retention", "--dry-run", "--data", dir)
	dry.want(t, 0)
	if !strings.Contains(dry.stdout, "families   0\n") || !strings.Contains(dry.stdout, "nothing was changed") {
		t.Errorf("dry run: %s", dry.stdout)
	}
	ateliers(t, "retention", "--data", dir).want(t, 0)
	ateliers(t, "verify", "--data", dir).want(t, 0)
}

// REL-14: where a database was lost that a restore had brought, no empty one takes its place.
func TestNoEmptyDatabaseAfterARestore(t *testing.T) {
	t.Parallel()
	dir, copies := migrated(t), t.TempDir()
	file := filepath.Join(copies, databaseFile)
	ateliers(t, "backup", file, "--data", dir).want(t, 0)
	ateliers(t, "restore", file, "--data", dir).want(t, 0)
	if err := os.Remove(filepath.Join(dir, databaseFile)); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve --addr 127.0.0.1:0", "migrate", "user add zoe@example.org --role staff"} {
		ateliers(t, append(strings.Fields(command), "--data", dir)...).wantLine(t, 1, "run ateliers restore again")
	}
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); err == nil {
		t.Error("an empty database was made")
	}
}
