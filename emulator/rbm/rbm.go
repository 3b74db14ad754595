// Package rbm is hot backup of two firewalls in the manner of H3C's remote
// backup group: a control channel with keepalives, the states Active and
// Standby with their switchover, and the synchronisation of configuration
// from the primary to the secondary device.
//
// The roles primary and secondary are configured and say which way the
// configuration goes; the states say which device forwards. In active/standby
// mode one of two healthy devices is active. Without the control channel each
// device decides alone: a healthy one becomes active.
//
// Behaviour follows H3C's RBM configuration guide and command reference. Its
// wire format is not public, so this one is our own; see Message.
//
// The data channel carries service entries from the device that has them to the
// other, so that flows go on after a switchover; an entry that is lost is told
// again when its owner refreshes it.
//
// Security associations go over the control channel instead, whose transfers
// are acknowledged: a deletion must not be lost. See SARecord.
//
// Limitations: the control channel is UDP here and TCP on a real device, so a
// real device cannot be the peer. Keys of SAs cross it in clear. A peer whose
// switched-off port would reset a TCP connection at once is noticed by missing
// keepalives only. A manual switchover is never undone by the delay time; a failure is.
package rbm

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cwlab/emulator/sim"
)

// A Role is the management role.
type Role uint8

const (
	NoRole Role = iota
	Primary
	Secondary
)

func (r Role) String() string {
	switch r {
	case NoRole:
		return "None"
	case Primary:
		return "Primary"
	case Secondary:
		return "Secondary"
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// A State is the running status.
type State uint8

const (
	Initial State = iota // not negotiated, or a monitored object is down and nobody took over
	Active               // forwards
	Standby              // waits
)

func (s State) String() string {
	switch s {
	case Initial:
		return "Initial"
	case Active:
		return "Active"
	case Standby:
		return "Standby"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// A Cause is why the running status changed.
type Cause uint8

const (
	CauseNegotiated  Cause = iota // the two devices agreed when the channel came up
	CauseInterface                // a monitored interface here or there went down or up
	CauseTrack                    // a track entry did
	CauseRequest                  // the administrator asked for it
	CauseChannelDown              // the control channel was lost
	CauseRecovered                // the delay time after a recovery is over
	CauseConfig                   // the hot backup configuration changed
)

func (c Cause) String() string {
	switch c {
	case CauseNegotiated:
		return "negotiated"
	case CauseInterface:
		return "interface"
	case CauseTrack:
		return "track"
	case CauseRequest:
		return "request"
	case CauseChannelDown:
		return "channel down"
	case CauseRecovered:
		return "recovered"
	case CauseConfig:
		return "configuration"
	}
	return fmt.Sprintf("Cause(%d)", uint8(c))
}

// A TransferKind is what a transfer is for. All but SAs are lines.
type TransferKind uint8

const (
	Batch    TransferKind = 1 + iota // the whole synchronised configuration
	RealTime                         // what was just configured
	Ask                              // asks for Answer; no lines
	Answer                           // the peer's configuration, to compare
	SAs                              // records of security associations
)

func (k TransferKind) String() string {
	switch k {
	case Batch:
		return "batch"
	case RealTime:
		return "real time"
	case Ask:
		return "ask"
	case Answer:
		return "answer"
	case SAs:
		return "security associations"
	}
	return fmt.Sprintf("TransferKind(%d)", uint8(k))
}

// A Host is what hot backup needs of the device it runs on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	Stream(purpose string) *sim.Stream
	// Send sends a datagram from the local to the remote end. An error is a
	// datagram lost.
	Send(local, remote netip.AddrPort, b []byte) error
	// RunningConfig is the part of the configuration that is synchronised.
	RunningConfig() []string
	// ApplyConfig takes lines from the primary device: Batch replaces all of
	// that part, RealTime adds.
	ApplyConfig(kind TransferKind, lines []string)
	// SendEntries sends a message over the data channel, if there is one.
	SendEntries(b []byte)
	// ApplyEntries takes service entries of the peer.
	ApplyEntries([]Entry)
	// ApplySAs takes what the peer tells of its security associations: the
	// records of one transfer.
	ApplySAs([]SARecord)
	Emit(Event)
}

// A Config is what is configured in the group. Zero interval, count and port
// stand for the defaults.
type Config struct {
	Role          Role
	DualActive    bool
	Local, Remote netip.Addr
	Port          uint16
	Interval      time.Duration
	Count         int
	Delay         time.Duration // until traffic goes back to a recovered primary device; 0: never
	NoAutoSync    bool
	NoEntries     bool          // no hot backup of service entries
	CheckEvery    time.Duration // 0: no periodic consistency check
}

// Defaults of the command reference.
const (
	DefaultInterval = time.Second
	DefaultCount    = 10
	DefaultCheck    = 24 * time.Hour
)

// A Kind says what an event is about.
type Kind uint8

const (
	StateChanged  Kind = iota
	ChannelUp          // the peer answers
	ChannelDown        // the peer no longer does
	PeerChanged        // the peer's state or health changed
	RoleConflict       // the peer has our own role
	SyncStarted        // a batch synchronisation began
	SyncFinished       // and the peer has it all
	CheckStarted       // a consistency check began
	CheckFinished      // see Result
	Refused            // the peer did not take over
)

// An Event tells what hot backup did.
type Event struct {
	Kind          Kind
	From, To      State // StateChanged
	Why           Cause // StateChanged
	Local, Remote netip.Addr
}

// A Record is one change of the running status.
type Record struct {
	At       time.Time
	From, To State
	Why      Cause
}

// A Result is the outcome of the last consistency check.
type Result uint8

const (
	NotPerformed Result = iota
	Consistent
	Inconsistent
)

// Why a request is refused.
var (
	ErrNotActive     = errors.New("rbm: this device is not active")
	ErrNoChannel     = errors.New("rbm: the control channel is down")
	ErrPeerUnhealthy = errors.New("rbm: the peer cannot take over")
	ErrDualActive    = errors.New("rbm: the devices are in dual-active mode")
	ErrNotPrimary    = errors.New("rbm: this device is not the primary one")
	ErrBusy          = errors.New("rbm: it is under way")
)

// A Peer is what the other device told last.
type Peer struct {
	Role     Role
	State    State
	Healthy  bool
	leaving  bool
	promoted bool
}
