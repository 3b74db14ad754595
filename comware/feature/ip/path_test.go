package ip

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// chain is three devices A - B - C with 10.0.12.0/24 and 10.0.23.0/24 between
// them and routes to all. Each cable takes a millisecond.
func chain(t *testing.T) (a, b, c *featuretest.Desk) {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	a, b, c = featuretest.At(t, w, n, "A", Feature), featuretest.At(t, w, n, "B", Feature), featuretest.At(t, w, n, "C", Feature)
	const left, right = "GigabitEthernet1/0/1", "GigabitEthernet1/0/2"
	slow := link.Options{Latency: time.Millisecond}
	n.Connect(n.Port("A", right), n.Port("B", left), slow)
	n.Connect(n.Port("B", right), n.Port("C", left), slow)
	a.Do("system-view", "interface "+right, "ip address 10.0.12.1 24", "ip route-static 10.0.23.0 24 10.0.12.2", "return")
	b.Do("system-view", "interface "+left, "ip address 10.0.12.2 24", "interface "+right, "ip address 10.0.23.2 24", "return")
	c.Do("system-view", "interface "+left, "ip address 10.0.23.3 24", "ip route-static 0.0.0.0 0 10.0.23.2", "return")
	a.Do("ping -c 1 10.0.23.3")
	a.Run(time.Minute)
	return a, b, c
}

// run types a command that takes time and returns all that it printed.
func run(d *featuretest.Desk, line string) string {
	d.T.Helper()
	d.Do(line)
	d.Run(10 * time.Minute)
	if d.Busy() {
		d.T.Errorf("%q has not ended", line)
	}
	return d.Seen()
}

func TestTracert(t *testing.T) {
	a, b, c := chain(t)
	want(t, "hops that keep silent", run(a, "tracert -m 2 10.0.23.3"), `traceroute to 10.0.23.3 (10.0.23.3), 2 hops at most, 40 bytes each packet, press CTRL_C to break
 1  * * *
 2  * * *
`)
	b.Do("system-view", "ip ttl-expires enable")
	c.Do("system-view", "ip unreachables enable")
	want(t, "hops that answer", run(a, "tracert 10.0.23.3"), `traceroute to 10.0.23.3 (10.0.23.3), 30 hops at most, 40 bytes each packet, press CTRL_C to break
 1  10.0.12.2 (10.0.12.2)  2.000 ms  2.000 ms  2.000 ms
 2  10.0.23.3 (10.0.23.3)  4.000 ms  4.000 ms  4.000 ms
`)
	a.Do("system-view", "ip host far 10.0.23.3", "interface loopback 0", "ip address 1.1.1.1 32", "return")
	want(t, "all options", run(a, "tracert -a 10.0.12.1 -f 2 -m 9 -p 65535 -q 2 -t 16 -w 100 far"), `traceroute to far (10.0.23.3), 9 hops at most, 40 bytes each packet, press CTRL_C to break
 2  10.0.23.3 (10.0.23.3)  4.000 ms  4.000 ms
`)
	b.Do("undo ip ttl-expires enable")
	c.Do("ip icmp error-interval 0", "undo ip unreachables enable", "ip unreachables enable")
	a.Do("tracert -w 1000 10.0.23.3")
	a.Run(1500 * time.Millisecond)
	a.Interrupt()
	want(t, "interrupted", a.Seen(), "traceroute to 10.0.23.3 (10.0.23.3), 30 hops at most, 40 bytes each packet, press CTRL_C to break\n 1  *\n")
	a.Run(time.Minute)
	want(t, "after it", a.Do(), "")
	b.Do("ip unreachables enable")
	if out := run(a, "tracert -q 1 10.0.23.77"); !strings.Contains(out, "\n 2  10.0.12.2 (10.0.12.2)  ") || !strings.HasSuffix(out, " !H\n") {
		t.Errorf("a host that is not there gave\n%s", out)
	}
	a.Do("system-view", "ip unreachables enable", "return")
	if out := run(a, "tracert 10.0.12.1"); !strings.HasSuffix(out, "\n 1  10.0.12.1 (10.0.12.1)  0.000 ms  0.000 ms  0.000 ms\n") {
		t.Errorf("to itself:\n%s", out)
	}
	for _, row := range []struct{ line, want string }{
		{"tracert nowhere", "Tracert: Unknown host nowhere\n"},
		{"tracert -a 9.9.9.9 10.0.23.3", notLocal + "\n"},
		{"tracert -f 5 -m 4 10.0.23.3", "Error: The first TTL value is greater than the maximum TTL value.\n"},
	} {
		a.Want(row.line, row.want)
	}
}

