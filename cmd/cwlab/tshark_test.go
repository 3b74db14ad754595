package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/pcap"
	"cwlab/sessions"
)

// taps are where labs are listened at whose frames pass several cables:
// Wireshark takes what a NAT has translated for messages of somebody else.
var taps = map[string]string{"branch-nat": "access"}

// unread are scripts whose captures Wireshark cannot follow.
var unread = map[string]string{
	"branch-nat/lost": "Wireshark takes the last block of a repeated encrypted message of phase 1 for the next IV",
}

// withKeys replays a script and returns its capture and its folder of keys.
func withKeys(t *testing.T, script string) (capture, keys string) {
	t.Helper()
	capture, keys = filepath.Join(t.TempDir(), "x.pcapng"), filepath.Join(t.TempDir(), "deep", "keys")
	labName, _, _ := strings.Cut(script, "/")
	if code, _, errs := typed(t, "", "replay", script, "--pcap", capture, "--keys", keys, "--tap", taps[labName]); code != 0 || errs != "" {
		t.Fatalf("replay %s: exit %d\n%s", script, code, errs)
	}
	return capture, keys
}

func keyFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{pcap.FileIKEv1, pcap.FileIKEv2, pcap.FileESP, pcap.FileDH, pcap.FilePSK} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(b)
	}
	return all
}

func TestReplayKeys(t *testing.T) {
	_, dir := withKeys(t, defaultLab+"/dpd")
	got := keyFiles(t, dir)
	for name, form := range map[string]string{
		pcap.FileIKEv1: `[0-9a-f]{16},([0-9a-f]{16})+`,
		pcap.FileESP:   `"IPv4","[0-9.]+","[0-9.]+","0x[0-9a-f]{8}","[^"]+","0x[0-9a-f]+","[^"]+","0x[0-9a-f]+"`,
		pcap.FileDH:    `[0-9a-f]{192}|[0-9a-f]{256}|[0-9a-f]{384}|[0-9a-f]{512}`,
		pcap.FilePSK:   `[!-~]+`,
	} {
		if !regexp.MustCompile(`^((` + form + `)\n)+$`).MatchString(got[name]) {
			t.Errorf("%s has not the form %s:\n%s", name, form, got[name])
		}
	}
	// Three main modes with one key, and a quick mode without PFS for each.
	for name, n := range map[string]int{pcap.FileIKEv1: 3, pcap.FileDH: 3, pcap.FileESP: 6, pcap.FilePSK: 1} {
		if lines := strings.Count(got[name], "\n"); lines != n {
			t.Errorf("%s has %d lines, want %d:\n%s", name, lines, n, got[name])
		}
	}
	if _, dir := withKeys(t, defaultLab+"/dpd"); !maps.Equal(got, keyFiles(t, dir)) {
		t.Error("two replays write different keys")
	}

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, "", "replay", defaultLab+"/dpd", "--keys", file); code != exitMisuse || !strings.Contains(errs, file) {
		t.Errorf("--keys with a file: exit %d, errors %q", code, errs)
	}
}

// tsharkFields is what tshark is asked of each frame.
var tsharkFields = []string{
	"frame.number", "_ws.malformed", "_ws.expert.message",
	"ip.checksum.status", "udp.checksum.status", "icmp.checksum.status", "vrrp.checksum.status",
	"isakmp.flag_e", "isakmp.exchangetype", "isakmp.hash", "isakmp.version", "isakmp.enc.decrypted", "isakmp.auth.data", "isakmp.sig", "isakmp.cert.encoding",
	"esp.spi", "esp.icv_good", "icmp.type", "ip.flags.mf",
}

// tshark decodes a capture with the keys in dir.
func tshark(t *testing.T, capture, dir string) []map[string]string {
	t.Helper()
	return tsharkOf(t, capture, dir, tsharkFields)
}

