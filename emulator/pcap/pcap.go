// Package pcap writes what the devices of a laboratory send as a pcapng file
// (draft-ietf-opsawg-pcapng): one interface for each device port, named
// DEVICE:PORT, and each frame once, at the port that sent it, with the
// virtual time. The file names no machine and no operating system, so the same
// run gives the same bytes everywhere.
package pcap

import (
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/link"
)

// A Writer writes one file. Errors are kept: the first one stops the writing
// and Close returns it.
type Writer struct {
	w    *pcapgo.NgWriter
	keep func(*link.Port) bool
	ids  map[*link.Port]int
	next int
	err  error
}

// New begins a file with the ports that the network has now; ports made later
// join when they send their first frame. Only ports that keep wants are
// written, all where it is nil.
func New(w io.Writer, n *link.Network, keep func(*link.Port) bool) (*Writer, error) {
	if keep == nil {
		keep = func(*link.Port) bool { return true }
	}
	p := &Writer{ids: map[*link.Port]int{}, keep: keep}
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Hardware: "virtual", OS: "virtual", Application: "cwlab"}}
	for _, port := range n.Ports() {
		if keep(port) {
			p.add(w, port, options)
		}
	}
	if p.err != nil {
		return nil, fmt.Errorf("pcap: %w", p.err)
	}
	if p.w == nil {
		return nil, fmt.Errorf("pcap: there is no port to listen at")
	}
	return p, nil
}

// Attach begins a file and writes to it what the devices send from now on, at
// the ports that keep wants.
func Attach(w io.Writer, n *link.Network, keep func(*link.Port) bool) (*Writer, error) {
	p, err := New(w, n, keep)
	if err != nil {
		return nil, err
	}
	n.Tap(p.Frame)
	return p, nil
}

func (p *Writer) add(w io.Writer, port *link.Port, o pcapgo.NgWriterOptions) {
	if p.err != nil {
		return
	}
	intf := pcapgo.NgInterface{Name: port.String(), LinkType: layers.LinkTypeEthernet, TimestampResolution: 9}
	if p.w == nil {
		p.w, p.err = pcapgo.NewNgWriterInterface(w, intf, o)
	} else {
		_, p.err = p.w.AddInterface(intf)
	}
	p.ids[port] = p.next
	p.next++
}

// Frame writes one frame that a port sends. It has the form of a tap.
func (p *Writer) Frame(port *link.Port, at time.Time, frame []byte) {
	if p.err != nil || !p.keep(port) {
		return
	}
	id, ok := p.ids[port]
	if !ok {
		p.add(nil, port, pcapgo.NgWriterOptions{})
		if p.err != nil {
			return
		}
		id = p.ids[port]
	}
	p.err = p.w.WritePacket(gopacket.CaptureInfo{
		Timestamp: at, CaptureLength: len(frame), Length: len(frame), InterfaceIndex: id,
	}, frame)
}

// Flush writes out what is buffered.
func (p *Writer) Flush() error {
	if p.err == nil {
		p.err = p.w.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("pcap: %w", p.err)
	}
	return nil
}
