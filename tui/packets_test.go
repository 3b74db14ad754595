package tui

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/impair"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/wire"
	"cwlab/tui/words"
)

// sender is a bench whose pair of devices can send, and frames of theirs.
type sender struct {
	*bench
	sent int
}

var (
	east1, east2 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	mac1, mac2   = wire.MAC{2, 0, 0, 0, 0, 1}, wire.MAC{2, 0, 0, 0, 0, 2}
)

func newSender(t *testing.T, lang words.Lang, w, h int) *sender {
	s := &sender{bench: newBenchIn(t, lang, w, h)}
	s.world(func() {
		for _, d := range []string{"East-1", "East-2"} {
			s.m.session.lab.Network().Port(d, "p2").Enable(true)
		}
	})
	return s
}

// send has a device send a frame a second later.
func (s *sender) from(device string, frame []byte) {
	s.t.Helper()
	s.world(func() {
		l := s.m.session.lab
		l.World().RunUntil(l.World().Now().Add(time.Second))
		l.Network().Port(device, "p2").Send(frame)
	})
	s.sent++
}

func (s *sender) echo(seq uint16) []byte {
	c := new(wire.Codec)
	m := c.AppendICMP(wire.ICMP{Type: wire.EchoRequest, ID: 7, Seq: seq, Payload: []byte("abcdefghijklmnopqrstuvwxyz")})
	return c.IPv4Frame(mac2, mac1, &wire.IPv4{TTL: 255, Proto: wire.ProtoICMP, Src: east1, Dst: east2, Payload: m})
}

