package main

import (
	"errors"
	"io"
	"sync"
)

// A pump reads standard input once for all who want it in turn: an
// operator's prompt, then a console, then the prompt again. What nobody has
// taken yet waits.
type pump struct {
	chunks chan []byte // closed at the end of input

	mu   sync.Mutex
	rest []byte // of a chunk that was taken in part
}

func newPump(r io.Reader) *pump {
	p := &pump{chunks: make(chan []byte)}
	go func() {
		defer close(p.chunks)
		for {
			buf := make([]byte, 4096)
			n, err := r.Read(buf)
			if n > 0 {
				p.chunks <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return p
}

// A tap is one reader of a pump. Only one is open at a time.
type tap struct {
	p    *pump
	gone chan struct{}
	once sync.Once
}

func (p *pump) open() *tap { return &tap{p: p, gone: make(chan struct{})} }

var errClosed = errors.New("closed")

// Read waits for input. It gives up when the tap is closed.
func (t *tap) Read(b []byte) (int, error) {
	t.p.mu.Lock()
	if len(t.p.rest) > 0 {
		n := copy(b, t.p.rest)
		t.p.rest = t.p.rest[n:]
		t.p.mu.Unlock()
		return n, nil
	}
	t.p.mu.Unlock()
	select {
	case <-t.gone:
		return 0, errClosed
	default:
	}
	select {
	case <-t.gone:
		return 0, errClosed
	case c, ok := <-t.p.chunks:
		if !ok {
			return 0, io.EOF
		}
		n := copy(b, c)
		t.p.mu.Lock()
		t.p.rest = append(t.p.rest, c[n:]...)
		t.p.mu.Unlock()
		return n, nil
	}
}

// Close ends a pending Read.
func (t *tap) Close() error {
	t.once.Do(func() { close(t.gone) })
	return nil
}

// unread gives input back that belongs to the next reader.
func (p *pump) unread(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(append([]byte(nil), b...), p.rest...)
}
