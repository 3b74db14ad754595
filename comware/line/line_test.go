package line

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// host is a session that answers from its fields.
type host struct {
	l      *Line
	prompt string
	run    func(cmd string)
	ran    []string
	words  []string
	rows   []string
	redraw bool
	keys   []Function
	hotkey func(f Function) bool
	asked  []string // texts given to Help and Complete
	stops  int
	onInt  func()
}

func (h *host) Prompt() string { return h.prompt }
func (h *host) Execute(cmd string) {
	h.ran = append(h.ran, cmd)
	if h.run != nil {
		h.run(cmd)
	}
}
func (h *host) Help(s string) ([]string, bool) { h.asked = append(h.asked, s); return h.rows, h.redraw }
func (h *host) Complete(s string) []string     { h.asked = append(h.asked, s); return h.words }
func (h *host) Interrupt() {
	h.stops++
	if h.onInt != nil {
		h.onInt()
	}
}
func (h *host) Key(f Function) bool {
	h.keys = append(h.keys, f)
	return h.hotkey != nil && h.hotkey(f)
}
func (h *host) Filter(expr string) func(string) bool {
	if expr == "(" {
		return nil
	}
	return func(line string) bool { return strings.Contains(line, expr) }
}

func newLine() (*Line, *host, *strings.Builder) {
	var out strings.Builder
	h := &host{prompt: "<H3C>"}
	l := New(func(b []byte) { out.Write(b) }, h)
	h.l = l
	return l, h, &out
}

// screen is a small terminal: CR, LF, BS, BEL, CSI A and CSI C, wide runes and
// the waiting wrap at the right margin.
type screen struct {
	width    int
	rows     [][]string
	row, col int
	wait     bool
}

func newScreen(width int) *screen { return &screen{width: width, rows: [][]string{nil}} }

func (s *screen) write(t *testing.T, out string) {
	for out != "" {
		r, n := utf8.DecodeRuneInString(out)
		c := out[:n]
		switch {
		case c == "\r":
			s.col, s.wait = 0, false
		case c == "\n":
			s.down()
		case c == "\b":
			s.col, s.wait = max(s.col-1, 0), false
		case c == "\a":
		case strings.HasPrefix(out, "\x1b["):
			i := strings.IndexAny(out, "AC")
			var k int
			if _, err := fmt.Sscanf(out[2:i], "%d", &k); err != nil {
				t.Fatalf("bad sequence %q", out)
			}
			if out[i] == 'A' {
				s.row -= k
			} else {
				s.col += k
			}
			s.wait = false
			if s.row < 0 || s.col >= s.width {
				t.Fatalf("cursor leaves the screen: row %d, column %d", s.row, s.col)
			}
			n = i + 1
		case c[0] < ' ':
			t.Fatalf("unexpected control byte %q", c)
		default:
			w := 1
			if r != utf8.RuneError || n > 1 {
				w = runewidth.RuneWidth(r)
			}
			s.char(c, w)
		}
		out = out[n:]
	}
}

func (s *screen) down() {
	s.row++
	s.wait = false
	if s.row == len(s.rows) {
		s.rows = append(s.rows, nil)
	}
}

func (s *screen) char(c string, w int) {
	if w == 0 {
		return
	}
	if s.wait || s.width > 0 && s.col+w > s.width {
		s.down()
		s.col = 0
	}
	row := s.rows[s.row]
	for len(row) < s.col+w {
		row = append(row, " ")
	}
	row[s.col] = c
	if w == 2 {
		row[s.col+1] = ""
	}
	s.rows[s.row] = row
	s.col += w
	if s.width > 0 && s.col == s.width {
		s.col--
		s.wait = true
	}
}

