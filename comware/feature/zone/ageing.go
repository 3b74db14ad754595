package zone

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/zone"
)

// stateNames are the states that an ageing time can be given for, in order of
// display, and what they stand for.
var stateNames = []struct {
	word   string
	states []zone.State
}{
	{"syn", []zone.State{zone.TCPSynSent, zone.TCPSynReceived}},
	{"tcp-est", []zone.State{zone.TCPEstablished}},
	{"fin", []zone.State{zone.TCPFinWait}},
	{"udp-open", []zone.State{zone.UDPOpen}},
	{"udp-ready", []zone.State{zone.UDPReady}},
	{"icmp-request", []zone.State{zone.ICMPRequest}},
	{"icmp-reply", []zone.State{zone.ICMPReply}},
	{"rawip-open", []zone.State{zone.RawOpen}},
	{"rawip-ready", []zone.State{zone.RawReady}},
	{"tcp-time-wait", []zone.State{zone.TCPTimeWait}},
	{"tcp-close", []zone.State{zone.TCPClosed}},
}

// appDefaults are the ageing times of applications, in order of display.
var appDefaults = []struct {
	name    string
	seconds int
}{
	{"dns", 60}, {"ftp", 3600}, {"gtp", 60}, {"h225", 3600}, {"h245", 3600}, {"ras", 300}, {"rtsp", 3600}, {"sip", 300}, {"tftp", 60}, {"ils", 3600},
	{"mgcp", 60}, {"nbt", 3600}, {"pptp", 3600}, {"rsh", 60}, {"sccp", 3600}, {"sqlnet", 600}, {"xdmcp", 3600},
}

// An ageing is the times of applications that were changed.
type ageing struct{ apps map[string]int }

func (g *ageing) seconds(i int) int {
	if n, ok := g.apps[appDefaults[i].name]; ok {
		return n
	}
	return appDefaults[i].seconds
}

// of is the ageing time of an open session's application.
func (g *ageing) of(s *zone.Session) (time.Duration, bool) {
	app := strings.ToLower(application(s))
	for i, d := range appDefaults {
		if d.name == app {
			return time.Duration(g.seconds(i)) * time.Second, true
		}
	}
	return 0, false
}

func stateWords() string {
	var words []string
	for _, s := range stateNames {
		words = append(words, s.word)
	}
	return strings.Join(words, " | ")
}

func appWords() string {
	var words []string
	for _, d := range appDefaults {
		words = append(words, d.name)
	}
	return strings.Join(words, " | ")
}

var ageingTexts = func() feature.Texts {
	t := feature.Texts{"<seconds>": "Aging time in seconds", "session": "Session information", "aging-time": "Aging time of sessions",
		"state": "Aging time by state", "application": "Aging time by application", "undo": "Cancel current setting", "display": "Display current system information"}
	for _, s := range stateNames {
		t[s.word] = strings.ToUpper(s.word)
	}
	for _, d := range appDefaults {
		t[d.name] = strings.ToUpper(d.name)
	}
	return t
}()

var ageingCommands = []feature.Command{
	ageingTexts.Command("system", "session aging-time state { "+stateWords()+" } <seconds:5-100000>", setStateAgeing),
	ageingTexts.Command("system", "undo session aging-time state [ "+stateWords()+" ]", setStateAgeing),
	ageingTexts.Command("system", "session aging-time application { "+appWords()+" } <seconds:5-100000>", setAppAgeing),
	ageingTexts.Command("system", "undo session aging-time application [ "+appWords()+" ]", setAppAgeing),
	ageingTexts.Command("any", "display session aging-time state", displayStateAgeing),
	ageingTexts.Command("any", "display session aging-time application", displayAppAgeing),
	{Views: "system", Syntax: "session statistics enable", Help: "session=Session information; statistics=Session statistics; enable=Enable statistics", Keep: &feature.Keep{Place: agePlace}},
	{Views: "system", Syntax: "session synchronization enable", Help: "session=Session information; synchronization=Synchronize sessions; enable=Enable synchronization", Keep: &feature.Keep{Place: agePlace}},
	{Views: "system", Syntax: "session persistent acl <number:2000-3999> [ aging-time <hours:0-360> ]",
		Help: "session=Session information; persistent=Persistent sessions; acl=Specify an ACL; <number>=ACL number; aging-time=Aging time; <hours>=Hours", Keep: &feature.Keep{Place: agePlace, Undo: "session persistent acl <number:2000-3999>"}},
	{Views: "system", Syntax: "session log { bytes-active <megabytes:1-1000> | packets-active <packets:1-1000> | time-active <minutes:10-120> | flow-begin | flow-end }",
		Help: "session=Session information; log=Session logs; bytes-active=Log by bytes; <megabytes>=Megabytes; packets-active=Log by packets; <packets>=Million packets; time-active=Log by time; <minutes>=Minutes; flow-begin=Log the begin of sessions; flow-end=Log the end of sessions",
		Keep: &feature.Keep{Place: agePlace, Undo: "session log { bytes-active | packets-active | time-active | flow-begin | flow-end }"}},
}

const agePlace = feature.PlaceIntraZone + 10

func setStateAgeing(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	undo := !a.Has("seconds")
	one := slices.ContainsFunc(stateNames, func(s struct {
		word   string
		states []zone.State
	}) bool {
		return a.Has(s.word)
	})
	for _, s := range stateNames {
		if one && !a.Has(s.word) {
			continue
		}
		d := time.Duration(a.Int("seconds")) * time.Second
		for _, v := range s.states {
			e.SetAgeing(v, d)
		}
		line := "session aging-time state " + s.word
		if undo || d == s.states[0].Ageing() {
			x.Box.Conf.Root().Remove(line)
		} else {
			x.Box.Conf.Root().Set(agePlace, line, fmt.Sprintf("%s %d", line, a.Int("seconds")))
		}
	}
}

func setAppAgeing(x *feature.Exec, a *cli.Args) {
	g := feature.Get[*ageing](x.Box)
	undo, one := !a.Has("seconds"), false
	for _, d := range appDefaults {
		one = one || a.Has(d.name)
	}
	for _, d := range appDefaults {
		if one && !a.Has(d.name) {
			continue
		}
		line := "session aging-time application " + d.name
		if undo || a.Int("seconds") == d.seconds {
			delete(g.apps, d.name)
			x.Box.Conf.Root().Remove(line)
			continue
		}
		if g.apps == nil {
			g.apps = map[string]int{}
		}
		g.apps[d.name] = a.Int("seconds")
		x.Box.Conf.Root().Set(agePlace, line, fmt.Sprintf("%s %d", line, a.Int("seconds")))
	}
}

func displayStateAgeing(x *feature.Exec, _ *cli.Args) {
	x.Printf("%-26s%s\n", "State", "Aging Time(s)")
	for _, s := range stateNames {
		x.Printf("%-26s%d\n", strings.ToUpper(s.word), int(engine(x).Ageing(s.states[0]).Seconds()))
	}
}

func displayAppAgeing(x *feature.Exec, _ *cli.Args) {
	x.Printf("%-20s%s\n", "Application", "Aging Time(s)")
	for i, d := range appDefaults {
		x.Printf("%-20s%d\n", strings.ToUpper(d.name), feature.Get[*ageing](x.Box).seconds(i))
	}
}
