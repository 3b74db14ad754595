package feature

import (
	"strings"

	"cwlab/comware/cli"
)

// Texts are help texts by token, for commands that share many: keywords as
// they are, arguments as "<name>".
type Texts map[string]string

// tokens are the keywords and arguments of a syntax in order, the arguments as
// "<name>".
func tokens(syntax string) []string {
	var all []string
	for _, w := range strings.Fields(syntax) {
		switch {
		case strings.ContainsAny(w[:1], "{}[]|*&"):
		case w[0] == '<':
			name, _, _ := strings.Cut(strings.TrimSuffix(w, ">"), ":")
			all = append(all, name+">")
		default:
			all = append(all, w)
		}
	}
	return all
}

// Command is a command whose help comes from the texts.
func (t Texts) Command(views, syntax string, run func(x *Exec, a *cli.Args)) Command {
	var help []string
	seen := map[string]bool{}
	for _, key := range tokens(syntax) {
		if !seen[key] {
			seen[key] = true
			help = append(help, key+"="+t[key])
		}
	}
	return Command{Views: views, Syntax: syntax, Help: strings.Join(help, "; "), Run: run}
}