func (s *screen) String() string {
	var lines []string
	for _, r := range s.rows {
		lines = append(lines, strings.TrimRight(strings.Join(r, ""), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// at returns the cursor, a waiting wrap counted as the next row's begin.
func (s *screen) at() (row, col int) {
	if s.wait {
		return s.row + 1, 0
	}
	return s.row, s.col
}

// TestBytes compares what a terminal gets for what is typed, byte for byte.
func TestBytes(t *testing.T) {
	const left, right, up, down = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
	tests := []struct {
		name, typed, want string
	}{
		{"start", "", "<H3C>"},
		{"echo", "dis", "<H3C>dis"},
		{"enter", "ok\r", "<H3C>ok\r\n<ok>\r\n<H3C>"},
		{"CR LF is one enter", "ok\r\n", "<H3C>ok\r\n<ok>\r\n<H3C>"},
		{"CR NUL is one enter", "ok\r\x00", "<H3C>ok\r\n<ok>\r\n<H3C>"},
		{"LF alone is enter", "ok\n", "<H3C>ok\r\n<ok>\r\n<H3C>"},
		{"empty line", "\r", "<H3C>\r\n<H3C>"},
		{"blanks only", "  \r", "<H3C>  \r\n<H3C>"},
		{"backspace at end", "ab\x7f", "<H3C>ab\b \b"},
		{"backspace at begin", "\x08", "<H3C>"},
		{"backspace over a wide rune", "中\x7f", "<H3C>中\b\b  \b\b"},
		{"insert", "ac" + left + "b", "<H3C>ac\bbc\b"},
		{"delete in the middle", "abc" + left + left + "\x7f", "<H3C>abc\b\b\bbc \b\b\b"},
		{"Ctrl+D", "abc" + left + left + "\x04", "<H3C>abc\b\bc \b\b"},
		{"right writes again", "ab\x01" + right, "<H3C>ab\b\ba"},
		{"enter in the middle shows the rest", "ok" + left + "\r", "<H3C>ok\bk\r\n<ok>\r\n<H3C>"},
		{"Ctrl+W", "dis ver\x17", "<H3C>dis ver\b\b\b   \b\b\b"},
		{"Ctrl+X", "ab\x18", "<H3C>ab\b\b  \b\b"},
		{"Ctrl+Y", "abc\x02\x02\x19", "<H3C>abc\b\b  \b\b"},
		{"Ctrl+R", "ab\x12", "<H3C>ab\r\n<H3C>ab"},
		{"Ctrl+C", "ab\x03", "<H3C>ab\r\n<H3C>"},
		{"ESC B, ESC D", "dis ver\x1bb\x1bd", "<H3C>dis ver\b\b\b   \b\b\b"},
		{"up", "a\rb\r" + up + up, "<H3C>a\r\n<a>\r\n<H3C>b\r\n<b>\r\n<H3C>b\ba"},
		{"up and down", "a\rxy" + up + down, "<H3C>a\r\n<a>\r\n<H3C>xy\b\ba \b\bxy"},
		{"up beyond the first", "a\r" + up + up, "<H3C>a\r\n<a>\r\n<H3C>a"},
		{"unknown sequence", "a\x1b[15~b", "<H3C>ab"},
		{"raw byte", "\xd6\xd0\x7f", "<H3C>\xd6\xd0\b \b"},
		{"broken rune does not eat enter", "\xe4\r", "<H3C>\xe4\r\n<\xe4>\r\n<H3C>"},
		{"Ctrl+T is not ours", "a\x14b", "<H3C>ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, h, out := newLine()
			h.run = func(cmd string) { l.Print("<" + cmd + ">\n") }
			l.Start()
			// one byte at a time: keys must come together over any cut
			for i := range len(tt.typed) {
				l.Feed([]byte{tt.typed[i]})
			}
			if got := out.String(); got != tt.want {
				t.Errorf("typed %q:\n got %q\nwant %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestQuestionMark(t *testing.T) {
	l, h, out := newLine()
	h.rows, h.redraw = []string{"  monitor  Enable"}, true
	l.Start()
	l.Feed([]byte("terminal ?mon"))
	want := "<H3C>terminal ?\r\n  monitor  Enable\r\n\r\n<H3C>terminal mon"
	if got := out.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if want := []string{"terminal "}; !slices.Equal(h.asked, want) {
		t.Errorf("asked %q, want %q", h.asked, want)
	}
	// an error: no empty line, but the text is back, that behind the cursor too
	out.Reset()
	h.rows, h.redraw = []string{"   ^", " % Unrecognized"}, false
	l.Feed([]byte("x\x02?"))
	want = "x\b?\r\n   ^\r\n % Unrecognized\r\n<H3C>terminal monx\b"
	if got := out.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestTab(t *testing.T) {
	l, h, out := newLine()
	h.words = []string{"display"}
	l.Start()
	l.Feed([]byte("dis\t"))
	if want := "<H3C>dis\r\n<H3C>display "; out.String() != want {
		t.Errorf("unique: got %q, want %q", out, want)
	}
	out.Reset()
	h.words = []string{"ike", "ip", "ipsec"}
	l.Feed([]byte("i\t\t\t\t x"))
	want := "i\r\n<H3C>display ike\r\n<H3C>display ip\r\n<H3C>display ipsec\r\n<H3C>display ike x"
	if out.String() != want {
		t.Errorf("cycle: got %q, want %q", out, want)
	}
	out.Reset()
	h.words = nil
	l.Feed([]byte("\t"))
	if want := "\r\n<H3C>display ike x"; out.String() != want {
		t.Errorf("none: got %q, want %q", out, want)
	}
}

func TestHistory(t *testing.T) {
	l, h, _ := newLine()
	h.run = func(cmd string) {
		if cmd == "bad" {
			l.Remember("")
		}
	}
	l.Start()
	var typed, want []string
	for i := range 12 {
		typed = append(typed, fmt.Sprint("c", i), fmt.Sprint("c", i), "bad")
		if i >= 2 {
			want = append(want, fmt.Sprint("c", i))
		}
	}
	l.Feed([]byte(strings.Join(typed, "\r") + "\r"))
	if got := l.History(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.SetHistorySize(0)
	l.Feed([]byte("x\r\x10"))
	if len(l.History()) != 0 || l.Text() != "" {
		t.Errorf("history of size 0 holds %q", l.History())
	}
}

// TestPaste feeds hundreds of lines at once to commands that take their time.
func TestPaste(t *testing.T) {
	l, h, out := newLine()
	h.run = func(string) { l.Hold() }
	l.Start()
	var lines []string
	for i := range 700 {
		lines = append(lines, fmt.Sprintf("interface LoopBack%d", i))
	}
	l.Feed([]byte(strings.Join(lines, "\n") + "\nlast"))
	for range lines {
		l.Release()
	}
	if !slices.Equal(h.ran, lines) {
		t.Errorf("ran %d lines, want %d as pasted", len(h.ran), len(lines))
	}
	if l.Text() != "last" || !l.Idle() {
		t.Errorf("text %q, idle %v; want the begun line at the prompt", l.Text(), l.Idle())
	}
	if want := "<H3C>" + strings.Join(lines, "\r\n<H3C>") + "\r\n<H3C>last"; out.String() != want {
		t.Errorf("screen differs: %d bytes, want %d", out.Len(), len(want))
	}
}

func TestLongLine(t *testing.T) {
	l, h, _ := newLine()
	l.Start()
	l.Feed([]byte(strings.Repeat("x", 600) + "\r"))
	if len(h.ran) != 1 || len(h.ran[0]) != MaxInput {
		t.Fatalf("ran %d bytes, want %d", len(h.ran[0]), MaxInput)
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d\n", i+1)
	}
	return b.String()
}

func TestPaging(t *testing.T) {
	wipe := "\r\r" + strings.Repeat(" ", 15) + "\r"
	tests := []struct {
		name, keys, want string
		lines            int
	}{
		{"fits", "", "1\r\n2\r\n3\r\n<H3C>", 3},
		{"more", "", "1\r\n2\r\n3\r\n---- More ----", 4},
		{"enter: a line", "\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "4\r\n---- More ----", 5},
		{"space: a page", " ", "1\r\n2\r\n3\r\n---- More ----" + wipe + "4\r\n5\r\n<H3C>", 5},
		{"page down: a page", "\x1b[6~", "1\r\n2\r\n3\r\n---- More ----" + wipe + "4\r\n5\r\n<H3C>", 5},
		{"Ctrl+C: no more", "\x03", "1\r\n2\r\n3\r\n---- More ----" + wipe + "<H3C>", 5},
		{"other keys: nothing", "qx\t?", "1\r\n2\r\n3\r\n---- More ----", 5},
		{"page up on the first page: again", "\x1b[5~", "1\r\n2\r\n3\r\n---- More ----" + wipe + "1\r\n2\r\n3\r\n---- More ----", 5},
		{"page up: the page before", " \x1b[5~ ", "1\r\n2\r\n3\r\n---- More ----" + wipe + "4\r\n5\r\n6\r\n---- More ----" +
			wipe + "1\r\n2\r\n3\r\n---- More ----" + wipe + "4\r\n5\r\n6\r\n---- More ----", 7},
		{"/: from the line that matches", "/7\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "/7\r\n7\r\n8\r\n<H3C>", 8},
		{"+: lines that match", "+1\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "+1\r\n10\r\n11\r\n<H3C>", 11},
		{"-: the others", "-1\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "-1\r\n4\r\n5\r\n6\r\n---- More ----", 11},
		{"filters add up", "-5\r-6\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "-5\r\n4\r\n6\r\n7\r\n---- More ----" +
			wipe + "-6\r\n8\r\n<H3C>", 8},
		{"a typing mistake", "+9\x7f8\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "+9\b \b8\r\n8\r\n<H3C>", 9},
		{"no expression after all", "+9\x7f\x7f ", "1\r\n2\r\n3\r\n---- More ----" + wipe + "+9\b \b\r \r---- More ----" + wipe + "4\r\n5\r\n<H3C>", 5},
		{"a bad expression", "+(\r", "1\r\n2\r\n3\r\n---- More ----" + wipe + "+(\r\n---- More ----", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, h, out := newLine()
			l.SetPageLength(3)
			h.run = func(string) { l.Print(numbered(tt.lines)) }
			l.Start()
			l.Feed([]byte("d\r"))
			l.Feed([]byte(tt.keys))
			if got := strings.TrimPrefix(out.String(), "<H3C>d\r\n"); got != tt.want {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
	t.Run("off", func(t *testing.T) {
		l, h, out := newLine()
		l.SetPageLength(0)
		h.run = func(string) { l.Print(numbered(100)) }
		l.Start()
		l.Feed([]byte("d\r"))
		if strings.Contains(out.String(), "More") {
			t.Errorf("paged although paging is off: %q", out)
		}
	})
	t.Run("held commands are not paged", func(t *testing.T) {
		l, h, out := newLine()
		l.SetPageLength(3)
		h.run = func(string) { l.Hold() }
		l.Start()
		l.Feed([]byte("ping\r"))
		for range 5 {
			l.Print("reply\n")
		}
		l.Release()
		if want := "<H3C>ping\r\n" + strings.Repeat("reply\r\n", 5) + "<H3C>"; out.String() != want {
			t.Errorf("got %q, want %q", out, want)
		}
	})
}

func TestInterrupt(t *testing.T) {
	l, h, out := newLine()
	h.run = func(cmd string) {
		if cmd == "ping" {
			l.Hold()
		}
	}
	h.onInt = func() { l.Print("stopped\n"); l.Release() }
	l.Start()
	l.Feed([]byte("ping\rnext\r\x03"))
	if want := "<H3C>ping\r\nstopped\r\n<H3C>next\r\n<H3C>"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
	if h.stops != 1 || !slices.Equal(h.ran, []string{"ping", "next"}) {
		t.Errorf("interrupts %d, ran %q; want 1, ping and next", h.stops, h.ran)
	}
}

func TestAsk(t *testing.T) {
	l, h, out := newLine()
	var got []string
	h.run = func(string) {
		l.Print("Checking.\n")
		l.Ask("Continue? [Y/N]:", false, func(a string) {
			got = append(got, a)
			l.Ask("Password:", true, func(a string) { got = append(got, a); l.Print("done\n") })
		})
	}
	l.Start()
	l.Feed([]byte("save\r"))
	if l.Idle() || !l.Asking() {
		t.Error("a line with a question is idle")
	}
	l.Feed([]byte("yx\x7f\rse\x7fecret\rnext"))
	if want := "<H3C>save\r\nChecking.\r\nContinue? [Y/N]:yx\b \b\r\nPassword:\r\ndone\r\n<H3C>next"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
	if want := []string{"y", "secret"}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	out.Reset()
	l.Feed([]byte("\x18save\r\x03"))
	if h.stops != 1 || !l.Idle() || !strings.HasSuffix(out.String(), "Continue? [Y/N]:\r\n<H3C>") {
		t.Errorf("after Ctrl+C: interrupts %d, idle %v, %q", h.stops, l.Idle(), out)
	}
}

func TestAsync(t *testing.T) {
	const log = "%log\n"
	t.Run("at the prompt", func(t *testing.T) {
		l, h, out := newLine()
		l.Start()
		l.Feed([]byte("dis"))
		l.Async(log)
		l.Feed([]byte(" v\r"))
		if want := "<H3C>dis%log\r\n v\r\n<H3C>"; out.String() != want {
			t.Errorf("got %q, want %q", out, want)
		}
		if !slices.Equal(h.ran, []string{"dis v"}) {
			t.Errorf("ran %q, want the whole line", h.ran)
		}
	})
	t.Run("editing behind a log", func(t *testing.T) {
		l, _, out := newLine()
		l.Start()
		l.Feed([]byte("ab"))
		l.Async(log)
		l.Feed([]byte("c\x7f\x7f"))
		if want := "<H3C>ab%log\r\nc\b \b\r\n<H3C>a"; out.String() != want {
			t.Errorf("got %q, want %q", out, want)
		}
	})
	t.Run("synchronous", func(t *testing.T) {
		l, _, out := newLine()
		l.SetSynchronous(true)
		l.Start()
		l.Feed([]byte("dis\x02"))
		l.Async(log)
		l.Feed([]byte("x"))
		if want := "<H3C>dis\b\r\n%log\r\n<H3C>dis\bxs\b"; out.String() != want {
			t.Errorf("got %q, want %q", out, want)
		}
	})
	t.Run("while a command runs", func(t *testing.T) {
		l, h, out := newLine()
		h.run = func(string) { l.Hold() }
		l.Start()
		l.Feed([]byte("ping\r"))
		l.Async(log)
		l.Release()
		if want := "<H3C>ping\r\n%log\r\n<H3C>"; out.String() != want {
			t.Errorf("got %q, want %q", out, want)
		}
	})
}

func TestWaitEnter(t *testing.T) {
	l, h, out := newLine()
	h.run = func(cmd string) {
		if cmd == "quit" {
			l.Print("Press ENTER to get started.\n")
			l.WaitEnter(func() { l.Print("hello\n") })
		}
	}
	l.Start()
	l.Feed([]byte("quit\rxyz\rdis\r"))
	if want := "<H3C>quit\r\nPress ENTER to get started.\r\n\r\nhello\r\n<H3C>dis\r\n<H3C>"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
}

func TestHotkey(t *testing.T) {
	l, h, out := newLine()
	h.hotkey = func(f Function) bool {
		if f == ToUserView {
			h.prompt = "<up>"
		}
		return f == ToUserView
	}
	l.Start()
	l.Feed([]byte("ab\x07\x1ac\x14\x0b"))
	const show = "display current-configuration"
	if want := "<H3C>ab\b\b" + show + "\r\n<H3C>\r\n<up>c"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
	if want := []Function{ToUserView, AbortConnection}; !slices.Equal(h.keys, want) {
		t.Errorf("the host got %v, want %v", h.keys, want)
	}
}

// TestKeymap binds keys anew.
func TestKeymap(t *testing.T) {
	l, h, out := newLine()
	m := &Keymap{}
	l.SetKeymap(m)
	m.Bind('T'&0x1f, Binding{Command: "display clock"})
	m.Bind('A'&0x1f, Binding{Function: ToEnd})
	m.Bind('E'&0x1f, Binding{})
	m.Bind('C'&0x1f, Binding{Function: Left})
	m.Bind('K'&0x1f, Binding{Function: Stop})
	m.Bind(escHotkey|'B', Binding{Function: ToBeginning})
	l.Start()
	l.Feed([]byte("abc\x1bbx\x01y\x03\x03z\x05\x0b"))
	if want := "<H3C>abc\b\b\bxabc\b\b\babcy\b\bzcy\b\b\r\n<H3C>"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
	l.Feed([]byte{0x14})
	if want := []string{"display clock"}; !slices.Equal(h.ran, want) {
		t.Errorf("ran %q, want %q", h.ran, want)
	}
	h.run = func(string) { l.Hold() }
	l.Feed([]byte("ping\r\x03\x0b"))
	if h.stops != 1 {
		t.Errorf("a command was stopped %d times by the key that is bound to it, want once", h.stops)
	}
	m.Reset('A' & 0x1f)
	if got := m.Of('A' & 0x1f); got.Function != ToBeginning {
		t.Errorf("after a reset CTRL_A is %v", got)
	}
	var names []string
	for _, k := range Hotkeys() {
		names = append(names, k.Token())
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, "ctrl_a ctrl_b") || !strings.HasSuffix(got, "ctrl_z ctrl_] esc_b esc_d esc_f") {
		t.Errorf("keys are %s", got)
	}
	for _, f := range Functions() {
		if f.String() == "" || f.Text() == "" {
			t.Errorf("function %d has no name or text", f)
		}
	}
}

func TestDismiss(t *testing.T) {
	l, h, out := newLine()
	h.run = func(cmd string) {
		if cmd == "save" {
			l.Ask("Sure? [Y/N]:", false, func(string) { t.Error("answered") })
		}
	}
	l.Start()
	l.Feed([]byte("save\rx"))
	l.Dismiss(func() { l.Print("late\n") })
	l.Feed([]byte("a\r"))
	l.Dismiss(func() { t.Error("dismissed without a question") })
	if want := "<H3C>save\r\nSure? [Y/N]:x\r\nlate\r\n<H3C>a\r\n<H3C>"; out.String() != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
}

// TestLongPaste pastes thousands of lines at once, with commands that ask and
// that go on: every line reaches a command or a question, in order.
func TestLongPaste(t *testing.T) {
	for _, end := range []string{"\r", "\n", "\r\n"} {
		l, h, _ := newLine()
		var got []string
		h.run = func(cmd string) {
			got = append(got, cmd)
			switch {
			case strings.HasPrefix(cmd, "ask"):
				l.Ask("[Y/N]:", false, func(a string) { got = append(got, a) })
			case strings.HasPrefix(cmd, "hold"):
				l.Hold()
			}
		}
		var typed strings.Builder
		var want []string
		for i := range 1000 {
			cmd := fmt.Sprintf("line %d", i)
			switch i % 5 {
			case 1:
				cmd = fmt.Sprintf("ask %d", i)
			case 3:
				cmd = fmt.Sprintf("hold %d", i)
			}
			for _, s := range []string{cmd, fmt.Sprintf("next %d", i)} {
				typed.WriteString(s + end)
				want = append(want, s)
			}
		}
		l.Start()
		text := []byte(typed.String())
		for len(text) > 0 {
			n := min(len(text), 701)
			l.Feed(text[:n])
			text = text[n:]
			l.Release()
		}
		for range 1000 {
			l.Release()
		}
		if !slices.Equal(got, want) {
			t.Errorf("line end %q: %d lines arrived, want %d", end, len(got), len(want))
		}
		if !l.Idle() {
			t.Errorf("line end %q: the line is not idle at the end", end)
		}
	}
}

// TestScreen edits lines at the right margin and compares the screen with the
// text and the cursor.
func TestScreen(t *testing.T) {
	const left = "\x1b[D"
	for _, typed := range []string{
		"0123456789abcdefghij",
		"0123456789abcde" + left,
		"01234" + left,
		"01234\x7f",
		"012345\x7f\x7f",
		"0123456789abcdefghij\x01",
		"0123456789abcdefghij\x01X",
		"0123456789abcdefghij\x01\x04\x04\x04\x04\x04\x04\x04",
		"0123中国",
		"0123中国" + left + left + "x",
		"中中中中中中\x01a",
		"0123456789\x17x",
	} {
		checkScreen(t, 10, []byte(typed))
	}
}

// checkScreen feeds keys and then compares the terminal with the line.
func checkScreen(t *testing.T, width int, typed []byte) {
	t.Helper()
	l, h, out := newLine()
	h.redraw = true
	l.SetSize(width, 24)
	l.Start()
	l.Feed(typed)
	l.Feed([]byte{0x18, 0x19}) // finish any sequence, empty the line
	l.Feed([]byte{0x03})
	out.Reset()
	l.Feed([]byte("\r"))
	out.Reset()
	l.Feed(typed)
	if l.from > 0 || !l.editing {
		return
	}
	s := newScreen(width)
	s.write(t, "<H3C>"+out.String())
	want := newScreen(width)
	want.write(t, "<H3C>"+l.Text())
	if got := s.String(); !strings.HasSuffix("\n"+got, "\n"+want.String()) {
		t.Errorf("typed %q, width %d: the screen shows\n%s\nwant at its end\n%s\nbytes %q", typed, width, got, want, out)
		return
	}
	// the cursor, seen from the first row of the prompt
	cursor := newScreen(width)
	cursor.write(t, "<H3C>"+join(l.buf[:l.cur]))
	gr, gc := s.at()
	wr, wc := cursor.at()
	first := len(strings.Split(s.String(), "\n")) - len(strings.Split(want.String(), "\n"))
	if gr-first != wr || gc != wc {
		t.Errorf("typed %q, width %d: cursor at row %d column %d, want %d, %d; bytes %q", typed, width, gr-first, gc, wr, wc, out)
	}
}

// FuzzFeed types anything: nothing may panic or be lost, and the screen shows
// the line.
func FuzzFeed(f *testing.F) {
	f.Add([]byte("display version\r"), uint8(80))
	f.Add([]byte("ab\x1b[D\x1b[Dxy\x7f\x04\x17\x01\x05\x10\x0e"), uint8(12))
	f.Add([]byte("\xe4\xb8\xad\xe5\x9b\xbd\x1b[D\x7f?\t"), uint8(7))
	f.Fuzz(func(t *testing.T, typed []byte, width uint8) {
		if len(typed) > 400 {
			return
		}
		l, h, _ := newLine()
		h.words = []string{"one", "two"}
		h.rows = strings.Split(numbered(30), "\n")
		h.redraw = true
		l.SetSize(int(width), 24)
		h.run = func(cmd string) {
			switch len(cmd) % 4 {
			case 1:
				l.Hold()
			case 2:
				l.Print(numbered(60))
			case 3:
				l.Ask("?", len(cmd)%8 == 3, func(string) {})
			}
		}
		l.Start()
		for i, b := range typed {
			l.Feed([]byte{b})
			if i%7 == 3 {
				l.Async("%log\n")
			}
			if i%11 == 5 {
				l.Release()
			}
		}
		if l.size() > MaxInput || l.cur < 0 || l.cur > len(l.buf) || l.from > l.cur && !l.Masked() {
			t.Fatalf("cursor %d, from %d in a line of %d", l.cur, l.from, len(l.buf))
		}
		// keys that only edit keep screen and line the same
		var keys []byte
		for _, b := range typed {
			if b != '\r' && b != '\n' && b != '?' && b != '\t' && b != 0x12 && b != 0x03 {
				keys = append(keys, b)
			}
		}
		if !utf8.Valid(keys) || strings.ContainsAny(string(keys), "\x00") {
			return
		}
		for _, r := range string(keys) {
			if r >= ' ' && runewidth.RuneWidth(r) == 0 || r >= 0x80 && r < 0xa0 {
				return
			}
		}
		checkScreen(t, 6+int(width%40), keys)
	})
}

// What is typed while nobody takes it has an end.
func TestTypingAheadIsBounded(t *testing.T) {
	l, h, _ := newLine()
	h.run = func(string) { l.Hold() }
	l.Start()
	l.Feed([]byte("run\r"))
	for range 40 {
		l.Feed([]byte(strings.Repeat("x", maxAhead/20)))
	}
	if len(l.in) != maxAhead {
		t.Errorf("%d bytes wait, want %d", len(l.in), maxAhead)
	}
	l.Release()
	if got := len(l.Text()); got != MaxInput {
		t.Errorf("of them %d stand behind the prompt, want %d", got, MaxInput)
	}
}
