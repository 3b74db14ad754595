package feature

import (
	"strings"

	"cwlab/comware/conf"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A Refused line is one of a configuration that the device did not take.
type Refused struct {
	Line   int // counted from 1
	Text   string
	Reason string // as the device prints it

	Shown []string // what the device prints below the line
}

// Load reads a configuration file as the device does when it boots: every
// line in the view that the lines above it opened. Lines that are refused are
// returned; the rest takes effect.
func (b *Box) Load(text string) []Refused {
	return b.apply(strings.Split(text, "\n"), func(s *Shell) { s.Booting = true })
}

// Apply runs commands of the other device of a pair: the views they stand
// under, then the commands.
func (b *Box) Apply(path []string, lines ...string) []Refused {
	return b.apply(append(append([]string{}, path...), lines...), func(s *Shell) { s.Syncing = true })
}

// Revise runs commands of a rollback under the views they stand in, indented
// as the configuration prints them below those. The other device of a pair
// hears of it.
func (b *Box) Revise(path []string, lines ...string) {
	var all []string
	for i, v := range path {
		all = append(all, strings.Repeat(" ", i)+v)
	}
	b.apply(append(all, lines...), func(s *Shell) { s.Rolling = true })
}

// Rehearse reads a configuration on a box of the same model that has no
// cables, and returns what its configuration then is and which lines it
// refused.
func (b *Box) Rehearse(text string) (*conf.Tree, []Refused) {
	w := sim.New(b.World.Now(), 0, nil)
	fresh := NewBox(b.Name, b.Model, b.Image, w, link.NewNetwork(w), NewFlash())
	for _, f := range fresh.Image.Features {
		if f.Install != nil {
			f.Install(fresh)
		}
	}
	refused := fresh.Load(text)
	fresh.Stop()
	return fresh.Conf, refused
}

func (b *Box) apply(lines []string, mode func(*Shell)) []Refused {
	t := &silent{}
	s := NewShell(b, t, "")
	mode(s)
	s.Views = append(s.Views, ViewState{Name: "system"})
	b.Shells = append(b.Shells, s)
	defer s.Close()
	var refused []Refused
	var depths []int // of the lines that opened the views below the system view
	for i, line := range strings.Split(strings.Join(lines, "\n"), "\n") {
		if f := s.more; f != nil {
			s.more = nil
			f(strings.TrimRight(line, "\r"))
			continue
		}
		line = strings.TrimRight(line, "\r\n ")
		word := strings.TrimSpace(line)
		if s.Booting && word == "return" {
			break
		}
		if len(s.Views) < 2 {
			s.Views = append(s.Views[:1], ViewState{Name: "system"})
		}
		// A line that is indented no deeper than the one that opened a view
		// does not stand in it. Where nothing is indented the grammar decides.
		depth := len(line) - len(strings.TrimLeft(line, " "))
		for n := len(s.Views); (s.Booting || s.Rolling) && depth > 0 && n > 2 && n-2 <= len(depths) && depths[n-3] >= depth; n-- {
			s.Views = s.Views[:n-1]
		}
		t.out.Reset()
		before := s.Views
		if err := s.Run(line); err != nil {
			refused = append(refused, Refused{i + 1, word, strings.TrimSpace(err.Error()), err.Lines("", line)})
		} else if s.failed && word != "" && word[0] != '#' {
			why := strings.TrimSpace(t.out.String())
			refused = append(refused, Refused{i + 1, word, why, strings.Split(why, "\n")})
		}
		if n := len(s.Views) - 2; n > 0 && (len(s.Views) != len(before) || s.View().Node != before[len(before)-1].Node) {
			depths = append(depths[:min(len(depths), n-1)], depth)
		}
	}
	return refused
}

// silent is the terminal of a shell that nobody sits at.
type silent struct{ out strings.Builder }

func (t *silent) Print(text string)                  { t.out.WriteString(text) }
func (*silent) Hold(func())                          {}
func (*silent) Release()                             {}
func (*silent) Ask(_ string, _ bool, f func(string)) { f("") }
func (*silent) Logout()                              {}
func (*silent) History() []string                    { return nil }
func (*silent) SetPageLength(int)                    {}
func (*silent) SetHistorySize(int)                   {}
func (*silent) Dismiss(func())                       {}
