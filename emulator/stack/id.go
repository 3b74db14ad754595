package stack

// NextID is the next identification of a packet of this host, for one that is
// signed before it is sent. It is never 0.
func (h *Host) NextID() uint16 {
	h.ipID++
	if h.ipID == 0 {
		h.ipID++
	}
	return h.ipID
}
