package terminal

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/line"
)

// Keymap is what the hotkeys of the box do.
func Keymap(b *feature.Box) *line.Keymap { return &state(b).keys }

// hotkeyCommands are made of the tables of package line: every key and every
// function has its keyword.
func hotkeyCommands() []feature.Command {
	var keys, functions []string
	help := "hotkey=Specify hotkeys;<command>=Command that the hotkey runs;function=Function of the hotkey;none=The hotkey does nothing"
	for _, k := range line.Hotkeys() {
		if !k.Fixed() {
			keys = append(keys, k.Token())
			help += ";" + k.Token() + "=Hotkey " + k.String()
		}
	}
	for _, f := range line.Functions() {
		functions = append(functions, f.String())
		help += ";" + f.String() + "=" + f.Text()
	}
	key := "{ " + strings.Join(keys, " | ") + " }"
	function := "{ " + strings.Join(functions, " | ") + " }"
	return []feature.Command{
		{Views: "system", Syntax: "hotkey " + key + " function " + function, Help: help,
			Run: func(x *feature.Exec, a *cli.Args) { bind(x, a, line.Binding{Function: functionOf(a.Token(3))}) }},
		{Views: "system", Syntax: "hotkey " + key + " none", Help: help,
			Run: func(x *feature.Exec, a *cli.Args) { bind(x, a, line.Binding{}) }},
		{Views: "system", Syntax: "hotkey " + key + " <command:text:1-255>", Help: help,
			Run: func(x *feature.Exec, a *cli.Args) { bind(x, a, line.Binding{Command: a.Str("command")}) }},
		{Views: "system", Syntax: "undo hotkey " + key, Help: help,
			Run: func(x *feature.Exec, a *cli.Args) {
				Keymap(x.Box).Reset(hotkeyOf(a.Token(2)))
				x.Node().Remove("hotkey " + a.Token(2))
			}},
		{Views: "any", Syntax: "display hotkey", Help: "hotkey=Hotkeys", Run: displayHotkey},
	}
}

func hotkeyOf(token string) line.Hotkey {
	i := slices.IndexFunc(line.Hotkeys(), func(k line.Hotkey) bool { return k.Token() == token })
	return line.Hotkeys()[i]
}

func functionOf(name string) line.Function {
	i := slices.IndexFunc(line.Functions(), func(f line.Function) bool { return f.String() == name })
	return line.Functions()[i]
}

// bind keeps what a key does; its default is not printed.
func bind(x *feature.Exec, a *cli.Args, b line.Binding) {
	token := a.Token(1)
	k := hotkeyOf(token)
	if b == line.DefaultBinding(k) {
		Keymap(x.Box).Reset(k)
		x.Node().Remove("hotkey " + token)
		return
	}
	Keymap(x.Box).Bind(k, b)
	x.Node().Set(feature.PlaceHotkey, "hotkey "+token, a.Line())
}

// displayHotkey lists the keys by what they are bound to now: a command,
// nothing, or a function of the system.
func displayHotkey(x *feature.Exec, _ *cli.Args) {
	var commands, free, system string
	for _, k := range line.Hotkeys() {
		switch b := Keymap(x.Box).Of(k); {
		case b.Command != "":
			commands += k.String() + " " + b.Command + "\n"
		case b.Function == 0:
			free += k.String() + " NULL\n"
		default:
			system += fmt.Sprintf("%-8s%s\n", k, b.Function.Text())
		}
	}
	x.Print("----------------- Hotkeys -----------------\n" +
		"           -Defined command hotkeys-\n" + commands +
		"\n           -Undefined command hotkeys-\n" + free +
		"\n           -System-reserved hotkeys-\n" + system)
}
