package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cwlab/emulator/dissect"
	"cwlab/emulator/pcap"
)

// TestFlashOutlivesTheProgram saves a configuration and makes a file, and
// finds both in a lab that is opened later.
func TestFlashOutlivesTheProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flash")
	args := []string{"console", defaultLab, "F1090-2", "--console", "device", "--flash", dir}
	code, _, errs := typed(t, "system-view\nsysname Kept\nreturn\nsave force\nmkdir logs\ndisplay clock > logs/now.txt\ndelete logs/now.txt\ny\nstartup saved-configuration startup.cfg backup\n", args...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, errors %q", code, errs)
	}
	text, err := os.ReadFile(filepath.Join(dir, defaultLab, "F1090-2", "flash", "startup.cfg"))
	if err != nil || !strings.Contains(string(text), "\n sysname Kept\n") {
		t.Errorf("the file on disk is %q, %v", text, err)
	}
	code, out, errs := typed(t, "undelete logs/now.txt\ny\nmore logs/now.txt\ndisplay startup\n", args...)
	if code != 0 || errs != "" || !strings.Contains(out, "<Kept>more logs/now.txt") || !strings.Contains(out, "UTC") || !strings.Contains(out, "backup startup saved-configuration file: flash:/startup.cfg\r\n") {
		t.Errorf("exit %d, errors %q, shows\n%s", code, errs, out)
	}
	// Without the flag nothing of it is seen.
	if _, out, _ := typed(t, "", "console", defaultLab, "F1090-2", "--console", "device"); strings.Contains(out, "Kept") {
		t.Errorf("without a flash the console shows %q", out)
	}
	if code, _, errs := typed(t, "", "console", defaultLab, "--flash", filepath.Join(dir, defaultLab, "F1090-2", "startup")); code != 2 {
		t.Errorf("a file for a folder: exit %d, errors %q", code, errs)
	}
}

// What a device captures is on the disk as bytes that other programs read.
func TestCaptureOfTheDeviceOnTheDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flash")
	code, out, errs := typed(t, "packet-capture local interface GigabitEthernet1/0/1 bidirection capture-filter \"udp port 500 or esp\" write flash:/t.pcap\nping -c 3 -a 10.1.0.1 10.2.0.1\npacket-capture stop\n",
		"console", "ikev2", "West", "--flash", dir)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, errors %q, shows\n%s", code, errs, out)
	}
	name := filepath.Join(dir, "ikev2", "West", "flash", "t.pcap")
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	if err := pcap.Read(file, func(f pcap.Frame) { count[dissect.New().Packet(f.Data).Protocol]++ }); err != nil || count["IKEv2"] != 4 || count["ESP"] < 4 {
		t.Errorf("the file has %v, %v; want the four messages of IKEv2 and the echoes", count, err)
	}
	for i, f := range tshark(t, name, t.TempDir()) {
		if f["_ws.malformed"] != "" || f["esp.spi"] == "" && f["isakmp.version"] != "0x20" {
			t.Errorf("tshark reads frame %d as %v", i+1, f)
		}
	}
}

func TestCheckTakesTheModelFromTheLab(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "edge.cfg")
	if err := os.WriteFile(file, []byte("#\n sysname A\n bogus\n#\nreturn\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		lab, flag string // models of the lab.yaml and the flag, "" for none
		code      int
		want      string
	}{
		{"", "", 1, "edge.cfg:3: bogus: % Unrecognized command found at '^' position."},
		{"", "F9", 2, `unknown model "F9"`},
		{"F8", "F1060", 2, `unknown model "F8"`},
		{"F1060", "F9", 1, "edge.cfg:3: bogus: "},
	} {
		yaml := filepath.Join(dir, "lab.yaml")
		_ = os.Remove(yaml)
		if tc.lab != "" {
			if err := os.WriteFile(yaml, []byte("title: x\ndevices:\n  - name: edge\n    model: "+tc.lab+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		args := []string{"check", file}
		if tc.flag != "" {
			args = append(args, "--model", tc.flag)
		}
		if code, out, errs := typed(t, "", args...); code != tc.code || !strings.Contains(out+errs, tc.want) {
			t.Errorf("%+v: exit %d, shows %q, errors %q", tc, code, out, errs)
		}
	}
}
