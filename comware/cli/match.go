package cli

import (
	"cmp"
	"slices"
	"strings"
)

// A cont is what is left of a command: a stack of nodes.
type cont struct {
	n    node
	next *cont
}

func push(parts []node, next *cont) *cont {
	for i := len(parts) - 1; i >= 0; i-- {
		next = &cont{parts[i], next}
	}
	return next
}

// An edge leads on by one token: when the word fits the leaf, rest is left.
type edge struct {
	cmd  *Command
	leaf *leaf
	rest *cont
	caps *capture
	kid  *kid // set instead of cmd: a keyword of a fork
}

// A capture is a token that matched, linked to the one before.
type capture struct {
	arg  Arg
	prev *capture
}

// An expansion is what may come next.
type expansion struct {
	edges  []edge
	accept bool
}

// expand collects the leaves that may come first, and whether the command may end.
func (x *expansion) expand(c *cont) {
	if c == nil {
		x.accept = true
		return
	}
	switch n := c.n.(type) {
	case *leaf:
		x.edges = append(x.edges, edge{leaf: n, rest: c.next})
	case *seq:
		x.expand(push(n.parts, c.next))
	case *choice:
		for _, a := range n.alts {
			x.expand(&cont{a, c.next})
		}
		if n.optional {
			x.expand(c.next)
		}
	case *several:
		for i, a := range n.alts {
			if n.used&(1<<i) != 0 {
				continue
			}
			left := &several{alts: n.alts, used: n.used | 1<<i}
			x.expand(&cont{a, &cont{left, c.next}})
		}
		if !n.need {
			x.expand(c.next)
		}
	case *repeat:
		if n.done < n.hi {
			again := &repeat{part: n.part, lo: n.lo, hi: n.hi, done: n.done + 1}
			x.expand(&cont{n.part, &cont{again, c.next}})
		}
		if n.done >= n.lo {
			x.expand(c.next)
		}
	}
}

// A place is where a walk through the token graph of a view stands: at a fork
// (or nowhere on the keyword paths), and inside any number of commands.
type place struct {
	at     []spot
	inside []edge // edges that may be taken
	ends   []end  // commands that may end here
}

// A spot is a fork and the tokens on the way to it.
type spot struct {
	fork *fork
	caps *capture
}

type end struct {
	cmd  *Command
	caps *capture
}

// maxEdges bounds what a line can make the walk remember; no syntax of the
// manual comes near.
const maxEdges = 512

func (p *place) enter(f *fork, caps *capture) {
	p.at = append(p.at, spot{f, caps})
	for _, e := range f.edges {
		e.caps = caps
		p.inside = append(p.inside, e)
	}
	for _, c := range f.accepts {
		p.ends = append(p.ends, end{c, caps})
	}
}

func (p *place) follow(cmd *Command, rest *cont, caps *capture) {
	var x expansion
	x.expand(rest)
	for _, e := range x.edges {
		if len(p.inside) >= maxEdges {
			break
		}
		e.cmd, e.caps = cmd, caps
		p.inside = append(p.inside, e)
	}
	if x.accept {
		p.ends = append(p.ends, end{cmd, caps})
	}
}

// each calls f for every edge that leads on from here and whose keyword, if
// it is one, begins with a word in lower case; keywords of the forks first.
func (p *place) each(lower string, f func(edge)) {
	for _, s := range p.at {
		for _, k := range s.fork.find(lower) {
			f(edge{leaf: k.leaf, kid: k, caps: s.caps})
		}
	}
	for _, e := range p.inside {
		f(e)
	}
}

// rank says how well a word fits; a better one hides the others.
type rank uint8

const (
	none   rank = iota
	loose       // a string or a text
	prefix      // the begin of a keyword
	typed       // a number, an address, an interface
	exact       // the whole keyword
)

// step takes one word. On success it returns the next place. used is the number
// of words taken: a text takes all that are left.
func (p *place) step(words []word, line string, env Env) (next *place, used int, err *Error) {
	w := words[0]
	best := none
	var took []edge
	var args []Arg
	var placeholders bool
	col := w.at
	p.each(w.lower(), func(e edge) {
		r, a := e.leaf.fit(w, line, env)
		if e.leaf.kind != keyword {
			placeholders = true
			if e.leaf.kind == iface && r == none {
				col = max(col, w.at+numberAt(w.text, env))
			}
		}
		if r == none || r < best {
			return
		}
		if r > best {
			best, took, args = r, took[:0], args[:0]
		}
		took = append(took, e)
		args = append(args, a)
	})
	if best == none {
		switch {
		case placeholders:
			return nil, 0, &Error{WrongParameter, col}
		case len(p.ends) > 0:
			return nil, 0, &Error{TooManyParameters, col}
		default:
			return nil, 0, &Error{Unrecognized, col}
		}
	}
	if best == prefix {
		for _, e := range took[1:] {
			if e.leaf.lower != took[0].leaf.lower {
				return nil, 0, &Error{Ambiguous, col}
			}
		}
	}
	next = &place{}
	used = 1
	for i, e := range took {
		caps := &capture{args[i], e.caps}
		switch {
		case e.kid != nil:
			next.enter(e.kid.to, caps)
		case e.leaf.kind == iface && args[i].partial:
			number := &leaf{kind: ifNumber, token: e.leaf.token, ifType: args[i].Word}
			next.follow(e.cmd, &cont{number, e.rest}, e.caps)
		default:
			if e.leaf.kind == text {
				used = len(words)
			}
			next.follow(e.cmd, e.rest, caps)
		}
	}
	return next, used, nil
}

