package nqa

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	trackfeature "cwlab/comware/feature/track"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/track"
)

// two are desks at two boxes, 192.0.2.1 and 192.0.2.2, with a cable between
// their ports 1/0/1.
func two(t *testing.T) (a, b *featuretest.Desk) {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	for i, d := range []**featuretest.Desk{&a, &b} {
		*d = featuretest.At(t, w, n, string(rune('A'+i)), ip.Feature, Feature, trackfeature.Feature)
		(*d).Do("system-view", "interface GigabitEthernet1/0/1", fmt.Sprintf("ip address 192.0.2.%d 24", i+1), "quit")
	}
	featuretest.Cable(a, "GigabitEthernet1/0/1", b, "GigabitEthernet1/0/1")
	return a, b
}

func has(t *testing.T, why, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s: %q is missing in\n%s", why, p, got)
		}
	}
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestProbesAreRealAndTrackFollows(t *testing.T) {
	a, b := two(t)
	a.Do("track 1 nqa entry admin test reaction 1", "quit", "nqa entry admin test", "type icmp-echo")
	if p := a.Shell.Prompt(); p != "[H3C-nqa-admin-test-icmp-echo]" {
		t.Errorf("the view is %s", p)
	}
	a.Do("destination ip 192.0.2.2", "frequency 1000", "probe timeout 500", "history-record enable", "history-record number 3",
		"reaction 1 checked-element probe-fail threshold-type consecutive 3 action-type trigger-only",
		"reaction 2 checked-element probe-duration threshold-type average threshold-value 50 5", "quit")
	if p := a.Shell.Prompt(); p != "[H3C]" {
		t.Errorf("quit leads to %s", p)
	}
	a.Do("nqa schedule admin test start-time now lifetime forever")
	a.Run(2500 * time.Millisecond)
	state := func(want track.State) {
		t.Helper()
		if got := feature.Get[*track.Engine](a.Box).State(1); got != want {
			t.Errorf("track entry 1 is %v, want %v", got, want)
		}
	}
	state(track.Positive)
	got := a.Do("display nqa result admin test")
	has(t, "result", got, "NQA entry (admin admin, tag test) test results:\n    Send operation times: 1              Receive response times: 1\n"+
		"    Min/Max/Average round trip time: ", "    Last succeeded probe time: 2020-01-02 03:04:08.0\n  Extended results:\n    Packet loss ratio: 0%\n")
	b.Do("interface GigabitEthernet1/0/1", "shutdown")
	a.Run(3 * time.Second)
	state(track.Negative)
	got = a.Do("display nqa history admin test")
	has(t, "history", got, "  Index      Response     Status           Time\n  6          ")
	if strings.Count(got, "\n") != 5 || strings.Count(got, "Timeout")+strings.Count(got, "Internal error") != 3 {
		t.Errorf("history is not of three lost probes:\n%s", got)
	}
	has(t, "statistics", a.Do("display nqa statistics"), "NQA entry (admin admin, tag test) test statistics:\n  NO. : 1\n    Start time: 2020-01-02 03:04:06.0\n    Life time: 5 seconds\n"+
		"    Send operation times: 6              Receive response times: 3\n", "  Reaction statistics:\n    Index  Checked Element  Threshold Type  Checked Num  Over-threshold Num\n"+
		"    1      probe-fail       consecutive     6            3\n    2      probe-duration   average         -            -\n")
	a.Want("display nqa reaction counters admin test 1", "NQA entry (admin admin, tag test) reaction counters:\n"+
		"  Index  Checked Element  Threshold Type  Checked Num  Over-threshold Num\n  1      probe-fail       consecutive     6            3\n")
	b.Do("undo shutdown")
	a.Run(3 * time.Second)
	state(track.Positive)
	a.Want("nqa entry admin test", "The NQA operation has been scheduled.\n")
	a.RoundTrip()
	a.Do("undo nqa schedule admin test")
	state(track.NotReady)
	a.Want("undo nqa schedule admin test", "The NQA operation is not scheduled.\n")
	a.Do("nqa entry ADMIN Test", "undo reaction 1")
	a.Want("undo reaction 1", "The reaction entry does not exist.\n")
	a.Do("quit", "undo nqa entry admin test")
	a.Want("undo nqa entry admin test", "The NQA operation does not exist.\n")
	if strings.Contains(strings.ReplaceAll(a.Config(), "track 1 nqa", ""), "nqa") {
		t.Errorf("something is left of the operation:\n%s", a.Config())
	}
}

