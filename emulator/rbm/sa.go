package rbm

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// An SAKind says what a record tells of security associations.
type SAKind uint8

const (
	SAIKE     SAKind = 1 + iota // an IKE SA, new or changed
	SAIKEGone                   // it is gone; cookies and addresses say which
	SAPair                      // a pair of IPsec SAs, new or further on
	SAPairGone
	SAAll // all that there is of a local address comes with this transfer
	SAAsk // asks for all of every address
)

func (k SAKind) String() string {
	switch k {
	case SAIKE:
		return "IKE SA"
	case SAIKEGone:
		return "IKE SA gone"
	case SAPair:
		return "IPsec SAs"
	case SAPairGone:
		return "IPsec SAs gone"
	case SAAll:
		return "All of an address"
	case SAAsk:
		return "Ask for all"
	}
	return fmt.Sprintf("SAKind(%d)", uint8(k))
}

// An SARecord is one thing told of the security associations that the active
// device has under a virtual address. Connection IDs are those of the sender.
type SARecord struct {
	Kind  SAKind
	IKE   *ike.Backup   // SAIKE, SAIKEGone
	Pair  *ipsec.Backup // SAPair, SAPairGone
	Local netip.Addr    // SAAll
}

// A record is the kind (1 byte), the length of the rest (2 bytes) and the
// fields in the order in which ikeSA, pair and moved visit them. Numbers are big endian, a
// string has its length (2 bytes) in front, a time is in milliseconds
// (8 bytes), an address 4 bytes of IPv4, 0.0.0.0 for none.
const recordHead = 3

// A fields visits the fields of a record one after the other: it appends
// them to b, or takes them from it.
type fields struct {
	b    []byte
	read bool
	err  error
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("rbm: %w: "+format, append([]any{ErrMessage}, args...)...)
	}
}

// take is the next n bytes, zeros after an error.
func (f *fields) take(n int) []byte {
	if f.err != nil || len(f.b) < n {
		f.fail("record is cut off: %d bytes left, need %d", len(f.b), n)
		return make([]byte, n)
	}
	part := f.b[:n:n]
	f.b = f.b[n:]
	return part
}

// number is one unsigned number of so many bytes.
func number[T ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int](f *fields, bytes int, v *T) {
	if f.read {
		var wide [8]byte
		copy(wide[8-bytes:], f.take(bytes))
		*v = T(binary.BigEndian.Uint64(wide[:]))
		return
	}
	if uint64(*v)>>(8*bytes-1)>>1 != 0 {
		f.fail("%d does not fit in %d bytes", *v, bytes)
	}
	var wide [8]byte
	binary.BigEndian.PutUint64(wide[:], uint64(*v))
	f.b = append(f.b, wide[8-bytes:]...)
}

func (f *fields) flag(v *bool) {
	n := uint8(0)
	if *v {
		n = 1
	}
	number(f, 1, &n)
	*v = n != 0
}

func (f *fields) age(v *time.Duration) {
	n := uint64(max(0, v.Milliseconds()))
	number(f, 8, &n)
	if n > uint64(math.MaxInt64/time.Millisecond) {
		f.fail("time of %d ms", n)
		n = 0
	}
	if f.read {
		*v = time.Duration(n) * time.Millisecond
	}
}

func text[T ~string | ~[]byte](f *fields, v *T) {
	n := uint16(min(len(*v), math.MaxUint16))
	if !f.read && int(n) != len(*v) {
		f.fail("text of %d bytes", len(*v))
	}
	number(f, 2, &n)
	if f.read {
		*v = T(append([]byte(nil), f.take(int(n))...))
		return
	}
	f.b = append(f.b, *v...)
}

func (f *fields) addr(v *netip.Addr) {
	if f.read {
		if *v = netip.AddrFrom4([4]byte(f.take(4))); *v == netip.IPv4Unspecified() {
			*v = netip.Addr{}
		}
		return
	}
	a := *v
	if !a.IsValid() {
		a = netip.IPv4Unspecified()
	}
	if !a.Is4() {
		f.fail("address %v, want IPv4", a)
		return
	}
	four := a.As4()
	f.b = append(f.b, four[:]...)
}

