package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rekeyed is the lab of IKE version 2 in a folder of its own, with other lines
// in the transform sets of both ends.
func rekeyed(t *testing.T, lines string) string {
	t.Helper()
	const old = " esp encryption-algorithm aes-cbc-256\r\n esp authentication-algorithm sha256\r\n"
	dir := filepath.Join(t.TempDir(), "ikev2")
	if err := os.CopyFS(dir, os.DirFS("../../sessions/labs/ikev2")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"F1090-East.cfg", "F1090-West.cfg"} {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(b), old) {
			t.Fatalf("%s: %v, or it has no lines %q", name, err, old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(b), old, strings.ReplaceAll(lines, "\n", "\r\n"), 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A capture in which GCM or counter mode protects ESP, or a long hash
// authenticates it, or sequence numbers have 64 bits, is read with the keys, and not without them.
func TestTsharkDecryptsGCM(t *testing.T) {
	for _, cipher := range []string{
		"gcm-128", "gcm-192", "gcm-256", "aes-ctr-256\n esp authentication-algorithm sha256",
		"aes-cbc-192\n esp authentication-algorithm sha384", "aes-cbc-256\n esp authentication-algorithm sha512",
		"aes-cbc-128\n esp authentication-algorithm sha256\n esn enable both",
	} {
		lab := rekeyed(t, " esp encryption-algorithm "+cipher+"\n")
		capture, keys := filepath.Join(t.TempDir(), "x.pcapng"), filepath.Join(t.TempDir(), "keys")
		if code, _, errs := typed(t, "", "replay", lab+"/tunnel", "--free", "--pcap", capture, "--keys", keys); code != 0 || errs != "" {
			t.Fatalf("%s: exit %d\n%s", cipher, code, errs)
		}
		frames := tshark(t, capture, keys)
		esp := 0
		for _, f := range frames {
			if f["esp.spi"] != "" {
				esp++
			}
		}
		all := faults(frames)
		if strings.Contains(cipher, "esn") { // the reader does not know the upper half of the sequence number
			all = slices.DeleteFunc(all, func(f string) bool { return strings.Contains(f, "ICV") })
		}
		if esp < 10 || len(all) > 0 {
			t.Errorf("%s: %d frames of ESP\n%s", cipher, esp, strings.Join(all, "\n"))
		}
		all = faults(tshark(t, capture, spoiled(t, keys, "esp_sa", `(GCM|CTR|CBC)[^"]*","0x[0-9a-f]+`)))
		if !slices.ContainsFunc(all, func(f string) bool { return strings.Contains(f, "ICMP") }) {
			t.Errorf("%s: a wrong key goes unnoticed: %q", cipher, all)
		}
	}
}
