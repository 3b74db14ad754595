package system

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A plan is when a schedule runs, in the time that the device shows.
type plan struct {
	text  string        // as configured, without the keyword `time`
	once  bool          // not again once it has run
	at    time.Duration // since midnight
	clock bool          // at counts
	date  time.Time     // the day it runs or begins, the zero time for none
	day   int           // of the month, 0 for every one
	last  bool          // the last of the month
	days  []time.Weekday
	every time.Duration // interval, or the delay of a plan that runs once
	from  time.Time     // when it was given
}

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// readPlan reads a line that a time command has written.
func readPlan(line string, now time.Time) plan {
	f := strings.Fields(line)[1:]
	p := plan{text: strings.Join(f, " "), from: now}
	for i := 0; i < len(f); i++ {
		switch f[i] {
		case "once":
			p.once = true
		case "at":
			i++
			p.clock = true
			p.at, _ = hoursMinutes(f[i])
		case "delay", "interval":
			i++
			p.every, _ = hoursMinutes(f[i])
		case "month-date":
			i++
			p.day, _ = strconv.Atoi(f[i])
			p.last = f[i] == "last"
		default:
			if d := slices.Index(weekdays, f[i]); d >= 0 {
				p.days = append(p.days, time.Weekday(d))
			} else if t, err := time.ParseInLocation("2006/01/02", f[i], now.Location()); err == nil {
				p.date = t
			}
		}
	}
	if strings.HasPrefix(p.text, "at ") {
		p.once = true
	}
	return p
}

// hoursMinutes reads HH:MM or MM.
func hoursMinutes(s string) (time.Duration, bool) {
	h, m, two := strings.Cut(s, ":")
	if !two {
		h, m = "0", h
	}
	hours, err1 := strconv.ParseUint(h, 10, 32)
	minutes, err2 := strconv.ParseUint(m, 10, 32)
	if err1 != nil || err2 != nil || two && minutes > 59 {
		return 0, false
	}
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute, true
}

// next is the first time of the plan after t; ok is false if there is none.
func (p *plan) next(t time.Time) (at time.Time, ok bool) {
	if p.every > 0 {
		return p.step(t)
	}
	if !p.date.IsZero() {
		at = p.date.Add(p.at)
		return at, at.After(t)
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	// four years hold every day of a month and of a week
	for i := range 4*366 + 1 {
		day := midnight.AddDate(0, 0, i)
		if at = day.Add(p.at); at.After(t) && p.on(day) {
			return at, true
		}
	}
	return time.Time{}, false
}

// step is the next time of a plan with an interval.
func (p *plan) step(t time.Time) (time.Time, bool) {
	first := p.from.Add(p.every)
	switch {
	case !p.date.IsZero():
		first = p.date.Add(p.at)
	case p.clock:
		day := time.Date(p.from.Year(), p.from.Month(), p.from.Day(), 0, 0, 0, 0, p.from.Location())
		if first = day.Add(p.at); !first.After(p.from) {
			first = first.AddDate(0, 0, 1)
		}
	}
	if first.After(t) {
		return first, true
	}
	if p.once {
		return time.Time{}, false
	}
	return first.Add((t.Sub(first)/p.every + 1) * p.every), true
}

// on says whether the plan runs on that day.
func (p *plan) on(day time.Time) bool {
	switch {
	case p.last:
		return day.AddDate(0, 0, 1).Day() == 1
	case p.day > 0:
		return day.Day() == p.day
	case len(p.days) > 0:
		return slices.Contains(p.days, day.Weekday())
	}
	return true
}

// kind words the plan as display scheduler schedule does.
func (p *plan) kind() string {
	clock := fmt.Sprintf("%02d:%02d", int(p.at.Hours()), int(p.at.Minutes())%60)
	on := ""
	switch {
	case p.last:
		on = " on the last day of the month"
	case p.day > 0:
		on = fmt.Sprintf(" on day %d of the month", p.day)
	case len(p.days) > 0:
		var names []string
		for _, d := range p.days {
			names = append(names, weekdays[d])
		}
		on = " on " + strings.Join(names, " ")
	case !p.date.IsZero():
		on = " on " + p.date.Format("01/02/2006")
	}
	hours, minutes := int(p.every.Hours()), int(p.every.Minutes())%60
	switch {
	case p.once && p.every > 0:
		return fmt.Sprintf("Run once after %d hours %d minutes", hours, minutes)
	case p.once:
		return "Run once at " + clock + on
	case p.every > 0:
		return fmt.Sprintf("Run every %d hours %d minutes", hours, minutes)
	case on == "":
		return "Run every day at " + clock
	}
	return "Run at " + clock + on
}
