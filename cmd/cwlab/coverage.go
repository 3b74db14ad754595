package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"cwlab/comware/device"
	"cwlab/comware/feature"
	"cwlab/tui/words"
)

// tags are the columns of the coverage table.
var tags = []string{feature.Acts.String(), feature.ConfigOnly.String(), feature.DisplayOnly.String(), unknown}

func runCoverage(_ context.Context, args []string, s streams) error {
	set := newFlags("coverage", s)
	set.args = "[MODULE]"
	commands := set.Bool("commands", false, "every command of the grammar with its views, instead of the manuals'")
	asJSON := set.Bool("json", false, "the table with every command of the manuals, as JSON")
	rest, err := set.parse(args, 0, 1)
	if err != nil {
		return err
	}
	if *commands {
		if len(rest) > 0 || *asJSON {
			return misusef("coverage --commands goes with nothing else")
		}
		return listCommands(s)
	}
	all, err := ledger()
	if err != nil {
		return err
	}
	if len(rest) == 1 {
		i := slices.IndexFunc(all, func(m *module) bool { return strings.EqualFold(m.Name, rest[0]) })
		if i < 0 {
			return misusef("no module %q in the manuals; cwlab coverage lists them", rest[0])
		}
		all = all[i : i+1]
	}
	switch {
	case *asJSON:
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(all)
	case len(rest) == 1:
		for _, f := range all[0].Commands {
			fmt.Fprintf(s.out, "%-12s  %s\n", f.Tag, f.Command)
		}
		fmt.Fprintln(s.out, total(all, s.lang))
	default:
		for _, l := range coverageTable(all, s.lang) {
			fmt.Fprintln(s.out, l)
		}
	}
	return nil
}

// coverageTable is one line a module, and the totals.
func coverageTable(all []*module, lang words.Lang) []string {
	row := func(name string, families, known any, cells ...any) string {
		line := runewidth.FillRight(name, 26)
		for i, c := range append([]any{families, known}, cells...) {
			line += " " + runewidth.FillLeft(fmt.Sprint(c), []int{8, 6, 6, 12, 13, 8}[i])
		}
		return line
	}
	lines := []string{row(lang.Say("module"), lang.Say("families"), lang.Say("known"), lang.Say("acts"), lang.Say("config-only"), lang.Say("display-only"), lang.Say("unknown"))}
	for _, m := range append(slices.Clone(all), sum(all)) {
		var cells []any
		for _, t := range tags {
			cells = append(cells, m.Tags[t])
		}
		lines = append(lines, row(m.Name, m.Families, m.known(), cells...))
	}
	return lines
}

// sum adds modules up.
func sum(all []*module) *module {
	s := &module{Name: "all", Tags: map[string]int{}}
	for _, m := range all {
		s.Families += m.Families
		for _, t := range tags {
			s.Tags[t] += m.Tags[t]
		}
	}
	return s
}

// total says in a sentence what the table says in its last line.
func total(all []*module, lang words.Lang) string {
	s := sum(all)
	return lang.Say("%d of %d command families of the manuals are known here: %d act, %d are kept in the configuration only, %d show state; %d are unknown",
		s.known(), s.Families, s.Tags[tags[0]], s.Tags[tags[1]], s.Tags[tags[2]], s.Tags[unknown])
}

// listCommands prints the commands of the grammar by view.
func listCommands(s streams) error {
	g, err := device.Grammar()
	if err != nil {
		return err
	}
	var lines []string
	count := map[string]int{}
	for _, c := range g.Commands() {
		if c.Hidden {
			continue
		}
		tag := c.Data.(*feature.Command).Tag().String()
		count[tag]++
		lines = append(lines, fmt.Sprintf("%-24s  %-12s  %s", c.Views, tag, c.Syntax))
	}
	slices.Sort(lines)
	for _, l := range lines {
		fmt.Fprintln(s.out, l)
	}
	fmt.Fprintln(s.out, s.lang.Say("%d commands: %d act, %d are kept in the configuration and not acted on, %d show state", len(lines), count[tags[0]], count[tags[1]], count[tags[2]]))
	return nil
}
