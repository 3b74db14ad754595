package cast

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hiddenRune stands for each character of a secret.
const hiddenRune = '*'

// maxLine bounds the line that a Redactor remembers, in characters.
const maxLine = 4096

// A Redactor hides the secrets in what a console shows: plain keys and
// passwords where commands are echoed, recalled or listed, and their
// reversible forms and hashes in configurations. It follows the line that is
// written to as the terminal does, so that it sees what stands to the left of
// each character however the line was edited, and hides a character before it
// is shown to anybody.
//
// A word is hidden behind simple, cipher, plain or hash, also abbreviated,
// where a command has it, and anywhere if it begins with $c$ or $h$. In running
// text a word too many is hidden rather than one too few: "in plain ****".
type Redactor struct {
	// OnLine is called with each line that was finished, its secrets hidden.
	OnLine func(line string)

	width int    // of the terminal, 0 for endless lines
	cells []rune // of the line that is written to
	cur   int
	part  []byte // of a character
	esc   []byte // of an escape sequence
	out   []byte
}

// Redact is what to show instead of b. What it cannot judge yet, half a
// character, it keeps until the next call.
func (r *Redactor) Redact(b []byte) []byte {
	r.out = r.out[:0]
	for _, c := range b {
		switch {
		case len(r.esc) > 0:
			r.escaped(c)
		case c >= utf8.RuneSelf || len(r.part) > 0:
			r.part = append(r.part, c)
			for len(r.part) > 0 && utf8.FullRune(r.part) {
				c, n := utf8.DecodeRune(r.part)
				r.part = r.part[n:]
				r.rune(c)
			}
		default:
			r.rune(rune(c))
		}
	}
	return r.out
}

// Line is the line that is written to.
func (r *Redactor) Line() string { return string(r.cells) }

// SetWidth tells the columns of the terminal, in which long lines go on below.
func (r *Redactor) SetWidth(w int) { r.width = w }

// Hides says whether the next character, if it is not a blank, is part of a
// secret.
func (r *Redactor) Hides(c rune) bool { return hides(r.cells[:r.cur], c) }

func (r *Redactor) rune(c rune) {
	switch c {
	case '\r':
		r.cur = 0
	case '\n':
		if r.OnLine != nil {
			r.OnLine(string(r.cells))
		}
		r.cells, r.cur = r.cells[:0], 0
	case '\b':
		r.cur = max(r.cur-1, 0)
	case 0x1b:
		r.esc = append(r.esc[:0], 0x1b)
		return
	default:
		if c < ' ' {
			break
		}
		if hides(r.cells[:r.cur], c) {
			c = hiddenRune
		}
		r.put(c)
	}
	r.out = utf8.AppendRune(r.out, c)
}

func (r *Redactor) put(c rune) {
	if r.cur < len(r.cells) {
		r.cells[r.cur] = c
	} else {
		r.cells = append(r.cells, c)
	}
	if r.cur++; r.cur > maxLine {
		r.cells, r.cur = append(r.cells[:0], r.cells[maxLine/2:]...), r.cur-maxLine/2
	}
}

// escaped follows a control sequence to its end. Those with which a device's
// line moves the cursor are done, the others leave the line alone.
func (r *Redactor) escaped(c byte) {
	r.esc = append(r.esc, c)
	if len(r.esc) == 2 && c == '[' || len(r.esc) > 2 && (c < 0x40 || c > 0x7e) && len(r.esc) < 64 {
		return
	}
	n := 0
	for _, d := range r.esc[min(2, len(r.esc)):] {
		if d >= '0' && d <= '9' {
			n = min(n*10+int(d-'0'), maxLine)
		}
	}
	n = max(n, 1)
	switch {
	case len(r.esc) == 2:
	case c == 'A':
		r.cur = max(r.cur-n*r.width, 0)
	case c == 'C':
		for r.cur += n; len(r.cells) < min(r.cur, maxLine); {
			r.cells = append(r.cells, ' ')
		}
		r.cur = min(r.cur, len(r.cells))
	case c == 'D':
		r.cur = max(r.cur-n, 0)
	}
	r.out = append(r.out, r.esc...)
	r.esc = r.esc[:0]
}

