package wire

import "fmt"

// PayloadType is RFC 7296 section 3.2.
type PayloadType uint8

const (
	TypeNone      PayloadType = 0
	TypeSA        PayloadType = 33
	TypeKE        PayloadType = 34
	TypeIDi       PayloadType = 35
	TypeIDr       PayloadType = 36
	TypeCert      PayloadType = 37
	TypeCertReq   PayloadType = 38
	TypeAuth      PayloadType = 39
	TypeNonce     PayloadType = 40
	TypeNotify    PayloadType = 41
	TypeDelete    PayloadType = 42
	TypeVendor    PayloadType = 43
	TypeTSi       PayloadType = 44
	TypeTSr       PayloadType = 45
	TypeEncrypted PayloadType = 46

	firstType = TypeSA // of those that RFC 7296 defines
	lastType  = PayloadType(48)
)

var payloadNames = map[PayloadType]string{
	TypeSA: "SA", TypeKE: "KE", TypeIDi: "IDi", TypeIDr: "IDr", TypeCert: "CERT", TypeCertReq: "CERTREQ", TypeAuth: "AUTH", TypeNonce: "Nonce", TypeNotify: "N", TypeDelete: "D",
	TypeVendor: "V", TypeTSi: "TSi", TypeTSr: "TSr", TypeEncrypted: "SK",
}

func (t PayloadType) String() string {
	if n, ok := payloadNames[t]; ok {
		return n
	}
	return fmt.Sprintf("PayloadType(%d)", uint8(t))
}

// Known says whether RFC 7296 defines the type: the critical bit counts for
// others only, section 2.5.
func (t PayloadType) Known() bool { return t >= firstType && t <= lastType }

// ExchangeType is RFC 7296 section 3.1.
type ExchangeType uint8

const (
	SAInit        ExchangeType = 34
	Auth          ExchangeType = 35
	CreateChild   ExchangeType = 36
	Informational ExchangeType = 37
)

var exchangeNames = map[ExchangeType]string{
	SAInit: "IKE_SA_INIT", Auth: "IKE_AUTH", CreateChild: "CREATE_CHILD_SA", Informational: "INFORMATIONAL",
}

func (x ExchangeType) String() string {
	if n, ok := exchangeNames[x]; ok {
		return n
	}
	return fmt.Sprintf("ExchangeType(%d)", uint8(x))
}

// Flags of the header, RFC 7296 section 3.1.
type Flags uint8

const (
	FlagInitiator Flags = 0x08 // sent by the original initiator of the IKE SA
	FlagResponse  Flags = 0x20
)

// Protocol is RFC 7296 section 3.3.1.
type Protocol uint8

const (
	ProtoIKE Protocol = 1
	ProtoAH  Protocol = 2
	ProtoESP Protocol = 3
)

// TransformType is RFC 7296 section 3.3.2.
type TransformType uint8

const (
	Encr  TransformType = 1
	PRF   TransformType = 2
	Integ TransformType = 3
	DH    TransformType = 4
	ESN   TransformType = 5
)

// Transform IDs of Encr.
const (
	EncrDES  uint16 = 2
	Encr3DES uint16 = 3
	EncrNull uint16 = 11
	EncrAES  uint16 = 12
	EncrCTR  uint16 = 13
	EncrGCM  uint16 = 20 // AES-GCM with a tag of 16 bytes, RFC 5282
	EncrGMAC uint16 = 21 // ENCR_NULL_AUTH_AES_GMAC, RFC 4543
)

// Transform IDs of PRF.
const (
	PRFMD5    uint16 = 1
	PRFSHA1   uint16 = 2
	PRFSHA256 uint16 = 5
	PRFSHA384 uint16 = 6
	PRFSHA512 uint16 = 7
)

// Transform IDs of Integ.
const (
	IntegMD5    uint16 = 1
	IntegSHA1   uint16 = 2
	IntegSHA256 uint16 = 12
	IntegSHA384 uint16 = 13
	IntegSHA512 uint16 = 14
)

