package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// children is the schema of most tests here; parents may be absent until the commit,
// which makes a COMMIT that fails.
const children = `
CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE child (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	parent_id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED,
	picture BLOB
) STRICT;
PRAGMA user_version = 1;
`

const (
	sqlInsert = `INSERT INTO child (name) VALUES (?)`
	sqlNames  = `SELECT name FROM child ORDER BY name`
)

func config(t testing.TB) sqlite.Config {
	return sqlite.Config{Path: filepath.Join(t.TempDir(), "ateliers.db"), Schema: children, Readers: 3}
}

func insert(name string) func(context.Context, *sqlite.Tx) error {
	return func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlInsert, name)
		return err
	}
}

// names returns what is committed, joined by commas.
func names(t testing.TB, db *sqlite.DB) string {
	t.Helper()
	var all []string
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlNames)
		if err != nil {
			return err
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			all = append(all, name)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ",")
}

func TestOpenMakesPrivateFilesAndKeepsData(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Path = filepath.Join(filepath.Dir(cfg.Path), "été? 100% #1.db")
	db, err := sqlite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("Zoé D'Artagnan-N'Guyen")); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(cfg.Path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", info.Name(), mode)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if err := os.Chmod(cfg.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	db = sqlitetest.Open(t, cfg)
	if got := names(t, db); got != "Zoé D'Artagnan-N'Guyen" {
		t.Errorf("after opening again: %q", got)
	}
	if info, err := os.Stat(cfg.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a readable file stays readable by all: %v, %v", info.Mode(), err)
	}
}

