package infocenter

import (
	"strings"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

func center() *Center {
	at := time.Date(2021, 3, 4, 5, 6, 7, 8e6, time.UTC)
	return New(func() time.Time { return at }, func() string { return "FW" }, "-Context=1;")
}

func TestForms(t *testing.T) {
	c := center()
	var got string
	c.Subscribe(func(r Record) { got = r.String() })
	for _, row := range []struct {
		name string
		do   func()
		want string
	}{
		{"a log", func() { c.Log("IFNET", 3, "PHY_UPDOWN", "x.") }, "%Mar  4 05:06:07:008 2021 FW IFNET/3/PHY_UPDOWN: -Context=1; x.\n"},
		{"a log on lines of its own", func() { c.Log("M", 6, "N", "\nx.\n") }, "%Mar  4 05:06:07:008 2021 FW M/6/N: -Context=1;\nx.\n\n"},
		{"a trace", func() { c.Debug("M", "EVENT", "x.") }, "*Mar  4 05:06:07:008 2021 FW M/7/EVENT: -Context=1; x.\n"},
		{"without a tag", func() { c.Tag = ""; c.Log("M", 6, "N", "x.") }, "%Mar  4 05:06:07:008 2021 FW M/6/N: x.\n"},
		{"the time since boot", func() {
			c.Format, c.Boot = SinceBoot, c.Now().Add(-(1<<32+7)*time.Millisecond)
			c.Log("M", 6, "N", "x.")
		}, "%1.7 FW M/6/N: x.\n"},
		{"no time", func() { c.Format = None; c.Log("M", 6, "N", "x.") }, "%FW M/6/N: x.\n"},
	} {
		if row.do(); got != row.want {
			t.Errorf("%s prints %q, want %q", row.name, got, row.want)
		}
	}
}

func TestSyslog(t *testing.T) {
	c := center()
	c.Log("SHELL", 5, "N", "x.")
	for f, want := range map[Format]string{
		Date: "<189>Mar  4 05:06:07 2021 FW %%10SHELL/5/N: -Context=1; x.", ISO: "<189>2021-03-04T05:06:07 FW %%10SHELL/5/N: -Context=1; x.",
		NoYear: "<189>Mar  4 05:06:07 FW %%10SHELL/5/N: -Context=1; x.", None: "<189>FW %%10SHELL/5/N: -Context=1; x.",
	} {
		if got := string(c.Buffer()[0].Syslog(23, f)); got != want {
			t.Errorf("%v: a log host gets %q, want %q", f, got, want)
		}
	}
}

func TestBuffer(t *testing.T) {
	c := center()
	c.Size = 2
	shown := 0
	o := c.Subscribe(func(Record) { shown++ })
	c.Log("M", 6, "A", "")
	c.Debug("M", "B", "")
	c.Record("M", 6, "C", "")
	c.Log("M", 6, "D", "")
	if shown != 3 {
		t.Errorf("the terminal got %d records, want 3: a command record is not shown", shown)
	}
	if b := c.Buffer(); len(b) != 2 || b[0].Mnemonic != "C" || b[1].Mnemonic != "D" || c.Overwritten != 1 {
		t.Errorf("the buffer is %v, overwritten %d, want C and D and 1", b, c.Overwritten)
	}
	o.Close()
	c.Log("M", 6, "E", "")
	if shown != 3 {
		t.Error("a closed output was written")
	}
	c.Enabled = false
	c.Log("M", 6, "F", "")
	if c.Buffer()[1].Mnemonic != "E" {
		t.Error("a disabled center kept a log")
	}
}

// TestRules gives what each channel gets of one log of severity 5, one of 6 and
// one trace of module M.
func TestRules(t *testing.T) {
	for _, row := range []struct {
		name string
		set  func(*Center)
		want [5]string // by channel
	}{
		{"defaults", func(*Center) {}, [5]string{"567", "567", "56", "56", "56"}},
		{"a level for all", func(c *Center) { c.SetRule("default", Console, 5) }, [5]string{"5", "567", "56", "56", "56"}},
		{"nothing at the host", func(c *Center) { c.SetRule("default", Loghost, Deny) }, [5]string{"567", "567", "56", "56", ""}},
		{"a module beats the default", func(c *Center) {
			c.SetRule("default", Logbuffer, Deny)
			c.SetRule("m", Logbuffer, 7)
		}, [5]string{"567", "567", "567", "56", "56"}},
		{"the default is back", func(c *Center) {
			c.SetRule("M", Monitor, Deny)
			c.RemoveRule("m", Monitor)
		}, [5]string{"567", "567", "56", "56", "56"}},
		{"a muted mnemonic", func(c *Center) { c.SetMute(Mute{"m", "SIX"}, true) }, [5]string{"57", "57", "5", "5", "5"}},
		{"a muted module", func(c *Center) { c.SetMute(Mute{"M", ""}, true) }, [5]string{"7", "7", "", "", ""}},
		{"heard again", func(c *Center) {
			c.SetMute(Mute{"M", ""}, true)
			c.SetMute(Mute{"M", ""}, false)
		}, [5]string{"567", "567", "56", "56", "56"}},
	} {
		c := center()
		row.set(c)
		var got [5]string
		for ch := Console; ch <= Loghost; ch++ {
			if ch != Logbuffer {
				c.Listen(ch, func(r Record) { got[ch] += string(rune('0' + r.Severity)) })
			}
		}
		c.Log("M", 5, "FIVE", "")
		c.Log("M", 6, "SIX", "")
		c.Debug("M", "TRACE", "")
		for _, r := range c.Buffer() {
			got[Logbuffer] += string(rune('0' + r.Severity))
		}
		if got != row.want {
			t.Errorf("%s: console, monitor, buffer, file and host get %q, want %q", row.name, got, row.want)
		}
	}
}

func TestDuplicatesAreHeldBack(t *testing.T) {
	w := sim.New(time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC), 1, nil)
	c := New(w.Now, func() string { return "FW" }, "")
	c.After = func(d time.Duration, f func()) func() {
		timer := w.After(d, f)
		return func() { timer.Stop() }
	}
	var got strings.Builder
	c.Subscribe(func(r Record) { got.WriteString(r.String()) })
	c.SetSuppress(true)
	pass := func(d time.Duration) { w.RunUntil(w.Now().Add(d)) }
	for range 5 {
		c.Log("ARP", 6, "DUP", "x.")
		c.Record("SHELL", 6, "CMD", "hidden") // no terminal sees it come between
		pass(time.Second)
	}
	pass(25 * time.Second)
	c.Log("ARP", 6, "DUP", "x.")
	pass(time.Second)
	c.Log("ARP", 6, "OTHER", "y.")
	pass(time.Minute)
	c.Log("ARP", 6, "OTHER", "y.") // not repeated in its period: new
	want := `%Mar  4 05:06:07:000 2021 FW ARP/6/DUP: x.
%Mar  4 05:06:37:000 2021 FW ARP/6/DUP: x.
 This message repeated 4 times in last 30 seconds.
%Mar  4 05:06:38:000 2021 FW ARP/6/DUP: x.
 This message repeated 1 times in last 1 second.
%Mar  4 05:06:38:000 2021 FW ARP/6/OTHER: y.
%Mar  4 05:07:38:000 2021 FW ARP/6/OTHER: y.
`
	if got.String() != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got.String(), want)
	}
	got.Reset()
	c.Log("ARP", 6, "OTHER", "y.")
	pass(30 * time.Second)
	c.Log("ARP", 6, "OTHER", "y.")
	pass(2 * time.Minute)
	if got := got.String(); !strings.Contains(got, "repeated 1 times in last 30 seconds") || !strings.Contains(got, "repeated 1 times in last 2 minutes") {
		t.Errorf("the periods are\n%s\nwant 30 seconds, then 2 minutes", got)
	}
	c.SetSuppress(false)
	n := len(c.Buffer())
	c.Log("A", 6, "B", "")
	c.Log("A", 6, "B", "")
	if len(c.Buffer()) != n+2 {
		t.Error("duplicates are held back after undo")
	}
}
