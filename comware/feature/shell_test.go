package feature

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A terminal that keeps what it is told and answers questions from a list.
type paper struct {
	silent
	answers []string
	asked   []string
	stop    func()
}

func (p *paper) Ask(prompt string, _ bool, f func(string)) {
	p.asked = append(p.asked, prompt)
	a := p.answers[0]
	p.answers = p.answers[1:]
	f(a)
}
func (p *paper) Hold(stop func()) { p.stop = stop }

func testBox(t *testing.T) (*Box, *Shell, *paper) {
	t.Helper()
	img, err := NewImage(Feature{Name: "test",
		Views: []View{{"policy", "system", "Policy"}, {"rule", "policy", "Rule"}},
		Commands: []Command{
			{Views: "user", Syntax: "system-view", Help: "system-view=Enter the system view", Run: func(x *Exec, _ *cli.Args) {
				x.Enter(ViewState{Name: "system"})
			}},
			{Views: "any", Syntax: "quit", Help: "quit=Exit", Run: func(x *Exec, _ *cli.Args) { x.Quit() }},
			{Views: "any", Syntax: "display word <w:string:1-9>", Help: "display=Show;word=A word;<w>=Any", Run: func(x *Exec, a *cli.Args) {
				x.Printf("one\n%s\n", a.Str("w"))
			}},
			{Views: "system", Syntax: "sysname <name:string:1-30>", Help: "sysname=Name;<name>=Text", Run: func(x *Exec, a *cli.Args) {
				x.Node().Set(PlaceSysname, "sysname", "sysname "+a.Str("name"))
			}},
			{Views: "system", Syntax: "policy", Help: "policy=Policy", Run: func(x *Exec, _ *cli.Args) {
				x.Enter(ViewState{Name: "policy", Suffix: "policy", Node: x.Node().Open(9000, "policy", "policy")})
			}},
			{Views: "policy", Syntax: "rule <n:0-9>", Help: "rule=Rule;<n>=Number", Run: func(x *Exec, a *cli.Args) {
				n := "rule " + a.Str("n")
				x.Enter(ViewState{Name: "rule", Suffix: "policy-" + a.Str("n"), Node: x.Node().Open(0, n, n)})
			}},
			{Views: "rule", Syntax: "action pass", Help: "action=Action;pass=Pass", Run: func(x *Exec, _ *cli.Args) {
				x.Node().Set(0, "action", "action pass")
			}},
			{Views: "user", Syntax: "wipe", Help: "wipe=Wipe", Run: func(x *Exec, _ *cli.Args) {
				x.Confirm("Sure? [Y/N]:", func(yes bool) { x.Printf("%v\n", yes) })
			}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), 1, nil)
	b := NewBox("A", &Model{Name: "X"}, img, w, link.NewNetwork(w), NewFlash())
	p := &paper{}
	return b, NewShell(b, p, "con0"), p
}

func TestViewsPromptsAndErrors(t *testing.T) {
	_, s, p := testBox(t)
	for _, row := range []struct{ line, prompt, prints string }{
		{"policy", "<H3C>", "     ^\n % Unrecognized command found at '^' position.\n"},
		{"system-view", "[H3C]", ""},
		{"pol", "[H3C-policy]", ""},
		{"rule 1", "[H3C-policy-1]", ""},
		{"rule 2", "[H3C-policy-2]", ""}, // from the view above
		{"sysname FW", "[FW-policy-2]", ""},
		{"quit", "[FW-policy]", ""},
		{"display word two | include t", "[FW-policy]", "two\n"},
		{"display word two > flash:/f", "[FW-policy]", ""},
	} {
		p.out.Reset()
		s.Execute(row.line)
		if got := s.Prompt(); got != row.prompt {
			t.Errorf("after %q the prompt is %q, want %q", row.line, got, row.prompt)
		}
		if got := p.out.String(); got != row.prints {
			t.Errorf("%q printed %q, want %q", row.line, got, row.prints)
		}
	}
	if f, _ := s.Box.Flash.Read("f"); f.Data != "one\ntwo\n" {
		t.Errorf("the redirected output is %q", f.Data)
	}
	s.Return()
	s.Box.PromptPrefix = func() string { return "P" }
	if s.Published = true; s.Prompt() != "P@FW>" {
		t.Errorf("the published prompt is %q", s.Prompt())
	}
}

func TestConfirmAsksUntilAnswered(t *testing.T) {
	_, s, p := testBox(t)
	p.answers = []string{"", "what", "Y"}
	s.Execute("wipe")
	if got := p.out.String(); got != "true\n" || len(p.asked) != 3 || !strings.HasPrefix(p.asked[1], "Before pressing ENTER") {
		t.Errorf("printed %q after asking %q", got, p.asked)
	}
}

func TestLoadApplyAndEvents(t *testing.T) {
	b, _, _ := testBox(t)
	var events []ConfigEvent
	b.OnConfig(func(e ConfigEvent) { events = append(events, e) })
	text := "#\n sysname FW\n#\npolicy\n rule 1\n  action pass\n rule 2\n  bogus\n#\nreturn\n sysname late\n"
	refused := b.Load(text)
	if len(refused) != 1 || refused[0].Line != 8 || refused[0].Text != "bogus" || !strings.Contains(refused[0].Reason, "Unrecognized") {
		t.Errorf("refused %+v, want line 8", refused)
	}
	want := []string{"#", " sysname FW", "#", "policy", " rule 1", "  action pass", " rule 2", "#", "return"}
	if got := b.Conf.Lines(); !slices.Equal(got, want) {
		t.Errorf("configuration is %q, want %q", got, want)
	}
	if len(events) != 0 {
		t.Error("the startup file made events")
	}
	b.Apply([]string{"policy", "rule 2"}, "action pass")
	if len(events) != 1 || !events[0].Sync || events[0].Line != "action pass" || !slices.Equal(events[0].Path, []string{"policy", "rule 2"}) {
		t.Errorf("events are %+v", events)
	}
}

func TestDropLeavesTheViewsOfTheLine(t *testing.T) {
	b, s, _ := testBox(t)
	b.Shells = append(b.Shells, s)
	for _, line := range []string{"system-view", "policy", "rule 1"} {
		s.Execute(line)
	}
	b.Drop(nil)
	if got := s.Prompt(); got != "[H3C-policy-1]" {
		t.Errorf("dropping no line led to %s", got)
	}
	b.Drop(b.Conf.Root().Child("policy"))
	if got := s.Prompt(); got != "[H3C]" {
		t.Errorf("dropping the policy led to %s", got)
	}
}
