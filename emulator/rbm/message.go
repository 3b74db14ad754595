package rbm

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// DefaultPort is the port of the control channel.
const DefaultPort = 60064

// A Type is what a message is.
type Type uint8

const (
	TypeHello       Type = 1 + iota // role, state and health; the keepalive
	TypeHandover                    // the active device asks the peer to take over
	TypeHandoverAck                 // the answer: the header's state says whether it did
	TypeTakeover                    // a standby device asks the active one to hand over
	TypeData                        // one fragment of a transfer
	TypeDataAck                     // the fragment arrived
	TypeEntries                     // service entries, on the data channel
)

func (t Type) String() string {
	switch t {
	case TypeHello:
		return "Hello"
	case TypeHandover:
		return "Handover"
	case TypeHandoverAck:
		return "HandoverAck"
	case TypeTakeover:
		return "Takeover"
	case TypeData:
		return "Data"
	case TypeDataAck:
		return "DataAck"
	case TypeEntries:
		return "Entries"
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// Flags of a message.
const (
	FlagHealthy  uint8 = 1 << iota // no monitored object is down
	FlagLeaving                    // a handover is under way
	FlagPromoted                   // active only because the channel was lost
	FlagDual                       // dual-active mode
	FlagLast                       // the last fragment of a transfer
)

const (
	magic      = 0x52424d01 // "RBM", version 1
	headerLen  = 24
	dataLen    = 8
	maxMessage = 1400
)

// ErrMessage is wrapped by every failed read.
var ErrMessage = errors.New("bad message")

// A Message is one datagram of the control channel. All numbers are big
// endian:
//
//	 0  magic and version, 4 bytes
//	 4  type, role, state, flags, 1 byte each
//	 8  session of the sender, 4 bytes: new whenever its channel starts
//	12  session of the receiver as the sender knows it, 4 bytes, 0 if not yet
//	16  sequence number, 4 bytes: grows with each message of a session
//	20  length of the body, 2 bytes
//	22  cause of a handover, 1 byte; 0, 1 byte
//	24  body
//
// The body of Data and DataAck begins with transfer (4 bytes), fragment (2),
// kind (1) and a zero byte; that of Entries is entries one after the other.
type Message struct {
	Type          Type
	Role          Role
	State         State
	Flags         uint8
	Session, Echo uint32
	Seq           uint32
	Cause         Cause

	Transfer uint32 // Data, DataAck
	Fragment uint16
	Kind     TransferKind
	Data     []byte // Data, Entries
}

// AppendBinary appends the message to b.
func (m *Message) AppendBinary(b []byte) ([]byte, error) {
	n := 0
	switch m.Type {
	case TypeData:
		n = dataLen + len(m.Data)
	case TypeDataAck:
		n = dataLen
	case TypeEntries:
		n = len(m.Data)
	default:
	}
	if headerLen+n > maxMessage {
		return b, fmt.Errorf("rbm: message is %d bytes, want at most %d", headerLen+n, maxMessage)
	}
	b = binary.BigEndian.AppendUint32(b, magic)
	b = append(b, uint8(m.Type), uint8(m.Role), uint8(m.State), m.Flags)
	b = binary.BigEndian.AppendUint32(b, m.Session)
	b = binary.BigEndian.AppendUint32(b, m.Echo)
	b = binary.BigEndian.AppendUint32(b, m.Seq)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, uint8(m.Cause), 0)
	if n == 0 {
		return b, nil
	}
	if m.Type == TypeEntries {
		return append(b, m.Data...), nil
	}
	b = binary.BigEndian.AppendUint32(b, m.Transfer)
	b = binary.BigEndian.AppendUint16(b, m.Fragment)
	b = append(b, uint8(m.Kind), 0)
	if m.Type == TypeData {
		b = append(b, m.Data...)
	}
	return b, nil
}

// UnmarshalBinary reads a whole message. A failed read changes nothing.
func (m *Message) UnmarshalBinary(b []byte) error {
	if len(b) < headerLen {
		return fmt.Errorf("rbm: %w: header is %d bytes, need %d", ErrMessage, len(b), headerLen)
	}
	if got := binary.BigEndian.Uint32(b); got != magic {
		return fmt.Errorf("rbm: %w: begins with %08x, want %08x", ErrMessage, got, uint32(magic))
	}
	v := Message{Type: Type(b[4]), Role: Role(b[5]), State: State(b[6]), Flags: b[7],
		Session: binary.BigEndian.Uint32(b[8:]), Echo: binary.BigEndian.Uint32(b[12:]),
		Seq: binary.BigEndian.Uint32(b[16:]), Cause: Cause(b[22])}
	n := int(binary.BigEndian.Uint16(b[20:]))
	body := b[headerLen:]
	switch {
	case len(body) != n || len(b) > maxMessage:
		return fmt.Errorf("rbm: %w: body is %d bytes, header says %d", ErrMessage, len(body), n)
	case b[23] != 0:
		return fmt.Errorf("rbm: %w: reserved byte is %d, want 0", ErrMessage, b[23])
	case v.Type < TypeHello || v.Type > TypeEntries:
		return fmt.Errorf("rbm: %w: %v is unknown", ErrMessage, v.Type)
	case v.Role != Primary && v.Role != Secondary:
		return fmt.Errorf("rbm: %w: role %d, want 1 or 2", ErrMessage, uint8(v.Role))
	case v.State > Standby:
		return fmt.Errorf("rbm: %w: state %d, want at most %d", ErrMessage, uint8(v.State), uint8(Standby))
	case v.Session == 0:
		return fmt.Errorf("rbm: %w: session is 0", ErrMessage)
	}
	switch v.Type {
	case TypeData, TypeDataAck:
		if n < dataLen || v.Type == TypeDataAck && n != dataLen {
			return fmt.Errorf("rbm: %w: body of %v is %d bytes, need %d", ErrMessage, v.Type, n, dataLen)
		}
		v.Transfer, v.Fragment = binary.BigEndian.Uint32(body), binary.BigEndian.Uint16(body[4:])
		v.Kind = TransferKind(body[6])
		if body[7] != 0 {
			return fmt.Errorf("rbm: %w: reserved byte is %d, want 0", ErrMessage, body[7])
		}
		if v.Type == TypeData {
			v.Data = body[dataLen:]
		}
	case TypeEntries:
		v.Data = body
	default:
		if n != 0 {
			return fmt.Errorf("rbm: %w: body of %v is %d bytes, need none", ErrMessage, v.Type, n)
		}
	}
	*m = v
	return nil
}
