package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/cast"
)

// castSuffix is how the names of recordings end.
const castSuffix = ".cast"

// castFlags are the flags of verbs that can be recorded.
type castFlags struct {
	file    string
	version int
}

func (f *castFlags) add(set *flagSet, what string) {
	set.StringVar(&f.file, "cast", "", what)
	f.addVersion(set)
}

func (f *castFlags) addVersion(set *flagSet) {
	f.version = 2
	set.Func("cast-version", "write asciicast `VERSION` 2 or 3 (default 2, which all players read)", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n != 2 && n != 3 {
			return fmt.Errorf("asciicast version is %q, want 2 or 3", s)
		}
		f.version = n
		return nil
	})
}

// A tape is a recording that is being written.
type tape struct {
	name     string
	lab      *lab.Lab
	file     *os.File
	w        *cast.Writer
	recorder *cast.Recorder
}

// record begins to record a lab in a file: one console, or all if the device
// is "". keep is given the secrets that are typed.
func (f *castFlags) record(name string, l *lab.Lab, labName string, o lab.Options, device string, keep func(string)) (*tape, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, misuse{err}
	}
	t := &tape{name: name, lab: l, file: file}
	t.w, err = cast.NewWriter(file, cast.HeaderOf(l, f.version, runOf(l, labName, o, device)))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	l.Do(func() { t.recorder = cast.NewRecorder(l, device, t.w, keep) })
	return t, nil
}

// runOf is what has to be known of a run to run it again.
func runOf(l *lab.Lab, labName string, o lab.Options, device string) *cast.Run {
	run := &cast.Run{Version: version(), Lab: labName, Hash: sessions.Hash(l.Definition()), Seed: o.Seed, Free: o.Free,
		Style: l.Style().String(), Start: l.StartTime(), Tape: o.Tape, Device: device}
	switch {
	case len(o.Bridges) > 0:
		run.Only = "the lab was joined to what is outside of it"
	case o.Flash != nil:
		run.Only = "the devices' files were kept on disk"
	}
	return run
}

// close ends the recording. One that is nil was never begun.
func (t *tape) close() (err error) {
	if t == nil {
		return nil
	}
	t.lab.Do(func() { err = t.recorder.Close() })
	if err = errors.Join(err, t.w.End(exitOK), t.file.Close()); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// tapes are the recordings of a person who opens one lab after the other: one
// file for each, the second of FILE.cast in FILE-2.cast.
type tapes struct {
	*castFlags
	device string // the one that is shown, "" for all
	keep   func(secret string)

	mu  sync.Mutex
	all []*tape
}

// begin records a lab that was opened under a name, if anything is to be
// recorded.
func (t *tapes) begin(l *lab.Lab, name string, o lab.Options) error {
	if t.file == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.record(numbered(t.file, len(t.all)+1), l, name, o, t.device, t.keep)
	if err == nil {
		t.all = append(t.all, rec)
	}
	return err
}

func (t *tapes) close() (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rec := range t.all {
		err = errors.Join(err, rec.close())
	}
	return err
}

// files are the names of what was written.
func (t *tapes) files() (names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rec := range t.all {
		names = append(names, rec.name)
	}
	return names
}

// numbered is the name of the file for the n-th recording of a session.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + strconv.Itoa(n) + ext
}