// Words behind which a secret stands.
var keyWords = []string{"simple", "cipher", "plain", "hash", "plaintext", "ciphertext"}

// Words of commands that have a secret: in a line with one of them a single
// letter is taken for a key word.
var carriers = []string{"key", "password", "pre-shared-key", "string-key", "hex-key", "key-string", "authentication-mode", "super", "authentication"}

// Algorithms behind which `snmp-agent usm-user v3` has its keys.
var usmWords = []string{"md5", "sha", "sha224", "sha256", "sha384", "sha512", "3des", "des56", "aes128", "aes192", "aes256"}

// lastWords are all words that may stand before a secret.
var lastWords = slices.Concat(keyWords, usmWords, []string{"read", "write"})

// short says whether a word is one of the given or short for it, with at least
// n letters.
func short(word string, n int, of ...string) bool {
	word = strings.ToLower(word)
	return len(word) >= n && slices.ContainsFunc(of, func(full string) bool { return strings.HasPrefix(full, word) })
}

// hides says whether c is part of a secret behind what stands to its left.
func hides(left []rune, c rune) bool {
	if unicode.IsSpace(c) || len(left) == 0 {
		return false
	}
	from := len(left) // of the word that c belongs to
	for from > 0 && !unicode.IsSpace(left[from-1]) {
		from--
	}
	word := left[from:]
	if len(word) >= 3 && word[0] == '$' && (word[1] == 'c' || word[1] == 'h') && word[2] == '$' {
		return true
	}
	to := from
	for to > 0 && unicode.IsSpace(left[to-1]) {
		to--
	}
	at := to // of the word before
	for at > 0 && !unicode.IsSpace(left[at-1]) {
		at--
	}
	if at == to || at == 0 || !short(string(left[at:to]), 1, lastWords...) {
		return false
	}
	words := strings.Fields(string(left[:to]))
	if len(words) < 2 { // the first word of its line is no key word
		return false
	}
	typed := false
	if p := promptLen(words[0]); p > 0 {
		typed, words[0] = true, words[0][p:]
	}
	return secretFollows(words, string(append(slices.Clone(word), c)), typed)
}

// secretFollows says whether the word that begins with start is a secret
// behind the words of a line. In a typed line words are short for others.
func secretFollows(words []string, start string, typed bool) bool {
	last, before := words[len(words)-1], words[:len(words)-1]
	has := func(n int, of ...string) bool {
		return slices.ContainsFunc(before, func(w string) bool { return short(w, n, of...) })
	}
	switch {
	case has(4, "community") && has(2, "snmp-agent"):
		return short(last, 1, "read", "write", "simple", "cipher") && !short(start, 1, "simple", "cipher")
	case has(3, "usm-user"):
		return short(last, 2, usmWords...)
	case short(last, 1, "simple") && short(before[len(before)-1], 4, "authentication-mode"):
		return !short(start, 1, "plain", "cipher") // which stand before the key
	case slices.Contains(keyWords, last):
		return true
	case !short(last, 1, keyWords...):
		return false
	case typed:
		return len(last) >= 3 || has(1, carriers...)
	}
	return last != "has" && has(3, carriers...)
}

// promptLen is the length of the prompt that a line begins with, as <H3C>,
// [H3C-luser-manage-a], RBM_P<H3C> or RBM_S@H3C>; 0 if there is none.
func promptLen(s string) int {
	at := 0
	if strings.HasPrefix(s, "RBM_P") || strings.HasPrefix(s, "RBM_S") {
		at = len("RBM_P")
	}
	if at == len(s) {
		return 0
	}
	end := byte('>')
	switch s[at] {
	case '<', '@':
	case '[':
		end = ']'
	default:
		return 0
	}
	i := strings.IndexByte(s[at:], end)
	if i < 2 {
		return 0
	}
	return at + i + 1
}
