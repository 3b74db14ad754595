package link

import (
	"strconv"
	"time"
)

// ageing is how long a switch remembers a station it does not hear (IEEE
// 802.1D table 7-5, recommended value).
const ageing = 300 * time.Second

// A Switch passes frames between its ports and learns where stations are from
// their source addresses. So a gratuitous ARP, whose sender uses the address
// that moved, is followed at once.
type Switch struct {
	Name  string
	net   *Network
	ports []*Port
	table map[[6]byte]entry
}

type entry struct {
	port *Port
	seen time.Time
}

// Switch is the switch of that name; it is made when it is first asked for.
func (n *Network) Switch(name string) *Switch {
	for _, s := range n.switches {
		if s.Name == name {
			return s
		}
	}
	s := &Switch{Name: name, net: n, table: map[[6]byte]entry{}}
	n.switches = append(n.switches, s)
	return s
}

// Switches lists the switches in the order in which they were made.
func (n *Network) Switches() []*Switch { return n.switches }

// Port is a free port, a new one when all are taken.
func (s *Switch) Port() *Port {
	for _, p := range s.ports {
		if p.cable == nil {
			return p
		}
	}
	p := &Port{Device: s.Name, Name: strconv.Itoa(len(s.ports) + 1), net: s.net, sw: s, enabled: true}
	s.ports = append(s.ports, p)
	return p
}

// Lookup is the port behind which a station was heard, nil when it is not
// known.
func (s *Switch) Lookup(mac [6]byte) *Port {
	if e, ok := s.table[mac]; ok && s.net.world.Now().Sub(e.seen) < ageing {
		return e.port
	}
	return nil
}

func (s *Switch) forget(p *Port) {
	for mac, e := range s.table {
		if e.port == p {
			delete(s.table, mac)
		}
	}
}

// tableSize bounds the memory a flood of invented addresses takes.
const tableSize = 4096

func (s *Switch) receive(in *Port, frame []byte) {
	if len(frame) < 14 {
		return
	}
	dst, src := [6]byte(frame), [6]byte(frame[6:])
	if src[0]&1 == 0 {
		if _, known := s.table[src]; known || len(s.table) < tableSize {
			s.table[src] = entry{in, s.net.world.Now()}
		}
	}
	if dst[0]&1 == 0 {
		if out := s.Lookup(dst); out != nil {
			if out != in {
				out.Send(frame)
			}
			return
		}
	}
	for _, p := range s.ports {
		if p != in {
			p.Send(frame)
		}
	}
}
