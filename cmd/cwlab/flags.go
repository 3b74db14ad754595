package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/tui/words"
)

// errHelp is a request for help that was answered.
var errHelp = errors.New("help")

// A flagSet is the flags of a verb, which may stand before, between and
// after its arguments.
type flagSet struct {
	*flag.FlagSet
	s    streams
	args string // how the arguments are shown
}

func newFlags(verb string, s streams) *flagSet {
	f := &flagSet{flag.NewFlagSet("cwlab "+verb, flag.ContinueOnError), s, ""}
	f.SetOutput(io.Discard)
	return f
}

// parse takes the flags out of args and returns the rest, of which there
// must be min to max.
func (f *flagSet) parse(args []string, min, max int) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			f.usage()
			return nil, errHelp
		} else if err != nil {
			return nil, flagError(err)
		}
		literal := len(args) > f.NArg() && args[len(args)-f.NArg()-1] == "--"
		args = f.Args()
		if literal {
			rest = append(rest, args...)
			break
		}
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	switch {
	case len(rest) < min:
		return nil, misusef("%s wants %s", f.Name(), f.args)
	case len(rest) > max:
		return nil, misusef("%s: %q is too much, it wants %s", f.Name(), rest[max], orNone(f.args, "no argument"))
	}
	return rest, nil
}

// orNone is a list, or in place of an empty one a text that says so.
func orNone(s string, none words.Text) words.Text {
	if s == "" {
		return none
	}
	return words.Text(s)
}

// usage prints the flags in the language.
func (f *flagSet) usage() {
	fmt.Fprintln(f.s.out, f.s.lang.Say("usage: %s %s", f.Name(), f.args))
	f.VisitAll(func(g *flag.Flag) { g.Usage = f.s.lang.Say(g.Usage) })
	var b bytes.Buffer
	f.SetOutput(&b)
	f.PrintDefaults()
	fmt.Fprint(f.s.out, strings.ReplaceAll(b.String(), "(default ", f.s.lang.Say("(default ")))
}

// flagError is an error of package flag in every language.
func flagError(err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		return misusef("flag provided but not defined: %s", name)
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		return misusef("flag needs an argument: %s", name)
	}
	return misuse{err}
}

// labFlags are the flags that say how a lab runs.
type labFlags struct {
	set     *flagSet
	seed    uint64
	free    bool
	console string
	flash   string
	bridge  []string
}

func (f *labFlags) add(set *flagSet) {
	f.set = set
	set.Uint64Var(&f.seed, "seed", 0, "`N` feeds every random number of the lab")
	set.BoolVar(&f.free, "free", false, "run without the tape, which fixes random numbers")
	set.StringVar(&f.console, "console", "", "`STYLE` of the consoles: published or device (default the lab's own)")
	set.Func("bridge", "join a free `DEVICE:PORT=tap:NAME` to a TAP interface of the kernel; the lab then keeps to the wall clock", func(text string) error {
		f.bridge = append(f.bridge, text)
		return nil
	})
	set.StringVar(&f.flash, "flash", "", "keep the devices' files in `DIR`, below the names of lab and device, and start from what it holds")
}

// others is a flag that was set by hand beside some, "" if there is none.
func (f *flagSet) others(some ...string) (other string) {
	f.Visit(func(g *flag.Flag) {
		if !slices.Contains(some, g.Name) {
			other = g.Name
		}
	})
	return other
}

// given says whether a flag was set by hand.
func (f *labFlags) given(name string) bool {
	found := false
	f.set.Visit(func(g *flag.Flag) { found = found || g.Name == name })
	return found
}

// options are the options of a lab to open.
func (f *labFlags) options() (lab.Options, error) {
	o := lab.Options{Seed: f.seed, Free: f.free}
	if f.console != "" {
		style, err := lab.ParseStyle(f.console)
		if err != nil {
			return o, misuse{err}
		}
		o.Style = &style
	}
	if f.flash != "" {
		dir, err := sessions.NewFlashDir(f.flash)
		if err != nil {
			return o, misuse{err}
		}
		o.Flash = dir.Flash
	}
	var err error
	o.Bridges, err = f.bridges()
	return o, err
}

// asWritten says that a script runs as its lab has it, so that what it
// expects can be compared.
func (f *labFlags) asWritten() bool {
	return !f.free && !f.given("seed") && !f.given("console") && !f.given("flash") && len(f.bridge) == 0
}
