// Package conf is the configuration of a device as one ordered tree of
// canonical command lines.
//
// A line knows its place among its siblings (Order, then the key in natural
// order, or the order of insertion where the parent asks for it) and its key:
// what setting it again replaces and what undo removes. A line that opens a
// view holds the lines of that view. Lines that equal a default are not in the
// tree. Display, save, comparison and synchronisation read the tree; engines
// are told of changes by the features that own the lines.
//
// The printed form is that of `display current-configuration`: a `#` between
// sections, views at column 0, one-line commands of the system view indented
// by one blank, a blank more for each level below.
package conf

import (
	"cmp"
	"slices"
	"strings"
)

// A Node is one line with the lines of its view below it.
type Node struct {
	Text      string // the canonical line; the view's command where View is set
	Key       string
	Order     int
	View      bool // opens a view
	Insertion bool // the lines below keep the order in which they came

	tree   *Tree
	parent *Node
	kids   []*Node
	index  map[string]*Node // kids by key, once there are many
}

// many is how many lines a view has before it keeps an index of their keys.
const many = 16

// A Tree is the configuration of one device.
type Tree struct {
	root *Node
	gen  uint64
}

// New is an empty configuration.
func New() *Tree {
	t := &Tree{}
	t.root = &Node{View: true, tree: t}
	return t
}

// Root is the system view.
func (t *Tree) Root() *Node { return t.root }

// Generation grows with every change of the tree.
func (t *Tree) Generation() uint64 { return t.gen }

// Parent is the line that opened the view this line stands in.
func (n *Node) Parent() *Node { return n.parent }

// Kids are the lines of the view in order of display; do not change the slice.
func (n *Node) Kids() []*Node { return n.kids }

// Child is the line of that key, nil when there is none.
func (n *Node) Child(key string) *Node {
	if n.index != nil {
		return n.index[key]
	}
	for _, k := range n.kids {
		if k.Key == key {
			return k
		}
	}
	return nil
}

// Set puts a one-line command into the view, in place of the line of the same
// key if there is one.
func (n *Node) Set(order int, key, text string) *Node {
	return n.set(order, key, text, false)
}

// Open puts a line that opens a view into the view; one that is there keeps
// its lines.
func (n *Node) Open(order int, key, text string) *Node {
	return n.set(order, key, text, true)
}

func (n *Node) set(order int, key, text string, view bool) *Node {
	if k := n.Child(key); k != nil {
		if k.Text == text && k.Order == order {
			return k
		}
		moved := k.Order != order
		k.Text, k.Order = text, order
		if moved {
			n.take(n.at(k))
			n.put(k)
		}
		n.tree.gen++
		return k
	}
	k := &Node{Text: text, Key: key, Order: order, View: view, tree: n.tree, parent: n}
	n.put(k)
	n.tree.gen++
	return k
}

// put places a line behind those that it does not come before.
func (n *Node) put(k *Node) {
	i, _ := slices.BinarySearchFunc(n.kids, k, func(a, k *Node) int {
		if c := n.compare(a, k); c != 0 {
			return c
		}
		return -1
	})
	n.kids = slices.Insert(n.kids, i, k)
	switch {
	case n.index != nil:
		n.index[k.Key] = k
	case len(n.kids) > many:
		n.index = make(map[string]*Node, 2*many)
		for _, k := range n.kids {
			n.index[k.Key] = k
		}
	}
}

// compare is the order of two lines of the view.
func (n *Node) compare(a, b *Node) int {
	if c := cmp.Compare(a.Order, b.Order); c != 0 || n.Insertion {
		return c
	}
	return NaturalCompare(a.Key, b.Key)
}

// at is where a line of the view stands.
func (n *Node) at(k *Node) int { return slices.Index(n.kids, k) }

// take takes the line at i out.
func (n *Node) take(i int) {
	if n.index != nil {
		delete(n.index, n.kids[i].Key)
	}
	n.kids = slices.Delete(n.kids, i, i+1)
}

// Remove takes the line of that key out and says whether it was there.
func (n *Node) Remove(key string) bool {
	k := n.Child(key)
	if k == nil {
		return false
	}
	n.take(n.at(k))
	n.tree.gen++
	return true
}

// RemoveAll takes out every line whose key satisfies f and counts them.
func (n *Node) RemoveAll(f func(key string) bool) int {
	before := len(n.kids)
	for i := before - 1; i >= 0; i-- {
		if f(n.kids[i].Key) {
			n.take(i)
		}
	}
	if len(n.kids) != before {
		n.tree.gen++
	}
	return before - len(n.kids)
}

// Move puts the line of that key directly before the line of the other key,
// or last when before is "".
func (n *Node) Move(key, before string) bool {
	k := n.Child(key)
	if k == nil {
		return false
	}
	i := n.at(k)
	n.kids = slices.Delete(n.kids, i, i+1)
	j := slices.IndexFunc(n.kids, func(k *Node) bool { return k.Key == before })
	if j < 0 {
		j = len(n.kids)
	}
	n.kids = slices.Insert(n.kids, j, k)
	n.tree.gen++
	return true
}

// Path is the view lines above this one, outermost first.
func (n *Node) Path() []string {
	var p []string
	for v := n.parent; v != nil && v.parent != nil; v = v.parent {
		p = append(p, v.Text)
	}
	slices.Reverse(p)
	return p
}

// Block is the line and what stands below it, indented from depth on.
func (n *Node) Block(depth int) []string { return n.block(nil, depth) }

func (n *Node) block(lines []string, depth int) []string {
	lines = append(lines, blanks[:min(depth, len(blanks))]+n.Text)
	for _, k := range n.kids {
		lines = k.block(lines, depth+1)
	}
	return lines
}

const blanks = "                " // no view is as deep as that

// Lines is the whole configuration as `display current-configuration` prints
// it, ending in `return`.
func (t *Tree) Lines() []string { return t.Section(func(*Node) bool { return true }) }

// Section is the configuration reduced to the top-level lines that satisfy f.
func (t *Tree) Section(f func(*Node) bool) []string {
	lines := []string{"#"}
	var last *Node
	for _, k := range t.root.kids {
		if !f(k) {
			continue
		}
		// One-line commands of one place share a section.
		if last != nil && (k.View || last.View || k.Order != last.Order) {
			lines = append(lines, "#")
		}
		if k.View {
			lines = k.block(lines, 0)
		} else {
			lines = append(lines, " "+k.Text)
		}
		last = k
	}
	if last != nil {
		lines = append(lines, "#")
	}
	return append(lines, "return")
}

// This is `display this` in the view that n opened: its block between two `#`.
func (n *Node) This() []string {
	lines := []string{"#"}
	if n.parent == nil {
		return n.tree.Section(func(k *Node) bool { return !k.View })
	}
	depth := 0
	for v := n.parent; v.parent != nil; v = v.parent {
		depth++
	}
	lines = append(lines, n.Block(depth)...)
	return append(lines, "#", "return")
}

// NaturalCompare orders names so that numbers in them count by value:
// GigabitEthernet1/0/2 stands before GigabitEthernet1/0/10.
func NaturalCompare(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
