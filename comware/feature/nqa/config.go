package nqa

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/nqa"
)

// Places of the lines in the system view: the client, the operations, their
// schedules, the rest.
const (
	placeAgent    = feature.PlaceTelnet + 10
	placeEntry    = feature.PlaceTelnet + 20
	placeSchedule = feature.PlaceTelnet + 22
	placeTemplate = feature.PlaceTelnet + 24
	placeServer   = feature.PlaceTelnet + 26
)

func commands() []feature.Command {
	all := []feature.Command{
		texts.Command("system", "nqa entry <admin:string:1-32> <tag:string:1-32>", enter),
		texts.Command("system", "undo nqa { all | entry <admin:string:1-32> <tag:string:1-32> }", removeEntry),
		texts.Command("system", "nqa agent enable", func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove("nqa agent")
			engine(x).SetAgent(true)
		}),
		texts.Command("system", "undo nqa agent enable", func(x *feature.Exec, _ *cli.Args) {
			x.Node().Set(placeAgent, "nqa agent", "undo nqa agent enable")
			engine(x).SetAgent(false)
		}),
		texts.Command("system", "nqa schedule <admin:string:1-32> <tag:string:1-32> start-time { <time:time> [ <date:date> ] | now } lifetime { <lifetime:1-2147483647> | forever } [ recurring ]", schedule),
		texts.Command("system", "undo nqa schedule <admin:string:1-32> <tag:string:1-32>", unschedule),
		texts.Command(viewEntry, "type icmp-echo", func(x *feature.Exec, _ *cli.Args) {
			operation(x).SetType()
			intoType(x, "icmp-echo")
		}),
		texts.Command("any", "display nqa result [ <admin:string:1-32> <tag:string:1-32> ]", displayResult),
		texts.Command("any", "display nqa history [ <admin:string:1-32> <tag:string:1-32> ]", displayHistory),
		texts.Command("any", "display nqa statistics [ <admin:string:1-32> <tag:string:1-32> ]", displayStatistics),
		texts.Command("any", "display nqa reaction counters [ <admin:string:1-32> <tag:string:1-32> [ <item:1-10> ] ]", displayCounters),
		texts.Command("user", "debugging nqa { all | error | event | reaction }", debug(true)),
		texts.Command("user", "undo debugging nqa { all | error | event | reaction }", debug(false)),
	}
	all = append(all, settingCommands()...)
	all = append(all, reactionCommands()...)
	return append(all, keptCommands()...)
}

func nameOf(a *cli.Args) nqa.Name { return nqa.Name{Admin: a.Str("admin"), Tag: a.Str("tag")} }

func key(n nqa.Name) string { return strings.ToLower("nqa entry " + n.Admin + " " + n.Tag) }

func scheduleKey(n nqa.Name) string { return strings.ToLower("nqa schedule " + n.Admin + " " + n.Tag) }

func label(n nqa.Name) string { return "nqa-" + n.Admin + "-" + n.Tag }

// operation is that of the view.
func operation(x *feature.Exec) *nqa.Operation {
	n, _ := x.View().Obj.(nqa.Name)
	return engine(x).Operation(n)
}

// enter makes an operation or goes back to it: to the view of its type if it
// has one.
func enter(x *feature.Exec, a *cli.Args) {
	n := nameOf(a)
	if strings.Contains(n.Admin+n.Tag, "-") {
		x.Error("The administrator name and the operation tag cannot contain hyphens.")
		return
	}
	e := engine(x)
	o := e.Operation(n)
	if o != nil && o.Scheduled() {
		x.Error("The NQA operation has been scheduled.")
		return
	}
	if o == nil {
		o = e.Add(n, uint16(x.Box.Stream("nqa id").Uint32()))
	}
	n = o.Name()
	node := x.Box.Conf.Root().Child(key(n))
	if node == nil {
		node = x.Box.Conf.Root().Open(placeEntry, key(n), a.Line())
	}
	if kids := node.Kids(); len(kids) > 0 {
		kind := strings.TrimPrefix(kids[0].Text, "type ")
		x.Enter(feature.ViewState{Name: viewOf(kind), Suffix: label(n) + "-" + kind, Node: kids[0], Obj: n})
		return
	}
	x.Enter(feature.ViewState{Name: viewEntry, Suffix: label(n), Node: node, Obj: n})
}

// intoType goes to the view of a type; quit leads from there to the system
// view.
func intoType(x *feature.Exec, kind string) {
	n, _ := x.View().Obj.(nqa.Name)
	node := x.Node().Open(0, "type", "type "+kind)
	views := x.Shell.Views
	x.Enter(feature.ViewState{Name: viewOf(kind), Suffix: label(n) + "-" + kind, Node: node, Obj: n})
	if at := len(x.Shell.Views) - 2; views[at].Name == viewEntry {
		x.Shell.Views = slices.Delete(x.Shell.Views, at, at+1)
	}
}

