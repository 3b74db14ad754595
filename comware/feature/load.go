package feature

import (
	"strings"
)

// A Refused line is one of a configuration that the device did not take.
type Refused struct {
	Line   int // counted from 1
	Text   string
	Reason string // as the device prints it
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

func (b *Box) apply(lines []string, mode func(*Shell)) []Refused {
	t := &silent{}
	s := NewShell(b, t, "")
	mode(s)
	s.Views = append(s.Views, ViewState{Name: "system"})
	b.Shells = append(b.Shells, s)
	defer s.close()
	var refused []Refused
	for i, line := range lines {
		line = strings.TrimRight(line, "\r\n ")
		word := strings.TrimSpace(line)
		if s.Booting && word == "return" {
			break
		}
		if len(s.Views) < 2 {
			s.Views = append(s.Views[:1], ViewState{Name: "system"})
		}
		t.out.Reset()
		if err := s.Run(line); err != nil {
			refused = append(refused, Refused{i + 1, word, strings.TrimSpace(err.Error())})
		} else if s.failed && word != "" && word[0] != '#' {
			refused = append(refused, Refused{i + 1, word, strings.TrimSpace(t.out.String())})
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
