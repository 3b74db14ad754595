package system

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/sim"
)

// A scheduler runs jobs and reboots at their times.
type scheduler struct {
	box       *feature.Box
	schedules []*schedule
	records   []record // of jobs that have run, the newest last

	rebootAt time.Time // as the device shows the time, the zero time for none
	reboot   *sim.Timer
}

// A schedule is what a `scheduler schedule` line has done so far. Its jobs and
// roles are read from the configuration when it runs.
type schedule struct {
	name  string
	roles []string // of whoever made it
	plan  *plan    // nil while it has no time
	timer *sim.Timer
	first time.Time // first time it runs
	ran   int       // how often it has
	begun time.Time // the last time
	ended time.Time
	jobs  map[string]string // what became of them the last time
}

// A record is a job that has run.
type record struct {
	job, schedule string
	begun, ended  time.Time
	output        string
}

const stamp = "Mon Jan _2 15:04:05 2006"

func (r *record) text() string {
	return fmt.Sprintf("Job name        : %s\nSchedule name   : %s\nExecution time  : %s\nCompletion time : %s\n%s Job output %s\n%s\n",
		r.job, r.schedule, r.begun.Format(stamp), r.ended.Format(stamp), strings.Repeat("-", 33), strings.Repeat("-", 35), r.output)
}

// logSize is how much the log file of the scheduler holds, in bytes.
func (s *scheduler) logSize() int {
	kb := defaultLogKB
	if n := s.box.Conf.Root().Child(keyLogSize); n != nil {
		kb, _ = strconv.Atoi(n.Text[len(keyLogSize)+1:])
	}
	return kb << 10
}

// size drops the oldest records until the rest fits, and returns its size. A
// record that is larger than the file is not kept.
func (s *scheduler) size() int {
	total, keep := 0, len(s.records)
	for keep > 0 {
		n := len(s.records[keep-1].text())
		if total+n > s.logSize() {
			break
		}
		total += n
		keep--
	}
	s.records = s.records[keep:]
	return total
}

func (s *scheduler) find(name string) *schedule {
	for _, p := range s.schedules {
		if p.name == name {
			return p
		}
	}
	return nil
}

// make is the schedule of that name, a new one if there is none.
func (s *scheduler) make(name string, roles []string) *schedule {
	p := s.find(name)
	if p == nil {
		p = &schedule{name: name, roles: slices.Clone(roles), jobs: map[string]string{}}
		s.schedules = append(s.schedules, p)
		slices.SortFunc(s.schedules, func(a, b *schedule) int { return strings.Compare(a.name, b.name) })
	}
	return p
}

func (s *scheduler) remove(name string) {
	if p := s.find(name); p != nil {
		p.timer.Stop()
		s.schedules = slices.DeleteFunc(s.schedules, func(x *schedule) bool { return x == p })
	}
}

// set gives a schedule its time, nil for none, and forgets what it has done.
func (s *scheduler) set(p *schedule, at *plan) {
	p.timer.Stop()
	p.plan, p.ran, p.first, p.begun, p.ended = at, 0, time.Time{}, time.Time{}, time.Time{}
	if at != nil {
		p.first, _ = at.next(s.box.Clock())
		s.arm(p)
	}
}

// arm waits for the next time of a schedule.
func (s *scheduler) arm(p *schedule) {
	p.timer.Stop()
	if p.plan == nil || p.plan.once && p.ran > 0 {
		return
	}
	now := s.box.Clock()
	if at, ok := p.plan.next(now); ok {
		p.timer = s.box.After(at.Sub(now), func() { s.run(p) })
	}
}

// clockSet waits anew: the device shows another time.
func (s *scheduler) clockSet() {
	for _, p := range s.schedules {
		s.arm(p)
	}
	if !s.rebootAt.IsZero() {
		s.armReboot()
	}
}

