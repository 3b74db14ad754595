package acl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// A TimeRange is a named stretch of time: the periods of the week, if it has
// any, within the absolute ones, if it has any.
type TimeRange struct {
	Name     string
	periods  []period
	absolute []absolute
	parts    []part // in the order they were given
}

// A period is a part of some days of the week, in minutes of the day; the end
// does not belong to it.
type period struct {
	from, to int
	days     [7]bool // Sunday first
}

// An absolute stretch of device time; the end does not belong to it.
type absolute struct{ from, to time.Time }

// A part is one line of the configuration.
type part struct {
	text string
	p    *period
	a    *absolute
}

var (
	dayWords   = [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	earliest   = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest     = time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC)
	minuteTick = time.Minute
)

func (p *period) covers(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	return p.days[t.Weekday()] && p.from <= m && m < p.to
}

// Active says whether the time has come.
func (r *TimeRange) Active(t time.Time) bool {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	weekly := len(r.periods) == 0 || slices.ContainsFunc(r.periods, func(p period) bool { return p.covers(wall) })
	dated := len(r.absolute) == 0 || slices.ContainsFunc(r.absolute, func(a absolute) bool { return !wall.Before(a.from) && wall.Before(a.to) })
	return weekly && dated
}

// TimeRange is the time range of that name, nil for none.
func (s *Lists) TimeRange(name string) *TimeRange {
	if s == nil {
		return nil
	}
	for _, r := range s.ranges {
		if strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// active says whether a time range holds now; one that is not there does not.
func (s *Lists) active(name string) bool {
	r := s.TimeRange(name)
	return r != nil && r.Active(s.box.Clock())
}

// Active says whether a time range of a box holds now.
func Active(b *feature.Box, name string) bool { return feature.Get[*Lists](b).active(name) }

// OnFlip calls f when a time range begins or ends to hold.
func (s *Lists) OnFlip(f func()) { s.onFlip = append(s.onFlip, f) }

func (s *Lists) flipped() {
	s.held = s.states()
	for _, f := range s.onFlip {
		f()
	}
}

// watch looks at the clock on every minute as long as there are time ranges.
func (s *Lists) watch() {
	wait := minuteTick - s.box.Clock().Sub(s.box.Clock().Truncate(minuteTick))
	s.box.After(wait, func() {
		if !slices.Equal(s.held, s.states()) {
			s.flipped()
		}
		if len(s.ranges) > 0 {
			s.watch()
		}
	})
}

func (s *Lists) states() []bool {
	var all []bool
	for _, r := range s.ranges {
		all = append(all, r.Active(s.box.Clock()))
	}
	return all
}

const (
	day       = "{ sun | mon | tue | wed | thu | fri | sat | working-day | off-day | daily | <day:0-6> } &<1-7>"
	until     = "to <time2:minute> <date2:date>"
	dated     = "from <time1:minute> <date1:date>"
	someRange = "<start:minute> to <end:minute> " + day + " [ " + dated + " [ " + until + " ] | " + until + " ] | " + dated + " [ " + until + " ] | " + until
	rangeName = "<range:string:1-32>"
)

var rangeCommands = []feature.Command{
	texts.Command("system", "time-range "+rangeName+" { "+someRange+" }", setRange),
	texts.Command("system", "undo time-range "+rangeName+" [ "+someRange+" ]", undoRange),
	texts.Command("any", "display time-range { all | "+rangeName+" }", displayRange),
}

func clockText(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// readRange is the part of a command; why is what is wrong with it.
func readRange(a *cli.Args) (p part, why string) {
	var words []string
	if a.Has("start") {
		from, to := a.Int("start"), a.Int("end")
		if to <= from {
			return p, "The end time must be later than the start time."
		}
		p.p = &period{from: from, to: to}
		for _, g := range a.All() {
			switch {
			case !g.Keyword && g.Token == "day":
				p.p.days[g.Number] = true
			case g.Keyword && g.Token == "daily":
				p.p.days = [7]bool{true, true, true, true, true, true, true}
			case g.Keyword && g.Token == "working-day":
				p.p.days[1], p.p.days[2], p.p.days[3], p.p.days[4], p.p.days[5] = true, true, true, true, true
			case g.Keyword && g.Token == "off-day":
				p.p.days[0], p.p.days[6] = true, true
			case g.Keyword:
				for d, w := range dayWords {
					if strings.EqualFold(w, g.Token) {
						p.p.days[d] = true
					}
				}
			}
		}
		words = append(words, clockText(from)+" to "+clockText(to)+" "+days(p.p.days))
	}
	if a.Has("date1") || a.Has("date2") {
		p.a = &absolute{earliest, latest}
		for i, to := range []*time.Time{&p.a.from, &p.a.to} {
			n := strconv.Itoa(i + 1)
			if !a.Has("date" + n) {
				continue
			}
			m := a.Int("time" + n)
			if m == 24*60 && i == 0 {
				return p, "Invalid time."
			}
			d := dateOf(a, "date"+n)
			*to = d.Add(time.Duration(m) * time.Minute)
			words = append(words, fmt.Sprintf("%s %s %02d/%02d/%04d", [...]string{"from", "to"}[i], clockText(m), d.Month(), d.Day(), d.Year()))
		}
		if !p.a.from.Before(p.a.to) {
			return p, "The end time must be later than the start time."
		}
	}
	p.text = strings.Join(words, " ")
	return p, ""
}

func dateOf(a *cli.Args, token string) time.Time {
	n := a.Int(token)
	return time.Date(n/10000, time.Month(n/100%100), n%100, 0, 0, 0, 0, time.UTC)
}

// days words some days of the week as the device does.
func days(d [7]bool) string {
	work, off := d[1] && d[2] && d[3] && d[4] && d[5], d[0] && d[6]
	switch {
	case work && off:
		return "daily"
	case work && !d[0] && !d[6]:
		return "working-day"
	case off && !d[1] && !d[2] && !d[3] && !d[4] && !d[5]:
		return "off-day"
	}
	var words []string
	for i, on := range d {
		if on {
			words = append(words, dayWords[i])
		}
	}
	return strings.Join(words, " ")
}

const placeRange = feature.PlaceACL - 10

func rangeKey(name, text string) string { return "time-range " + strings.ToLower(name) + " " + text }

func setRange(x *feature.Exec, a *cli.Args) {
	s, name := lists(x), a.Str("range")
	if !letter(name) || strings.EqualFold(name, "all") {
		x.Error("The time range name must begin with a letter.")
		return
	}
	p, why := readRange(a)
	if why != "" {
		x.Error(why)
		return
	}
	r := s.TimeRange(name)
	if r == nil {
		r = &TimeRange{Name: name}
		s.ranges = append(s.ranges, r)
		slices.SortFunc(s.ranges, func(a, b *TimeRange) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
		if len(s.ranges) == 1 {
			s.watch()
		}
	}
	if !slices.ContainsFunc(r.parts, func(o part) bool { return o.text == p.text }) {
		r.parts = append(r.parts, p)
	}
	r.rebuild()
	x.Node().Set(placeRange, rangeKey(name, p.text), "time-range "+cli.Quote(r.Name)+" "+p.text)
	s.flipped()
}

func (r *TimeRange) rebuild() {
	r.periods, r.absolute = nil, nil
	for _, p := range r.parts {
		if p.p != nil {
			r.periods = append(r.periods, *p.p)
		}
		if p.a != nil {
			r.absolute = append(r.absolute, *p.a)
		}
	}
}

func undoRange(x *feature.Exec, a *cli.Args) {
	s, name := lists(x), a.Str("range")
	r := s.TimeRange(name)
	if r == nil {
		x.Error("The time range does not exist.")
		return
	}
	one := a.Has("start") || a.Has("date1") || a.Has("date2")
	p, why := readRange(a)
	if why != "" {
		x.Error(why)
		return
	}
	r.parts = slices.DeleteFunc(r.parts, func(o part) bool {
		if gone := !one || o.text == p.text; !gone {
			return false
		}
		x.Node().Remove(rangeKey(name, o.text))
		return true
	})
	r.rebuild()
	if len(r.parts) == 0 {
		s.ranges = slices.DeleteFunc(s.ranges, func(o *TimeRange) bool { return o == r })
	}
	s.flipped()
}

func displayRange(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	now := x.Box.Clock()
	shown := s.ranges
	if !a.Has("all") {
		r := s.TimeRange(a.Str("range"))
		if r == nil {
			x.Error("The time range does not exist.")
			return
		}
		shown = []*TimeRange{r}
	}
	x.Printf("Current time is %s\n", now.Format("15:04:05 1/2/2006 Monday"))
	for _, r := range shown {
		state := "Inactive"
		if r.Active(now) {
			state = "Active"
		}
		x.Printf("\nTime-range : %s (%s)\n", r.Name, state)
		for _, p := range r.periods {
			x.Printf(" %s to %s %s\n", clockText(p.from), clockText(p.to), days(p.days))
		}
		for _, p := range r.absolute {
			x.Printf(" from %s to %s\n", moment(p.from), moment(p.to))
		}
	}
}

func moment(t time.Time) string { return t.Format("15:04 1/2/2006") }
