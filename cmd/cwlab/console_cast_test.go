package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The console of a pipe, and the consoles of an operator who plays a script,
// which opens the lab anew.
func TestConsolesAreRecorded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.cast")
	for _, tc := range []struct {
		in    string
		args  []string
		files []string
		want  string
	}{
		{"display clock\n", []string{"console", "first-steps", "F1060", "--cast", file}, []string{file}, `"i", "display clock\r"`},
		{"cut wan\npower off F1090-1\nspeed 1000\nplay dpd\n", []string{"console", defaultLab, "--cast", file, "--cast-version", "3"}, []string{file, numbered(file, 2)}, `"m", "power F1090-1 false"`},
	} {
		if code, out, errs := typed(t, tc.in, tc.args...); code != exitOK {
			t.Fatalf("%v: exit %d\n%s%s", tc.args, code, out, errs)
		}
		for i, f := range tc.files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 && !strings.Contains(string(text), tc.want) {
				t.Errorf("%v: the recording lacks %s:\n%s", tc.args, tc.want, text)
			}
			if code, _, errs := typed(t, "", "replay", f); code != exitOK {
				t.Errorf("%v: %s executed again: exit %d\n%s", tc.args, f, code, errs)
			}
		}
	}
}
