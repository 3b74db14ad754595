package device

import (
	"reflect"
	"strings"
	"testing"

	"cwlab/comware/feature"
)

// TestConfigOnlyCommandsOnlyConfigure runs a line of every command that is
// tagged config-only on a device at work: no engine, session or clock notices.
func TestConfigOnlyCommandsOnlyConfigure(t *testing.T) {
	d := bare(t, "interface GigabitEthernet1/0/1\n ip address 10.0.0.1 24\n vrrp vrid 1 virtual-ip 10.0.0.254\n#\nreturn\n")
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	root := d.box.Conf.Root()
	s := feature.NewShell(d.box, d.con.shell.Term, "con0")
	s.Syncing = true // nobody sits there
	before := d.Snapshot()
	logs := len(d.box.Info.Buffer())
	events := d.world.Events()
	next, _ := d.world.Next()
	tried := 0
	for _, c := range g.Commands() {
		if c.Data.(*feature.Command).Tag() != feature.ConfigOnly || strings.HasPrefix(c.Syntax, "undo ") {
			continue
		}
		for _, sample := range g.Samples(c) {
			tried++
			s.Views = []feature.ViewState{{Name: "user"}, {Name: "system"}}
			if sample.View != "system" {
				s.Views = append(s.Views, feature.ViewState{Name: sample.View, Suffix: "GigabitEthernet1/0/1", Node: root.Open(1, "view", "view")})
			}
			if err := s.Run(sample.Line); err != nil {
				t.Errorf("view %s: %q is refused: %v", sample.View, sample.Line, err)
			}
			if at, _ := d.world.Next(); at != next || d.world.Events() != events {
				t.Fatalf("view %s: %q made something happen", sample.View, sample.Line)
			}
			root.Remove("view")
		}
	}
	if after := d.Snapshot(); !reflect.DeepEqual(after, before) {
		t.Errorf("the engines were\n%+v\nand are\n%+v", before, after)
	}
	if n := len(d.box.Info.Buffer()); n != logs {
		t.Errorf("%d logs were written", n-logs)
	}
	if tried < 3000 {
		t.Errorf("%d lines were tried", tried)
	}
}
