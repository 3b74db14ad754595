package ipsec

import (
	"strings"
	"testing"
)

// Every reason and every cause has a name.
func TestNames(t *testing.T) {
	for r := InvalidSPI; r <= TunnelLimit; r++ {
		if s := r.String(); s == "" || strings.HasPrefix(s, "Reason(") {
			t.Errorf("reason %d is %q", int(r), s)
		}
	}
	for c := ByExpiry; c <= ByReplaced; c++ {
		if s := c.String(); s == "" || strings.HasPrefix(s, "Cause(") {
			t.Errorf("cause %d is %q", int(c), s)
		}
	}
	if got := len(reasonNames) - 1; got != int(TunnelLimit) {
		t.Errorf("%d reasons have names, want %d", got, int(TunnelLimit))
	}
}
