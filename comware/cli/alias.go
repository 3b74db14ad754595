package cli

import (
	"slices"
	"strings"
)

// An Alias is a word that stands for a command, or for the begin of one, at
// the begin of a line (command reference "CLI", alias). $1 to $9 in the command
// stand for the words typed behind it; more words than those follow the
// command. Names are case-sensitive; a keyword spelled alike goes before.
type Alias struct{ Name, Command string }

// Aliases returns the system aliases in the order of display alias.
func (g *Grammar) Aliases() []Alias { return slices.Clone(g.aliases) }

// An expanded line remembers where its parts were typed.
type expanded struct {
	line  string // as typed
	text  string
	parts []part
}

// A part of a text from an offset on. Typed parts come from an offset of the
// line, the others stand for the alias.
type part struct {
	at    int
	typed bool
	from  int
}

func (e *expanded) literal(s string, from int) {
	e.parts = append(e.parts, part{at: len(e.text), from: from})
	e.text += s
}

func (e *expanded) copy(from, to int) {
	e.parts = append(e.parts, part{at: len(e.text), typed: true, from: from})
	e.text += e.line[from:to]
}

// typed moves the column of an error from the text to the line.
func (e *expanded) typed(err *Error) *Error {
	if e.text == e.line {
		return err
	}
	if n := len(strings.TrimRight(e.text, " \t\r\n")); err.Col >= n {
		return &Error{err.Kind, len(strings.TrimRight(e.line, " \t\r\n")) + err.Col - n}
	}
	col := 0
	for _, p := range e.parts {
		if p.at > err.Col {
			break
		}
		col = p.from
		if p.typed {
			col += err.Col - p.at
		}
	}
	return &Error{err.Kind, col}
}

// expand writes out the alias that a line begins with, and a system alias that
// its command begins with. For `?` and Tab, partial, the text ends where the
// line does: at the first parameter that is not typed yet.
func (g *Grammar) expand(v *view, line string, env Env, partial bool) expanded {
	e := expanded{line: line, text: line}
	name := strings.TrimLeft(line, " \t\r\n")
	if i := strings.IndexAny(name, " \t\r\n"); i >= 0 {
		name = name[:i]
	} else if partial {
		return e
	}
	if v == nil {
		return e
	}
	a, ok := g.alias(v, name, env)
	if !ok {
		return e
	}
	words := split(line)
	e.text = ""
	e.copy(0, words[0].at)
	command := a.Command
	if first, rest, _ := strings.Cut(command, " "); first != a.Name {
		if sys, ok := g.alias(v, first, nil); ok {
			command = strings.TrimSpace(sys.Command + " " + rest)
		}
	}
	args := words[1:]
	used := 0
	for command != "" {
		i := parameter(command)
		if i < 0 {
			e.literal(command, words[0].at)
			break
		}
		e.literal(command[:i], words[0].at)
		n := int(command[i+1] - '0')
		command = command[i+2:]
		used = max(used, n)
		switch {
		case n <= len(args):
			e.copy(args[n-1].at, args[n-1].end)
			if partial && n == len(args) && args[n-1].end == len(line) {
				return e
			}
		case partial:
			return e
		}
	}
	if used == 0 {
		e.copy(words[0].end, len(line))
	} else if used < len(args) {
		e.literal(" ", words[0].at)
		e.copy(args[used].at, len(line))
	} else if partial {
		e.literal(" ", words[0].at)
	}
	return e
}

// parameter finds the first of $1 to $9.
func parameter(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '$' && s[i+1] >= '1' && s[i+1] <= '9' {
			return i
		}
	}
	return -1
}

func (g *Grammar) alias(v *view, name string, env Env) (Alias, bool) {
	i := slices.IndexFunc(g.aliases, func(a Alias) bool { return a.Name == name })
	as := g.aliases
	if i < 0 {
		as = users(env)
		i = slices.IndexFunc(as, func(a Alias) bool { return a.Name == name })
	}
	if i < 0 || g.keyword(v, name) {
		return Alias{}, false
	}
	return as[i], true
}

// users are the aliases that users defined.
func users(env Env) []Alias {
	if u, ok := env.(interface{ Aliases() []Alias }); ok {
		return u.Aliases()
	}
	return nil
}

// keyword says whether a line typed in a view may begin with that keyword.
func (g *Grammar) keyword(v *view, name string) bool {
	found := false
	v.chain(func(v *view) bool {
		for _, s := range g.start(v).at {
			found = found || slices.ContainsFunc(s.fork.find(name), func(k *kid) bool { return k.leaf.lower == name })
		}
		return found
	})
	return found
}
