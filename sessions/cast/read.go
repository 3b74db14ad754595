package cast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"
	"unicode/utf8"
)

// A Recording is a recording that was read. It keeps the text of the file, and
// of each event where it stands in it: a text is decoded when it is wanted.
type Recording struct {
	Header
	// Truncated says that the last line was not complete and left out, as when
	// the program that wrote it was killed.
	Truncated bool

	name   string
	text   []byte
	events []spot
}

// A spot is an event in the text.
type spot struct {
	at   time.Duration
	from int // of what stands between the quotes
	n    int32
	line int32
	code byte // 0 for codes that nobody knows
	esc  bool // has escapes
}

// maxTime bounds the time of a recording.
const maxTime = 100 * 365 * 24 * time.Hour

// Open reads a recording from a file.
func Open(name string) (*Recording, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Parse reads a recording. The name is for errors, which are LineErrors.
func Parse(name string, text []byte) (*Recording, error) {
	r := &Recording{name: name, text: text}
	first, rest, _ := bytes.Cut(text, []byte{'\n'})
	if err := r.header(first); err != nil {
		return nil, &LineError{name, 1, err.Error()}
	}
	r.events = make([]spot, 0, len(text)/80+1)
	from, at := len(text)-len(rest), time.Duration(0)
	for n := 2; from < len(text); n++ {
		to, next := len(text), len(text)
		if i := bytes.IndexByte(text[from:], '\n'); i >= 0 {
			to, next = from+i, from+i+1
		}
		line := scanner{text: text[:to], at: from}
		switch line.space(); {
		case line.at == to || line.text[line.at] == '#' && r.Version == 3:
		default:
			e, err := line.event()
			if err == nil && r.Version == 3 {
				e.at += at
			}
			switch {
			case err == nil && e.at > maxTime:
				err = fmt.Errorf("time is %v, want at most %v", e.at, maxTime)
			case err == nil && e.code == Resize:
				_, _, err = size(r.decode(e))
			case err != nil && next == to && line.at == to:
				r.Truncated = true
				return r, nil
			}
			if err != nil {
				return nil, &LineError{name, n, err.Error()}
			}
			e.at, e.line = max(e.at, at), int32(n) // some recorders' clocks go back a little
			at = e.at
			r.events = append(r.events, e)
		}
		from = next
	}
	return r, nil
}

// header reads the first line.
func (r *Recording) header(line []byte) error {
	var x wireHeader
	if err := json.Unmarshal(line, &x); err != nil {
		return fmt.Errorf("this is no header of an asciicast: %w", err)
	}
	switch x.Version {
	case 2:
	case 3:
		if x.Term == nil {
			return fmt.Errorf("the header has no term, want one with cols and rows")
		}
		x.Width, x.Height = x.Term.Cols, x.Term.Rows
	default:
		return fmt.Errorf("asciicast version is %d, want 2 or 3", x.Version)
	}
	if x.Width < 1 || x.Height < 1 || x.Width > maxCells || x.Height > maxCells {
		return fmt.Errorf("size is %dx%d, want 1 to %d", x.Width, x.Height, maxCells)
	}
	r.Header = Header{Version: x.Version, Width: x.Width, Height: x.Height, Title: x.Title, Run: x.Run}
	if x.Idle > 0 && x.Idle < maxTime.Seconds() {
		r.Idle = time.Duration(x.Idle * float64(time.Second))
	}
	if x.Timestamp != "" {
		s, err := x.Timestamp.Float64()
		if err != nil || math.Abs(s) > 1e11 {
			return fmt.Errorf("timestamp is %s, want seconds", x.Timestamp)
		}
		r.Start = time.Unix(int64(s), 0).UTC()
	}
	return nil
}

// Len is how many events there are.
func (r *Recording) Len() int { return len(r.events) }

// Event is event number i.
func (r *Recording) Event(i int) Event {
	e := r.events[i]
	return Event{e.at, e.code, r.decode(e)}
}

// Line is the line of the file that event number i stands in.
func (r *Recording) Line(i int) int { return int(r.events[i].line) }

// Duration is the time of the last event.
func (r *Recording) Duration() time.Duration {
	if n := len(r.events); n > 0 {
		return r.events[n-1].at
	}
	return 0
}

// decode is the text of an event.
func (r *Recording) decode(e spot) string {
	raw := r.text[e.from : e.from+int(e.n)]
	if !e.esc && utf8.Valid(raw) {
		return string(raw)
	}
	return unquote(raw)
}

// unquote decodes what stands between the quotes of a JSON string, which has
// been looked at (RFC 8259 section 7). Halves of surrogate pairs and bytes
// that are no UTF-8 become U+FFFD.
func unquote(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(raw[i:])
			out = utf8.AppendRune(out, r)
			i += n
			continue
		}
		if c != '\\' {
			out = append(out, c)
			i++
			continue
		}
		c = raw[i+1]
		i += 2
		if at := bytes.IndexByte([]byte("bfnrt"), c); at >= 0 {
			c = "\b\f\n\r\t"[at]
		}
		if c != 'u' {
			out = append(out, c)
			continue
		}
		r := hex4(raw[i:])
		i += 4
		if r >= 0xd800 && r < 0xdc00 && i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
			if low := hex4(raw[i+2:]); low >= 0xdc00 && low < 0xe000 {
				r = (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
				i += 6
			}
		}
		out = utf8.AppendRune(out, r) // U+FFFD for a half
	}
	return string(out)
}

