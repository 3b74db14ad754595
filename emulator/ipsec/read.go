package ipsec

// Open checks and decrypts an ESP packet with the keys of its SA, for one who
// looks on; sequence numbers are not checked, and of extended ones the upper
// half is taken to be zero. next is the IP protocol of what was protected.
func Open(t Transform, k Keys, p *ESP) (payload []byte, next uint8, err error) {
	s, err := newSuite(t, k)
	if err == nil {
		err = s.verify(p, uint64(p.Sequence))
	}
	if err != nil {
		return nil, 0, err
	}
	return s.open(nil, p)
}
