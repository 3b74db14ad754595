package device

import (
	"strings"

	"cwlab/comware/feature"
	ikefeature "cwlab/comware/feature/ike"
	ikev2feature "cwlab/comware/feature/ikev2"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/lab"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
)

// Snapshot is what the engines of the box say of themselves.
func (d *Device) Snapshot() lab.Snapshot {
	s := lab.Snapshot{Name: d.spec.Name, Model: d.model.Name, Powered: d.box != nil}
	if d.box == nil {
		return s
	}
	b := d.box
	s.Sysname = b.Sysname()
	if e := feature.Get[*rbm.Engine](b); e.Config().Role != rbm.NoRole {
		s.RBMRole = strings.ToLower(e.Config().Role.String())
		s.RBMState = e.State().String()
		s.RBMChannel = "Disconnected"
		if e.Connected() {
			s.RBMChannel = "Connected"
		}
	}
	for _, r := range feature.Get[*vrrp.Engine](b).Routers() {
		g := lab.VRRPGroup{Iface: r.Iface(), VRID: int(r.VRID()), State: r.State().String()}
		if vips := r.VIPs(); len(vips) > 0 {
			g.VIP = vips[0].String()
		}
		s.VRRP = append(s.VRRP, g)
	}
	for _, sa := range feature.Get[*ike.Engine](b).SAs() {
		s.IKE = append(s.IKE, lab.IKESA{Conn: sa.Conn, Local: sa.Local.Addr().String(), Remote: sa.Remote.Addr().String(), Flag: ikefeature.Flag(sa)})
	}
	for _, sa := range feature.Get[*ikev2.Engine](b).SAs() {
		s.IKE = append(s.IKE, lab.IKESA{Conn: sa.Tunnel, Local: sa.Local.Addr().String(), Remote: sa.Remote.Addr().String(), Flag: ikev2feature.Status(sa)})
	}
	for _, t := range feature.Get[*ipsec.Engine](b).Tunnels(ipsec.Filter{}) {
		out := t.Outbound()
		pair := lab.IPsecSA{Local: t.Local.String(), Remote: t.Remote.String(), OutSPI: out.SPI}
		for _, in := range t.Inbound() {
			if in.Serial == out.Serial { // made together with it
				pair.InSPI = in.SPI
			}
		}
		s.IPsec = append(s.IPsec, pair)
	}
	for _, i := range b.Stack.Ifaces() {
		p := lab.PortState{Name: i.Name(), Up: i.Up()}
		if i.Addr().IsValid() {
			p.Addr = i.Addr().String()
		}
		s.Ports = append(s.Ports, p)
	}
	return s
}
