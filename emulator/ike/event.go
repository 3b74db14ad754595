package ike

import (
	"fmt"
	"net/netip"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// A Kind says what happened. The fields named behind it are set besides
// Local, Remote and Conn.
type Kind int

const (
	_ Kind = iota

	// Packets in and out.
	PacketReceived      // a datagram came in
	PacketFrom          // from Remote to Local
	Header              // Header of a packet received or sent
	PacketTo            // about to be sent
	PacketSent          // given to IPv4
	SendFailed          // Err
	PacketTooShort      // Number bytes
	PacketInvalid       // Notify: why the header was refused
	NATKeepaliveIgnored //
	Job                 // Number: worker that handles it
	Control             // Number: worker of the control queue
	NewResponder        // first packet of a phase 1 that the peer began
	Retransmit          // Phase
	RetransmitTimeout   // Phase
	DuplicateAnswered   // the last answer was sent again
	DuplicateExhausted  // dropped: answered too often
	DuplicateIgnored    // dropped: there is no answer
	NotEncrypted        // dropped: it should have been encrypted
	DecryptFailed       //
	ParseFailed         // Phase (0 informational), Notify: the reason, Err
	PayloadReceived     // Payload, Phase
	PayloadProcessed    // Payload, Phase
	PayloadConstructed  // Payload, Phase; HASH: Number; VID: Name
	Encrypting          //
	EncryptIV           // Data
	EncryptedIV         // Data: IV that the next message begins with
	Decrypting          //
	DecryptIV           // Data
	RemoteIV            // Data
	QuickWithoutSA      //
	QuickIncompleteSA   //

	// Phase 1.
	SAMissing        // no IKE SA, one is negotiated
	SAPreparing      // an IKE SA is being renewed
	SAExpired        //
	ProfileTaken     // Name
	ProfileMatched   // Name, In: the policy of certificates that the rule names
	ProfileUnmatched //
	ProfileMissing   // Name
	KeychainTaken    // Name, In: the profile
	KeychainMissing  // Name, In
	ProposalMissing  // Number, In
	KeyFound         // Name: the keychain
	KeyMissing       //
	KeyUnusable      // Name: the keychain, whose key for the peer cannot be read
	Created          // an SA as Initiator or responder
	RoleChosen       // Phase, Initiator
	StateSet         // Phase, To
	StateChanged     // Phase, From, To
	Begin            // Phase, the exchange in Header
	AttributesSet    // Phase 2: what is proposed follows
	Attribute        // Attr, Phase, Received
	TransformID      // Transform, Received
	TransformBuilt   // Number, Phase
	ProposalBuilt    // Number
	TransformCheck   // Number, Phase
	ProposalCheck    // Number
	Acceptable       // Phase
	Unacceptable     // Phase
	TransformChosen  // Number
	NoTransform      //
	SAPayloadFailed  //
	VendorMatched    // Name
	NATDReceived     // Number of payloads
	NATOAReceived    // Number of payloads
	NATOAProcessed   // Name: the address
	BehindNAT        //
	PeerBehindNAT    //
	Material         // Name (SKEYID, ...), Data
	LocalID          // ID
	PeerID           // ID
	PeerIDInvalid    // ID
	HashComputed     // Data
	AuthBuilt        // own authentication data
	HashVerifying    //
	HashGood         //
	HashBad          //
	HashMissing      //
	ContactBuilt     // INITIAL-CONTACT
	RedundantDeleted // by the peer's INITIAL-CONTACT
	ContactInClear   // INITIAL-CONTACT dropped
	Negotiation      // Phase: failed, Cause
	Limit            // Name: negotiating or established

	// Signatures.
	CertRequestAdded   // Name: an authority we ask for
	CertRequestFailed  // no authority to ask for
	CertRequested      // Name: an authority that the peer asks for, Data in DER
	CertRequestIgnored // Number: its encoding
	CertMissing        // no certificate of ours to sign with, Err
	NameMissing        // no certificate to take our identity from
	AuthSigned         // own signature
	PeerCertMissing    //
	PeerCertBad        // Err
	SignatureVerifying //
	SignatureGood      //
	SignatureBad       // Err
	SignatureMissing   //

	// Phase 2.
	HashValidated    // Number: 1, 2 or 3
	HashInvalid      // Number: 1, 2, 3, or 0 informational
	PolicyMissing    // nothing fits what the peer proposes
	Installing       // Pair
	InstallFailed    // Err
	BeingNegotiated  // a request for a flow that is under way
	KeyGroupMismatch //
	KeyLength        // Number: KE payload of the wrong length

	// Informational.
	InfoStarted       //
	InfoWithoutSA     //
	InfoParsed        //
	NotifyBuilt       // Notify
	NotifyReceived    // Notify
	NotifyLength      // Number: bad length of a notification
	DeletedByNotify   //
	DeleteBuilt       // delete payload
	DeleteBegun       // for IPsec SAs
	DeleteReceived    // for IPsec SAs
	DeleteSAReceived  // for the IKE SA
	DeleteProcessed   //
	DeleteBadProtocol // Number
	DeleteNoSA        // no IKE SA to send deletes with
	PairsDeleted      //
	PairDeleted       //
	Deleted           // Conn, Cause
	DPDAdded          //
	DPDUpdated        //
	DPDRemoved        //
	DPDSending        // Notify, Number: sequence number
	DPDReceived       // Notify, Number
	DPDRetransmit     // Number: which one
	DPDTimeout        //
	DPDBadCookie      // Initiator: which one, Data
	DPDBadSequence    // Number
	DPDBadLength      // Number: of the SPI or (Received) of the sequence number

	KeepaliveSending   // Number: sequence number
	KeepaliveReceived  // Number
	KeepaliveReset     // Number: seconds until the next one has to come
	KeepaliveTimeout   //
	KeepaliveBadLength // Number: of the sequence number

	// From IPsec.
	FromIPsec        // Number: one of the Message constants
	AcquireReceived  //
	InvalidSPINoSA   // Number: the SPI
	PolicyIncomplete // a request without what a negotiation needs
)

// Messages from IPsec to IKE. The numbers are a property of the product; no
// document lists them. 6 and 8 are known from a field log, the others are
// this model's.
const (
	MessageAcquire    = 1
	MessageSPI        = 2
	MessageAdded      = 3
	MessageDelete     = 4
	MessageExpire     = 5
	MessageInvalidSPI = 6
	MessageDPD        = 7
	MessageRole       = 8
)

// A Cause is why an SA went or a negotiation failed.
type Cause int

const (
	CauseNone Cause = iota
	CauseTimeout
	CauseNoProposal
	CauseMalformed
	CauseNoKey
	CauseBadHash
	CauseIdentity
	CauseProfile
	CausePolicy
	CauseKeyExchange
	CauseInstall
	CauseNotified // the peer said so
	CauseDeleted  // the peer deleted it
	CauseReset    // an operator
	CauseDead     // dead peer detection
	CauseExpired
	CauseRedundant // INITIAL-CONTACT
	CauseLimit
	CauseStopped
	CauseNoCertificate
	CauseCertificate // the peer's is not trusted
)

var causeNames = []string{"none", "retransmission timeout", "no matching proposal", "malformed payload", "no pre-shared key",
	"authentication failure", "invalid ID information", "incorrect configuration", "no matching policy", "invalid key information",
	"installation failure", "notification", "delete by peer", "reset", "dead peer", "SA expiration",
	"redundant SA", "limit", "stopped", "unavailable certificate", "invalid certificate"}

func (c Cause) String() string {
	if c >= 0 && int(c) < len(causeNames) {
		return causeNames[c]
	}
	return fmt.Sprintf("Cause(%d)", int(c))
}

// An Event is one thing that happened, with its cause.
type Event struct {
	Kind          Kind
	Local, Remote netip.AddrPort
	Conn          uint32
	Phase         int
	Initiator     bool
	Received      bool
	Number        uint64
	Name, In      string
	From, To      State
	Header        isakmp.Header
	Payload       isakmp.PayloadType
	Notify        isakmp.NotifyType
	Attr          isakmp.Attribute
	ID            *isakmp.ID
	Transform     ipsec.Transform
	Pair          *ipsec.Pair
	Data          []byte
	Err           error
	Cause         Cause
}
