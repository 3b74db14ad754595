// Package nqa is network quality analysis from the client's side: operations
// that send ICMP echo requests (RFC 792) in tests of some probes each, results,
// a history and statistics of them, and reactions that watch the probes and
// say whether a threshold is crossed.
//
// It follows the NQA chapter of the Comware 7 configuration guides and command
// references. The engine knows no packets: the host sends an echo request and
// brings the reply back.
//
// Limitations: of the types only ICMP echo; traps are not sent. A probe that
// cannot be sent fails at once with an internal error. The parts of a test that
// the references leave open, such as what becomes of a reaction when the
// operation stops (here it becomes invalid), are our choice.
package nqa

import (
	"fmt"
	"net/netip"
	"time"

	"cwlab/emulator/sim"
)

// A Name tells operations apart: who made it, and a tag.
type Name struct{ Admin, Tag string }

// A Config is what is configured for an ICMP echo operation. Defaults are
// those of Default.
type Config struct {
	Destination, Source netip.Addr
	SourceIface         string // its address is the source
	OutIface            string
	NextHop             netip.Addr
	DataSize            int // bytes
	Fill                string
	Count               int           // probes in a test, 1 to 15
	Timeout             time.Duration // of a probe
	Frequency           time.Duration // between the starts of tests, 0 for one test only
	TTL, TOS            uint8
	Bypass              bool // no routes: the destination is on a link
	History             bool
	HistoryNumber       int           // records kept
	HistoryKeep         time.Duration // after the end of a test
	StatInterval        time.Duration // that a group of statistics covers
	StatHold            time.Duration // that a finished group is kept
	StatGroups          int           // groups kept, 0 for no statistics
}

// Default is a configuration without a destination.
var Default = Config{DataSize: 100, Count: 1, Timeout: 3 * time.Second, TTL: 20, HistoryNumber: 50, HistoryKeep: 120 * time.Minute,
	StatInterval: 60 * time.Minute, StatHold: 120 * time.Minute, StatGroups: 2}

// An Element is what a reaction watches.
type Element uint8

const (
	ProbeFail     Element = iota // failed probes
	ProbeDuration                // round trips of probes outside of the limits
)

// A Threshold is how a reaction counts.
type Threshold uint8

const (
	Consecutive Threshold = iota // in a row since the operation started
	Accumulate                   // in one test
	Average                      // the mean of one test, of ProbeDuration only
)

// An Action is what a crossed threshold leads to.
type Action uint8

const (
	None        Action = iota // it is displayed
	TrapOnly                  // and told to the network management
	TriggerOnly               // and told to other modules
)

// A Reaction watches the probes of an operation.
type Reaction struct {
	Item         int // 1 to 10
	Element      Element
	Threshold    Threshold
	Times        int           // of Consecutive and Accumulate
	Upper, Lower time.Duration // of ProbeDuration
	Action       Action
}

// A Status is what a reaction says.
type Status uint8

const (
	Invalid Status = iota // no probe has ended yet
	BelowThreshold
	OverThreshold
)

func (s Status) String() string {
	switch s {
	case Invalid:
		return "invalid"
	case BelowThreshold:
		return "below-threshold"
	case OverThreshold:
		return "over-threshold"
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// A Phase is how far the schedule of an operation is.
type Phase uint8

const (
	Idle     Phase = iota // not scheduled
	Waiting               // for its start time
	Running               // tests
	Finished              // its life time is over
)

func (p Phase) String() string {
	switch p {
	case Idle:
		return "Idle"
	case Waiting:
		return "Waiting"
	case Running:
		return "Running"
	case Finished:
		return "Finished"
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}

// A Schedule says when an operation runs.
type Schedule struct {
	Start     time.Time
	Life      time.Duration // 0: forever
	Recurring bool          // every day again
}

// An Outcome is how a probe ended.
type Outcome uint8

const (
	Succeeded     Outcome = iota
	TimedOut              // no reply in time
	InternalError         // it could not be sent
)

// An Echo is an echo request for the host to send.
type Echo struct {
	Source, Destination, NextHop netip.Addr
	SourceIface, OutIface        string
	TTL, TOS                     uint8
	Bypass                       bool
	ID, Seq                      uint16
	Data                         []byte
}

// A Host is what operations need of the device they run on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	// Echo sends an echo request; an error is a probe that failed.
	Echo(Echo) error
	Emit(Event)
}

// A Kind says what an event is about.
type Kind uint8

const (
	Scheduled       Kind = iota // Phase
	Unscheduled                 // Phase was
	StartTimer                  // runs for Interval
	LifeTimer                   // runs for Interval
	ProbeTimedOut               //
	SendFailed                  //
	Incomplete                  // scheduled without a destination
	ReactionCreated             // Item, of TriggerOnly
	ReactionDeleted             // Item, of TriggerOnly
	StatusChanged               // Item, From, To
	Triggered                   // Item, To: other modules were told
)

// An Event tells what an operation did.
type Event struct {
	Kind     Kind
	Name     Name
	Phase    Phase
	Interval time.Duration
	Item     int
	From, To Status
}

// A Result sums up probes.
type Result struct {
	Sent, Received    int
	Min, Max, Sum     time.Duration
	Squares           int64 // of milliseconds
	Timeouts, Errors  int
	LastSucceeded     time.Time // zero for none
	Started, Finished time.Time // of a group of statistics
}

func (r *Result) add(o Outcome, trip time.Duration, now time.Time) {
	r.Sent++
	switch o {
	case Succeeded:
		if r.Received == 0 || trip < r.Min {
			r.Min = trip
		}
		r.Max = max(r.Max, trip)
		r.Received++
		r.Sum += trip
		r.Squares += trip.Milliseconds() * trip.Milliseconds()
		r.LastSucceeded = now
	case TimedOut:
		r.Timeouts++
	case InternalError:
		r.Errors++
	}
}

// Average is the mean round trip, 0 without any.
func (r *Result) Average() time.Duration {
	if r.Received == 0 {
		return 0
	}
	return r.Sum / time.Duration(r.Received)
}

// Loss is the share of probes without a reply, in percent.
func (r *Result) Loss() int {
	if r.Sent == 0 {
		return 0
	}
	return 100 * (r.Sent - r.Received) / r.Sent
}

// A Record is one probe of the history.
type Record struct {
	Index    int
	Response time.Duration // the timeout if it timed out
	Outcome  Outcome
	At       time.Time
}

// A Counter is what a reaction has counted.
type Counter struct {
	Reaction
	Status        Status
	Checked, Over int // meaningless for Average
}

// A Group is the statistics of one interval.
type Group struct {
	Result
	Number  int
	Counted []Counter // the share of the interval
}
