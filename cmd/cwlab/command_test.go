package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cwlab/sessions"
)

// typed runs the command with a pipe on standard input.
func typed(t *testing.T, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		w.WriteString(input)
		w.Close()
	}()
	defer r.Close()
	var o, e bytes.Buffer
	code = run(t.Context(), args, streams{in: r, out: &o, err: &e})
	return code, o.String(), e.String()
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	broken := filepath.Dir(write("broken/lab.yaml", "title: x\ndevices:\n  - name: A\n    model: F1\nlinks: 3\n"))
	model := filepath.Dir(write("model/lab.yaml", "title: x\ndevices:\n  - name: A\n    model: F1\n"))
	good := filepath.Dir(write("good/lab.yaml", "title: x\ndevices:\n  - name: A\n    model: F1060\n"))
	write("good/bad.console", "@on A\n@jump\n")
	write("good/other.console", "@on B\n$ x\n")
	write("good/differs.console", "@on A\n$ display history-command\nwrong\n")
	for _, tc := range []struct {
		args []string
		code int
		want string // in the errors
	}{
		{[]string{"console", "nowhere"}, 2, `no such lab: "nowhere" (there is`},
		{[]string{"console", "./nowhere"}, 2, "no such file"},
		{[]string{"console"}, 2, "cwlab console wants LAB [DEVICE]"},
		{[]string{"console", defaultLab, "F9"}, 2, `has no device "F9", it has F1060, F1090-1, F1090-2`},
		{[]string{"console", defaultLab, "F1060", "x"}, 2, `"x" is too much`},
		{[]string{"console", broken}, 2, "lab.yaml:5:8: "},
		{[]string{"console", model, "A"}, 1, `device A: unknown model "F1"`},
		{[]string{"replay", defaultLab}, 2, "want LAB/SCRIPT"},
		{[]string{"replay", defaultLab + "/x"}, 2, `has no script "x", it has diagnosis, dpd, failure`},
		{[]string{"replay", good + "/bad"}, 2, "bad.console:2: verb is @jump"},
		{[]string{"replay", good + "/other.console"}, 2, `other.console:1: device is "B", the lab has A`},
		{[]string{"replay", good + "/differs"}, 1, "differs.console:3: A at "},
		{[]string{"replay", defaultLab + "/dpd", "--device", "X"}, 2, `has no device "X"`},
		{[]string{"replay", defaultLab + "/dpd", "--update"}, 2, "is built in"},
		{[]string{"replay", "--console", "blue", defaultLab + "/dpd"}, 2, `console style is "blue"`},
		{[]string{"replay", "--seed", "x", defaultLab + "/dpd"}, 2, "seed"},
		{[]string{"replay", "--nosuch", defaultLab + "/dpd"}, 2, "nosuch"},
		{[]string{"replay", "--bridge", "F1060=tap:cw0", defaultLab + "/dpd"}, 2, `bridge is "F1060=tap:cw0", want DEVICE:PORT=tap:NAME`},
		{[]string{"replay", "--bridge", "F1060:GigabitEthernet1/0/2=tap:a name", defaultLab + "/dpd"}, 1, "tap a name: "},
		{[]string{"check"}, 2, "cwlab check wants FILE.cfg"},
		{[]string{"check", "/nowhere.cfg"}, 2, "no such file"},
		{[]string{"labs", "x"}, 2, `"x" is too much, it wants no argument`},
		{[]string{"nosuchverb"}, 2, `no such lab: "nosuchverb"`},
	} {
		code, _, errs := typed(t, "", tc.args...)
		if code != tc.code || !strings.Contains(errs, tc.want) {
			t.Errorf("%v: exit %d, errors %q, want %d and %q", tc.args, code, errs, tc.code, tc.want)
		}
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	for _, args := range [][]string{
		{"console", "--console", "device", defaultLab, "F1090-1"},
		{"console", defaultLab, "--console=device", "F1090-1"},
		{"console", defaultLab, "F1090-1", "-console", "device"},
		{"--console=device", "console", defaultLab, "F1090-1"},
	} {
		code, out, errs := typed(t, "", args...)
		if code != 0 || out != "RBM_P<H3C>" || errs != "" {
			t.Errorf("%v: exit %d, shows %q, errors %q", args, code, out, errs)
		}
	}
}