func (f *fields) addrPort(v *netip.AddrPort) {
	a, p := v.Addr(), v.Port()
	f.addr(&a)
	number(f, 2, &p)
	*v = netip.AddrPortFrom(a, p)
}

// prefix keeps 0.0.0.0/0 apart from none, whose length is 255.
func (f *fields) prefix(v *netip.Prefix) {
	a, n := v.Addr(), uint8(v.Bits())
	f.addr(&a)
	number(f, 1, &n)
	switch {
	case !f.read:
	case n <= 32:
		if !a.IsValid() {
			a = netip.IPv4Unspecified()
		}
		*v = netip.PrefixFrom(a, int(n))
	case n == 255:
		*v = netip.Prefix{}
	default:
		f.fail("prefix of %d bits", n)
	}
}

// list visits a list with its length (2 bytes).
func list[T any](f *fields, v *[]T, visit func(*T)) {
	n := uint16(min(len(*v), math.MaxUint16))
	number(f, 2, &n)
	if f.read {
		*v = nil
		for range n {
			if f.err != nil {
				return
			}
			var one T
			visit(&one)
			*v = append(*v, one)
		}
		return
	}
	for i := range (*v)[:n] {
		visit(&(*v)[i])
	}
}

func (f *fields) identity(v **isakmp.ID) {
	there := *v != nil
	f.flag(&there)
	if !there {
		*v = nil
		return
	}
	if f.read {
		*v = new(isakmp.ID)
	}
	number(f, 1, &(*v).Kind)
	number(f, 1, &(*v).Protocol)
	number(f, 2, &(*v).Port)
	text(f, &(*v).Data)
}

// ikeID is which IKE SA is meant.
func (f *fields) ikeID(v *ike.Backup) {
	for _, c := range []*isakmp.Cookie{&v.ICookie, &v.RCookie} {
		if f.read {
			copy(c[:], f.take(len(c)))
		} else {
			f.b = append(f.b, c[:]...)
		}
	}
	f.addrPort(&v.Local)
	f.addrPort(&v.Remote)
}

func (f *fields) ikeSA(v *ike.Backup) {
	f.ikeID(v)
	number(f, 4, &v.Conn)
	for _, b := range []*bool{&v.Initiator, &v.Replaced, &v.NAT, &v.PeerNAT, &v.PeerDPD} {
		f.flag(b)
	}
	number(f, 1, &v.Exchange)
	text(f, &v.Profile)
	f.identity(&v.LocalID)
	f.identity(&v.RemoteID)
	p := &v.Proposal
	number(f, 2, &p.Number)
	number(f, 2, &p.Encr)
	number(f, 2, &p.KeyBits)
	number(f, 2, &p.Hash)
	number(f, 2, &p.Auth)
	number(f, 2, &p.Group)
	number(f, 4, &p.Seconds)
	f.age(&v.Age)
	for _, n := range []*uint32{&v.DPD, &v.Sent, &v.Got} {
		number(f, 4, n)
	}
	list(f, &v.Ancestors, func(n *uint32) { number(f, 4, n) })
	for _, k := range []*[]byte{&v.D, &v.A, &v.Cipher, &v.IV} {
		text(f, k)
	}
}

// pairID is which pair is meant.
func (f *fields) pairID(v *ipsec.Backup) {
	f.addr(&v.Local)
	f.addr(&v.Remote)
	for _, spi := range []*uint32{&v.InSPI, &v.OutSPI, &v.InAH, &v.OutAH} {
		number(f, 4, spi)
	}
}

func (f *fields) transform(t *ipsec.Transform) {
	text(f, &t.Name)
	number(f, 2, &t.Mode)
	number(f, 1, &t.Encr)
	number(f, 2, &t.KeyBits)
	number(f, 2, &t.Auth)
	number(f, 2, &t.AH)
	number(f, 2, &t.PFS)
	f.flag(&t.ESN)
}

