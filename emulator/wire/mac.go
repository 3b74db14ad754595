package wire

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// A MAC is an Ethernet address.
type MAC [6]byte

// Broadcast is the address of every station.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// String is the address in three groups of four digits, 0000-5e00-0101.
func (m MAC) String() string {
	return fmt.Sprintf("%02x%02x-%02x%02x-%02x%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// ParseMAC reads twelve hexadecimal digits, grouped in any way by - : or dot.
func ParseMAC(s string) (MAC, error) {
	digits := strings.NewReplacer("-", "", ":", "", ".", "").Replace(s)
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 6 {
		return MAC{}, fmt.Errorf("wire: MAC address is %q, want 12 hexadecimal digits", s)
	}
	return MAC(b), nil
}

// Group says whether the address names more than one station (the I/G bit).
func (m MAC) Group() bool { return m[0]&1 != 0 }

// IsZero says whether no address is given.
func (m MAC) IsZero() bool { return m == MAC{} }

// MulticastMAC is the Ethernet address of an IPv4 multicast group (RFC 1112
// section 6.4).
func MulticastMAC(group netip.Addr) MAC {
	a := group.As4()
	return MAC{0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3]}
}
