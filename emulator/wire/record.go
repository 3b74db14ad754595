package wire

import (
	"net/netip"
	"slices"
)

// IPv4 options (RFC 791, page 15).
const (
	optionEnd    = 0
	optionNoOp   = 1
	optionRecord = 7
)

// NewRecord is a record route option with room for nine addresses, as much
// as a header holds.
func NewRecord() []byte {
	r := make([]byte, 3+9*4)
	r[0], r[1], r[2] = optionRecord, byte(len(r)), 4
	return r
}

// Record is a copy of a record route option with one more address; a full one
// stays as it is.
func Record(option []byte, a netip.Addr) []byte {
	r := slices.Clone(option)
	if at := int(r[2]) - 1; a.Is4() && at+4 <= len(r) {
		b := a.As4()
		copy(r[at:], b[:])
		r[2] += 4
	}
	return r
}

// Recorded lists the addresses of a record route option.
func Recorded(option []byte) []netip.Addr {
	var all []netip.Addr
	if option == nil {
		return nil
	}
	for at := 3; at+4 <= len(option) && at < int(option[2])-1; at += 4 {
		all = append(all, addr4(option[at:at+4]))
	}
	return all
}

// record finds a well-formed record route option among the options of a
// header.
func record(options []byte) []byte {
	for len(options) > 0 {
		switch options[0] {
		case optionEnd:
			return nil
		case optionNoOp:
			options = options[1:]
			continue
		}
		if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
			return nil
		}
		n := int(options[1])
		if options[0] == optionRecord && n >= 7 && n%4 == 3 && options[2] >= 4 && options[2]%4 == 0 && int(options[2]) <= n+1 {
			return options[:n:n]
		}
		options = options[n:]
	}
	return nil
}