// Transform IDs of ESN: sequence numbers of 32 bits, and of 64.
const (
	NoESN      uint16 = 0
	UsesESN    uint16 = 1
	NoneOfKind uint16 = 0 // of Integ and DH: no algorithm
)

// KeyLength is the one transform attribute, RFC 7296 section 3.3.5: bits.
const KeyLength = 14

// IDType is RFC 7296 section 3.5.
type IDType uint8

const (
	IDIPv4  IDType = 1
	IDFQDN  IDType = 2
	IDEmail IDType = 3 // ID_RFC822_ADDR
	IDDN    IDType = 9 // ID_DER_ASN1_DN
	IDKeyID IDType = 11
)

// SharedKey is the authentication method of a pre-shared key, RFC 7296
// section 3.8.
const SharedKey uint8 = 2

// RSASignature is the authentication method of an RSA signature over a SHA-1
// hash, RFC 7296 section 3.8.
const RSASignature uint8 = 1

// X509Signature is the encoding of a certificate, RFC 7296 section 3.6.
const X509Signature uint8 = 4

// NotifyType is RFC 7296 section 3.10.1.
type NotifyType uint16

const (
	UnsupportedCriticalPayload NotifyType = 1
	InvalidIKESPI              NotifyType = 4
	InvalidMajorVersion        NotifyType = 5
	InvalidSyntax              NotifyType = 7
	InvalidMessageID           NotifyType = 9
	InvalidSPI                 NotifyType = 11
	NoProposalChosen           NotifyType = 14
	InvalidKEPayload           NotifyType = 17
	AuthenticationFailed       NotifyType = 24
	SinglePairRequired         NotifyType = 34
	NoAdditionalSAs            NotifyType = 35
	TSUnacceptable             NotifyType = 38
	InvalidSelectors           NotifyType = 39
	TemporaryFailure           NotifyType = 43
	ChildSANotFound            NotifyType = 44

	InitialContact     NotifyType = 16384
	NATDetectionSource NotifyType = 16388
	NATDetectionDest   NotifyType = 16389
	Cookie             NotifyType = 16390
	UseTransportMode   NotifyType = 16391
	RekeySA            NotifyType = 16393
)

var notifyNames = map[NotifyType]string{
	UnsupportedCriticalPayload: "UNSUPPORTED_CRITICAL_PAYLOAD", InvalidIKESPI: "INVALID_IKE_SPI", InvalidMajorVersion: "INVALID_MAJOR_VERSION",
	InvalidSyntax: "INVALID_SYNTAX", InvalidMessageID: "INVALID_MESSAGE_ID", InvalidSPI: "INVALID_SPI", NoProposalChosen: "NO_PROPOSAL_CHOSEN",
	InvalidKEPayload: "INVALID_KE_PAYLOAD", AuthenticationFailed: "AUTHENTICATION_FAILED", SinglePairRequired: "SINGLE_PAIR_REQUIRED",
	NoAdditionalSAs: "NO_ADDITIONAL_SAS", TSUnacceptable: "TS_UNACCEPTABLE", InvalidSelectors: "INVALID_SELECTORS",
	TemporaryFailure: "TEMPORARY_FAILURE", ChildSANotFound: "CHILD_SA_NOT_FOUND", InitialContact: "INITIAL_CONTACT",
	NATDetectionSource: "NAT_DETECTION_SOURCE_IP", NATDetectionDest: "NAT_DETECTION_DESTINATION_IP", Cookie: "COOKIE",
	UseTransportMode: "USE_TRANSPORT_MODE", RekeySA: "REKEY_SA",
}

func (n NotifyType) String() string {
	if s, ok := notifyNames[n]; ok {
		return s
	}
	return fmt.Sprintf("NotifyType(%d)", uint16(n))
}

// Error says whether the notification reports a failure.
func (n NotifyType) Error() bool { return n > 0 && n < InitialContact }

// TSType is RFC 7296 section 3.13.1.
type TSType uint8

const (
	TSIPv4 TSType = 7
	TSIPv6 TSType = 8
)
