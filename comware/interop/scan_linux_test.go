package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
	if out := c.scan("psk-crack", "-d", words, file); !strings.Contains(out, `key "`+psk+`" matches`) {
		t.Errorf("psk-crack does not find the key:\n%s", out)
	}
}