func removeEntry(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	if a.Has("all") {
		for _, o := range e.Operations() {
			forget(x, o.Name())
		}
		return
	}
	if e.Operation(nameOf(a)) == nil {
		x.Error("The NQA operation does not exist.")
		return
	}
	forget(x, nameOf(a))
}

func forget(x *feature.Exec, n nqa.Name) {
	root := x.Box.Conf.Root()
	if node := root.Child(key(n)); node != nil {
		for _, k := range node.Kids() {
			x.Box.Drop(k)
		}
		x.Box.Drop(node)
	}
	root.Remove(key(n))
	root.Remove(scheduleKey(n))
	engine(x).Remove(n)
}

func schedule(x *feature.Exec, a *cli.Args) {
	n := nameOf(a)
	o := engine(x).Operation(n)
	if o == nil {
		x.Error("The NQA operation does not exist.")
		return
	}
	s := nqa.Schedule{Start: x.Box.Now(), Recurring: a.Has("recurring"), Life: time.Duration(a.Int("lifetime")) * time.Second}
	if a.Has("time") {
		s.Start = startOf(a, x.Box.Clock()).Add(-x.Box.ClockOffset)
	}
	x.Box.Conf.Root().Set(placeSchedule, scheduleKey(n), a.Line())
	for i, v := range x.Shell.Views { // a scheduled operation has no view
		if v.Obj == any(o.Name()) {
			x.Shell.Views = x.Shell.Views[:i]
			break
		}
	}
	o.SetSchedule(s)
}

// startOf is the start time; without a date it is today.
func startOf(a *cli.Args, now time.Time) time.Time {
	date := now.Format("2006/01/02")
	if a.Has("date") {
		date = a.Str("date")
	}
	for _, layout := range []string{"2006/1/2 15:4:5", "1/2/2006 15:4:5"} {
		if t, err := time.ParseInLocation(layout, date+" "+a.Str("time"), now.Location()); err == nil {
			return t
		}
	}
	return now
}

func unschedule(x *feature.Exec, a *cli.Args) {
	n := nameOf(a)
	if !x.Box.Conf.Root().Remove(scheduleKey(n)) {
		x.Error("The NQA operation is not scheduled.")
		return
	}
	engine(x).Operation(n).Unschedule()
}

// A setting is a line of ICMP echo view that stands for one value.
type setting struct {
	syntax   string
	standard string // the line that says the default
	set      func(c *nqa.Config, a *cli.Args)
	clear    func(c *nqa.Config)
}

const ms = time.Millisecond

var standard = nqa.Default

var settings = []setting{
	{"destination ip <address:ip>", "", func(c *nqa.Config, a *cli.Args) { c.Destination = a.Addr("address") }, func(c *nqa.Config) { c.Destination = netip.Addr{} }},
	{"source ip <address:ip>", "", func(c *nqa.Config, a *cli.Args) { c.Source, c.SourceIface = a.Addr("address"), "" }, func(c *nqa.Config) { c.Source = netip.Addr{} }},
	{"source interface <interface:interface>", "", func(c *nqa.Config, a *cli.Args) { c.Source, c.SourceIface = netip.Addr{}, a.Str("interface") }, func(c *nqa.Config) { c.SourceIface = "" }},
	{"out interface <interface:interface>", "", func(c *nqa.Config, a *cli.Args) { c.OutIface = a.Str("interface") }, func(c *nqa.Config) { c.OutIface = "" }},
	{"next-hop <address:ip>", "", func(c *nqa.Config, a *cli.Args) { c.NextHop = a.Addr("address") }, func(c *nqa.Config) { c.NextHop = netip.Addr{} }},
	{"data-size <size:20-8100>", "data-size 100", func(c *nqa.Config, a *cli.Args) { c.DataSize = a.Int("size") }, func(c *nqa.Config) { c.DataSize = standard.DataSize }},
	{"data-fill <fill:string:1-200>", "", func(c *nqa.Config, a *cli.Args) { c.Fill = a.Str("fill") }, func(c *nqa.Config) { c.Fill = "" }},
	{"probe count <count:1-15>", "probe count 1", func(c *nqa.Config, a *cli.Args) { c.Count = a.Int("count") }, func(c *nqa.Config) { c.Count = standard.Count }},
	{"probe timeout <timeout:10-3600000>", "probe timeout 3000", func(c *nqa.Config, a *cli.Args) { c.Timeout = time.Duration(a.Int("timeout")) * ms }, func(c *nqa.Config) { c.Timeout = standard.Timeout }},
	{"frequency <interval:0-604800000>", "frequency 0", func(c *nqa.Config, a *cli.Args) { c.Frequency = time.Duration(a.Int("interval")) * ms }, func(c *nqa.Config) { c.Frequency = 0 }},
	{"ttl <ttl:1-255>", "ttl 20", func(c *nqa.Config, a *cli.Args) { c.TTL = uint8(a.Int("ttl")) }, func(c *nqa.Config) { c.TTL = standard.TTL }},
	{"tos <tos:0-255>", "tos 0", func(c *nqa.Config, a *cli.Args) { c.TOS = uint8(a.Int("tos")) }, func(c *nqa.Config) { c.TOS = 0 }},
	{"route-option bypass-route", "", func(c *nqa.Config, _ *cli.Args) { c.Bypass = true }, func(c *nqa.Config) { c.Bypass = false }},
	{"history-record enable", "", func(c *nqa.Config, _ *cli.Args) { c.History = true }, func(c *nqa.Config) { c.History = false }},
	{"history-record number <number:0-50>", "history-record number 50", func(c *nqa.Config, a *cli.Args) { c.HistoryNumber = a.Int("number") }, func(c *nqa.Config) { c.HistoryNumber = standard.HistoryNumber }},
	{"history-record keep-time <minutes:1-1440>", "history-record keep-time 120", func(c *nqa.Config, a *cli.Args) { c.HistoryKeep = minutes(a) }, func(c *nqa.Config) { c.HistoryKeep = standard.HistoryKeep }},
	{"statistics interval <minutes:1-35791394>", "statistics interval 60", func(c *nqa.Config, a *cli.Args) { c.StatInterval = minutes(a) }, func(c *nqa.Config) { c.StatInterval = standard.StatInterval }},
	{"statistics hold-time <minutes:1-1440>", "statistics hold-time 120", func(c *nqa.Config, a *cli.Args) { c.StatHold = minutes(a) }, func(c *nqa.Config) { c.StatHold = standard.StatHold }},
	{"statistics max-group <number:0-100>", "statistics max-group 2", func(c *nqa.Config, a *cli.Args) { c.StatGroups = a.Int("number") }, func(c *nqa.Config) { c.StatGroups = standard.StatGroups }},
}

