package upkeep_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// RGPD-11, REL-14, I14: an hour's work is lost and a copy put in place. Who was erased in that hour is erased again, no mail leaves
// before staff say so, what was given out in that hour opens nothing, and the figures of what is over are the same.
func TestRestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	dir, backups := filepath.Dir(h.db.Path()), t.TempDir()
	h.clock.Advance(3 * 24 * time.Hour)
	h.must(h.timers.Due(ctx)) // closes what is over
	figures := h.text(`SELECT group_concat(held_on || age_band || gender || minutes) FROM facts`)
	waiting := h.count(`SELECT count(*) FROM outbox WHERE state = 'pending'`)
	file := filepath.Join(backups, "copy.db")
	h.must(upkeep.Backup(ctx, h.db, file))

	h.clock.Advance(30 * time.Minute)
	erased := h.text(`SELECT g.reference FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN children c ON c.id = b.child_id WHERE c.first_name = 'Zoé'`)
	zoe := h.text(`SELECT email FROM guardians g JOIN booking_groups b ON b.guardian_id = g.id WHERE b.reference = ?`, erased)
	_, err := h.timers.Privacy.EraseFamily(ctx, account.Command(), key(), erased)
	h.must(err)
	lost := h.book(1, "Nguyễn")
	late := h.links[lost]
	references := h.text(`SELECT group_concat(reference) FROM booking_groups`)
	h.must(upkeep.Backup(ctx, h.db, filepath.Join(backups, "later.db"))) // the list of erasures beside the copies is the latest
	h.must(h.db.Close())
	h.must(os.Remove(filepath.Join(dir, privacy.ErasuresFile))) // the disk is gone, the copies are not

	r := upkeep.Restoration{Path: h.db.Path(), File: file, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)}
	done, err := upkeep.Restore(ctx, r)
	if err != nil || done.Erased != 1 || len(done.Breaches) != 0 {
		t.Fatalf("restored: %+v, %v", done, err)
	}
	if kept, err := os.ReadDir(done.Aside); err != nil || len(kept) == 0 || kept[0].Name() != filepath.Base(r.Path) {
		t.Errorf("aside: %v, %v", kept, err)
	}
	if ids, err := privacy.ReadErasures(filepath.Join(dir, privacy.ErasuresFile)); err != nil || len(ids) != 1 {
		t.Errorf("the list of erasures beside it: %q, %v", ids, err)
	}
	raw, err := os.ReadFile(r.Path)
	h.must(err)
	if bytes.Contains(raw, []byte(zoe)) {
		t.Error("who was erased is back")
	}

	h.db, err = sqlite.Open(ctx, sqlite.Config{Path: r.Path, MustExist: true, Serving: true, Clock: h.clock.Now})
	h.must(err)
	t.Cleanup(func() { _ = h.db.Close() })
	if got := h.text(`SELECT group_concat(held_on || age_band || gender || minutes) FROM facts`); got != figures || figures == "" {
		t.Errorf("figures were %q, are %q", figures, got)
	}
	if breaches := h.verify(); len(breaches) > 0 {
		t.Errorf("breaches: %q", breaches)
	}
	secret, err := account.LoadSecret(t.TempDir())
	h.must(err)
	bookings := booking.NewService(h.db, secret)
	if _, err := bookings.Find(ctx, late); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a link of the lost hour: %v", err)
	}
	// Names are drawn at random from 2^40: none of the lost hour is given again.
	for range 20 {
		if reference := account.NewReference("ADA"); strings.Contains(references, reference) {
			t.Errorf("%s is given twice", reference)
		}
	}

	// No paper gets a number that one of the lost hour may have.
	locks, err := numbering.NewService(h.db).Locks(ctx)
	if h.must(err); len(locks) != 5 || locks[3].LastText() != "ADA-2027-000001" || locks[0].LastText() != "" {
		t.Errorf("locks of numbers: %+v", locks)
	}

	store := outbox.NewStore(h.db)
	h.clock.Advance(time.Hour)
	for range 2 {
		if claimed, err := store.Claim(ctx, 100); err != nil || len(claimed) != 0 {
			t.Errorf("while paused %d mails leave, %v", len(claimed), err)
		}
	}
	if _, due, err := store.NextDue(ctx); err != nil || due {
		t.Errorf("while paused something is due: %v", err)
	}
	pause, err := store.Paused(ctx)
	if err != nil || pause == nil || pause.Waiting == 0 || pause.Waiting > waiting {
		t.Fatalf("pause = %+v of %d, %v", pause, waiting, err)
	}
	office, staff := account.NewOffice(h.db, h.secret), account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}
	err = office.ResumeMails(ctx, account.Actor{Kind: account.KindUser, ID: 1, Role: account.Communication}, key(), false)
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("communication resumes: %v", err)
	}
	h.must(h.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return outbox.Add(tx, outbox.Message{Kind: outbox.SignInUnknown, Language: "fr", To: "new@example.org", Payload: outbox.SignIn{}})
	}))
	for range 2 {
		h.must(office.ResumeMails(ctx, staff, key(), false))
	}
	claimed, err := store.Claim(ctx, 100)
	if err != nil || len(claimed) != 1 || claimed[0].To != "new@example.org" {
		t.Errorf("resumed without the old ones: %+v, %v", claimed, err)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'outbox.resume'`); n != 1 {
		t.Errorf("%d audit lines", n)
	}

	// A server has the folder now.
	if _, err := upkeep.Restore(ctx, r); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("beside a server: %v", err)
	}
}

// REL-13: what is no whole copy of this version is refused with one line, and nothing has changed; a copy with breaches is
// restored only on demand.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	dir := t.TempDir()
	file := filepath.Join(dir, "copy.db")
	h.must(upkeep.Backup(ctx, h.db, file))
	whole, err := os.ReadFile(file)
	h.must(err)
	h.breaks(`DELETE FROM outbox`)
	broken := filepath.Join(dir, "broken.db")
	h.must(h.db.Backup(ctx, broken))
	h.must(h.db.Close())
	before, err := os.ReadFile(h.db.Path())
	h.must(err)
	flipped := slices.Clone(whole)
	for i := len(flipped) / 2; i < len(flipped)/2+4096; i++ {
		flipped[i] ^= 0xff
	}
	older := slices.Clone(whole)
	older[63] = 0 // user_version in the header
	for name, raw := range map[string][]byte{"truncated": whole[:len(whole)/2], "flipped": flipped, "no database": []byte("hello"), "empty": {}, "older": older} {
		bad := filepath.Join(dir, "bad.db")
		h.must(os.WriteFile(bad, raw, 0o600))
		_, err := upkeep.Restore(ctx, upkeep.Restoration{Path: h.db.Path(), File: bad, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := upkeep.Restoration{Path: h.db.Path(), File: broken, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)}
	if done, err := upkeep.Restore(ctx, r); !errors.Is(err, upkeep.ErrBreaches) || len(done.Breaches) == 0 {
		t.Errorf("with breaches: %+v, %v", done, err)
	}
	after, err := os.ReadFile(h.db.Path())
	h.must(err)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(h.db.Path()), "*restor*"))
	if h.must(err); !bytes.Equal(before, after) || len(files) != 0 {
		t.Errorf("something changed; left behind: %q", files)
	}
	r.Anyway = true
	if done, err := upkeep.Restore(ctx, r); err != nil || len(done.Breaches) == 0 || done.Aside == "" {
		t.Errorf("anyway: %+v, %v", done, err)
	}
}
