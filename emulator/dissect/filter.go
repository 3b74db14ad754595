package dissect

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Filter picks frames by their fields, in the part of Wireshark's display
// filter language that the "Packet Capture" configuration guide of Comware
// has: a protocol or a field alone, which is there; a field compared (== != >
// < >= <= or eq ne gt lt ge le) with a number, an address, a prefix, a MAC
// address or a string, of which one value has to fit, and with != each; not,
// and, or, of which the last two have one precedence and group from the left;
// and parentheses. The zero value picks all frames.
//
// Limitations: no slices (eth.src[0:3]), no functions.
type Filter struct{ eval func([]Field) bool }

// Match says whether the fields of a frame fit.
func (f Filter) Match(fields []Field) bool { return f.eval == nil || f.eval(fields) }

// both are the fields that stand for two others.
var both = map[string][2]string{
	"eth.addr": {"eth.src", "eth.dst"}, "ip.addr": {"ip.src", "ip.dst"},
	"udp.port": {"udp.srcport", "udp.dstport"}, "tcp.port": {"tcp.srcport", "tcp.dstport"},
}

// known are the names that Fields gives.
var known = strings.Fields(`eth eth.src eth.dst eth.type vlan vlan.id frame.len arp arp.opcode arp.src.proto_ipv4 arp.dst.proto_ipv4
	ip ip.len ip.id ip.ttl ip.proto ip.checksum ip.src ip.dst ipv6 icmp icmp.type icmp.code icmp.checksum icmp.seq
	udp udp.srcport udp.dstport udp.length udp.checksum tcp tcp.srcport tcp.dstport gre gre.proto
	esp esp.spi esp.sequence ah ah.spi ah.sequence vrrp vrrp.version vrrp.virt_rtr_id vrrp.prio vrrp.checksum vrrp.ip_addr
	isakmp isakmp.ispi isakmp.rspi isakmp.nextpayload isakmp.version isakmp.exchangetype isakmp.flags isakmp.messageid isakmp.length
	isakmp.typepayload isakmp.notify.msgtype isakmp.hash isakmp.nonce isakmp.key_exchange.data`)

// maxNesting bounds the depth of an expression.
const maxNesting = 64

// ParseFilter compiles an expression; an empty one picks all frames.
func ParseFilter(text string) (Filter, error) {
	p := filterParser{words: filterWords(text)}
	if len(p.words) == 0 {
		return Filter{}, nil
	}
	e, err := p.expression(0)
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("display filter: %q follows, expected and, or, or the end", p.words[0])
	}
	return Filter{e}, err
}

// filterWords splits an expression into words, signs and quoted strings.
func filterWords(text string) (all []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 0
		for _, s := range []string{"==", "!=", ">=", "<=", "&&", "||", ">", "<", "!", "(", ")"} {
			if strings.HasPrefix(text, s) {
				n = len(s)
				break
			}
		}
		if n == 0 && text[0] == '"' {
			n = len(text)
			if end := strings.IndexByte(text[1:], '"'); end >= 0 {
				n = end + 2
			}
		}
		if n == 0 {
			if n = strings.IndexAny(text, " \t=!<>&|()"); n <= 0 {
				n = len(text)
			}
		}
		all, text = append(all, text[:n]), text[n:]
	}
	return all
}

type filterParser struct{ words []string }

func (p *filterParser) next(any ...string) (string, bool) {
	if len(p.words) == 0 || len(any) > 0 && !slices.Contains(any, p.words[0]) {
		return "", false
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w, true
}

var errEnds = errors.New("display filter: it ends where a protocol or field is expected")

func (p *filterParser) expression(depth int) (func([]Field) bool, error) {
	left, err := p.term(depth)
	for err == nil {
		op, ok := p.next("and", "&&", "or", "||")
		if !ok {
			break
		}
		var right func([]Field) bool
		if right, err = p.term(depth); err != nil {
			break
		}
		a := left
		if op == "and" || op == "&&" {
			left = func(f []Field) bool { return a(f) && right(f) }
		} else {
			left = func(f []Field) bool { return a(f) || right(f) }
		}
	}
	return left, err
}

func (p *filterParser) term(depth int) (func([]Field) bool, error) {
	if depth > maxNesting {
		return nil, errors.New("display filter: nested too deep")
	}
	if _, ok := p.next("not", "!"); ok {
		e, err := p.term(depth + 1)
		return func(f []Field) bool { return !e(f) }, err
	}
	if _, ok := p.next("("); ok {
		e, err := p.expression(depth + 1)
		if _, ok := p.next(")"); err == nil && !ok {
			err = errors.New("display filter: a parenthesis is not closed")
		}
		return e, err
	}
	name, ok := p.next()
	if !ok {
		return nil, errEnds
	}
	names := []string{name}
	if b, ok := both[name]; ok {
		names = b[:]
	} else if !slices.Contains(known, name) {
		return nil, fmt.Errorf("display filter: %q is no protocol or field that is known here", name)
	}
	op, ok := p.next("==", "eq", "!=", "ne", ">", "gt", "<", "lt", ">=", "ge", "<=", "le")
	if !ok {
		return func(f []Field) bool {
			return slices.ContainsFunc(f, func(x Field) bool { return slices.Contains(names, x.Name) })
		}, nil
	}
	value, ok := p.next()
	if !ok {
		return nil, fmt.Errorf("display filter: it ends where a value of %s is expected", name)
	}
	fits, err := comparison(op, value)
	if err != nil {
		return nil, fmt.Errorf("display filter: %s %s %s: %w", name, op, value, err)
	}
	each := op == "!=" || op == "ne"
	return func(fields []Field) bool {
		seen := false
		for _, f := range fields {
			if !slices.Contains(names, f.Name) || f.Value == "" {
				continue
			}
			seen = true
			if ok := fits(f.Value); ok != each {
				return !each
			}
		}
		return seen && each
	}, nil
}

// comparison is a test of the form of a field against a value.
func comparison(op, value string) (func(string) bool, error) {
	sign := map[string]string{"eq": "==", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<="}[op]
	if sign == "" {
		sign = op
	}
	number, notNumber := strconv.ParseUint(value, 0, 64)
	prefix, notPrefix := netip.ParsePrefix(value)
	mac, notMAC := net.ParseMAC(value)
	text, notText := strconv.Unquote(value)
	if notText != nil {
		text = strings.ToLower(value)
	}
	switch sign {
	case "==", "!=":
		return func(s string) bool {
			same := s == text
			if n, err := strconv.ParseUint(s, 0, 64); err == nil && notNumber == nil {
				same = same || n == number
			}
			if a, err := netip.ParseAddr(s); err == nil && notPrefix == nil {
				same = prefix.Contains(a)
			}
			if m, err := net.ParseMAC(s); err == nil && notMAC == nil {
				same = bytes.Equal(m, mac)
			}
			return same == (sign == "==")
		}, nil
	}
	if notNumber != nil {
		return nil, errors.New("expected a number")
	}
	return func(s string) bool {
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return false
		}
		switch sign {
		case ">":
			return n > number
		case "<":
			return n < number
		case ">=":
			return n >= number
		}
		return n <= number
	}, nil
}
