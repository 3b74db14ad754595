package dissect

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
)

func (r *reading) esp(dst netip.Addr, at, end int) {
	var p ipsec.ESP
	if p.UnmarshalBinary(r.b[at:end]) != nil {
		r.short("ESP", at, end, 8)
		return
	}
	r.has("esp")
	r.put("esp.spi", "0x%08x", p.SPI)
	r.put("esp.sequence", "%d", p.Sequence)
	n := r.add(at, end, "ESP, SPI 0x%08x, sequence %d", p.SPI, p.Sequence)
	n.field(at, at+4, "SPI: 0x%08x", p.SPI)
	n.field(at+4, at+8, "Sequence: %d", p.Sequence)
	r.say("ESP", "SPI 0x%08x seq %d, %d bytes", p.SPI, p.Sequence, len(p.Data))
	keys, ok := r.d.esp[espID{dst, p.SPI}]
	if !ok {
		n.field(at+8, end, "Encrypted data: %d bytes", len(p.Data))
		return
	}
	plain, next, err := ipsec.Open(keys.t, keys.k, &p)
	if err != nil {
		n.field(at+8, end, "Encrypted data: %d bytes (%v)", len(p.Data), err)
		r.p.Summary += " (" + strings.TrimPrefix(err.Error(), "ipsec: ") + ")"
		return
	}
	iv, icv := keys.t.IVLen(), keys.t.ICVLen()
	n.field(at+8, at+8+iv, "Initialization vector: %x", p.Data[:iv])
	n.field(at+8+iv, end-icv, "Encrypted data: %d bytes, decrypted below", len(p.Data)-iv-icv)
	n.field(end-icv, end, "Integrity check value: %x (good)", p.Data[len(p.Data)-icv:])
	outer, spi, seq := *r, p.SPI, p.Sequence
	src, _ := netip.ParseAddr(r.p.Src)
	r.b, r.of = plain, plain
	r.transport(next, src, dst, 0, len(plain))
	inner := r.p
	r.b, r.of, r.p.Src, r.p.Dst = outer.b, outer.of, outer.p.Src, outer.p.Dst
	from := ""
	if next == 4 {
		from = inner.Src + " > " + inner.Dst + " "
	}
	r.say("ESP", "SPI 0x%08x seq %d: %s%s %s", spi, seq, from, inner.Protocol, inner.Summary)
}

func (r *reading) ah(src, dst netip.Addr, at, end int) {
	var p ipsec.AH
	if p.UnmarshalBinary(r.b[at:end]) != nil {
		r.short("AH", at, end, 12)
		return
	}
	r.has("ah")
	r.put("ah.spi", "0x%08x", p.SPI)
	r.put("ah.sequence", "%d", p.Sequence)
	head := 12 + len(p.ICV)
	n := r.add(at, at+head, "AH, SPI 0x%08x, sequence %d, %s", p.SPI, p.Sequence, protoName(p.Next))
	n.field(at, at+1, "Next header: %d (%s)", p.Next, protoName(p.Next))
	n.field(at+4, at+8, "SPI: 0x%08x", p.SPI)
	n.field(at+8, at+12, "Sequence: %d", p.Sequence)
	n.field(at+12, at+head, "Integrity check value: %x", p.ICV)
	r.transport(p.Next, src, dst, at+head, end)
	inner := r.p
	if p.Next != vrrp.Protocol { // whose advertisements the header only signs
		r.say("AH", "SPI 0x%08x seq %d: %s %s", p.SPI, p.Sequence, inner.Protocol, inner.Summary)
	}
}

