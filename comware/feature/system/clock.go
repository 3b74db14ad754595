package system

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var clockCommands = []feature.Command{
	{Views: "any", Syntax: "display clock", Help: "clock=Display the system time", Run: displayClock},
	{Views: "user system", Syntax: "clock datetime <time:time> <date:date>",
		Help: "clock=Specify the system clock;datetime=Specify the date and time;<time>=Time (hh:mm:ss);<date>=Date (MM/DD/YYYY or YYYY/MM/DD)",
		Run: func(x *feature.Exec, a *cli.Args) {
			d, s := a.Int("date"), a.Int("time")
			t := time.Date(d/10000, time.Month(d/100%100), d%100, s/3600, s/60%60, s%60, 0, time.UTC)
			x.Box.ClockOffset = t.Sub(x.Box.Now())
		}},
	{Views: "system", Syntax: "clock timezone <zone:string:1-32> { add | minus } <offset:time>",
		Help: "timezone=Specify the time zone;<zone>=Name of the time zone;add=Ahead of UTC;minus=Behind UTC;<offset>=Offset (hh:mm:ss)",
		Run: func(x *feature.Exec, a *cli.Args) {
			sign := "add"
			if a.Has("minus") {
				sign = "minus"
			}
			s := a.Int("offset")
			x.Box.Conf.Root().Set(feature.PlaceClock, "clock timezone",
				fmt.Sprintf("clock timezone %s %s %02d:%02d:%02d", a.Str("zone"), sign, s/3600, s/60%60, s%60))
		}},
	{Views: "system", Syntax: "undo clock timezone", Help: "clock=Specify the system clock;timezone=Specify the time zone",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Box.Conf.Root().Remove("clock timezone") }},
}

// displayClock prints the time with milliseconds, as builds of 2021 do, and
// the time zone if there is one.
func displayClock(x *feature.Exec, _ *cli.Args) {
	zone, line := "UTC", ""
	if n := x.Box.Conf.Root().Child("clock timezone"); n != nil {
		f := strings.Fields(n.Text)
		zone, line = f[2], fmt.Sprintf("Time Zone : %s\n", strings.Join(f[2:], " "))
	}
	x.Print(clockLine(x.Box.Clock(), zone) + line)
}

func clockLine(t time.Time, zone string) string {
	return fmt.Sprintf("%s %s %s\n", t.Format("15:04:05.000"), zone, t.Format("Mon 01/02/2006"))
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
