package ipsec

// A window is the anti-replay window of RFC 4303 section 3.4.3: a bitmap of
// the sequence numbers seen, up to size below the highest.
type window struct {
	size uint64 // 0 accepts everything
	top  uint64
	seen []uint64 // ring of bits, indexed by sequence number
}

func newWindow(size int) *window {
	return &window{size: uint64(size), seen: make([]uint64, (size+63)/64)}
}

func (w *window) bit(seq uint64) (word *uint64, mask uint64) {
	i := seq % w.size
	return &w.seen[i/64], 1 << (i % 64)
}

// fresh says whether seq may still be accepted.
func (w *window) fresh(seq uint64) bool {
	switch {
	case w.size == 0:
		return true
	case seq == 0:
		return false
	case seq > w.top:
		return true
	case w.top-seq >= w.size:
		return false
	}
	word, mask := w.bit(seq)
	return *word&mask == 0
}

// mark notes that seq has been accepted; fresh must have said true and the
// packet must have been authenticated.
func (w *window) mark(seq uint64) {
	if w.size == 0 {
		w.top = max(w.top, seq)
		return
	}
	if seq > w.top {
		if seq-w.top >= w.size {
			clear(w.seen)
		} else {
			for s := w.top + 1; s != seq; s++ {
				word, mask := w.bit(s)
				*word &^= mask
			}
		}
		w.top = seq
	}
	word, mask := w.bit(seq)
	*word |= mask
}
