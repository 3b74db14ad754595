package interop

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cwlab/comware/device"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/lab"
	"cwlab/emulator/sim"
	"cwlab/emulator/tap"
	"cwlab/emulator/wire"
)

const peers = 1000 // that negotiate at once

// loads are the suites of BenchmarkResponder.
var loads = []struct {
	name     string
	proposal ike.Proposal
	set      ipsec.Transform
	ike, esp string   // in strongSwan's words
	lines    []string // in the device's: of the proposal and of the transform set
}{
	{"DES-SHA1-group1", ike.Proposal{Encr: isakmp.DESCBC, Hash: isakmp.SHA1, Group: 1}, ipsec.Transform{Encr: ipsec.DES, Auth: ipsec.HMACSHA1},
		"des-sha1-modp768", "des-sha1", []string{"des-cbc", "sha", "group1", "des-cbc", "sha1"}},
	{"3DES-SHA1-group2", ike.Proposal{Encr: isakmp.DES3CBC, Hash: isakmp.SHA1, Group: 2}, ipsec.Transform{Encr: ipsec.DES3, Auth: ipsec.HMACSHA1},
		"3des-sha1-modp1024", "3des-sha1", []string{"3des-cbc", "sha", "group2", "3des-cbc", "sha1"}},
	{"AES128-SHA1-group2", ike.Proposal{Encr: isakmp.AESCBC, KeyBits: 128, Hash: isakmp.SHA1, Group: 2}, ipsec.Transform{Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1},
		"aes128-sha1-modp1024", "aes128-sha1", []string{"aes-cbc-128", "sha", "group2", "aes-cbc-128", "sha1"}},
	{"AES256-SHA256-group14", ike.Proposal{Encr: isakmp.AESCBC, KeyBits: 256, Hash: isakmp.SHA256, Group: 14}, ipsec.Transform{Encr: ipsec.AES, KeyBits: 256, Auth: ipsec.HMACSHA256},
		"aes256-sha256-modp2048", "aes256-sha256", []string{"aes-cbc-256", "sha256", "group14", "aes-cbc-256", "sha256"}},
}

// BenchmarkResponder is 1,000 peers at once that each want a main mode and a
// quick mode from a responder: a device of ours, whole, in a process of its
// own, and then strongSwan's daemon. The figures are negotiations for a second
// of the responder's processor time.
func BenchmarkResponder(b *testing.B) {
	requirePeer(b)
	for _, k := range loads {
		b.Run(k.name, func(b *testing.B) {
			var device, daemon time.Duration
			k.proposal.Auth, k.proposal.Seconds = isakmp.PreSharedKey, 28800
			k.set.Name, k.set.Mode = "s", ipsec.Tunnel
			for b.Loop() {
				port, pid := startResponder(b, k.lines)
				device += crowd(b, port, pid, k.proposal, k.set)

				c := startCharonWith(b, libipsec, quiet)
				c.load(conn{ike: k.ike, esp: k.esp, anyone: true})
				var f *tap.File
				if err := c.in(func() (err error) { f, err = tap.Open("cw0"); return err }); err != nil {
					b.Fatal(err)
				}
				pid, _ = strconv.Atoi(strings.Fields(c.want(0, `^daemon \d+`))[1])
				daemon += crowd(b, f, pid, k.proposal, k.set)
				_ = f.Close()
			}
			n := float64(peers * b.N)
			b.ReportMetric(n/device.Seconds(), "ours/cpu-s")
			b.ReportMetric(n/daemon.Seconds(), "charon/cpu-s")
			b.ReportMetric(daemon.Seconds()/device.Seconds(), "times-charon")
		})
	}
}

// A wirePort carries frames to a responder and back.
type wirePort interface {
	Send(frame []byte)
	Receive(arrive func(frame []byte))
}

// An initiator is a peer with an address of its own.
type initiator struct {
	*ike.Engine
	crowd  *initiators
	number int
	addr   netip.Addr
	up     bool
}

// initiators are all of them, on one network and behind a router at oursAddr.
type initiators struct {
	world  *sim.World
	codec  wire.Codec
	port   wirePort
	all    []*initiator
	byAddr map[netip.Addr]*initiator
	mac    wire.MAC
	gate   wire.MAC // the responder's
	left   int
}

