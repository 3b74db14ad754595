package infocenter

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Channel is a kind of place that records go to.
type Channel int

// The channels of `info-center source`.
const (
	Console Channel = iota
	Monitor
	Logbuffer
	Logfile
	Loghost
)

var channelNames = [...]string{"console", "monitor", "logbuffer", "logfile", "loghost"}

func (ch Channel) String() string { return channelNames[ch] }

// ChannelOf is the channel of that name, as commands write it.
func ChannelOf(name string) Channel { return Channel(slices.Index(channelNames[:], name)) }

func (ch Channel) terminal() bool { return ch == Console || ch == Monitor }

// A Level is the lowest severity that passes, 0 to 7, or Deny.
type Level int

// Deny lets nothing pass.
const Deny Level = -1

// Severities are the names of the levels 0 to 7.
var Severities = []string{"emergency", "alert", "critical", "error", "warning", "notification", "informational", "debugging"}

// A rule is the key of an output rule; the module "default" is for all modules
// that have no rule of their own.
type rule struct {
	module  string
	channel Channel
}

// Default is the module of the rules for all that have none.
const Default = "default"

// SetRule sets what passes from a module to a channel. Module names are
// compared in upper case.
func (c *Center) SetRule(module string, ch Channel, l Level) { c.rules[rule{fold(module), ch}] = l }

// RemoveRule brings back the default.
func (c *Center) RemoveRule(module string, ch Channel) { delete(c.rules, rule{fold(module), ch}) }

func fold(module string) string {
	if strings.EqualFold(module, Default) {
		return Default
	}
	return strings.ToUpper(module)
}

// passes says whether the rules let a record through to a channel.
func (c *Center) passes(ch Channel, r Record) bool {
	l, ok := c.rules[rule{fold(r.Module), ch}]
	if !ok {
		l, ok = c.rules[rule{Default, ch}]
	}
	if !ok {
		l = Debugging
		if !ch.terminal() {
			l = Debugging - 1
		}
	}
	return r.Severity <= int(l)
}

// A Mute names logs that go nowhere; an empty Mnemonic is for all of a module.
type Mute struct{ Module, Mnemonic string }

// SetMute silences logs, or lets them be heard again.
func (c *Center) SetMute(m Mute, on bool) {
	c.mute = slices.DeleteFunc(c.mute, func(x Mute) bool { return x == m })
	if on {
		c.mute = append(c.mute, m)
	}
}

func (c *Center) muted(r Record) bool {
	return r.Severity != Debugging && slices.ContainsFunc(c.mute, func(m Mute) bool {
		return strings.EqualFold(m.Module, r.Module) && (m.Mnemonic == "" || strings.EqualFold(m.Mnemonic, r.Mnemonic))
	})
}

// A Format is how a time is printed.
type Format int

// The formats; the first three are for all but log hosts, which have no Boot.
const (
	Date Format = iota
	SinceBoot
	None
	ISO
	NoYear
)

func (f Format) String() string {
	return [...]string{"Date", "Boot", "None", "ISO", "No-year-date"}[f]
}

// stamp is the time as the center's format prints it. The time since boot is
// in milliseconds, the high and the low 32 bits.
func (c *Center) stamp(t time.Time) string {
	switch c.Format {
	case SinceBoot:
		ms := uint64(t.Sub(c.Boot).Milliseconds())
		return fmt.Sprintf("%d.%d", ms>>32, ms&0xffffffff)
	case None:
		return ""
	default:
		return Stamp(t)
	}
}

// HostStamp is the time as a log host gets it, with the blank after it.
func (f Format) HostStamp(t time.Time) string {
	day := fmt.Sprintf("%s %2d %s", t.Format("Jan"), t.Day(), t.Format("15:04:05"))
	switch f {
	case ISO:
		return t.Format("2006-01-02T15:04:05") + " "
	case NoYear:
		return day + " "
	case None:
		return ""
	default:
		return day + t.Format(" 2006") + " "
	}
}

// Syslog is the record as a log host gets it: the priority of RFC 3164 section
// 4.1.1, the time, the name of the device, and the message with the vendor's
// %%10 before it. facility is 0 to 23.
func (r Record) Syslog(facility int, f Format) []byte {
	return fmt.Appendf(nil, "<%d>%s%s %%%%10%s", facility*8+r.Severity, f.HostStamp(r.Time), r.Sysname, r.Message())
}
