package ip

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

// A port is what the configuration says of an Ethernet port. The links carry
// any speed and limit nothing: what is not shown of a frame's way is what a
// person configured.
type port struct {
	speed        int // Mbit/s
	duplex       string
	forcedSpeed  bool
	forcedDuplex bool
	flowControl  bool
	loopback     string // "", "internal" or "external"
	frame        int    // length in bytes of the longest frame
	link         string // access, trunk or hybrid
	pvid         int

	tagged, untagged, permitted string
}

// portSpeed is that of a GigabitEthernet port in Mbit/s.
const portSpeed = 1000

func portOf(b *feature.Box, i *stack.Iface) port {
	p := port{speed: portSpeed, duplex: "Full", frame: 9664, link: "access", pvid: 1}
	n := b.Conf.Root().Child(key(i.Name()))
	if n == nil {
		return p
	}
	vlans := map[string]string{}
	for _, k := range n.Kids() {
		number := func(prefix string, v *int) bool {
			s, ok := strings.CutPrefix(k.Text, prefix)
			if ok {
				if got, err := strconv.Atoi(s); err == nil {
					*v = got
				}
			}
			return ok
		}
		switch {
		case number("speed ", &p.speed):
			p.forcedSpeed = true
		case k.Text == "duplex full", k.Text == "duplex half":
			p.forcedDuplex = true
			if k.Text == "duplex half" {
				p.duplex = "Half"
			}
		case strings.HasPrefix(k.Text, "flow-control"):
			p.flowControl = true
		case strings.HasPrefix(k.Text, "loopback "):
			p.loopback = strings.TrimPrefix(k.Text, "loopback ")
		case number("jumboframe enable ", &p.frame), number("port "+p.link+" pvid vlan ", &p.pvid), number("port access vlan ", &p.pvid):
		case strings.HasPrefix(k.Text, "port link-type "):
			p.link = strings.TrimPrefix(k.Text, "port link-type ")
		case strings.HasPrefix(k.Text, "port trunk permit vlan "):
			vlans["permitted"] += " " + strings.TrimPrefix(k.Text, "port trunk permit vlan ")
		case strings.HasPrefix(k.Text, "port hybrid vlan "):
			list := strings.TrimPrefix(k.Text, "port hybrid vlan ")
			at := strings.LastIndexByte(list, ' ')
			vlans[list[at+1:]] += " " + list[:at]
		}
	}
	p.tagged, p.untagged, p.permitted = listed(vlans["tagged"]), listed(vlans["untagged"]), listed(vlans["permitted"])
	return p
}

// listed is a list of VLANs as the displays have it, "" for none.
func listed(words string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(words, " to ", "-")), ", ")
}

// suppression is the limit of a kind of traffic: its unit and value.
func suppression(b *feature.Box, i *stack.Iface, kind string) string {
	w := strings.Fields(setting(b.Conf.Root(), i.Name(), kind+"-suppression"))
	switch len(w) {
	case 1:
		return "ratio: " + w[0] + "%"
	case 2:
		return w[0] + ": " + w[1]
	}
	return "ratio: 100%"
}

// mode is the speed and duplex mode that the port is in.
func (p *port) mode(up bool) string {
	if !up {
		return "Unknown-speed mode, unknown-duplex mode"
	}
	return fmt.Sprintf("%dMbps-speed mode, %s-duplex mode", p.speed, p.duplex)
}

// negotiated says how speed and duplex mode came about.
func (p *port) negotiated() string {
	how := func(forced bool) string {
		if forced {
			return "force link"
		}
		return "autonegotiation"
	}
	return fmt.Sprintf("Link speed type is %s, link duplex type is %s", how(p.forcedSpeed), how(p.forcedDuplex))
}

// brief are the cells of the table of ports in bridge mode.
func (p *port) brief(up bool) (speed, duplex, kind string) {
	speed, duplex = "auto", "A"
	rate := strconv.Itoa(p.speed) + "M"
	if p.speed >= 1000 {
		rate = strconv.Itoa(p.speed/1000) + "G"
	}
	switch {
	case p.forcedSpeed:
		speed = rate
	case up:
		speed = rate + "(a)"
	}
	switch {
	case p.forcedDuplex:
		duplex = p.duplex[:1]
	case up:
		duplex = p.duplex[:1] + "(a)"
	}
	return speed, duplex, strings.ToUpper(p.link[:1])
}

// vlans are the lines about VLANs of a port in bridge mode.
func (p *port) vlans() string {
	head := fmt.Sprintf("PVID: %d\nPort link-type: %s%s\n", p.pvid, strings.ToUpper(p.link[:1]), p.link[1:])
	switch p.link {
	case "trunk":
		return head + " VLAN permitted: " + cmp.Or(p.permitted, "1") + "\n"
	case "hybrid":
		return head + " Tagged VLANs:   " + cmp.Or(p.tagged, "None") + "\n Untagged VLANs: " + cmp.Or(p.untagged, "1") + "\n"
	}
	return head + fmt.Sprintf(" Tagged VLANs:   None\n Untagged VLANs: %d\n", p.pvid)
}
