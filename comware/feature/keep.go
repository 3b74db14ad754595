package feature

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
)

// A Keep says where the configuration keeps a command that nothing acts on.
// The command and its undo form follow from it.
type Keep struct {
	Place int // among the lines of its view, see places.go for the system view
	// Undo is the syntax of the undo form without the word itself. What it
	// names is what tells two such lines apart: a line replaces the one that
	// the same undo removes. Left out, it is the keywords that the syntax
	// begins with; "none" is for a command that has no undo form.
	Undo string
	// Opens is the view that the command opens, if it does, and Label what the
	// prompt shows of it: "ospf-<id>", with the arguments in their places.
	Opens, Label string
	// Default is the canonical line that equals the default and is not printed.
	Default string
}

// expand makes commands of those that are only kept.
func expand(commands []Command) ([]Command, error) {
	var all []Command
	for _, c := range commands {
		if c.Keep == nil {
			all = append(all, c)
			continue
		}
		if c.Run != nil || c.Kept {
			return nil, fmt.Errorf("%q is kept and acts at once", c.Syntax)
		}
		k := *c.Keep
		undo := k.Undo
		if undo == "" {
			undo = leading(c.Syntax)
		}
		key := keyOf(undo)
		if undo == "none" {
			key = keyOf(leading(c.Syntax))
		}
		all = append(all, Command{Views: c.Views, Syntax: c.Syntax, Help: c.Help, Hidden: c.Hidden, Kept: true,
			Run: func(x *Exec, a *cli.Args) { k.set(x, a, key(a)) }})
		if undo != "none" {
			all = append(all, Command{Views: c.Views, Syntax: "undo " + undo, Help: c.Help, Hidden: c.Hidden, Kept: true,
				Run: func(x *Exec, a *cli.Args) { k.remove(x, key(a)) }})
		}
	}
	return all, nil
}

func (k *Keep) set(x *Exec, a *cli.Args, key string) {
	text := a.Line()
	switch {
	case k.Opens != "":
		x.Enter(ViewState{Name: k.Opens, Suffix: fill(k.Label, a), Node: x.Node().Open(k.Place, key, text)})
	case text == k.Default:
		x.Node().Remove(key)
	default:
		x.Node().Set(k.Place, key, text)
	}
}

func (k *Keep) remove(x *Exec, key string) {
	if n := x.Node().Child(key); n != nil {
		x.Box.Drop(n)
		x.Node().Remove(key)
	}
}

// leading is the keywords that a syntax begins with.
func leading(syntax string) string {
	var words []string
	for _, w := range strings.Fields(syntax) {
		if strings.ContainsAny(w, "<{[&") {
			break
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// keyOf is what a command has of the tokens of an undo form: its keywords and
// the arguments of the same names.
func keyOf(undo string) func(a *cli.Args) string {
	var tokens []string
	for _, m := range tokenPattern.FindAllStringSubmatch(undo, -1) {
		switch {
		case strings.HasPrefix(m[0], "&"):
		case m[1] != "":
			tokens = append(tokens, "<"+m[1]+">")
		default:
			tokens = append(tokens, m[0])
		}
	}
	return func(a *cli.Args) string {
		var key []string
		for _, t := range tokens {
			name := strings.Trim(t, "<>")
			switch {
			case !a.Has(name):
			case name != t:
				key = append(key, a.Strs(name)...)
			default:
				key = append(key, t)
			}
		}
		return strings.Join(key, " ")
	}
}

// fill puts arguments in the places of their names.
func fill(label string, a *cli.Args) string {
	for _, g := range a.All() {
		if !g.Keyword {
			label = strings.ReplaceAll(label, "<"+g.Token+">", g.Word)
		}
	}
	return label
}
