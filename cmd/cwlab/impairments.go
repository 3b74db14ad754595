package main

import (
	"context"
	"fmt"

	"cwlab/emulator/impair"
)

// runImpairments lists the impairments of protocols.
func runImpairments(_ context.Context, args []string, s streams) error {
	set := newFlags("impairments", s)
	if _, err := set.parse(args, 0, 0); err != nil {
		return err
	}
	return printImpairments(s)
}

// printImpairments prints the names with a line of help each.
func printImpairments(s streams) error {
	for _, i := range impair.All() {
		if _, err := fmt.Fprintf(s.out, "%-20s  %s\n", i.Name, s.lang.Say(i.Help)); err != nil {
			return err
		}
	}
	return nil
}
