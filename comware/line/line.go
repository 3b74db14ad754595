// Package line is the console line of a Comware V7 device: bytes typed go in,
// bytes for the terminal come out.
//
// It echoes and edits a command line with the keys of `display hotkey`, keeps
// the history, asks the host for `?` and Tab, pages output with
// `---- More ----`, asks questions, and queues what is typed while a command
// runs. It has no goroutine and no clock, and knows neither commands nor the
// device: those are the Host's.
//
// Bytes are those of a real console: lines end in CR LF, a key at the end of
// the line is echoed as that key alone, nothing is ever written behind a
// prompt, and a log is written at the cursor unless logs are synchronous
// (H3C "Using the CLI" and "Information center" guides).
//
// Limitations: output is paged by lines, not by screen rows. An editing step
// that has to go back over the right margin uses CSI A and CSI C, all others
// only BS.
package line

import (
	"slices"
	"strings"
)

// MaxInput is the size of the edit buffer in bytes.
const MaxInput = 511

// DefaultPage is the number of lines of a page.
const DefaultPage = 24

// DefaultHistory is the number of commands kept.
const DefaultHistory = 10

const (
	moreMark = "---- More ----"
	moreWipe = "\r\r               \r" // 15 blanks
)

// A Host is what a line needs of the session it belongs to. Its methods are
// called during Feed and may call the line's.
type Host interface {
	// Prompt is asked each time the prompt is printed.
	Prompt() string
	// Execute runs a line that is not blank. A command that goes on after it
	// returns calls Hold before and Release when it is done.
	Execute(line string)
	// Help answers `?` behind the given text with the lines to print. Behind a
	// list an empty line follows, which it does not behind an error; in both
	// cases the text is put back behind the next prompt.
	Help(line string) (rows []string, list bool)
	// Complete answers Tab with the words that the last word of the text may
	// become, none if there is nothing to complete.
	Complete(line string) []string
	// Interrupt is Ctrl+C while a command runs or a question is open.
	Interrupt()
	// Key gets the functions of keys that the line does not have itself, such
	// as ToUserView. If it returns true the line gives a new prompt.
	Key(f Function) bool
	// Filter compiles an expression typed at the pager, nil if it is none.
	Filter(expr string) func(line string) bool
}

// A cell is a character, or a byte that is no UTF-8.
type cell struct {
	s string
	w int // columns
}

type question struct {
	prompt string
	masked bool
	answer func(string)
	shown  bool
}

// A Line is one console line. Use it from one goroutine.
type Line struct {
	host  Host
	write func([]byte)

	keys  *Keymap
	width int // columns of the terminal, 0 for endless lines
	page  int // lines a page, 0 for no paging
	sync  bool

	in      []byte // typed, not yet looked at
	pumping bool
	dec     decoder

	started   bool
	executing int  // depth of calls into the host
	held      bool // a command goes on
	editing   bool // the prompt, or a question, is on the screen
	keep      bool // the next prompt gets the old text back
	ask       *question
	enter     func() // waiting for a key to begin
	wakes     byte   // that key
	stop      byte   // key that stops commands, 0 for none

	col int // column of the cursor, counted from the last CR LF

	pager

	prompt string
	buf    []cell
	cur    int  // cursor, index in buf
	from   int  // first cell of buf that is on the screen
	base   int  // column where it stands
	cut    bool // the cells right of the cursor are not on the screen
	wrap   bool // the cursor waits at the right margin

	hist    []string
	histMax int
	histAt  int // len(hist) for the line being typed
	stash   []cell
	pending string // history entry of the line being executed
	tab     *tabbing
}

// New returns a line that writes to out. It prints nothing before Start.
func New(out func([]byte), h Host) *Line {
	return &Line{write: out, host: h, page: DefaultPage, histMax: DefaultHistory, stop: ctrlC}
}

// SetKeymap sets what the hotkeys do; the map may change later.
func (l *Line) SetKeymap(m *Keymap) { l.keys = m }

// SetPageLength sets the lines of a page, 0 for no paging.
func (l *Line) SetPageLength(n int) { l.page = max(n, 0) }

// SetSize tells the size of the terminal. The width is needed to edit lines
// longer than the screen is wide; 0 means endless. The height does not change
// the page length, which is the device's.
func (l *Line) SetSize(w, h int) { l.width = max(w, 0) }

// SetSynchronous makes Async restore the prompt and what was typed, as
// `info-center synchronous` does.
func (l *Line) SetSynchronous(on bool) { l.sync = on }

// SetHistorySize sets the number of commands kept.
func (l *Line) SetHistorySize(n int) {
	l.histMax = max(n, 0)
	l.trimHistory()
}

