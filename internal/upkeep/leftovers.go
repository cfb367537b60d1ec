package upkeep

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// keepLeftovers is for how long a database stays that an upgrade or a restore put aside, or that the present one does not agree with: it holds whoever
// was erased since (RGPD-8).
const keepLeftovers = MostBackupDays * 24 * time.Hour

// removeLeftovers removes what upgrades, restores and comparisons left beside the database at path, once it has had its time.
func removeLeftovers(path string, now time.Time) error {
	upgraded, err := filepath.Glob(path + ".before-v*")
	for _, file := range upgraded {
		info, statErr := os.Lstat(file)
		if statErr == nil && now.Sub(info.ModTime()) > keepLeftovers {
			statErr = os.Remove(file)
		}
		if statErr != nil && !errors.Is(statErr, fs.ErrNotExist) {
			err = errors.Join(err, statErr)
		}
	}
	folders, globErr := filepath.Glob(filepath.Join(filepath.Dir(path), asidePrefix+"*"))
	err = errors.Join(err, globErr)
	for _, folder := range folders {
		at, parseErr := time.Parse(copyInstant, strings.TrimPrefix(filepath.Base(folder), asidePrefix))
		if parseErr == nil && now.Sub(at) > keepLeftovers { // another name is not of ours
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}
	if at, seenErr := seenAt(path); seenErr != nil {
		err = errors.Join(err, seenErr)
	} else if !at.IsZero() && now.Sub(at) > keepLeftovers {
		err = errors.Join(err, forgetSeen(path, ""))
	}
	return err
}
