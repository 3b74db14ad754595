package ike

import "fmt"

// Note is what an event says of the frame that it belongs to, "" for the steps
// on the way; sends says that the frame is one that goes out.
func (e Event) Note() (text string, sends bool) {
	sa := fmt.Sprintf("IKE SA %d", e.Conn)
	switch e.Kind {
	case StateChanged:
		if e.To == Established && e.Phase == 1 {
			return sa + " established", false
		}
	case NewResponder:
		return "begins phase 1 as responder", false
	case Begin:
		return fmt.Sprintf("begins %v", e.Header.Exchange), true
	case Retransmit:
		return fmt.Sprintf("%s: retransmission, phase %d", sa, e.Phase), true
	case RetransmitTimeout:
		return fmt.Sprintf("%s: no answer in phase %d", sa, e.Phase), true
	case DuplicateAnswered:
		return sa + ": duplicate, answered again", false
	case DuplicateExhausted, DuplicateIgnored:
		return sa + ": duplicate, dropped", false
	case PacketTooShort:
		return fmt.Sprintf("dropped: %d bytes are no ISAKMP header", e.Number), false
	case PacketInvalid:
		return fmt.Sprintf("dropped: %v", e.Notify), false
	case NotEncrypted:
		return "dropped: not encrypted", false
	case DecryptFailed:
		return "dropped: does not decrypt", false
	case ParseFailed:
		return fmt.Sprintf("refused: %v", e.Notify), false
	case QuickWithoutSA, InfoWithoutSA:
		return "dropped: no IKE SA, or none that is complete", false
	case QuickIncompleteSA:
		return "dropped: the IKE SA is incomplete", false
	case Unacceptable:
		return fmt.Sprintf("a transform of phase %d is unacceptable", e.Phase), false
	case NoTransform:
		return "no proposal chosen", false
	case BehindNAT:
		return "this end is behind a NAT", false
	case PeerBehindNAT:
		return "the peer is behind a NAT", false
	case HashBad:
		return "authentication failed", false
	case HashInvalid:
		return "the HASH does not fit", false
	case PeerIDInvalid:
		return "the identity does not fit", false
	case KeyMissing:
		return "no pre-shared key for the peer", false
	case ContactInClear:
		return "dropped: INITIAL-CONTACT in clear", false
	case RedundantDeleted:
		return sa + ": others of the peer deleted, by INITIAL-CONTACT", false
	case PolicyMissing:
		return "no policy fits the proposed flow", false
	case Negotiation:
		return fmt.Sprintf("%s: phase %d failed: %v", sa, e.Phase, e.Cause), false
	case Limit:
		return "refused: too many SAs are " + e.Name, false
	case NotifyReceived:
		return fmt.Sprintf("takes %v", e.Notify), false
	case DeleteBuilt:
		return sa + ": tells the peer of the deletion", true
	case Deleted:
		return fmt.Sprintf("%s deleted: %v", sa, e.Cause), false
	case DPDSending:
		return fmt.Sprintf("%s: DPD %v %d", sa, e.Notify, e.Number), true
	case DPDRetransmit:
		return fmt.Sprintf("%s: DPD retry %d", sa, e.Number), true
	case DPDTimeout:
		return sa + ": DPD, the peer does not answer", true
	case DPDReceived:
		return fmt.Sprintf("%s: DPD %v %d", sa, e.Notify, e.Number), false
	case DPDBadCookie, DPDBadLength:
		return sa + ": malformed DPD, dropped", false
	case DPDBadSequence:
		return fmt.Sprintf("%s: DPD sequence number %d was not asked for, dropped", sa, e.Number), false
	case InvalidSPINoSA:
		return fmt.Sprintf("SPI 0x%08x is unknown, and there is no IKE SA to say so in", e.Number), false
	default:
	}
	return "", false
}
