package vt

import (
	"strconv"

	"github.com/charmbracelet/x/ansi"
)

// A Color is a colour of the terminal: 0 is the default, 1 to 256 are the
// colours 0 to 255 of its palette, others are 1<<24 and red, green, blue.
type Color uint32

const rgb Color = 1 << 24

// Palette is the number of a colour of the palette.
func (c Color) Palette() (n int, ok bool) { return int(c) - 1, c > 0 && c <= 256 }

// RGB is a colour's red, green and blue. Those of the palette are xterm's; ok
// is false for the default.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	switch n := int(c) - 1; {
	case c == 0:
		return 0, 0, 0, false
	case c&rgb != 0:
		return uint8(c >> 16), uint8(c >> 8), uint8(c), true
	case n < 16:
		v := sixteen[n]
		return uint8(v >> 16), uint8(v >> 8), uint8(v), true
	case n < 232:
		n -= 16
		step := func(i int) uint8 {
			if i == 0 {
				return 0
			}
			return uint8(55 + 40*i)
		}
		return step(n / 36), step(n / 6 % 6), step(n % 6), true
	default:
		v := uint8(8 + 10*(n-232))
		return v, v, v, true
	}
}

var sixteen = [16]uint32{0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x1e90ff, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff}

// Attrs are attributes, a bit each.
type Attrs uint8

const (
	Bold Attrs = 1 << iota
	Faint
	Italic
	Underline
	Blink
	Reverse
	Conceal
	Strike
)

// attrs are the attributes by the parameter that sets them.
var attrs = [10]Attrs{1: Bold, 2: Faint, 3: Italic, 4: Underline, 5: Blink, 6: Blink, 7: Reverse, 8: Conceal, 9: Strike}

// A Style is how characters look.
type Style struct {
	Fore, Back Color
	Attrs      Attrs
}

// sgr is SELECT GRAPHIC RENDITION (ECMA-48 section 8.3.117) with the colours
// of ITU-T T.416.
func (s *Style) sgr(p ansi.Params) {
	if len(p) == 0 {
		*s = Style{}
		return
	}
	for i := 0; i < len(p); i++ {
		n, more, _ := p.Param(i, 0)
		switch {
		case n == 0:
			*s = Style{}
		case n >= 1 && n <= 9:
			if n == 4 && more { // 4:0 is none
				i++
				if sub, _, _ := p.Param(i, 1); sub == 0 {
					s.Attrs &^= Underline
					break
				}
			}
			s.Attrs |= attrs[n]
		case n == 21:
			s.Attrs |= Underline
		case n == 22:
			s.Attrs &^= Bold | Faint
		case n >= 23 && n <= 29:
			s.Attrs &^= attrs[n-20]
		case n >= 30 && n <= 37:
			s.Fore = Color(n - 30 + 1)
		case n >= 40 && n <= 47:
			s.Back = Color(n - 40 + 1)
		case n >= 90 && n <= 97:
			s.Fore = Color(n - 90 + 8 + 1)
		case n >= 100 && n <= 107:
			s.Back = Color(n - 100 + 8 + 1)
		case n == 39:
			s.Fore = 0
		case n == 49:
			s.Back = 0
		case n == 38 || n == 48 || n == 58:
			c, used, ok := colour(p[i+1:], more)
			i += used
			if ok && n == 38 {
				s.Fore = c
			} else if ok && n == 48 {
				s.Back = c
			}
		}
	}
}

// colour reads what follows 38 or 48: 5;N or 2;R;G;B, or with colons, where
// an empty colour space may stand before red.
func colour(p ansi.Params, colons bool) (c Color, used int, ok bool) {
	at := func(i int) int {
		n, _, _ := p.Param(i, 0)
		return min(n, 255)
	}
	if len(p) == 0 {
		return 0, 0, false
	}
	n := len(p)
	if colons {
		n = 1
		for n < len(p) && p[n-1].HasMore() {
			n++
		}
	}
	used = n // where it is cut short
	switch kind, _, _ := p.Param(0, 0); {
	case kind == 5 && n >= 2:
		used = 2
		c, ok = Color(at(1)+1), true
	case kind == 2 && n >= 4:
		used = 4
		from := 1
		if colons && n >= 5 {
			from = 2
		}
		c, ok = rgb|Color(at(from)<<16|at(from+1)<<8|at(from+2)), true
	}
	if colons {
		used = n
	}
	return c, used, ok
}

// SGR is the sequence that brings a terminal from its default to the style.
func (s Style) SGR() string {
	b := []byte("\x1b[0")
	for i, code := range []string{";1", ";2", ";3", ";4", ";5", ";7", ";8", ";9"} {
		if s.Attrs&(1<<i) != 0 {
			b = append(b, code...)
		}
	}
	b = s.Fore.sgr(b, 30, 90, ";38")
	b = s.Back.sgr(b, 40, 100, ";48")
	return string(append(b, 'm'))
}

func (c Color) sgr(b []byte, low, high int, long string) []byte {
	n, ok := c.Palette()
	switch {
	case c == 0:
	case ok && n < 8:
		b = strconv.AppendInt(append(b, ';'), int64(low+n), 10)
	case ok && n < 16:
		b = strconv.AppendInt(append(b, ';'), int64(high+n-8), 10)
	case ok:
		b = strconv.AppendInt(append(append(b, long...), ";5;"...), int64(n), 10)
	default:
		b = append(append(b, long...), ";2"...)
		for _, v := range []Color{c >> 16, c >> 8, c} {
			b = strconv.AppendInt(append(b, ';'), int64(v&0xff), 10)
		}
	}
	return b
}
