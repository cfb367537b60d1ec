package settings

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what a picture may come as, beside PNG
	"path/filepath"
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Bounds of a picture as it is sent.
const (
	// MaxPicture is how many bytes the file may have.
	MaxPicture = 1 << 20
	// MaxPictureSide is how many pixels it may be wide or high: a picture of 10 000 by 10 000 takes a few bytes in a file and
	// 400 MB once read (SEC-26).
	MaxPictureSide = 2000
	minSide        = 40
)

// The first bytes of the files that are taken.
var pictureKinds = map[string]struct {
	magic   string
	endings []string
}{
	"png":  {"\x89PNG\r\n\x1a\n", []string{".png"}},
	"jpeg": {"\xff\xd8\xff", []string{".jpg", ".jpeg"}},
}

// openPicture decodes a file that was sent (SEC-26): a PNG or a JPEG by its name and by its first bytes, of bounded weight and
// size. What is wrong is Invalid on field, and says what to do.
func openPicture(field, fileName string, content []byte) (image.Image, error) {
	if len(content) == 0 {
		return nil, wrongPicture(field, "settings.picture.missing")
	}
	if len(content) > MaxPicture {
		return nil, wrongPicture(field, "settings.picture.large", MaxPicture>>20)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(content))
	known, taken := pictureKinds[kind]
	if !taken || !strings.HasPrefix(string(content), known.magic) ||
		!slices.Contains(known.endings, strings.ToLower(filepath.Ext(fileName))) {
		return nil, wrongPicture(field, "settings.picture.kind")
	}
	if err != nil {
		return nil, wrongPicture(field, "settings.picture.broken")
	}
	if size.Width > MaxPictureSide || size.Height > MaxPictureSide || size.Width < minSide || size.Height < minSide {
		return nil, wrongPicture(field, "settings.picture.size", size.Width, size.Height, minSide, MaxPictureSide)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, wrongPicture(field, "settings.picture.broken")
	}
	return picture, nil
}

func wrongPicture(field, key string, args ...any) error {
	return fault.InvalidFields(map[string]fault.Message{field: {Key: key, Args: args}})
}

// pictureTable reads and writes a table of one row, or none, that holds a PNG of ours.
type pictureTable struct{ get, set, drop string }

func (t pictureTable) picture(tx *sqlite.Tx) (picture []byte, err error) {
	err = tx.QueryRow(t.get).Scan(&picture)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("settings: picture: %w", err)
	}
	return picture, nil
}

func (t pictureTable) keep(tx *sqlite.Tx, picture []byte) (err error) {
	if picture == nil {
		_, err = tx.Exec(t.drop)
	} else {
		_, err = tx.Exec(t.set, picture, sqlite.Time(tx.Now()))
	}
	return err
}
