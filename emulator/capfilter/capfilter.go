// Package capfilter picks Ethernet frames by the capture filter language of
// libpcap (pcap-filter(7)), as the "Packet Capture" configuration guide of
// Comware has it: the protocols arp, rarp, ip, ip6, icmp, icmp6, tcp, udp, esp,
// ah and vrrp, the directions src and dst, the types host, net, port,
// portrange and proto, broadcast, multicast, less, greater, vlan, comparisons
// of len and of proto[offset:size] with arithmetic, and not, and, or, of which
// the last two have one precedence and group from the left.
//
// Limitations: no name of a host, network or service is looked up; link layers
// other than Ethernet, gateway, mpls, pppoe and the words for Wi-Fi are
// unknown; behind IPv6 extension headers nothing is found.
package capfilter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// maxDepth bounds how deep expressions nest.
const maxDepth = 64

// A Filter is a compiled expression. The zero value lets all frames through.
type Filter struct {
	text string
	eval eval
}

// An eval says whether a frame fits.
type eval func(v *view) bool

// Parse compiles an expression; an empty one lets all frames through. An error
// names the word that does not fit and what was expected.
func Parse(text string) (Filter, error) {
	words, err := lex(text)
	if err != nil {
		return Filter{}, err
	}
	if len(words) == 0 {
		return Filter{}, nil
	}
	p := &parser{words: words}
	e, err := p.expression(0)
	if err == nil && p.at < len(p.words) {
		err = p.unexpected("and, or, or the end")
	}
	if err != nil {
		return Filter{}, err
	}
	return Filter{text, e}, nil
}

// String is the expression.
func (f Filter) String() string { return f.text }

// Match says whether a frame gets through. A frame in which a compared byte is
// beyond the end does not.
func (f Filter) Match(frame []byte) bool {
	if f.eval == nil {
		return true
	}
	v := &view{b: frame}
	return f.eval(v) && !v.short
}

// A view is a frame that is looked at.
type view struct {
	b     []byte
	short bool // a byte beyond the end was compared
}

// kind is the type of what begins at byte at, 0 where the frame ends before.
func (v *view) kind(at int) uint16 {
	if len(v.b) < at {
		return 0
	}
	return binary.BigEndian.Uint16(v.b[at-2:])
}

// EtherTypes and IP protocols.
const (
	typeIPv4, typeARP, typeRARP, typeVLAN, typeIPv6 = 0x0800, 0x0806, 0x8035, 0x8100, 0x86dd

	protoICMP, protoTCP, protoUDP, protoESP, protoAH, protoICMP6, protoVRRP = 1, 6, 17, 50, 51, 58, 112
)

// network is where the payload of a packet of that type begins and which
// protocol it has; at is where the packet does.
func (v *view) network(at int) (proto, payload int, first, ok bool) {
	switch {
	case v.kind(at) == typeIPv4 && len(v.b) >= at+20:
		return int(v.b[at+9]), at + int(v.b[at]&15)*4, binary.BigEndian.Uint16(v.b[at+6:])&0x1fff == 0, true
	case v.kind(at) == typeIPv6 && len(v.b) >= at+40:
		return int(v.b[at+6]), at + 40, true, true
	}
	return 0, 0, false, false
}

// word is a token of the language, in lower case, with where it stands.
type word struct {
	text string
	at   int // column, from 1
}

// signs are the tokens that are no words, the longer ones first.
var signs = []string{"&&", "||", "<<", ">>", "<=", ">=", "!=", "==", "(", ")", "[", "]", "!", "=", "<", ">", "+", "-", "*", "/", "&", "|", ":"}

// lex splits an expression. A colon within brackets stands alone; elsewhere it
// belongs to an address.
func lex(text string) (all []word, err error) {
	inside := 0
	for i := 0; i < len(text); {
		rest := text[i:]
		if rest[0] == ' ' || rest[0] == '\t' {
			i++
			continue
		}
		sign := ""
		for _, s := range signs {
			if strings.HasPrefix(rest, s) && (s != ":" || inside > 0) {
				sign = s
				break
			}
		}
		switch sign {
		case "":
			n := strings.IndexFunc(rest, func(r rune) bool {
				return r <= ' ' || strings.ContainsRune("()[]!=<>+*&|", r) || r == ':' && inside > 0 || r == '/' && inside > 0 || r == '-' && inside > 0
			})
			if n < 0 {
				n = len(rest)
			}
			if n == 0 {
				return nil, fmt.Errorf("capture filter: %q at column %d means nothing", rest[:1], i+1)
			}
			sign = rest[:n]
		case "[":
			inside++
		case "]":
			inside--
		}
		all = append(all, word{strings.ToLower(sign), i + 1})
		i += len(sign)
	}
	return all, nil
}

// A parser reads an expression from left to right.
type parser struct {
	words  []word
	at     int
	last   qualifiers // of the primitive before, which one without any takes
	tagged bool       // vlan was said: what follows is about the inside of the tag
}

func (p *parser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at].text
	}
	return ""
}

func (p *parser) take(texts ...string) (string, bool) {
	for _, t := range texts {
		if p.at < len(p.words) && p.words[p.at].text == t {
			p.at++
			return t, true
		}
	}
	return "", false
}

// unexpected is the error of the word at hand.
func (p *parser) unexpected(want string) error {
	if p.at >= len(p.words) {
		return fmt.Errorf("capture filter: it ends where %s is expected", want)
	}
	return fmt.Errorf("capture filter: %q at column %d, expected %s", p.words[p.at].text, p.words[p.at].at, want)
}

var errDeep = errors.New("capture filter: nested too deep")

// base is where the packet in the frame begins.
func (p *parser) base() int {
	if p.tagged {
		return 18
	}
	return 14
}

func (p *parser) expression(depth int) (eval, error) {
	left, err := p.term(depth)
	for err == nil {
		op, ok := p.take("and", "&&", "or", "||")
		if !ok {
			break
		}
		var right eval
		if right, err = p.term(depth); err != nil {
			break
		}
		a := left
		if op == "and" || op == "&&" {
			left = func(v *view) bool { return a(v) && right(v) }
		} else {
			left = func(v *view) bool { return a(v) || right(v) }
		}
	}
	return left, err
}

func (p *parser) term(depth int) (eval, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	if _, ok := p.take("not", "!"); ok {
		e, err := p.term(depth + 1)
		if err != nil {
			return nil, err
		}
		return func(v *view) bool { return !e(v) }, nil
	}
	if p.relates() {
		return p.relation(depth)
	}
	if _, ok := p.take("("); ok {
		e, err := p.expression(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, ok := p.take(")"); !ok {
			return nil, p.unexpected(")")
		}
		return e, nil
	}
	return p.primitive()
}
