package rbm

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/rbm"
)

var results = map[rbm.Result]string{rbm.NotPerformed: "Not Performed", rbm.Consistent: "Consistent", rbm.Inconsistent: "Inconsistent"}

var causes = map[rbm.Cause]string{
	rbm.CauseNegotiated:  "Control channel status changed",
	rbm.CauseInterface:   "Interface status changed",
	rbm.CauseTrack:       "Track status changed",
	rbm.CauseRequest:     "Switchover request",
	rbm.CauseChannelDown: "Control channel status changed",
	rbm.CauseRecovered:   "Delay time expired",
	rbm.CauseConfig:      "Configuration changed",
}

func displayStatus(x *feature.Exec, _ *cli.Args) {
	n := x.Box.Conf.Root().Child(group)
	if n == nil {
		x.Print("The remote backup group is not configured.\n")
		return
	}
	e := engine(x)
	c := e.Config()
	either := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	line := func(label string, value any) { x.Printf("  %s: %v\n", label, value) }
	data := "-"
	if d := n.Child("data-channel"); d != nil {
		data = strings.TrimPrefix(d.Text, "data-channel interface ")
	}
	addr := func(a fmt.Stringer, ok bool) string { return either(ok, a.String(), "-") }
	port, interval, count := c.Port, c.Interval, c.Count
	if port == 0 {
		port, interval, count = rbm.DefaultPort, rbm.DefaultInterval, rbm.DefaultCount
	}
	check := "-"
	if c.CheckEvery > 0 {
		check = fmt.Sprintf("%d hour", c.CheckEvery/time.Hour)
	}
	up := e.Uptime()
	x.Print("Remote backup group information:\n")
	line("Backup mode", either(c.DualActive, "Dual-active", "Active/standby"))
	line("Device management role", either(c.Role != rbm.NoRole, c.Role.String(), "-"))
	line("Device running status", e.State())
	line("Data channel interface", data)
	line("Local IP", addr(c.Local, c.Local.IsValid()))
	line("Remote IP", fmt.Sprintf("%s    Destination port: %d", addr(c.Remote, c.Remote.IsValid()), port))
	line("Control channel status", either(e.Connected(), "Connected", "Disconnected"))
	line("Keepalive interval", fmt.Sprintf("%ds", interval/time.Second))
	line("Keepalive count", count)
	line("Configuration consistency check interval", check)
	r, _, _ := e.Check()
	line("Configuration consistency check result", results[r])
	line("Configuration backup status", either(c.NoAutoSync, "Auto sync disabled", "Auto sync enabled"))
	line("Session backup status", either(!c.NoEntries, "Hot backup enabled", "Hot backup disabled"))
	line("Delay-time", fmt.Sprintf("%d min", c.Delay/time.Minute))
	line("Uptime since last switchover", fmt.Sprintf("%d days, %d hours, %d minutes", int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60))
	x.Print("  Switchover records:\n")
	x.Printf("    %-25s%-24s%s\n", "Time", "Status change", "Cause")
	for _, rec := range e.Records() {
		x.Printf("    %-25s%-24s%s\n", rec.At.Format("2006-01-02 15:04:05"), fmt.Sprintf("%s to %s", rec.From, rec.To), causeOf(rec))
	}
}

// causeOf words a cause; the first agreement of all follows from the
// interface of the channel, which came up.
func causeOf(rec rbm.Record) string {
	if rec.Why == rbm.CauseNegotiated && rec.From == rbm.Initial {
		return causes[rbm.CauseInterface]
	}
	return causes[rec.Why]
}

func displayCheck(x *feature.Exec, _ *cli.Args) {
	r, here, there := engine(x).Check()
	if r != rbm.Inconsistent {
		x.Printf("Configuration consistency check result: %s\n", results[r])
		return
	}
	x.Print("                 Inconsistent configuration\n")
	x.Printf("%-40s %s\n", "Local configuration", "Remote configuration")
	for _, l := range here {
		x.Printf("%s\n", l)
	}
	for _, l := range there {
		x.Printf("%-40s %s\n", "", l)
	}
}
