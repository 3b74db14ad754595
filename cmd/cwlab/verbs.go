package main

import (
	"context"
	"fmt"

	"cwlab/sessions"
)

// runVerbs lists the verbs of scripts.
func runVerbs(_ context.Context, args []string, s streams) error {
	set := newFlags("verbs", s)
	if _, err := set.parse(args, 0, 0); err != nil {
		return err
	}
	for _, v := range sessions.Verbs() {
		if _, err := fmt.Fprintf(s.out, "@%s\n    %s\n    %s\n", v.Form, s.lang.Say(v.Help), v.Example); err != nil {
			return err
		}
	}
	return nil
}
