package ip

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// want compares what was seen.
func want(t *testing.T, why, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

// pair is two devices on one cable, 10.0.0.1 and 10.0.0.2, with loopbacks
// 1.1.1.1 and 2.2.2.2 and routes to them. Echo replies take just over the
// given times.
func pair(t *testing.T, turnaround ...string) (a, b *featuretest.Desk, c *link.Cable) {
	t.Helper()
	pins := map[string]string{}
	for n, d := range turnaround {
		pins["B icmp turnaround "+string(rune('1'+n))] = d
	}
	tape, err := sim.NewTape(pins)
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(featuretest.Start, 1, tape)
	n := link.NewNetwork(w)
	seat := func(name string) *featuretest.Desk {
		d := featuretest.At(t, w, n, name, Feature)
		d.ShowLogs()
		return d
	}
	a, b = seat("A"), seat("B")
	c = n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: 10 * time.Microsecond})
	a.Do("system-view", "interface g1/0/1", "ip address 10.0.0.1 24", "interface loopback 0", "ip address 1.1.1.1 32",
		"ip route-static 2.2.2.2 32 10.0.0.2", "return")
	b.Do("system-view", "interface GigabitEthernet 1/0/1", "ip address 10.0.0.2 255.255.255.0", "interface LoopBack0", "ip address 2.2.2.2 32",
		"ip route-static 0.0.0.0 0 g1/0/1 10.0.0.1 preference 80", "return")
	a.Run(time.Second)
	return a, b, c
}

