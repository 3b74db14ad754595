package wire

import "encoding/binary"

// Tag puts an IEEE 802.1Q tag of priority 0 into a copy of a frame.
func Tag(frame []byte, vlan uint16) []byte {
	b := make([]byte, 0, len(frame)+4)
	b = append(b, frame[:12]...)
	b = binary.BigEndian.AppendUint16(b, TypeVLAN)
	b = binary.BigEndian.AppendUint16(b, vlan&0xfff)
	return append(b, frame[12:]...)
}

// VLAN reads the VLAN of a frame's tag; tagged is false for a frame without a
// whole one.
func VLAN(frame []byte) (vlan uint16, tagged bool) {
	if len(frame) < 18 || binary.BigEndian.Uint16(frame[12:]) != TypeVLAN {
		return 0, false
	}
	return binary.BigEndian.Uint16(frame[14:]) & 0xfff, true
}
