package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// imported imports a transcript and replays the script that comes of it,
// which must pass.
func imported(t *testing.T, text, lab string, args ...string) (script, summary string) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "t.txt"), filepath.Join(dir, "t.console")
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, summary := typed(t, "", append([]string{"import", in, lab, "-o", out}, args...)...)
	if code != 0 {
		t.Fatalf("import: exit %d: %s", code, summary)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, "", "replay", "--lab", lab, out); code != 0 {
		t.Errorf("the script that was imported does not pass:\n%s\n%s", errs, b)
	}
	return string(b), summary
}

// What a console of a lab showed comes back, but for what the other console did.
func TestImportOfOurOwn(t *testing.T) {
	_, text, _ := typed(t, "", "replay", "first-steps/ping", "--device", "F1090")
	script, summary := imported(t, text, "first-steps", "--device", "H3C=F1090")
	if !strings.Contains(summary, ", 0 not; 0 commands refused") || strings.Contains(script, "does not enter") || !strings.Contains(script, "$ import interface gigabitethernet 1/0/1\n") {
		t.Errorf("summary: %s\n%s\n%s", summary, text, script)
	}
}

// Help, a line that was given up, a ping that Ctrl+C ended: they are typed
// again as they were.
func TestImportOfKeys(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keys.console")
	const keys = "@on F1060\n$. display ike ?\n$ sa\n$. display ip ?\n$^X\n$ display clock\n" +
		"$- ping -a 2.2.2.2 -c 1000 -t 1000 3.3.3.3\n@wait /icmp_seq=12 / 30s\n$^C\n"
	if err := os.WriteFile(file, []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	code, text, errs := typed(t, "", "replay", "--lab", defaultLab, file, "--device", "F1060")
	if code != 0 {
		t.Fatal(errs)
	}
	script, summary := imported(t, text, defaultLab, "--device", "H3C=F1060")
	for _, want := range []string{"\n$. display ike ?\n", "\n$ sa\n", "\n$. display ip ?\n", "\n$^X\n$ display clock\n", "\n$- ping -a 2.2.2.2 -c 1000 -t 1000 3.3.3.3\n@advance ",
		"icmp_seq=12 ttl=255 time=1.000 ms\n$^C\n--- Ping statistics for 3.3.3.3 ---\n13 packet(s) transmitted, 12 packet(s) received"} {
		if !strings.Contains(script, want) {
			t.Errorf("the script has no %q:\n%s", want, script)
		}
	}
	if !strings.Contains(summary, "0 commands refused") {
		t.Error(summary)
	}
}

func TestImport(t *testing.T) {
	const text = `a remark
<FW-1>display clock
10:00:01 UTC Mon 01/01/2024
<FW-1>display frobnicate
Frob 1
[FW-1]interface GigabitEthernet1/0/1
[FW-1-GigabitEthernet1/0/1]display this
#
interface GigabitEthernet1/0/1
 port link-mode route
 description a $` + `{b}
#
return
[FW-1-GigabitEthernet1/0/1]return
<FW-1>save
The current configuration will be written to the device. Are you sure? [Y/N]:y
Please input the file name(*.cfg)[flash:/startup.cfg]
(To leave the existing filename unchanged, press the enter key):
<FW-1>display arp
  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
---- More ----                  IP address      MAC address    VLAN/VSI name Interface                Aging Type
`
	script, summary := imported(t, text, "first-steps", "--device", "FW-1=F1090")
	for _, want := range []string{
		"@# before the first prompt: a remark\n", "@on F1090\n$ display clock\n", "@# not shown: Frob 1\n", "@# the lab says:  % Unrecognized command found at '^' position.\n",
		"@# line 6 stands in a view that the transcript does not enter\n$ system-view\n", "@# not shown:  description a ${b}\n", "$ save\n$ y\n",
	} {
		if !strings.Contains(script, want) {
			t.Errorf("the script has no %q:\n%s", want, script)
		}
	}
	if !strings.Contains(summary, "1 commands refused") {
		t.Errorf("summary: %s", summary)
	}

	dir := t.TempDir()
	file := filepath.Join(dir, "t.txt")
	for _, tc := range []struct {
		text string
		args []string
		want string
	}{
		{"nothing\n", nil, "t.txt: nothing is typed in it: no line has a prompt, such as <F1060> or [F1060], with a command behind it"},
		{"\n<Core>x\n", nil, `t.txt:2: the prompt is of "Core", the lab has F1060, F1090; say which it is, as --device Core=F1060`},
		{"<Core>x\n", []string{"--device", "Core=F9"}, `Core is to be "F9", the lab has F1060, F1090`},
		{"<F1060>x\n", []string{"--device", "Core"}, "want NAME=VALUE"},
		{"<F1060>x\n", []string{"-o", file}, "file exists"},
	} {
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := typed(t, "", append([]string{"import", file, "first-steps"}, tc.args...)...); code != 2 || !strings.Contains(errs, tc.want) {
			t.Errorf("%q %v: exit %d, %s, want %s", tc.text, tc.args, code, errs, tc.want)
		}
	}
}

// Several scripts, values for variables, a report.
func TestReplayForCI(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("lab.yaml", "title: t\nlevel: beginner\nstart: 2024-01-01 10:00:00\ndevices:\n  - name: A\n    model: F1060\n")
	write("good.console", "@set line 4\n@include parts/look\n@on A\n$ display clock\n/10:00:/\n")
	write("parts/look.console", "@on A\n$ screen-length disable\n")
	write("bad.console", "@on A\n$ display clock\nnoon\n")
	report := filepath.Join(dir, "report.xml")
	code, _, errs := typed(t, "", "replay", dir+"/good", dir+"/bad", "--junit", report, "--set", "line=5")
	if b, err := os.ReadFile(report); code != 2 || err != nil || !strings.Contains(errs, "variable line is given, but no @set in the script names it") || !strings.Contains(string(b), `tests="1" failures="0" errors="1"`) {
		t.Errorf("exit %d, %v: %s\n%s", code, err, errs, b)
	}
	code, _, errs = typed(t, "", "replay", dir+"/good", dir+"/bad", "--junit", report)
	if b, err := os.ReadFile(report); code != 1 || err != nil || !strings.Contains(errs, "bad.console:3: A at") || strings.Count(string(b), "<testsuite ") != 2 || strings.Count(string(b), "<failure") != 1 {
		t.Errorf("exit %d, %v: %s\n%s", code, err, errs, b)
	}
	if _, out, _ := typed(t, "", "replay", dir+"/good", dir+"/bad"); !strings.HasPrefix(out, "#### "+dir+"/good\n==== A\n") || strings.Count(out, "#### ") != 2 {
		t.Errorf("the transcripts of two scripts are\n%s", out)
	}
	if code, _, errs := typed(t, "", "replay", dir); code != 2 || !strings.Contains(errs, "is a lab, not one of its scripts: bad, good") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := typed(t, "", "replay", dir+"/good", dir+"/bad", "--pcap", report); code != 2 || !strings.Contains(errs, "are for one script") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, out, _ := typed(t, "", "verbs"); code != 0 || !strings.Contains(out, "@take NAME /RE/\n") {
		t.Errorf("verbs: exit %d: %s", code, out)
	}
}
