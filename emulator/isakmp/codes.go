package isakmp

import "fmt"

func name[T ~uint8 | ~uint16 | ~uint32](names map[T]string, kind string, v T) string {
	if s, ok := names[v]; ok {
		return s
	}
	return fmt.Sprintf("%s(%d)", kind, v)
}

// A PayloadType is a next payload value of RFC 2408 section 3.1 and RFC 3947
// section 5.
type PayloadType uint8

const (
	TypeNone      PayloadType = 0
	TypeSA        PayloadType = 1
	TypeProposal  PayloadType = 2
	TypeTransform PayloadType = 3
	TypeKE        PayloadType = 4
	TypeID        PayloadType = 5
	TypeCert      PayloadType = 6
	TypeCertReq   PayloadType = 7
	TypeHash      PayloadType = 8
	TypeSig       PayloadType = 9
	TypeNonce     PayloadType = 10
	TypeNotify    PayloadType = 11
	TypeDelete    PayloadType = 12
	TypeVendorID  PayloadType = 13
	TypeNATD      PayloadType = 20
	TypeNATOA     PayloadType = 21
)

var payloadNames = map[PayloadType]string{
	TypeNone: "NONE", TypeSA: "SA", TypeProposal: "P", TypeTransform: "T", TypeKE: "KE",
	TypeID: "ID", TypeCert: "CERT", TypeCertReq: "CR", TypeHash: "HASH", TypeSig: "SIG",
	TypeNonce: "NONCE", TypeNotify: "N", TypeDelete: "D", TypeVendorID: "VID",
	TypeNATD: "NAT-D", TypeNATOA: "NAT-OA",
}

func (t PayloadType) String() string { return name(payloadNames, "PayloadType", t) }

// An ExchangeType is RFC 2408 section 3.1 and RFC 2409 appendix A.
type ExchangeType uint8

const (
	ExchangeNone          ExchangeType = 0
	ExchangeBase          ExchangeType = 1
	ExchangeMain          ExchangeType = 2 // identity protection
	ExchangeAuthOnly      ExchangeType = 3
	ExchangeAggressive    ExchangeType = 4
	ExchangeInformational ExchangeType = 5
	ExchangeTransaction   ExchangeType = 6
	ExchangeQuick         ExchangeType = 32
	ExchangeNewGroup      ExchangeType = 33
)

var exchangeNames = map[ExchangeType]string{
	ExchangeNone: "NONE", ExchangeBase: "Base", ExchangeMain: "Identity Protection",
	ExchangeAuthOnly: "Authentication Only", ExchangeAggressive: "Aggressive",
	ExchangeInformational: "Informational", ExchangeTransaction: "Transaction",
	ExchangeQuick: "Quick Mode", ExchangeNewGroup: "New Group Mode",
}

func (t ExchangeType) String() string { return name(exchangeNames, "ExchangeType", t) }

// Flags are the bits of RFC 2408 section 3.1.
type Flags uint8

const (
	FlagEncryption Flags = 1 << 0
	FlagCommit     Flags = 1 << 1
	FlagAuthOnly   Flags = 1 << 2
)

// A NotifyType is RFC 2408 section 3.14.1, RFC 2407 section 4.6.3 and
// RFC 3706 section 5.
type NotifyType uint16

const (
	InvalidPayloadType      NotifyType = 1
	DOINotSupported         NotifyType = 2
	SituationNotSupported   NotifyType = 3
	InvalidCookie           NotifyType = 4
	InvalidMajorVersion     NotifyType = 5
	InvalidMinorVersion     NotifyType = 6
	InvalidExchangeType     NotifyType = 7
	InvalidFlags            NotifyType = 8
	InvalidMessageID        NotifyType = 9
	InvalidProtocolID       NotifyType = 10
	InvalidSPI              NotifyType = 11
	InvalidTransformID      NotifyType = 12
	AttributesNotSupported  NotifyType = 13
	NoProposalChosen        NotifyType = 14
	BadProposalSyntax       NotifyType = 15
	PayloadMalformed        NotifyType = 16
	InvalidKeyInformation   NotifyType = 17
	InvalidIDInformation    NotifyType = 18
	InvalidCertEncoding     NotifyType = 19
	InvalidCertificate      NotifyType = 20
	CertTypeUnsupported     NotifyType = 21
	InvalidCertAuthority    NotifyType = 22
	InvalidHashInformation  NotifyType = 23
	AuthenticationFailed    NotifyType = 24
	InvalidSignature        NotifyType = 25
	AddressNotification     NotifyType = 26
	NotifySALifetime        NotifyType = 27
	CertificateUnavailable  NotifyType = 28
	UnsupportedExchangeType NotifyType = 29
	UnequalPayloadLengths   NotifyType = 30
	Connected               NotifyType = 16384
	ResponderLifetime       NotifyType = 24576
	ReplayStatus            NotifyType = 24577
	InitialContact          NotifyType = 24578
	// Keepalive is of the private range of RFC 2408 section 3.14.1; the number
	// is this model's.
	Keepalive  NotifyType = 32768
	RUThere    NotifyType = 36136
	RUThereACK NotifyType = 36137
)

