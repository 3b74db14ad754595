package cast

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A watched console.
type watched struct {
	*Redactor
	typed  []rune // since the last Enter
	enters int    // pressed and not yet seen in a line with a prompt
	secret []byte // being typed
	mark   string // to be written behind the line that was finished

	prompted bool // there has been a prompt
	asks     int  // secrets that a line typed ahead may ask for
}

// finished makes a marker of a line that is a prompt and a command.
func (w *watched) finished(device, line string) {
	n := promptLen(line)
	if n == 0 || w.enters == 0 {
		return
	}
	command := strings.TrimSpace(line[n:])
	if logLine.MatchString(command) {
		return
	}
	if w.enters--; command != "" {
		w.mark = device + ": " + command
	}
}

// logLine is a log or a trace, which may stand behind a prompt.
var logLine = regexp.MustCompile(`^[%*]?[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d:\d{3} \d{4} `)

// redact hides the secrets of keys that are typed: what a console does not
// show, and what stands behind a word such as simple, in the line as it is
// shown or as it was typed. Of what is typed while the console is not ready, at
// a prompt or such a question, it hides what comes before
// the first prompt, and behind a command that asks for a password.
func (w *watched) redact(typed []byte, masked, ready bool, keep func(string)) (keys []byte, hidden []span) {
	keys = append([]byte(nil), typed...)
	echoed := true // the line that is shown is the line typed
	if masked || ready {
		w.prompted, w.asks = true, 0
	}
	ahead := func() bool { return !w.prompted || w.asks > 0 }
	for i := 0; i < len(keys); {
		c, n := utf8.DecodeRune(keys[i:])
		switch {
		case c == '\r' || c == '\n':
			w.confide(keep)
			w.asks = max(w.asks-1, asked(string(w.typed)))
			w.typed, masked, echoed = w.typed[:0], false, false
			w.enters++
		case c == '\b' || c == 0x7f:
			if masked || ahead() || len(w.secret) > 0 { // a correction is part of what was typed
				hidden = w.hide(keys, i, i+n, hidden)
			}
			w.typed = w.typed[:max(len(w.typed)-1, 0)]
		case c == 0x15 || c == 0x18 || c == 0x03: // the line is erased
			w.confide(keep)
			w.typed = w.typed[:0]
		case c < ' ':
		default:
			if masked || ahead() || hides(w.typed, c) || echoed && w.Hides(c) {
				hidden = w.hide(keys, i, i+n, hidden)
			} else {
				w.confide(keep)
			}
			w.typed = append(w.typed, c)
			echoed = false // it moves on with what was typed
		}
		i += n
	}
	return keys, hidden
}

// hide replaces keys and remembers them.
func (w *watched) hide(keys []byte, from, to int, hidden []span) []span {
	w.secret = append(w.secret, keys[from:to]...)
	for i := from; i < to; i++ {
		keys[i] = hiddenRune
	}
	if n := len(hidden); n > 0 && hidden[n-1].to == from {
		hidden[n-1].to = to
		return hidden
	}
	return append(hidden, span{from, to})
}

// confide gives a secret that is complete to who keeps it.
func (w *watched) confide(keep func(string)) {
	if len(w.secret) > 0 && keep != nil {
		keep(string(w.secret))
	}
	w.secret = w.secret[:0]
}

// asked is how many secrets a command asks for at most.
func asked(line string) int {
	switch f := strings.Fields(line); {
	case len(f) == 1 && short(f[0], 2, "password"):
		return 3
	case len(f) > 0 && short(f[0], 2, "super") && !slices.ContainsFunc(f, func(w string) bool { return short(w, 1, "password") }):
		return 1
	}
	return 0
}