// Start prints the first prompt; what was typed before is then taken.
func (l *Line) Start() {
	l.started = true
	l.settle()
	l.pump()
}

// Idle says whether the prompt is there and waits for a command.
func (l *Line) Idle() bool {
	return l.editing && l.ask == nil && l.enter == nil && !l.more && len(l.in) == 0 && !l.pumping
}

// Waiting says whether the line waits for Enter (WaitEnter).
func (l *Line) Waiting() bool { return l.enter != nil }

// Paging says whether output stands at the end of a page.
func (l *Line) Paging() bool { return l.more }

// Asking says whether a question or the pager waits for a key.
func (l *Line) Asking() bool { return l.more || l.ask != nil && l.ask.shown }

// Questioned says whether a question is open, on the screen or about to come.
func (l *Line) Questioned() bool { return l.ask != nil }

// Text is what stands behind the prompt.
func (l *Line) Text() string { return join(l.buf) }

// Column is the column of the cursor.
func (l *Line) Column() int {
	if l.width > 0 {
		return l.col % l.width
	}
	return l.col
}

// Hold says that a command goes on after Execute returns. Its output is not
// paged from then on.
func (l *Line) Hold() { l.held = true }

// Release ends a held command: the prompt comes back, then what was typed
// ahead is taken.
func (l *Line) Release() {
	if !l.held {
		return
	}
	l.held = false
	l.settle()
	l.pump()
}

// Print writes output of the command that runs; "\n" ends a line. Output of a
// command that is not held is paged.
func (l *Line) Print(text string) {
	if text == "" {
		return
	}
	l.newline()
	text = crlf(text)
	switch {
	case l.more || l.pend != "":
		l.pend += text // behind the page that waits
	case l.held || l.page == 0:
		l.out(text)
	default:
		l.pend = text
		l.flow()
	}
	l.settle()
}

// newline leaves a line that is being edited when output comes unasked; it is
// shown again below that output.
func (l *Line) newline() {
	if l.editing && l.executing == 0 {
		l.out("\r\n")
		l.editing = false
		l.keep = l.ask == nil
		if l.ask != nil {
			l.ask.shown = false
		}
	}
}

// Async writes a log, which ends with "\n", where the cursor is.
func (l *Line) Async(text string) {
	if !l.editing || l.more {
		if l.sync && l.more {
			l.out(moreWipe + crlf(text) + moreMark)
			return
		}
		l.out(crlf(text))
		return
	}
	if l.sync {
		if l.col > 0 {
			l.out("\r\n")
		}
		l.out(crlf(text))
		l.show()
		return
	}
	l.out(crlf(text))
	l.from, l.base = l.cur, l.col
	l.cut = l.cur < len(l.buf)
}

// Ask prints a question, without a line end, and calls f with the line that
// is typed. masked shows nothing of it. Ctrl+C ends the question: f is not
// called, Host.Interrupt is.
func (l *Line) Ask(prompt string, masked bool, f func(answer string)) {
	l.newline()
	l.ask = &question{prompt: prompt, masked: masked, answer: f}
	l.settle()
}

// Dismiss ends an open question without an answer and calls f.
func (l *Line) Dismiss(f func()) {
	if l.ask == nil {
		return
	}
	l.dismiss()
	l.call(f)
	l.pump()
}

func (l *Line) dismiss() {
	if l.ask.shown {
		l.out("\r\n")
	}
	l.ask, l.editing = nil, false
}

// WaitEnter ignores all keys up to Enter and then calls f, after which the
// prompt is printed. It is the state behind "Press ENTER to get started.".
func (l *Line) WaitEnter(f func()) { l.WaitKey('\r', f) }

// WaitKey is WaitEnter for another key.
func (l *Line) WaitKey(b byte, f func()) {
	l.editing = false
	l.held = false
	l.ask = nil
	l.enter, l.wakes = f, b
}

// SetStopKey sets the key that stops commands: the hotkeys of that function by
// default (Ctrl+C), another one, or 0 for none. A character stops only what
// runs; in answers and at the prompt it is itself.
func (l *Line) SetStopKey(b byte) { l.stop = b }

const ctrlC = 0x03

// stops says whether a key stops the current command.
func (l *Line) stops(k key) bool {
	if l.stop == ctrlC {
		b, _ := l.keys.ofKey(k)
		return b.Function == Stop
	}
	return l.stop != 0 && k.is(l.stop)
}

// Run does as if a command line had been typed in place of what is there.
func (l *Line) Run(cmd string) {
	if !l.editing || l.ask != nil {
		return
	}
	l.edit(0, cells(cmd), len(cells(cmd)))
	l.submit()
}

