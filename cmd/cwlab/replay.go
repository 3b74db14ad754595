package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
)

// A replay is what the flags of the verb ask for.
type replay struct {
	labFlags
	castFlags
	traceFlags
	only, junit string
	lab         string // where the scripts run, "" for where they are
	update      bool
	vars        variables
	streams
}

func runReplay(ctx context.Context, args []string, s streams) error {
	set := newFlags("replay", s)
	set.args = "LAB/SCRIPT... | FILE.cast"
	r := replay{streams: s, vars: variables{}}
	r.labFlags.add(set)
	r.castFlags.add(set, "record what is printed in `FILE`, as an asciicast")
	of := set.String("lab", "", "execute a recording in `LAB`, not where it was made; or the script of a file that is not in a lab's folder")
	typed := set.String("secrets", "", "`FILE` with the secrets that were typed while a recording was made, one a line")
	set.StringVar(&r.only, "device", "", "print what the console of `NAME` showed and nothing else")
	r.traceFlags.add(set)
	set.BoolVar(&r.update, "update", false, "rewrite what the script expects to what was shown")
	set.StringVar(&r.junit, "junit", "", "write what was compared to `FILE`, as JUnit's XML")
	set.Var(r.vars, "set", "give a variable of the script a value, as `NAME=VALUE`; may be given more than once")
	rest, err := set.parse(args, 1, maxScripts)
	if err != nil {
		return err
	}
	if strings.HasSuffix(rest[0], castSuffix) && len(rest) == 1 {
		if other := set.others("lab", "secrets"); other != "" {
			return misusef("--%s does not go with a recording, which has a lab, seed and console of its own", other)
		}
		return again(rest[0], *of, *typed, s)
	}
	if *typed != "" {
		return misusef("--secrets is for recordings")
	}
	r.lab = *of
	if len(rest) > 1 && (r.traceFlags.wanted() || r.castFlags.file != "") {
		return misusef("--pcap, --keys and --cast are for one script")
	}
	var suites []sessions.Suite
	var failed error
	for i, arg := range rest {
		if i > 0 && ctx.Err() != nil { // the one before has said so
			break
		}
		if len(rest) > 1 {
			fmt.Fprintf(s.out, "#### %s\n", arg)
		}
		result, err := r.run(ctx, arg)
		suites = append(suites, sessions.Suite{Name: arg, Result: result, Err: err})
		if err != nil && len(rest) == 1 && r.junit == "" {
			return err
		}
		if err != nil && !errors.Is(err, errSaid) {
			fmt.Fprintln(s.err, "cwlab:", s.lang.Error(err))
		}
		if code := exitOf(err); failed == nil || code > exitOf(failed) {
			failed = err
		}
	}
	if r.junit != "" {
		if err := writeJUnit(r.junit, suites); err != nil {
			return misuse{err}
		}
	}
	if exitOf(failed) == exitMisuse { // it has been said
		return misuse{errSaid}
	} else if failed != nil {
		return errSaid
	}
	return nil
}

// maxScripts is how many scripts one command may run.
const maxScripts = 1000

// variables are a flag that gives scripts values.
type variables map[string]string

func (v variables) String() string { return "" }

func (v variables) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return errors.New("want NAME=VALUE")
	}
	v[name] = value
	return nil
}

func writeJUnit(name string, suites []sessions.Suite) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(sessions.WriteJUnit(f, suites), f.Close())
}

// find is a script and its lab.
func (r *replay) find(arg string) (name string, def *lab.Definition, script *sessions.Script, err error) {
	if name = r.lab; name != "" {
		if def, err = sessions.Load(name); err != nil {
			return "", nil, nil, err
		}
		text, err := os.ReadFile(arg)
		if err != nil {
			return "", nil, nil, misuse{err}
		}
		at := strings.TrimSuffix(arg, ".console")
		def.Scripts = append(def.Scripts, lab.ScriptFile{Name: at, File: arg, Text: string(text)})
		script, err = loadScriptWith(def, at, r.vars)
		return name, def, script, err
	}
	if _, err := os.Stat(filepath.Join(arg, "lab.yaml")); err == nil && sessions.IsPath(arg) {
		if def, err = sessions.Load(arg); err != nil {
			return "", nil, nil, err
		}
		return "", nil, nil, misusef("%s is a lab, not one of its scripts: %s", arg, scriptNames(def))
	}
	name, scriptName, err := splitScript(arg)
	if err != nil {
		return "", nil, nil, err
	}
	if def, err = sessions.Load(name); err != nil {
		return "", nil, nil, err
	}
	script, err = loadScriptWith(def, scriptName, r.vars)
	return name, def, script, err
}

