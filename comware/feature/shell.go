package feature

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/emulator/sim"
)

// A Terminal is where a shell prints and asks. The shell of a startup file
// has one that keeps what it is told.
type Terminal interface {
	// Print writes output of a command; it is paged where the terminal pages.
	Print(text string)
	// Hold marks a command as running until Release; interrupt is called
	// when the person presses Ctrl+C.
	Hold(interrupt func())
	Release()
	// Ask prints a question and calls f with the line that is typed; masked
	// hides it.
	Ask(prompt string, masked bool, f func(answer string))
	// Logout ends the session.
	Logout()
	// History is the commands typed, oldest first.
	History() []string
	// SetPageLength sets the lines of a page, 0 for no paging.
	SetPageLength(n int)
	// SetHistorySize sets how many commands are kept, 0 for none.
	SetHistorySize(n int)
	// Dismiss takes an open question back and calls f; without a question it
	// does nothing.
	Dismiss(f func())
}

// A ViewState is one level of the view stack.
type ViewState struct {
	Name   string     // of the view
	Suffix string     // "GigabitEthernet1/0/1" in [H3C-GigabitEthernet1/0/1]
	Node   *conf.Node // the line that opened it
	Obj    any        // what the feature keeps for its commands

	// Label is what the prompt shows in place of Suffix, "" for Suffix.
	Label string
	// More are views of the same kind in which every command of this view runs
	// too, such as those of a range of interfaces.
	More []ViewState
}

// A Shell is one session at a box: its views, its switches, its terminal.
type Shell struct {
	Box   *Box
	Term  Terminal
	Name  string   // "con0", "vty0"
	User  string   // who logged in, "" where nobody was asked
	From  string   // address of the person, "" on the console
	SSH   bool     // came in by SSH
	Roles []string // user roles; the console without authentication has network-admin
	Dir   string   // working directory on the flash, "" for the root
	Views []ViewState
	Since time.Time // when the session began
	PID   uint32    // of the session's process, 0 until somebody looks

	// The switches of `terminal ...`, which last for the session.
	Monitor   bool
	Debugging bool
	Level     int

	// Booting is set while the startup file is read, Syncing while commands
	// of the other device of a pair are applied,
	// and Rolling while a rollback runs commands.
	Booting, Syncing, Rolling bool
	// Published prints the user-view prompt of an RBM member with @ for <.
	Published bool

	more     func(line string) // takes the next line of a startup file
	failed   bool
	unlogged bool   // commands leave no record
	typed    string // the last line that was understood
}

// NewShell is a session in user view with the defaults of a console.
func NewShell(b *Box, t Terminal, name string) *Shell {
	s := &Shell{Box: b, Term: t, Name: name, Monitor: true, Level: 6, Since: b.Clock()}
	s.Views = []ViewState{{Name: "user"}}
	s.Roles = []string{"network-admin"}
	return s
}

// View is the current view.
func (s *Shell) View() ViewState { return s.Views[len(s.Views)-1] }

// Prompt is the prompt of the current view.
func (s *Shell) Prompt() string {
	prefix := ""
	if f := s.Box.PromptPrefix; f != nil {
		prefix = f()
	}
	name := s.Box.Sysname()
	v := s.View()
	switch {
	case v.Name == "user" && prefix != "" && s.Published:
		return prefix + "@" + name + ">"
	case v.Name == "user":
		return prefix + "<" + name + ">"
	case v.Label != "":
		return prefix + "[" + name + "-" + v.Label + "]"
	case v.Suffix == "":
		return prefix + "[" + name + "]"
	}
	return prefix + "[" + name + "-" + v.Suffix + "]"
}

// Return goes to user view.
func (s *Shell) Return() { s.Views = s.Views[:1] }

// Env answers the grammar's questions about this box.
func (s *Shell) Env() cli.Env { return shellEnv{s.Box, s} }

type shellEnv struct {
	b *Box
	s *Shell
}

// Permits says whether a role of the session may use the command.
func (e shellEnv) Permits(c *cli.Command) bool {
	return e.b.Permit == nil || e.b.Permit(e.s, c.Data.(*Command))
}