// out writes to the terminal and keeps count of the column.
func (l *Line) out(s string) {
	if s == "" {
		return
	}
	l.wrap = false
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\r':
			l.col = 0
			i++
		case c == '\b':
			l.col = max(l.col-1, 0)
			i++
		case c < ' ':
			i++
		default:
			cl := firstCell(s[i:])
			l.col += cl.w
			i += len(cl.s)
		}
	}
	l.write([]byte(s))
}

// crlf turns line ends into those of a terminal.
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// call runs a piece of the host. The prompt, or the question it asked, comes
// when the outermost call is back.
func (l *Line) call(f func()) {
	l.executing++
	f()
	l.executing--
	l.settle()
}

// settle brings what has to come when nothing else runs: the rest of the
// output, the question, the prompt.
func (l *Line) settle() {
	switch {
	case l.executing > 0 || l.more || l.enter != nil:
	case l.ask != nil:
		if !l.ask.shown {
			l.ask.shown = true
			l.shown = 0
			l.clear()
			l.show()
		}
	case l.held || !l.started || l.editing:
	default:
		l.pager = pager{}
		if !l.keep {
			l.clear()
		}
		l.keep = false
		l.show()
	}
}

func (l *Line) clear() {
	l.buf, l.cur, l.tab, l.stash = nil, 0, nil, nil
	l.histAt = len(l.hist)
}

// show prints the prompt, or the question, and what is typed behind it.
func (l *Line) show() {
	if l.ask != nil {
		l.prompt = l.ask.prompt
	} else {
		l.prompt = l.host.Prompt()
	}
	l.out(crlf(l.prompt))
	l.editing = true
	l.from, l.base, l.cut = 0, l.col, false
	if l.Masked() {
		return
	}
	cur := l.cur
	l.put(l.buf, l.base)
	l.cur = len(l.buf)
	l.goTo(cur)
}

// Masked says whether what is typed is not shown.
func (l *Line) Masked() bool { return l.ask != nil && l.ask.masked }

// maxAhead is how many bytes may be typed while nobody takes them; more are
// lost.
const maxAhead = 1 << 20

// Feed takes what is typed.
func (l *Line) Feed(b []byte) {
	l.in = append(l.in, b[:min(len(b), max(maxAhead-len(l.in), 0))]...)
	l.pump()
}

// pump looks at typed bytes as long as somebody takes them. While a command
// runs only Ctrl+C is taken, out of the middle.
func (l *Line) pump() {
	if l.pumping {
		return
	}
	l.pumping = true
	defer func() { l.pumping = false }()
	for len(l.in) > 0 {
		if !l.editing && !l.more && l.enter == nil {
			if !l.held {
				return
			}
			i := slices.IndexFunc(l.in, func(b byte) bool { return l.stops(keyOf(b)) })
			if i < 0 {
				return
			}
			l.in = append(l.in[:i:i], l.in[i+1:]...)
			l.call(l.host.Interrupt)
			continue
		}
		b := l.in[0]
		if k, ok := l.dec.broken(b); ok {
			l.key(k)
			continue
		}
		l.in = l.in[1:]
		if k, ok := l.dec.next(b); ok {
			l.key(k)
		}
	}
	l.in = nil
}

// key does what a key means in the state the line is in.
func (l *Line) key(k key) {
	switch {
	case l.more:
		l.pagerKey(k)
	case l.enter != nil:
		if k.is(l.wakes) {
			f := l.enter
			l.enter = nil
			l.out("\r\n")
			l.call(f)
		}
	case l.ask != nil:
		l.askKey(k)
	default:
		l.editKey(k)
	}
}

func (l *Line) askKey(k key) {
	switch {
	case k.code == keyEnter:
		q := l.ask
		text := join(l.buf)
		if !q.masked {
			l.goTo(len(l.buf))
		}
		l.out("\r\n")
		l.ask, l.editing = nil, false
		l.call(func() { q.answer(text) })
	case k.code != keyChar && l.stops(k):
		l.dismiss()
		l.call(l.host.Interrupt)
	case k.code == keyChar && k.s == "\t":
	default:
		l.textKey(k)
	}
}

// submit runs the line.
func (l *Line) submit() {
	l.goTo(len(l.buf))
	text := join(l.buf)
	l.out("\r\n")
	l.editing = false
	if strings.TrimSpace(text) == "" {
		l.settle()
		return
	}
	l.pending = text
	l.call(func() {
		l.host.Execute(text)
		l.remember()
	})
}
