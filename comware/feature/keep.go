package feature

import (
	"cmp"
	"fmt"
	"slices"
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
	// begins with; "none" is for a command that has no undo form, with what
	// names the line behind it if that is something else.
	Undo string
	// Opens is the view that the command opens, if it does, and Label what the
	// prompt shows of it: "ospf-<id>", with the arguments in their places; ^ is
	// what it shows of the view above, $2 the second word of the line.
	Opens, Label string
	// Type is the type of the interface that the command has to name, "" for
	// any or none.
	Type string
	// Default is the canonical line that equals the default and is not printed.
	// Where the undo form names just that, it is kept and printed.
	Default string
	// On says that the command without arguments is the default: it is the undo
	// form that is kept and printed.
	On bool
	// Alone says that the line takes the place of the others of its place, and
	// that the undo form without arguments removes all lines that it begins.
	Alone bool
	// Means gives the line that a canonical line stands for: "ospf 1" for
	// "ospf"; nil for the line itself. It is what the undo form names, too.
	Means func(line string) string
}

// Keep is a command that nothing acts on, with help from the texts. In the
// undo form of k an argument may stand without its type. A string argument of
// the name <plain> after `simple` or `plain` is a secret: it is kept enciphered.
func (t Texts) Keep(views, syntax string, k Keep) Command {
	for _, w := range strings.Fields(syntax) {
		if name, _, ok := strings.Cut(w, ":"); ok && k.Undo != "" {
			k.Undo = strings.ReplaceAll(k.Undo, name+">", w)
		}
	}
	c := t.Command(views, syntax, nil)
	c.Keep = &k
	return c
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
		key := keyOf(undo, c.Syntax)
		named, none := strings.CutPrefix(undo, "none")
		if none = none && (named == "" || named[0] == ' '); none {
			key = keyOf(cmp.Or(strings.TrimSpace(named), leading(c.Syntax)), c.Syntax)
		}
		all = append(all, Command{Views: c.Views, Syntax: c.Syntax, Help: c.Help, Package: c.Package, Hidden: c.Hidden, Kept: true,
			Run: func(x *Exec, a *cli.Args) { k.set(x, a, key) }})
		if !none {
			all = append(all, Command{Views: c.Views, Syntax: "undo " + undo, Help: c.Help, Package: c.Package, Hidden: c.Hidden, Kept: true,
				Run: func(x *Exec, a *cli.Args) { k.undo(x, a, key) }})
		}
	}
	return all, nil
}

func (k *Keep) set(x *Exec, a *cli.Args, keyOf func(*cli.Args) (string, bool)) {
	if t, _, _ := cli.TypeOf(a.Str("interface")); k.Type != "" && t.Name != k.Type {
		x.Error("The operation is not supported on the specified interface.")
		return
	}
	key, _ := keyOf(a)
	text := stored(a)
	if k.Means != nil {
		text, key = k.Means(text), k.Means(key)
	}
	switch {
	case k.Opens != "":
		x.Enter(ViewState{Name: k.Opens, Suffix: k.label(x, a, text), Node: x.Node().Open(k.Place, key, text)})
	case k.On && text == key, text == k.Default:
		x.Node().Remove(key)
	default:
		if k.Alone {
			for _, n := range slices.Clone(x.Node().Kids()) {
				if n.Order == k.Place && n.Key != key {
					x.Node().Remove(n.Key)
				}
			}
		}
		x.Node().Set(k.Place, key, text)
	}
}

// A spelling is a token of a command and how the configuration writes it.
type spelling struct{ token, text string }

// spell writes the tokens of a command; a secret in plaintext is enciphered.
func spell(a *cli.Args) []spelling {
	args := a.All()
	var all []spelling
	for i, g := range args {
		switch {
		case g.Token == "plain" && !g.Keyword:
			all = append(all, spelling{"<plain>", "cipher " + Encipher(g.Word)})
		case g.Keyword && (g.Token == "simple" || g.Token == "plain") && i+1 < len(args) && args[i+1].Token == "plain" && !args[i+1].Keyword:
		case g.Keyword:
			all = append(all, spelling{g.Token, g.Word})
		default:
			all = append(all, spelling{"<" + g.Token + ">", g.Written()})
		}
	}
	return all
}

// stored is the line as the configuration has it.
func stored(a *cli.Args) string {
	if a.Str("plain") == "" {
		return a.Line()
	}
	var words []string
	for _, s := range spell(a) {
		words = append(words, s.text)
	}
	return strings.Join(words, " ")
}

// undo removes the line that the undo form names, or all that begin with what
// it names if it names only a part.
func (k *Keep) undo(x *Exec, a *cli.Args, keyOf func(*cli.Args) (string, bool)) {
	key, whole := keyOf(a)
	if k.On || key == k.Default {
		x.Node().Set(k.Place, key, a.Line())
		return
	}
	if k.Means != nil {
		key = k.Means(key)
	}
	for _, n := range slices.Clone(x.Node().Kids()) {
		if n.Key == key || !whole && (n.Order == k.Place || k.Alone) && strings.HasPrefix(n.Key, key+" ") {
			x.Box.Drop(n)
			x.Node().Remove(n.Key)
		}
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

// keyOf is what a command has of the tokens of an undo form, in the order of
// that: its keywords and the arguments of the same names; and whether it has
// all of them. A command that is its own undo form is its own key.
func keyOf(undo, syntax string) func(a *cli.Args) (key string, whole bool) {
	if undo == syntax {
		return func(a *cli.Args) (string, bool) { return strings.TrimPrefix(stored(a), "undo "), true }
	}
	tokens := tokens(undo)
	return func(a *cli.Args) (string, bool) {
		words := make([]string, len(tokens))
		for _, s := range spell(a) {
			for i, t := range tokens {
				if t != s.token {
					continue
				}
				if words[i] == "" {
					words[i] = s.text
					break
				}
				if s.token[0] == '<' { // one of a list
					words[i] += " " + s.text
					break
				}
			}
		}
		whole := !slices.Contains(words, "")
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "), whole
	}
}

// label is what the prompt shows of the view that a line opens.
func (k *Keep) label(x *Exec, a *cli.Args, text string) string {
	label := strings.ReplaceAll(k.Label, "^", x.View().Suffix)
	for _, g := range a.All() {
		if !g.Keyword {
			label = strings.ReplaceAll(label, "<"+g.Token+">", g.Word)
		}
	}
	for i, w := range strings.Fields(text) {
		label = strings.ReplaceAll(label, fmt.Sprintf("$%d", i+1), w)
	}
	return label
}
