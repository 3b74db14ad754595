//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/cast"
)

// What is served is recorded: each console, and each session on a line, with
// what is typed there, which stands in no other recording.
func TestArchive(t *testing.T) {
	def, err := sessions.Load("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(def, device.Make, lab.Options{Endless: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "casts")
	a, err := newArchive(dir, 2, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := a.follow(l, lab.Options{}); err != nil {
		t.Fatal(err)
	}
	name := def.Devices[0].Name
	for range 2 {
		v, err := l.Admit(name, lab.Caller{User: "ann", Trusted: true}, lab.Proof{})
		if err != nil {
			t.Fatal(err)
		}
		line, err := v.Open(lab.Screen{Width: 90, Height: 30})
		if err != nil {
			t.Fatal(err)
		}
		l.RunFor(5 * time.Second)
		line.Type([]byte("system-view\rlocal-user eve class manage\rpassword simple " + pskTyped + "\rpassword\r" + userTyped + "\r" + userTyped + "\r"))
		l.RunFor(time.Second)
		line.Resize(100, 40)
		line.Close()
		<-line.Over()
		for open := 0; open != len(def.Devices); runtime.Gosched() { // the lab is not live: nobody else may use it until the recording has ended
			a.mu.Lock()
			open = len(a.open)
			a.mu.Unlock()
		}
		if err := v.Leave(false); err != nil {
			t.Fatal(err)
		}
	}
	l.Press(name, []byte("display clock\r"))
	l.RunFor(time.Second)
	a.close()
	read := func(file string) (*cast.Recording, string) {
		t.Helper()
		r, err := cast.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "typed") {
			t.Errorf("%s has the secret:\n%s", file, text)
		}
		return r, string(text)
	}
	console, text := read(name + ".cast")
	if !strings.Contains(text, `"i", "display clock\r"`) || strings.Contains(text, "local-user eve") || !strings.Contains(text, `"m", "visit `+name) {
		t.Errorf("the console's recording is\n%s", text)
	}
	if _, err := cast.Plan(console, nil); err == nil || !strings.Contains(err.Error(), "over the network") {
		t.Errorf("it can be executed: %v", err)
	}
	for _, n := range []string{"1", "2"} {
		_, text := read(name + "-vty0-" + n + ".cast")
		for _, want := range []string{`"r", "90x30"`, `"r", "100x40"`, `"i", "password simple **************\r"`, `"i", "***************\r"`, `"m", "` + name + ` vty0: local-user eve class manage"`, "vty0 ends"} {
			if !strings.Contains(text, want) {
				t.Errorf("the session's recording lacks %s:\n%s", want, text)
			}
		}
	}
}
