//go:build !windows

package main

import (
	"os"
	"path/filepath"
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
	l.SetPace(lab.Pace{Speed: hurry})
	l.Start(t.Context())
	defer l.Stop()
	shows := func(c *lab.Console, count int, text string) {
		t.Helper()
		for end := time.After(20 * time.Second); ; {
			b, _, _ := c.Read(0, -1)
			if strings.Count(string(b), text) >= count {
				return
			}
			select {
			case <-l.Changed():
			case <-end:
				t.Fatalf("it does not show %q %d times, but %q", text, count, b)
			}
		}
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
		shows(line.Console(), 1, "<H3C>")
		line.Type([]byte("system-view\rlocal-user eve class manage\rpassword simple " + pskTyped + "\rpassword\r" + userTyped + "\r" + userTyped + "\r"))
		shows(line.Console(), 3, "[H3C-luser-manage-eve]")
		line.Resize(100, 40)
		line.Close()
		<-line.Over()
		if err := v.Leave(false); err != nil {
			t.Fatal(err)
		}
	}
	l.Type(name, []byte("display clock\r"))
	shows(l.Console(name), 1, "UTC")
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
		if !strings.HasSuffix(text, ` "m", "`+name+` vty0 ends"]`+"\n") || strings.Count(text, `"i", "system-view\r"`) != 1 {
			t.Errorf("the recording does not end with its session:\n%s", text)
		}
		for _, want := range []string{`"r", "90x30"`, `"r", "100x40"`, `"i", "password simple **************\r"`, `"i", "***************\r"`, `"m", "` + name + ` vty0: local-user eve class manage"`, "vty0 ends"} {
			if !strings.Contains(text, want) {
				t.Errorf("the session's recording lacks %s:\n%s", want, text)
			}
		}
	}
}
