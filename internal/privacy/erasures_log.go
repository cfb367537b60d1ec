package privacy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// ErasuresFile is the name of the list of erasures, in the data folder: one random id a line, nothing of a person. It
// travels with backups, so that who was erased stays erased when an older copy is put in place (RGPD-11).
const ErasuresFile = "erasures.log"

// erasureShape is what a line holds. A line that a crash cut short is no erasure: NoteErasures writes it again.
var erasureShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// ReadErasures reads a list of erasures; a file that is not there is an empty one.
func ReadErasures(path string) (ids []string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list of erasures: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if id := lines.Text(); erasureShape.MatchString(id) {
			ids = append(ids, id)
		}
	}
	return ids, lines.Err()
}

// AddErasures appends what a list does not hold yet, and returns once the disk has it. The file is made with mode 0600, also when
// there is nothing to write: one that is absent is lost, not empty.
func AddErasures(path string, ids []string) (err error) {
	known, err := ReadErasures(path)
	if err != nil {
		return err
	}
	has := make(map[string]bool, len(known))
	for _, id := range known {
		has[id] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return has[id] })
	if len(fresh) == 0 && len(known) > 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("list of erasures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text := ""
	if len(fresh) > 0 {
		text = strings.Join(fresh, "\n") + "\n"
	}
	if cut, err := endsInsideLine(f); err != nil {
		return fmt.Errorf("list of erasures: %w", err)
	} else if cut && len(fresh) > 0 {
		text = "\n" + text
	}
	if _, err := f.WriteString(text); err != nil {
		return fmt.Errorf("list of erasures: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("list of erasures: %w", err)
	}
	if len(known) > 0 {
		return nil
	}
	// The file may be new: its name has to last too.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("list of erasures: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// endsInsideLine reports whether the last line of f was cut short.
func endsInsideLine(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return last[0] != '\n', err
}

// Rows that were merged into a guardian who is erased now are of the same person. Such a row may be empty without anybody being erased.
const sqlErasedIDs = `
SELECT erasure_id FROM guardians WHERE name = '' AND erasure_id NOT IN (SELECT erasure_id FROM merged_guardians)
UNION ALL SELECT m.erasure_id FROM merged_guardians m JOIN guardians g ON g.id = m.guardian_id WHERE g.name = ''`

// NoteErasures lists every erased guardian in the file beside the database, and returns once it is on disk. It follows each
// erasure before anybody is told, and runs at every start and every night: so a stop of the program between the two loses
// nothing.
func (s *Service) NoteErasures(ctx context.Context) error {
	// One at a time: each appends what the file lacks.
	s.listing.Lock()
	defer s.listing.Unlock()
	var ids []string
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		ids, err = sqlite.Column[string](tx, sqlErasedIDs)
		return err
	})
	if err != nil {
		return err
	}
	return AddErasures(filepath.Join(filepath.Dir(s.db.Path()), ErasuresFile), ids)
}