// run runs one script. The result is nil when it could not begin.
func (r *replay) run(ctx context.Context, arg string) (*sessions.Result, error) {
	s := r.streams
	name, def, script, err := r.find(arg)
	if err != nil {
		return nil, err
	}
	o, err := r.options()
	if err != nil {
		return nil, err
	}
	if r.only != "" && !hasDevice(def, r.only) {
		return nil, misusef("lab %s has no device %q", def.Name, r.only)
	}
	if err := r.traceFlags.check(def); err != nil {
		return nil, err
	}
	if r.update && !r.asWritten() {
		return nil, misusef("--update goes without --free, --seed, --console, --flash and --bridge: expectations are written for the lab as it is")
	}
	if r.update && r.lab == "" && !sessions.IsPath(name) {
		return nil, misusef("lab %s is built in; --update needs its folder, as ./sessions/labs/%s", name, arg)
	}

	traces := &traces{traceFlags: r.traceFlags}
	trace, err := traces.prepare(def, &o)
	if err != nil {
		return nil, err
	}
	var traceErr, castErr error
	var rec *tape
	execute := sessions.Replay
	if len(o.Bridges) > 0 {
		execute = func(def *lab.Definition, mk lab.Maker, script *sessions.Script, o sessions.ReplayOptions) (*sessions.Result, error) {
			return sessions.ReplayLive(ctx, def, mk, script, o)
		}
	}
	result, err := execute(def, device.Make, script, sessions.ReplayOptions{
		Options: o, Compare: r.asWritten(), Create: createFile, Quit: ctx.Done(),
		Opened: func(l *lab.Lab) {
			report(l, s.err)
			if r.castFlags.file != "" {
				rec, castErr = r.castFlags.record(r.castFlags.file, l, name, script.Options(o), r.only, nil)
			}
			traceErr = trace(l)
		},
	})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(castErr, rec.close(), traceErr, traces.close()); err != nil {
		return nil, err
	}
	if r.only != "" {
		_, err = s.out.Write(result.Console(r.only))
	} else {
		err = result.WriteTranscript(s.out)
	}
	if err != nil {
		return nil, err
	}
	if r.update && result.Err == nil && len(result.Diffs()) > 0 {
		for file, text := range result.Updated {
			if err := rewrite(file, text); err != nil {
				return nil, err
			}
		}
		fmt.Fprintln(s.err, s.lang.Say("%s: %d expectations rewritten", script.File, len(result.Diffs())))
		return result, nil
	}
	for _, d := range result.Diffs() {
		fmt.Fprint(s.err, d)
	}
	if result.Err != nil {
		fmt.Fprintln(s.err, "cwlab:", s.lang.Error(result.Err))
	}
	if !result.OK() {
		return result, errSaid
	}
	return result, nil
}

// createFile makes the file of a capture in the working folder.
func createFile(name string) (io.WriteCloser, error) {
	if dir := filepath.Dir(name); dir != "." {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	return os.Create(name)
}

// checkTaps says which name is neither a link of the lab nor a port of one.
func checkTaps(def *lab.Definition, names string) error {
	for _, name := range strings.Split(names, ",") {
		if name != "" && !slices.ContainsFunc(def.Links, func(l lab.LinkSpec) bool { return l.Name == name || l.A.String() == name || l.B.String() == name }) {
			return misusef("--tap names %q, which is no link of lab %s and no port on one", name, def.Name)
		}
	}
	return nil
}

func hasDevice(def *lab.Definition, name string) bool {
	for _, d := range def.Devices {
		if d.Name == name {
			return true
		}
	}
	return false
}

// rewrite replaces a file in one go, with the permissions that it had.
func rewrite(name, text string) error {
	mode := fs.FileMode(0o644)
	if fi, err := os.Stat(name); err == nil {
		mode = fi.Mode().Perm()
	}
	tmp := name + ".new"
	if err := os.WriteFile(tmp, []byte(text), mode); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
