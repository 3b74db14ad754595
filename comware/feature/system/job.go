package system

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const (
	jobPrefix      = "scheduler job "
	schedulePrefix = "scheduler schedule "
	keyLogSize     = "scheduler logfile size"
	defaultLogKB   = 16

	placeJob      = feature.PlaceScheduler + 30
	placeSchedule = feature.PlaceScheduler + 40
)

// Places of the lines of a schedule.
const (
	placeScheduleRole = 10
	placeScheduleJob  = 20
	placeScheduleTime = 30
)

var schedulerViews = []feature.View{
	{Name: "job", Parent: "system", Title: "Job"},
	{Name: "schedule", Parent: "system", Title: "Schedule"},
}

const schedulerHelp = "scheduler=Specify scheduled tasks;job=Specify a job;<job>=Job name;schedule=Specify a schedule;<schedule>=Schedule name;logfile=Log file of the jobs;" +
	"size=Size of the log file;<size>=Size in KB;reboot=Reboot the device at a time;at=Specify the time;<time>=Time (HH:MM);<date>=Date (MM/DD/YYYY or YYYY/MM/DD);delay=Specify the delay;" +
	"command=Assign a command to the job;<id>=Number that orders the commands;<text>=Command;user-role=User role of the jobs;<role>=Role name;" +
	"time=Time at which the jobs run;once=Run once;repeating=Run again and again;<delay>=Delay (HH:MM or MM);interval=Time between two runs;<interval>=Interval (HH:MM or MM);" +
	"month-date=Day of the month;<day>=Day;last=Last day of the month;week-day=Days of the week;Mon=Monday;Tue=Tuesday;Wed=Wednesday;Thu=Thursday;Fri=Friday;Sat=Saturday;Sun=Sunday"

const weekDays = "week-day { Mon | Tue | Wed | Thu | Fri | Sat | Sun } *"

