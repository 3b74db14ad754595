package ipsec

// Open checks and decrypts an ESP packet with the keys of its SA, for one who
// looks on; sequence numbers are not checked. next is the IP protocol of what
// was protected.
func Open(t Transform, k Keys, p *ESP) (payload []byte, next uint8, err error) {
	s, err := newSuite(t, k)
	if err == nil {
		err = s.verify(p)
	}
	if err != nil {
		return nil, 0, err
	}
	return s.open(nil, p)
}
