package main

import (
	"context"
	"fmt"
	"os"

	"cwlab/comware/device"
	"cwlab/sessions"
)

// runImport turns a published transcript into a script.
func runImport(_ context.Context, args []string, s streams) error {
	set := newFlags("import", s)
	set.args = "TRANSCRIPT.txt LAB"
	out := set.String("o", "", "write the script to `FILE`, which is not there yet, instead of the terminal")
	devices := variables{}
	set.Var(devices, "device", "the prompts of a host are those of a device of the lab, as `HOST=DEVICE`; may be given more than once")
	rest, err := set.parse(args, 2, 2)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(rest[0])
	if err != nil {
		return misuse{err}
	}
	def, err := sessions.Load(rest[1])
	if err != nil {
		return err
	}
	imp, err := sessions.Import(def, device.Make, rest[0], string(text), devices)
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = fmt.Fprint(s.out, imp.Script)
	} else {
		err = create(*out, imp.Script)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(s.err, s.lang.Say("%d outputs: %d the same, %d but for values, %d in part, %d not; %d commands refused",
		imp.Outputs, imp.Same, imp.Near, imp.Part, imp.Outputs-imp.Same-imp.Near-imp.Part, imp.Refused))
	if imp.Err != nil {
		fmt.Fprintln(s.err, "cwlab:", s.lang.Error(imp.Err))
		return errSaid
	}
	return nil
}

// create writes a file that is not there yet.
func create(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return misuse{err}
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
