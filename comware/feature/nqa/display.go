package nqa

import (
	"fmt"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/nqa"
)

// operations are those that a display asks for.
func operations(x *feature.Exec, a *cli.Args) []*nqa.Operation {
	if !a.Has("admin") {
		return engine(x).Operations()
	}
	o := engine(x).Operation(nameOf(a))
	if o == nil {
		x.Error("The NQA operation does not exist.")
		return nil
	}
	return []*nqa.Operation{o}
}

func title(x *feature.Exec, o *nqa.Operation, what string) {
	x.Printf("NQA entry (admin %s, tag %s) %s:\n", o.Name().Admin, o.Name().Tag, what)
}

// stamp is a time with tenths of a second.
func stamp(x *feature.Exec, t time.Time) string {
	if t.IsZero() {
		return "0-00-00 00:00:00.0"
	}
	return t.Add(x.Box.ClockOffset).Format("2006-01-02 15:04:05.0")
}

func pair(x *feature.Exec, left string, a int, right string, b int) {
	x.Printf("    %-37s%s: %d\n", fmt.Sprintf("%s: %d", left, a), right, b)
}

func basics(x *feature.Exec, r *nqa.Result) {
	pair(x, "Send operation times", r.Sent, "Receive response times", r.Received)
	x.Printf("    Min/Max/Average round trip time: %d/%d/%d\n", r.Min.Milliseconds(), r.Max.Milliseconds(), r.Average().Milliseconds())
	x.Printf("    Square-Sum of round trip time: %d\n", r.Squares)
}

func extended(x *feature.Exec, r *nqa.Result) {
	x.Printf("  Extended results:\n    Packet loss ratio: %d%%\n    Failures due to timeout: %d\n", r.Loss(), r.Timeouts)
	x.Printf("    Failures due to internal error: %d\n    Failures due to other errors: 0\n", r.Errors)
}

func displayResult(x *feature.Exec, a *cli.Args) {
	for _, o := range operations(x, a) {
		r, ok := o.Result()
		if !o.Typed() || !ok {
			continue
		}
		title(x, o, "test results")
		basics(x, &r)
		x.Printf("    Last succeeded probe time: %s\n", stamp(x, r.LastSucceeded))
		extended(x, &r)
	}
}

var outcomes = map[nqa.Outcome]string{nqa.Succeeded: "Succeeded", nqa.TimedOut: "Timeout", nqa.InternalError: "Internal error"}

func displayHistory(x *feature.Exec, a *cli.Args) {
	for _, o := range operations(x, a) {
		if !o.Typed() {
			continue
		}
		title(x, o, "history records")
		x.Printf("  %-11s%-13s%-17s%s\n", "Index", "Response", "Status", "Time")
		for _, r := range o.History() {
			x.Printf("  %-11d%-13d%-17s%s\n", r.Index, r.Response.Milliseconds(), outcomes[r.Outcome], stamp(x, r.At))
		}
	}
}

func displayStatistics(x *feature.Exec, a *cli.Args) {
	for _, o := range operations(x, a) {
		if !o.Typed() {
			continue
		}
		title(x, o, "test statistics")
		for _, g := range o.Groups() {
			end := g.Finished
			if end.IsZero() {
				end = x.Box.Now()
			}
			x.Printf("  NO. : %d\n    Start time: %s\n    Life time: %d seconds\n", g.Number, stamp(x, g.Started), end.Sub(g.Started)/time.Second)
			basics(x, &g.Result)
			extended(x, &g.Result)
			if len(g.Counted) > 0 {
				x.Print("  Reaction statistics:\n")
				counters(x, "    ", g.Counted)
			}
		}
	}
}

func displayCounters(x *feature.Exec, a *cli.Args) {
	for _, o := range operations(x, a) {
		list := o.Counters()
		if a.Has("item") {
			var one []nqa.Counter
			for _, c := range list {
				if c.Item == a.Int("item") {
					one = append(one, c)
				}
			}
			list = one
		}
		if len(list) > 0 {
			title(x, o, "reaction counters")
			counters(x, "  ", list)
		}
	}
}

var (
	elements   = map[nqa.Element]string{nqa.ProbeFail: "probe-fail", nqa.ProbeDuration: "probe-duration"}
	thresholds = map[nqa.Threshold]string{nqa.Consecutive: "consecutive", nqa.Accumulate: "accumulate", nqa.Average: "average"}
)

func counters(x *feature.Exec, indent string, list []nqa.Counter) {
	x.Printf("%s%-7s%-17s%-16s%-13s%s\n", indent, "Index", "Checked Element", "Threshold Type", "Checked Num", "Over-threshold Num")
	for _, c := range list {
		checked, over := fmt.Sprint(c.Checked), fmt.Sprint(c.Over)
		if c.Threshold == nqa.Average {
			checked, over = "-", "-"
		}
		x.Printf("%s%-7d%-17s%-16s%-13s%s\n", indent, c.Item, elements[c.Element], thresholds[c.Threshold], checked, over)
	}
}
