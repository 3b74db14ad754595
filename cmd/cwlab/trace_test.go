package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wantDecrypted holds that a capture reads with its keys: ESP is there, and
// nothing is wrong with it.
func wantDecrypted(t *testing.T, name, capture, keys string) {
	t.Helper()
	frames := tshark(t, capture, keys)
	if all := faults(frames); len(all) > 0 {
		t.Errorf("%s: %s", name, strings.Join(all, "\n"))
	}
	if !slices.ContainsFunc(frames, func(f map[string]string) bool { return f["esp.spi"] != "" && f["icmp.type"] != "" }) {
		t.Errorf("%s: %d frames and no echo in ESP", name, len(frames))
	}
}

// Whatever opens a lab on a pipe captures it, with the keys; a lab that is
// opened anew has files of its own.
func TestVerbsCapture(t *testing.T) {
	const ping = "ping -a 2.2.2.2 -c 3 3.3.3.3\n"
	for _, tt := range []struct {
		name, in string
		args     []string
		files    int
	}{
		{"console", ping, []string{"console", defaultLab, "F1060"}, 1},
		{"operator", "speed 10000\nplay dpd\n", []string{"console", defaultLab}, 2},
		{"record", ping, []string{"record", defaultLab, "F1060", "-o", filepath.Join(t.TempDir(), "x.cast")}, 1},
		{"replay", "", []string{"replay", defaultLab + "/dpd"}, 1},
	} {
		dir := t.TempDir()
		capture, keys := filepath.Join(dir, "x.pcapng"), filepath.Join(dir, "keys")
		if code, out, errs := typed(t, tt.in, append(tt.args, "--pcap", capture, "--keys", keys)...); code != exitOK {
			t.Fatalf("%s: exit %d\n%s%s", tt.name, code, out, errs)
		}
		for n := 1; n <= tt.files; n++ {
			framesIn(t, numbered(capture, n))
			keyFiles(t, numbered(keys, n))
		}
		wantDecrypted(t, tt.name, numbered(capture, tt.files), numbered(keys, tt.files))
	}
}

// With --tap a capture has what passes there alone.
func TestVerbsTap(t *testing.T) {
	dir := t.TempDir()
	all, some := filepath.Join(dir, "all.pcapng"), filepath.Join(dir, "some.pcapng")
	for file, taps := range map[string]string{all: "", some: "F1060:GigabitEthernet1/0/1"} {
		if code, _, errs := typed(t, "ping -a 2.2.2.2 -c 3 3.3.3.3\n", "console", defaultLab, "F1060", "--pcap", file, "--tap", taps); code != exitOK {
			t.Fatal(errs)
		}
	}
	if a, s := framesIn(t, all), framesIn(t, some); s == 0 || s >= a {
		t.Errorf("%d frames at a port, %d at all", s, a)
	}
}

func TestTraceMisuse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"console", defaultLab, "F1060", "--tap", "wan"}, "--pcap FILE"},
		{[]string{"tui", "--tap", "nowhere", "--pcap", file}, "names \"nowhere\""},
		{[]string{"record", defaultLab, "F1060", "--pcap", filepath.Join(dir, "no", "x.pcapng")}, "no such file"},
		{[]string{"console", defaultLab, "F1060", "--keys", file}, "not a directory"},
		{[]string{"serve", "--devices", "2", "--pcap", file}, "--devices"},
		{[]string{"serve", defaultLab, "--pcap", file, "--tap", "nowhere"}, "names \"nowhere\""},
		{[]string{"replay", defaultLab + "/dpd", "--tap", "wan"}, "--pcap FILE"},
	} {
		code, _, errs := typed(t, "", append(tt.args, "--lang=en")...)
		if code != exitMisuse || !strings.Contains(errs, tt.want) {
			t.Errorf("%v: exit %d, %q, want %q", tt.args, code, errs, tt.want)
		}
	}
}

// A replay that is told to leave does, and says so.
func TestReplayIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	code := run(ctx, []string{"replay", defaultLab + "/dpd", defaultLab + "/failure", "--lang=en"}, streams{out: io.Discard, err: &errs})
	if got := errs.String(); code != exitFailed || strings.Count(got, "was ended before the script was") != 1 || strings.Contains(got, "failure.console") {
		t.Errorf("exit %d\n%s", code, got)
	}
}
