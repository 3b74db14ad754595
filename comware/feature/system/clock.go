package system

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const clockHelp = "clock=Specify the system clock;datetime=Specify the date and time;timezone=Specify the time zone;<zone>=Name of the time zone;add=Ahead of UTC;minus=Behind UTC;<offset>=Offset (hh:mm:ss);" +
	"summer-time=Specify the daylight saving time;<name>=Name of the daylight saving time;<start>=Time at which it starts (hh:mm:ss);<from>=Date at which it starts (MM/DD);" +
	"<end>=Time at which it ends (hh:mm:ss);<to>=Date at which it ends (MM/DD);<add>=Time to add (hh:mm:ss)"

var clockCommands = []feature.Command{
	{Views: "any", Syntax: "display clock", Help: "clock=Display the system time", Run: displayClock},
	{Views: "user system", Syntax: "clock datetime <time:time> <date:date>",
		Help: clockHelp + ";<time>=Time (hh:mm:ss);<date>=Date (MM/DD/YYYY or YYYY/MM/DD)", Run: setClock},
	{Views: "system", Syntax: "clock timezone <zone:string:1-32> { add | minus } <offset:time>", Help: clockHelp, Run: setZone},
	{Views: "system", Syntax: "undo clock timezone", Help: clockHelp,
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove(keyZone)
			c := clockOf(x)
			c.change(x, func() { c.name, c.zone = "UTC", 0 })
		}},
	{Views: "system", Syntax: "clock summer-time <name:string:1-32> <start:time> <from:string:3-5> <end:time> <to:string:3-5> <add:time>", Help: clockHelp, Run: setSummer},
	{Views: "system", Syntax: "undo clock summer-time", Help: clockHelp,
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove(keySummer)
			c := clockOf(x)
			c.change(x, func() { c.summer = nil })
		}},
}

const (
	keyZone   = "clock timezone"
	keySummer = "clock summer-time"
)

// A clock is what a device makes of the time of its battery's clock, which is
// UTC: the time zone and the daylight saving time come on top.
type clock struct {
	box    *feature.Box
	zone   time.Duration
	name   string // "UTC"
	summer *summer
}

// A summer is a daylight saving time, the same every year.
type summer struct {
	name       string
	start, end time.Time // of the year 0
	add        time.Duration
}

// newClock starts from the battery's clock. The time of the world is the local
// time of a device that boots for the first time: what its configuration says
// of zones then sets the battery's clock, and later moves the shown time.
func newClock(b *feature.Box) {
	c := &clock{box: b, name: "UTC"}
	feature.Put(b, c)
	rtc := &b.Flash.RTC
	b.ClockOffset = rtc.Offset
	b.Summer = c.daylight
	b.After(0, func() { rtc.Set = true })
}

func clockOf(x *feature.Exec) *clock { return feature.Get[*clock](x.Box) }

// change has f change the zone or the daylight saving time.
func (c *clock) change(x *feature.Exec, f func()) {
	before := c.box.Clock()
	f()
	rtc := &c.box.Flash.RTC
	c.box.ClockOffset = rtc.Offset + c.zone
	if x.Shell.Booting && !rtc.Set {
		rtc.Offset += before.Sub(c.box.Clock())
		c.box.ClockOffset = rtc.Offset + c.zone
	}
	feature.Get[*scheduler](c.box).clockSet()
}

// hms writes seconds.
func hms(s int) string { return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60) }

// daylight is what the daylight saving time adds to a time of the zone.
func (c *clock) daylight(t time.Time) time.Duration {
	s := c.summer
	if s == nil {
		return 0
	}
	start, end := s.start.AddDate(t.Year(), 0, 0), s.end.AddDate(t.Year(), 0, 0)
	in := !t.Before(start) && t.Before(end)
	if end.Before(start) { // over the turn of the year
		in = !t.Before(start) || t.Before(end)
	}
	if !in {
		return 0
	}
	return s.add
}

// shown is the name of the zone, or of the daylight saving time while it lasts.
func (c *clock) shown() string {
	if c.daylight(c.box.Now().Add(c.box.ClockOffset)) != 0 {
		return c.summer.name
	}
	return c.name
}

// setClock sets the battery's clock: what is typed is UTC.
func setClock(x *feature.Exec, a *cli.Args) {
	d, s := a.Int("date"), a.Int("time")
	t := time.Date(d/10000, time.Month(d/100%100), d%100, s/3600, s/60%60, s%60, 0, time.UTC)
	rtc := &x.Box.Flash.RTC
	rtc.Offset, rtc.Set = t.Sub(x.Box.Now()), true
	x.Box.ClockOffset = rtc.Offset + clockOf(x).zone
	feature.Get[*scheduler](x.Box).clockSet()
}

func setZone(x *feature.Exec, a *cli.Args) {
	sign, offset := "add", time.Duration(a.Int("offset"))*time.Second
	if a.Has("minus") {
		sign, offset = "minus", -offset
	}
	x.Node().Set(feature.PlaceClock, keyZone, fmt.Sprintf("clock timezone %s %s %s", cli.Quote(a.Str("zone")), sign, hms(a.Int("offset"))))
	c := clockOf(x)
	c.change(x, func() { c.name, c.zone = a.Str("zone"), offset })
}

func setSummer(x *feature.Exec, a *cli.Args) {
	s := &summer{name: a.Str("name"), add: time.Duration(a.Int("add")) * time.Second}
	var dates [2]string
	for i, end := range []struct {
		date, time string
		to         *time.Time
	}{{"from", "start", &s.start}, {"to", "end", &s.end}} {
		t, err := time.Parse("1/2", a.Str(end.date))
		if err != nil {
			x.Error("Invalid date.")
			return
		}
		dates[i] = t.Format("01/02")
		*end.to = t.Add(time.Duration(a.Int(end.time)) * time.Second)
	}
	x.Node().Set(feature.PlaceClock, keySummer, fmt.Sprintf("clock summer-time %s %s %s %s %s %s", cli.Quote(s.name),
		hms(a.Int("start")), dates[0], hms(a.Int("end")), dates[1], hms(a.Int("add"))))
	c := clockOf(x)
	c.change(x, func() { c.summer = s })
}

// displayClock prints the time, and the time zone and the daylight saving time
// if there are any.
func displayClock(x *feature.Exec, _ *cli.Args) {
	x.Printf("%s %s %s\n", x.Box.Clock().Format("15:04:05"), clockOf(x).shown(), x.Box.Clock().Format("Mon 01/02/2006"))
	if n := x.Box.Conf.Root().Child(keyZone); n != nil {
		x.Printf("Time Zone : %s\n", strings.TrimPrefix(n.Text, keyZone+" "))
	}
	if n := x.Box.Conf.Root().Child(keySummer); n != nil {
		x.Printf("Summer Time : %s\n", strings.TrimPrefix(n.Text, keySummer+" "))
	}
}

// uptime words a duration as display version does.
func uptime(d time.Duration) string {
	m := int(d / time.Minute)
	return strings.Join([]string{
		plural(m/(7*24*60), "week"), plural(m/(24*60)%7, "day"), plural(m/60%24, "hour"), plural(m%60, "minute"),
	}, ", ")
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
