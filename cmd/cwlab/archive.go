package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"cwlab/emulator/lab"
	"cwlab/sessions/cast"
)

// An archive records what is served into a directory: each console in
// DEVICE.cast, each session on a virtual line in DEVICE-LINE-N.cast.
type archive struct {
	dir     string
	version int
	report  func(error)

	mu   sync.Mutex
	open map[*shelved]bool
	made map[string]int // sessions, by device and line

	ending sync.Mutex
}

// A shelved recording is one that is being made.
type shelved struct {
	lab   *lab.Lab
	file  *os.File
	w     *cast.Writer
	close func() error // within the world
	once  sync.Once
}

func newArchive(dir string, version int, report func(error)) (*archive, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, misuse{err}
	}
	return &archive{dir: dir, version: version, report: report, open: map[*shelved]bool{}, made: map[string]int{}}, nil
}

// follow records a lab that was opened and is not live yet. An archive that is
// nil records nothing.
func (a *archive) follow(l *lab.Lab, o lab.Options) error {
	if a == nil {
		return nil
	}
	for _, d := range l.Devices() {
		s, err := a.shelve(l, d.Name()+castSuffix, o, d.Name())
		if err != nil {
			return err
		}
		s.close = cast.NewRecorder(l, d.Name(), s.w, nil).Close
	}
	l.OnOpen(func(t *lab.Terminal, screen lab.Screen) {
		if screen.Subsystem != "" { // no screen to look at
			return
		}
		line := t.Device() + "-" + t.Name()
		a.mu.Lock()
		a.made[line]++
		name := fmt.Sprintf("%s-%d%s", line, a.made[line], castSuffix)
		a.mu.Unlock()
		s, err := a.shelve(l, name, o, t.Device())
		if err != nil {
			a.report(err)
			return
		}
		s.close = cast.NewLineRecorder(t, screen, s.w).Close
		go func() {
			<-t.Over()
			a.end(s)
		}()
	})
	return nil
}

// shelve begins a recording.
func (a *archive) shelve(l *lab.Lab, name string, o lab.Options, device string) (*shelved, error) {
	file, err := os.Create(filepath.Join(a.dir, name))
	if err != nil {
		return nil, err
	}
	run := runOf(l, l.Definition().Name, o, device)
	run.Only = "it was served to callers over the network"
	w, err := cast.NewWriter(file, cast.HeaderOf(l, a.version, run))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &shelved{lab: l, file: file, w: w}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[s] = true
	return s, nil
}

// end ends a recording.
func (a *archive) end(s *shelved) {
	s.once.Do(func() {
		var err error
		a.ending.Lock() // the labs may have stopped: nobody else owns their worlds then
		s.lab.Do(func() { err = s.close() })
		a.ending.Unlock()
		if err = errors.Join(err, s.w.End(exitOK), s.file.Close()); err != nil {
			a.report(fmt.Errorf("%s: %w", s.file.Name(), err))
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.open, s)
	})
}

// close ends all recordings.
func (a *archive) close() {
	if a == nil {
		return
	}
	a.mu.Lock()
	var all []*shelved
	for s := range a.open { // in any order: each has a file of its own
		all = append(all, s)
	}
	a.mu.Unlock()
	for _, s := range all {
		a.end(s)
	}
}