// tsharkOf asks tshark for fields: a map of them for each frame, where several
// values of a field are joined by commas.
func tsharkOf(t *testing.T, capture, dir string, names []string) []map[string]string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skipf("tshark is not installed, so that nobody judges the captures: %v", err)
	}
	args := []string{"-r", capture, "-T", "fields"}
	for _, o := range []string{"esp.enable_encryption_decode", "esp.enable_authentication_check", "ip.check_checksum", "udp.check_checksum"} {
		args = append(args, "-o", o+":TRUE")
	}
	for _, f := range names {
		args = append(args, "-e", f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+dir, "HOME="+t.TempDir(), "LC_ALL=C")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, errs.String())
	}
	var frames []map[string]string
	for line := range strings.Lines(string(out)) {
		values := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(values) != len(names) {
			t.Fatalf("tshark prints %q", line)
		}
		f := map[string]string{}
		for i, name := range names {
			f[name] = values[i]
		}
		frames = append(frames, f)
	}
	return frames
}

// digest is a hash of IKE, in hex.
var digest = regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$`)

// signature is one of RSA, in hex.
var signature = regexp.MustCompile(`^([0-9a-f]{256}|[0-9a-f]{512})$`)

// faults is what is wrong with decoded frames: each must be well formed, with
// right checksums, and open to its reader.
func faults(frames []map[string]string) []string {
	var all []string
	for _, f := range frames {
		fault := func(format string, args ...any) {
			all = append(all, "frame "+f["frame.number"]+": "+fmt.Sprintf(format, args...))
		}
		if f["_ws.malformed"] != "" || strings.Contains(f["_ws.expert.message"], "alformed") {
			fault("malformed: %s", f["_ws.expert.message"])
		}
		for _, name := range []string{"ip.checksum.status", "udp.checksum.status", "icmp.checksum.status", "vrrp.checksum.status"} {
			good := "1,"
			if name == "udp.checksum.status" && f["esp.spi"] != "" {
				good = "13," // not present, which RFC 3948 section 2.1 asks of ESP in UDP
			}
			if strings.Trim(f[name], good) != "" {
				fault("%s is %s", name, f[name])
			}
		}
		if f["isakmp.flag_e"] == "1" && !digest.MatchString(f["isakmp.hash"]) && !signature.MatchString(f["isakmp.sig"]) {
			fault("HASH of the encrypted message is %q", f["isakmp.hash"])
		}
		// Of version 2 all but the first exchange is encrypted; IKE_AUTH proves who speaks.
		if f["isakmp.version"] == "0x20" && f["isakmp.exchangetype"] != "34" {
			if f["isakmp.enc.decrypted"] != "1" || strings.Contains(f["_ws.expert.message"], "ncorrect") {
				fault("exchange %s does not decrypt: %s", f["isakmp.exchangetype"], f["_ws.expert.message"])
			}
			if f["isakmp.exchangetype"] == "35" && !digest.MatchString(f["isakmp.auth.data"]) {
				fault("AUTH of IKE_AUTH is %q", f["isakmp.auth.data"])
			}
		}
		if f["esp.spi"] != "" {
			if f["esp.icv_good"] != "1" {
				fault("ICV of ESP is not good")
			}
			if f["icmp.type"] == "" && !strings.HasSuffix(f["ip.flags.mf"], "1") { // the last fragment has it
				fault("ESP does not decrypt to ICMP")
			}
		}
	}
	return all
}

// A program that nobody here wrote reads every frame of the shipped scripts.
func TestTsharkReadsTheCaptures(t *testing.T) {
	for _, l := range sessions.Labs() {
		for _, s := range l.Scripts {
			t.Run(l.Name+"/"+s.Name, func(t *testing.T) {
				if why := unread[l.Name+"/"+s.Name]; why != "" {
					t.Skip(why)
				}
				capture, keys := withKeys(t, l.Name+"/"+s.Name)
				frames := tshark(t, capture, keys)
				if len(frames) == 0 {
					t.Error("no frame")
				}
				for _, f := range faults(frames) {
					t.Error(f)
				}
			})
		}
	}
}

func TestTsharkDecryptsOnlyWithTheKeys(t *testing.T) {
	capture, dir := withKeys(t, defaultLab+"/dpd")
	frames := tshark(t, capture, dir)
	count := map[string]int{}
	for _, f := range frames {
		if f["isakmp.flag_e"] == "1" {
			count[f["isakmp.exchangetype"]]++
		}
		if f["esp.spi"] != "" {
			count["esp"]++
		}
	}
	// Messages 5 and 6 of three main modes, three quick modes, DPD and pings.
	if count["2"] != 6 || count["32"] != 9 || count["5"] < 10 || count["esp"] < 100 {
		t.Errorf("main, quick and informational mode, ESP: %v", count)
	}
	if all := faults(frames); len(all) > 0 {
		t.Fatalf("with the right keys: %s", strings.Join(all, "\n"))
	}

	for _, tc := range []struct{ name, file, key, want string }{
		{"cipher of IKE", pcap.FileIKEv1, `,[0-9a-f]+`, "HASH"},
		{"cipher of ESP", pcap.FileESP, `CBC [^"]*","0x[0-9a-f]+`, "ICMP"},
		{"integrity of ESP", pcap.FileESP, `HMAC[^"]*","0x[0-9a-f]+`, "ICV"},
	} {
		all := faults(tshark(t, capture, spoiled(t, dir, tc.file, tc.key)))
		if !slices.ContainsFunc(all, func(f string) bool { return strings.Contains(f, tc.want) }) {
			t.Errorf("a wrong key for the %s goes unnoticed: %q", tc.name, all)
		}
	}
}

