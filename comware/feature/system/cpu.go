package system

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const cpuHelp = "cpu-usage=CPU usage information;slot=Specify the slot;<slot>=Slot number;cpu=Specify the CPU;<cpu>=CPU number;" +
	"configuration=CPU usage monitoring configuration;history=CPU usage of the last periods as a chart;summary=CPU usage as a table"

var cpuCommands = []feature.Command{
	{Views: "any", Syntax: "display cpu-usage [ summary ] [ slot <slot:0-1> [ cpu <cpu:0-0> ] ]", Help: cpuHelp, Run: displayCPU},
	{Views: "any", Syntax: "display cpu-usage configuration [ slot <slot:0-1> [ cpu <cpu:0-0> ] ]", Help: cpuHelp, Run: displayCPUConfiguration},
	{Views: "any", Syntax: "display cpu-usage history [ slot <slot:0-1> [ cpu <cpu:0-0> ] ]", Help: cpuHelp, Run: displayCPUHistory},
	{Views: "system", Syntax: "monitor cpu-usage enable", Help: monitorHelp, Run: func(x *feature.Exec, _ *cli.Args) {
		x.Node().Remove(keyMonitor)
	}},
	{Views: "system", Syntax: "undo monitor cpu-usage enable", Help: monitorHelp, Run: func(x *feature.Exec, _ *cli.Args) {
		x.Node().Set(placeMonitor, keyMonitor, "undo monitor cpu-usage enable")
	}},
	{Views: "system", Syntax: "monitor cpu-usage interval { 5Sec | 1Min | 5Min }", Help: monitorHelp, Run: func(x *feature.Exec, a *cli.Args) {
		if a.Has("1Min") {
			x.Node().Remove(keyInterval)
			return
		}
		x.Node().Set(placeMonitor, keyInterval, a.Line())
	}},
	{Views: "system", Syntax: "undo monitor cpu-usage interval", Help: monitorHelp, Run: func(x *feature.Exec, _ *cli.Args) {
		x.Node().Remove(keyInterval)
	}},
	{Views: "system", Syntax: "monitor cpu-usage threshold <percent:0-100>", Help: monitorHelp,
		Keep: &feature.Keep{Place: placeMonitor, Default: fmt.Sprint(keyThreshold, " ", defaultThreshold)}},
}

const (
	monitorHelp = "monitor=Monitor the system;cpu-usage=CPU usage;enable=Record the CPU usage;interval=Interval between records;" +
		"5Sec=5 seconds;1Min=1 minute;5Min=5 minutes;threshold=Usage above which the system warns;<percent>=Usage in per cent"
	placeMonitor     = feature.PlaceScheduler + 20
	keyMonitor       = "monitor cpu-usage enable"
	keyInterval      = "monitor cpu-usage interval"
	keyThreshold     = "monitor cpu-usage threshold"
	defaultThreshold = 99
)

// slotError says that the box has no such slot.
func slotError(x *feature.Exec, a *cli.Args) bool {
	if !a.Has("slot") || a.Int("slot") == x.Box.Model.Hardware.Slot {
		return false
	}
	x.Error("The specified slot does not exist.")
	return true
}

func displayCPU(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	l := feature.Get[*load](x.Box)
	slot := x.Box.Model.Hardware.Slot
	if a.Has("summary") {
		x.Printf("Slot CPU        Last 5 sec        Last 1 min        Last 5 min\n%-5d%-11d", slot, 0)
		for i := range periods {
			n, _ := l.usage(i, 0)
			text := fmt.Sprintf("%d%%", n)
			if i < len(periods)-1 {
				text = fmt.Sprintf("%-18s", text)
			}
			x.Print(text)
		}
		x.Print("\n")
		return
	}
	x.Printf("Slot %d CPU 0 CPU usage:\n", slot)
	for i, p := range periods {
		n, _ := l.usage(i, 0)
		x.Printf("%8d%% in last %s\n", n, p.unit)
	}
	x.Print("\n")
}

// interval is the number of the period that is recorded.
func interval(b *feature.Box) int {
	n := b.Conf.Root().Child(keyInterval)
	for i, p := range periods {
		if n != nil && strings.HasSuffix(n.Text, p.name) {
			return i
		}
	}
	return 1
}

func displayCPUConfiguration(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	state := "enabled"
	if x.Box.Conf.Root().Child(keyMonitor) != nil {
		state = "disabled"
	}
	threshold := fmt.Sprint(defaultThreshold)
	if n := x.Box.Conf.Root().Child(keyThreshold); n != nil {
		threshold = n.Text[len(keyThreshold)+1:]
	}
	x.Printf("CPU usage monitor is %s.\nCurrent monitor interval is %d seconds.\nCurrent monitor threshold is %s%%.\n",
		state, int(periods[interval(x.Box)].length.Seconds()), threshold)
}

// displayCPUHistory draws a column a period, the last one on the left, to the
// nearest five per cent.
func displayCPUHistory(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	if x.Box.Conf.Root().Child(keyMonitor) != nil {
		return
	}
	l, period := feature.Get[*load](x.Box), interval(x.Box)
	var levels [history]int
	for i := range levels {
		if n, ok := l.usage(period, i); ok {
			levels[i] = (n + 2) / 5 * 5
		}
	}
	for level := 100; level > 0; level -= 5 {
		var row strings.Builder
		for _, n := range levels {
			if n >= level {
				row.WriteByte('#')
			} else {
				row.WriteByte(' ')
			}
		}
		x.Print(strings.TrimRight(fmt.Sprintf("%3d%%|%s", level, row.String()), " ") + "\n")
	}
	step, unit := 10, "minutes"
	switch periods[period].name {
	case "5Sec":
		step, unit = 50, "seconds"
	case "5Min":
		step = 50
	}
	x.Printf("     %s\n     ", strings.Repeat("-", history))
	for i := 1; i <= history/10; i++ {
		x.Printf("%10d", i*step)
	}
	x.Printf("  (%s)\n", unit)
	x.Printf("%22scpu-usage (Slot %d CPU 0) last %d %s (SYSTEM)\n", "", x.Box.Model.Hardware.Slot, 6*step, unit)
}
