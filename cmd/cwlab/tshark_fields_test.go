package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/dissect"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/sessions"
)

// snapshots are the fields that tshark found in the captures of shipped
// scripts, one file a script: tab between fields, comma between values, a line
// a frame. They are what a program that nobody here wrote has said, so that
// ours is judged where it is not installed.
const snapshots = "testdata/tshark"

// snapshotFields are names that tshark has had for long, in a form that has
// not changed.
var snapshotFields = []string{
	"frame.len", "eth.src", "eth.dst", "eth.type", "vlan.id", "arp.opcode", "arp.src.proto_ipv4", "arp.dst.proto_ipv4",
	"ip.len", "ip.id", "ip.ttl", "ip.proto", "ip.checksum", "ip.src", "ip.dst", "icmp.type", "icmp.code", "icmp.checksum", "icmp.seq",
	"udp.srcport", "udp.dstport", "udp.length", "udp.checksum", "tcp.srcport", "tcp.dstport", "gre.proto",
	"esp.spi", "esp.sequence", "ah.spi", "ah.sequence",
	"vrrp.version", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.checksum", "vrrp.ip_addr",
	"isakmp.ispi", "isakmp.rspi", "isakmp.nextpayload", "isakmp.version", "isakmp.exchangetype", "isakmp.flags", "isakmp.messageid",
	"isakmp.length", "isakmp.typepayload", "isakmp.notify.msgtype", "isakmp.hash", "isakmp.nonce", "isakmp.key_exchange.data",
}

// snapped are the scripts with a snapshot.
var snapped = []string{"rbm-ipsec/dpd", "branch-nat/tunnel", "ikev2/tunnel", "first-steps/ping"}

func snapshot(script string) string {
	return filepath.Join(snapshots, strings.ReplaceAll(script, "/", "-")+".tsv")
}

// fieldRow is the line of a frame.
func fieldRow(fields map[string][]string) string {
	var out []string
	for _, name := range snapshotFields {
		out = append(out, strings.Join(fields[name], ","))
	}
	return strings.Join(out, "\t")
}

func TestTsharkSnapshots(t *testing.T) {
	for _, script := range snapped {
		t.Run(script, func(t *testing.T) {
			capture, keys := withKeys(t, script)
			var got bytes.Buffer
			for _, f := range tsharkOf(t, capture, keys, snapshotFields) {
				var cells []string
				for _, name := range snapshotFields {
					cells = append(cells, f[name])
				}
				got.WriteString(strings.Join(cells, "\t") + "\n")
			}
			if *update {
				if err := errors.Join(os.MkdirAll(snapshots, 0o755), os.WriteFile(snapshot(script), got.Bytes(), 0o644)); err != nil {
					t.Fatal(err)
				}
				return
			}
			compareRows(t, strings.Split(got.String(), "\n"), strings.Split(readSnapshot(t, script), "\n"))
		})
	}
}

func readSnapshot(t *testing.T, script string) string {
	t.Helper()
	b, err := os.ReadFile(snapshot(script))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("there is no snapshot of %s; where tshark is installed, go test ./cmd/cwlab -run TsharkSnapshots -update makes it", script)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// compareRows compares rows of fields and names what differs in the first few.
func compareRows(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d frames, want %d", len(got)-1, len(want)-1)
	}
	said := 0
	for i := range min(len(got), len(want)) {
		if got[i] == want[i] {
			continue
		}
		g, w := strings.Split(got[i], "\t"), strings.Split(want[i], "\t")
		for k := range min(len(g), len(w)) {
			if g[k] != w[k] && said < 20 {
				said++
				t.Errorf("frame %d: %s is %q, want %q", i+1, snapshotFields[k], g[k], w[k])
			}
		}
	}
}

// Our decoder finds in every frame what tshark found.
func TestDissectorFindsWhatTsharkFound(t *testing.T) {
	for _, script := range snapped {
		t.Run(script, func(t *testing.T) {
			labName, name, _ := strings.Cut(script, "/")
			def, err := sessions.Load(labName)
			if err != nil {
				t.Fatal(err)
			}
			s, err := loadScript(def, name)
			if err != nil {
				t.Fatal(err)
			}
			d := dissect.New()
			var frames [][]byte
			tap := func(p *link.Port, _ time.Time, frame []byte) {
				if at := taps[labName]; at == "" || p.Cable() != nil && p.Cable().Name == at {
					d.Learn(frame)
					frames = append(frames, frame)
				}
			}
			if _, err := sessions.Replay(def, device.Make, s, sessions.ReplayOptions{Options: lab.Options{Tap: tap, Keys: d}}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range frames {
				fields := map[string][]string{}
				for _, x := range d.Fields(f) {
					if slices.Contains(snapshotFields, x.Name) {
						fields[x.Name] = append(fields[x.Name], x.Value)
					}
				}
				got = append(got, fieldRow(fields))
			}
			compareRows(t, append(got, ""), strings.Split(readSnapshot(t, script), "\n"))
		})
	}
}