// hex4 is the value of four hexadecimal digits, -1 if they are none.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	n, err := strconv.ParseUint(string(b[:4]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// A scanner reads the line of an event: `[1.5, "o", "text"]`.
type scanner struct {
	text []byte // to the end of the line
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\r') {
		s.at++
	}
}

// want passes over a character.
func (s *scanner) want(c byte) error {
	s.space()
	if s.at == len(s.text) {
		return fmt.Errorf("the line ends, want %c", c)
	}
	if s.text[s.at] != c {
		return fmt.Errorf("there is %q, want %c", s.text[s.at], c)
	}
	s.at++
	return nil
}

func (s *scanner) event() (e spot, err error) {
	if err = s.want('['); err != nil {
		return e, fmt.Errorf("%w of an event [time, code, text]", err)
	}
	if e.at, err = s.time(); err != nil {
		return e, err
	}
	if err = s.want(','); err != nil {
		return e, err
	}
	var from, to int
	if from, to, _, err = s.str(); err != nil {
		return e, fmt.Errorf("code: %w", err)
	}
	if to-from == 1 {
		e.code = s.text[from]
	}
	if err = s.want(','); err != nil {
		return e, err
	}
	if from, to, e.esc, err = s.str(); err != nil {
		return e, fmt.Errorf("text: %w", err)
	}
	if to-from > math.MaxInt32 {
		return e, fmt.Errorf("the text has %d bytes, want at most %d", to-from, math.MaxInt32)
	}
	e.from, e.n = from, int32(to-from)
	if err = s.want(']'); err != nil {
		return e, err
	}
	if s.space(); s.at < len(s.text) {
		return e, fmt.Errorf("%q follows the event", s.text[s.at])
	}
	return e, nil
}

// time reads a number of seconds.
func (s *scanner) time() (time.Duration, error) {
	s.space()
	from := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte("0123456789+-.eE"), s.text[s.at]) >= 0 {
		s.at++
	}
	word := string(s.text[from:s.at])
	if word == "" && s.at == len(s.text) {
		return 0, fmt.Errorf("the line ends, want a time")
	}
	if d, ok := decimal(s.text[from:s.at]); ok {
		return d, nil
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil || !json.Valid([]byte(word)) || !(f >= 0) || f > maxTime.Seconds() {
		return 0, fmt.Errorf("time is %q, want seconds from 0 on", word)
	}
	return time.Duration(math.Round(f * 1e9)), nil
}

// decimal reads seconds digit by digit: a float has not enough of them. ok is
// false for all but plain numbers, such as those with an exponent.
func decimal(word []byte) (d time.Duration, ok bool) {
	whole, part, point := bytes.Cut(word, []byte{'.'})
	if len(whole) == 0 || len(whole) > 9 || len(whole) > 1 && whole[0] == '0' || point && len(part) == 0 {
		return 0, false
	}
	unit := time.Second
	for _, c := range whole {
		if c < '0' || c > '9' {
			return 0, false
		}
		d = d*10 + time.Duration(c-'0')*unit
	}
	for _, c := range part {
		if c < '0' || c > '9' {
			return 0, false
		}
		unit /= 10
		d += time.Duration(c-'0') * unit
	}
	return d, true
}

// str reads a string: where it stands between its quotes, and whether it has
// escapes.
func (s *scanner) str() (from, to int, esc bool, err error) {
	if err = s.want('"'); err != nil {
		return
	}
	from = s.at
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			to = s.at
			s.at++
			return
		case c < ' ':
			return 0, 0, false, fmt.Errorf("there is a bare control character %q, want an escape", c)
		case c == '\\':
			esc = true
			s.at++
			if s.at == len(s.text) {
				break
			}
			c = s.text[s.at]
			if c == 'u' {
				if s.at+5 > len(s.text) {
					s.at = len(s.text)
					break
				}
				if hex4(s.text[s.at+1:]) < 0 {
					return 0, 0, false, fmt.Errorf("escape is \\%s, want \\u and four hexadecimal digits", s.text[s.at:s.at+5])
				}
				s.at += 4
			} else if bytes.IndexByte([]byte(`"\/bfnrt`), c) < 0 {
				return 0, 0, false, fmt.Errorf("escape is \\%c, which there is none", c)
			}
		}
	}
	s.at = len(s.text)
	return 0, 0, false, fmt.Errorf("the line ends within a string")
}
