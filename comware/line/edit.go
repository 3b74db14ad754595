package line

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// tabbing is a Tab pressed again and again.
type tabbing struct {
	before []cell // text before the word
	after  []cell // text behind the cursor
	words  []string
	at     int
}

func firstCell(s string) cell {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n <= 1 {
		return cell{s[:n], 1}
	}
	return cell{s[:n], runewidth.RuneWidth(r)}
}

func cells(s string) []cell {
	var cs []cell
	for s != "" {
		c := firstCell(s)
		cs = append(cs, c)
		s = s[len(c.s):]
	}
	return cs
}

func join(cs []cell) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(c.s)
	}
	return b.String()
}

// pos is the column of a cell of the buffer, counted on over the right margin.
// A wide character that does not fit before the margin goes behind it.
func (l *Line) pos(i int) int {
	p := l.base
	for _, c := range l.buf[l.from:i] {
		p = l.after(p, c)
	}
	return p
}

func (l *Line) after(p int, c cell) int {
	if c.w == 2 && l.width > 1 && p%l.width == l.width-1 {
		p++
	}
	return p + c.w
}

// put writes cells, the first of them at column p.
func (l *Line) put(cs []cell, p int) {
	if len(cs) == 0 {
		return
	}
	var b strings.Builder
	for _, c := range cs {
		next := l.after(p, c)
		if next > p+c.w {
			b.WriteByte(' ') // what stood before the margin must go
		}
		b.WriteString(c.s)
		p = next
	}
	l.raw(b.String(), p)
}

// raw writes characters that end at column p.
func (l *Line) raw(s string, p int) {
	l.write([]byte(s))
	l.col = p
	l.wrap = l.width > 0 && p > 0 && p%l.width == 0
}

// goTo moves the cursor to a cell that is on the screen. To the right it writes
// the characters again.
func (l *Line) goTo(i int) {
	if i >= l.cur {
		l.put(l.buf[l.cur:i], l.col)
		if i == len(l.buf) {
			l.cut = false
		}
		l.cur = i
		return
	}
	l.back(l.pos(i))
	l.cur = i
}

// back moves the cursor left to column p.
func (l *Line) back(p int) {
	if p == l.col {
		return
	}
	if l.width == 0 {
		l.write([]byte(strings.Repeat("\b", l.col-p)))
		l.col = p
		return
	}
	if l.wrap {
		// leave the margin first: where a terminal stands there differs
		l.write([]byte(" \r"))
		l.wrap = false
	}
	rows := l.col/l.width - p/l.width
	have, want := l.col%l.width, p%l.width
	s := ""
	if rows > 0 {
		s = "\x1b[" + strconv.Itoa(rows) + "A"
	}
	if want > have {
		s += "\x1b[" + strconv.Itoa(want-have) + "C"
	} else {
		s += strings.Repeat("\b", have-want)
	}
	l.write([]byte(s))
	l.col = p
}

// edit makes the buffer now, which differs from the old one from cell at on,
// with the cursor at cell cur.
func (l *Line) edit(at int, now []cell, cur int) {
	if l.Masked() {
		l.buf, l.cur = now, cur
		return
	}
	if at < l.from {
		// that part stands above a log
		l.buf, l.cur = now, cur
		l.redisplay()
		return
	}
	end := l.pos(l.cur)
	if !l.cut {
		end = l.pos(len(l.buf))
	}
	l.goTo(at)
	l.buf, l.cut = now, false
	l.put(now[at:], l.col)
	if gap := end - l.col; gap > 0 {
		l.raw(strings.Repeat(" ", gap), end)
	}
	l.cur = len(now)
	l.back(l.pos(cur))
	l.cur = cur
}

// redisplay prints prompt and text on a new line.
func (l *Line) redisplay() {
	l.out("\r\n")
	l.show()
}

func (l *Line) size() int {
	n := 0
	for _, c := range l.buf {
		n += len(c.s)
	}
	return n
}

// with returns the buffer with the cells from a to b replaced.
func (l *Line) with(a, b int, mid []cell) []cell {
	now := make([]cell, 0, len(l.buf)+len(mid))
	now = append(now, l.buf[:a]...)
	now = append(now, mid...)
	return append(now, l.buf[b:]...)
}

// remove deletes the cells from a to b and puts the cursor at a.
func (l *Line) remove(a, b int) {
	if a < b {
		l.edit(a, l.with(a, b, nil), a)
	}
}

// move puts the cursor at a cell.
func (l *Line) move(i int) {
	i = min(max(i, 0), len(l.buf))
	switch {
	case l.Masked():
		l.cur = i
	case i < l.from:
		l.cur = i
		l.redisplay()
	default:
		l.goTo(i)
	}
}

