package config

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var diffCommands = []feature.Command{
	{Views: "any", Syntax: "display current-configuration diff", Help: "diff=Differences from the next startup configuration",
		Run: func(x *feature.Exec, _ *cli.Args) { compare(x, startupText, currentText) }},
	{Views: "any", Syntax: "display diff configfile <source:string:1-255> { configfile <dest:string:1-255> | current-configuration | startup-configuration }",
		Help: diffHelp, Run: func(x *feature.Exec, a *cli.Args) { compare(x, fileText(a.Str("source")), second(a)) }},
	{Views: "any", Syntax: "display diff current-configuration { configfile <dest:string:1-255> | startup-configuration }",
		Help: diffHelp, Run: func(x *feature.Exec, a *cli.Args) { compare(x, currentText, second(a)) }},
	{Views: "any", Syntax: "display diff startup-configuration { configfile <dest:string:1-255> | current-configuration }",
		Help: diffHelp, Run: func(x *feature.Exec, a *cli.Args) { compare(x, startupText, second(a)) }},
}

const diffHelp = "diff=Differences between configurations;configfile=Configuration file;current-configuration=Current configuration;" +
	"startup-configuration=Next startup configuration;<source>=File name (*.cfg);<dest>=File name (*.cfg)"

// A source is a configuration to compare: how it is called, and its text.
type source func(x *feature.Exec) (label, text string, err error)

func currentText(x *feature.Exec) (string, string, error) {
	return "Current configuration", running(x.Box), nil
}

func startupText(x *feature.Exec) (string, string, error) {
	f, ok := StartupFile(x.Box.Flash)
	if !ok {
		return "", "", feature.FileError("The next startup configuration file does not exist.")
	}
	return "Startup configuration", f.Data, nil
}

func fileText(arg string) source {
	return func(x *feature.Exec) (string, string, error) {
		name, err := configName(x, arg)
		if err != nil {
			return "", "", err
		}
		f, ok := x.Box.Flash.Read(name)
		if !ok {
			return "", "", feature.ErrNoFile
		}
		return show(f.Name), f.Data, nil
	}
}

// second is the configuration that the last keyword of the command names.
func second(a *cli.Args) source {
	all := a.All()
	switch all[len(all)-1].Token {
	case "current-configuration":
		return currentText
	case "startup-configuration":
		return startupText
	}
	return fileText(a.Str("dest"))
}

func compare(x *feature.Exec, from, to source) {
	label, old, err := from(x)
	if err != nil {
		x.Error(err.Error())
		return
	}
	label2, now, err := to(x)
	if err != nil {
		x.Error(err.Error())
		return
	}
	if hunks := unified(lines(old), lines(now)); len(hunks) > 0 {
		x.Printf("--- %s\n+++ %s\n", label, label2)
		print(x, hunks)
	}
}

func lines(text string) []string {
	return strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r", ""), "\n"), "\n")
}

// around is how many lines that are alike stand before and behind those that
// are not.
const around = 3

// unified is the differences in the unified format, without its head: every
// line with a blank, a minus or a plus in front, hunks under their line
// numbers.
func unified(a, b []string) []string {
	edits := changes(a, b)
	var out []string
	for i := 0; i < len(edits); {
		// Changes that have no more than twice the lines around them in
		// between go into one hunk.
		j := i + 1
		for j < len(edits) && edits[j].a0-edits[j-1].a1 <= 2*around {
			j++
		}
		first, last := edits[i], edits[j-1]
		a0, b0 := max(first.a0-around, 0), max(first.b0-around, 0)
		a1, b1 := min(last.a1+around, len(a)), min(last.b1+around, len(b))
		out = append(out, fmt.Sprintf("@@ -%d,%d +%d,%d @@", a0+1, a1-a0, b0+1, b1-b0))
		at := a0
		for _, e := range edits[i:j] {
			out = mark(out, " ", a[at:e.a0])
			out = mark(out, "-", a[e.a0:e.a1])
			out = mark(out, "+", b[e.b0:e.b1])
			at = e.a1
		}
		out = mark(out, " ", a[at:a1])
		i = j
	}
	return out
}

func mark(out []string, sign string, lines []string) []string {
	for _, l := range lines {
		out = append(out, sign+l)
	}
	return out
}

// An edit puts the lines b0 to b1 of the second text in place of the lines a0
// to a1 of the first.
type edit struct{ a0, a1, b0, b1 int }

// changes are the edits between two texts, in order.
func changes(a, b []string) []edit {
	var all []edit
	differ(a, b, 0, 0, &all)
	return all
}

// maxTable bounds the table of the exact comparison.
const maxTable = 1 << 20

// differ compares what is left after the lines that are alike at both ends:
// exactly where that is small, else between lines that both have once.
func differ(a, b []string, ao, bo int, all *[]edit) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, ao, bo = a[1:], b[1:], ao+1, bo+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
	case len(a) == 0 || len(b) == 0:
		*all = append(*all, edit{ao, ao + len(a), bo, bo + len(b)})
	case len(a)*len(b) <= maxTable:
		exact(a, b, ao, bo, all)
	default:
		i, j, ok := anchor(a, b)
		if !ok {
			*all = append(*all, edit{ao, ao + len(a), bo, bo + len(b)})
			return
		}
		differ(a[:i], b[:j], ao, bo, all)
		differ(a[i:], b[j:], ao+i, bo+j, all)
	}
}

// anchor is a line that each text has once, the nearest to the middle of the
// first.
func anchor(a, b []string) (i, j int, ok bool) {
	count := map[string]int{}
	at := map[string]int{}
	for _, l := range a {
		count[l]++
	}
	for j, l := range b {
		count[l] += 1 << 16
		at[l] = j
	}
	best := len(a)
	for k, l := range a {
		if d := max(k-len(a)/2, len(a)/2-k); count[l] == 1<<16+1 && d < best {
			i, j, ok, best = k, at[l], true, d
		}
	}
	return i, j, ok
}

// exact finds the longest common subsequence.
func exact(a, b []string, ao, bo int, all *[]edit) {
	w := len(b) + 1
	t := make([]int32, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				t[i*w+j] = t[(i+1)*w+j+1] + 1
			} else {
				t[i*w+j] = max(t[(i+1)*w+j], t[i*w+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
			continue
		}
		e := edit{a0: ao + i, b0: bo + j}
		for (i < len(a) || j < len(b)) && (i == len(a) || j == len(b) || a[i] != b[j]) {
			if j == len(b) || i < len(a) && t[(i+1)*w+j] >= t[i*w+j+1] {
				i++
			} else {
				j++
			}
		}
		e.a1, e.b1 = ao+i, bo+j
		*all = append(*all, e)
	}
}
