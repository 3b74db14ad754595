package cli

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a blank-separated part of a line, or a quoted string.
type word struct {
	at, end int    // byte offsets of its first character in the line and behind its last
	text    string // without quotes and escapes
	quoted  bool
}

// lower is the text as keywords are compared; a string is no keyword's begin.
func (w word) lower() string {
	if w.quoted {
		return "\x00"
	}
	return strings.ToLower(w.text)
}

// split cuts a line into words. A quote opens a string at the begin of a word
// only; inside it \" and \\ stand for " and \. A string without an end runs to
// the end of the line.
func split(line string) []word {
	var words []word
	for i := 0; i < len(line); {
		if blank(line[i]) {
			i++
			continue
		}
		w := word{at: i}
		if line[i] == '"' {
			w.quoted = true
			var b strings.Builder
			for i++; i < len(line) && line[i] != '"'; i++ {
				if line[i] == '\\' && i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\') {
					i++
				}
				b.WriteByte(line[i])
			}
			i = min(i+1, len(line))
			w.text = b.String()
		} else {
			for i < len(line) && !blank(line[i]) {
				i++
			}
			w.text = line[w.at:i]
		}
		w.end = i
		words = append(words, w)
	}
	return words
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// Quote writes a string so that it is read back as one word.
func Quote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\"") {
		return s
	}
	return `"` + escaped.Replace(s) + `"`
}

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// An Arg is one token of a line that matched.
type Arg struct {
	Token   string // the keyword, or the placeholder's name
	Word    string // as the configuration writes it
	Keyword bool
	Number  int64      // integers, and the length of a mask
	Addr    netip.Addr // addresses, masks and wildcards

	kind    kind
	partial bool // the type of an interface, its number comes next
}

// Args are the tokens of a matched line in order.
type Args struct{ all []Arg }

// All returns every token in order.
func (a *Args) All() []Arg { return a.all }

func (c *capture) args() *Args {
	n := 0
	for p := c; p != nil; p = p.prev {
		n++
	}
	a := &Args{all: make([]Arg, n)}
	for p := c; p != nil; p = p.prev {
		n--
		a.all[n] = p.arg
	}
	return a
}

func (a *Args) find(name string) *Arg {
	for i := range a.all {
		if !a.all[i].Keyword && a.all[i].Token == name {
			return &a.all[i]
		}
	}
	return nil
}

// Token is the nth token of the line: the keyword, or the placeholder's name.
func (a *Args) Token(n int) string { return a.all[n].Token }

// Line is the command with keywords written out and interface names as the
// device spells them.
func (a *Args) Line() string { return a.line() }

// Has says whether a keyword or a placeholder of that name was typed.
func (a *Args) Has(name string) bool {
	for i := range a.all {
		if a.all[i].Token == name {
			return true
		}
	}
	return false
}

// Int returns an integer or the length of a mask, 0 if it was not typed.
func (a *Args) Int(name string) int {
	if g := a.find(name); g != nil {
		return int(g.Number)
	}
	return 0
}

// Uint32 returns an integer, 0 if it was not typed.
func (a *Args) Uint32(name string) uint32 { return uint32(a.Int(name)) }

// Str returns an argument as text, "" if it was not typed. Interfaces have
// their canonical name.
func (a *Args) Str(name string) string {
	if g := a.find(name); g != nil {
		return g.Word
	}
	return ""
}

// Strs returns all arguments of that name in order.
func (a *Args) Strs(name string) []string {
	var s []string
	for i := range a.all {
		if !a.all[i].Keyword && a.all[i].Token == name {
			s = append(s, a.all[i].Word)
		}
	}
	return s
}

// Addr returns an address, mask or wildcard; the zero Addr if it was not typed.
// A mask given by its length is returned dotted.
func (a *Args) Addr(name string) netip.Addr {
	if g := a.find(name); g != nil {
		return g.Addr
	}
	return netip.Addr{}
}

// Prefix joins an address and a mask argument; the zero Prefix if one is missing.
func (a *Args) Prefix(addr, mask string) netip.Prefix {
	m := a.find(mask)
	ip := a.Addr(addr)
	if m == nil || !ip.IsValid() {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(ip, int(m.Number))
}

// Written is the token as the configuration writes it: a string with blanks
// stands in quotes.
func (g Arg) Written() string {
	if g.kind == str {
		return Quote(g.Word)
	}
	return g.Word
}

// line writes the canonical line.
func (a *Args) line() string {
	var b strings.Builder
	for i, g := range a.all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(g.Written())
	}
	return b.String()
}

