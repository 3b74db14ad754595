package capfilter

import (
	"slices"
	"strconv"
)

// An arith is a number made of a frame.
type arith func(v *view) uint32

// names are the constants of pcap-filter(7).
var names = map[string]uint32{
	"icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1, "tcpflags": 13,
	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-redirect": 5, "icmp-echo": 8, "icmp-timxceed": 11,
	"tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32,
}

var relops = []string{">", "<", ">=", "<=", "=", "==", "!="}

// relates says whether a comparison begins at the word at hand. What begins
// with a parenthesis does if an operator follows the one that closes it.
func (p *parser) relates() bool {
	next := func(i int) string {
		if i < len(p.words) {
			return p.words[i].text
		}
		return ""
	}
	switch w := p.peek(); {
	case w == "len":
		return true
	case isProto(w):
		return next(p.at+1) == "["
	case w == "(":
		depth, i := 0, p.at
		for ; i < len(p.words); i++ {
			switch next(i) {
			case "(":
				depth++
			case ")":
				depth--
			}
			if depth == 0 {
				break
			}
		}
		return operates(next(i + 1))
	default:
		_, err := strconv.ParseUint(w, 0, 32)
		return err == nil && operates(next(p.at+1))
	}
}

// operates says whether a word stands between numbers.
func operates(w string) bool { return slices.Contains(relops, w) || arithmetic[w] != 0 }

// arithmetic are the arithmetic operators with their rank, higher first.
var arithmetic = map[string]int{"*": 5, "/": 5, "+": 4, "-": 4, "<<": 3, ">>": 3, "&": 2, "|": 1}

func (p *parser) relation(depth int) (eval, error) {
	left, err := p.sum(1, depth)
	if err != nil {
		return nil, err
	}
	op, ok := p.take(relops...)
	if !ok {
		return nil, p.unexpected("a comparison such as = or >")
	}
	right, err := p.sum(1, depth)
	if err != nil {
		return nil, err
	}
	return func(v *view) bool {
		a, b := left(v), right(v)
		switch op {
		case ">":
			return a > b
		case "<":
			return a < b
		case ">=":
			return a >= b
		case "<=":
			return a <= b
		case "!=":
			return a != b
		}
		return a == b
	}, nil
}

// sum reads operators of at least that rank.
func (p *parser) sum(rank, depth int) (arith, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	left, err := p.operand(depth)
	for err == nil && arithmetic[p.peek()] >= rank {
		op := p.words[p.at]
		p.at++
		var right arith
		if right, err = p.sum(arithmetic[op.text]+1, depth+1); err != nil {
			break
		}
		left = apply(op.text, left, right)
	}
	return left, err
}

func apply(op string, a, b arith) arith {
	return func(v *view) uint32 {
		x, y := a(v), b(v)
		switch op {
		case "+":
			return x + y
		case "-":
			return x - y
		case "*":
			return x * y
		case "<<":
			return x << y
		case ">>":
			return x >> y
		case "&":
			return x & y
		case "|":
			return x | y
		}
		if y == 0 { // of a division
			v.short = true
			return 0
		}
		return x / y
	}
}

func (p *parser) operand(depth int) (arith, error) {
	const want = "a number, len or proto[offset]"
	if _, ok := p.take("("); ok {
		e, err := p.sum(1, depth+1)
		if err != nil {
			return nil, err
		}
		if _, ok := p.take(")"); !ok {
			return nil, p.unexpected(")")
		}
		return e, nil
	}
	if _, ok := p.take("len"); ok {
		return func(v *view) uint32 { return uint32(len(v.b)) }, nil
	}
	w := p.peek()
	if isProto(w) {
		return p.bytes(w, depth)
	}
	n, err := strconv.ParseUint(w, 0, 32)
	if c, ok := names[w]; ok {
		n, err = uint64(c), nil
	}
	if err != nil {
		return nil, p.unexpected(want)
	}
	p.at++
	return func(*view) uint32 { return uint32(n) }, nil
}

// bytes is proto[offset:size].
func (p *parser) bytes(proto string, depth int) (arith, error) {
	p.at++
	if _, ok := p.take("["); !ok {
		return nil, p.unexpected("[")
	}
	offset, err := p.sum(1, depth+1)
	if err != nil {
		return nil, err
	}
	size := 1
	if _, ok := p.take(":"); ok {
		n, err := strconv.Atoi(p.peek())
		if err != nil || n != 1 && n != 2 && n != 4 {
			return nil, p.unexpected("1, 2 or 4 bytes")
		}
		size = n
		p.at++
	}
	if _, ok := p.take("]"); !ok {
		return nil, p.unexpected("]")
	}
	at, of, upper := p.base(), p.protocol(proto), ips[proto] != 0
	return func(v *view) uint32 {
		from := uint64(0)
		switch {
		case proto == "ether":
		case !of(v):
			v.short = true // there is no such byte
			return 0
		case upper:
			_, payload, first, _ := v.network(at)
			if !first {
				v.short = true
				return 0
			}
			from = uint64(payload)
		default:
			from = uint64(at)
		}
		from += uint64(offset(v))
		if from+uint64(size) > uint64(len(v.b)) {
			v.short = true
			return 0
		}
		n := uint32(0)
		for _, b := range v.b[from : from+uint64(size)] {
			n = n<<8 | uint32(b)
		}
		return n
	}, nil
}
