package ip

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// views is what a person needs to get to the commands of this package.
var views = feature.Feature{Name: "views", Commands: []feature.Command{
	{Views: "user", Syntax: "system-view", Help: "system-view=Enter the system view", Run: func(x *feature.Exec, _ *cli.Args) {
		x.Enter(feature.ViewState{Name: "system"})
	}},
	{Views: "any", Syntax: "return", Help: "return=Exit to user view", Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Return() }},
}}

// A desk is a person at a device: what is printed, logs included.
type desk struct {
	t     *testing.T
	box   *feature.Box
	shell *feature.Shell
	out   strings.Builder
	stop  func()
}

func (d *desk) Print(text string)                  { d.out.WriteString(text) }
func (d *desk) Hold(stop func())                   { d.stop = stop }
func (d *desk) Release()                           { d.stop = nil; d.out.WriteString("<prompt>\n") }
func (*desk) Ask(_ string, _ bool, f func(string)) { f("") }
func (*desk) Logout()                              {}
func (*desk) History() []string                    { return nil }
func (*desk) SetPageLength(int)                    {}

// do types lines and returns what was printed meanwhile.
func (d *desk) do(lines ...string) string {
	d.t.Helper()
	d.out.Reset()
	for _, line := range lines {
		if err := d.shell.Run(line); err != nil {
			d.t.Fatalf("%s: %q: %v", d.shell.Prompt(), line, err)
		}
		d.run(0)
	}
	return d.out.String()
}

func (d *desk) run(after time.Duration) {
	d.box.World.RunUntil(d.box.World.Now().Add(after))
}

func (d *desk) want(why, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// pair is two devices on one cable, 10.0.0.1 and 10.0.0.2, with loopbacks
// 1.1.1.1 and 2.2.2.2 and routes to them. Echo replies take just over the
// given times.
func pair(t *testing.T, turnaround ...string) (a, b *desk, c *link.Cable) {
	t.Helper()
	pins := map[string]string{}
	for n, d := range turnaround {
		pins["B icmp turnaround "+string(rune('1'+n))] = d
	}
	tape, err := sim.NewTape(pins)
	if err != nil {
		t.Fatal(err)
	}
	img, err := feature.NewImage(views, Feature)
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(start, 1, tape)
	n := link.NewNetwork(w)
	model := &feature.Model{Name: "X", Ports: []string{"GigabitEthernet1/0/1", "GigabitEthernet1/0/2"}}
	seat := func(name string) *desk {
		d := &desk{t: t, box: feature.NewBox(name, model, img, w, n, feature.NewFlash())}
		for _, f := range img.Features {
			if f.Install != nil {
				f.Install(d.box)
			}
		}
		d.shell = feature.NewShell(d.box, d, "con0")
		d.box.Info.Subscribe(func(r infocenter.Record) { d.out.WriteString(r.String()) })
		return d
	}
	a, b = seat("A"), seat("B")
	c = n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: 10 * time.Microsecond})
	a.do("system-view", "interface g1/0/1", "ip address 10.0.0.1 24", "interface loopback 0", "ip address 1.1.1.1 32",
		"ip route-static 2.2.2.2 32 10.0.0.2", "return")
	b.do("system-view", "interface GigabitEthernet 1/0/1", "ip address 10.0.0.2 255.255.255.0", "interface LoopBack0", "ip address 2.2.2.2 32",
		"ip route-static 0.0.0.0 0 g1/0/1 10.0.0.1 preference 80", "return")
	a.run(time.Second)
	return a, b, c
}

