package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"cwlab/comware/device"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/pcap"
	"cwlab/sessions"
)

// play replays a script of the case lab and wants it to run to its end.
func play(t *testing.T, script string, o sessions.ReplayOptions) *sessions.Result {
	t.Helper()
	return playIn(t, defaultLab, script, o)
}

// playIn is play in another lab than that of the case.
func playIn(t *testing.T, labName, script string, o sessions.ReplayOptions) *sessions.Result {
	t.Helper()
	def, err := sessions.Load(labName)
	if err != nil {
		t.Fatal(err)
	}
	s, err := loadScript(def, script)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sessions.Replay(def, device.Make, s, o)
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Lab.LoadErrors(); len(e) > 0 {
		t.Fatalf("devices refuse lines of their configuration: %s", strings.Join(e, "\n"))
	}
	if r.Err != nil {
		t.Fatalf("the script did not run to its end: %v\n%s", r.Err, tail(r, 40))
	}
	for _, d := range r.Diffs() {
		t.Error(d)
	}
	return r
}

func tail(r *sessions.Result, n int) string {
	var b bytes.Buffer
	r.WriteTranscript(&b)
	lines := strings.Split(b.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// consoleLines are the lines that a console showed, right-trimmed.
func consoleLines(r *sessions.Result, name string) []string {
	lines := strings.Split(strings.ReplaceAll(string(r.Console(name)), "\r", ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// cases are the scripts of the published case, with the console that its
// excerpt was taken from.
var cases = []struct{ script, device, excerpt string }{
	{"failure", "F1060", "ping-before-dpd"},
	{"diagnosis", "F1090-2", "debug-rbm-s"},
	{"dpd", "F1060", "ping-after-dpd"},
}

// follow finds where lines follow an excerpt the longest: for n of its lines,
// until line at.
func follow(t *testing.T, excerpt string, lines []string) (n int, want []string, at int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "sessions", "testdata", "case", excerpt+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	want = strings.Split(strings.TrimRight(strings.ReplaceAll(string(text), "\r", ""), "\n"), "\n")
	for i := range want {
		want[i] = strings.TrimRight(want[i], " ")
	}
	for i := range lines {
		k := 0
		for k < len(want) && i+k < len(lines) && lines[i+k] == want[k] {
			k++
		}
		if k > n {
			n, at = k, i+k
		}
	}
	return n, want, at
}

// TestCase replays the scripts of the published case and looks for its
// excerpts as consecutive lines of the console they were taken from.
func TestCase(t *testing.T) {
	for _, c := range cases {
		t.Run(c.script, func(t *testing.T) {
			got := consoleLines(play(t, c.script, sessions.ReplayOptions{Compare: true}), c.device)
			n, want, at := follow(t, c.excerpt, got)
			if n == len(want) {
				return
			}
			t.Errorf("console of %s follows %s for %d of %d lines; then it shows\n%s\nwant\n%s", c.device, c.excerpt, n, len(want),
				strings.Join(got[at:min(len(got), at+8)], "\n"), strings.Join(want[n:min(len(want), n+8)], "\n"))
		})
	}
}

// captured is a replay with the capture of every frame.
func captured(t *testing.T, labName, script string, o sessions.ReplayOptions) (*sessions.Result, []byte) {
	t.Helper()
	var file bytes.Buffer
	var w *pcap.Capture
	o.Opened = func(l *lab.Lab) {
		var err error
		if w, err = pcap.Start(unclosed{&file}, l.Network(), pcap.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	r := playIn(t, labName, script, o)
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	return r, file.Bytes()
}

// unclosed is a writer that needs no closing.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func TestSameSeedSameBytes(t *testing.T) {
	same := func(labName, script string, o lab.Options) (capture []byte) {
		a, captureA := captured(t, labName, script, sessions.ReplayOptions{Options: o})
		b, captureB := captured(t, labName, script, sessions.ReplayOptions{Options: o})
		for _, d := range a.Lab.Devices() {
			if !bytes.Equal(a.Console(d.Name()), b.Console(d.Name())) {
				t.Errorf("%s/%s: two runs of seed %d differ on the console of %s", labName, script, o.Seed, d.Name())
			}
		}
		if !bytes.Equal(captureA, captureB) {
			t.Errorf("%s/%s: two runs of seed %d differ in their capture", labName, script, o.Seed)
		}
		return captureA
	}
	for _, l := range sessions.Labs() {
		for _, s := range l.Scripts {
			same(l.Name, s.Name, lab.Options{Seed: 1})
		}
	}
	for _, script := range []string{"failure", "diagnosis", "dpd"} {
		if bytes.Equal(same(defaultLab, script, lab.Options{Seed: 7, Free: true}), same(defaultLab, script, lab.Options{Seed: 8, Free: true})) {
			t.Errorf("%s: another seed gives the same capture", script)
		}
	}
}

// kind is a line with its numbers left out: what is the same whatever the
// seed.
var (
	inHex   = regexp.MustCompile(`(?i)(cookie|id|spi|thread)([: ]+)(0x)?[0-9a-f]+\b`)
	inDigit = regexp.MustCompile(`[0-9]+`)
)

func kind(line string) string {
	line = inHex.ReplaceAllString(line, "$1$2#")
	return inDigit.ReplaceAllString(line, "#")
}

// TestTapeAloneMakesTheCase runs the scripts with the tape and other seeds:
// what the excerpts show hangs on nothing that the tape does not fix.
func TestTapeAloneMakesTheCase(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		for _, c := range cases {
			got := consoleLines(play(t, c.script, sessions.ReplayOptions{Options: lab.Options{Seed: seed}}), c.device)
			if n, want, _ := follow(t, c.excerpt, got); n != len(want) {
				t.Errorf("seed %d: console of %s follows %s for %d of %d lines", seed, c.device, c.excerpt, n, len(want))
			}
		}
	}
}

func kinds(lines []string) []string {
	var all []string
	for _, l := range lines {
		all = append(all, kind(l))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestFreeTellsTheSameStory runs the scripts with another seed and without
// the tape: other numbers, the same kinds of messages, each cause before its
// effects.
func TestFreeTellsTheSameStory(t *testing.T) {
	free := lab.Options{Seed: 2, Free: true}
	t.Run("failure", func(t *testing.T) {
		got := consoleLines(play(t, "failure", sessions.ReplayOptions{Options: free}), "F1060")
		wantOrder(t, got, `icmp_seq=30 ttl=255`, `^Request time out`, `packet loss`, `icmp_seq=2 ttl=255`)
	})
	t.Run("diagnosis", func(t *testing.T) {
		taped := play(t, "diagnosis", sessions.ReplayOptions{Options: lab.Options{Seed: 1}})
		r := play(t, "diagnosis", sessions.ReplayOptions{Options: free})
		got, want := consoleLines(r, "F1090-2"), consoleLines(taped, "F1090-2")
		if g, w := kinds(got), kinds(want); !slices.Equal(g, w) {
			t.Errorf("kinds of lines are\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
		}
		if slices.Equal(got, want) {
			t.Error("another seed shows the same numbers")
		}
		wantOrder(t, got, `changed from Backup to Master: Controlled by RBM`, `message type is 8`, `message type is 6`, `no IKE SA exists`,
			`exchange mode: Info`, `length: 84`, `IKE SA is inexistent`)
	})
	t.Run("dpd", func(t *testing.T) {
		got := consoleLines(play(t, "dpd", sessions.ReplayOptions{Options: free}), "F1060")
		wantOrder(t, got, `icmp_seq=99 ttl=255`, `^Request time out`, `icmp_seq=1[0-9][0-9] ttl=255`)
	})
}

// wantOrder wants lines that match the patterns, one after the other.
func wantOrder(t *testing.T, lines []string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		re := regexp.MustCompile(p)
		i := slices.IndexFunc(lines, re.MatchString)
		if i < 0 {
			t.Errorf("no line matches %s after those before", p)
			return
		}
		lines = lines[i+1:]
	}
}

// TestPrintedNumbersAreThoseOfTheFrames compares the cookies and message IDs
// that debugging prints with the ISAKMP headers that were on the wire.
func TestPrintedNumbersAreThoseOfTheFrames(t *testing.T) {
	onWire := map[string]bool{}
	r := play(t, "diagnosis", sessions.ReplayOptions{Compare: true, Opened: func(l *lab.Lab) {
		l.Network().Tap(func(_ *link.Port, _ time.Time, frame []byte) {
			p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.NoCopy)
			udp, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
			if !ok || udp.DstPort != 500 {
				return
			}
			var h isakmp.Header
			if err := h.UnmarshalBinary(udp.Payload); err != nil {
				t.Errorf("a datagram to port 500 is no ISAKMP message: %v", err)
				return
			}
			onWire[fmt.Sprintf("%x %x %x %d", h.Initiator[:], h.Responder[:], h.MessageID, h.Length)] = true
		})
	}})
	lines := consoleLines(r, "F1090-2")
	found := 0
	for i, l := range lines {
		if !strings.HasPrefix(l, "I-Cookie: ") || i+7 >= len(lines) {
			continue
		}
		found++
		value := func(n int) string {
			_, v, _ := strings.Cut(lines[i+n], ": ")
			return v
		}
		key := fmt.Sprintf("%s %s %s %s", pad(value(0)), pad(value(1)), value(6), value(7))
		if !onWire[key] {
			t.Errorf("the console prints a message %s that was not on the wire", key)
		}
	}
	if found == 0 {
		t.Error("the console prints no ISAKMP header")
	}
}

func pad(hex string) string { return strings.Repeat("0", max(0, 16-len(hex))) + hex }