// run runs all jobs of a schedule at once.
func (s *scheduler) run(p *schedule) {
	now := s.box.Clock()
	p.ran++
	p.begun = now
	node := s.box.Conf.Root().Child(schedulePrefix + p.name)
	roles := slices.Clone(p.roles)
	var jobs []string
	if node != nil {
		var own []string
		for _, n := range node.Kids() {
			if role, ok := strings.CutPrefix(n.Key, "user-role "); ok {
				own = append(own, role)
			} else if job, ok := strings.CutPrefix(n.Key, "job "); ok {
				jobs = append(jobs, job)
			}
		}
		if len(own) > 0 {
			roles = own
		}
	}
	for _, job := range jobs {
		p.jobs[job] = "In process"
	}
	for _, job := range jobs {
		if s.box.Stopped() {
			return
		}
		s.runJob(p, job, roles)
	}
	if s.box.Stopped() {
		return
	}
	if len(jobs) == 0 {
		p.ended = now
	}
	s.arm(p)
}

func (s *scheduler) runJob(p *schedule, job string, roles []string) {
	var lines []string
	if n := s.box.Conf.Root().Child(jobPrefix + job); n != nil {
		for _, c := range n.Kids() {
			lines = append(lines, commandText(c.Text))
		}
	}
	begun := s.box.Clock()
	batch := feature.Batch{Roles: roles, Lines: lines, Done: func(output string, ok bool) {
		p.ended = s.box.Clock()
		p.jobs[job] = "Successful"
		if !ok || len(lines) == 0 {
			p.jobs[job] = "Failed"
		}
		if len(lines) > 0 {
			s.records = append(s.records, record{job, p.name, begun, p.ended, output})
			s.size()
		}
	}}
	batch.Run(s.box)
}

// commandText is the command of a line `command ID TEXT`.
func commandText(line string) string { return strings.SplitN(line, " ", 3)[2] }

// rebootIn sets the time of a reboot, as the device shows it.
func (s *scheduler) setReboot(at time.Time) {
	s.rebootAt = at
	s.armReboot()
}

func (s *scheduler) armReboot() {
	s.reboot.Stop()
	if s.rebootAt.IsZero() {
		return
	}
	s.reboot = s.box.After(max(s.rebootAt.Sub(s.box.Clock()), 0), func() {
		s.rebootAt = time.Time{}
		s.box.Log("DEV", 5, "SYSTEM_REBOOT", "System is rebooting now.")
		if s.box.Restart != nil {
			s.box.Restart("User reboot")
		}
	})
}

// until words how far a time is off.
func until(now, at time.Time) string {
	d := at.Sub(now)
	return fmt.Sprintf("(in %d hours and %d minutes)", int(d.Hours()), int(d.Minutes())%60)
}

func displayReboot(x *feature.Exec, _ *cli.Args) {
	s := feature.Get[*scheduler](x.Box)
	if !s.rebootAt.IsZero() {
		x.Printf("System will reboot at %s %s.\n", s.rebootAt.Format("15:04:05 01/02/2006"), until(x.Box.Clock(), s.rebootAt))
	}
}

func confirmReboot(x *feature.Exec, at time.Time) {
	x.Confirm(fmt.Sprintf("Reboot system at %s %s. Confirm? [Y/N]:", at.Format("15:04:05 01/02/2006"), until(x.Box.Clock(), at)), func(yes bool) {
		if yes {
			feature.Get[*scheduler](x.Box).setReboot(at)
		}
	})
}

func rebootAt(x *feature.Exec, a *cli.Args) {
	now := x.Box.Clock()
	at := time.Date(now.Year(), now.Month(), now.Day(), 0, a.Int("time"), 0, 0, now.Location())
	switch d := a.Int("date"); {
	case d != 0:
		at = time.Date(d/10000, time.Month(d/100%100), d%100, 0, a.Int("time"), 0, 0, now.Location())
		if !at.After(now) {
			x.Error(tooEarly)
			return
		}
	case !at.After(now):
		at = at.AddDate(0, 0, 1)
	}
	confirmReboot(x, at)
}

func rebootDelay(x *feature.Exec, a *cli.Args) {
	d, ok := hoursMinutes(a.Str("time"))
	if !ok {
		x.Error(badInterval)
		return
	}
	confirmReboot(x, x.Box.Clock().Add(d))
}

const (
	tooEarly    = "The specified time must be later than the current system time."
	badInterval = "Invalid time. Use the format HH:MM or MM."
)
