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
// size, the way up that it was taken. What is wrong is Invalid on picture, and says what to do.
func openPicture(fileName string, content []byte) (image.Image, error) {
	if len(content) == 0 {
		return nil, wrongPicture("settings.picture.missing")
	}
	if len(content) > MaxPicture {
		return nil, wrongPicture("settings.picture.large", MaxPicture>>20)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(content))
	known, taken := pictureKinds[kind]
	if !taken || !strings.HasPrefix(string(content), known.magic) ||
		!slices.Contains(known.endings, strings.ToLower(filepath.Ext(fileName))) {
		return nil, wrongPicture("settings.picture.kind")
	}
	if err != nil {
		return nil, wrongPicture("settings.picture.broken")
	}
	if size.Width > MaxPictureSide || size.Height > MaxPictureSide || size.Width < minSide || size.Height < minSide {
		return nil, wrongPicture("settings.picture.size", size.Width, size.Height, minSide, MaxPictureSide)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, wrongPicture("settings.picture.broken")
	}
	return upright(picture, content), nil
}

func wrongPicture(key string, args ...any) error {
	return fault.InvalidFields(map[string]fault.Message{"picture": {Key: key, Args: args}})
}

// pictureIn returns the PNG of ours that a table of one row, or none, holds; nil for none.
func pictureIn(row *sql.Row) (picture []byte, err error) {
	err = row.Scan(&picture)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("settings: picture: %w", err)
	}
	return picture, nil
}

// fitted is how large a part of a picture is kept: in its proportions, no larger than what is kept, never enlarged.
func fitted(part image.Rectangle, mostWide, mostHigh int) (width, height int) {
	width, height = part.Dx(), part.Dy()
	if width > mostWide {
		width, height = mostWide, max(1, height*mostWide/width)
	}
	if height > mostHigh {
		width, height = max(1, width*mostHigh/height), mostHigh
	}
	return width, height
}