// start is the place before the first word of a view.
func (g *Grammar) start(v *view) *place {
	p := &place{}
	p.enter(v.tree.fork(), nil)
	p.enter(g.any.fork(), nil)
	return p
}

// walk takes all words.
func (g *Grammar) walk(v *view, words []word, line string, env Env) (*place, *Error) {
	p := g.start(v)
	for len(words) > 0 {
		next, used, err := p.step(words, line, env)
		if err != nil {
			return nil, err
		}
		p, words = next, words[used:]
	}
	return p, nil
}

// chain calls f for a view and its ancestors down to the system view: the user
// view's commands are refused elsewhere. It ends when f returns true.
func (v *view) chain(f func(*view) bool) {
	for !f(v) && v.parent != nil && v.parent.parent != nil {
		v = v.parent
	}
}

// settles says whether an error of a view is the last word: an ambiguity is,
// unless it is about a first word that is a whole keyword further out.
func (g *Grammar) settles(v *view, words []word, err *Error) bool {
	if err.Kind != Ambiguous || len(words) == 0 {
		return err.Kind == Ambiguous
	}
	whole := false
	for first := words[0]; err.Col == first.at && !whole && v.parent != nil && v.parent.parent != nil; {
		v = v.parent
		g.start(v).each(first.lower(), func(e edge) {
			whole = whole || e.leaf.kind == keyword && e.leaf.lower == first.lower()
		})
	}
	return !whole
}

// A Match is a line that was understood.
type Match struct {
	Command *Command
	View    string // where it was found: the view itself or an ancestor
	Args    *Args
}

// Canonical returns the line with keywords written out and interface names as
// the device spells them.
func (m *Match) Canonical() string { return m.Args.line() }

// A Reading is what a line means with its alias and its pipe.
type Reading struct {
	*Match
	Text string  // the line with its alias written out
	Pipe *Output // nil for the terminal
}

// Read matches a line as it is typed at a prompt: Parse, with the pipe of a
// display command split off.
func (g *Grammar) Read(viewName, line string, env Env) (*Reading, *Error) {
	e := g.expand(g.views[viewName], line, env, false)
	command, pipe, err := g.SplitFilter(e.text)
	var m *Match
	if err == nil {
		m, err = g.match(viewName, command, env)
	}
	if err != nil {
		return nil, e.typed(err)
	}
	text := strings.TrimLeft(e.text, " \t\r\n")
	if !strings.Contains(text, `"`) || !openQuote(text) {
		text = strings.TrimRight(text, " \t\r\n")
	}
	return &Reading{Match: m, Text: text, Pipe: pipe}, nil
}

// Parse matches a line typed in a view. Commands of the view are tried first,
// then those of its ancestors down to the system view, unless the view's own
// make it ambiguous; a whole keyword of an ancestor is not. Of several errors the one that came furthest is returned.
// An empty line is Incomplete.
func (g *Grammar) Parse(viewName, line string, env Env) (*Match, *Error) {
	e := g.expand(g.views[viewName], line, env, false)
	m, err := g.match(viewName, e.text, env)
	if err != nil {
		return nil, e.typed(err)
	}
	return m, nil
}

func (g *Grammar) match(viewName, line string, env Env) (*Match, *Error) {
	v := g.views[viewName]
	words := split(line)
	if v == nil || len(words) == 0 {
		return nil, incomplete(line)
	}
	var m *Match
	var worst *Error
	may := permitted(env)
	v.chain(func(v *view) bool {
		p, err := g.walk(v, words, line, env)
		if err == nil && len(p.ends) == 0 {
			err = incomplete(line)
		}
		if err != nil {
			if worst == nil || err.Col > worst.Col {
				worst = err
			}
			return g.settles(v, words, err)
		}
		// of two that match alike the one that the user may run, then the first
		e := slices.MinFunc(p.ends, func(a, b end) int {
			if d := cmp.Compare(denied(may, a.cmd), denied(may, b.cmd)); d != 0 {
				return d
			}
			return cmp.Compare(a.cmd.order, b.cmd.order)
		})
		m = &Match{Command: e.cmd, View: v.name, Args: e.caps.args()}
		return true
	})
	if m == nil {
		return nil, worst
	}
	return m, nil
}

func denied(may func(*Command) bool, c *Command) int {
	if may(c) {
		return 0
	}
	return 1
}
