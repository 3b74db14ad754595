package interop

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/emulator/tap"
)

const psk = "tellnobody"

// in runs f in the network namespace of the daemon.
func (d *daemon) in(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", d.proc.Pid))
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			_ = ns.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// A box is a live device that is joined to a daemon.
type box struct {
	*record // what its console shows
	t       testing.TB
	lab     *lab.Lab
	peer    *daemon
}

const boxName = "F1060"

// worldStart is the time at which the worlds begin.
var worldStart = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)

// settings are the parts of a device's configuration that tests vary.
type settings struct {
	proposal string // lines of ike proposal 1
	set      string // lines of the transform set
	profile  string // more lines of the profile
	policy   string // more lines of the policy
	global   string // more lines at the top
	psk      string
	inside   bool           // behind a device that translates addresses
	files    []lab.KeptFile // on the device's flash
}

// insideAddr is the device's address behind that other device, and natConfig
// the other's configuration.
const (
	insideAddr = "192.168.1.2"
	natConfig  = `interface GigabitEthernet1/0/1
 port link-mode route
 ip address ` + oursAddr + ` 255.255.255.0
 nat outbound
#
interface GigabitEthernet1/0/2
 port link-mode route
 ip address 192.168.1.1 255.255.255.0
#
security-zone name Untrust
 import interface GigabitEthernet1/0/1
 import interface GigabitEthernet1/0/2
#
security-policy ip
 rule 0 name any
  action pass
#
return
`
)

func (s settings) config() string {
	if s.psk == "" {
		s.psk = psk
	}
	if s.set == "" {
		s.set = " esp encryption-algorithm des-cbc\n esp authentication-algorithm sha1"
	}
	var b strings.Builder
	put := func(format string, a ...any) {
		if s := strings.TrimRight(fmt.Sprintf(format, a...), "\n"); s != "" {
			b.WriteString(s + "\n")
		}
	}
	addr, gateway := oursAddr, theirsAddr
	if s.inside {
		addr, gateway = insideAddr, "192.168.1.1"
	}
	put("interface LoopBack0\n ip address %s 255.255.255.255\n#", ours)
	put("interface GigabitEthernet1/0/1\n port link-mode route\n ip address %s 255.255.255.0\n ipsec apply policy p\n#", addr)
	put("security-zone name Untrust\n import interface GigabitEthernet1/0/1\n#")
	put(" ip route-static %s 32 %s\n#", theirs, gateway)
	if s.inside {
		put(" ip route-static %s 32 %s\n#", theirsAddr, gateway)
	}
	put("acl advanced 3000\n rule 0 permit ip source %s 0 destination %s 0\n#", ours, theirs)
	put("%s", s.global)
	put("ipsec transform-set s\n%s\n#", s.set)
	put("ipsec policy p 1 isakmp\n transform-set s\n security acl 3000\n remote-address %s\n ike-profile f", theirsAddr)
	put("%s", s.policy)
	put("#\nike profile f\n keychain k\n match remote identity address %s 255.255.255.255", theirsAddr)
	if s.proposal != "" {
		put(" proposal 1")
	}
	put("%s", s.profile)
	if s.proposal != "" {
		put("#\nike proposal 1\n%s", s.proposal)
	}
	put("#\nike keychain k\n pre-shared-key address %s 255.255.255.255 key simple %s\n#", theirsAddr, s.psk)
	put("security-policy ip\n rule 0 name any\n  action pass\n#\nreturn")
	return b.String()
}

// join starts a device and joins it to the daemon.
func join(t *testing.T, c *charon, s settings) *box {
	t.Helper()
	def := &lab.Definition{Name: "peer", Start: worldStart,
		Devices: []lab.DeviceSpec{{Name: boxName, Model: "F1060", Config: s.config(), ConfigFile: "F1060.cfg", Files: s.files}}}
	port := lab.Endpoint{Node: boxName, Port: "GigabitEthernet1/0/1"}
	if s.inside {
		def.Devices = append(def.Devices, lab.DeviceSpec{Name: "NAT", Model: "F1060", Config: natConfig, ConfigFile: "NAT.cfg"})
		def.Links = []lab.LinkSpec{{Name: "inside", A: port, B: lab.Endpoint{Node: "NAT", Port: "GigabitEthernet1/0/2"}}}
		port.Node = "NAT"
	}
	return open(t, &c.daemon, def, port)
}