func TestGrammar(t *testing.T) {
	img := featuretest.Image(t, Feature)
	if err := img.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestPing(t *testing.T) {
	a, _, _ := pair(t, "1ms", "3ms")
	a.Do("ping -c 2 -a 1.1.1.1 2.2.2.2")
	a.Run(time.Minute)
	want(t, "two answers", a.Seen(), `Ping 2.2.2.2 (2.2.2.2) from 1.1.1.1: 56 data bytes, press CTRL_C to break
56 bytes from 2.2.2.2: icmp_seq=0 ttl=255 time=1.000 ms
56 bytes from 2.2.2.2: icmp_seq=1 ttl=255 time=3.000 ms

--- Ping statistics for 2.2.2.2 ---
2 packet(s) transmitted, 2 packet(s) received, 0.0% packet loss
round-trip min/avg/max/std-dev = 1.000/2.000/3.000/1.000 ms
%Jan  2 03:04:06:204 2020 H3C PING/6/PING_STATISTICS: -Context=1; Ping statistics for 2.2.2.2: 2 packet(s) transmitted, 2 packet(s) received, 0.0% packet loss, round-trip min/avg/max/std-dev = 1.000/2.000/3.000/1.000 ms.
`)
}

func TestPingTimesOutAndStops(t *testing.T) {
	a, _, c := pair(t, "1ms", "1ms")
	a.Do("ping -t 1000 -m 300 -c 100 10.0.0.2")
	a.Run(200 * time.Millisecond)
	c.SetLoss(1)
	a.Run(2900 * time.Millisecond) // echo 1 at 0.3 s, echo 2 at 1.6 s, echo 3 at 2.9 s
	a.Interrupt()
	a.Run(0)
	out := a.Seen()
	cut := strings.Index(out, "%Jan")
	want(t, "lost answers", out[:cut], `Ping 10.0.0.2 (10.0.0.2): 56 data bytes, press CTRL_C to break
56 bytes from 10.0.0.2: icmp_seq=0 ttl=255 time=1.000 ms
Request time out
Request time out

--- Ping statistics for 10.0.0.2 ---
4 packet(s) transmitted, 1 packet(s) received, 75.0% packet loss
round-trip min/avg/max/std-dev = 1.000/1.000/1.000/0.000 ms
`)
	c.SetLoss(0)
	a.Do()
	a.Run(time.Minute)
	want(t, "after it has ended", a.Seen(), "")
}

func TestRefusedRequestUsesNoNumber(t *testing.T) {
	a, _, _ := pair(t, "0ms")
	verdicts := []stack.Verdict{stack.Drop, stack.Refuse, stack.Refuse, stack.Accept}
	a.Box.Stack.Hook(stack.Out, "test", func(p *stack.Packet) stack.Verdict {
		v := verdicts[0]
		verdicts = verdicts[1:]
		return v
	})
	a.Do("ping -c 2 -t 500 2.2.2.2")
	a.Run(time.Minute)
	out := a.Seen()
	want(t, "one dropped, two refused", out[:strings.Index(out, "round")], `Ping 2.2.2.2 (2.2.2.2): 56 data bytes, press CTRL_C to break
Request time out
Request time out
Request time out
56 bytes from 2.2.2.2: icmp_seq=1 ttl=255 time=0.000 ms

--- Ping statistics for 2.2.2.2 ---
2 packet(s) transmitted, 1 packet(s) received, 50.0% packet loss
`)
}

func TestPingErrors(t *testing.T) {
	a, b, _ := pair(t)
	for _, row := range []struct{ line, want string }{
		{"ping nowhere", "Ping: Unknown host nowhere\n"},
		{"ping -a 9.9.9.9 2.2.2.2", "Error: The source IP address is not an address of this device.\n"},
	} {
		want(t, row.line, a.Do(row.line), row.want)
	}
	b.Do("system-view", "ip ttl-expires enable", "return")
	a.Do("system-view", "ip route-static 3.3.3.3 32 10.0.0.2", "return")
	a.Do("ping -v -q -c 1 -h 1 3.3.3.3")
	a.Run(time.Minute)
	if out := a.Seen(); strings.Contains(out, "exceeded") {
		t.Errorf("-q shows more than the statistics:\n%s", out)
	}
	a.Do("ping ip -s 100 -v -c 1 -h 1 3.3.3.3")
	a.Run(time.Minute)
	if out := a.Seen(); !strings.Contains(out, "36 bytes from 10.0.0.2: Time to live exceeded\nRequest time out\n") ||
		!strings.Contains(out, "1 packet(s) transmitted, 0 packet(s) received, 100.0% packet loss\n") {
		t.Errorf("TTL 1 gave\n%s", out)
	}
}

func TestInterfacesAndLogs(t *testing.T) {
	a, b, c := pair(t)
	want(t, "brief", a.Do("display interface brief"), `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
Interface            Link Protocol Primary IP        Description                
GE1/0/0              DOWN DOWN     --                
GE1/0/1              UP   UP       10.0.0.1          
GE1/0/2              DOWN DOWN     --                
GE1/0/3              DOWN DOWN     --                
InLoop0              UP   UP(s)    --                
Loop0                UP   UP(s)    1.1.1.1           
NULL0                UP   UP(s)    --                

`)
	b.Do()
	want(t, "shutdown", a.Do("system-view", "interface g1/0/1", "description to the other side", "shutdown", "return"),
		`%Jan  2 03:04:06:000 2020 H3C IFNET/3/PHY_UPDOWN: -Context=1; Physical state on the interface GigabitEthernet1/0/1 changed to down.
%Jan  2 03:04:06:000 2020 H3C IFNET/5/LINK_UPDOWN: -Context=1; Line protocol state on the interface GigabitEthernet1/0/1 changed to down.
`)
	if !strings.Contains(b.Seen(), "changed to down") {
		t.Errorf("the other side logged %q", b.Seen())
	}
	want(t, "ip brief", a.Do("display ip interface brief"), `*down: administratively down
(s): spoofing  (l): loopback
Interface                Physical Protocol IP Address      Description
GE1/0/0                  down     down     --              --
GE1/0/1                  *down    down     10.0.0.1        to the other s...
GE1/0/2                  down     down     --              --
GE1/0/3                  down     down     --              --
Loop0                    up       up(s)    1.1.1.1         --
`)
	want(t, "down", a.Do("display interface brief down"), `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Interface            Link Cause
GE1/0/0              DOWN Not connected
GE1/0/1              ADM  Administratively
GE1/0/2              DOWN Not connected
GE1/0/3              DOWN Not connected

`)
	a.Do("system-view", "interface g1/0/1", "undo shutdown")
	c.Cut()
	if out := a.Do("display interface GigabitEthernet 1/0/1"); !strings.Contains(out, "Current state: DOWN\n") ||
		!strings.Contains(out, "Internet address: 10.0.0.1/24 (Primary)\n") || !strings.HasSuffix(out, "no carrier\n\n") {
		t.Errorf("display interface gave\n%s", out)
	}
}

func TestAddresses(t *testing.T) {
	a, _, _ := pair(t)
	a.Do("system-view", "interface g1/0/2")
	for _, row := range []struct{ line, want string }{
		{"ip address 10.0.0.9 24", "Error: The IP address overlaps with that of interface GigabitEthernet1/0/1.\n"},
		{"ip address 20.0.0.0 24", "Error: The IP address is a network address.\n"},
		{"ip address 20.0.0.255 24", "Error: The IP address is a broadcast address.\n"},
		{"ip address 224.0.0.9 24", "Error: Invalid IP address.\n"},
		{"ip address 20.0.0.1 255.255.255.252", ""},
		{"undo ip address 20.0.0.1 24", "Error: The IP address does not exist.\n"},
		{"undo ip address 20.0.0.1 30", ""},
		{"interface InLoopBack 0", "Error: The interface cannot be created or configured.\n"},
		{"undo interface GigabitEthernet1/0/1", "Error: The interface cannot be deleted.\n"},
		{"undo interface LoopBack7", "Error: The interface does not exist.\n"},
	} {
		want(t, row.line, a.Do(row.line), row.want)
	}
	a.Do("undo interface LoopBack0")
	if a.Box.Stack.Iface("LoopBack0") != nil {
		t.Error("LoopBack0 is still there")
	}
}

func TestRoutes(t *testing.T) {
	a, b, _ := pair(t)
	want(t, "by address", a.Do("display ip routing-table 2.2.2.2"), `
Summary Count : 1

Destination/Mask   Proto   Pre Cost        NextHop         Interface
2.2.2.2/32         Static  60  0           10.0.0.2        GE1/0/1
`)
	if out := a.Do("display ip routing-table"); !strings.HasPrefix(out, "\nDestinations : 14        Routes : 14\n\n") ||
		!strings.Contains(out, "10.0.0.1/32        Direct  0   0           127.0.0.1       InLoop0\n") {
		t.Errorf("routing table is\n%s", out)
	}
	want(t, "no such route", b.Do("system-view", "undo ip route-static 5.0.0.0 8"), "Error: The route does not exist.\n")
	b.Do("ip route-static 5.0.0.0 255.0.0.0 99.9.9.9")
	want(t, "statics", b.Do("display ip routing-table protocol static"), `
Summary Count : 2

Static Routing Table Status : <Active>
Summary Count : 1

Destination/Mask   Proto   Pre Cost        NextHop         Interface
0.0.0.0/0          Static  80  0           10.0.0.1        GE1/0/1

Static Routing Table Status : <Inactive>
Summary Count : 1

Destination/Mask   Proto   Pre Cost        NextHop         Interface
5.0.0.0/8          Static  60  0           99.9.9.9        
`)
	b.Do("undo ip route-static 5.0.0.0 8")
	if n := len(b.Box.Stack.Statics()); n != 1 {
		t.Errorf("%d static routes left, want 1", n)
	}
}

func TestARP(t *testing.T) {
	a, b, _ := pair(t)
	a.Do("reset arp all")
	a.Do("ping -c 1 10.0.0.2")
	a.Run(9 * time.Second)
	mac := b.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	want(t, "table", a.Do("display arp"), `  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
IP address      MAC address    VLAN     Interface                Aging Type
10.0.0.2        `+mac+` --       GE1/0/1                  1191  D
`)
}

func TestConfigurationComesBack(t *testing.T) {
	a, b, _ := pair(t)
	b.Do("system-view", "interface g1/0/2", "mtu 1400", "description free text  here", "shutdown", "combo enable copper", "ip unreachables enable")
	want := strings.Join(b.Box.Conf.Lines(), "\n")
	for _, line := range []string{
		"interface NULL0\n#\ninterface LoopBack0\n ip address 2.2.2.2 255.255.255.255\n#\ninterface GigabitEthernet1/0/0\n port link-mode route\n#\ninterface GigabitEthernet1/0/1\n port link-mode route\n ip address 10.0.0.2 255.255.255.0\n#",
		" ip route-static 0.0.0.0 0 GigabitEthernet1/0/1 10.0.0.1 preference 80\n",
	} {
		if !strings.Contains(want, line) {
			t.Errorf("configuration\n%s\nlacks\n%s", want, line)
		}
	}
	fresh := feature.NewBox("C", b.Box.Model, b.Box.Image, a.Box.World, a.Box.Net, feature.NewFlash())
	install(fresh)
	if refused := fresh.Load(want); len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
	if got := strings.Join(fresh.Conf.Lines(), "\n"); got != want {
		t.Errorf("configuration came back as\n%s\nwant\n%s", got, want)
	}
	i := fresh.Stack.Iface("GigabitEthernet1/0/2")
	if i.AdminUp() || i.MTU() != 1400 || !fresh.Stack.IPUnreachables || len(fresh.Stack.Statics()) != 1 {
		t.Error("the configuration did not take effect")
	}
}

func TestTraceComesBeforeWhatItLeadsTo(t *testing.T) {
	a, _, _ := pair(t, "0ms")
	a.Do("debugging ip icmp", "ping -c 1 10.0.0.2")
	a.Run(time.Minute)
	out := a.Seen()
	if at := strings.Index(out, "ICMP Input:"); at < 0 || at > strings.Index(out, "56 bytes from") {
		t.Errorf("the trace of the answer does not come before its line:\n%s", out)
	}
}
