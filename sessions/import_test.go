package sessions

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"cwlab/emulator/emutest"
)

// A transcript of any kind is refused or becomes a script that parses and
// passes on the lab that it was made on.
func checkImport(t *testing.T, text string) *Imported {
	t.Helper()
	def := toys(t)
	devices := map[string]string{}
	for _, x := range func() []exchange { all, _, _ := readTranscript(text); return all }() {
		if x.host != "A" && x.host != "B" {
			devices[x.host] = def.Devices[len(x.host)%2].Name
		}
	}
	imp, err := Import(def, emutest.Make, "t ${x}\n.txt", text, devices)
	if err != nil {
		return nil
	}
	s, err := ParseScript("t.console", imp.Script)
	if err != nil {
		t.Fatalf("%v, of\n%q\nin\n%s", err, text, imp.Script)
	}
	r, err := Replay(def, emutest.Make, s, ReplayOptions{Compare: true})
	if err != nil {
		t.Fatal(err)
	}
	if imp.Err == nil && !r.OK() {
		t.Fatalf("%v %v, of\n%q\nin\n%s", r.Err, r.Diffs(), text, imp.Script)
	}
	return imp
}

// messy are logs as people paste them.
var messy = []string{
	"<A>say hello\nhello\n<B>draw\n17\n",
	"a banner\r\n\r\n<A>say ${x} \\ ~ / @ $\r\n${x} \\ ~ / @ $\r\n<A>say ...\r\n...\r\n",
	"<A>ask\nsure? [Y/N]:y\ngot y\n<A>^C\n<A>^c\n<A>^1\n<A>hang\n^C\n<A>say x\n",
	"<A>say /a/\n/a/\n<A>say ~5% b\n~5% b\n<A>say \\c\n\\c\n<A>say\n@on\n<A>",
	"[2022-08-23 15:42:41] <A>say one\n[2022-08-23 16:21:07] one\n[2022-08-23 15:42:43] <A>say two\n[2022-08-23 15:42:43] two\n",
	"<A>sa%Aug 23 16:21:07:734 2022 A VRRP4/6/X: one\n\n<A>say x\nx\n",
	"<A>sa\n%Aug 23 16:21:07:734 2022 A VRRP4/6/X: one\nmore of it\n\n<A>say x\nx\n",
	"<A>say ?\n  TEXT  what to say\n\n<A>say x\nunknown\n<A>help ?\n<A>draw\n",
	"<A>count 3\nline 1\n---- More ----\x1b[16D                \x1b[16Dline 2\n  ---- More ----[16D                [16Dline 3\n",
	"<A>\x1b]0;title\x07say \x1b[1mx\x1b[0m\ty\x01\x7f\nx y\n",
	"[A]say x\n[A-view]say y\n[A-view]quit\n<A>say z\n<A>system-view\n[A]return\n",
	"RBM_P@A>say x\nx\nRBM_P[A]say y\nRBM_P<A>\n<A>sysname B\n[B]say q\n",
	"\xef\xbb\xbf<A>say \xd6\xd0\xce\xc4\n\xd6\xd0\xce\xc4\n", "```\n<A>say x\nx\n```\n",
}

// TestImportOfMessyLogs holds what comes of some of them.
func TestImportOfMessyLogs(t *testing.T) {
	for _, text := range messy {
		if imp := checkImport(t, text); imp == nil {
			t.Errorf("nothing comes of %q", text)
		}
		checkImport(t, strings.ReplaceAll(text, "\n", "\r\n"))
	}
	wide := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune("<A>say x\r\nx\r\n")) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for _, tt := range []struct {
		text string
		want []string // of the script
	}{
		{messy[0], []string{"@on A\n$ say hello\nhello\n@on B\n$ draw\n~ 17\n"}},
		{messy[4], []string{"$ say one\none\n$ say two\ntwo\n"}},
		{messy[5], []string{"@start 2022-08-23 16:21:07\n@on A\n$ say x\nx\n"}},
		{messy[6], []string{"@on A\n$ say x\nx\n"}},
		{messy[7], []string{"$. say ?\n", "\n$ x\n", "$. help ?\n", "\n$^X\n", "\n$ draw\n"}},
		{messy[8], []string{"line 1\nline 2\nline 3\n"}},
		{messy[9], []string{"$ say x y\nx y\n"}},
		{messy[13], []string{"$ say x\nx\n"}},
		{string(wide), []string{"$ say x\nx\n"}},
	} {
		imp := checkImport(t, tt.text)
		if imp == nil {
			t.Errorf("nothing comes of %q", tt.text)
			continue
		}
		at := 0
		for _, w := range tt.want {
			i := strings.Index(imp.Script[at:], w)
			if i < 0 {
				t.Errorf("%q becomes\n%s\nwithout %q", tt.text, imp.Script, w)
				break
			}
			at += i
		}
	}
	for _, text := range []string{"", "nothing", "<A>\n<A>\n", "RBM_S@A>Aug 23 16:21:07:734 2022 A VRRP4/6/X: one\n*Aug 23 16:21:07:735 2022 A IKE/7/EVENT: two\n"} {
		if _, err := Import(toys(t), emutest.Make, "t.txt", text, nil); err == nil || !strings.Contains(err.Error(), "nothing is typed") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestBrokenPing(t *testing.T) {
	reply, lost := "56 bytes from 3.3.3.3: icmp_seq=1 ttl=255 time=2.000 ms", "Request time out"
	end := func(n string) []string {
		return []string{"", "--- Ping statistics for 3.3.3.3 ---", n + " packet(s) transmitted, 1 packet(s) received"}
	}
	for _, tt := range []struct {
		command string
		output  []string
		at      int
		stay    time.Duration
		ok      bool
	}{
		{"ping 3.3.3.3", append([]string{reply, reply}, end("5")...), 0, 0, false},
		{"ping 3.3.3.3", append([]string{reply, reply}, end("3")...), 2, 300 * time.Millisecond, true},
		{"pin -c 9 -m 1000 3.3.3.3", append([]string{reply, "^C"}, end("2")...), 1, 500 * time.Millisecond, true},
		{"ping -t 500 3.3.3.3", append([]string{lost, reply}, end("3")...), 2, 800 * time.Millisecond, true},
		{"ping 3.3.3.3", []string{reply, reply}, 0, 0, false},
		{"display x", append([]string{reply}, end("1")...), 0, 0, false},
		{"ping", end("1"), 0, 0, false},
		{"ping -c x 3.3.3.3", end("1"), 0, 0, true},
	} {
		if at, stay, ok := brokenPing(tt.command, tt.output); at != tt.at || stay != tt.stay || ok != tt.ok {
			t.Errorf("%q %q: %d, %v, %v", tt.command, tt.output, at, stay, ok)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, text := range messy {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 2000 && strings.Count(text, "count") < 3 {
			checkImport(t, text)
		}
	})
}