func minutes(a *cli.Args) time.Duration { return time.Duration(a.Int("minutes")) * time.Minute }

func settingCommands() []feature.Command {
	var all []feature.Command
	for _, s := range settings {
		undo := strings.TrimSpace(strings.SplitN(s.syntax, "<", 2)[0])
		all = append(all,
			texts.Command(viewEcho, s.syntax, func(x *feature.Exec, a *cli.Args) {
				n := x.Node()
				n.Remove(undo)
				if undo == "source ip" || undo == "source interface" { // each replaces the other
					n.RemoveAll(func(key string) bool { return strings.HasPrefix(key, "source ") })
				}
				if a.Line() != s.standard {
					n.Set(0, undo, a.Line())
				}
				edit(x, func(c *nqa.Config) { s.set(c, a) })
			}),
			texts.Command(viewEcho, "undo "+undo, func(x *feature.Exec, _ *cli.Args) {
				x.Node().Remove(undo)
				edit(x, s.clear)
			}))
	}
	return all
}

func edit(x *feature.Exec, f func(c *nqa.Config)) {
	o := operation(x)
	c := o.Config()
	f(&c)
	o.SetConfig(c)
}

// syntaxReaction is a reaction that watches probes; all types of probes share
// it.
const syntaxReaction = "reaction <item:1-10> checked-element { probe-duration threshold-type { accumulate <times:1-15> | average | consecutive <times:1-16> } " +
	"threshold-value <upper:0-3600000> <lower:0-3600000> [ action-type { none | trap-only } ] | " +
	"probe-fail threshold-type { accumulate <times:1-15> [ action-type { none | trap-only } ] | " +
	"consecutive <times:1-16> [ action-type { none | trap-only | trigger-only } ] } }"

func reactionCommands() []feature.Command {
	return []feature.Command{
		texts.Command(viewEcho, syntaxReaction, setReaction),
		texts.Command(viewEcho, "undo reaction <item:1-10>", func(x *feature.Exec, a *cli.Args) {
			if !operation(x).DropReaction(a.Int("item")) {
				x.Error("The reaction entry does not exist.")
				return
			}
			x.Node().Remove(reactionKey(a))
		}),
	}
}

func reactionKey(a *cli.Args) string { return fmt.Sprintf("reaction %d", a.Int("item")) }

func setReaction(x *feature.Exec, a *cli.Args) {
	r := nqa.Reaction{Item: a.Int("item"), Times: a.Int("times"), Upper: time.Duration(a.Int("upper")) * ms, Lower: time.Duration(a.Int("lower")) * ms}
	line := strings.TrimSuffix(a.Line(), " action-type none")
	if a.Has("probe-duration") {
		r.Element = nqa.ProbeDuration
	}
	switch {
	case a.Has("accumulate"):
		r.Threshold = nqa.Accumulate
	case a.Has("average"):
		r.Threshold = nqa.Average
	}
	switch {
	case a.Has("trap-only"):
		r.Action = nqa.TrapOnly
	case a.Has("trigger-only"):
		r.Action = nqa.TriggerOnly
	}
	old := x.Node().Child(reactionKey(a))
	switch {
	case r.Lower > r.Upper:
		x.Error("The lower threshold cannot be greater than the upper threshold.")
		return
	case old != nil && old.Text != line:
		x.Error("The reaction entry already exists.")
		return
	case old != nil:
		return
	}
	x.Node().Set(0, reactionKey(a), line)
	operation(x).SetReaction(r)
}