var notifyNames = map[NotifyType]string{
	InvalidPayloadType: "INVALID-PAYLOAD-TYPE", DOINotSupported: "DOI-NOT-SUPPORTED",
	SituationNotSupported: "SITUATION-NOT-SUPPORTED", InvalidCookie: "INVALID-COOKIE",
	InvalidMajorVersion: "INVALID-MAJOR-VERSION", InvalidMinorVersion: "INVALID-MINOR-VERSION",
	InvalidExchangeType: "INVALID-EXCHANGE-TYPE", InvalidFlags: "INVALID-FLAGS",
	InvalidMessageID: "INVALID-MESSAGE-ID", InvalidProtocolID: "INVALID-PROTOCOL-ID",
	InvalidSPI: "INVALID-SPI", InvalidTransformID: "INVALID-TRANSFORM-ID",
	AttributesNotSupported: "ATTRIBUTES-NOT-SUPPORTED", NoProposalChosen: "NO-PROPOSAL-CHOSEN",
	BadProposalSyntax: "BAD-PROPOSAL-SYNTAX", PayloadMalformed: "PAYLOAD-MALFORMED",
	InvalidKeyInformation: "INVALID-KEY-INFORMATION", InvalidIDInformation: "INVALID-ID-INFORMATION",
	InvalidCertEncoding: "INVALID-CERT-ENCODING", InvalidCertificate: "INVALID-CERTIFICATE",
	CertTypeUnsupported: "CERT-TYPE-UNSUPPORTED", InvalidCertAuthority: "INVALID-CERT-AUTHORITY",
	InvalidHashInformation: "INVALID-HASH-INFORMATION", AuthenticationFailed: "AUTHENTICATION-FAILED",
	InvalidSignature: "INVALID-SIGNATURE", AddressNotification: "ADDRESS-NOTIFICATION",
	NotifySALifetime: "NOTIFY-SA-LIFETIME", CertificateUnavailable: "CERTIFICATE-UNAVAILABLE",
	UnsupportedExchangeType: "UNSUPPORTED-EXCHANGE-TYPE", UnequalPayloadLengths: "UNEQUAL-PAYLOAD-LENGTHS",
	Connected: "CONNECTED", ResponderLifetime: "RESPONDER-LIFETIME", ReplayStatus: "REPLAY-STATUS",
	InitialContact: "INITIAL-CONTACT", Keepalive: "KEEPALIVE", RUThere: "R-U-THERE", RUThereACK: "R-U-THERE-ACK",
}

func (t NotifyType) String() string { return name(notifyNames, "NotifyType", t) }

// Error says whether the type reports an error (RFC 2408 section 3.14.1).
func (t NotifyType) Error() bool { return t >= 1 && t < 8192 }

// A Protocol is a security protocol identifier of RFC 2407 section 4.4.1.
type Protocol uint8

const (
	ProtoISAKMP Protocol = 1
	ProtoAH     Protocol = 2
	ProtoESP    Protocol = 3
)

var protocolNames = map[Protocol]string{
	ProtoISAKMP: "PROTO_ISAKMP", ProtoAH: "PROTO_IPSEC_AH", ProtoESP: "PROTO_IPSEC_ESP", 4: "PROTO_IPCOMP",
}

func (p Protocol) String() string { return name(protocolNames, "Protocol", p) }

