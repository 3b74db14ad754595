package line

import "unicode/utf8"

// code is what a key is, once its bytes are together.
type code uint8

const (
	keyNone code = iota
	keyChar      // a character, or a byte that is no UTF-8
	keyCtrl      // a control key that is none of the others
	keyEnter
	keyUp
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyDelete
	keyPageUp
	keyPageDown
	keyBackspace
	keyEsc // ESC and a letter
)

type key struct {
	code code
	s    string // keyChar
	b    byte   // keyCtrl: the byte; keyEsc: the letter, upper case
}

// is says whether the key is that of a byte.
func (k key) is(b byte) bool { return k == keyOf(b) }

// keyOf is the key of a byte that is a key by itself.
func keyOf(b byte) key {
	switch {
	case b == '\r':
		return key{code: keyEnter}
	case b == 0x7f:
		return key{code: keyBackspace}
	case b < ' ' && b != '\t':
		return key{code: keyCtrl, b: b}
	}
	return key{code: keyChar, s: string([]byte{b})}
}

// A decoder puts the bytes of a key together: UTF-8, escape sequences of the
// VT100 family, CR LF and CR NUL as one Enter.
type decoder struct {
	esc []byte // an escape sequence begun
	utf []byte // a character begun
	cr  bool   // the byte before was CR
}

// broken returns a character begun that b does not go on with, as a key.
func (d *decoder) broken(b byte) (key, bool) {
	if len(d.utf) == 0 || b&0xc0 == 0x80 {
		return key{}, false
	}
	s := string(d.utf)
	d.utf = nil
	return key{code: keyChar, s: s}, true
}

// next takes a byte, after broken was asked. ok is false while a key is not
// complete.
func (d *decoder) next(b byte) (k key, ok bool) {
	cr := d.cr
	d.cr = false
	if cr && (b == '\n' || b == 0) {
		return key{}, false
	}
	if len(d.esc) > 0 {
		return d.escape(b)
	}
	if len(d.utf) > 0 {
		d.utf = append(d.utf, b)
		if !utf8.FullRune(d.utf) {
			return key{}, false
		}
		s := string(d.utf)
		d.utf = nil
		return key{code: keyChar, s: s}, true
	}
	switch {
	case b == '\r':
		d.cr = true
		return key{code: keyEnter}, true
	case b == '\n':
		return key{code: keyEnter}, true
	case b == 0x1b:
		d.esc = append(d.esc, b)
		return key{}, false
	case b < utf8.RuneSelf || !utf8.RuneStart(b):
		return keyOf(b), true
	}
	d.utf = append(d.utf, b)
	if utf8.FullRune(d.utf) {
		d.utf = nil
		return key{code: keyChar, s: string([]byte{b})}, true
	}
	return key{}, false
}

// finals are the last bytes of CSI and SS3 sequences without a number.
var finals = map[byte]code{'A': keyUp, 'B': keyDown, 'C': keyRight, 'D': keyLeft, 'H': keyHome, 'F': keyEnd}

// numbers are the CSI sequences that end in ~.
var numbers = map[string]code{"1": keyHome, "7": keyHome, "4": keyEnd, "8": keyEnd, "3": keyDelete, "5": keyPageUp, "6": keyPageDown}

// escLimit ends a sequence that does not end.
const escLimit = 16

func (d *decoder) escape(b byte) (key, bool) {
	d.esc = append(d.esc, b)
	if len(d.esc) == 2 {
		switch b {
		case '[', 'O':
			return key{}, false
		case 'b', 'B', 'd', 'D', 'f', 'F':
			d.esc = nil
			return key{code: keyEsc, b: b &^ 0x20}, true
		case 0x1b:
			d.esc = d.esc[:1]
			return key{}, false
		}
		// no sequence: the escape is dropped, the byte counts
		d.esc = nil
		return d.next(b)
	}
	switch {
	case b < ' ' || b >= 0x7f:
		// broken off
		d.esc = nil
		return d.next(b)
	case b >= '@' && b <= '~':
		if b == '~' {
			return d.done(numbers[string(d.esc[2:len(d.esc)-1])])
		}
		return d.done(finals[b])
	case len(d.esc) > escLimit:
		return d.done(keyNone)
	}
	return key{}, false
}

func (d *decoder) done(c code) (key, bool) {
	d.esc = nil
	return key{code: c}, c != keyNone
}