func TestConsoleOnAPipe(t *testing.T) {
	code, out, errs := typed(t, "ping -c 2 127.0.0.1\nsystem-view\r\nquit", "console", defaultLab, "F1060")
	if code != 0 || errs != "" {
		t.Errorf("exit %d, errors %q", code, errs)
	}
	lines := strings.Split(strings.ReplaceAll(out, "\r", ""), "\n")
	wantOrder(t, lines, `^<H3C>ping -c 2 127.0.0.1$`, `icmp_seq=1 `, `^2 packet`, `system-view$`, `^\[H3C\]quit$`, `^<H3C>$`)

	code, out, _ = typed(t, "ping -c 4294967295 127.0.0.1\n\x03display clock\n", "console", defaultLab, "F1060")
	if code != 0 || !strings.Contains(out, "packet loss") || !strings.Contains(out, "UTC") {
		t.Errorf("Ctrl+C on a pipe: exit %d, shows %q", code, out)
	}

	code, out, _ = typed(t, "display current-configuration\n", "console", defaultLab, "F1060")
	if code != 0 || !strings.Contains(out, "\nreturn\r\n") {
		t.Errorf("the pages of a long output do not all come: exit %d, ends in %q", code, out[max(0, len(out)-200):])
	}

	code, out, _ = typed(t, "display current-configuration\ndisplay clock\n", "console", defaultLab, "F1060")
	if code != 0 || !strings.Contains(out, "display clock\r\n") || !strings.Contains(out, "UTC") {
		t.Errorf("a line after a long output: exit %d, ends in %q", code, out[max(0, len(out)-200):])
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var o, e bytes.Buffer
	if code := run(ctx, []string{"console", defaultLab, "F1060"}, streams{in: r, out: &o, err: &e}); code != 0 {
		t.Errorf("an interrupted console exits %d: %s", code, e.String())
	}
}

func TestLineOfAPipe(t *testing.T) {
	for _, tc := range []struct{ in, keys, rest string }{
		{"a\nb", "a\n", "b"}, {"a\r\nb", "a\r\n", "b"}, {"a\rb", "a\r", "b"}, {"a\r", "a\r", ""},
		{"ab", "ab", ""}, {"a\x03b", "a", "\x03b"}, {"\x03b", "\x03", "b"}, {"\n", "\n", ""},
	} {
		if keys, rest := line([]byte(tc.in)); string(keys) != tc.keys || string(rest) != tc.rest {
			t.Errorf("%q is cut into %q and %q, want %q and %q", tc.in, keys, rest, tc.keys, tc.rest)
		}
	}
}

func TestReplayOneConsole(t *testing.T) {
	capture := filepath.Join(t.TempDir(), "x.pcapng")
	code, out, errs := typed(t, "", "replay", defaultLab+"/dpd", "--free", "--seed", "3", "--device", "F1060", "--pcap", capture)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, errors %q", code, errs)
	}
	if !strings.HasPrefix(out, "<H3C>system-view\r\n") || strings.Contains(out, "====") {
		t.Errorf("shows %q", out[:min(len(out), 200)])
	}
	if fi, err := os.Stat(capture); err != nil || fi.Size() < 1000 {
		t.Errorf("capture: %v", err)
	}
	_, device, _ := typed(t, "", "replay", defaultLab+"/dpd", "--console", "device")
	if !strings.Contains(device, "==== F1090-1\n") || !strings.Contains(device, "RBM_P<H3C>") || strings.Contains(device, "@H3C") {
		t.Errorf("--console device shows %q", device[:min(len(device), 400)])
	}
}

func TestReplayUpdate(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"lab.yaml":  "title: x\ndevices:\n  - name: A\n    model: F1060\n",
		"s.console": "@on A\n$ ping -c 1 127.0.0.1\nwrong\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, _ := typed(t, "", "replay", dir+"/s"); code != 1 {
		t.Errorf("a script that differs exits %d", code)
	}
	if code, _, errs := typed(t, "", "replay", dir+"/s", "--update"); code != 0 || !strings.Contains(errs, "1 expectations rewritten") {
		t.Errorf("--update exits %d: %s", code, errs)
	}
	if code, _, errs := typed(t, "", "replay", dir+"/s"); code != 0 {
		t.Errorf("the updated script exits %d: %s", code, errs)
	}
}

func TestCheckTheShippedConfigurations(t *testing.T) {
	files, err := filepath.Glob("../../sessions/labs/*/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatal("no configurations found")
	}
	for _, f := range files {
		if code, out, errs := typed(t, "", "check", f); code != 0 || out != "" {
			t.Errorf("check %s: exit %d\n%s%s", f, code, out, errs)
		}
	}
	bad := filepath.Join(t.TempDir(), "bad.cfg")
	if err := os.WriteFile(bad, []byte("#\n sysname X\n frobnicate\n#\nreturn\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := typed(t, "", "check", bad); code != 1 || !strings.HasPrefix(out, bad+":3: frobnicate: ") {
		t.Errorf("check of a bad line: exit %d, shows %q", code, out)
	}
}

// A shipped configuration is what display current-configuration prints.
func TestShippedConfigurationsAreWhatDevicesPrint(t *testing.T) {
	def, err := sessions.Load(defaultLab)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range def.Devices {
		_, out, _ := typed(t, "screen-length disable\ndisplay current-configuration\n", "console", defaultLab, d.Name)
		out = strings.ReplaceAll(out, "\r", "")
		_, out, _ = strings.Cut(out, "display current-configuration\n")
		out, _, _ = strings.Cut(out, "\nreturn\n")
		if out += "\nreturn\n"; out != d.Config {
			t.Errorf("%s prints\n%s\nits file is\n%s", d.Name, out, d.Config)
		}
	}
}

func TestLists(t *testing.T) {
	for _, tc := range []struct{ verb, want string }{
		{"labs", defaultLab + "/failure"},
		{"coverage", "config-only"},
		{"version", "cwlab "},
		{"help", "cwlab replay LAB/SCRIPT"},
	} {
		if code, out, errs := typed(t, "", tc.verb); code != 0 || !strings.Contains(out, tc.want) || errs != "" {
			t.Errorf("%s: exit %d, errors %q, shows %q", tc.verb, code, errs, out)
		}
	}
	if code, out, _ := typed(t, "", "replay", "-h"); code != 0 || !strings.Contains(out, "-pcap") {
		t.Errorf("replay -h: exit %d, shows %q", code, out)
	}
}

// Every script that ships shows what it expects.
func TestShippedScriptsMatch(t *testing.T) {
	for _, l := range sessions.Labs() {
		for _, s := range l.Scripts {
			if code, _, errs := typed(t, "", "replay", l.Name+"/"+s.Name); code != 0 || errs != "" {
				t.Errorf("replay %s/%s: exit %d\n%s", l.Name, s.Name, code, errs)
			}
		}
	}
}