// Interface says whether the box has, or could have, the interface.
func (e shellEnv) Interface(name string) (string, bool) {
	if e.b.Stack.Iface(name) != nil {
		return name, true
	}
	// Loopback interfaces may be named before they exist.
	number, ok := strings.CutPrefix(name, "LoopBack")
	if n, err := strconv.Atoi(number); ok && err == nil && n < MaxLoopBacks {
		return fmt.Sprintf("LoopBack%d", n), true
	}
	// So may subinterfaces of ports.
	if main, number, ok := strings.Cut(name, "."); ok {
		i := e.b.Stack.Iface(main)
		n, err := strconv.Atoi(number)
		if i != nil && i.Port() != nil && err == nil && n >= 1 && n <= MaxSubinterfaces {
			return fmt.Sprintf("%s.%d", main, n), true
		}
	}
	// And interfaces that are only configured.
	if kept := e.b.KeptInterface; kept != nil {
		if _, _, ok := kept(name); ok {
			return name, true
		}
	}
	return "", false
}

// MaxSubinterfaces is the highest number of a subinterface, counted from 1.
const MaxSubinterfaces = 4094

// MaxLoopBacks is how many loopback interfaces a box can have, numbered from 0.
const MaxLoopBacks = 1024

// InterfaceTypes are the types that `?` offers: those that the box has
// interfaces of, or could have.
func (e shellEnv) InterfaceTypes() []string {
	var types []string
	for _, t := range cli.InterfaceTypes() {
		_, could := e.Interface(t.Name + strconv.Itoa(t.Lo))
		if could && t.Hi > 0 || len(e.InterfaceNumbers(t.Name)) > 0 {
			types = append(types, t.Name)
		}
	}
	return types
}

