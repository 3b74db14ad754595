package cli

import "strings"

// A Placeholder describes an argument to whoever makes one up.
type Placeholder struct {
	Name   string // "vlan" of <vlan:1-4094>
	Type   string // "integer", or the type in the notation: "string", "ip"
	Lo, Hi int64  // range of an integer, length of a string
}

// Generate writes a line of the command. pick chooses a number below n, arg
// makes an argument; the line is one that the grammar accepts if its arguments
// are.
func (c *Command) Generate(pick func(n int) int, arg func(Placeholder) string) string {
	var words []string
	var walk func(n node)
	walk = func(n node) {
		switch n := n.(type) {
		case *leaf:
			if n.kind == keyword {
				words = append(words, n.token)
				return
			}
			words = append(words, arg(Placeholder{n.token, n.kind.name(), n.lo, n.hi}))
		case *seq:
			for _, p := range n.parts {
				walk(p)
			}
		case *choice:
			if n.optional && pick(2) == 0 {
				return
			}
			walk(n.alts[pick(len(n.alts))])
		case *several:
			least := 0
			if n.need {
				least = 1
			}
			left := append([]node(nil), n.alts...)
			for range least + pick(len(n.alts)-least+1) {
				i := pick(len(left))
				walk(left[i])
				left = append(left[:i], left[i+1:]...)
			}
		case *repeat:
			for range n.lo + pick(min(n.hi-n.lo, 2)+1) {
				walk(n.part)
			}
		}
	}
	walk(&seq{c.seq})
	return strings.Join(words, " ")
}

// name is the type as the notation writes it.
func (k kind) name() string {
	for name, l := range kinds {
		if l.kind == k {
			return name
		}
	}
	return "integer"
}