// DOIIPsec and SituationIdentityOnly are RFC 2407 sections 4.1 and 4.2.
const (
	DOIIPsec              uint32 = 1
	SituationIdentityOnly uint32 = 1
	KeyIKE                uint8  = 1 // the one ISAKMP transform, RFC 2407 section 4.4.2
)

// An IDType is RFC 2407 section 4.6.2.1.
type IDType uint8

const (
	IDIPv4Addr       IDType = 1
	IDFQDN           IDType = 2
	IDUserFQDN       IDType = 3
	IDIPv4AddrSubnet IDType = 4
	IDIPv4AddrRange  IDType = 7
	IDDN             IDType = 9
)

var idNames = map[IDType]string{
	IDIPv4Addr: "ID_IPV4_ADDR", IDFQDN: "ID_FQDN", IDUserFQDN: "ID_USER_FQDN",
	IDIPv4AddrSubnet: "ID_IPV4_ADDR_SUBNET", 5: "ID_IPV6_ADDR", 6: "ID_IPV6_ADDR_SUBNET",
	IDIPv4AddrRange: "ID_IPV4_ADDR_RANGE", 8: "ID_IPV6_ADDR_RANGE", IDDN: "ID_DER_ASN1_DN",
	10: "ID_DER_ASN1_GN", 11: "ID_KEY_ID",
}

func (t IDType) String() string { return name(idNames, "IDType", t) }

// An AttributeType is a phase 1 class of RFC 2409 appendix A or a phase 2
// class of RFC 2407 section 4.5; which of them, the proposal's protocol says.
type AttributeType uint16

const (
	Phase1Encryption   AttributeType = 1
	Phase1Hash         AttributeType = 2
	Phase1Auth         AttributeType = 3
	Phase1Group        AttributeType = 4
	Phase1LifeType     AttributeType = 11
	Phase1LifeDuration AttributeType = 12
	Phase1KeyLength    AttributeType = 14

	Phase2LifeType      AttributeType = 1
	Phase2LifeDuration  AttributeType = 2
	Phase2Group         AttributeType = 3
	Phase2Encapsulation AttributeType = 4
	Phase2Auth          AttributeType = 5
	Phase2KeyLength     AttributeType = 6
	Phase2ESN           AttributeType = 11 // RFC 4304: Extended Sequence Number
)

// ESN64 is the one value of Phase2ESN: sequence numbers of 64 bits.
const ESN64 uint64 = 1

// Life types, equal in both phases.
const (
	LifeSeconds   uint64 = 1
	LifeKilobytes uint64 = 2
)

// An Encryption is RFC 2409 appendix A and RFC 3602 section 5.
type Encryption uint16

const (
	DESCBC  Encryption = 1
	DES3CBC Encryption = 5
	AESCBC  Encryption = 7
)

var encryptionNames = map[Encryption]string{
	DESCBC: "DES-CBC", 2: "IDEA-CBC", 3: "Blowfish-CBC", 4: "RC5-R16-B64-CBC", DES3CBC: "3DES-CBC",
	6: "CAST-CBC", AESCBC: "AES-CBC",
}

func (e Encryption) String() string { return name(encryptionNames, "Encryption", e) }

// A Hash is RFC 2409 appendix A and the registry that follows it.
type Hash uint16

const (
	MD5    Hash = 1
	SHA1   Hash = 2
	SHA256 Hash = 4
	SHA384 Hash = 5
	SHA512 Hash = 6
)

var hashNames = map[Hash]string{
	MD5: "MD5", SHA1: "SHA", 3: "Tiger", SHA256: "SHA2-256", SHA384: "SHA2-384", SHA512: "SHA2-512",
}

func (h Hash) String() string { return name(hashNames, "Hash", h) }

// An AuthMethod is RFC 2409 appendix A.
type AuthMethod uint16

const (
	PreSharedKey  AuthMethod = 1
	DSSSignatures AuthMethod = 2
	RSASignatures AuthMethod = 3
)

var authNames = map[AuthMethod]string{
	PreSharedKey: "pre-shared key", DSSSignatures: "DSS signatures", RSASignatures: "RSA signatures",
	4: "Encryption with RSA", 5: "Revised encryption with RSA",
}

func (a AuthMethod) String() string { return name(authNames, "AuthMethod", a) }

// UDPEncapsulated is what UDP adds to the values of Phase2Encapsulation, RFC
// 3947 section 5.1.
const UDPEncapsulated = 2
