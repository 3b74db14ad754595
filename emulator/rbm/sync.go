package rbm

import (
	"slices"
	"strings"
	"time"

	"cwlab/emulator/sim"
)

// A transfer goes in fragments, each sent again until it is acknowledged.
const (
	fragmentSize = 1200
	resend       = time.Second
	maxTransfer  = 4 << 20
)

type transfer struct {
	id   uint32
	kind TransferKind
	data []byte
	sent int // fragments acknowledged
}

type sender struct {
	next  uint32
	queue []*transfer
	timer *sim.Timer
}

func (s *sender) clear() {
	s.timer.Stop()
	s.queue = nil
}

type receiver struct {
	id   uint32 // of the transfer that is coming in
	next uint16
	data []byte
	done uint32 // the last transfer that is complete
}

// Sync sends lines just configured to the secondary device, if this is the
// primary one, the channel is up and automatic synchronisation is on. What
// is configured without a channel goes with the batch when it comes up.
func (e *Engine) Sync(lines []string) {
	if e.c.Role == Primary && e.connected && !e.c.NoAutoSync && len(lines) > 0 {
		e.transfer(RealTime, lines)
	}
}

// ManualSync sends the whole synchronised configuration.
func (e *Engine) ManualSync() error {
	if err := e.mayManage(); err != nil {
		return err
	}
	e.batch()
	return nil
}

// ManualCheck compares the configuration of the two devices.
func (e *Engine) ManualCheck() error {
	if err := e.mayManage(); err != nil {
		return err
	}
	e.startCheck()
	return nil
}

func (e *Engine) mayManage() error {
	switch {
	case e.c.Role != Primary:
		return ErrNotPrimary
	case !e.connected:
		return ErrNoChannel
	}
	return nil
}

func (e *Engine) batch() {
	e.host.Emit(Event{Kind: SyncStarted, Local: e.c.Local, Remote: e.c.Remote})
	e.transfer(Batch, e.host.RunningConfig())
}

func (e *Engine) startCheck() {
	e.host.Emit(Event{Kind: CheckStarted, Local: e.c.Local, Remote: e.c.Remote})
	e.transfer(Ask, nil)
}

// armCheck runs the periodic check of the primary device
// (configuration sync-check interval).
func (e *Engine) armCheck(again bool) {
	if !again && e.check.Active() {
		return
	}
	e.check.Stop()
	if e.c.Role == Primary && e.connected && e.c.CheckEvery > 0 {
		e.check = e.host.After(e.c.CheckEvery, func() {
			e.startCheck()
			e.armCheck(true)
		})
	}
}

func (e *Engine) transfer(kind TransferKind, lines []string) {
	e.transferBytes(kind, []byte(strings.Join(lines, "\n")))
}

func (e *Engine) transferBytes(kind TransferKind, data []byte) {
	e.sync.next++
	e.sync.queue = append(e.sync.queue, &transfer{id: e.sync.next, kind: kind, data: data})
	if len(e.sync.queue) == 1 {
		e.sendFragment()
	}
}

func (e *Engine) sendFragment() {
	e.sync.timer.Stop()
	if len(e.sync.queue) == 0 || !e.connected {
		return
	}
	e.sync.timer = e.host.After(resend, e.sendFragment)
	t := e.sync.queue[0]
	part := t.data[t.sent*fragmentSize:]
	m := Message{Type: TypeData, Transfer: t.id, Fragment: uint16(t.sent), Kind: t.kind}
	if len(part) <= fragmentSize {
		m.Flags |= FlagLast
	} else {
		part = part[:fragmentSize]
	}
	m.Data = part
	e.send(m)
}

// acknowledged goes on with the next fragment or transfer.
func (e *Engine) acknowledged(m *Message) {
	if len(e.sync.queue) == 0 {
		return
	}
	t := e.sync.queue[0]
	if m.Transfer != t.id || int(m.Fragment) != t.sent {
		return
	}
	t.sent++
	if t.sent*fragmentSize >= len(t.data) {
		e.sync.queue = e.sync.queue[1:]
		if t.kind == Batch {
			e.host.Emit(Event{Kind: SyncFinished, Local: e.c.Local, Remote: e.c.Remote})
		}
	}
	e.sendFragment()
}

// received takes one fragment. It is acknowledged again when the first
// acknowledgement was lost.
func (e *Engine) received(m *Message) {
	ack := Message{Type: TypeDataAck, Transfer: m.Transfer, Fragment: m.Fragment, Kind: m.Kind}
	if m.Transfer <= e.in.done {
		e.send(ack)
		return
	}
	if m.Transfer != e.in.id {
		e.in = receiver{id: m.Transfer, done: e.in.done}
	}
	switch {
	case m.Fragment < e.in.next:
		e.send(ack)
		return
	case m.Fragment > e.in.next || len(e.in.data)+len(m.Data) > maxTransfer:
		return
	}
	e.in.next++
	e.in.data = append(e.in.data, m.Data...)
	last := m.Flags&FlagLast != 0
	if !last {
		e.send(ack)
		return
	}
	e.in.done = m.Transfer
	data := e.in.data
	e.in.data = nil
	e.arrived(m.Kind, data)
	e.send(ack)
}

// arrived takes a transfer that is complete.
func (e *Engine) arrived(kind TransferKind, data []byte) {
	var lines []string
	if len(data) > 0 && kind != SAs {
		lines = strings.Split(string(data), "\n")
	}
	switch kind {
	case Batch, RealTime:
		if e.c.Role == Secondary {
			e.host.ApplyConfig(kind, lines)
		}
	case Ask:
		e.transfer(Answer, e.host.RunningConfig())
	case Answer:
		e.compare(lines)
	case SAs:
		if records, err := ParseSAs(data); err == nil && !e.c.NoEntries {
			e.host.ApplySAs(records)
		}
	}
}

// compare notes what the two configurations do not have in common.
func (e *Engine) compare(there []string) {
	here := e.host.RunningConfig()
	e.result, e.differ, e.missing = Consistent, without(here, there), without(there, here)
	if !slices.Equal(here, there) {
		e.result = Inconsistent
	}
	e.host.Emit(Event{Kind: CheckFinished, Local: e.c.Local, Remote: e.c.Remote})
}

// without are the lines of a that b has not.
func without(a, b []string) []string {
	have := map[string]int{}
	for _, l := range b {
		have[l]++
	}
	var left []string
	for _, l := range a {
		if have[l]--; have[l] < 0 {
			left = append(left, l)
		}
	}
	return left
}