// fit says how well a word fits a leaf, and what it then means.
func (l *leaf) fit(w word, line string, env Env) (rank, Arg) {
	a := Arg{Token: l.token, Word: w.text, kind: l.kind}
	if w.quoted && l.kind != str && l.kind != text {
		return none, a
	}
	switch l.kind {
	case keyword:
		a.Keyword = true
		a.Word = l.token
		switch {
		case len(w.text) > len(l.lower) || !strings.EqualFold(w.text, l.lower[:len(w.text)]):
			return none, a
		case len(w.text) == len(l.lower):
			return exact, a
		}
		return prefix, a
	case integer:
		n, ok := decimal(w.text)
		if !ok || n < l.lo || n > l.hi {
			return none, a
		}
		a.Number = n
		a.Word = strconv.FormatInt(n, 10)
		return typed, a
	case str:
		if n := int64(utf8.RuneCountInString(w.text)); n < l.lo || n > l.hi || strings.ContainsFunc(w.text, unicode.IsControl) {
			return none, a
		}
		return loose, a
	case text:
		a.Word = strings.TrimRight(line[w.at:], " \t\r\n")
		if n := int64(utf8.RuneCountInString(a.Word)); n < l.lo || n > l.hi || strings.ContainsFunc(a.Word, unicode.IsControl) {
			return none, a
		}
		return loose, a
	case ip:
		if a.Addr = dotted(w.text); !a.Addr.IsValid() {
			return none, a
		}
		a.Word = a.Addr.String()
		return typed, a
	case ip6:
		v, err := netip.ParseAddr(w.text)
		if err != nil || !v.Is6() || v.Zone() != "" {
			return none, a
		}
		a.Addr, a.Word = v, strings.ToUpper(v.String())
		return typed, a
	case mask:
		return l.fitMask(w, a)
	case wildcard:
		if w.text == "0" {
			a.Addr = netip.AddrFrom4([4]byte{})
			return typed, a
		}
		if a.Addr = dotted(w.text); !a.Addr.IsValid() {
			return none, a
		}
		a.Word = a.Addr.String()
		return typed, a
	case hex:
		if n := int64(len(w.text)); n < l.lo || n > l.hi || strings.Trim(w.text, "0123456789abcdefABCDEF") != "" {
			return none, a
		}
		return typed, a
	case mac:
		return l.fitMAC(w, a)
	case clock: // minutes and seconds may be left out
		w.text += strings.Repeat(":0", max(2-strings.Count(w.text, ":"), 0))
		return fitTime(w, a, 23, 59, 59)
	case minute:
		if w.text == "24:00" {
			a.Number = 24 * 60
			return typed, a
		}
		return fitTime(w, a, 23, 59)
	case date:
		return l.fitDate(w, a)
	case iface:
		return fitInterface(w.text, a, env)
	case ifNumber:
		return fitNumber(l.ifType, w.text, a, env)
	case ifKind:
		if a.Word = ifType(w.text, env); a.Word == "" {
			return none, a
		}
		return loose, a
	}
	return none, a
}

// decimal reads an unsigned number of at most 10 digits.
func decimal(s string) (int64, bool) {
	if s == "" || len(s) > 10 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func dotted(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() {
		return netip.Addr{}
	}
	return a
}

func (l *leaf) fitMask(w word, a Arg) (rank, Arg) {
	if n, ok := decimal(w.text); ok {
		if n > 32 {
			return none, a
		}
		a.Number = n
		v := ^uint32(0) << (32 - n)
		a.Addr = netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
		return typed, a
	}
	if a.Addr = dotted(w.text); !a.Addr.IsValid() {
		return none, a
	}
	b := a.Addr.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	for v&(1<<31) != 0 {
		a.Number++
		v <<= 1
	}
	if v != 0 {
		return none, a
	}
	a.Word = a.Addr.String()
	return typed, a
}

func (l *leaf) fitMAC(w word, a Arg) (rank, Arg) {
	parts := strings.Split(w.text, "-")
	if len(parts) != 3 {
		return none, a
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 16, 16)
		if err != nil || len(p) > 4 {
			return none, a
		}
		h := strconv.FormatUint(n, 16)
		parts[i] = strings.Repeat("0", 4-len(h)) + h
	}
	a.Word = strings.Join(parts, "-")
	return typed, a
}

// fitTime reads numbers up to tops between colons; Number counts the last.
func fitTime(w word, a Arg, tops ...int64) (rank, Arg) {
	parts := strings.Split(w.text, ":")
	if len(parts) != len(tops) {
		return none, a
	}
	for i, top := range tops {
		n, ok := decimal(parts[i])
		if !ok || n > top || len(parts[i]) > 2 {
			return none, a
		}
		a.Number = a.Number*60 + n
	}
	return typed, a
}

// fitDate accepts both orders; Number is yyyymmdd.
func (l *leaf) fitDate(w word, a Arg) (rank, Arg) {
	parts := strings.Split(w.text, "/")
	if len(parts) != 3 {
		return none, a
	}
	if len(parts[2]) == 4 {
		parts[0], parts[1], parts[2] = parts[2], parts[0], parts[1]
	}
	y, ok1 := decimal(parts[0])
	m, ok2 := decimal(parts[1])
	d, ok3 := decimal(parts[2])
	if !ok1 || !ok2 || !ok3 || y < 2000 || y > 2035 || m < 1 || m > 12 || d < 1 || d > days(y, m) {
		return none, a
	}
	a.Number = y*10000 + m*100 + d
	return typed, a
}

func days(y, m int64) int64 {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
