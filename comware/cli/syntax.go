package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// A node is a part of a compiled syntax: a leaf, a sequence, a choice, or a
// repetition. Nodes are never changed once the grammar is in use.
type node interface{ leaves(func(*leaf)) }

// kind is what a leaf accepts.
type kind uint8

const (
	keyword  kind = iota
	integer       // a decimal number in a range
	str           // one word or a quoted string
	text          // the rest of the line
	ip            // dotted IPv4 address
	ip6           // IPv6 address
	mask          // dotted mask or its length
	wildcard      // dotted wildcard or 0
	iface         // interface name, in one word or two
	ifNumber      // the second word of an interface name
	ifKind        // a type of interfaces
	hex           // hexadecimal digits
	mac           // H-H-H
	clock         // hh:mm:ss
	minute        // hh:mm
	date          // MM/DD/YYYY or YYYY/MM/DD
)

// A leaf is one token: a keyword or a placeholder.
type leaf struct {
	kind   kind
	token  string // the keyword, or the name of the placeholder
	lower  string // the keyword in lower case
	lo, hi int64  // range of an integer, length of a string
	text   string // help
	ifType string // ifNumber: the type named by the word before
}

func (l *leaf) helpKey() string {
	if l.kind == keyword {
		return l.token
	}
	return "<" + l.token + ">"
}

type (
	seq    struct{ parts []node }
	choice struct {
		alts     []node
		optional bool
	}
	// several is { ... } * or [ ... ] *: each alternative at most once.
	several struct {
		alts []node
		used uint64
		need bool // at least one more
	}
	repeat struct {
		part         node
		lo, hi, done int
	}
)

func (l *leaf) leaves(f func(*leaf)) { f(l) }
func (s *seq) leaves(f func(*leaf)) {
	for _, p := range s.parts {
		p.leaves(f)
	}
}
func (c *choice) leaves(f func(*leaf)) {
	for _, p := range c.alts {
		p.leaves(f)
	}
}
func (s *several) leaves(f func(*leaf)) {
	for _, p := range s.alts {
		p.leaves(f)
	}
}
func (r *repeat) leaves(f func(*leaf)) { r.part.leaves(f) }

// compile reads a syntax in the manual's notation.
func compile(s string) ([]node, error) {
	p := &reader{words: strings.Fields(s)}
	n, err := p.sequence("")
	if err != nil {
		return nil, err
	}
	if len(n.parts) == 0 {
		return nil, fmt.Errorf("empty syntax")
	}
	for i, part := range n.parts {
		last := i == len(n.parts)-1
		var bad bool
		part.leaves(func(l *leaf) { bad = bad || l.kind == text && !last })
		if bad {
			return nil, fmt.Errorf("text placeholder is not the last token")
		}
	}
	return n.parts, nil
}

type reader struct {
	words []string
	at    int
}

func (p *reader) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

// sequence reads up to a closing bracket or a bar, which it leaves unread.
func (p *reader) sequence(closer string) (*seq, error) {
	s := &seq{}
	for p.at < len(p.words) {
		w := p.peek()
		if w == "}" || w == "]" {
			if w != closer {
				return nil, fmt.Errorf("unexpected %q", w)
			}
			return s, nil
		}
		if w == "|" {
			if closer == "" {
				return nil, fmt.Errorf("%q outside of brackets", w)
			}
			return s, nil
		}
		p.at++
		var n node
		var err error
		switch {
		case w == "{":
			n, err = p.bracket("}")
		case w == "[":
			n, err = p.bracket("]")
		case strings.HasPrefix(w, "&<"):
			if len(s.parts) == 0 {
				return nil, fmt.Errorf("%q has nothing before it", w)
			}
			lo, hi, rerr := limits(strings.TrimSuffix(w[2:], ">"))
			if rerr != nil || lo < 1 {
				return nil, fmt.Errorf("bad repetition %q", w)
			}
			i := len(s.parts) - 1
			s.parts[i] = &repeat{part: s.parts[i], lo: int(lo), hi: int(hi)}
			continue
		case strings.HasPrefix(w, "<") && w != "<":
			n, err = placeholder(w)
		default:
			n = &leaf{kind: keyword, token: w, lower: strings.ToLower(w)}
		}
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, n)
	}
	if closer != "" {
		return nil, fmt.Errorf("missing %q", closer)
	}
	return s, nil
}

// bracket reads the alternatives of an opened bracket and what follows its end.
func (p *reader) bracket(closer string) (node, error) {
	var alts []node
	for {
		s, err := p.sequence(closer)
		if err != nil {
			return nil, err
		}
		if len(s.parts) == 0 {
			return nil, fmt.Errorf("empty alternative before %q", p.peek())
		}
		if len(s.parts) == 1 {
			alts = append(alts, s.parts[0])
		} else {
			alts = append(alts, s)
		}
		w := p.peek()
		p.at++
		if w == closer {
			break
		}
	}
	if p.peek() == "*" {
		p.at++
		if len(alts) > 64 {
			return nil, fmt.Errorf("%d alternatives in a multiple choice, at most 64", len(alts))
		}
		return &several{alts: alts, need: closer == "}"}, nil
	}
	return &choice{alts: alts, optional: closer == "]"}, nil
}

// kinds maps the type in a placeholder to its kind and default limits.
var kinds = map[string]leaf{
	"string":    {kind: str, lo: 1, hi: 255},
	"text":      {kind: text, lo: 1, hi: 511},
	"ip":        {kind: ip},
	"ipv6":      {kind: ip6},
	"mask":      {kind: mask},
	"wildcard":  {kind: wildcard},
	"interface": {kind: iface},
	"iftype":    {kind: ifKind},
	"hex":       {kind: hex, lo: 1, hi: 16},
	"mac":       {kind: mac},
	"time":      {kind: clock},
	"minute":    {kind: minute},
	"date":      {kind: date},
}

// placeholder reads <name:type> or <name:type:lo-hi>.
func placeholder(w string) (node, error) {
	body, ok := strings.CutSuffix(w[1:], ">")
	name, typ, ok2 := strings.Cut(body, ":")
	if !ok || !ok2 || name == "" {
		return nil, fmt.Errorf("placeholder %q: want <name:type>", w)
	}
	if lo, hi, err := limits(typ); err == nil {
		return &leaf{kind: integer, token: name, lo: lo, hi: hi}, nil
	}
	typ, lens, limited := strings.Cut(typ, ":")
	l, ok := kinds[typ]
	if !ok {
		return nil, fmt.Errorf("placeholder %q: unknown type %q", w, typ)
	}
	l.token = name
	if limited {
		lo, hi, err := limits(lens)
		if err != nil || l.hi == 0 {
			return nil, fmt.Errorf("placeholder %q: bad length %q", w, lens)
		}
		l.lo, l.hi = lo, hi
	}
	return &l, nil
}

// limits reads lo-hi.
func limits(s string) (lo, hi int64, err error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, fmt.Errorf("want lo-hi, have %q", s)
	}
	if lo, err = strconv.ParseInt(a, 10, 64); err != nil {
		return 0, 0, err
	}
	if hi, err = strconv.ParseInt(b, 10, 64); err != nil {
		return 0, 0, err
	}
	if hi < lo {
		return 0, 0, fmt.Errorf("range %q is empty", s)
	}
	return lo, hi, nil
}
