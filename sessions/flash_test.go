package sessions

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

var shown = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func open(t *testing.T, dir string) (lab.FlashStore, *lab.KeptFlash) {
	t.Helper()
	d, err := NewFlashDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := d.Flash("lab", "A")
	kept, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s, kept
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestFlashDirKeepsFiles(t *testing.T) {
	dir := t.TempDir()
	s, kept := open(t, dir)
	if kept != nil {
		t.Fatalf("a new device has %+v", kept)
	}
	must(t, s.SetStartup("a.cfg", ""), s.Write("a.cfg", "one", shown), s.Mkdir("d", shown), s.Write("d/x", "two", shown),
		s.Write("a.cfg", "three", shown), s.Write("gone", "", shown), s.Remove("gone"), s.Rename("d", "e"), s.SetStartup("a.cfg", "b.cfg"))
	_, kept = open(t, dir)
	for i := range kept.Files {
		if kept.Files[i].Dir { // its time is that of the last change below it
			kept.Files[i].Time = shown
		}
	}
	want := &lab.KeptFlash{Main: "a.cfg", Backup: "b.cfg", Files: []lab.KeptFile{
		{Name: "a.cfg", Data: "three", Time: shown}, {Name: "e", Dir: true, Time: shown}, {Name: "e/x", Data: "two", Time: shown}}}
	if !reflect.DeepEqual(kept, want) {
		t.Errorf("kept %+v\nwant %+v", kept, want)
	}
}

// A crash is a disk that ends the program before its nth step: the step writes
// half of what it should, and no step comes after it.
type crash struct {
	osDisk
	steps int
}

var errCrash = errors.New("crashed")

func (c *crash) step() bool { c.steps--; return c.steps >= 0 }

func (c *crash) WriteSynced(name, data string) error {
	if c.step() {
		return c.osDisk.WriteSynced(name, data)
	}
	if c.steps == -1 {
		_ = os.WriteFile(name, []byte(data[:len(data)/2]), 0o644)
	}
	return errCrash
}

func (c *crash) Rename(from, to string) error {
	if !c.step() {
		return errCrash
	}
	return c.osDisk.Rename(from, to)
}

func (c *crash) Chtimes(name string, at time.Time) error {
	if !c.step() {
		return errCrash
	}
	return c.osDisk.Chtimes(name, at)
}

func (c *crash) Remove(name string) error {
	if !c.step() {
		return errCrash
	}
	return c.osDisk.Remove(name)
}

// TestCrashLeavesOldFileWhole ends the program at every step of a save.
func TestCrashLeavesOldFileWhole(t *testing.T) {
	for n := 0; ; n++ {
		dir := t.TempDir()
		s, _ := open(t, dir)
		must(t, s.SetStartup("a.cfg", ""), s.Write("a.cfg", "the old configuration", shown))
		s.(*flashStore).disk = &crash{steps: n}
		err := s.Write("a.cfg", "the new configuration", shown)
		_, kept := open(t, dir)
		want := "the old configuration"
		if err == nil {
			want = "the new configuration"
		}
		if len(kept.Files) != 1 || kept.Files[0].Data != want {
			t.Errorf("after a crash at step %d (%v) there is %+v, want %q", n, err, kept.Files, want)
		}
		if err == nil {
			if n < 3 {
				t.Errorf("a save takes %d steps, the crash was not tried", n)
			}
			return
		}
	}
}

func TestDamagedStartupIsAnError(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	must(t, s.SetStartup("a.cfg", ""), os.WriteFile(filepath.Join(dir, "lab/A/startup"), nil, 0o644))
	if _, err := s.Load(); err == nil {
		t.Error("an empty startup file loads")
	}
}