func (p *initiator) Now() time.Time                             { return p.crowd.world.Now() }
func (p *initiator) After(d time.Duration, f func()) *sim.Timer { return p.crowd.world.After(d, f) }
func (p *initiator) Stream(s string) *sim.Stream                { return p.crowd.world.Stream("peers", s) }
func (p *initiator) Emit(ike.Event)                             {}
func (p *initiator) LarvalSPI(netip.Addr) uint32                { return p.Stream("spi").Uint32() | 0x100 }
func (p *initiator) DeletePairs(_, _ netip.Addr, _ uint32)      {}
func (p *initiator) DeleteSPI(netip.Addr, uint32)               {}

func (p *initiator) PolicyFor(_, _ netip.Addr, _ ipsec.Selector, _ string) (ipsec.Request, bool) {
	return ipsec.Request{}, false
}

func (p *initiator) AddPair(ipsec.Pair) error {
	if !p.up {
		p.up = true
		p.crowd.left--
	}
	return nil
}

func (p *initiator) Send(local, remote netip.AddrPort, b []byte) error {
	c := &p.crowd.codec
	udp := c.AppendUDP(local.Addr(), remote.Addr(), wire.UDP{Src: local.Port(), Dst: remote.Port(), Payload: b})
	p.crowd.port.Send(c.IPv4Frame(p.crowd.gate, p.crowd.mac, &wire.IPv4{TTL: 64, Proto: wire.ProtoUDP, Src: local.Addr(), Dst: remote.Addr(), Payload: udp}))
	return nil
}

// arrive is a frame from the responder.
func (x *initiators) arrive(b []byte) {
	f, err := x.codec.Frame(b)
	if err != nil {
		return
	}
	switch f.Type {
	case wire.TypeARP:
		a, err := x.codec.ARP(f.Payload)
		if err != nil {
			return
		}
		if a.Src.String() == theirsAddr {
			x.gate = a.SrcMAC
		}
		if _, here := x.byAddr[a.Dst]; (here || a.Dst.String() == oursAddr) && a.Op == wire.ARPRequest {
			x.port.Send(x.codec.ARPFrame(a.SrcMAC, x.mac, wire.ARP{Op: wire.ARPReply, SrcMAC: x.mac, DstMAC: a.SrcMAC, Src: a.Dst, Dst: a.Src}))
		}
	case wire.TypeIPv4:
		p, err := x.codec.IPv4(f.Payload)
		if err != nil || p.Proto != wire.ProtoUDP {
			return
		}
		to := x.byAddr[p.Dst]
		u, err := x.codec.UDP(p.Src, p.Dst, p.Payload)
		if err != nil || to == nil {
			return
		}
		to.Receive(netip.AddrPortFrom(p.Dst, u.Dst), netip.AddrPortFrom(p.Src, u.Src), u.Payload)
	}
}

var gate = netip.MustParseAddr(theirsAddr) // of the responder

// gather makes n initiators in a world.
func gather(w *sim.World, n int, port wirePort, proposal ike.Proposal) *initiators {
	x := &initiators{world: w, port: port, byAddr: map[netip.Addr]*initiator{}, mac: wire.MAC{2, 0, 0, 0, 0, 1}, left: n}
	for i := range n {
		p := &initiator{crowd: x, number: i, addr: netip.AddrFrom4([4]byte{10, 99, byte(1 + i>>8), byte(i)})}
		p.Engine = ike.New(p)
		p.Config.Proposals = []ike.Proposal{proposal}
		p.Config.Keychains = []*ike.Keychain{{Name: "k", Keys: []ike.Key{{Prefix: netip.PrefixFrom(gate, 32), Secret: []byte(psk)}}}}
		x.byAddr[p.addr] = p
		x.all = append(x.all, p)
	}
	return x
}

// ask asks for the responder's hardware address until there is an answer.
func (x *initiators) ask() {
	if x.gate == (wire.MAC{}) {
		x.port.Send(x.codec.ARPFrame(wire.Broadcast, x.mac, wire.ARP{Op: wire.ARPRequest, SrcMAC: x.mac, Src: netip.MustParseAddr(oursAddr), Dst: gate}))
		x.world.After(100*time.Millisecond, x.ask)
	}
}

