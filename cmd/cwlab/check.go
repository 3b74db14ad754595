package main

import (
	"context"
	"fmt"
	"os"
	"sort"

	"cwlab/comware/device"
	"cwlab/comware/feature"
)

func runCheck(_ context.Context, args []string, s streams) error {
	set := newFlags("check", s)
	set.args = "FILE.cfg"
	model := set.String("model", "F1090", "`MODEL` of the device: F1060 or F1090")
	rest, err := set.parse(args, 1, 1)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(rest[0])
	if err != nil {
		return misuse{err}
	}
	refused, err := device.Check(*model, string(text))
	if err != nil {
		return misuse{err}
	}
	for _, r := range refused {
		fmt.Fprintf(s.out, "%s:%d: %s: %s\n", rest[0], r.Line, r.Text, r.Reason)
	}
	if len(refused) > 0 {
		return errSaid
	}
	return nil
}

func runCoverage(_ context.Context, args []string, s streams) error {
	if _, err := newFlags("coverage", s).parse(args, 0, 0); err != nil {
		return err
	}
	g, err := device.Grammar()
	if err != nil {
		return err
	}
	var lines []string
	acts := 0
	for _, c := range g.Commands() {
		if c.Hidden {
			continue
		}
		how := "acts"
		if c.Data.(*feature.Command).Kept {
			how = "kept"
		} else {
			acts++
		}
		lines = append(lines, fmt.Sprintf("%-24s  %s  %s", c.Views, how, c.Syntax))
	}
	sort.Strings(lines)
	for _, l := range lines {
		fmt.Fprintln(s.out, l)
	}
	fmt.Fprintf(s.out, "%d commands, of which %d act and %d are kept in the configuration and not acted on\n", len(lines), acts, len(lines)-acts)
	return nil
}
