package sessions

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What a ping is told when it is told nothing (H3C "ping" command reference).
const (
	pingCount    = 5
	pingInterval = 200 * time.Millisecond
	pingTimeout  = 2 * time.Second
)

var transmitted = regexp.MustCompile(`^ *([0-9]+) packets? transmitted|^ *([0-9]+) packet\(s\) transmitted`)

// brokenPing says whether a transcript shows a ping that somebody broke off
// with Ctrl+C: it has sent fewer packets than it was to. at is the line from
// which its statistics are, stay how long it ran.
func brokenPing(command string, output []string) (at int, stay time.Duration, ok bool) {
	f := strings.Fields(command)
	if len(f) < 2 || !strings.HasPrefix("ping", f[0]) || len(f[0]) < 2 {
		return 0, 0, false
	}
	option := func(name string, otherwise int) int {
		for i := 1; i+1 < len(f); i++ {
			if n, err := strconv.Atoi(f[i+1]); f[i] == name && err == nil && n > 0 && n < 1<<20 {
				return n
			}
		}
		return otherwise
	}
	interval := time.Duration(option("-m", int(pingInterval/time.Millisecond))) * time.Millisecond
	timeout := time.Duration(option("-t", int(pingTimeout/time.Millisecond))) * time.Millisecond
	sent := 0
	at = -1
	for i, line := range output {
		if m := transmitted.FindStringSubmatch(line); m != nil {
			sent, _ = strconv.Atoi(m[1] + m[2])
		}
		switch {
		case at >= 0:
		case strings.HasPrefix(line, "--- "):
			at = i
		case strings.Contains(line, "icmp_seq="):
			stay += interval
		case strings.HasPrefix(line, "Request time out"):
			stay += timeout + interval
		}
	}
	if at < 0 || sent >= option("-c", pingCount) {
		return 0, 0, false
	}
	for at > 0 && (output[at-1] == "" || output[at-1] == "^C") {
		at--
	}
	return at, max(stay-interval/2, 0), true
}