var schedulerCommands = []feature.Command{
	{Views: "system", Syntax: "scheduler job <job:string:1-47>", Help: schedulerHelp, Run: enterJob},
	{Views: "system", Syntax: "undo scheduler job <job:string:1-47>", Help: schedulerHelp, Run: removeJob},
	{Views: "job", Syntax: "command <id:0-4294967295> <text:text:1-511>", Help: schedulerHelp, Run: assignCommand},
	{Views: "job", Syntax: "undo command <id:0-4294967295>", Help: schedulerHelp,
		Run: func(x *feature.Exec, a *cli.Args) { x.Node().Remove("command " + a.Str("id")) }},
	{Views: "system", Syntax: "scheduler schedule <schedule:string:1-47>", Help: schedulerHelp, Run: enterSchedule},
	{Views: "system", Syntax: "undo scheduler schedule <schedule:string:1-47>", Help: schedulerHelp, Run: removeSchedule},
	{Views: "schedule", Syntax: "job <job:string:1-47>", Help: schedulerHelp, Run: assignJob},
	{Views: "schedule", Syntax: "undo job <job:string:1-47>", Help: schedulerHelp,
		Run: func(x *feature.Exec, a *cli.Args) { x.Node().Remove("job " + a.Str("job")) }},
	{Views: "schedule", Syntax: "user-role <role:string:1-63>", Help: schedulerHelp,
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Set(placeScheduleRole, "user-role "+a.Str("role"), a.Line())
		}},
	{Views: "schedule", Syntax: "undo user-role <role:string:1-63>", Help: schedulerHelp,
		Run: func(x *feature.Exec, a *cli.Args) { x.Node().Remove("user-role " + a.Str("role")) }},
	{Views: "schedule", Syntax: "time at <time:minute> <date:date>", Help: schedulerHelp, Run: setTime},
	{Views: "schedule", Syntax: "time once at <time:minute> [ month-date <day:1-31> | " + weekDays + " ]", Help: schedulerHelp, Run: setTime},
	{Views: "schedule", Syntax: "time once delay <delay:string:1-6>", Help: schedulerHelp, Run: setTime},
	{Views: "schedule", Syntax: "time repeating [ at <time:minute> [ <date:date> ] ] interval <interval:string:1-6>", Help: schedulerHelp, Run: setTime},
	{Views: "schedule", Syntax: "time repeating at <time:minute> [ month-date { <day:1-31> | last } | " + weekDays + " ]", Help: schedulerHelp, Run: setTime},
	{Views: "schedule", Syntax: "undo time", Help: schedulerHelp, Run: func(x *feature.Exec, _ *cli.Args) {
		x.Node().Remove("time")
		s := feature.Get[*scheduler](x.Box)
		s.set(s.find(x.View().Obj.(string)), nil)
	}},
	{Views: "system", Syntax: "scheduler logfile size <size:16-1024>", Help: schedulerHelp, Run: func(x *feature.Exec, a *cli.Args) {
		x.Node().Set(feature.PlaceScheduler, keyLogSize, a.Line())
		feature.Get[*scheduler](x.Box).size()
	}},
	{Views: "system", Syntax: "undo scheduler logfile size", Help: schedulerHelp, Run: func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(keyLogSize) }},
	{Views: "user", Syntax: "scheduler reboot at <time:minute> [ <date:date> ]", Help: schedulerHelp, Run: rebootAt},
	{Views: "user", Syntax: "scheduler reboot delay <time:string:1-6>", Help: schedulerHelp, Run: rebootDelay},
	{Views: "user", Syntax: "undo scheduler reboot", Help: schedulerHelp,
		Run: func(x *feature.Exec, _ *cli.Args) { feature.Get[*scheduler](x.Box).setReboot(time.Time{}) }},
	{Views: "any", Syntax: "display scheduler reboot", Help: schedulerHelp, Run: displayReboot},
	{Views: "any", Syntax: "display scheduler job [ <job:string:1-47> ]", Help: schedulerHelp, Run: displayJobs},
	{Views: "any", Syntax: "display scheduler schedule [ <schedule:string:1-47> ]", Help: schedulerHelp, Run: displaySchedules},
	{Views: "any", Syntax: "display scheduler logfile", Help: schedulerHelp, Run: displayLogfile},
	{Views: "user", Syntax: "reset scheduler logfile", Help: schedulerHelp,
		Run: func(x *feature.Exec, _ *cli.Args) { feature.Get[*scheduler](x.Box).records = nil }},
}

func enterJob(x *feature.Exec, a *cli.Args) {
	name := a.Str("job")
	x.Enter(feature.ViewState{Name: "job", Suffix: "job-" + name, Node: x.Box.Conf.Root().Open(placeJob, jobPrefix+name, a.Line())})
}

// removeJob takes the job out of the schedules, too: a schedule names jobs
// that there are.
func removeJob(x *feature.Exec, a *cli.Args) {
	root := x.Box.Conf.Root()
	if n := root.Child(jobPrefix + a.Str("job")); n != nil {
		x.Box.Drop(n)
		root.Remove(n.Key)
	}
	for _, n := range root.Kids() {
		if strings.HasPrefix(n.Key, schedulePrefix) {
			n.Remove("job " + a.Str("job"))
		}
	}
}

// assignCommand keeps a command as typed; its number orders it.
func assignCommand(x *feature.Exec, a *cli.Args) {
	x.Node().Set(0, "command "+a.Str("id"), fmt.Sprintf("command %s %s", a.Str("id"), a.Str("text")))
}

func enterSchedule(x *feature.Exec, a *cli.Args) {
	name := a.Str("schedule")
	feature.Get[*scheduler](x.Box).make(name, x.Shell.Roles)
	x.Enter(feature.ViewState{Name: "schedule", Suffix: "schedule-" + name, Obj: name,
		Node: x.Box.Conf.Root().Open(placeSchedule, schedulePrefix+name, a.Line())})
}

func removeSchedule(x *feature.Exec, a *cli.Args) {
	if n := x.Box.Conf.Root().Child(schedulePrefix + a.Str("schedule")); n != nil {
		x.Box.Drop(n)
		x.Box.Conf.Root().Remove(n.Key)
	}
	feature.Get[*scheduler](x.Box).remove(a.Str("schedule"))
}

