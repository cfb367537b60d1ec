package upkeep

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// comparedMark is in the name of the copy beside the database that the next state of it is compared with, before the instant of it. It is as open as
// the database beside it: the copies that are kept elsewhere may be encrypted for others, and nothing here could read them.
const comparedMark = ".seen-"

// lastSeen is the copy that the database at path is to be compared with; empty when there is none.
func lastSeen(path string) (file string, err error) {
	files, err := filepath.Glob(path + comparedMark + "*")
	if err != nil || len(files) == 0 {
		return "", err
	}
	return slices.Max(files), nil // the instant comes last
}

// keepSeen makes a copy that nobody has changed since the one to compare the database at path with from now on.
func keepSeen(copied, path string, now time.Time) error {
	part := path + ".seen" + partEnd
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(copied, part) != nil {
		if err := copyFile(copied, part); err != nil {
			return err
		}
	}
	to := path + comparedMark + now.UTC().Format(copyInstant)
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return forgetSeen(path, to)
}

// forgetSeen removes the copies to compare the database at path with, but for one that may be named.
func forgetSeen(path, except string) error {
	files, err := filepath.Glob(path + comparedMark + "*")
	for _, file := range files {
		if file == except {
			continue
		}
		if removeErr := os.Remove(file); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	return err
}

// changedSinceSeen is changedSince for the copy beside the database at path, if there is one of the present schema. db is that database, or a copy of it.
func changedSinceSeen(ctx context.Context, db *sqlite.DB, path string) ([]Breach, error) {
	file, err := lastSeen(path)
	if err != nil || file == "" {
		return nil, err
	}
	breaches, err := changedSince(ctx, db, file)
	if errors.Is(err, sqlite.ErrOtherSchema) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return breaches, err
}

// seenAt is the instant of the copy that the database at path is compared with; zero when there is none.
func seenAt(path string) (time.Time, error) {
	file, err := lastSeen(path)
	if err != nil || file == "" {
		return time.Time{}, err
	}
	return time.Parse(copyInstant, strings.TrimPrefix(file, path+comparedMark))
}