func TestPingOptions(t *testing.T) {
	a, b, c := chain(t)
	out := run(a, "ping -r -c 2 10.0.23.3")
	lines := strings.Split(out, "\n")
	if len(lines) < 6 || lines[2] != "RR:      10.0.23.2" || lines[3] != "         10.0.23.3" || lines[4] != "         10.0.12.2" ||
		lines[5] != "         10.0.12.1" || !strings.HasSuffix(lines[6], "  (same route)") {
		t.Errorf("the recorded route is\n%s", out)
	}
	a.Do("system-view", "interface g1/0/2", "mtu 1000", "return")
	if out := run(a, "ping -f -s 1200 -c 1 -t 100 10.0.23.3"); !strings.Contains(out, "100.0% packet loss") {
		t.Errorf("a packet that is too long for the interface gave\n%s", out)
	}
	if out := run(a, "ping -s 1200 -c 1 -i g1/0/2 -tos 8 -p ff -m 10 -n 10.0.23.3"); !strings.Contains(out, "1200 bytes from 10.0.23.3") {
		t.Errorf("fragments gave\n%s", out)
	}
	a.Do("system-view", "interface g1/0/2", "undo mtu", "ip host ip 10.0.23.3", "return")
	b.Do("system-view", "interface g1/0/2", "mtu 1000", "ip unreachables enable", "return")
	if out := run(a, "ping -v -f -s 1200 -c 1 -t 100 10.0.23.3"); !strings.Contains(out, "from 10.0.12.2: Frag needed and DF set\n") {
		t.Errorf("a smaller link on the way gave\n%s", out)
	}
	if out := run(a, "ping ip -c 1 ip"); !strings.HasPrefix(out, "Ping ip (10.0.23.3): 56 data bytes") || !strings.Contains(out, " 0.0% packet loss") {
		t.Errorf("a host that is called ip gave\n%s", out)
	}
	a.Want("ping -n ip", "Ping: Unknown host ip\n")
	a.Do("system-view", "interface loopback 0", "ip address 1.1.1.1 32", "ip icmp source 1.1.1.1", "return")
	c.Do("system-view", "ip route-static 1.1.1.1 32 10.0.23.2", "return")
	b.Do("system-view", "ip route-static 1.1.1.1 32 10.0.12.1", "return")
	c.ShowLogs()
	c.Do("debugging ip icmp")
	run(a, "ping -c 1 10.0.23.3")
	if !strings.Contains(c.Seen(), "src = 1.1.1.1, dst = 10.0.23.3") {
		t.Errorf("C saw\n%s", c.Seen())
	}
	a.Do("system-view", "undo ip icmp source", "return")
	c.Do("undo debugging ip icmp")
	run(a, "ping -c 1 10.0.23.3")
	want(t, "tracing switched off", c.Seen(), "")
}

func TestDirectedBroadcasts(t *testing.T) {
	a, b, c := chain(t)
	b.ShowLogs()
	b.Do("debugging ip error")
	c.ShowLogs()
	c.Do("debugging ip packet")
	run(a, "ping -c 1 -t 10 10.0.23.255")
	want(t, "refused", b.Seen(), "%Jan  2 03:05:05:001 2020 H3C IPFW/3/IPFW_ERROR: -Context=1;\nBroadcast NOT allowed to be forwarded!\n")
	want(t, "behind it", c.Seen(), "")
	b.Do("undo debugging ip error", "system-view", "interface g1/0/2", "ip forward-broadcast")
	b.RoundTrip()
	run(a, "ping -c 1 -t 10 10.0.23.255")
	if seen := c.Seen(); !strings.Contains(seen, "s = 10.0.12.1, d = 10.0.23.255\n") {
		t.Errorf("C saw\n%s", seen)
	}
	b.Do("undo ip forward-broadcast")
	c.Do()
	run(a, "ping -c 1 -t 10 10.0.23.255")
	want(t, "forbidden again", b.Seen()+c.Seen(), "")
}

