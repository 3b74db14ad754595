// Package pcap writes what the devices of a laboratory send as a pcapng file
// (draft-ietf-opsawg-pcapng): one interface for each device port, named
// DEVICE:PORT, and each frame once, at the port that sent it, with the virtual
// time in nanoseconds and its direction. A port that is named for itself has
// the frames that it receives, too. What became of a frame and what the
// devices did with it, as the engines tell, are comments on the frame.
//
// The file names no machine and no operating system, so the same run gives the
// same bytes everywhere.
//
// Limitations: a frame is written a second of virtual time after it was sent,
// when another frame or note comes, on a Flush, or when the capture ends; what is told of
// it later is not in the file.
package pcap

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/link"
)

const (
	// hold is how long a frame waits for what is told of it.
	hold = time.Second
	// maxComments of a frame: a loop of switches is somebody's mistake.
	maxComments = 64
)

// A writer writes one file. Errors are kept: the first one stops the writing.
type writer struct {
	w    *pcapgo.NgWriter
	ids  map[*link.Port]int
	held []held // in the order in which they passed
	err  error
}

// held is a frame that waits for comments.
type held struct {
	n       uint64 // its number in the network
	ci      gopacket.CaptureInfo
	frame   []byte
	out     bool
	comment []string
}

// newWriter begins a file with those of the ports that the network has now;
// ports made later join when their first frame passes.
func newWriter(w io.Writer, ports []*link.Port) (*writer, error) {
	p := &writer{ids: map[*link.Port]int{}}
	for _, port := range ports {
		p.add(w, port)
	}
	if p.err != nil {
		return nil, fmt.Errorf("pcap: %w", p.err)
	}
	if p.w == nil {
		return nil, fmt.Errorf("pcap: there is no port to listen at")
	}
	return p, nil
}

func (p *writer) add(w io.Writer, port *link.Port) {
	if p.err != nil {
		return
	}
	id := 0
	intf := pcapgo.NgInterface{Name: port.String(), LinkType: layers.LinkTypeEthernet, TimestampResolution: 9}
	if p.w == nil {
		o := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Hardware: "virtual", OS: "virtual", Application: "cwlab"}}
		p.w, p.err = pcapgo.NewNgWriterInterface(w, intf, o)
	} else {
		id, p.err = p.w.AddInterface(intf)
	}
	p.ids[port] = id
}

// frame takes frame number n that passes a port.
func (p *writer) frame(port *link.Port, n uint64, at time.Time, frame []byte, out bool) {
	p.release(at)
	if _, known := p.ids[port]; !known {
		p.add(nil, port)
	}
	if p.err != nil {
		return
	}
	p.held = append(p.held, held{n: n, frame: frame, out: out,
		ci: gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(frame), Length: len(frame), InterfaceIndex: p.ids[port]}})
}

// note puts a note on the frame that it is about.
func (p *writer) note(note link.Note) {
	p.release(note.At)
	text := note.Text
	if note.Device != "" {
		text = note.Device + ": " + text
	}
	for i := range p.held {
		h := &p.held[i]
		if h.n == note.Frame && len(h.comment) < maxComments && !slices.Contains(h.comment, text) {
			h.comment = append(h.comment, text)
		}
	}
}

// release writes the frames that have waited long enough.
func (p *writer) release(now time.Time) {
	i := 0
	for i < len(p.held) && now.Sub(p.held[i].ci.Timestamp) >= hold {
		i++
	}
	if i > 0 {
		p.write(i)
		p.flush()
	}
}

// write writes the first n of the frames that wait.
func (p *writer) write(n int) {
	for _, h := range p.held[:n] {
		if p.err == nil {
			dir := pcapgo.NgEpbFlagDirectionInbound
			if h.out {
				dir = pcapgo.NgEpbFlagDirectionOutbound
			}
			p.err = p.w.WritePacketWithOptions(h.ci, h.frame, pcapgo.NgPacketOptions{Comments: h.comment, Flags: &pcapgo.NgEpbFlags{Direction: dir}})
		}
	}
	p.held = slices.Delete(p.held, 0, n)
}

func (p *writer) flush() {
	if p.err == nil {
		p.err = p.w.Flush()
	}
}

// close writes all that waits.
func (p *writer) close() error {
	p.write(len(p.held))
	p.flush()
	if p.err != nil {
		return fmt.Errorf("pcap: %w", p.err)
	}
	return nil
}
