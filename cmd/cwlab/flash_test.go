package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlashOutlivesTheProgram saves a configuration and makes a file, and
// finds both in a lab that is opened later.
func TestFlashOutlivesTheProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flash")
	args := []string{"console", defaultLab, "F1090-2", "--console", "device", "--flash", dir}
	code, _, errs := typed(t, "system-view\nsysname Kept\nreturn\nsave force\nmkdir logs\ndisplay clock > logs/now.txt\ndelete logs/now.txt\ny\nstartup saved-configuration startup.cfg backup\n", args...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, errors %q", code, errs)
	}
	text, err := os.ReadFile(filepath.Join(dir, defaultLab, "F1090-2", "flash", "startup.cfg"))
	if err != nil || !strings.Contains(string(text), "\n sysname Kept\n") {
		t.Errorf("the file on disk is %q, %v", text, err)
	}
	code, out, errs := typed(t, "undelete logs/now.txt\ny\nmore logs/now.txt\ndisplay startup\n", args...)
	if code != 0 || errs != "" || !strings.Contains(out, "<Kept>more logs/now.txt") || !strings.Contains(out, "UTC") || !strings.Contains(out, "backup startup saved-configuration file: flash:/startup.cfg\r\n") {
		t.Errorf("exit %d, errors %q, shows\n%s", code, errs, out)
	}
	// Without the flag nothing of it is seen.
	if _, out, _ := typed(t, "", "console", defaultLab, "F1090-2", "--console", "device"); strings.Contains(out, "Kept") {
		t.Errorf("without a flash the console shows %q", out)
	}
	if code, _, errs := typed(t, "", "console", defaultLab, "--flash", filepath.Join(dir, defaultLab, "F1090-2", "startup")); code != 2 {
		t.Errorf("a file for a folder: exit %d, errors %q", code, errs)
	}
}

func TestCheckTakesTheModelFromTheLab(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "edge.cfg")
	if err := os.WriteFile(file, []byte("#\n sysname A\n bogus\n#\nreturn\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		lab, flag string // models of the lab.yaml and the flag, "" for none
		code      int
		want      string
	}{
		{"", "", 1, "edge.cfg:3: bogus: % Unrecognized command found at '^' position."},
		{"", "F9", 2, `unknown model "F9"`},
		{"F8", "F1060", 2, `unknown model "F8"`},
		{"F1060", "F9", 1, "edge.cfg:3: bogus: "},
	} {
		yaml := filepath.Join(dir, "lab.yaml")
		_ = os.Remove(yaml)
		if tc.lab != "" {
			if err := os.WriteFile(yaml, []byte("title: x\ndevices:\n  - name: edge\n    model: "+tc.lab+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		args := []string{"check", file}
		if tc.flag != "" {
			args = append(args, "--model", tc.flag)
		}
		if code, out, errs := typed(t, "", args...); code != tc.code || !strings.Contains(out+errs, tc.want) {
			t.Errorf("%+v: exit %d, shows %q, errors %q", tc, code, out, errs)
		}
	}
}
