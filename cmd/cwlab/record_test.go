//go:build !windows

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Secrets as people type them; none may be in what is written.
const (
	pskTyped  = "Xk29-psk-typed"
	userTyped = "Ub73-pass-typed"
	keyTyped  = "Zq41-short-form"
)

// recorded types lines at a console that is recorded and returns the recording.
func recorded(t *testing.T, lines string, args ...string) (file, text string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "a.cast")
	code, out, errs := typed(t, lines, append([]string{"record", "-o", file}, args...)...)
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, string(b)
}

func TestRecordingsAreExecutedAgain(t *testing.T) {
	file, text := recorded(t, "display ike sa\nping -a 2.2.2.2 -c 3 3.3.3.3\ndisplay ike sa\nsystem-view\nsysname\t?\n", defaultLab, "F1060")
	for _, want := range []string{`"i", "display ike sa\r"`, `"m", "F1060: ping -a 2.2.2.2 -c 3 3.3.3.3"`, `"m", "F1090-1: IKE SA with 1.1.1.1 up"`,
		`"m", "F1060: IPsec tunnel to 1.1.1.2 up"`, ` end"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("the recording lacks %s\n%s", want, text)
		}
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitOK || !strings.Contains(errs, "the same to the byte") {
		t.Errorf("executed again: exit %d\n%s", code, errs)
	}

	// One byte that is different is found, with what stood before it.
	bad := strings.Replace(text, "icmp_seq=1 ttl=255", "icmp_seq=1 ttl=254", 1)
	if err := os.WriteFile(file, []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs := typed(t, "", "replay", file)
	line := 1 + strings.Count(bad[:strings.Index(bad, "ttl=254")], "\n")
	want := regexp.MustCompile(`^` + regexp.QuoteMeta(file) + `:` + regexp.QuoteMeta(strconv.Itoa(line)) + `: F1060 at 2022-08-23 \d\d:\d\d:\d\d\.\d{9}: the console shows something else\n` +
		`(?:  .*\n)*  Request time out\n- 56 bytes from 3.3.3.3: icmp_seq=1 ttl=254 .*\n\+ 56 bytes from 3.3.3.3: icmp_seq=1 ttl=255 .*\n$`)
	if code != exitFailed || !want.MatchString(errs) {
		t.Errorf("a difference: exit %d\n%s\nwant\n%s", code, errs, want)
	}

	// An input at another point of the world is another run.
	moved := regexp.MustCompile(`"w", "\d+ F1060"\]\n(\[[0-9.]+, "i", "ping)`).ReplaceAllString(text, `"w", "1 F1060"]`+"\n$1")
	if err := os.WriteFile(file, []byte(moved), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitFailed || !strings.Contains(errs, "it was event 1") {
		t.Errorf("an input that comes too late: exit %d\n%s", code, errs)
	}
}

// A recording whose program was killed is executed to where it breaks off,
// wherever that is.
func TestRecordingsThatBreakOff(t *testing.T) {
	file, text := recorded(t, "system-view\nvlan 7\nquit\n", "first-steps", "F1060")
	lines := strings.SplitAfter(text, "\n")
	for n := 1; n < len(lines)-2; n++ { // the last says that it is the end
		for _, rest := range []string{"", lines[n][:len(lines[n])/2]} {
			if err := os.WriteFile(file, []byte(strings.Join(lines[:n], "")+rest), 0o644); err != nil {
				t.Fatal(err)
			}
			if code, _, errs := typed(t, "", "replay", file); code != exitOK || !strings.Contains(errs, "breaks off") {
				t.Errorf("after %d lines and %q: exit %d\n%s", n, rest, code, errs)
			}
		}
	}
	// What was shown there is compared all the same.
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "System View: return") })
	if err := os.WriteFile(file, []byte(strings.Join(lines[:at], "")+strings.Replace(lines[at], "View", "Vjew", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitFailed || !strings.Contains(errs, "- System Vjew") {
		t.Errorf("a difference before the end: exit %d\n%s", code, errs)
	}
}

// What has happened before the program is killed is in its recording.
func TestRecordingOfTheKilled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.cast")
	c := command("console", "first-steps", "F1060", "--cast", file)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, "display clock\n")
	text, b := "", make([]byte, 4096)
	for !strings.Contains(text, "UTC") {
		n, err := out.Read(b)
		if text += string(b[:n]); err != nil {
			t.Fatal(text, err)
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"m", "F1060: display clock"`) {
		t.Errorf("the recording has %q, %v", text, err)
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitOK || !strings.Contains(errs, "breaks off") {
		t.Errorf("executed: exit %d\n%s", code, errs)
	}
}

// What scripts do, with faults and without people, is recorded alike.
func TestScriptsAreRecorded(t *testing.T) {
	for _, script := range []string{"rbm-ipsec/failure", "branch-nat/tunnel", "ikev2/tunnel"} {
		for _, version := range []string{"2", "3"} {
			file := filepath.Join(t.TempDir(), "a.cast")
			if code, _, errs := typed(t, "", "replay", script, "--cast", file, "--cast-version", version); code != exitOK {
				t.Fatalf("%s: exit %d\n%s", script, code, errs)
			}
			if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), `, "x", "0"]`) != (version == "3") {
				t.Errorf("%s in version %s: the end is not as that version has it, %v", script, version, err)
			}
			if code, _, errs := typed(t, "", "replay", file); code != exitOK {
				t.Errorf("%s in version %s: exit %d\n%s", script, version, code, errs)
			}
		}
	}
}

func TestSecretsAreNotRecorded(t *testing.T) {
	secrets := filepath.Join(t.TempDir(), "secrets")
	lines := "system-view\nike keychain k9\npre-shared-key address 9.9.9.9 255.255.255.0 key simple " + pskTyped + "\n" +
		"display this\nquit\nlocal-user eve class manage\npassword simple " + userTyped + "\ndisplay this\npassword\n" + userTyped + "2\n" + userTyped + "2\n" +
		"quit\nike keychain k8\npre-s add 8.8.8.8 24 key s " + keyTyped + "\ndisplay history-command\ndisplay current-configuration\n"
	file, text := recorded(t, lines, defaultLab, "F1060", "--secrets", secrets)
	for _, bad := range []string{pskTyped, userTyped, keyTyped, "9-psk", "$c$3$A", "$h$6$A"} {
		if i := strings.Index(text, bad); i >= 0 {
			t.Errorf("the recording has %q in %s", bad, text[max(i-200, 0):i+40])
		}
	}
	if !regexp.MustCompile(`cipher \*{20,}\\r`).MatchString(text) || !strings.Contains(text, "key simple **************") {
		t.Errorf("the recording does not show where the secrets were:\n%s", text)
	}
	if leak := regexp.MustCompile(`\$[ch]\$[^*"\\ ]+`).FindString(text); leak != "" {
		t.Errorf("the recording has %q", leak)
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitMisuse || !strings.Contains(errs, "--secrets FILE has them") {
		t.Errorf("without its secrets: exit %d\n%s", code, errs)
	}
	if code, _, errs := typed(t, "", "replay", file, "--secrets", secrets); code != exitOK {
		t.Errorf("with its secrets: exit %d\n%s", code, errs)
	}
	kept, err := os.ReadFile(secrets)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join([]string{pskTyped, userTyped, userTyped + "2", userTyped + "2", keyTyped, ""}, "\n"); string(kept) != want {
		t.Errorf("the secrets kept are\n%s\nwant\n%s", kept, want)
	}
	if fi, err := os.Stat(secrets); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the secrets are readable: %v %v", fi.Mode(), err)
	}
	for name, given := range map[string]string{"too few": pskTyped + "\n", "too long": strings.Replace(string(kept), pskTyped, pskTyped+"x", 1), "too many": string(kept) + "x\n"} {
		if err := os.WriteFile(secrets, []byte(given), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, _ := typed(t, "", "replay", file, "--secrets", secrets); code != exitMisuse {
			t.Errorf("%s: exit %d", name, code)
		}
	}
}

// A person's keys, at the pace of the wall clock, on the full screen.
func TestScreenIsRecorded(t *testing.T) {
	file, secrets := filepath.Join(t.TempDir(), "a.cast"), filepath.Join(t.TempDir(), "s")
	s := sit(t, 80, 24, "record", defaultLab, "-o", file, "--secrets", secrets)
	s.want("<H3C>")
	s.press("display ike sa\r")
	s.want("Flag")
	s.press("\x1c3")
	s.want("[3 F1090-2")
	for _, k := range "system-view\rike keychain kk\rpre-shared-key address 9.9.9.9 key simple " + pskTyped + "x\x7f" {
		s.press(string(k))
	}
	s.want("Xk29")
	s.press("\x1b[D\x1b[Dz\r")
	s.press("\x1b[200~local-user eve class manage\rpassword\r" + userTyped + "\r" + userTyped + "\rquit\rike keychain kk\r\x1b[201~") // pasted
	s.want("was modified")
	s.press("display this\r")
	s.want("pre-shared-key address")
	s.press("\x1cl")
	s.want("Cut, mend")
	s.press("\r\r")
	s.want("down")
	s.press("\x1cq")
	s.end()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "typed") || strings.Contains(string(text), "Xk29") || strings.Contains(string(text), "Ub73") {
		t.Error("the recording has the secret")
	}
	var keys strings.Builder
	for _, m := range regexp.MustCompile(`"i", "(.)"\]`).FindAllStringSubmatch(string(text), -1) {
		keys.WriteString(m[1])
	}
	if strings.Contains(keys.String(), pskTyped[:4]) {
		t.Errorf("the keys recorded are %s", keys.String())
	}
	if !regexp.MustCompile(`"m", "cut \w+"`).Match(text) {
		t.Error("the recording lacks the cable that was cut")
	}
	if code, _, errs := typed(t, "", "replay", file, "--secrets", secrets); code != exitOK {
		t.Errorf("executed again: exit %d\n%s", code, errs)
	}
}

func TestRecordingsThatAreNotExecuted(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct{ text, want string }{
		"foreign": {"{\"version\":2,\"width\":80,\"height\":24}\n", "does not say what was typed"},
		"broken":  {"{\"version\":2,\"width\":80,\"height\":24}\nx\n[", "broken.cast:2: there is 'x'"},
		"visits": {"{\"version\":2,\"width\":80,\"height\":24,\"x-cwlab\":{\"lab\":\"first-steps\",\"console\":\"device\"}}\n[0,\"w\",\"1\"]\n[0,\"m\",\"visit F1060 x\"]\n",
			"visits.cast:2: \"visit F1060 x\" cannot be executed again"},
		"no entry": {"{\"version\":2,\"width\":80,\"height\":24,\"x-cwlab\":{\"lab\":\"first-steps\",\"console\":\"device\"}}\n[0,\"w\",\"x\"]\n[0,\"m\",\"cut a\"]\n",
			"no entry.cast:2: \"w\" begins with \"x\""},
		"no lab": {"{\"version\":2,\"width\":80,\"height\":24,\"x-cwlab\":{\"lab\":\"nosuch\",\"console\":\"device\"}}\n", "no such lab"},
	} {
		file := filepath.Join(dir, name+".cast")
		if err := os.WriteFile(file, []byte(tc.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := typed(t, "", "replay", file); code != exitMisuse || !strings.Contains(errs, tc.want) {
			t.Errorf("%s: exit %d, %swant %s", name, code, errs, tc.want)
		}
	}
	for _, args := range [][]string{{"replay", "x.cast", "--seed", "1"}, {"replay", "rbm-ipsec/failure", "--secrets", "x"}, {"replay", "nosuch.cast"},
		{"record", defaultLab, "--flash", dir}, {"record"}, {"record", defaultLab, "nosuch"}, {"play"}, {"play", "nosuch.cast"},
		{"replay", "rbm-ipsec/failure", "--cast", "x.cast", "--cast-version", "1"}} {
		if code, _, errs := typed(t, "", args...); code != exitMisuse || errs == "" {
			t.Errorf("%v: exit %d\n%s", args, code, errs)
		}
	}
}

// asciinema reads what we write.
func TestAsciinemaPlays(t *testing.T) {
	for _, tool := range []string{"asciinema", "script"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	file := filepath.Join(t.TempDir(), "a.cast")
	if code, _, errs := typed(t, "", "replay", "rbm-ipsec/failure", "--device", "F1060", "--cast", file); code != exitOK {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	_, want, _ := typed(t, "", "replay", "rbm-ipsec/failure", "--device", "F1060")
	for _, how := range []string{"cat", "play -s 1000 -i 0.01"} {
		c := exec.CommandContext(t.Context(), "script", "-qec", "asciinema "+how+" "+file, "/dev/null")
		c.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "ASCIINEMA_CONFIG_HOME="+t.TempDir())
		out, err := c.CombinedOutput()
		got := strings.ReplaceAll(string(out), "\r\r\n", "\r\n")
		if err != nil || !strings.Contains(plainText(got), plainText(want)) {
			t.Errorf("asciinema %s: %v\n%s\nwant\n%s", how, err, got, want)
		}
	}
}

func plainText(s string) string { return strings.ReplaceAll(s, "\r", "") }

// The whole screen, with its secrets hidden while it is recorded.
func TestScreenIsFilmed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.cast")
	s := sit(t, 80, 24, "tui", defaultLab, "--cast", file)
	s.want("<H3C>")
	s.press("system-view\rike keychain kk\rpre-shared-key address 9.9.9.9 key simple " + pskTyped + "\rdisplay this\r")
	s.want("key cipher **")
	s.press("\x1cq")
	s.end()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "typed") || strings.Contains(string(text), "Xk29") || strings.Contains(string(text), "$c$3$") {
		t.Errorf("the recording has the secret:\n%s", text)
	}
	if !strings.Contains(string(text), `"m", "F1060: display this"`) {
		t.Errorf("the recording lacks its markers:\n%s", text)
	}
	code, out, errs := typed(t, "", "play", file, "--export", "text")
	if code != exitOK || !strings.Contains(out, "[1 F1060]") || !strings.Contains(out, " pre-shared-key address 9.9.9.9 255.255.255.255 key cipher **") || !strings.Contains(out, "keys") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if code, _, errs := typed(t, "", "replay", file); code != exitMisuse || !strings.Contains(errs, "pictures of a screen") {
		t.Errorf("executed: exit %d\n%s", code, errs)
	}
}
