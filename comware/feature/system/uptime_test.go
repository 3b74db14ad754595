package system

import (
	"testing"
	"time"
)

func TestUptime(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 weeks, 0 days, 0 hours, 0 minutes"},
		{9*24*time.Hour + 21*time.Hour, "1 week, 2 days, 21 hours, 0 minutes"},
		{25*time.Hour + 61*time.Minute, "0 weeks, 1 day, 2 hours, 1 minute"},
	} {
		if got := uptime(tt.d); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.d, got, tt.want)
		}
	}
}
