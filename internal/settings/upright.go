package settings

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// upright turns a picture as a telephone says it was held. Photos lie in a JPEG as the sensor saw them, and EXIF keeps which side is up:
// every viewer turns them, the decoder of the standard library does not.
func upright(picture image.Image, file []byte) image.Image {
	if held := orientation(file); held > 1 {
		return turned{picture, held}
	}
	return picture
}

// orientation is what the EXIF data of a JPEG say of how it was held: 1 for upright, and where they say nothing that can be read; up to 8
// (EXIF 2.3, tag 274).
func orientation(file []byte) int {
	const upright, startOfScan, app1 = 1, 0xDA, 0xE1
	for at := 2; at+4 <= len(file) && file[at] == 0xFF && file[at+1] != startOfScan; {
		length := int(binary.BigEndian.Uint16(file[at+2:]))
		if length < 2 || at+2+length > len(file) {
			return upright
		}
		if exif, found := bytes.CutPrefix(file[at+4:at+2+length], []byte("Exif\x00\x00")); found && file[at+1] == app1 {
			return orientationIn(exif)
		}
		at += 2 + length
	}
	return upright
}

// orientationIn reads it from the first directory of the TIFF structure that EXIF data are.
func orientationIn(exif []byte) int {
	const upright, tag, entry = 1, 274, 12
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(exif, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(exif) < 8 {
		return upright
	}
	first := uint64(order.Uint32(exif[4:]))
	if first+2 > uint64(len(exif)) {
		return upright
	}
	for rest := exif[first+2:]; len(rest) >= entry; rest = rest[entry:] {
		if order.Uint16(rest) != tag {
			continue
		}
		if held := order.Uint16(rest[8:]); held >= 1 && held <= 8 {
			return int(held)
		}
		break
	}
	return upright
}

// turned is a picture seen as one of the eight orientations of EXIF.
type turned struct {
	image.Image
	held int
}

func (t turned) Bounds() image.Rectangle {
	size := t.Image.Bounds().Size()
	if t.held >= 5 {
		size.X, size.Y = size.Y, size.X
	}
	return image.Rectangle{Max: size}
}

func (t turned) At(x, y int) color.Color {
	from := t.Image.Bounds()
	right, bottom := from.Dx()-1, from.Dy()-1
	switch t.held {
	case 2:
		x = right - x
	case 3:
		x, y = right-x, bottom-y
	case 4:
		y = bottom - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, bottom-x
	case 7:
		x, y = right-y, bottom-x
	case 8:
		x, y = right-y, x
	}
	return t.Image.At(from.Min.X+x, from.Min.Y+y)
}