func TestHostNames(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "ip host Core 10.0.0.1", "ip host edge 10.0.0.2", "ip host core 10.0.0.3")
	d.Want("display dns host", `Type:
  D: Dynamic    S: Static

Total number: 2
No.  Host name         Type  TTL        Query type   IP addresses
1    core              S     -          A            10.0.0.3
2    edge              S     -          A            10.0.0.2
`)
	d.Want("undo ip host core 10.0.0.9", "Error: The host name does not exist.\n")
	d.Want("ip host b$d 10.0.0.9", "Error: Invalid host name.\n")
	d.Do("undo ip host core 10.0.0.3")
	if s := d.Config(); strings.Contains(s, "core") || !strings.Contains(s, " ip host edge 10.0.0.2\n") {
		t.Errorf("configuration is\n%s", s)
	}
	d.RoundTrip()
}

func TestICMPErrorSettings(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "ip icmp error-interval 0", "ip icmp source 1.1.1.1", "ip ttl-expires enable", "ip unreachables enable", "ip redirects enable")
	d.RoundTrip()
	d.Do("ip icmp error-interval 100 20")
	if s := d.Config(); !strings.Contains(s, " ip icmp error-interval 100 20\n") {
		t.Errorf("configuration is\n%s", s)
	}
	d.Do("undo ip icmp error-interval", "undo ip icmp source", "undo ip ttl-expires enable", "undo ip unreachables enable", "undo ip redirects enable")
	if s := d.Config(); strings.Contains(s, " ip ") {
		t.Errorf("configuration is\n%s", s)
	}
}

func TestDebugging(t *testing.T) {
	a, b, _ := pair(t)
	b.Do("debugging ip packet", "debugging arp packet")
	a.Do("reset arp all", "ping -c 1 10.0.0.2")
	a.Run(time.Minute)
	mac := func(d *featuretest.Desk) string { return d.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String() }
	seen := b.Seen()
	for _, text := range []string{
		"ARP/7/ARP_RCV: -Context=1; Received an ARP message, operation: 1, sender MAC: " + mac(a) + ", sender IP: 10.0.0.1, target MAC: 0000-0000-0000, target IP: 10.0.0.2\n",
		"ARP/7/ARP_SEND: -Context=1; Sent an ARP message, operation: 2, sender MAC: " + mac(b) + ", sender IP: 10.0.0.2, target MAC: " + mac(a) + ", target IP: 10.0.0.1\n",
		"IPFWD/7/IPFW_PACKET: -Context=1;\nReceiving, interface = GigabitEthernet1/0/1, version = 4, headlen = 20, tos = 0,\npktlen = 84, pktid = ",
		", offset = 0, ttl = 255, protocol = 1,\nchecksum = ",
		", s = 10.0.0.1, d = 10.0.0.2\nprompt: Receiving IP packet from GigabitEthernet1/0/1\n",
		"IPDBG/7/IPFW_PACKET: -Context=1;\nDelivering, ",
		"prompt: IP packet is delivering up!\n",
		"prompt: Sending the packet from local at GigabitEthernet1/0/1\n",
	} {
		if !strings.Contains(seen, text) {
			t.Errorf("traces\n%s\nlack %q", seen, text)
		}
	}
	b.Do("undo debugging ip packet", "undo debugging arp packet", "debugging ip icmp", "debugging arp error",
		"system-view", "arp static 10.0.0.1 0001-0001-0001", "return")
	a.Do("system-view", "interface g1/0/1", "shutdown", "undo shutdown", "return")
	a.Do("ping -c 1 -t 10 10.0.0.2")
	a.Run(time.Minute)
	for _, text := range []string{
		"ARP/7/ARP_ERROR: -Context=1;\nPacket discarded for conflict with static entry. Interface: GE1/0/1, sender IP: 10.0.0.1, target IP: 10.0.0.1.\n",
		"SOCKET/7/ICMP: -Context=1;\nICMP Input:\n ICMP Packet: src = 10.0.0.1, dst = 10.0.0.2\n              type = 8, code = 0 (echo)\n",
		"ICMP Output:\n ICMP Packet: src = 10.0.0.2, dst = 10.0.0.1\n              type = 0, code = 0 (echo-reply)\n",
	} {
		if seen := b.Seen(); !strings.Contains(seen, text) {
			t.Errorf("traces\n%s\nlack %q", seen, text)
		}
	}
	b.Do("undo debugging ip icmp", "undo debugging arp error")
	a.Do("ping -c 1 -t 10 10.0.0.2")
	a.Run(time.Minute)
	want(t, "switched off", b.Seen(), "")
}
