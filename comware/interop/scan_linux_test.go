package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cwlab/emulator/lab"
)

// scan runs a program in the daemon's namespace.
func (c *charon) scan(program string, args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "nsenter", append([]string{fmt.Sprintf("--net=/proc/%d/ns/net", c.proc.Pid), program}, args...)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// ike-scan reads what the device answers to a first message, and the program
// that guesses keys from it finds the right one: so the responder's hash is
// that of RFC 2409 section 5.
func TestScans(t *testing.T) {
	for _, p := range []string{"ike-scan", "psk-crack", "nsenter"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("there is no %s", p)
		}
	}
	c := startCharon(t) // whose namespace is used
	b := join(t, c, settings{profile: " exchange-mode aggressive"})
	file, words := filepath.Join(c.dir, "guess"), filepath.Join(c.dir, "words")
	if err := os.WriteFile(words, []byte("123456\nsecret\n"+psk+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const offer = "--trans=1,2,1,1" // DES, SHA1, pre-shared key, group 1
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"main mode", []string{offer}, []string{"Main Mode Handshake returned", "Enc=DES Hash=SHA1", "Group=1:modp768", "LifeDuration(4)=0x00007080"}},
		{"NAT traversal", []string{offer, "--vendor=4a131c81070358455c5728f20e95452f"}, []string{"VID=4a131c81070358455c5728f20e95452f"}},
		{"no proposal", []string{"--trans=5,1,1,2"}, []string{"NO-PROPOSAL-CHOSEN"}},
		{"aggressive mode", []string{offer, "-A", "--dhgroup=1", "--id=0x0a630002", "--idtype=1", "--pskcrack=" + file},
			[]string{"Aggressive Mode Handshake returned", "KeyExchange(96 bytes)", "Hash(20 bytes)", "ID(Type=ID_IPV4_ADDR, Value=" + oursAddr + ")", "VID=afcad71368a1f1c96b8696fc77570100"}},
	} {
		args := append([]string{"-M", "--sport=0", "--retry=1", "--timeout=2000"}, tt.args...)
		out := c.scan("ike-scan", append(args, oursAddr)...)
		for _, w := range tt.want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: ike-scan does not show %q but\n%s\nconsole:\n%s", tt.name, w, out, b.since(0))
			}
		}
	}

	// The vendor IDs are these and no others: RFC 3947's where the initiator
	// has it, and that of RFC 3706 with the first message that proves a key.
	rfc3947, rfc3706 := "4a131c81070358455c5728f20e95452f", "afcad71368a1f1c96b8696fc77570100"
	fast := []string{offer, "-A", "--dhgroup=1", "--id=0x0a630002", "--idtype=1"}
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"main mode", []string{offer}, nil},
		{"main mode, NAT traversal", []string{offer, "--vendor=" + rfc3947}, []string{rfc3947}},
		{"aggressive mode", fast, []string{rfc3706}},
		{"aggressive mode, NAT traversal", append(slices.Clone(fast), "--vendor="+rfc3947), []string{rfc3947, rfc3706}},
	} {
		out := c.scan("ike-scan", append(append([]string{"-M", "--sport=0", "--retry=1", "--timeout=2000"}, tt.args...), oursAddr)...)
		var got []string
		for _, m := range regexp.MustCompile(`VID=([0-9a-f]+)`).FindAllStringSubmatch(out, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: the vendor IDs are %q, want %q:\n%s", tt.name, got, tt.want, out)
		}
	}
	if out := c.scan("psk-crack", "-d", words, file); !strings.Contains(out, `key "`+psk+`" matches`) {
		t.Errorf("psk-crack does not find the key:\n%s", out)
	}
}

// ike-scan waits for repetitions: a responder of main mode leaves them to the
// initiator, one of aggressive mode repeats its answer three times, 4 seconds
// apart. Time passes four times as fast here.
func TestRetransmissionPattern(t *testing.T) {
	if _, err := exec.LookPath("ike-scan"); err != nil {
		t.Skip("there is no ike-scan")
	}
	c := startCharon(t) // whose namespace is used
	b := join(t, c, settings{profile: " exchange-mode aggressive"})
	b.lab.SetPace(lab.Pace{Speed: 4})
	const offer = "--trans=1,2,1,1" // DES, SHA1, pre-shared key, group 1
	for _, tt := range []struct {
		name string
		args []string
		want []float64 // seconds between packets
	}{
		{"main mode", nil, nil},
		{"aggressive mode", []string{"-A", "--dhgroup=1", "--id=0x0a630002", "--idtype=1"}, []float64{1, 1, 1}},
	} {
		args := append([]string{"--sport=0", "--retry=1", "--timeout=2000", "--showbackoff=3", offer}, tt.args...)
		out := c.scan("ike-scan", append(args, oursAddr)...)
		got := regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(oursAddr)+`\s+(\d+)\s+\S+\s+(\d+\.\d+)`).FindAllStringSubmatch(out, -1)
		if len(got) != len(tt.want)+1 {
			t.Errorf("%s: %d packets, want %d:\n%s", tt.name, len(got), len(tt.want)+1, out)
			continue
		}
		for i, want := range tt.want {
			if d, err := strconv.ParseFloat(got[i+1][2], 64); err != nil || d < want-0.5 || d > want+0.5 {
				t.Errorf("%s: repetition %d comes after %s s, want %g", tt.name, i+1, got[i+1][2], want)
			}
		}
	}
}
