package tui

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"cwlab/emulator/dissect"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/pcap"
	"cwlab/tui/words"
)

// Bounds of a ring.
const (
	ringFrames = 5000
	ringBytes  = 8 << 20
	ringMarks  = 60000 // of all consoles together
	ringNotes  = 16    // of each frame
)

// A record is a frame that a device sent.
type record struct {
	n            uint64 // its number in the network
	turn         uint64 // of the world
	at           time.Time
	device, port string
	frame        []byte
	brief        *dissect.Packet // without its layers; nil until somebody asked
	ends         []int64         // how far each console had shown, in the order of the devices
}

// A mark is what a console showed while a frame was dealt with, or in one
// turn of the world.
type mark struct {
	from, to    int64 // offsets of the console
	turn, cause uint64
}

// A ring keeps the newest frames of a lab, what the devices did with them, and
// which bytes of the consoles they caused. It is written by the world and read
// by the screens.
type ring struct {
	*dissect.Dissector
	keys     pcap.Keys // for the world alone
	consoles []*lab.Console

	mu      sync.Mutex
	records []record
	bytes   int
	total   uint64
	notes   map[uint64][]string
	marks   [][]mark // of each console
}

// newRing listens to a lab that does not run yet.
func newRing(l *lab.Lab) *ring {
	r := &ring{Dissector: dissect.New(), notes: map[uint64][]string{}}
	for i, d := range l.Devices() {
		c := l.Console(d.Name())
		r.consoles = append(r.consoles, c)
		r.marks = append(r.marks, nil)
		c.Tap(func(b []byte) { r.showed(i, c.End(), len(b), l.World().Turn(), l.World().Cause()) })
		if t, ok := d.(lab.KeyTeller); ok {
			t.TellKeys(lab.KeyListeners{r.Dissector, &r.keys})
		}
	}
	l.Network().Tap(func(p *link.Port, at time.Time, frame []byte) {
		r.hear(p, at, frame, l.Network().Frames(), l.World().Turn())
	})
	l.Network().OnNote(r.note)
	return r
}

func (r *ring) hear(p *link.Port, at time.Time, frame []byte, n, turn uint64) {
	r.Learn(frame)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	x := record{n: n, turn: turn, at: at, device: p.Device, port: p.Name, frame: frame}
	for _, c := range r.consoles {
		x.ends = append(x.ends, c.End())
	}
	r.records = append(r.records, x)
	r.bytes += len(frame)
	for len(r.records) > ringFrames || r.bytes > ringBytes {
		r.bytes -= len(r.records[0].frame)
		delete(r.notes, r.records[0].n)
		r.records[0] = record{}
		r.records = r.records[1:]
	}
}

// note takes what became of a frame.
func (r *ring) note(note link.Note) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := note.Text
	if note.Device != "" {
		text = note.Device + ": " + text
	}
	if _, ok := r.find(note.Frame); ok && len(r.notes[note.Frame]) < ringNotes {
		r.notes[note.Frame] = append(r.notes[note.Frame], text)
	}
}

// showed takes n bytes that a console has shown up to an offset.
func (r *ring) showed(console int, to int64, n int, turn, cause uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.marks[console]
	if k := len(all) - 1; k >= 0 && all[k].turn == turn && all[k].cause == cause && all[k].to == to-int64(n) {
		all[k].to = to
		return
	}
	room := max(ringMarks/len(r.marks), 64)
	if all = append(all, mark{to - int64(n), to, turn, cause}); len(all) > room+room/4 {
		all = slices.Delete(all, 0, len(all)-room)
	}
	r.marks[console] = all
}

// find is where frame number n is, or would be.
func (r *ring) find(n uint64) (int, bool) {
	return slices.BinarySearchFunc(r.records, n, func(x record, n uint64) int { return cmp.Compare(x.n, n) })
}

// notesOf is what became of frame number n.
func (r *ring) notesOf(n uint64) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notes[n])
}

// frameOf is the number of the frame that caused what a console showed between
// two offsets, or that its device sent while it showed it; 0 for none that is
// kept.
func (r *ring) frameOf(console int, device string, from, to int64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.marks[console]
	i, _ := slices.BinarySearchFunc(all, from, func(m mark, from int64) int { return cmp.Compare(m.to, from+1) })
	for ; i < len(all) && all[i].from < to; i++ {
		if _, kept := r.find(all[i].cause); kept {
			return all[i].cause
		}
		k, _ := slices.BinarySearchFunc(r.records, all[i].turn, func(x record, turn uint64) int { return cmp.Compare(x.turn, turn) })
		for ; k < len(r.records) && r.records[k].turn == all[i].turn; k++ {
			if r.records[k].device == device {
				return r.records[k].n
			}
		}
	}
	return 0
}

// linesOf is the console and the offset in it of the first line that a frame
// caused, or that its sender showed when it sent it; ok is false for none.
func (r *ring) linesOf(x *record, sender int) (console int, offset int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, all := range r.marks {
		if k := slices.IndexFunc(all, func(m mark) bool { return m.cause == x.n }); k >= 0 {
			return i, all[k].from, true
		}
	}
	if sender < 0 {
		return 0, 0, false
	}
	all := r.marks[sender]
	k := slices.IndexFunc(all, func(m mark) bool { return m.turn == x.turn })
	if k < 0 {
		return 0, 0, false
	}
	return sender, all[k].from, true
}

// count is how many frames there have been.
func (r *ring) count() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// since are the records behind number n, and the first number that is kept.
func (r *ring) since(n uint64) (all []record, first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.records) > 0 {
		first = r.records[0].n
	}
	i, found := r.find(n)
	if found {
		i++
	}
	return append(all, r.records[i:]...), first
}

// A sieve picks records: those of a device, and those that a link.Filter
// picks.
type sieve struct {
	text   string
	device string
	filter link.Filter
}

// parseSieve reads the words of link.ParseFilter, before them `device NAME`
// or nothing.
func parseSieve(text string, devices []lab.Snapshot) (v sieve, err error) {
	f := strings.Fields(text)
	v.text = strings.Join(f, " ")
	if len(f) > 0 && f[0] == "device" {
		if len(f) < 2 {
			return v, words.Errorf("device wants a name, as %s", "device "+devices[0].Name)
		}
		for _, d := range devices {
			if strings.EqualFold(d.Name, f[1]) {
				v.device = d.Name
			}
		}
		if v.device == "" {
			return v, words.Errorf("there is no device %q", f[1])
		}
		if f = f[2:]; len(f) > 0 && f[0] == "and" {
			f = f[1:]
		}
	}
	v.filter, err = link.ParseFilter(strings.Join(f, " "))
	return v, err
}

func (v sieve) match(r *record) bool {
	return (v.device == "" || v.device == r.device) && v.filter.Match(r.frame)
}
