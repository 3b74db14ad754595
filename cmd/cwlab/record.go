package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/cast"
	"cwlab/tui"
)

// runRecord is the full screen, or a console, with everything that happens
// recorded so that it can be executed again.
func runRecord(ctx context.Context, args []string, s streams) error {
	set := newFlags("record", s)
	set.args = "LAB [DEVICE]"
	var f labFlags
	f.add(set)
	var c castFlags
	c.addVersion(set)
	set.StringVar(&c.file, "o", "", "`FILE` of the recording (default the lab's name.cast, numbered where there is one)")
	secrets := set.String("secrets", "", "keep the secrets that are typed in `FILE`, which executing them again needs; the recording does not have them")
	var tf traceFlags
	tf.add(set)
	rest, err := set.parse(args, 1, 2)
	if err != nil {
		return err
	}
	if f.flash != "" || len(f.bridge) > 0 {
		return misusef("record goes without --flash and --bridge: what happens outside of a lab is not in its recording")
	}
	def, err := sessions.Load(rest[0])
	if err != nil {
		return err
	}
	if err := tf.check(def); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	if c.file == "" {
		c.file = free(filepath.Base(def.Name) + castSuffix)
	}
	k, err := keepSecrets(*secrets)
	if err != nil {
		return err
	}
	t, traced := &tapes{castFlags: &c, keep: k.keep}, &traces{traceFlags: tf}
	if len(rest) == 2 {
		t.device = rest[1]
		err = consoleOf(ctx, def, o, rest[0], rest[1], t, traced, s)
	} else {
		err = tui.Run(ctx, catalogue{o: o, tapes: t, traces: traced}, tui.Options{Lab: rest[0], Lang: s.lang})
		err = errors.Join(err, t.close(), traced.close())
		c.file = strings.Join(t.files(), " ")
	}
	if err = errors.Join(err, k.close()); err == nil {
		fmt.Fprintln(s.err, s.lang.Say("recorded in %s", c.file))
	}
	return err
}

// free is a name that no file has yet.
func free(name string) string {
	for n := 1; ; n++ {
		if _, err := os.Stat(numbered(name, n)); err != nil {
			return numbered(name, n)
		}
	}
}

// A keeper writes secrets to a file that only its owner may read.
type keeper struct {
	file *os.File // nil for none
	err  error
}

func keepSecrets(name string) (*keeper, error) {
	if name == "" {
		return &keeper{}, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = f.Chmod(0o600) // it may have been there
	}
	if err != nil {
		return nil, misuse{err}
	}
	return &keeper{file: f}, nil
}

func (k *keeper) keep(secret string) {
	if k.file == nil {
		return
	}
	if strconv.Quote(secret) != `"`+secret+`"` { // with backspaces, say
		secret = strconv.Quote(secret)
	}
	if _, err := fmt.Fprintln(k.file, secret); k.err == nil {
		k.err = err
	}
}

func (k *keeper) close() error {
	if k.file == nil {
		return nil
	}
	return errors.Join(k.err, k.file.Close())
}

// readSecrets reads what keep has written, or a person.
func readSecrets(name string) (all []string, err error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, misuse{err}
	}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\r\n"), "\n") {
		line = strings.TrimRight(line, "\r")
		if strings.HasPrefix(line, `"`) {
			if line, err = strconv.Unquote(line); err != nil {
				return nil, misuse{&cast.LineError{File: name, Line: i + 1, Text: "this is no quoted text"}}
			}
		}
		all = append(all, line)
	}
	return all, nil
}

// again executes a recording and says where it differs.
func again(file, labName, secretsFile string, s streams) error {
	rec, err := cast.Open(file)
	if err != nil {
		return misuse{err}
	}
	secrets, err := readSecrets(secretsFile)
	if err != nil {
		return err
	}
	plan, err := cast.Plan(rec, secrets)
	if err != nil {
		return misuse{err}
	}
	run := rec.Run
	if labName == "" {
		labName = run.Lab
	}
	def, err := sessions.Load(labName)
	if err != nil {
		return err
	}
	style, err := lab.ParseStyle(run.Style)
	if err != nil {
		return misuse{fmt.Errorf("%s: %w", file, err)}
	}
	l, err := openLab(def, lab.Options{Seed: run.Seed, Free: run.Free, Tape: run.Tape, Style: &style, Start: &run.Start}, s.err)
	if err != nil {
		return err
	}
	if hash := sessions.Hash(def); hash != run.Hash {
		fmt.Fprintln(s.err, s.lang.Say("lab %s is not what it was when this was recorded: %s, it was %s", def.Name, hash, run.Hash))
	}
	if run.Version != version() {
		fmt.Fprintln(s.err, s.lang.Say("this was recorded with version %s, this is %s", run.Version, version()))
	}
	diff, err := plan.Execute(l)
	if err != nil {
		return err
	}
	if diff != nil {
		fmt.Fprint(s.err, diff)
		return errSaid
	}
	said := "%s: %d events, the same to the byte"
	if !plan.Complete() {
		said = "%s: %d events, the same to the byte up to where the recording breaks off"
	}
	fmt.Fprintln(s.err, s.lang.Say(said, file, rec.Len()))
	return nil
}