func TestTsharkDecryptsVersion2OnlyWithTheKeys(t *testing.T) {
	capture, dir := withKeys(t, "ikev2/tunnel")
	frames := tshark(t, capture, dir)
	count := map[string]int{}
	for _, f := range frames {
		count[f["isakmp.exchangetype"]]++
	}
	// Two IKE SAs, a child SA more under the second, and deletions.
	if count["34"] != 4 || count["35"] != 4 || count["36"] != 2 || count["37"] < 4 {
		t.Errorf("exchanges: %v", count)
	}
	if all := faults(frames); len(all) > 0 {
		t.Fatalf("with the right keys: %s", strings.Join(all, "\n"))
	}
	for _, tc := range []struct{ name, key, want string }{
		{"cipher", `[0-9a-f]{16},[0-9a-f]{16},[0-9a-f]+`, "AUTH"},
		{"integrity", `\]",[0-9a-f]+`, "does not decrypt"},
	} {
		all := faults(tshark(t, capture, spoiled(t, dir, pcap.FileIKEv2, tc.key)))
		if !slices.ContainsFunc(all, func(f string) bool { return strings.Contains(f, tc.want) }) {
			t.Errorf("a wrong key for %s goes unnoticed: %q", tc.name, all)
		}
	}
}

// Certificates show only with the keys.
func TestTsharkDecryptsCertificatesOnlyWithTheKeys(t *testing.T) {
	capture, dir := withKeys(t, "ike-rsa/import")
	certificates := func(dir string) (n int) {
		for _, f := range tshark(t, capture, dir) {
			if f["isakmp.cert.encoding"] == "4" && signature.MatchString(f["isakmp.sig"]) {
				n++
			}
		}
		return n
	}
	if n := certificates(dir); n != 2 {
		t.Errorf("%d messages with certificates and signatures, want 2", n)
	}
	if n := certificates(spoiled(t, dir, pcap.FileIKEv1, `[0-9a-f]{16},[0-9a-f]+`)); n == 2 {
		t.Error("a wrong key for the cipher goes unnoticed")
	}
}

// spoiled is a copy of a folder of keys in which all that key matches in one
// file end in another key.
func spoiled(t *testing.T, dir, file, key string) string {
	t.Helper()
	wrong := t.TempDir()
	for name, text := range keyFiles(t, dir) {
		if name == file {
			text = regexp.MustCompile(key).ReplaceAllStringFunc(text, otherKey)
		}
		if err := os.WriteFile(filepath.Join(wrong, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return wrong
}

// otherKey changes the key that s ends in, and not only in a bit that
// DES leaves out.
func otherKey(s string) string {
	at := len(s) - 2
	digit := "0"
	if s[at] == '0' {
		digit = "f"
	}
	return s[:at] + digit + s[at+1:]
}
