package infocenter

import (
	"testing"
	"time"
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
	} {
		if row.do(); got != row.want {
			t.Errorf("%s prints %q, want %q", row.name, got, row.want)
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