func (f *fields) pair(v *ipsec.Backup) {
	f.pairID(v)
	number(f, 4, &v.IKE)
	f.flag(&v.Initiator)
	text(f, &v.Policy)
	number(f, 4, &v.Seq)
	number(f, 4, &v.TemplateSeq)
	text(f, &v.Profile)
	text(f, &v.Guard)
	text(f, &v.ACL)
	f.prefix(&v.Flow.Src)
	f.prefix(&v.Flow.Dst)
	number(f, 1, &v.Flow.Proto)
	number(f, 2, &v.Flow.SrcPort)
	number(f, 2, &v.Flow.DstPort)
	f.transform(&v.Transform)
	list(f, &v.Transforms, f.transform)
	number(f, 4, &v.Seconds)
	number(f, 4, &v.Kilobytes)
	number(f, 4, &v.Redundancy.In)
	number(f, 4, &v.Redundancy.Out)
	number(f, 2, &v.LocalPort)
	number(f, 2, &v.RemotePort)
	for _, k := range []*ipsec.Keys{&v.Pair.In, &v.Pair.Out} {
		text(f, &k.Encr)
		text(f, &k.Auth)
		text(f, &k.AH)
	}
	f.age(&v.Age)
	for _, c := range []*[]ipsec.Counter{&v.In, &v.Out} {
		list(f, c, func(n *ipsec.Counter) { number(f, 8, &n.Sequence); number(f, 8, &n.Bytes) })
	}
}

// visit is the body of a record.
func (f *fields) visit(r *SARecord) {
	if f.read {
		switch r.Kind {
		case SAIKE, SAIKEGone:
			r.IKE = new(ike.Backup)
		case SAPair, SAPairGone:
			r.Pair = new(ipsec.Backup)
		case SAAll, SAAsk:
		}
	}
	switch r.Kind {
	case SAIKE:
		f.ikeSA(r.IKE)
	case SAIKEGone:
		f.ikeID(r.IKE)
	case SAPair:
		f.pair(r.Pair)
	case SAPairGone:
		f.pairID(r.Pair)
	case SAAll:
		f.addr(&r.Local)
	case SAAsk:
	default:
		f.fail("%v is unknown", r.Kind)
	}
}

// AppendBinary appends the record to b.
func (r *SARecord) AppendBinary(b []byte) ([]byte, error) {
	f := fields{b: append(b, uint8(r.Kind), 0, 0)}
	f.visit(r)
	n := len(f.b) - len(b) - recordHead
	if n > math.MaxUint16 {
		f.fail("record of %d bytes", n)
	}
	if f.err != nil {
		return b, f.err
	}
	binary.BigEndian.PutUint16(f.b[len(b)+1:], uint16(n))
	return f.b, nil
}

// ParseSAs reads records one after the other.
func ParseSAs(b []byte) ([]SARecord, error) {
	var all []SARecord
	for len(b) > 0 {
		head := fields{b: b, read: true}
		var n uint16
		r := SARecord{}
		number(&head, 1, &r.Kind)
		number(&head, 2, &n)
		body := fields{b: head.take(int(n)), read: true}
		if head.err != nil {
			return nil, head.err
		}
		if body.visit(&r); body.err == nil && len(body.b) > 0 {
			body.fail("%d bytes after the last field of %v", len(body.b), r.Kind)
		}
		if body.err != nil {
			return nil, body.err
		}
		all = append(all, r)
		b = head.b
	}
	return all, nil
}

// SendSAs tells the peer of security associations. Records arrive in order and
// whole, as configuration does; without a connection, or with hot backup
// switched off, they are lost.
func (e *Engine) SendSAs(records []SARecord) {
	if !e.connected || e.c.NoEntries || e.session == 0 || len(records) == 0 {
		return
	}
	var data []byte
	for i := range records {
		if b, err := records[i].AppendBinary(data); err == nil { // else nothing that the peer could use
			data = b
		}
	}
	e.transferBytes(SAs, data)
}
