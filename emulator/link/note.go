package link

import (
	"slices"
	"time"
)

// A Note is what became of a frame, what a device did with it, or what it is for, in words.
type Note struct {
	At     time.Time
	Device string // "" for the network itself
	Frame  uint64 // its number, see Frames; 0 where time alone was the cause
	Text   string
}

type listener struct{ hear func(Note) }

// Frames is how many frames devices have sent. While a tap hears of a frame it
// is the frame's number.
func (n *Network) Frames() uint64 { return n.frames }

// OnNote calls f with every note until remove is called. A note of a frame
// comes after the frame's tap.
func (n *Network) OnNote(f func(Note)) (remove func()) {
	l := &listener{f}
	n.notes = append(slices.Clone(n.notes), l)
	return func() {
		n.notes = slices.DeleteFunc(slices.Clone(n.notes), func(x *listener) bool { return x == l })
	}
}

// Noted says whether anybody listens to notes.
func (n *Network) Noted() bool { return len(n.notes) > 0 }

// Note takes a note of a device. What sends, or was caused by no frame, belongs
// to the next frame that the device sends before anything else happens, if there
// is one; all else to the frame that is being dealt with.
func (n *Network) Note(device, text string, sends bool) {
	if len(n.notes) == 0 {
		return
	}
	n.settle()
	note := Note{At: n.world.Now(), Device: device, Text: text}
	if cause := n.world.Cause(); cause != 0 && !sends {
		note.Frame = cause
		n.tell(note)
		return
	}
	n.turn = n.world.Turn()
	n.waiting = append(n.waiting, note)
}

// settle tells the notes whose frame did not come.
func (n *Network) settle() {
	if len(n.waiting) == 0 || n.turn == n.world.Turn() {
		return
	}
	old := n.waiting
	n.waiting = nil
	for _, note := range old {
		n.tell(note)
	}
}

// carried tells the notes of a device that wait for frame number frame.
func (n *Network) carried(device string, frame uint64) {
	n.settle()
	if len(n.waiting) == 0 {
		return
	}
	var mine []Note
	n.waiting = slices.DeleteFunc(n.waiting, func(note Note) bool {
		if note.Device == device {
			mine = append(mine, note)
		}
		return note.Device == device
	})
	for _, note := range mine {
		note.Frame = frame
		n.tell(note)
	}
}

// happened notes what a cable did to a frame.
func (n *Network) happened(c *Cable, frame uint64, what string) {
	if len(n.notes) > 0 {
		n.tell(Note{At: n.world.Now(), Frame: frame, Text: what + " on " + c.Name})
	}
}

func (n *Network) tell(note Note) {
	for _, l := range n.notes {
		l.hear(note)
	}
}