func (s *sender) notify() []byte {
	m := &isakmp.Message{
		Header:   isakmp.Header{Initiator: isakmp.Cookie{0xa1, 0xb2}, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: 7},
		Payloads: []isakmp.Payload{&isakmp.Notification{DOI: 1, Protocol: isakmp.ProtoESP, Notify: isakmp.InvalidSPI, SPI: []byte{0, 0, 1, 2}}},
	}
	b, err := m.AppendBinary(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := new(wire.Codec)
	u := c.AppendUDP(east2, east1, wire.UDP{Src: 500, Dst: 500, Payload: b})
	return c.IPv4Frame(mac1, mac2, &wire.IPv4{TTL: 255, Proto: wire.ProtoUDP, Src: east2, Dst: east1, Payload: u})
}

func (s *sender) some() {
	c := new(wire.Codec)
	s.from("East-1", c.ARPFrame(wire.Broadcast, mac1, wire.ARP{Op: wire.ARPRequest, SrcMAC: mac1, Src: east1, Dst: east2}))
	s.from("East-1", s.echo(1))
	s.from("East-2", s.notify())
}

func TestPacketFrames(t *testing.T) {
	for _, size := range []struct {
		w, h   int
		lang   words.Lang
		suffix string
	}{{80, 24, words.English, ""}, {200, 50, words.English, ""}, {80, 24, words.Chinese, "-zh"}} {
		suffix := fmt.Sprintf("-%dx%d%s", size.w, size.h, size.suffix)
		t.Run(suffix[1:], func(t *testing.T) {
			s := newSender(t, size.lang, size.w, size.h)
			s.keys("leader", "w")
			s.golden("packets-none" + suffix)
			for range 5 {
				s.some()
			}
			s.golden("packets" + suffix)
			s.keys("tab", "pgdn", "down", "down")
			s.golden("packets-layers" + suffix)
			s.keys("/", "device East-2", "enter")
			s.golden("packets-filter" + suffix)
			s.keys("/")
			s.golden("packets-prompt" + suffix)
		})
	}
}

func TestPacketsAreKeptFromTheBeginning(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.some()
	s.keys("leader", "w")
	s.has("what came before", "Packets: 3 of 3")
	s.keys("leader", "w")
	s.lacks("the consoles are back", "Packets")
	s.some()
	s.keys("leader", "w")
	s.has("what came behind the consoles", "Packets: 6 of 6")
	s.keys("esc")
	s.some()
	s.keys("leader", "w")
	s.has("what came since", "Packets: 9 of 9")
	s.wantTyped("keys of the packets", "", "")
}

func TestRingIsBounded(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.keys("leader", "w")
	s.world(func() {
		p := s.m.session.lab.Network().Port("East-1", "p2")
		for i := range ringFrames + 100 {
			p.Send(s.echo(uint16(i)))
		}
	})
	s.has("the oldest are gone", fmt.Sprintf("Packets: %d of %d", ringFrames, ringFrames))
	s.keys("home")
	s.has("the first that is kept", "Sequence: 100")
}

func TestFollowAndMove(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.keys("leader", "w")
	for i := range 30 {
		s.from("East-1", s.echo(uint16(i)))
	}
	s.has("the newest is chosen", "Sequence: 29")
	s.keys("pgup")
	s.lacks("it stays where it is", "follows")
	s.from("East-1", s.echo(99))
	s.lacks("it stays where it is", "seq 99")
	s.keys("end")
	s.has("at the end it follows again", "follows")
	s.keys("home", "f")
	s.has("f follows", "seq 99")
	s.keys("f")
	s.send(tea.MouseMsg{X: 3, Y: 2, Button: tea.MouseButtonLeft})
	s.has("a click chooses", ">04:05:31")
	s.send(tea.MouseMsg{X: 3, Y: 2, Button: tea.MouseButtonWheelUp})
	s.has("the wheel moves", ">04:05:28")
}

func TestFilterOfPackets(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.keys("leader", "w")
	s.some()
	for _, c := range []struct {
		text string
		n    int
	}{{"isakmp", 1}, {"device east-1", 2}, {"device East-1 and icmp", 1}, {"cookie a1b2", 1}, {"spi 5", 0}, {"not arp", 2}, {"", 3}} {
		s.keys("/")
		for range 30 {
			s.send(tea.KeyMsg{Type: tea.KeyBackspace})
		}
		s.keys(c.text, "enter")
		s.has("filter "+c.text, fmt.Sprintf("Packets: %d of 3", c.n))
	}
	for _, c := range []struct{ text, want string }{{"device", "device wants a name"}, {"device North", `there is no device "North"`}, {"ikev9", "unknown word"}} {
		s.keys("/", c.text, "enter")
		s.has("filter "+c.text, c.want)
		s.has("the filter stays", "Packets: 3 of 3")
	}
}

// A frame without a line leads to the console of its time, and back.
func TestBetweenPacketsAndConsoles(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.keys("leader", "w")
	for i := range 60 {
		s.world(func() {
			w := s.m.session.lab.World()
			w.After(0, func() { s.fakes[1].out(fmt.Appendf(nil, "log %d.\r\n", i)) })
			w.Step()
		})
		s.from("East-1", s.echo(uint16(i)))
	}
	s.keys("home", "down", "down", "enter")
	s.has("the console of the sender", "[2 East-1")
	s.has("it says what is shown", "no line came of the frame")
	if row := strings.Split(s.screen(), "\n")[1]; !strings.HasPrefix(row, "log 3.") {
		t.Errorf("the topmost row is %q, want what came after the frame", row)
	}
	s.keys("leader", "g")
	s.has("a line that no frame caused", "no packet that is kept caused a line here")
	s.keys("down", "down", "leader", "w")
	s.has("back at the frame after the topmost row", "seq 4")
	if r := s.m.packets.record(); r == nil || !strings.Contains(s.m.packets.brief(r).Summary, "seq 4") {
		t.Errorf("chosen is %+v, want the frame that followed log 4", r)
	}
}

// From a line to the packet that caused it, or that it tells of, and from the
// packet to its lines, on the console that shows them.
func TestBetweenLinesAndPackets(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	receives := func(device string, f func()) {
		s.m.session.lab.Network().Port(device, "p2").OnReceive = func([]byte) { f() }
	}
	n := 0
	s.world(func() {
		receives("East-2", func() {
			n++
			s.fakes[2].out(fmt.Appendf(nil, "received %d\r\n", n))
			s.m.session.lab.Network().Note("East-2", fmt.Sprintf("takes number %d", n), false)
		})
	})
	for i := range 40 {
		s.from("East-1", s.echo(uint16(i)))
		s.world(func() { s.fakes[2].out(fmt.Appendf(nil, "typed %d\r\n", i)) })
	}
	s.world(func() { // a line about what is sent
		l := s.m.session.lab
		l.Network().Port("East-2", "p2").OnReceive = nil
		l.World().After(time.Second, func() {
			s.fakes[1].out([]byte("sending\r\n"))
			l.Network().Port("East-1", "p2").Send(s.echo(999))
		})
		l.World().RunUntil(l.World().Now().Add(time.Second))
	})
	s.keys("leader", "2", "leader", "g")
	s.has("the packet that the newest line tells of", "seq 999")
	s.keys("enter")
	s.has("its line", "[2 East-1")
	if row := strings.Split(s.screen(), "\n")[1]; !strings.HasPrefix(row, "<East-1>sending ") {
		t.Errorf("the topmost row is %q, want the line of the frame at the end of its console", row)
	}
	s.keys("leader", "3", "leader", "g")
	if r := s.m.packets.record(); r == nil || !strings.Contains(s.m.packets.brief(r).Summary, "seq 38") {
		t.Errorf("chosen is %+v, want the last that East-2 received", r)
	}
	s.keys("leader", "w")
	for range 3 {
		s.keys("leader", "pgup")
	}
	top := strings.Split(s.screen(), "\n")[1]
	s.keys("leader", "g")
	r := s.m.packets.record()
	got := regexp.MustCompile(`seq (\d+)`).FindStringSubmatch(s.m.packets.brief(r).Summary)[1]
	s.has("what the device did with it", " = East-2: takes number "+strconv.Itoa(s.number(got)+1)+" ─")
	s.has("a frame of which there is something to say", " = echo request")
	s.keys("enter")
	s.has("the console that shows it", "[3 East-2")
	s.has("it says where it leads", "the lines of the frame")
	row := strings.Split(s.screen(), "\n")[1]
	if want := fmt.Sprintf("received %d", s.number(got)+1); strings.TrimSpace(row) != want || !strings.Contains(top, want) && !strings.Contains(top, "typed") {
		t.Errorf("from %q to frame %s to %q", top, got, row)
	}

	// A filter that hides the packet is lifted.
	s.keys("leader", "w", "/", "arp", "enter")
	s.has("nothing fits", "Packets: 0 of")
	s.keys("leader", "w", "leader", "g")
	s.lacks("the filter is gone", "filter: arp")
}

func TestPacketsAtEverySize(t *testing.T) {
	for _, lang := range []words.Lang{words.English, words.Chinese} {
		s := newSender(t, lang, 80, 24)
		s.keys("leader", "w")
		for range 20 {
			s.some()
		}
		for _, size := range [][2]int{{1, 1}, {2, 2}, {20, 5}, {79, 7}, {79, 10}, {160, 12}, {300, 100}, {5, 100}, {300, 1}} {
			s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			for _, k := range []string{"up", "tab", "pgdn", "tab", "down", "tab", "/", "esc", "end"} {
				s.keys(k)
				s.screen()
			}
		}
	}
}

func TestImpairingALink(t *testing.T) {
	s := newSender(t, words.English, 80, 24)
	s.keys("leader", "w", "leader", "l", "2")
	s.has("what can be done", "take the cable out")
	s.golden("impairments-80x24")
	for range 1 + slices.IndexFunc(impair.All(), func(i impair.Impairment) bool { return i.Name == "icmp-lost" }) {
		s.keys("down")
	}
	s.has("the list goes on", "icmp-damaged")
	s.keys("enter")
	s.has("whose frames", "those that it sends")
	s.keys("3")
	if got := s.m.session.lab.Links()[1].Faults; len(got) != 1 || got[0] != "icmp-lost from East-2" {
		t.Errorf("the link has %q, want icmp-lost from East-2", got)
	}
	s.keys("leader", "l")
	s.has("what is on the link", "East-1:p2 to East-2:p2  icmp-lost from East-2")
	s.keys("2", "2")
	if got := s.m.session.lab.Links()[1].Faults; len(got) != 0 {
		t.Errorf("a healed link has %q", got)
	}
}

func (s *sender) number(text string) int {
	s.t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
