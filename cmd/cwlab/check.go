package main

import (
	"context"
	"fmt"
	"os"

	"cwlab/comware/device"
	"cwlab/sessions"
)

func runCheck(_ context.Context, args []string, s streams) error {
	set := newFlags("check", s)
	set.args = "FILE.cfg"
	model := set.String("model", "F1090", "`MODEL` of the device, F1060 or F1090, where no lab.yaml beside the file says it")
	rest, err := set.parse(args, 1, 1)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(rest[0])
	if err != nil {
		return misuse{err}
	}
	if own, err := sessions.ModelOf(rest[0]); err != nil {
		return misuse{err}
	} else if own != "" {
		*model = own
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