// InterfaceNumbers are the numbers of the interfaces of a type.
func (e shellEnv) InterfaceNumbers(typ string) []string {
	var numbers []string
	for _, i := range e.b.Stack.Ifaces() {
		if t, number, ok := cli.TypeOf(i.Name()); ok && t.Name == typ {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// Aliases are those that users defined.
func (e shellEnv) Aliases() []cli.Alias {
	if e.b.Aliases == nil {
		return nil
	}
	return e.b.Aliases()
}

// Execute runs one line as typed. Errors of the grammar are printed with the
// caret under the offending word, seen from the prompt. It says whether the
// line was understood.
func (s *Shell) Execute(line string) bool {
	if err := s.Run(line); err != nil {
		s.Term.Print(strings.Join(err.Lines(s.Prompt(), line), "\n") + "\n")
		s.record(4, "SHELL_CMD_MATCHFAIL", fmt.Sprintf("-User=%s-IPAddr=%s; Command %s in view %s failed to be matched.", stars(s.User), stars(s.From), strings.TrimSpace(line), s.logView()))
		return false
	}
	return true
}

// stars stand for what a session does not have.
func stars(s string) string {
	if s == "" {
		return "**"
	}
	return s
}

func (s *Shell) logView() string {
	switch v := s.View(); v.Name {
	case "user":
		return "shell"
	case "system":
		return "system"
	default:
		return v.Suffix
	}
}

func (s *Shell) record(severity int, mnemonic, text string) {
	if !s.quiet() && !s.unlogged {
		s.Box.Info.Record("SHELL", severity, mnemonic, text)
	}
}

// Run parses one line and runs its command; an error of the grammar is
// returned and nothing has been done. Comments and empty lines do nothing.
func (s *Shell) Run(line string) *cli.Error {
	s.failed, s.typed = false, ""
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		return nil
	}
	if strings.HasPrefix(trimmed, "#") {
		if s.Booting && len(s.Views) > 2 && line[0] == '#' { // one with a blank before it parts the blocks of a view
			s.Views = s.Views[:2]
		}
		return nil
	}
	m, err := s.Box.Image.Grammar.Read(s.View().Name, line, s.Env())
	if err != nil {
		return err
	}
	c := m.Command.Data.(*Command)
	x := &Exec{Box: s.Box, Shell: s, pipe: m.Pipe, text: m.Text}
	x.level = len(s.Views) - 1
	for i := len(s.Views) - 1; i >= 0; i-- {
		if s.Views[i].Name == m.View {
			x.level = i
			break
		}
	}
	s.record(6, "SHELL_CMD", fmt.Sprintf("-Line=%s-IPAddr=%s-User=%s; Command is %s", s.Name, stars(s.From), stars(s.User), Mask(m.Text)))
	if p := s.Box.Permit; p != nil && !s.quiet() && !p(s, c) {
		x.Error("Permission denied.")
		return nil
	}
	s.typed = m.Text
	s.Box.worked(CommandWork)
	first := s.Views[x.level]
	s.perform(x, c, m)
	if f := s.Box.OnCommand; f != nil && !x.Quiet() {
		f(s, m.Text)
	}
	for _, v := range first.More {
		if x.level >= len(s.Views) || s.Views[x.level].Node != first.Node || !slices.Contains(strings.Fields(c.Views), v.Name) {
			continue
		}
		s.Views[x.level] = v
		s.perform(&Exec{Box: s.Box, Shell: s, level: x.level, pipe: m.Pipe, text: m.Text}, c, m)
		if x.level < len(s.Views) {
			s.Views[x.level] = first
		}
	}
	return nil
}

// perform runs a command in its view and tells of what it changed.
func (s *Shell) perform(x *Exec, c *Command, m *cli.Reading) {
	x.event = ConfigEvent{Path: x.path(), Line: m.Canonical(), Sync: s.Syncing}
	x.telling(func() {
		c.Run(x, m.Args)
		x.flush()
	})
}

// telling runs f, a part of the command, and tells of what it changed.
func (x *Exec) telling(f func()) {
	gen := x.Box.Conf.Generation()
	f()
	if x.Box.Conf.Generation() != gen && !x.Shell.Booting {
		for _, f := range x.Box.onConfig {
			f(x.event)
		}
	}
}

// Typed is the last line with its alias written out, "" if it was not
// understood, not permitted or no command.
func (s *Shell) Typed() string { return s.typed }

// Failed says whether the last command ended with Error.
func (s *Shell) Failed() bool { return s.failed }

// Mask hides the secrets of a command before it is recorded.
func Mask(line string) string {
	f := strings.Fields(line)
	for i := 0; i+1 < len(f); i++ {
		switch f[i] {
		case "simple", "cipher", "hash", "plain":
			f[i+1] = "******"
		}
	}
	return strings.Join(f, " ")
}

// An Exec is one command that runs.
type Exec struct {
	Box   *Box
	Shell *Shell
	level int         // index in the view stack of the view that has the command
	text  string      // the line as typed, its alias written out
	event ConfigEvent // what is told when it changes the configuration
	pipe  *cli.Output // where the output goes, nil for the terminal
	held  bool
	out   strings.Builder
}

// View is the view that has the command; for a system-view command typed in a
// view below it that is the system view.
func (x *Exec) View() ViewState { return x.Shell.Views[x.level] }

// Node is the line that opened that view, the root in system view.
func (x *Exec) Node() *conf.Node {
	if n := x.View().Node; n != nil {
		return n
	}
	return x.Box.Conf.Root()
}

func (x *Exec) path() []string {
	var p []string
	for _, v := range x.Shell.Views[:x.level+1] {
		if v.Node != nil && v.Node.Parent() != nil {
			p = append(p, v.Node.Text)
		}
	}
	return p
}

// Print prints output of the command, through its filters.
func (x *Exec) Print(text string) {
	if x.pipe == nil {
		x.Shell.Term.Print(text)
		return
	}
	x.out.WriteString(text)
}

func (x *Exec) flush() {
	if x.pipe == nil || x.held {
		return
	}
	text := x.pipe.Apply(x.out.String())
	x.out.Reset()
	if x.pipe.File == "" {
		x.Shell.Term.Print(text)
		return
	}
	if err := x.redirect(text); err != nil {
		x.Error(err.Error())
	}
}

// redirect writes the output to the file of the pipe.
func (x *Exec) redirect(text string) error {
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, x.pipe.File)
	if err != nil {
		return err
	}
	if x.pipe.Append {
		old, _ := x.Box.Flash.Read(name)
		text = old.Data + text
	}
	return x.Box.Flash.Write(name, text, x.Box.Clock())
}

// Printf prints formatted output of the command.
func (x *Exec) Printf(format string, args ...any) { x.Print(fmt.Sprintf(format, args...)) }

// Error prints why the command was not done; a newline is added.
func (x *Exec) Error(text string) {
	x.Shell.failed = true
	x.Shell.Term.Print(text + "\n")
}

// Enter goes to a view below the one that has the command.
func (x *Exec) Enter(v ViewState) {
	x.Shell.Views = append(x.Shell.Views[:x.level+1:x.level+1], v)
}

// Quit leaves the current view; in user view it ends the session.
func (x *Exec) Quit() {
	if n := len(x.Shell.Views); n > 1 {
		x.Shell.Views = x.Shell.Views[:n-1]
		return
	}
	x.Shell.Term.Logout()
}

// Drop leaves the views that stand on a removed line; nil is no line.
func (b *Box) Drop(n *conf.Node) {
	if n == nil {
		return
	}
	for _, s := range b.Shells {
		for i, v := range s.Views {
			if v.Node == n {
				s.Views = s.Views[:i]
				break
			}
		}
	}
}

// Hold says that the command goes on after Run returns, until Release.
// interrupt is called for Ctrl+C; it must lead to Release.
func (x *Exec) Hold(interrupt func()) {
	x.held = true
	x.Shell.Term.Hold(interrupt)
}

// Release ends a command that was held.
func (x *Exec) Release() {
	x.held = false
	x.flush()
	x.Shell.Term.Release()
}

// Confirm asks a question that ends in [Y/N]: and calls f with the answer.
// While a startup file is read, or the other device's commands, the answer
// is yes.
func (x *Exec) Confirm(question string, f func(yes bool)) { x.ConfirmWithin(0, question, f) }

// ConfirmWithin is Confirm with a limit, 0 for none, after which the answer is
// no.
func (x *Exec) ConfirmWithin(limit time.Duration, question string, f func(yes bool)) {
	if x.Quiet() {
		f(true)
		return
	}
	var timer *sim.Timer
	if limit > 0 {
		timer = x.Box.After(limit, func() { x.Shell.Term.Dismiss(func() { x.confirmed(false, f) }) })
	}
	var ask func(string)
	ask = func(prompt string) {
		x.Shell.Term.Ask(prompt, false, func(answer string) {
			answer = strings.ToLower(strings.TrimSpace(answer))
			switch answer {
			case "y", "yes", "n", "no":
				timer.Stop()
				x.confirmed(answer[0] == 'y', f)
			case "":
				ask("Before pressing ENTER you must choose 'YES' or 'NO'[Y/N]:")
			default:
				ask(question)
			}
		})
	}
	ask(question)
}

// confirmed records an answer and goes on.
func (x *Exec) confirmed(yes bool, f func(bool)) {
	word := "no"
	if yes {
		word = "yes"
	}
	x.Shell.record(6, "SHELL_CMD_CONFIRM", fmt.Sprintf("Confirm option of command %s is %s.", Mask(x.text), word))
	x.telling(func() { f(yes) })
}

// Input asks for a line of text and calls f with it; masked hides it. What
// was typed is recorded, a hidden line as stars.
func (x *Exec) Input(prompt string, masked bool, f func(text string)) {
	if x.Quiet() {
		f("")
		return
	}
	x.Shell.Term.Ask(prompt, masked, func(text string) {
		shown := text
		if masked {
			shown = "******"
		}
		x.Shell.record(6, "SHELL_CMD_INPUT", fmt.Sprintf("Input string for the %s command is %s.", Mask(x.text), shown))
		x.telling(func() { f(text) })
	})
}

// ReadLine calls f with the line that follows, as it is: the next of the
// startup file or what the person types without a question.
func (x *Exec) ReadLine(f func(line string)) {
	if x.Quiet() {
		x.Shell.more = f
		return
	}
	x.Shell.Term.Ask("", false, func(line string) { x.telling(func() { f(line) }) })
}

// Quiet says that nobody reads: a startup file, the other device's commands,
// or those of a rollback.
func (x *Exec) Quiet() bool { return x.Shell.quiet() }

func (s *Shell) quiet() bool { return s.Booting || s.Syncing || s.Rolling }
