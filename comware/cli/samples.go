package cli

import (
	"strconv"
	"strings"
)

// A Sample is a line that a command accepts in a view.
type Sample struct {
	View  string
	Line  string // keywords in full
	Short string // keywords cut to what is unique in the view
}

// Samples returns lines that go through every branch of a command at least
// once: each alternative, each option left out and given, each repetition at
// its least and above, options in both orders. A command of all views is given
// in the first two.
func (g *Grammar) Samples(c *Command) []Sample {
	var all []Sample
	for i, name := range g.names {
		if !c.In(name) || c.views[0] == Any && i > 1 {
			continue
		}
		for _, tokens := range branches(&seq{c.seq}) {
			s := Sample{View: name}
			var long []string
			for _, l := range tokens {
				long = append(long, l.sample())
			}
			s.Line = strings.Join(long, " ")
			s.Short = g.shorten(g.views[name], tokens, long)
			all = append(all, s)
		}
	}
	return all
}

// branches returns ways through a node that together take every leaf: the
// first is the shortest.
func branches(n node) [][]*leaf {
	switch n := n.(type) {
	case *leaf:
		return [][]*leaf{{n}}
	case *seq:
		return sequence(n.parts)
	case *choice:
		var all [][]*leaf
		if n.optional {
			all = append(all, nil)
		}
		for _, a := range n.alts {
			all = append(all, branches(a)...)
		}
		return all
	case *several:
		var all [][]*leaf
		if !n.need {
			all = append(all, nil)
		}
		var forth, back []*leaf
		for i, a := range n.alts {
			all = append(all, branches(a)...)
			forth = append(forth, branches(a)[0]...)
			back = append(back, branches(n.alts[len(n.alts)-1-i])[0]...)
		}
		return append(all, forth, back)
	case *repeat:
		var all [][]*leaf
		for _, b := range branches(n.part) {
			all = append(all, times(b, n.lo))
		}
		if n.hi > n.lo {
			all = append(all, times(branches(n.part)[0], n.lo+1))
		}
		return all
	}
	return nil
}

func times(b []*leaf, n int) []*leaf {
	var all []*leaf
	for range n {
		all = append(all, b...)
	}
	return all
}

// sequence varies one part at a time, the others at their shortest.
func sequence(parts []node) [][]*leaf {
	ways := make([][][]*leaf, len(parts))
	for i, p := range parts {
		ways[i] = branches(p)
	}
	line := func(at, way int) []*leaf {
		var all []*leaf
		for i, w := range ways {
			if i == at {
				all = append(all, w[way]...)
			} else {
				all = append(all, w[0]...)
			}
		}
		return all
	}
	all := [][]*leaf{line(0, 0)}
	for i, w := range ways {
		for j := 1; j < len(w); j++ {
			all = append(all, line(i, j))
		}
	}
	return all
}

// shorten cuts every keyword to the shortest beginning that means it where it
// stands.
func (g *Grammar) shorten(v *view, tokens []*leaf, words []string) string {
	p := g.start(v)
	short := make([]string, len(words))
	for i, l := range tokens {
		short[i] = words[i]
		if l.kind == keyword {
			for n := 1; n < len(words[i]); n++ {
				if p.means(words[i][:n], l.lower) && (i > 0 || !g.named(words[i][:n])) {
					short[i] = words[i][:n]
					break
				}
			}
		}
		w := split(words[i])
		next, _, err := p.step(w, words[i], nil)
		if err != nil {
			return strings.Join(words, " ")
		}
		p = next
	}
	return strings.Join(short, " ")
}

// means says whether a word is taken for one keyword here.
func (p *place) means(text, lower string) bool {
	best := none
	only := true
	p.each(strings.ToLower(text), func(e edge) {
		r, _ := e.leaf.fit(word{text: text, end: len(text)}, text, nil)
		switch {
		case r == none || r < best:
		case r > best:
			best, only = r, e.leaf.lower == lower
		default:
			only = only && e.leaf.lower == lower
		}
	})
	return best >= prefix && only
}

// named says whether a system alias has that name.
func (g *Grammar) named(name string) bool {
	for _, a := range g.aliases {
		if a.Name == name {
			return true
		}
	}
	return false
}

// sample is a word that the leaf accepts.
func (l *leaf) sample() string {
	switch l.kind {
	case keyword:
		return l.token
	case integer:
		return strconv.FormatInt(l.lo, 10)
	case str, text:
		// no keyword of Comware holds this character
		return strings.Repeat("~", int(max(l.lo, 1)))
	case ip, mask, wildcard:
		return "255.0.0.0"
	case ip6:
		return "2001:db8::1"
	case hex:
		return strings.Repeat("a", int(l.lo))
	case mac:
		return "0-0-1"
	case clock:
		return "00:00:00"
	case minute:
		return "00:00"
	case date:
		return "2000/01/01"
	case iface:
		return "GigabitEthernet1/0/1"
	case ifNumber:
		return "1/0/1"
	case ifKind:
		return "GigabitEthernet"
	}
	return "~"
}
