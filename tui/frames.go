package tui

import (
	"strings"
	"sync"
	"time"

	"cwlab/emulator/dissect"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/tui/words"
)

// Bounds of a ring.
const (
	ringFrames = 5000
	ringBytes  = 8 << 20
)

// A record is a frame that a device sent.
type record struct {
	n            uint64 // counted from 1
	at           time.Time
	device, port string
	frame        []byte
	brief        dissect.Packet // without its layers
	ends         []int64        // how far each console had shown, in the order of the devices
}

// A ring keeps the newest frames of a lab while somebody wants them. What is
// needed to decrypt them it learns all the time. It is written by the world and
// read by the screens.
type ring struct {
	*dissect.Dissector
	consoles []*lab.Console

	mu      sync.Mutex
	wanted  int // by how many screens
	records []record
	bytes   int
	total   uint64
}

// newRing listens to a lab that does not run yet.
func newRing(l *lab.Lab) *ring {
	r := &ring{Dissector: dissect.New()}
	for _, d := range l.Devices() {
		r.consoles = append(r.consoles, l.Console(d.Name()))
		if t, ok := d.(lab.KeyTeller); ok {
			t.TellKeys(r)
		}
	}
	l.Network().Tap(r.hear)
	return r
}

func (r *ring) hear(p *link.Port, at time.Time, frame []byte) {
	r.Learn(frame)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wanted == 0 {
		return
	}
	r.total++
	x := record{n: r.total, at: at, device: p.Device, port: p.Name, frame: frame, brief: r.Packet(frame)}
	x.brief.Layers = nil
	for _, c := range r.consoles {
		x.ends = append(x.ends, c.End())
	}
	r.records = append(r.records, x)
	r.bytes += len(frame)
	for len(r.records) > ringFrames || r.bytes > ringBytes {
		r.bytes -= len(r.records[0].frame)
		r.records[0] = record{}
		r.records = r.records[1:]
	}
}

// want says that one more screen wants the frames, forget that one does not any
// more. A ring that nobody wants is empty.
func (r *ring) want() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted++
}

func (r *ring) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wanted--; r.wanted == 0 {
		r.records, r.bytes = nil, 0
	}
}

// count is how many frames there have been while somebody wanted them.
func (r *ring) count() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// since are the records behind number n, and the first number that is kept.
func (r *ring) since(n uint64) (all []record, first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first = r.total + 1
	if len(r.records) > 0 {
		first = r.records[0].n
	}
	from := 0
	if n >= first {
		from = min(int(n-first)+1, len(r.records))
	}
	return append(all, r.records[from:]...), first
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
