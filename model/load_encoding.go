package model

import "bytes"

// marks begin documents in the encodings of 16 and 32 bits a character.
var marks = []struct{ bytes, encoding string }{
	{"\xff\xfe\x00\x00", "UTF-32LE"}, {"\x00\x00\xfe\xff", "UTF-32BE"}, {"\xff\xfe", "UTF-16LE"}, {"\xfe\xff", "UTF-16BE"},
}

// marked says whether the document begins with one of the marks.
func marked(raw []byte) bool {
	for _, mark := range marks {
		if bytes.HasPrefix(raw, []byte(mark.bytes)) {
			return true
		}
	}
	return false
}

// wideEncoding returns the name of the encoding where the document is in one of 16
// or 32 bits for a character, and "". It is known by its byte order mark, or else by
// where the zeros stand: a JSON text begins with a character of ASCII, and one that
// is an object has another of them next (RFC 4627 section 3).
func wideEncoding(raw []byte) string {
	for _, mark := range marks {
		if bytes.HasPrefix(raw, []byte(mark.bytes)) {
			return mark.encoding
		}
	}
	if len(raw) < 4 {
		return ""
	}
	zeros := 0
	for i := range 4 {
		if raw[i] == 0 {
			zeros |= 1 << i
		}
	}
	return map[int]string{0b1110: "UTF-32LE", 0b0111: "UTF-32BE", 0b1010: "UTF-16LE", 0b0101: "UTF-16BE"}[zeros]
}
