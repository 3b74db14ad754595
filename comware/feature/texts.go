package feature

import (
	"regexp"
	"strings"

	"cwlab/comware/cli"
)

// Texts are help texts by token, for commands that share many: keywords as
// they are, arguments as "<name>".
type Texts map[string]string

var tokenPattern = regexp.MustCompile(`<([a-z0-9-]+):[^>]*>|[a-zA-Z0-9][a-zA-Z0-9._-]*|&<[^>]*>`)

// Command is a command whose help comes from the texts.
func (t Texts) Command(views, syntax string, run func(x *Exec, a *cli.Args)) Command {
	var help []string
	seen := map[string]bool{}
	for _, m := range tokenPattern.FindAllStringSubmatch(syntax, -1) {
		key := m[0]
		if strings.HasPrefix(key, "&") {
			continue
		}
		if m[1] != "" {
			key = "<" + m[1] + ">"
		}
		if !seen[key] {
			seen[key] = true
			help = append(help, key+"="+t[key])
		}
	}
	return Command{Views: views, Syntax: syntax, Help: strings.Join(help, "; "), Run: run}
}
