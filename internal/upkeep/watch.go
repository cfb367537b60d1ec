package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	watchEvery = time.Minute
	// mailsLate is how long mails may wait while none leaves.
	mailsLate = 15 * time.Minute
	// backupLate is how old the last copy may be, here and elsewhere.
	backupLate = 26 * time.Hour
	// leastFree is how much of the disk is to be free, in percent.
	leastFree = 10
	// diskAgain is how many points more are to be free before a disk that was low is no more: one that is at the limit would tell the
	// team with every file that comes and goes.
	diskAgain = 2
)

// Watch makes copies of the database, and tells the team of what is wrong with the installation and when it is over (REL-22).
type Watch struct {
	DB      *sqlite.DB
	Outbox  *outbox.Store
	Backups *Backups // nil: none are made
	// LeastFree is how much of the disk is to be free, in percent; 10 where it is zero.
	LeastFree int
	Clock     sqlite.Clock
	Log       *slog.Logger

	began    time.Time // when it first looked: before that nothing can be late
	nightly  nightly   // when the database itself is verified, where no copies are made
	breaches *[]Breach // of that; nil before the first
}

// Run looks every minute until ctx is done.
func (w *Watch) Run(ctx context.Context) {
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("watch", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// Look makes the copies that are due, removes what was put aside long ago, and then notes what is wrong and what is no more. What cannot be found out stays as it was.
func (w *Watch) Look(ctx context.Context) error {
	if w.began.IsZero() {
		w.began = w.Clock()
	}
	w.nightly.begin(w.began)
	var backupErr error
	if w.Backups != nil {
		backupErr = w.Backups.Due(ctx)
	}
	findings, findErr := w.find(ctx)
	var noteErr error
	for _, f := range findings {
		noteErr = errors.Join(noteErr, w.note(ctx, f))
	}
	return errors.Join(backupErr, findErr, noteErr, removeLeftovers(w.DB.Path(), w.Clock()), alert.Purge(ctx, w.DB))
}

// finding is how one thing stands.
type finding struct {
	kind  alert.Kind
	wrong bool
	count int
}

// find looks at everything that can be found out.
func (w *Watch) find(ctx context.Context) (findings []finding, err error) {
	waiting, leaves, mailErr := w.Outbox.Late(ctx, mailsLate)
	switch {
	case mailErr != nil:
	case waiting == 0:
		findings = append(findings, finding{kind: alert.MailsLate})
	case !leaves:
		findings = append(findings, finding{alert.MailsLate, true, waiting})
	}
	disk, diskErr := w.findDisk(ctx)
	if diskErr == nil {
		findings = append(findings, disk)
	}
	findings = append(findings, w.findBackups()...)
	breaches, known, verifyErr := w.findBreaches(ctx)
	if known {
		findings = append(findings, finding{alert.Breaches, len(breaches) > 0, len(breaches)})
	}
	return findings, errors.Join(mailErr, diskErr, verifyErr)
}

func (w *Watch) findDisk(ctx context.Context) (finding, error) {
	open, err := alert.NewStore(w.DB).Open(ctx)
	if err != nil {
		return finding{}, err
	}
	space, err := diskSpace(filepath.Dir(w.DB.Path()))
	if err != nil {
		return finding{}, err
	}
	least, free := w.LeastFree, space.percentFree()
	if least == 0 {
		least = leastFree
	}
	if isOpen(open, alert.DiskLow) {
		least += diskAgain
	}
	return finding{alert.DiskLow, free < least, free}, nil
}

func (w *Watch) findBackups() []finding {
	if w.Backups == nil {
		return []finding{{kind: alert.BackupLate}, {kind: alert.BackupNotSent}}
	}
	state, now := w.Backups.State(), w.Clock()
	late := func(last time.Time) bool {
		if last.IsZero() {
			last = w.began
		}
		return now.Sub(last) > backupLate
	}
	return []finding{{kind: alert.BackupLate, wrong: late(state.Last)}, {kind: alert.BackupNotSent, wrong: state.Sends && late(state.Sent)}}
}

// findBreaches returns those that the last copy showed that was verified; where no copies are made, those of the database itself.
func (w *Watch) findBreaches(ctx context.Context) (breaches []Breach, known bool, err error) {
	if w.Backups != nil {
		breaches, known = w.Backups.Breaches()
		return breaches, known, nil
	}
	now := w.Clock()
	due, err := w.nightly.due(now)
	if err != nil {
		return nil, false, err
	}
	if due {
		found, err := Verify(ctx, w.DB)
		if err != nil {
			return nil, false, err
		}
		w.nightly.last, w.breaches = now, &found
	}
	if w.breaches == nil {
		return nil, false, nil
	}
	return *w.breaches, true, nil
}

// note keeps one finding, and writes into the log what is news.
func (w *Watch) note(ctx context.Context, f finding) error {
	var changed bool
	open, err := alert.NewStore(w.DB).Open(ctx)
	if err != nil || isOpen(open, f.kind) == f.wrong {
		return err // nothing to write
	}
	err = w.DB.Write(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		changed, err = alert.Note(tx, f.kind, f.wrong, f.count)
		return err
	})
	switch {
	case f.wrong && (changed || err != nil): // a full disk keeps it from being noted
		w.Log.Error("alert", "kind", f.kind, "count", f.count)
		if f.kind == alert.Breaches {
			w.logBreaches()
		}
	case changed:
		w.Log.Info("alert is over", "kind", f.kind)
	}
	if changed {
		w.Outbox.Notify()
	}
	return err
}

func isOpen(open []alert.Alert, kind alert.Kind) bool {
	for _, a := range open {
		if a.Kind == kind {
			return true
		}
	}
	return false
}

// mostBreaches is how many breaches are written into the log; ateliers verify shows all.
const mostBreaches = 20

func (w *Watch) logBreaches() {
	breaches := []Breach{}
	if w.Backups != nil {
		breaches, _ = w.Backups.Breaches()
	} else if w.breaches != nil {
		breaches = *w.breaches
	}
	for _, b := range breaches[:min(len(breaches), mostBreaches)] {
		w.Log.Error("breach", "invariant", b.Invariant, "record", b.Record, "text", b.Text)
	}
	if text := ToRestore(breaches); text != "" {
		w.Log.Error(text)
	}
}
