package terminal

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const aliasHelp = "alias=Specify a command alias;<alias>=Alias of the command;<command>=Command, in which $1 to $9 stand for what is typed behind the alias"

var aliasCommands = []feature.Command{
	{Views: "system", Syntax: "alias <alias:string:1-20> <command:text:1-255>", Help: aliasHelp, Run: setAlias},
	{Views: "system", Syntax: "undo alias <alias:string:1-20>", Help: aliasHelp, Run: removeAlias},
	{Views: "any", Syntax: "display alias [ <alias:string:1-20> ]", Help: "alias=Command aliases;<alias>=Alias of a command", Run: displayAlias},
}

// isSystem says whether a name is one of the system's aliases, which cannot
// be changed.
func isSystem(b *feature.Box, name string) bool {
	return slices.ContainsFunc(b.Image.Grammar.Aliases(), func(a cli.Alias) bool { return a.Name == name })
}

func setAlias(x *feature.Exec, a *cli.Args) {
	name := a.Str("alias")
	if name == "alias" || strings.Contains(name, " ") || isSystem(x.Box, name) {
		x.Error("The alias is invalid.")
		return
	}
	st := state(x.Box)
	st.aliases = slices.DeleteFunc(st.aliases, func(a cli.Alias) bool { return a.Name == name })
	st.aliases = append(st.aliases, cli.Alias{Name: name, Command: a.Str("command")})
	slices.SortFunc(st.aliases, func(a, b cli.Alias) int { return strings.Compare(a.Name, b.Name) })
	x.Node().Set(feature.PlaceAlias, "alias "+name, "alias "+cli.Quote(name)+" "+a.Str("command"))
}

func removeAlias(x *feature.Exec, a *cli.Args) {
	name := a.Str("alias")
	if isSystem(x.Box, name) {
		x.Error("The alias is invalid.")
		return
	}
	st := state(x.Box)
	n := len(st.aliases)
	st.aliases = slices.DeleteFunc(st.aliases, func(a cli.Alias) bool { return a.Name == name })
	if len(st.aliases) == n {
		x.Error("The alias does not exist.")
		return
	}
	x.Node().Remove("alias " + name)
}

func displayAlias(x *feature.Exec, a *cli.Args) {
	all := append(x.Box.Image.Grammar.Aliases(), state(x.Box).aliases...)
	slices.SortStableFunc(all, func(a, b cli.Alias) int { return strings.Compare(a.Name, b.Name) })
	if !a.Has("alias") || a.Str("alias") == "" {
		x.Print("Index     Alias                Command key\n")
		for i, a := range all {
			x.Print(fmt.Sprintf("%-10d%-21s%s\n", i+1, a.Name, a.Command))
		}
		return
	}
	for _, one := range all {
		if one.Name == a.Str("alias") {
			x.Print("Alias                Command key\n" + fmt.Sprintf("%-21s%s\n", one.Name, one.Command))
		}
	}
}