// insert types a character.
func (l *Line) insert(s string) {
	if l.size()+len(s) > MaxInput {
		return
	}
	mid := cells(s)
	l.edit(l.cur, l.with(l.cur, l.cur, mid), l.cur+len(mid))
}

func (l *Line) wordLeft() int {
	i := l.cur
	for i > 0 && l.buf[i-1].s == " " {
		i--
	}
	for i > 0 && l.buf[i-1].s != " " {
		i--
	}
	return i
}

func (l *Line) wordRight() int {
	i := l.cur
	for i < len(l.buf) && l.buf[i].s == " " {
		i++
	}
	for i < len(l.buf) && l.buf[i].s != " " {
		i++
	}
	return i
}

// textKey handles the keys that only edit, in lines and in answers.
func (l *Line) textKey(k key) bool {
	switch k.code {
	case keyChar:
		l.insert(k.s)
	case keyLeft:
		l.do(Left)
	case keyRight:
		l.do(Right)
	case keyHome:
		l.do(ToBeginning)
	case keyEnd:
		l.do(ToEnd)
	case keyDelete:
		l.do(EraseAtCursor)
	case keyBackspace:
		l.do(EraseLeft)
	default:
		b, _ := l.keys.ofKey(k)
		return l.do(b.Function)
	}
	return true
}

// do edits; it says whether the function is one that does.
func (l *Line) do(f Function) bool {
	switch f {
	case ToBeginning:
		l.move(0)
	case ToEnd:
		l.move(len(l.buf))
	case Left:
		l.move(l.cur - 1)
	case Right:
		l.move(l.cur + 1)
	case WordLeft:
		l.move(l.wordLeft())
	case WordRight:
		l.move(l.wordRight())
	case EraseAtCursor:
		l.remove(l.cur, min(l.cur+1, len(l.buf)))
	case EraseLeft:
		l.remove(max(l.cur-1, 0), l.cur)
	case DeleteWord:
		l.remove(l.cur, l.wordRight())
	case DeleteWordLeft:
		l.remove(l.wordLeft(), l.cur)
	case DeleteToBeginning:
		l.remove(0, l.cur)
	case DeleteToEnd:
		l.remove(l.cur, len(l.buf))
	case Redisplay:
		l.redisplay()
	default:
		return false
	}
	return true
}

// editKey handles a key at the prompt.
func (l *Line) editKey(k key) {
	tab := l.tab
	l.tab = nil
	switch {
	case k.code == keyEnter:
		l.submit()
	case k.code == keyChar && k.s == "?":
		l.question()
	case k.code == keyChar && k.s == "\t":
		l.complete(tab)
	case k.code == keyUp:
		l.recall(-1)
	case k.code == keyDown:
		l.recall(+1)
	case l.textKey(k):
	default:
		if b, ok := l.keys.ofKey(k); ok {
			l.hotkey(b)
		}
	}
}

// hotkey does what a key is bound to besides editing.
func (l *Line) hotkey(b Binding) {
	switch {
	case b.Command != "":
		l.Run(b.Command)
	case b.Function == PreviousCommand:
		l.recall(-1)
	case b.Function == NextCommand:
		l.recall(+1)
	case b.Function == Stop:
		l.out("\r\n")
		l.editing = false
		l.settle()
	case b.Function != 0:
		l.executing++
		done := l.host.Key(b.Function)
		l.executing--
		if done && l.editing {
			l.out("\r\n")
			l.editing = false
		}
		l.settle()
	}
}

// question answers `?`.
func (l *Line) question() {
	text := join(l.buf[:l.cur])
	l.raw("?", l.col+1)
	l.out("\r\n")
	l.editing = false
	l.shown = 0
	l.call(func() {
		rows, list := l.host.Help(text)
		l.keep = true
		if list {
			rows = append(rows[:len(rows):len(rows)], "")
		}
		if len(rows) > 0 {
			l.Print(strings.Join(rows, "\n") + "\n")
		}
	})
}

// complete answers Tab: the line is shown again below with the word
// completed. Of several words each Tab shows the next.
func (l *Line) complete(t *tabbing) {
	if t == nil {
		text := join(l.buf[:l.cur])
		t = &tabbing{after: l.with(0, l.cur, nil), words: l.host.Complete(text)}
		t.before = cells(text[:strings.LastIndexAny(text, " \t")+1])
	} else {
		t.at = (t.at + 1) % len(t.words)
	}
	if len(t.words) > 0 {
		word := t.words[t.at]
		if len(t.words) == 1 && (len(t.after) == 0 || t.after[0].s != " ") {
			word += " "
		}
		head := append(append([]cell{}, t.before...), cells(word)...)
		now := append(head[:len(head):len(head)], t.after...)
		if len(join(now)) <= MaxInput {
			l.buf, l.cur = now, len(head)
		}
		if len(t.words) > 1 {
			l.tab = t
		}
	}
	l.redisplay()
}
