// Command cwlab is a laboratory of Comware firewalls in one binary: their
// consoles on a full screen, on a terminal or on a pipe, and scripts that are
// replayed and compared.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"cwlab/sessions"
	_ "cwlab/tui/background" // before bubbletea starts, see there
	"cwlab/tui/words"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a script differs, a configuration is refused, something broke
	exitMisuse = 2 // wrong arguments, a lab or script that cannot be read
)

// usage is the verbs.
var usage = []struct{ form, text string }{
	{"cwlab [tui] [LAB]", "the full screen (LAB is rbm-ipsec when left out)"},
	{"cwlab console LAB [DEVICE]", "one console on this terminal or pipe; without DEVICE"},
	{"", "an operator's prompt"},
	{"cwlab serve LAB", "let people and programs in to the devices by SSH"},
	{"cwlab replay LAB/SCRIPT", "run a script, print what the consoles showed, compare"},
	{"cwlab replay FILE.cast", "execute a recording again and compare, to the byte"},
	{"cwlab record LAB [DEVICE]", "the full screen or a console, recorded to be executed again"},
	{"cwlab play FILE.cast", "play a recording, or write it out as text or a picture"},
	{"cwlab import TRANSCRIPT.txt LAB", "turn a pasted console log into a script"},
	{"cwlab verbs", "what a script can say, with an example each"},
	{"cwlab check FILE.cfg", "what a device would refuse in a configuration"},
	{"cwlab labs", "the labs that are built in, and their scripts"},
	{"cwlab impairments", "faults of protocols that scripts and operators can ask for"},
	{"cwlab coverage [MODULE]", "the manuals' commands: which act, are kept, are unknown"},
	{"cwlab version", ""},
}

// defaultLab is what opens when no lab is named.
const defaultLab = "rbm-ipsec"

// streams are where a verb reads and writes, and the language in which.
type streams struct {
	in       *os.File
	out, err io.Writer
	lang     words.Lang
}

// A misuse is an error of the person who typed the command.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// In tells the error in a language.
func (m misuse) In(l words.Lang) string { return l.Error(m.error) }

func misusef(english string, args ...any) error { return misuse{words.Errorf(english, args...)} }

// errSaid is a failure that was already reported.
var errSaid = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second one ends what does not end by itself
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr, words.FromLocale(os.Getenv)})
	stop()
	os.Exit(code)
}

// verbs are the words that may come first.
var verbs = map[string]func(context.Context, []string, streams) error{
	"tui":         runTUI,
	"console":     runConsole,
	"serve":       runServe,
	"replay":      runReplay,
	"record":      runRecord,
	"play":        runPlay,
	"import":      runImport,
	"verbs":       runVerbs,
	"check":       runCheck,
	"labs":        runLabs,
	"coverage":    runCoverage,
	"impairments": runImpairments,
	"version":     runVersion,
	"help":        runHelp,
}

func run(ctx context.Context, args []string, s streams) int {
	args, err := s.choose(args)
	if err != nil {
		fmt.Fprintln(s.err, "cwlab:", s.lang.Error(err))
		return exitMisuse
	}
	verb, rest := "tui", args
	for i, a := range args { // flags may stand before the verb
		if a == "-h" || a == "-help" || a == "--help" {
			if i == 0 {
				verb, rest = "help", nil
			}
			break
		}
		if len(a) > 0 && a[0] == '-' {
			continue
		}
		if verbs[a] != nil {
			verb = a
			rest = append(append([]string{}, args[:i]...), args[i+1:]...)
		}
		break
	}
	err = verbs[verb](ctx, rest, s)
	if err != nil && !errors.Is(err, errSaid) && !errors.Is(err, errHelp) {
		fmt.Fprintln(s.err, "cwlab:", s.lang.Error(err))
	}
	return exitOf(err)
}

// exitOf is the exit code of what a verb came to.
func exitOf(err error) int {
	var m misuse
	var fe *sessions.FileError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	case errors.As(err, &m), errors.As(err, &fe), errors.Is(err, sessions.ErrNoLab):
		return exitMisuse
	}
	return exitFailed
}

// choose takes --lang out of the arguments, wherever it stands before "--".
func (s *streams) choose(args []string) (rest []string, err error) {
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(args[i], "=")
		if args[i] == "--" {
			return append(rest, args[i:]...), nil
		}
		if name != "--lang" && name != "-lang" {
			rest = append(rest, args[i])
			continue
		}
		if !given {
			if i++; i == len(args) {
				return nil, misusef("flag needs an argument: %s", name)
			}
			value = args[i]
		}
		if s.lang, err = words.Parse(value); err != nil {
			return nil, misuse{err}
		}
	}
	return rest, nil
}

func runHelp(_ context.Context, _ []string, s streams) error {
	fmt.Fprintf(s.out, "%s\n\n", s.lang.Say("cwlab is a laboratory of Comware firewalls."))
	for _, u := range usage {
		fmt.Fprintln(s.out, strings.TrimRight(fmt.Sprintf("  %-28s  %s", u.form, s.lang.Say(u.text)), " "))
	}
	fmt.Fprintf(s.out, "\n%s\n%s\n%s\n", s.lang.Say("A LAB that begins with . or / is a folder, else the name of a built-in lab."),
		s.lang.Say("Flags may stand anywhere; cwlab VERB -h lists those of a verb."),
		s.lang.Say("--lang en or --lang zh chooses the language; else the locale does."))
	return nil
}

func runVersion(_ context.Context, args []string, s streams) error {
	if _, err := newFlags("version", s).parse(args, 0, 0); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "cwlab %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is that of the program.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func runLabs(_ context.Context, args []string, s streams) error {
	if _, err := newFlags("labs", s).parse(args, 0, 0); err != nil {
		return err
	}
	for _, l := range sessions.Labs() {
		fmt.Fprintf(s.out, "%-12s  %s (%s)\n", l.Name, l.Title, l.Level)
		for _, sc := range l.Scripts {
			fmt.Fprintf(s.out, "  %s/%-12s  %s\n", l.Name, sc.Name, sc.Title)
		}
	}
	return nil
}