// open starts a lab with a port that is joined to a daemon.
func open(t testing.TB, d *daemon, def *lab.Definition, port lab.Endpoint) *box {
	t.Helper()
	var f *tap.File
	if err := d.in(func() (err error) { f, err = tap.Open("cw0"); return err }); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	bridge := lab.Bridge{Port: port, Name: "cw0", Open: func(arrive func([]byte)) func([]byte) {
		go func() { f.Receive(arrive); close(read) }()
		return f.Send
	}}
	l, err := lab.Open(def, device.Make, lab.Options{Seed: uint64(time.Now().UnixNano()), Bridges: []lab.Bridge{bridge}})
	if err != nil {
		t.Fatal(err)
	}
	if e := l.LoadErrors(); len(e) > 0 {
		t.Fatalf("the configuration is refused:\n%s", strings.Join(e, "\n"))
	}
	b := &box{record: newRecord(), t: t, lab: l, peer: d}
	half := ""
	l.Console(boxName).Tap(func(p []byte) {
		parts := strings.Split(half+strings.ReplaceAll(string(p), "\r", ""), "\n")
		for _, line := range parts[:len(parts)-1] {
			b.add(line)
		}
		half = parts[len(parts)-1]
	})
	l.Start(context.Background())
	t.Cleanup(func() {
		l.Stop()
		_ = f.Close()
		<-read
		if err := l.Err(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the console showed\n%s", b.since(0))
		}
	})
	return b
}

// typ types lines.
func (b *box) typ(lines ...string) {
	for _, l := range lines {
		b.lab.Type(boxName, []byte(l+"\r"))
	}
}

// want waits for a line on the console.
func (b *box) want(mark int, pattern string) string {
	b.t.Helper()
	line, ok := b.await(mark, pattern)
	if !ok {
		b.t.Fatalf("the console did not show /%s/ within %v, but\n%s\n%s:\n%s", pattern, patience, b.since(mark), b.peer.name, b.peer.since(0))
	}
	return line
}

// until waits until a condition of the device holds.
func (b *box) until(what string, ok func(s lab.Snapshot) bool) lab.Snapshot {
	b.t.Helper()
	end := time.After(patience)
	for {
		var s lab.Snapshot
		b.lab.Do(func() { s = b.lab.Device(boxName).Snapshot() })
		if ok(s) {
			return s
		}
		select {
		case <-b.lab.Changed():
		case <-end:
			b.t.Fatalf("not within %v: %s; IKE %+v, IPsec %+v, VRRP %+v\nconsole:\n%s\n%s:\n%s", patience, what, s.IKE, s.IPsec, s.VRRP, b.since(0), b.peer.name, b.peer.since(0))
		}
	}
}

// ping sends an echo request through the tunnel and wants an answer.
func (b *box) ping() {
	b.t.Helper()
	b.pingOf(56)
}

// pingOnce wants one answer of three: a packet that meets a renewal may find
// that the other side has closed its SA already.
func (b *box) pingOnce() {
	b.t.Helper()
	m := b.mark()
	b.typ(fmt.Sprintf("ping -a %s -c 3 -t 1000 %s", ours, theirs))
	b.want(m, `packet loss$`)
	if got := b.since(m); !strings.Contains(got, "bytes from") {
		b.t.Fatalf("%s does not answer:\n%s\nstrongSwan:\n%s", theirs, got, b.peer.since(0))
	}
}

// pingOf is ping with so many bytes of data.
func (b *box) pingOf(size int) {
	b.t.Helper()
	m := b.mark()
	b.typ(fmt.Sprintf("ping -a %s -c 1 -t 3000 -s %d %s", ours, size, theirs))
	b.want(m, `bytes from|Request time out`)
	if got := b.since(m); !strings.Contains(got, "bytes from") {
		b.t.Fatalf("%s does not answer:\n%s\n%s:\n%s", theirs, got, b.peer.name, b.peer.since(0))
	}
	b.want(m, `round-trip`)
}

// pinged has the other side send an echo request and wants an answer.
func (b *box) pinged() {
	b.t.Helper()
	b.pingedOf(56)
}

// pingedOf is pinged with so many bytes of data.
func (b *box) pingedOf(size int) {
	b.t.Helper()
	b.echo(theirs, ours, size)
}

// echo has the other side send an echo request from one address of its own to
// one of the device and wants an answer.
func (b *box) echo(src, dst string, size int) {
	b.t.Helper()
	err := b.peer.in(func() error {
		p, err := net.ListenPacket("ip4:icmp", src)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		req := append([]byte{8, 0, 0, 0, 0x12, 0x34, 0, 1}, make([]byte, size&^1)...)
		var sum uint32
		for i := 0; i < len(req); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(req[i:]))
		}
		for sum > 0xffff {
			sum = sum&0xffff + sum>>16
		}
		binary.BigEndian.PutUint16(req[2:], ^uint16(sum))
		to := &net.IPAddr{IP: net.ParseIP(dst)}
		if _, err := p.WriteTo(req, to); err != nil {
			return err
		}
		_ = p.SetReadDeadline(time.Now().Add(patience))
		got := make([]byte, 1<<16)
		for {
			n, from, err := p.ReadFrom(got)
			if err != nil {
				return err
			}
			if from.String() == dst && n == len(req) && got[0] == 0 && got[4] == 0x12 && got[5] == 0x34 {
				return nil
			}
		}
	})
	if err != nil {
		b.t.Fatalf("an echo request from %s's side: %v\nconsole:\n%s\n%s:\n%s", b.peer.name, err, b.since(0), b.peer.name, b.peer.since(0))
	}
}
