package track

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

type host struct {
	*sim.World
	events []string
}

func (h *host) Emit(ev Event) {
	h.events = append(h.events, fmt.Sprintf("%d %d %v-%v %s %v", ev.Kind, ev.ID, ev.From, ev.To, ev.App, ev.Delay))
}

func bench() (*Engine, *host) {
	h := &host{World: sim.New(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), 1, nil)}
	return New(h), h
}

func (h *host) run(d time.Duration) { h.RunUntil(h.Now().Add(d)) }

func TestChangesAreToldAfterTheirDelay(t *testing.T) {
	e, h := bench()
	e.Add(1)
	e.SetDelay(1, 0, 3*time.Second)
	var told []State
	stop := e.Watch(1, "VRRP", func(s State) { told = append(told, s) })
	want := func(why string, states ...State) {
		t.Helper()
		if !slices.Equal(told, states) {
			t.Errorf("%s: told %v, want %v", why, told, states)
		}
	}
	want("at once", NotReady)
	e.Set(1, Positive)
	want("without a delay", NotReady, Positive)
	e.Set(1, Negative)
	h.run(2 * time.Second)
	want("before the delay is over", NotReady, Positive)
	if e.Entry(1).State() != Negative || e.State(1) != Positive {
		t.Errorf("the entry is %v and said to be %v, want Negative and Positive", e.Entry(1).State(), e.State(1))
	}
	e.Set(1, Positive)
	h.run(time.Minute)
	want("back before the delay was over", NotReady, Positive)
	e.Set(1, Negative)
	h.run(3 * time.Second)
	want("after the delay", NotReady, Positive, Negative)
	e.Remove(1)
	want("removed", NotReady, Positive, Negative, NotReady)
	stop()
	e.Add(1)
	e.Set(1, Positive)
	want("nobody watches", NotReady, Positive, Negative, NotReady)
}

func TestEvents(t *testing.T) {
	e, h := bench()
	e.Add(7)
	e.SetDelay(7, 2*time.Second, 0)
	stop := e.Watch(7, "RBM", func(State) {})
	e.Set(7, Positive)
	e.Set(7, Negative)
	e.Set(7, Positive)
	h.run(2 * time.Second)
	stop()
	want := []string{
		"1 7 NotReady-NotReady RBM 0s", "3 7 NotReady-NotReady RBM 0s",
		"0 7 NotReady-Positive  0s", "4 7 NotReady-Positive  2s",
		"0 7 Positive-Negative  0s", "6 7 NotReady-NotReady  0s", "3 7 NotReady-Negative RBM 0s",
		"0 7 Negative-Positive  0s", "4 7 NotReady-Positive  2s",
		"5 7 NotReady-NotReady  0s", "3 7 NotReady-Positive RBM 0s",
		"2 7 NotReady-NotReady RBM 0s",
	}
	if !slices.Equal(h.events, want) {
		t.Errorf("events\n%q\nwant\n%q", h.events, want)
	}
}

func TestLists(t *testing.T) {
	for _, row := range []struct {
		or, not bool
		a, b    State
		want    State
	}{
		{a: Positive, b: Positive, want: Positive},
		{a: Positive, b: Negative, want: Negative},
		{a: NotReady, b: Negative, want: Negative},
		{a: Positive, b: NotReady, want: NotReady},
		{or: true, a: Negative, b: Positive, want: Positive},
		{or: true, a: Negative, b: Negative, want: Negative},
		{or: true, a: Negative, b: NotReady, want: NotReady},
		{or: true, a: NotReady, b: Positive, want: Positive},
		{not: true, a: Positive, b: Negative, want: Positive},
		{not: true, a: Positive, b: Positive, want: Negative},
		{not: true, a: Positive, b: NotReady, want: NotReady},
	} {
		e, _ := bench()
		e.Add(1)
		e.Add(2)
		kind := And
		if row.or {
			kind = Or
		}
		e.SetList(3, List{Kind: kind, Members: []Member{{ID: 1}, {ID: 2, Not: row.not}}})
		e.Set(1, row.a)
		e.Set(2, row.b)
		if got := e.State(3); got != row.want {
			t.Errorf("or %v, not %v, members %v and %v: list is %v, want %v", row.or, row.not, row.a, row.b, got, row.want)
		}
	}
}

func TestListsWithThresholds(t *testing.T) {
	members := []Member{{ID: 1, Weight: 10}, {ID: 2, Weight: 20}, {ID: 3, Weight: 30}, {ID: 4, Weight: 40}}
	for _, kind := range []ListKind{Percentage, Weight} {
		e, _ := bench()
		for id := 1; id <= 4; id++ {
			e.Add(id)
			e.Set(id, Negative)
		}
		e.SetList(9, List{Kind: kind, Members: members, Positive: 70, Negative: 30})
		for _, row := range []struct {
			set        int
			to         State
			percentage State
			weight     State
		}{
			{4, Positive, Negative, Negative}, // 25 %, 40 of 100: below, and between as it was
			{3, Positive, Negative, Positive}, // 50 %, 70
			{2, Positive, Positive, Positive}, // 75 %, 90
			{4, NotReady, Positive, Positive}, // 50 %, 50: as it was
			{3, Negative, Negative, Negative}, // 25 %, 20
		} {
			e.Set(row.set, row.to)
			want := row.percentage
			if kind == Weight {
				want = row.weight
			}
			if got := e.State(9); got != want {
				t.Errorf("kind %d, entry %d %v: list is %v, want %v", kind, row.set, row.to, got, want)
			}
		}
	}
}

func TestListsOfLists(t *testing.T) {
	e, _ := bench()
	e.SetList(2, List{Members: []Member{{ID: 1}}})
	e.SetList(3, List{Members: []Member{{ID: 2}}})
	if !e.Leads(3, 1) || e.Leads(1, 3) {
		t.Error("list 3 follows from entry 1 and not the other way round")
	}
	e.Add(1)
	e.Set(1, Negative)
	if e.State(3) != Negative {
		t.Errorf("list 3 is %v, want Negative", e.State(3))
	}
	e.Remove(1)
	if e.State(3) != NotReady {
		t.Errorf("without entry 1 list 3 is %v, want NotReady", e.State(3))
	}
}

func TestStopEndsDelays(t *testing.T) {
	e, h := bench()
	e.SetDelay(1, time.Second, 0)
	e.Set(1, Positive)
	e.Stop()
	h.run(time.Minute)
	if e.State(1) != NotReady {
		t.Error("a stopped engine told a change")
	}
}