func assignJob(x *feature.Exec, a *cli.Args) {
	if x.Box.Conf.Root().Child(jobPrefix+a.Str("job")) == nil {
		x.Error("The job does not exist.")
		return
	}
	x.Node().Set(placeScheduleJob, "job "+a.Str("job"), a.Line())
}

// setTime gives the schedule of the view its time. The line has one form of
// date and of time, so that it is read back.
func setTime(x *feature.Exec, a *cli.Args) {
	if m := a.Int("time"); m >= 24*60 {
		x.Error(badInterval)
		return
	}
	for _, name := range []string{"delay", "interval"} {
		if d, ok := hoursMinutes(a.Str(name)); a.Str(name) != "" && (!ok || d <= 0) {
			x.Error(badInterval)
			return
		}
	}
	var words []string
	for _, g := range a.All() {
		switch {
		case g.Token == "time" && !g.Keyword:
			words = append(words, fmt.Sprintf("%02d:%02d", g.Number/60, g.Number%60))
		case g.Token == "date":
			words = append(words, fmt.Sprintf("%04d/%02d/%02d", g.Number/10000, g.Number/100%100, g.Number%100))
		default:
			words = append(words, g.Word)
		}
	}
	line := strings.Join(words, " ")
	p := readPlan(line, x.Box.Clock())
	if _, ok := p.next(x.Box.Clock()); !ok && !x.Quiet() {
		x.Error(tooEarly)
		return
	}
	x.Node().Set(placeScheduleTime, "time", line)
	s := feature.Get[*scheduler](x.Box)
	s.set(s.find(x.View().Obj.(string)), &p)
}

func displayJobs(x *feature.Exec, a *cli.Args) {
	first := true
	for _, n := range x.Box.Conf.Root().Kids() {
		name, ok := strings.CutPrefix(n.Key, jobPrefix)
		if !ok || a.Str("job") != "" && a.Str("job") != name {
			continue
		}
		if !first {
			x.Print("\n")
		}
		first = false
		x.Printf("Job name: %s\n", name)
		for _, c := range n.Kids() {
			x.Printf(" %s\n", commandText(c.Text))
		}
	}
}

func displaySchedules(x *feature.Exec, a *cli.Args) {
	first := true
	for _, p := range feature.Get[*scheduler](x.Box).schedules {
		if a.Str("schedule") != "" && a.Str("schedule") != p.name {
			continue
		}
		if !first {
			x.Print("\n")
		}
		first = false
		row := func(name, value string) { x.Printf("%-21s: %s\n", name, value) }
		row("Schedule name", p.name)
		if p.plan != nil {
			row("Schedule type", p.plan.kind())
			row("Start time", p.first.Format(stamp))
			begun, ended := "Yet to be executed", "Yet to be executed"
			if p.ran > 0 {
				begun = p.begun.Format(stamp)
				if !p.ended.IsZero() {
					ended = p.ended.Format(stamp)
				}
			}
			row("Last execution time", begun)
			row("Last completion time", ended)
			if p.ran > 0 {
				row("Execution counts", strconv.Itoa(p.ran))
			}
		}
		x.Printf("%s\n%-50s%s\n", strings.Repeat("-", 71), "Job name", "Last execution status")
		for _, n := range x.Box.Conf.Root().Child(schedulePrefix + p.name).Kids() {
			job, ok := strings.CutPrefix(n.Key, "job ")
			if !ok {
				continue
			}
			state := p.jobs[job]
			if state == "" {
				state = "-NA-"
			}
			x.Printf("%-50s%s\n", job, state)
		}
	}
}

func displayLogfile(x *feature.Exec, _ *cli.Args) {
	s := feature.Get[*scheduler](x.Box)
	x.Printf("Logfile Size: %d Bytes.\n\n", s.size())
	for i := range s.records {
		x.Print(s.records[i].text())
	}
}