func TestGrammar(t *testing.T) {
	img, err := feature.NewImage(views, Feature)
	if err != nil {
		t.Fatal(err)
	}
	if err := img.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestPing(t *testing.T) {
	a, _, _ := pair(t, "1ms", "3ms")
	a.do("ping -c 2 -a 1.1.1.1 2.2.2.2")
	a.run(time.Minute)
	a.want("two answers", a.out.String(), `Ping 2.2.2.2 (2.2.2.2) from 1.1.1.1: 56 data bytes, press CTRL_C to break
56 bytes from 2.2.2.2: icmp_seq=0 ttl=255 time=1.000 ms
56 bytes from 2.2.2.2: icmp_seq=1 ttl=255 time=3.000 ms

--- Ping statistics for 2.2.2.2 ---
2 packet(s) transmitted, 2 packet(s) received, 0.0% packet loss
round-trip min/avg/max/std-dev = 1.000/2.000/3.000/1.000 ms
<prompt>
%Jan  2 03:04:06:204 2020 H3C PING/6/PING_STATISTICS: Ping statistics for 2.2.2.2: 2 packet(s) transmitted, 2 packet(s) received, 0.0% packet loss, round-trip min/avg/max/std-dev = 1.000/2.000/3.000/1.000 ms.
`)
}

func TestPingTimesOutAndStops(t *testing.T) {
	a, _, c := pair(t, "1ms", "1ms")
	a.do("ping -t 1000 -m 300 -c 100 10.0.0.2")
	a.run(200 * time.Millisecond)
	c.SetLoss(1)
	a.run(2900 * time.Millisecond) // echo 1 at 0.3 s, echo 2 at 1.6 s, echo 3 at 2.9 s
	a.stop()
	a.run(0)
	out := a.out.String()
	cut := strings.Index(out, "%Jan")
	a.want("lost answers", out[:cut], `Ping 10.0.0.2 (10.0.0.2): 56 data bytes, press CTRL_C to break
56 bytes from 10.0.0.2: icmp_seq=0 ttl=255 time=1.000 ms
Request time out
Request time out

--- Ping statistics for 10.0.0.2 ---
4 packet(s) transmitted, 1 packet(s) received, 75.0% packet loss
round-trip min/avg/max/std-dev = 1.000/1.000/1.000/0.000 ms
<prompt>
`)
	c.SetLoss(0)
	a.out.Reset()
	a.run(time.Minute)
	a.want("after it has ended", a.out.String(), "")
}

func TestRefusedRequestUsesNoNumber(t *testing.T) {
	a, _, _ := pair(t, "0ms")
	verdicts := []stack.Verdict{stack.Drop, stack.Refuse, stack.Refuse, stack.Accept}
	a.box.Stack.Hook(stack.Out, "test", func(p *stack.Packet) stack.Verdict {
		v := verdicts[0]
		verdicts = verdicts[1:]
		return v
	})
	a.do("ping -c 2 -t 500 2.2.2.2")
	a.run(time.Minute)
	out := a.out.String()
	a.want("one dropped, two refused", out[:strings.Index(out, "round")], `Ping 2.2.2.2 (2.2.2.2): 56 data bytes, press CTRL_C to break
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
		a.want(row.line, a.do(row.line), row.want)
	}
	b.do("system-view", "ip ttl-expires enable", "return")
	a.do("system-view", "ip route-static 3.3.3.3 32 10.0.0.2", "return")
	a.do("ping -v -q -c 1 -h 1 3.3.3.3")
	a.run(time.Minute)
	if out := a.out.String(); strings.Contains(out, "exceeded") {
		t.Errorf("-q shows more than the statistics:\n%s", out)
	}
	a.do("ping ip -s 100 -v -c 1 -h 1 3.3.3.3")
	a.run(time.Minute)
	if out := a.out.String(); !strings.Contains(out, "36 bytes from 10.0.0.2: Time to live exceeded\nRequest time out\n") ||
		!strings.Contains(out, "1 packet(s) transmitted, 0 packet(s) received, 100.0% packet loss\n<prompt>") {
		t.Errorf("TTL 1 gave\n%s", out)
	}
}

func TestInterfacesAndLogs(t *testing.T) {
	a, b, c := pair(t)
	a.want("brief", a.do("display interface brief"), `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
Interface            Link Protocol Primary IP        Description                
GE1/0/1              UP   UP       10.0.0.1          
GE1/0/2              DOWN DOWN     --                
InLoop0              UP   UP(s)    --                
Loop0                UP   UP(s)    1.1.1.1           
NULL0                UP   UP(s)    --                

`)
	b.out.Reset()
	a.want("shutdown", a.do("system-view", "interface g1/0/1", "description to the other side", "shutdown", "return"),
		`%Jan  2 03:04:06:000 2020 H3C IFNET/3/PHY_UPDOWN: Physical state on the interface GigabitEthernet1/0/1 changed to down.
%Jan  2 03:04:06:000 2020 H3C IFNET/5/LINK_UPDOWN: Line protocol state on the interface GigabitEthernet1/0/1 changed to down.
`)
	if !strings.Contains(b.out.String(), "changed to down") {
		t.Errorf("the other side logged %q", b.out.String())
	}
	a.want("ip brief", a.do("display ip interface brief"), `*down: administratively down
(s): spoofing  (l): loopback
Interface                Physical Protocol IP Address      Description
GE1/0/1                  *down    down     10.0.0.1        to the oth...
GE1/0/2                  down     down     --              --
Loop0                    up       up(s)    1.1.1.1         --
`)
	a.want("down", a.do("display interface brief down"), `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Interface            Link Cause
GE1/0/1              ADM  Administratively
GE1/0/2              DOWN Not connected

`)
	a.do("system-view", "interface g1/0/1", "undo shutdown")
	c.Cut()
	if out := a.do("display interface GigabitEthernet 1/0/1"); !strings.Contains(out, "Current state: DOWN\n") ||
		!strings.Contains(out, "Internet address: 10.0.0.1/24 (Primary)\n") || !strings.HasSuffix(out, "no carrier\n\n") {
		t.Errorf("display interface gave\n%s", out)
	}
}

func TestAddresses(t *testing.T) {
	a, _, _ := pair(t)
	a.do("system-view", "interface g1/0/2")
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
		a.want(row.line, a.do(row.line), row.want)
	}
	a.do("undo interface LoopBack0")
	if a.box.Stack.Iface("LoopBack0") != nil {
		t.Error("LoopBack0 is still there")
	}
}

func TestRoutes(t *testing.T) {
	a, b, _ := pair(t)
	a.want("by address", a.do("display ip routing-table 2.2.2.2"), `
Summary Count : 1

Destination/Mask   Proto   Pre Cost        NextHop         Interface
2.2.2.2/32         Static  60  0           10.0.0.2        GE1/0/1
`)
	if out := a.do("display ip routing-table"); !strings.HasPrefix(out, "\nDestinations : 14        Routes : 14\n\n") ||
		!strings.Contains(out, "10.0.0.1/32        Direct  0   0           127.0.0.1       InLoop0\n") {
		t.Errorf("routing table is\n%s", out)
	}
	b.want("no such route", b.do("system-view", "undo ip route-static 5.0.0.0 8"), "Error: The route does not exist.\n")
	b.do("ip route-static 5.0.0.0 255.0.0.0 99.9.9.9")
	b.want("statics", b.do("display ip routing-table protocol static"), `
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
	b.do("undo ip route-static 5.0.0.0 8")
	if n := len(b.box.Stack.Statics()); n != 1 {
		t.Errorf("%d static routes left, want 1", n)
	}
}

func TestARP(t *testing.T) {
	a, b, _ := pair(t)
	a.do("reset arp all")
	a.do("ping -c 1 10.0.0.2")
	a.run(9 * time.Second)
	mac := b.box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	a.want("table", a.do("display arp"), `  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
IP address      MAC address    VLAN     Interface                Aging Type
10.0.0.2        `+mac+` --       GE1/0/1                  1191  D
`)
}

func TestConfigurationComesBack(t *testing.T) {
	a, b, _ := pair(t)
	b.do("system-view", "interface g1/0/2", "mtu 1400", "description free text  here", "shutdown", "combo enable copper", "ip unreachables enable")
	want := strings.Join(b.box.Conf.Lines(), "\n")
	for _, line := range []string{
		"interface NULL0\n#\ninterface LoopBack0\n ip address 2.2.2.2 255.255.255.255\n#\ninterface GigabitEthernet1/0/1\n port link-mode route\n ip address 10.0.0.2 255.255.255.0\n#",
		" ip route-static 0.0.0.0 0 GigabitEthernet1/0/1 10.0.0.1 preference 80\n",
	} {
		if !strings.Contains(want, line) {
			t.Errorf("configuration\n%s\nlacks\n%s", want, line)
		}
	}
	fresh := feature.NewBox("C", b.box.Model, b.box.Image, a.box.World, a.box.Net, feature.NewFlash())
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
