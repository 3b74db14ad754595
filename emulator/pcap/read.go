package pcap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// A Frame is a frame of a file.
type Frame struct {
	At       time.Time
	Length   int    // on the wire, in bytes
	Data     []byte // that was captured
	Port     string // name of the interface, "" in a pcap file
	Comments []string
}

// Errors of Read.
var (
	ErrFormat   = errors.New("the file is not in pcap or pcapng format")
	ErrEthernet = errors.New("the file has frames that are not Ethernet frames")
	ErrDamaged  = errors.New("the file is damaged")
)

// Read calls f with the frames of a pcap or pcapng file in their order. What
// comes before an error is told.
func Read(file []byte, f func(Frame)) error {
	if r, err := pcapgo.NewReader(bytes.NewReader(file)); err == nil {
		if r.LinkType() != layers.LinkTypeEthernet {
			return ErrEthernet
		}
		for {
			b, ci, err := r.ReadPacketData()
			if err != nil {
				return ended(err)
			}
			f(Frame{At: ci.Timestamp, Length: ci.Length, Data: b})
		}
	}
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{ErrorOnMismatchingLinkType: true})
	if err != nil {
		return ErrFormat
	}
	if r.LinkType() != layers.LinkTypeEthernet {
		return ErrEthernet
	}
	for {
		b, ci, o, err := r.ReadPacketDataWithOptions()
		if err != nil {
			return ended(err)
		}
		x := Frame{At: ci.Timestamp, Length: ci.Length, Data: b, Comments: o.Comments}
		if i, err := r.Interface(ci.InterfaceIndex); err == nil {
			x.Port = i.Name
		}
		f(x)
	}
}

func ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, pcapgo.ErrNgLinkTypeMismatch):
		return ErrEthernet
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}