// begin has an initiator want a tunnel.
func (p *initiator) begin(t ipsec.Transform) {
	inner := netip.AddrFrom4([4]byte{10, 1, byte(1 + p.number>>8), byte(p.number)})
	p.Acquire(ipsec.Request{Policy: "p", Seq: 1, Local: p.addr, Remote: gate, Transforms: []ipsec.Transform{t}, Seconds: 3600, Kilobytes: 1843200,
		Flow: ipsec.Selector{Src: netip.PrefixFrom(inner, 32), Dst: netip.MustParsePrefix(theirs + "/32")}})
}

// crowd has all peers negotiate with a responder at once and is the processor
// time that this took it.
func crowd(b *testing.B, port wirePort, pid int, proposal ike.Proposal, transform ipsec.Transform) time.Duration {
	b.Helper()
	start := time.Now()
	x := gather(sim.New(start, uint64(start.UnixNano()), nil), peers, port, proposal)
	frames := make(chan []byte, 4*peers)
	go port.Receive(func(f []byte) {
		select {
		case frames <- append([]byte(nil), f...):
		default: // lost, as on a full queue
		}
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	until := func(ok func() bool) {
		b.Helper()
		for !ok() {
			select {
			case f := <-frames:
				x.world.RunUntil(time.Now())
				x.arrive(f)
			case <-tick.C:
				x.world.RunUntil(time.Now())
			case <-end:
				b.Fatalf("%d of %d peers have no tunnel after a minute", x.left, peers)
			}
		}
	}
	x.ask()
	until(func() bool { return x.gate != wire.MAC{} })

	before := processorTime(b, pid)
	for _, p := range x.all {
		p.begin(transform)
	}
	until(func() bool { return x.left == 0 })
	return processorTime(b, pid) - before
}

// processorTime is what a process has used (proc(5), fields 14 and 15 of stat).
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		b.Fatalf("no times in %q", stat)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

// A framePort is a socket that keeps frames apart.
type framePort struct {
	*os.File
	mu sync.Mutex
}

func (p *framePort) Send(f []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.Write(f)
}

func (p *framePort) Receive(arrive func([]byte)) {
	b := make([]byte, 1<<16)
	for {
		n, err := p.Read(b)
		if err != nil || n == 0 {
			return
		}
		arrive(append([]byte(nil), b[:n]...))
	}
}

const responderEnv = "CWLAB_RESPONDER" // has the test program be a responder

// startResponder starts a device in a process of its own, joined by a socket.
func startResponder(b *testing.B, lines []string) (*framePort, int) {
	b.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		b.Fatal(err)
	}
	here, there := os.NewFile(uintptr(fds[0]), "port"), os.NewFile(uintptr(fds[1]), "port")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), responderEnv+"="+strings.Join(lines, " "))
	cmd.ExtraFiles = []*os.File{there}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	_ = there.Close()
	b.Cleanup(func() {
		_ = here.Close() // which ends it
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	return &framePort{File: here}, cmd.Process.Pid
}

func TestMain(m *testing.M) {
	if lines := os.Getenv(responderEnv); lines != "" {
		if err := respond(lines); err != nil {
			fmt.Fprintln(os.Stderr, "responder:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// responder is a device that answers whoever has the key.
func responder(words []string) *lab.Definition {
	config := fmt.Sprintf(`interface LoopBack0
 ip address %s 255.255.255.255
#
interface GigabitEthernet1/0/1
 port link-mode route
 ip address %s 255.255.255.0
 ipsec apply policy p
#
security-zone name Untrust
 import interface GigabitEthernet1/0/1
#
 ip route-static 10.99.0.0 16 %s
#
ipsec transform-set s
 esp encryption-algorithm %s
 esp authentication-algorithm %s
#
ipsec policy-template t 1
 transform-set s
 ike-profile f
#
ipsec policy p 1 isakmp template t
#
ike profile f
 keychain k
 match remote identity address 10.99.0.0 255.255.0.0
 proposal 1
#
ike proposal 1
 encryption-algorithm %s
 authentication-algorithm %s
 dh %s
#
ike keychain k
 pre-shared-key address 10.99.0.0 255.255.0.0 key simple %s
#
security-policy ip
 rule 0 name any
  action pass
#
return
`, theirs, theirsAddr, oursAddr, words[3], words[4], words[0], words[1], words[2], psk)
	return &lab.Definition{Name: "responder", Start: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		Devices: []lab.DeviceSpec{{Name: boxName, Model: "F1060", Config: config, ConfigFile: "F1060.cfg"}}}
}

var responderPort = lab.Endpoint{Node: boxName, Port: "GigabitEthernet1/0/1"}

// respond runs a responder until its port ends.
func respond(lines string) error {
	port := &framePort{File: os.NewFile(3, "port")}
	ended := make(chan struct{})
	bridge := lab.Bridge{Port: responderPort, Name: "port", Open: func(arrive func([]byte)) func([]byte) {
		go func() { port.Receive(arrive); close(ended) }()
		return port.Send
	}}
	l, err := lab.Open(responder(strings.Fields(lines)), device.Make, lab.Options{Seed: 1, Bridges: []lab.Bridge{bridge}, Endless: true})
	if err != nil {
		return err
	}
	if e := l.LoadErrors(); len(e) > 0 {
		return fmt.Errorf("the configuration is refused: %s", strings.Join(e, "; "))
	}
	l.Start(context.Background())
	<-ended
	l.Stop()
	return l.Err()
}

// A labPort joins initiators to a laboratory in whose world they are.
type labPort struct {
	lab    *lab.Lab
	arrive func([]byte)
}

func (p *labPort) Receive(func([]byte)) {}

func (p *labPort) Send(f []byte) {
	p.lab.World().After(time.Millisecond, func() { p.lab.Frame("port", f) })
}

// BenchmarkManyTunnels is 10,000 peers with a tunnel each to one device: its
// memory, and what `display ike sa` of them takes.
func BenchmarkManyTunnels(b *testing.B) {
	const tunnels = 10000
	k := loads[0]
	k.proposal.Auth, k.proposal.Seconds = isakmp.PreSharedKey, 86400
	k.set.Name, k.set.Mode = "s", ipsec.Tunnel
	var memory, most int64
	var shown time.Duration
	for b.Loop() {
		port := &labPort{}
		bridge := lab.Bridge{Port: responderPort, Name: "port", Open: func(func([]byte)) func([]byte) {
			return func(f []byte) { port.lab.World().After(time.Millisecond, func() { port.arrive(f) }) }
		}}
		before := heap()
		l, err := lab.Open(responder(k.lines), device.Make, lab.Options{Seed: 1, Bridges: []lab.Bridge{bridge}, Endless: true})
		if err != nil {
			b.Fatal(err)
		}
		port.lab = l
		x := gather(l.World(), tunnels, port, k.proposal)
		port.arrive = x.arrive
		x.ask()
		l.RunFor(time.Second)
		for _, p := range x.all {
			p.begin(k.set)
			l.RunFor(20 * time.Millisecond)
		}
		l.RunFor(time.Second)
		if s := l.Device(boxName).Snapshot(); x.left != 0 || len(s.IKE) != tunnels || len(s.IPsec) != tunnels {
			b.Fatalf("%d peers have no tunnel; the device has %d IKE SAs and %d IPsec tunnels, want %d", x.left, len(s.IKE), len(s.IPsec), tunnels)
		}
		port.arrive = func([]byte) {}
		for _, p := range x.all {
			p.Stop()
		}
		x = nil // the device alone is left
		with := heap()
		memory += with - before

		lines, look := 0, 0
		l.Console(boxName).Tap(func(p []byte) {
			if lines += strings.Count(string(p), "\n"); lines >= look {
				look += tunnels / 10
				most = max(most, heap()-with)
			}
		})
		start := time.Now()
		l.Type(boxName, []byte("screen-length disable\rdisplay ike sa\r"))
		l.RunFor(time.Minute)
		shown += time.Since(start)
		if lines < tunnels {
			b.Fatalf("%d lines of %d", lines, tunnels)
		}
	}
	b.ReportMetric(float64(memory)/float64(b.N)/1e6, "MB")
	b.ReportMetric(float64(most)/1e6, "MB-more-to-show")
	b.ReportMetric(shown.Seconds()/float64(b.N), "s-to-show")
}

// heap is the memory in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