func TestOneServerAndManyReaders(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Serving = true
	server, err := sqlite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Write(t.Context(), insert("Łukasz")); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), cfg); !errors.Is(err, sqlite.ErrServed) {
		t.Errorf("second server: %v", err)
	}
	command := cfg
	command.Serving = false
	if got := names(t, sqlitetest.Open(t, command)); got != "Łukasz" {
		t.Errorf("a command beside the server reads %q", got)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	sqlitetest.Open(t, cfg) // the folder is free again
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	execute := func(t *testing.T, path, text string) {
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, cfg *sqlite.Config)
		want    string
	}{
		{"a newer schema", func(t *testing.T, cfg *sqlite.Config) {
			execute(t, cfg.Path, "CREATE TABLE future (id INTEGER); PRAGMA user_version = 2")
		}, "made by a newer version of ateliers (schema 2, this program knows 1)"},
		{"a foreign database", func(t *testing.T, cfg *sqlite.Config) {
			execute(t, cfg.Path, "CREATE TABLE moz_places (id INTEGER)")
		}, "is not a database of Les Ateliers d'Ada"},
		{"a file that is no database", func(t *testing.T, cfg *sqlite.Config) {
			if err := os.WriteFile(cfg.Path, []byte(strings.Repeat("Chère équipe, ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "cannot be read as a database"},
		{"an absent folder", func(_ *testing.T, cfg *sqlite.Config) {
			cfg.Path = filepath.Join(filepath.Dir(cfg.Path), "absent", "ateliers.db")
		}, "no such file or directory"},
		{"an absent file that must exist", func(_ *testing.T, cfg *sqlite.Config) {
			cfg.MustExist = true
		}, "no such file or directory"},
		{"no path", func(_ *testing.T, cfg *sqlite.Config) { cfg.Path = "" }, "invalid"},
		{"a schema without version", func(_ *testing.T, cfg *sqlite.Config) {
			cfg.Schema = "CREATE TABLE child (id INTEGER) STRICT;"
		}, "does not end with PRAGMA user_version"},
		{"a schema with a mistake", func(_ *testing.T, cfg *sqlite.Config) {
			cfg.Schema = "CREATE TABLE child (id NONSENSE) STRICT; PRAGMA user_version = 1;"
		}, "unknown datatype"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			test.prepare(t, &cfg)
			before, absent := os.ReadFile(cfg.Path)
			_, err := sqlite.Open(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Open: %v, want …%s…", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			if after, _ := os.ReadFile(cfg.Path); absent == nil && string(after) != string(before) {
				t.Error("the refused file was changed")
			}
		})
	}
}

func TestDataVersionSeesOtherProcesses(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	here, there := sqlitetest.Open(t, cfg), sqlitetest.Open(t, cfg)
	version := func() int64 {
		t.Helper()
		v, err := here.DataVersion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := version()
	if again := version(); again != first {
		t.Errorf("changed from %d to %d by nothing", first, again)
	}
	if err := there.Write(t.Context(), insert("李")); err != nil {
		t.Fatal(err)
	}
	if version() == first {
		t.Error("unchanged after a commit elsewhere")
	}
	if n := here.Changes(); n != 0 {
		t.Errorf("Changes counts %d commits of others", n)
	}
}

const (
	family = `
CREATE TABLE guardian (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE child (id INTEGER PRIMARY KEY, name TEXT NOT NULL, guardian_id INTEGER NOT NULL REFERENCES guardian ON DELETE CASCADE) STRICT;
PRAGMA user_version = 1;`

	// familyV3 is what family becomes after the two steps.
	familyV3 = `
CREATE TABLE guardian (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (name <> ''), -- never blank
	city TEXT NOT NULL DEFAULT 'Lyon'
) STRICT;
CREATE TABLE child (id INTEGER PRIMARY KEY, name TEXT NOT NULL, guardian_id INTEGER NOT NULL REFERENCES guardian ON DELETE CASCADE) STRICT;
PRAGMA user_version = 3;`

	// rebuild drops the parent table: with foreign keys on, the children would go with it.
	rebuild = `
CREATE TABLE guardian_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> '')) STRICT;
INSERT INTO guardian_new SELECT id, name FROM guardian;
DROP TABLE guardian;
ALTER TABLE guardian_new RENAME TO guardian;
PRAGMA user_version = 2;`

	addCity = `ALTER TABLE guardian ADD COLUMN city TEXT NOT NULL DEFAULT 'Lyon'; PRAGMA user_version = 3;`
)

// older makes a database of version 1 with one family and returns its configuration.
func older(t *testing.T) sqlite.Config {
	cfg := config(t)
	cfg.Schema = family
	db, err := sqlite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(`INSERT INTO guardian VALUES (1, 'Łukasz')`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO child VALUES (1, 'محمد', 1), (2, 'Nguyễn', 1)`)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	cfg.Schema = familyV3
	return cfg
}

func steps(texts map[string]string) fs.FS {
	files := fstest.MapFS{}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestUpgradeKeepsDataAndEqualsTheSchema(t *testing.T) {
	t.Parallel()
	cfg := older(t)
	cfg.Migrations = steps(map[string]string{"0002_names.sql": rebuild, "0003_city.sql": addCity})
	db := sqlitetest.Open(t, cfg)
	if got := names(t, db); got != "Nguyễn,محمد" {
		t.Errorf("children after the upgrade: %q", got)
	}
	fresh := config(t)
	fresh.Schema = familyV3
	if diff := sqlitetest.SchemaDiff(t, db, sqlitetest.Open(t, fresh)); len(diff) > 0 {
		t.Errorf("upgraded and fresh differ:\n%s", strings.Join(diff, "\n"))
	}
	saved := cfg.Path + ".before-v3"
	info, err := os.Stat(saved)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %o", info.Mode().Perm())
	}
	before := sqlitetest.Open(t, sqlite.Config{Path: saved, Schema: family, MustExist: true})
	if got := names(t, before); got != "Nguyễn,محمد" {
		t.Errorf("children in the copy: %q", got)
	}
}

func TestBrokenStepLeavesAllAsItWas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		steps map[string]string
		want  string
	}{
		{"a mistake after a deletion", map[string]string{
			"0002_names.sql": "DELETE FROM child; INSERT INTO nowhere VALUES (1); PRAGMA user_version = 2;",
			"0003_city.sql":  addCity,
		}, "no such table: nowhere"},
		{"rows that point to nothing", map[string]string{
			"0002_names.sql": "DELETE FROM guardian; PRAGMA user_version = 2;",
			"0003_city.sql":  addCity,
		}, "of child points to no row of guardian"},
		{"a wrong version at the end", map[string]string{
			"0002_names.sql": "DELETE FROM child; PRAGMA user_version = 3;",
			"0003_city.sql":  addCity,
		}, "must end with PRAGMA user_version = 2"},
		{"a gap", map[string]string{"0002_names.sql": rebuild}, "no step to 3"},
		{"two steps to one version", map[string]string{
			"0002_names.sql": rebuild, "0002_other.sql": rebuild, "0003_city.sql": addCity,
		}, "lead to the same version"},
		{"a name without number", map[string]string{
			"names.sql": rebuild, "0003_city.sql": addCity,
		}, "not NNNN_name.sql"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := older(t)
			cfg.Migrations = steps(test.steps)
			for range 2 { // the second attempt must not stumble over the first
				if _, err := sqlite.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("Open: %v, want …%s…", err, test.want)
				}
			}
			untouched := cfg
			untouched.Schema = family // refused if the version had moved
			db := sqlitetest.Open(t, untouched)
			if got := names(t, db); got != "Nguyễn,محمد" {
				t.Errorf("children: %q", got)
			}
			fresh := config(t)
			fresh.Schema = family
			if diff := sqlitetest.SchemaDiff(t, db, sqlitetest.Open(t, fresh)); len(diff) > 0 {
				t.Errorf("the schema has changed:\n%s", strings.Join(diff, "\n"))
			}
		})
	}
}

func TestUpgradeWaitsForTheServerToStop(t *testing.T) {
	t.Parallel()
	cfg := older(t)
	running := cfg
	running.Schema, running.Serving = family, true
	sqlitetest.Open(t, running)
	cfg.Migrations = steps(map[string]string{"0002_names.sql": rebuild, "0003_city.sql": addCity})
	if _, err := sqlite.Open(t.Context(), cfg); !errors.Is(err, sqlite.ErrServed) {
		t.Errorf("Open beside a server of the old version: %v", err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	db := sqlitetest.Open(t, cfg)
	if err := db.Write(t.Context(), insert("李")); err != nil {
		t.Fatal(err)
	}
	copied := cfg.Path + ".copy"
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	if err := db.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "absent", "copy.db")); err == nil {
		t.Error("into an absent folder: no error")
	}
	cfg.Path = copied
	restored := sqlitetest.Open(t, cfg)
	if got := names(t, restored); got != "李" {
		t.Errorf("the copy holds %q", got)
	}
	if breaches, err := restored.Integrity(t.Context()); err != nil || len(breaches) > 0 {
		t.Errorf("Integrity of the copy = %q, %v", breaches, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(copied), "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// RGPD-11: a copy for trials lies in a private folder beside the database; what a killed trial left goes with the
// next one, and a server that starts leaves alone what is in use.
func TestOnCopy(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	db := sqlitetest.Open(t, cfg)
	if err := db.Write(t.Context(), insert("李")); err != nil {
		t.Fatal(err)
	}
	folder := cfg.Path + ".trial"
	left(t, folder)
	serving := cfg
	serving.Serving = true
	err := db.OnCopy(t.Context(), sqlite.ForTrial, func(ctx context.Context, trial *sqlite.DB) error {
		if dir := filepath.Dir(trial.Path()); dir != folder {
			t.Errorf("the copy lies in %s", dir)
		}
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder: %v, %v", info, err)
		}
		if err := db.OnCopy(ctx, sqlite.ForTrial, func(context.Context, *sqlite.DB) error { return nil }); !errors.Is(err, sqlite.ErrInUse) {
			t.Errorf("a second trial: %v", err)
		}
		sqlitetest.Open(t, serving)
		if _, err := os.Stat(trial.Path()); err != nil {
			t.Errorf("a server that starts takes the copy away: %v", err)
		}
		if err := trial.Write(ctx, insert("Łukasz")); err != nil {
			return err
		}
		if got := names(t, trial); got != "Łukasz,李" {
			t.Errorf("the copy holds %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, folder)
	if got := names(t, db); got != "李" {
		t.Errorf("the database holds %q", got)
	}
}

// What a killed trial left goes when a server starts.
func TestServingEndsTrials(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Serving = true
	folder := cfg.Path + ".trial"
	left(t, folder)
	sqlitetest.Open(t, cfg)
	wantGone(t, folder)
}

// left makes what a killed trial leaves.
func left(t *testing.T, folder string) {
	t.Helper()
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "ateliers.db"), []byte("Zoé"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantGone(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}

func TestIntegrityNamesBreaches(t *testing.T) {
	t.Parallel()
	cfg := older(t)
	cfg.Schema = family
	db, err := sql.Open("sqlite3", cfg.Path+"?_foreign_keys=off")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM guardian`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	breaches, err := sqlitetest.Open(t, cfg).Integrity(t.Context())
	if err != nil || len(breaches) != 2 || breaches[0] != "row 1 of child points to no row of guardian" {
		t.Errorf("Integrity = %q, %v", breaches, err)
	}
}

// REL-19: what cannot be read is told like all other damage.
func TestIntegrityOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	cfg := older(t)
	cfg.Schema = family
	db := sqlitetest.Open(t, cfg)
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(cfg.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-page), page); err != nil { // all but the schema
		t.Fatal(err)
	}
	breaches, err := db.Integrity(t.Context())
	if err != nil || len(breaches) < 2 || !strings.Contains(breaches[len(breaches)-1], "malformed") {
		t.Errorf("Integrity = %q, %v", breaches, err)
	}
}

func TestCheckpointEmptiesTheWAL(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	db := sqlitetest.Open(t, cfg)
	if err := db.Write(t.Context(), insert("Łukasz")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(cfg.Path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("the WAL before: %v, %v", info, err)
	}
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(cfg.Path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the WAL after: %v, %v", info, err)
	}
}

func TestServerEmptiesTheWALByTheClock(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Serving, cfg.CheckpointEvery = true, time.Hour
	synctest.Test(t, func(t *testing.T) {
		db := sqlitetest.Open(t, cfg)
		if err := db.Write(t.Context(), insert("Łukasz")); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour + time.Second) // fake: it passes as soon as all is quiet
		if info, err := os.Stat(cfg.Path + "-wal"); err != nil || info.Size() != 0 {
			t.Errorf("the WAL: %v, %v", info, err)
		}
	})
}

// TestOpenAfterAKillInTheMiddle: a program that was killed while it changed a database which is not in WAL mode yet, as a copy just
// put in place is, leaves a journal. The next start takes the half change back instead of refusing the file (REL-16).
func TestOpenAfterAKillInTheMiddle(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	whole := filepath.Join(t.TempDir(), "whole.db")
	db, err := sql.Open("sqlite3", "file:"+whole+"?_journal_mode=DELETE")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, query := range []string{
		children, `INSERT INTO child (name, picture) VALUES ('Zoé', zeroblob(1000000))`,
		`PRAGMA cache_size = 5`, `BEGIN`, `UPDATE child SET name = 'Half', picture = randomblob(1000000)`, // more than the cache holds: part of it is in the file
	} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	for _, end := range []string{"", "-journal"} { // what a kill would leave now
		raw, err := os.ReadFile(whole + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cfg.Path+end, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := sqlite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	if got := names(t, opened); got != "Zoé" {
		t.Errorf("after the start there is %q", got)
	}
}
