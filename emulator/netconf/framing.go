package netconf

import (
	"bytes"
	"errors"
	"fmt"
)

// MaxMessage is the longest message in bytes that is read.
const MaxMessage = 4 << 20

// endOfMessage ends a message of base 1.0 (RFC 6242 section 4.3).
const endOfMessage = "]]>]]>"

// ErrFraming is a stream that is not framed as RFC 6242 has it, or a message
// longer than MaxMessage: the session has to end.
var ErrFraming = errors.New("netconf: bad framing")

// A Deframer cuts a stream into messages. The zero value is for base 1.0.
type Deframer struct {
	Chunked bool // base 1.1 (RFC 6242 section 4.2), to be set between messages
	buf     []byte
	seen    int    // bytes of buf that are known not to begin an end of message
	message []byte // chunks of the message that is read
}

// Write takes bytes of the stream.
func (d *Deframer) Write(b []byte) { d.buf = append(d.buf, b...) }

// Waiting is how many bytes were not read yet.
func (d *Deframer) Waiting() int { return len(d.buf) }

// Next is the next message, false if it is not whole yet. The error is
// ErrFraming.
func (d *Deframer) Next() (message []byte, ok bool, err error) {
	if d.Chunked {
		return d.chunks()
	}
	i := bytes.Index(d.buf[d.seen:], []byte(endOfMessage))
	if i < 0 {
		if d.seen = max(0, len(d.buf)-len(endOfMessage)+1); d.seen > MaxMessage {
			return nil, false, fmt.Errorf("%w: a message is longer than %d bytes", ErrFraming, MaxMessage)
		}
		return nil, false, nil
	}
	message = d.buf[:d.seen+i]
	d.buf, d.seen = d.buf[len(message)+len(endOfMessage):], 0
	return message, true, nil
}

// maxHeader is the length of the longest header of a chunk.
const maxHeader = len("\n#4294967295\n")

func (d *Deframer) chunks() ([]byte, bool, error) {
	for {
		head := d.buf[:min(len(d.buf), maxHeader)]
		size, n, err := chunkHeader(head)
		switch {
		case err != nil:
			return nil, false, err
		case n == 0 && len(head) == maxHeader:
			return nil, false, fmt.Errorf("%w: %q begins no chunk", ErrFraming, head)
		case n == 0:
			return nil, false, nil
		case size == 0 && d.message == nil:
			return nil, false, fmt.Errorf("%w: a message without chunks", ErrFraming)
		case size == 0:
			m := d.message
			d.buf, d.message = d.buf[n:], nil
			return m, true, nil
		case uint64(len(d.message))+size > MaxMessage:
			return nil, false, fmt.Errorf("%w: a message is longer than %d bytes", ErrFraming, MaxMessage)
		case uint64(len(d.buf)-n) < size:
			return nil, false, nil
		}
		d.message = append(d.message, d.buf[n:n+int(size)]...)
		d.buf = d.buf[n+int(size):]
	}
}

// chunkHeader reads the header of a chunk: its size, 0 for the end of the
// chunks, and the length of the header, 0 while it is not whole.
func chunkHeader(b []byte) (size uint64, n int, err error) {
	for i, c := range b {
		bad := false
		switch {
		case i == 0:
			bad = c != '\n'
		case i == 1:
			bad = c != '#'
		case i == 2 && c == '#':
			bad = len(b) > 3 && b[3] != '\n'
			if len(b) > 3 && !bad {
				return 0, 4, nil
			}
			if !bad {
				return 0, 0, nil
			}
		case c == '\n' && i > 2:
			if size > 1<<32-1 {
				return 0, 0, fmt.Errorf("%w: a chunk of %d bytes", ErrFraming, size)
			}
			return size, i + 1, nil
		case c < '0' || c > '9' || i == 2 && c == '0':
			bad = true
		default:
			size = 10*size + uint64(c-'0')
		}
		if bad {
			return 0, 0, fmt.Errorf("%w: %q begins no chunk", ErrFraming, b)
		}
	}
	return 0, 0, nil
}

// Frame writes a message behind b: as one chunk, or with the end of message of
// base 1.0, which no message that Element wrote holds.
func Frame(b, message []byte, chunked bool) []byte {
	if !chunked {
		return append(append(b, message...), endOfMessage...)
	}
	b = fmt.Appendf(b, "\n#%d\n", len(message))
	return append(append(b, message...), "\n##\n"...)
}
