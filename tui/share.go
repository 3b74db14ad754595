package tui

import (
	"context"
	"errors"
	"io"

	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/lab"
	"cwlab/tui/words"
)

// Shared is a live lab that several screens look at, each with a focus, a size
// and a scroll position of its own. Its pace is not theirs to change.
type Shared struct {
	lab  *lab.Lab
	ring *ring
}

// Share prepares a lab that is not live yet for screens.
func Share(l *lab.Lab) *Shared { return &Shared{l, newRing(l)} }

// A Desk is where one of several people types. One at a time types at a
// console; its methods do not wait for the world, but for Resize, and may be
// called from any goroutine.
type Desk interface {
	// Type types, or says whose turn it is.
	Type(device string, b []byte) (who string)
	// Typist is who else types at a console, "" for nobody.
	Typist(device string) string
	// Resize tells the size of a console on this person's screen, in cells.
	Resize(device string, w, h int)
}

// A Guest is somebody at a terminal that is not the program's own.
type Guest struct {
	In     io.Reader // an error of it ends the visit
	Out    io.Writer
	Sizes  <-chan [2]int // width and height in cells, the first at once
	Colour bool
	Lang   words.Lang
	Focus  string // the device to begin with, "" for the first
	Desk   Desk
}

// Visit shows a shared lab to a guest until he leaves, his input ends or ctx is
// done. The error is a mistake of the program.
func (s *Shared) Visit(ctx context.Context, g Guest) error {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	m := &painted{Model: New(ctx, nil, newStyles(g.Colour), g.Lang), painter: &painter{out: g.Out}}
	first := opened{lab: s.lab, name: s.lab.Definition().Name, shared: s, desk: g.Desk, focus: g.Focus}
	m.begin = func() tea.Msg { return first }
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(&leaving{g.In, leave}), tea.WithOutput(io.Discard), tea.WithFPS(1), tea.WithoutSignalHandler())
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case size := <-g.Sizes:
				p.Send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			}
		}
	}()
	_, err := p.Run()
	m.painter.leave()
	m.close()
	switch {
	case m.broke != nil:
		return m.broke
	case errors.Is(err, tea.ErrProgramPanic):
		return err
	}
	return nil
}

// A leaving reader says when it has ended, which a program does not ask.
type leaving struct {
	io.Reader
	leave func()
}

func (r *leaving) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil {
		r.leave()
	}
	return n, err
}
