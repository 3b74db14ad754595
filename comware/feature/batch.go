package feature

import "strings"

// A Batch is commands that the device runs by itself, one after the other,
// from user view, or from system view if they configure. A question is answered with yes.
type Batch struct {
	Roles     []string
	Lines     []string
	Configure bool
	// Line, User and From are those of the person for whom it runs, "" for
	// nobody.
	Line, User, From string
	// Strict ends it with the first command that was not understood or not
	// done.
	Strict bool
	// Unlogged commands leave no record in the log buffer.
	Unlogged bool
	// Echo is what stands before the output of a line; nil for the prompt and
	// the line, as on a screen.
	Echo func(prompt, line string) string
	// Done is told what the commands printed, and whether all of them were
	// understood and done.
	Done func(output string, ok bool)

	shell *Shell
	out   strings.Builder
	next  int
	held  bool
	ok    bool
	stop  func() // of the command that runs
}

// Run begins the batch. It is over at once unless a command takes time.
func (t *Batch) Run(b *Box) {
	t.ok = true
	t.shell = NewShell(b, t, t.Line)
	t.shell.User, t.shell.From, t.shell.Monitor = t.User, t.From, false
	t.shell.unlogged = t.Unlogged
	if t.Configure {
		t.shell.Views = append(t.shell.Views, ViewState{Name: "system"})
	}
	if len(t.Roles) > 0 {
		t.shell.Roles = t.Roles
	}
	b.Shells = append(b.Shells, t.shell)
	t.step()
}

func (t *Batch) step() {
	b := t.shell.Box
	for !t.held && !b.stopped && t.next < len(t.Lines) {
		line := t.Lines[t.next]
		t.next++
		if t.Echo != nil {
			t.out.WriteString(t.Echo(t.shell.Prompt(), line))
		} else {
			t.out.WriteString(t.shell.Prompt() + line + "\n")
		}
		if !t.shell.Execute(line) || t.shell.failed {
			if t.ok = false; t.Strict {
				t.next = len(t.Lines)
			}
		}
	}
	if !t.held && t.next == len(t.Lines) {
		t.end()
	}
}

func (t *Batch) end() {
	t.next++ // once only
	t.shell.Close()
	t.Done(t.out.String(), t.ok)
}

// Close takes the session off the box; nil has none.
func (s *Shell) Close() {
	if s == nil {
		return
	}
	for i, x := range s.Box.Shells {
		if x == s {
			s.Box.Shells = append(s.Box.Shells[:i:i], s.Box.Shells[i+1:]...)
			return
		}
	}
}

// maxBatchOutput is how much of what a batch prints is kept, in bytes: more than
// the longest display.
const maxBatchOutput = 8 << 20

// Print keeps what a command prints.
func (t *Batch) Print(text string) {
	t.out.WriteString(text[:min(len(text), max(0, maxBatchOutput-t.out.Len()))])
}

// Stop interrupts the command that runs, after which no other follows.
func (t *Batch) Stop() {
	t.next, t.ok = max(t.next, len(t.Lines)), false
	if t.stop != nil {
		t.stop()
	}
}

// Hold marks a command as running.
func (t *Batch) Hold(interrupt func()) { t.held, t.stop = true, interrupt }

// Release ends it, and the next line follows.
func (t *Batch) Release() {
	t.held, t.stop = false, nil
	t.shell.Box.After(0, t.step)
}

// Ask answers a question of yes or no with yes, any other with Enter.
func (t *Batch) Ask(prompt string, _ bool, f func(string)) {
	t.out.WriteString(prompt)
	answer := ""
	if strings.HasSuffix(prompt, "[Y/N]:") {
		answer = "Y"
	}
	t.out.WriteString(answer + "\n")
	f(answer)
}

// Logout does nothing: the session ends with the last line.
func (*Batch) Logout() {}

// History is empty.
func (*Batch) History() []string { return nil }

// SetPageLength does nothing.
func (*Batch) SetPageLength(int) {}

// SetHistorySize does nothing.
func (*Batch) SetHistorySize(int) {}

// Dismiss does nothing: questions are answered at once.
func (*Batch) Dismiss(func()) {}
