package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation reads from a JPEG's Exif data how the camera was held: 1 for
// upright and where nothing is said, up to 8. The data itself is not kept, so
// the pixels have to be turned.
func orientation(jpeg []byte) int {
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xff && jpeg[at+1] != 0xda; {
		end := at + 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if end > len(jpeg) || end < at+4 {
			break
		}
		if exif, ok := bytes.CutPrefix(jpeg[at+4:end], []byte("Exif\x00\x00")); ok && jpeg[at+1] == 0xe1 {
			return exifOrientation(exif)
		}
		at = end
	}
	return 1
}

// exifOrientation looks for tag 0x0112 in the first directory of a TIFF.
func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	rest := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(rest) < 12 {
			break
		}
		if v := int(order.Uint16(rest[8:])); order.Uint16(rest) == 0x0112 && v >= 1 && v <= 8 {
			return v
		}
		rest = rest[12:]
	}
	return 1
}

// upright returns the picture as it was meant to be seen.
func upright(img *image.RGBA, turn int) image.Image {
	if turn == 1 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if turn >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			if turn == 2 || turn == 3 || turn == 7 || turn == 8 {
				tx = w - 1 - x
			}
			if turn == 3 || turn == 4 || turn == 6 || turn == 7 {
				ty = h - 1 - y
			}
			if turn >= 5 {
				tx, ty = ty, tx
			}
			to.SetRGBA(tx, ty, img.RGBAAt(x, y))
		}
	}
	return to
}
