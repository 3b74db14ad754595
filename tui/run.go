package tui

import (
	"context"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	_ "cwlab/tui/background" // before bubbletea, see there
	"cwlab/tui/words"
)

// ErrNoTerminal is a standard input or output that is no terminal.
var ErrNoTerminal = words.Errorf("the full screen needs a terminal on standard input and output")

// Options are what a run of the screen may choose.
type Options struct {
	Lab    string // what to open first
	Script string // what to play in it, "" for nothing
	Lang   words.Lang
	Camera Camera // nil for none
}

// Run shows a lab on the terminal until its user leaves or ctx is done. The
// lab is opened before the screen is taken, so that an error is printed on
// an ordinary terminal.
func Run(ctx context.Context, cat Catalogue, o Options) error {
	if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd()) {
		return words.Errorf("%w: for a pipe use `cwlab console LAB DEVICE` or `cwlab replay LAB/SCRIPT`", ErrNoTerminal)
	}
	first := open(cat, o.Lab, o.Script)()
	if first.err != nil {
		return first.err
	}
	m := New(ctx, cat, newStyles(os.Getenv("NO_COLOR") == ""), o.Lang)
	m.camera = o.Camera
	m.begin = func() tea.Msg { return first }
	return m.run(ctx)
}

// run shows a model on the terminal.
func (m *Model) run(ctx context.Context) error {
	p := &painted{Model: m, painter: &painter{out: os.Stdout}}
	// bubbletea reads the keys, knows the size and sets the terminal raw;
	// the painter alone writes. One frame a second is the least that the
	// renderer, which has nothing to do, can be set to. The end of ctx is a
	// request to leave: a program that is cut off does not wait for its reader,
	// and its own handler of signals for a loop that has ended.
	program := tea.NewProgram(p, tea.WithOutput(mute{os.Stdout}), tea.WithFPS(1), tea.WithMouseCellMotion(), tea.WithoutSignalHandler())
	defer context.AfterFunc(ctx, program.Quit)()
	_, err := program.Run()
	p.painter.leave()
	p.close()
	switch {
	case p.broke != nil:
		return p.broke
	case ctx.Err() != nil:
		return nil // it was told to leave
	}
	return err
}

// A mute terminal has a size and modes, and shows nothing.
type mute struct{ *os.File }

func (mute) Write(b []byte) (int, error)       { return len(b), nil }
func (mute) WriteString(s string) (int, error) { return len(s), nil }
