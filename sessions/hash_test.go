package sessions

import (
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// A hash changes with all that a lab does, and with nothing that it says.
func TestHash(t *testing.T) {
	def := func(change func(*lab.Definition)) string {
		d := &lab.Definition{Name: "a", Title: "t", Start: time.Unix(1, 0), Devices: []lab.DeviceSpec{{Name: "A", Model: "F1060", Config: "#\n"}},
			Links: []lab.LinkSpec{{Name: "l", Latency: 1}}, Tape: map[string]string{"A b 1": "1", "A b 2": "2"}}
		change(d)
		return Hash(d)
	}
	same := def(func(*lab.Definition) {})
	for name, change := range map[string]func(*lab.Definition){
		"configuration": func(d *lab.Definition) { d.Devices[0].Config += "return\n" },
		"model":         func(d *lab.Definition) { d.Devices[0].Model = "F1090" },
		"cable":         func(d *lab.Definition) { d.Links[0].Latency = 2 },
		"start":         func(d *lab.Definition) { d.Start = d.Start.Add(1) },
		"style":         func(d *lab.Definition) { d.Console = lab.StylePublished },
		"tape":          func(d *lab.Definition) { d.Tape["A b 1"] = "3" },
	} {
		if def(change) == same {
			t.Errorf("another %s has the same hash", name)
		}
	}
	for name, change := range map[string]func(*lab.Definition){
		"name":  func(d *lab.Definition) { d.Name = "b" },
		"title": func(d *lab.Definition) { d.Title = "b" },
		"zone":  func(d *lab.Definition) { d.Start = d.Start.In(time.FixedZone("x", 3600)) },
	} {
		if def(change) != same {
			t.Errorf("another %s has another hash", name)
		}
	}
}
