package tunnel

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ike"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/ipsec"
	engine "cwlab/emulator/ipsec"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var (
	start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	image = []feature.Feature{ip.Feature, acl.Feature, ike.Feature, ipsec.Feature, Feature}
)

const config = `
interface LoopBack0
 ip address LOOP 255.255.255.255
interface GigabitEthernet1/0/1
 ip address LOCAL 255.255.255.0
interface Tunnel1 mode gre
 ip address INSIDE 255.255.255.0
 source LOCAL
 destination REMOTE
#
ip route-static FAR 32 Tunnel1
`

// two are the desks of two devices on one cable, with a tunnel between them.
func two(t *testing.T, more string) (a, b *featuretest.Desk) {
	t.Helper()
	w := sim.New(start, 1, nil)
	net := link.NewNetwork(w)
	var desks []*featuretest.Desk
	for _, name := range []string{"A", "B"} {
		desks = append(desks, featuretest.At(t, w, net, name, image...))
	}
	net.Connect(net.Port("A", "GigabitEthernet1/0/1"), net.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	w.RunUntil(start.Add(time.Second))
	for i, r := range []*strings.Replacer{
		strings.NewReplacer("LOOP", "2.2.2.2", "FAR", "3.3.3.3", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2", "INSIDE", "10.0.0.1", "PEER", "10.0.0.2"),
		strings.NewReplacer("LOOP", "3.3.3.3", "FAR", "2.2.2.2", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1", "INSIDE", "10.0.0.2", "PEER", "10.0.0.1"),
	} {
		if refused := desks[i].Box.Load(r.Replace(config + more)); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
	}
	w.RunUntil(start.Add(2 * time.Second))
	return desks[0], desks[1]
}

func ping(d *featuretest.Desk, line string) string {
	out := d.Do(line)
	for d.Busy() && d.World.Step() {
	}
	return out + d.Seen()
}

// outers are the protocols of the packets that a device receives on its port.
func outers(d *featuretest.Desk) *[]uint8 {
	var got []uint8
	d.Box.Stack.OnPacket(func(at stack.Passage, i *stack.Iface, v *wire.IPv4) {
		if at == stack.Receiving && v.Proto != wire.ProtoUDP && i.Kind() == stack.Ethernet {
			got = append(got, v.Proto)
		}
	})
	return &got
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, image...).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestGREPassesTraffic(t *testing.T) {
	a, b := two(t, "")
	got := outers(b)
	for _, line := range []string{"ping -c 1 10.0.0.2", "ping -a 2.2.2.2 -c 1 3.3.3.3", "ping -a 2.2.2.2 -c 1 -s 4000 3.3.3.3"} {
		if out := ping(a, line); !strings.Contains(out, "icmp_seq=0 ") {
			t.Errorf("%s printed %s", line, out)
		}
	}
	if len(*got) != 5 { // the last one in three pieces
		t.Errorf("B received %v", *got)
	}
	for _, p := range *got {
		if p != 47 {
			t.Errorf("B received %v, want GRE alone", *got)
		}
	}
	want := `Tunnel1
Current state: UP
Line protocol state: UP
Description: Tunnel1 Interface
Bandwidth: 64 kbps
Maximum transmission unit: 1476
Internet address: 10.0.0.1/24 (Primary)
Tunnel source 1.1.1.1, destination 1.1.1.2
Tunnel keepalive disabled
Tunnel TTL 255
Tunnel protocol/transport GRE/IP
    GRE key disabled
    Checksumming of GRE packets disabled
Output queue - Urgent queuing: Size/Length/Discards 0/100/0
Output queue - Protocol queuing: Size/Length/Discards 0/500/0
Output queue - FIFO queuing: Size/Length/Discards 0/75/0
Last clearing of counters: Never
`
	if out := a.Do("display interface Tunnel1"); !strings.HasPrefix(out, want) || !strings.Contains(out, "Input: 5 packets, 4236 bytes, 0 drops\n") {
		t.Errorf("display interface printed\n%s", out)
	}
	if out := a.Do("display interface brief"); !strings.Contains(out, "Tun1                 UP   UP       10.0.0.1 ") {
		t.Errorf("display interface brief printed\n%s", out)
	}
	a.RoundTrip()
}

func TestLinesOfTheTunnel(t *testing.T) {
	a, b := two(t, "")
	in := func(d *featuretest.Desk, lines ...string) {
		d.Do(append(append([]string{"system-view", "interface Tunnel1"}, lines...), "return")...)
	}
	for _, tt := range []struct {
		a, b  []string
		works bool
		shows string
	}{
		{[]string{"gre key 123"}, nil, false, "    GRE key value is 123\n"},
		{nil, []string{"gre key 123"}, true, "    GRE key value is 123\n"},
		{[]string{"undo gre key"}, []string{"undo gre key"}, true, "    GRE key disabled\n"},
		{[]string{"gre checksum"}, nil, true, "    Checksumming of GRE packets enabled\n"},
		{[]string{"undo gre checksum"}, nil, true, "    Checksumming of GRE packets disabled\n"},
		{[]string{"tunnel ttl 7", "tunnel tos 200"}, nil, true, "Tunnel TOS 0xC8, Tunnel TTL 7\n"},
		{[]string{"undo tunnel ttl", "undo tunnel tos"}, nil, true, "Tunnel TTL 255\n"},
		{[]string{"keepalive 20 5"}, nil, true, "Tunnel keepalive enabled, Period(20 s), Retries(5)\n"},
		{[]string{"keepalive"}, nil, true, "Tunnel keepalive enabled, Period(10 s), Retries(3)\n"},
		{[]string{"undo keepalive"}, nil, true, "Tunnel keepalive disabled\n"},
		{[]string{"mtu 500"}, nil, true, "Maximum transmission unit: 500\n"},
		{[]string{"undo mtu"}, nil, true, "Maximum transmission unit: 1476\n"},
		{[]string{"tunnel dfbit enable"}, nil, true, "Tunnel1\n"},
		{[]string{"undo tunnel dfbit enable"}, nil, true, "Tunnel1\n"},
		{[]string{"undo source"}, nil, false, "Current state: DOWN\nLine protocol state: DOWN\n"},
		{[]string{"source GigabitEthernet1/0/1"}, nil, true, "Tunnel source 1.1.1.1 (GigabitEthernet1/0/1), destination 1.1.1.2\n"},
		{[]string{"undo destination"}, nil, false, "destination unknown\n"},
		{[]string{"destination 9.9.9.9"}, nil, false, "Current state: DOWN\n"},
		{[]string{"destination 1.1.1.2"}, nil, true, "Current state: UP\n"},
		{[]string{"shutdown"}, nil, false, "Current state: Administratively DOWN\n"},
		{[]string{"undo shutdown"}, nil, true, "Current state: UP\n"},
	} {
		in(a, tt.a...)
		in(b, tt.b...)
		a.Run(time.Second)
		if out := ping(a, "ping -c 1 10.0.0.2"); strings.Contains(out, "icmp_seq=0 ") != tt.works {
			t.Errorf("after %q and %q ping printed %s", tt.a, tt.b, out)
		}
		if out := a.Do("display interface Tunnel1"); !strings.Contains(out, tt.shows) {
			t.Errorf("after %q no %q in\n%s", tt.a, tt.shows, out)
		}
		a.RoundTrip()
	}
	if out := a.Do("system-view", "interface Tunnel1 mode ipsec"); !strings.Contains(out, "cannot be changed") {
		t.Errorf("another mode printed %q", out)
	}
	if out := a.Do("interface Tunnel9"); !strings.Contains(out, "does not exist") {
		t.Errorf("a tunnel without a mode printed %q", out)
	}
	a.Do("interface Tunnel2 mode ipv6-ipv4", "source 1.1.1.1", "destination 1.1.1.2", "quit")
	if out := a.Do("display interface Tunnel2"); !strings.Contains(out, "Current state: DOWN\n") {
		t.Errorf("a mode that nothing acts on printed\n%s", out)
	}
	a.Do("undo interface Tunnel2", "undo interface Tunnel1")
	if strings.Contains(a.Config(), "Tunnel") || a.Box.Stack.Iface("Tunnel1") != nil {
		t.Errorf("after undo the configuration is\n%s", a.Config())
	}
	a.Do("interface Tunnel1 mode gre", "return")
}

const ipsecOverGRE = `
acl advanced 3000
 rule 0 permit ip source LOOP 0 destination FAR 0
#
ipsec transform-set tran1
 esp encryption-algorithm aes-cbc-128
 esp authentication-algorithm sha1
#
ipsec policy map1 10 isakmp
 transform-set tran1
 security acl 3000
 remote-address PEER
#
ike keychain k1
 pre-shared-key address PEER 255.255.255.255 key simple secret
#
interface Tunnel1
 ipsec apply policy map1
`

// IPsec over GRE: the policy is on the tunnel interface, and ESP goes into GRE.
func TestIPsecOverGRE(t *testing.T) {
	a, b := two(t, ipsecOverGRE)
	got := outers(b)
	var inside []uint8
	b.Box.Stack.OnPacket(func(at stack.Passage, i *stack.Iface, v *wire.IPv4) {
		if at == stack.Receiving && i.Kind() == stack.Tunnel {
			inside = append(inside, v.Proto)
		}
	})
	if out := ping(a, "ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(out, "icmp_seq=2 ") {
		t.Fatalf("ping printed %s", out)
	}
	tunnels := feature.Get[*engine.Engine](a.Box).Tunnels(engine.Filter{})
	if len(tunnels) != 1 || tunnels[0].Iface != "Tunnel1" || tunnels[0].Local.String() != "10.0.0.1" {
		t.Fatalf("the tunnels are %+v", tunnels)
	}
	if out := a.Do("display ipsec sa"); !strings.Contains(out, "Interface: Tunnel1\n") || !strings.Contains(out, "Path MTU: 1404\n") {
		t.Errorf("display ipsec sa printed\n%s", out)
	}
	for _, p := range *got {
		if p != 47 {
			t.Errorf("B received protocols %v on its port, want GRE alone", *got)
		}
	}
	esp := 0
	for _, p := range inside {
		if p == 50 {
			esp++
		}
	}
	if esp != 2 {
		t.Errorf("%d ESP packets inside the tunnel: %v", esp, inside)
	}
	a.RoundTrip()
}
