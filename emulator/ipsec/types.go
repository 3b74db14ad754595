package ipsec

import (
	"fmt"
	"net/netip"
)

// A Selector says which packets a security association protects, seen in the
// outbound direction (RFC 4301 section 4.4.1.1). Zero protocol and ports
// stand for any.
type Selector struct {
	Src, Dst         netip.Prefix
	Proto            uint8
	SrcPort, DstPort uint16
}

// Reverse is the same flow seen in the inbound direction.
func (s Selector) Reverse() Selector {
	return Selector{Src: s.Dst, Dst: s.Src, Proto: s.Proto, SrcPort: s.DstPort, DstPort: s.SrcPort}
}

// Mode is the encapsulation mode of RFC 2407 section 4.5.
type Mode uint16

const (
	Tunnel    Mode = 1
	Transport Mode = 2
)

// Encryption is an ESP transform identifier of RFC 2407 section 4.4.4 and of
// the registry that it opened.
type Encryption uint8

const (
	DES     Encryption = 2
	DES3    Encryption = 3
	Null    Encryption = 11
	AES     Encryption = 12
	AESCTR  Encryption = 13
	AESGCM  Encryption = 20 // with a tag of 16 bytes
	AESGMAC Encryption = 23
)

func (e Encryption) String() string {
	switch e {
	case DES:
		return "ESP_DES"
	case DES3:
		return "ESP_3DES"
	case Null:
		return "ESP_NULL"
	case AES:
		return "ESP_AES"
	case AESCTR:
		return "ESP_AES-CTR"
	case AESGCM:
		return "ESP_AES-GCM_16"
	case AESGMAC:
		return "ESP_NULL_AUTH_AES-GMAC"
	}
	return fmt.Sprintf("Encryption(%d)", uint8(e))
}

// A Transform is one way to protect packets: with ESP, with AH, or with ESP
// and AH around it.
type Transform struct {
	Name    string // of the transform set it comes from
	Mode    Mode
	Encr    Encryption // 0 without ESP
	KeyBits int        // 128, 192 or 256 for AES, else 0; without the salt
	Auth    Authentication
	AH      Authentication // 0 without AH
	PFS     int            // Diffie-Hellman group, 0 without perfect forward secrecy
	ESN     bool           // sequence numbers of 64 bits
}

// EncrKeyLen and AuthKeyLen are the key lengths in bytes that the key
// material of RFC 2409 section 5.5 is cut into, in this order.
func (t Transform) EncrKeyLen() int {
	switch t.Encr {
	case DES:
		return 8
	case DES3:
		return 24
	case AES:
		return t.KeyBits / 8
	case AESCTR, AESGCM, AESGMAC: // RFC 3686 section 5.1, RFC 4106 section 8.1, RFC 4543 section 5.4
		return t.KeyBits/8 + saltLen
	default:
	}
	return 0
}

func (t Transform) AuthKeyLen() int {
	return t.Auth.KeyLen()
}

// HasESP and HasAH say which protocols the transform is of.
func (t Transform) HasESP() bool { return t.Encr != 0 }
func (t Transform) HasAH() bool  { return t.AH != 0 }

// A Request is what IPsec asks IKE to negotiate: one entry of a policy and
// one flow that it protects.
type Request struct {
	Policy        string // name of the IPsec policy
	Seq           int    // its sequence number
	TemplateSeq   int    // that of the template's entry which stands for it, 0 for none
	Local, Remote netip.Addr
	Profile       string // IKE profile, "" for none
	IKEv2         string // IKEv2 profile: IKE version 2 negotiates; "" for version 1
	Flow          Selector
	Transforms    []Transform // in order of preference
	Seconds       uint32      // lifetime
	Kilobytes     uint32
	Redundancy    Redundancy
	Guard         string // the tunnel interface, for a profile in the place of a policy
	// ACL is a list all of which the pair protects, instead of Flow alone: of a
	// pair that was set up by hand, or of an entry with aggregation.
	ACL string
}

// Keys protect one direction.
type Keys struct{ Encr, Auth, AH []byte }

// A Pair is the outcome of one quick mode, or of a person's work: an inbound and an outbound SA of each
// protocol.
type Pair struct {
	Request
	Initiator     bool // we began the quick mode
	Manual        bool // set up by hand: no lifetime, no anti-replay, no IKE
	Transform     Transform
	InSPI, OutSPI uint32 // of ESP, 0 without
	InAH, OutAH   uint32 // SPIs of AH, 0 without
	In, Out       Keys
	IKE           uint32 // connection ID of the IKE SA that negotiated it
	// The UDP ports that carry ESP through a NAT (RFC 3948), 0 for ESP alone.
	LocalPort, RemotePort uint16
	// Original are the addresses that the peer reckons the checksums of its
	// packets with in transport mode through a NAT, zero for those of the packets.
	Original Ends
}

// Ends are the addresses of both ends of a tunnel.
type Ends struct{ Local, Remote netip.Addr }
