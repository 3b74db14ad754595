package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	_ "cwlab/tui/background" // before bubbletea, see there
)

// ErrNoTerminal is a standard input or output that is no terminal.
var ErrNoTerminal = errors.New("the full screen needs a terminal on standard input and output")

// Options are what a run of the screen may choose.
type Options struct {
	Lab    string    // what to open first
	Script string    // what to play in it, "" for nothing
	Input  io.Reader // standard input if nil
	Output io.Writer // standard output if nil
}

// Run shows a lab on the terminal until its user leaves or ctx is done. The
// lab is opened before the screen is taken, so that an error is printed on
// an ordinary terminal.
func Run(ctx context.Context, cat Catalogue, o Options) error {
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithAltScreen(), tea.WithMouseCellMotion()}
	if o.Input == nil && o.Output == nil {
		if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd()) {
			return fmt.Errorf("%w: for a pipe use `cwlab console LAB DEVICE` or `cwlab replay LAB/SCRIPT`", ErrNoTerminal)
		}
	}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	first := open(cat, o.Lab, o.Script)()
	if first.err != nil {
		return first.err
	}
	m := New(ctx, cat, newStyles(os.Getenv("NO_COLOR") == ""))
	m.first = &first
	_, err := tea.NewProgram(m, opts...).Run()
	m.close()
	if err != nil && ctx.Err() != nil {
		return nil // it was told to leave
	}
	return err
}
