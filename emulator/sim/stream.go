package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// A Tape fixes draws that are random on a real box. A key is
// "DEVICE PURPOSE ORDINAL", as "F1060 ike cookie 1": the first cookie that
// device draws in this world.
type Tape struct{ pins map[string]string }

// NewTape checks the keys and keeps the pins. Values are read when they are
// drawn: hexadecimal for bytes and numbers with 0x, decimal numbers, Go
// durations, true or false.
func NewTape(pins map[string]string) (*Tape, error) {
	t := &Tape{pins: make(map[string]string, len(pins))}
	for k, v := range pins {
		f := strings.Fields(k)
		if len(f) < 3 {
			return nil, fmt.Errorf("tape: key %q: want DEVICE PURPOSE ORDINAL", k)
		}
		if n, err := strconv.Atoi(f[len(f)-1]); err != nil || n < 1 {
			return nil, fmt.Errorf("tape: key %q: the ordinal is %q, want 1 or more", k, f[len(f)-1])
		}
		if strings.TrimSpace(v) == "" {
			return nil, fmt.Errorf("tape: key %q has no value", k)
		}
		t.pins[strings.Join(f, " ")] = strings.TrimSpace(v)
	}
	return t, nil
}

// With is this tape with the pins of other laid over it. Either may be nil.
func (t *Tape) With(other *Tape) *Tape {
	sum := &Tape{pins: map[string]string{}}
	for _, from := range []*Tape{t, other} {
		if from == nil {
			continue
		}
		for k, v := range from.pins {
			sum.pins[k] = v
		}
	}
	return sum
}

func (t *Tape) lookup(key string) (string, bool) {
	if t == nil {
		return "", false
	}
	v, ok := t.pins[key]
	return v, ok
}

// A BadPin is a tape value that does not fit the draw it pins. Streams panic
// with it, since a draw has no way to fail; the lab turns it into an error.
type BadPin struct{ Key, Value, Want string }

func (e *BadPin) Error() string {
	return fmt.Sprintf("tape: %s is %q, want %s", e.Key, e.Value, e.Want)
}

// A Stream is one named sequence of random draws. Draws of one stream do not
// depend on those of any other.
type Stream struct {
	name string
	n    int
	rng  *rand.ChaCha8
	tape *Tape
}

// Stream is the sequence of draws of one device for one purpose; the same
// names give the same stream.
func (w *World) Stream(device, purpose string) *Stream {
	name := device + " " + purpose
	if s, ok := w.streams[name]; ok {
		return s
	}
	s := w.Origin(device, purpose)
	w.streams[name] = s
	return s
}

// Origin is the stream of that name at its begin, whatever has been drawn of
// it: for what a device has from the day it was made.
func (w *World) Origin(device, purpose string) *Stream {
	name := device + " " + purpose
	var in [8]byte
	binary.BigEndian.PutUint64(in[:], w.seed)
	key := sha256.Sum256(append(in[:], name...))
	return &Stream{name: name, rng: rand.NewChaCha8(key), tape: w.tape}
}

// draw counts the draw and looks it up on the tape. The generator moves on
// by the caller whether or not a pin is found, so that a pin changes nothing
// else of the stream.
func (s *Stream) draw() (key, pin string, ok bool) {
	s.n++
	if s.tape == nil {
		return "", "", false
	}
	key = s.name + " " + strconv.Itoa(s.n)
	pin, ok = s.tape.lookup(key)
	return key, pin, ok
}

// Uint64 is uniform over all values.
func (s *Stream) Uint64() uint64 {
	v := s.rng.Uint64()
	if key, pin, ok := s.draw(); ok {
		n, err := strconv.ParseUint(pin, 0, 64)
		if err != nil {
			panic(&BadPin{key, pin, "a number below 2^64"})
		}
		return n
	}
	return v
}

// Uint32 is uniform over all values.
func (s *Stream) Uint32() uint32 {
	v := uint32(s.rng.Uint64())
	if key, pin, ok := s.draw(); ok {
		n, err := strconv.ParseUint(pin, 0, 32)
		if err != nil {
			panic(&BadPin{key, pin, "a number below 2^32"})
		}
		return uint32(n)
	}
	return v
}

// Bytes is n random octets; a pin is 2n hexadecimal digits.
func (s *Stream) Bytes(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], s.rng.Uint64())
		copy(b[i:], w[:])
	}
	if key, pin, ok := s.draw(); ok {
		p, err := hex.DecodeString(pin)
		if err != nil || len(p) != n {
			panic(&BadPin{key, pin, fmt.Sprintf("%d hexadecimal digits", 2*n)})
		}
		return p
	}
	return b
}

// Duration is uniform over lo to hi, both ends included.
func (s *Stream) Duration(lo, hi time.Duration) time.Duration {
	v := lo
	if hi > lo {
		v += time.Duration(s.rng.Uint64() % uint64(hi-lo+1))
	} else {
		s.rng.Uint64()
	}
	if key, pin, ok := s.draw(); ok {
		d, err := time.ParseDuration(pin)
		if err != nil || d < 0 {
			panic(&BadPin{key, pin, "a duration of 0 or more, such as 353ms"})
		}
		return d
	}
	return v
}

// Chance is true with probability p, 0 to 1.
func (s *Stream) Chance(p float64) bool {
	v := float64(s.rng.Uint64()>>11)/(1<<53) < p
	if key, pin, ok := s.draw(); ok {
		b, err := strconv.ParseBool(pin)
		if err != nil {
			panic(&BadPin{key, pin, "true or false"})
		}
		return b
	}
	return v
}