func (r *reading) vrrp(src, dst netip.Addr, at, end int) {
	b := r.b[at:end]
	var a vrrp.Advertisement
	if err := a.UnmarshalBinary(b); err != nil {
		r.add(at, end, "VRRP: %v", err)
		r.say("VRRP", "%v", err)
		return
	}
	r.has("vrrp")
	r.put("vrrp.version", "%d", a.Version)
	r.put("vrrp.virt_rtr_id", "%d", a.VRID)
	r.put("vrrp.prio", "%d", a.Priority)
	r.put("vrrp.checksum", "0x%04x", a.Checksum)
	for _, addr := range a.Addrs {
		r.put("vrrp.ip_addr", "%v", addr)
	}
	sum := "good"
	if !vrrp.Verify(b, src, dst) {
		sum = "wrong"
	}
	unit := "cs"
	if a.Version == 2 {
		unit = "s"
	}
	n := r.add(at, end, "VRRP version %d, advertisement", a.Version)
	n.field(at+1, at+2, "Virtual router: %d", a.VRID)
	n.field(at+2, at+3, "Priority: %d", a.Priority)
	if a.Version == 2 {
		n.field(at+4, at+5, "Authentication type: %d", a.AuthType)
	}
	n.field(at+4, at+6, "Interval: %d %s", a.Interval, unit)
	n.field(at+6, at+8, "Checksum: 0x%04x (%s)", a.Checksum, sum)
	for i, addr := range a.Addrs {
		n.field(at+8+4*i, at+12+4*i, "Address: %v", addr)
	}
	extra := ""
	switch {
	case sum == "wrong":
		extra = ", checksum wrong"
	case a.Priority == vrrp.PriorityLeave:
		extra = ", leaves"
	}
	r.say("VRRP", "v%d router %d priority %d, every %d %s%s", a.Version, a.VRID, a.Priority, a.Interval, unit, extra)
}

// records are the security associations that a transfer tells of, which b, the
// bytes up to end, are; their keys are not shown.
func (r *reading) records(n *Node, b []byte, end int) {
	at := end - len(b)
	all, err := rbm.ParseSAs(b)
	if err != nil {
		n.field(at, end, "Records: %v", err)
		return
	}
	for _, rec := range all {
		next := at + 3 + int(binary.BigEndian.Uint16(r.b[at+1:]))
		what := ""
		switch {
		case rec.IKE != nil:
			what = fmt.Sprintf(": %v with %v, cookies %v %v", rec.IKE.Local.Addr(), rec.IKE.Remote.Addr(), rec.IKE.ICookie, rec.IKE.RCookie)
		case rec.Pair != nil:
			what = fmt.Sprintf(": %v with %v, SPIs 0x%08x in and 0x%08x out", rec.Pair.Local, rec.Pair.Remote, rec.Pair.InSPI, rec.Pair.OutSPI)
		case rec.Local.IsValid():
			what = fmt.Sprintf(": %v", rec.Local)
		}
		n.field(at, next, "%v%s", rec.Kind, what)
		at = next
	}
}

func (r *reading) rbm(m *rbm.Message, at, end int) {
	n := r.add(at, end, "Hot backup, %v", m.Type)
	n.field(at+4, at+5, "Type: %v", m.Type)
	n.field(at+5, at+6, "Role: %v", m.Role)
	n.field(at+6, at+7, "State: %v", m.State)
	var flags []string
	for _, f := range []struct {
		bit  uint8
		name string
	}{{rbm.FlagHealthy, "healthy"}, {rbm.FlagLeaving, "leaving"}, {rbm.FlagPromoted, "promoted"}, {rbm.FlagDual, "dual-active"}, {rbm.FlagLast, "last"}} {
		if m.Flags&f.bit != 0 {
			flags = append(flags, f.name)
		}
	}
	n.field(at+7, at+8, "Flags: %s", or(strings.Join(flags, ", "), "none"))
	n.field(at+8, at+12, "Session: %08x", m.Session)
	n.field(at+12, at+16, "Session of the peer: %08x", m.Echo)
	n.field(at+16, at+20, "Sequence: %d", m.Seq)
	n.field(at+20, at+22, "Length: %d", binary.BigEndian.Uint16(r.b[at+20:]))
	switch m.Type {
	case rbm.TypeData, rbm.TypeDataAck:
		n.field(at+24, at+28, "Transfer: %d, fragment: %d, kind: %v", m.Transfer, m.Fragment, m.Kind)
	default:
	}
	if len(m.Data) > 0 {
		n.field(end-len(m.Data), end, "Data: %d bytes", len(m.Data))
	}
	if m.Kind == rbm.SAs && m.Fragment == 0 && m.Flags&rbm.FlagLast != 0 { // whole
		r.records(n, m.Data, end)
	}
	r.say("RBM", "%v %v %v seq %d, %s", m.Type, m.Role, m.State, m.Seq, or(strings.Join(flags, " "), "no flags"))
}