func TestConfiguration(t *testing.T) {
	a, _ := two(t)
	lines := []string{
		"data-fill abc", "data-size 200", "description Far end", "destination ip 192.0.2.2", "frequency 10", "history-record enable",
		"history-record keep-time 10", "history-record number 10", "next-hop 192.0.2.2", "out interface GigabitEthernet1/0/1", "probe count 2",
		"probe timeout 100", "reaction 1 checked-element probe-fail threshold-type accumulate 2 action-type trap-only",
		"reaction trap probe-failure 5", "route-option bypass-route", "source interface GigabitEthernet1/0/1", "statistics hold-time 10",
		"statistics interval 10", "statistics max-group 3", "tos 32", "ttl 16",
	}
	a.Do("nqa entry admin test", "type icmp-echo", "source ip 192.0.2.1")
	a.Do(lines...)
	has(t, "configuration", a.Config(), "nqa entry admin test\n type icmp-echo\n  "+strings.Join(lines, "\n  ")+"\n#\n")
	a.RoundTrip()
	for _, l := range lines {
		words := strings.Fields(l)
		n := min(2, len(words))
		switch words[0] {
		case "data-fill", "data-size", "description", "frequency", "next-hop", "tos", "ttl":
			n = 1
		case "reaction":
			if words[1] == "trap" {
				n = 3
			}
		}
		a.Do("undo " + strings.Join(words[:n], " "))
	}
	has(t, "after every undo", a.Config(), " type icmp-echo\n#\n")
	a.Do("data-size 100", "probe count 1", "frequency 0", "ttl 20")
	has(t, "defaults", a.Config(), " type icmp-echo\n#\n")
	a.Want("reaction 1 checked-element probe-duration threshold-type average threshold-value 5 10", "The lower threshold cannot be greater than the upper threshold.\n")
	a.Do("reaction 1 checked-element probe-fail threshold-type consecutive 3")
	a.Want("reaction 1 checked-element probe-fail threshold-type consecutive 4", "The reaction entry already exists.\n")
	a.Do("quit", "undo nqa agent enable", "nqa entry admin other", "quit", "nqa server enable", "nqa server tcp-connect 192.0.2.1 9000")
	a.Want("nqa entry a-b c", "The administrator name and the operation tag cannot contain hyphens.\n")
	a.RoundTrip()
	a.Do("nqa agent enable", "undo nqa all", "undo nqa server enable", "undo nqa server tcp-connect 192.0.2.1 9000")
	if strings.Contains(a.Config(), "nqa") {
		t.Errorf("something is left:\n%s", a.Config())
	}
}

func TestScheduleByTheClock(t *testing.T) {
	a, _ := two(t)
	a.ShowLogs()
	a.Do("nqa entry admin test", "type icmp-echo", "destination ip 192.0.2.9", "frequency 1000", "quit", "return")
	got := a.Do("debugging nqa all", "system-view", "nqa schedule admin test start-time 03:05:06 2020/01/02 lifetime 10 recurring")
	has(t, "debugging", got, "NQA/7/Event: -Context=1; NQA entry (admin-test): Create start-time timer successfully, interval is 60s.",
		"NQA entry (admin-test) schedule FSM: Create Schedule Event, status is Waiting.")
	a.Run(time.Hour)
	has(t, "a probe", a.Seen(), "Create life-time timer successfully, interval is 10s.", "NQA/7/Error: -Context=1; NQA entry (admin-test): Probe timed out.")
	a.Want("nqa schedule admin none start-time now lifetime 5", "The NQA operation does not exist.\n")
	a.Do("return", "undo debugging nqa all")
}

// TestKeptTypes types one command of each kept type and template, boots what is
// printed, and takes all back.
func TestKeptTypes(t *testing.T) {
	a, _ := two(t)
	for _, kind := range kinds {
		a.Do("nqa entry admin "+strings.ReplaceAll(kind, "-", ""), "type "+kind, "tos 3", "description x", "quit")
	}
	a.Do("nqa entry admin http", "reaction 1 checked-element probe-fail threshold-type consecutive 3 action-type trigger-only", "version v1.1", "quit",
		"nqa entry admin voice", "reaction 1 checked-element mos threshold-value 200 100", "quit")
	for _, kind := range templates {
		a.Do("nqa template "+kind+" name", "tos 3", "reaction trigger probe-fail 5", "quit")
	}
	has(t, "configuration", a.Config(), "nqa entry admin http\n type http\n", "nqa template http name\n")
	a.RoundTrip()
	if got := a.Do("display nqa result", "display nqa history", "display nqa statistics"); got != "" {
		t.Errorf("operations that do not act show\n%s", got)
	}
	a.Do("undo nqa all")
	for _, kind := range templates {
		a.Do("undo nqa template " + kind + " name")
	}
	if strings.Contains(a.Config(), "nqa") {
		t.Errorf("something is left:\n%s", a.Config())
	}
}
