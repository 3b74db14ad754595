package vt

import "github.com/charmbracelet/x/ansi"

// escape does an escape sequence (ECMA-48 section 5.3, VT220).
func (t *Terminal) escape(cmd ansi.Cmd) {
	c := &t.cur
	t.last = 0
	switch i := cmd.Intermediate(); {
	case i == '(' || i == ')':
		c.lines[i-'('] = cmd.Final() == '0'
		return
	case i == '#' && cmd.Final() == '8': // DECALN
		c.wrap = false
		for _, r := range t.rows {
			for x := range r.cells {
				r.cells[x] = Cell{R: 'E', Width: 1}
			}
			r.dirty = true
		}
		return
	case i != 0:
		return
	}
	switch cmd.Final() {
	case '7':
		t.save()
	case '8':
		t.restore()
	case 'D':
		c.wrap = false
		t.index()
	case 'E':
		c.x, c.wrap = 0, false
		t.index()
	case 'H':
		t.tabs[c.x] = true
	case 'M':
		c.wrap = false
		if c.y == t.top {
			t.scroll(-1)
		} else {
			c.y = max(c.y-1, 0)
		}
	case 'c':
		for y := range t.rows {
			t.leaves(y)
		}
		t.reset()
		for _, r := range t.rows {
			r.dirty = true
		}
	}
}

func (t *Terminal) save() {
	t.saved = t.cur
	t.saved.wrap = false
}

func (t *Terminal) restore() {
	t.cur = t.saved
	t.clamp(&t.cur)
	if t.cur.origin {
		t.cur.y = min(max(t.cur.y, t.top), t.bottom-1)
	}
}

// csi does a control sequence (ECMA-48 section 8.3, xterm's ctlseqs).
func (t *Terminal) csi(cmd ansi.Cmd, params ansi.Params) {
	arg := func(i, byDefault int) int {
		n, _, _ := params.Param(i, byDefault)
		return max(min(n, 1<<15), 0)
	}
	n := max(arg(0, 1), 1)
	last := t.last
	t.last = 0
	if cmd.Intermediate() != 0 {
		if cmd.Intermediate() == '!' && cmd.Final() == 'p' { // DECSTR
			t.insert, t.noWrap, t.hidden = false, false, false
			t.top, t.bottom, t.saved = 0, t.h, cursor{}
			t.cur.style, t.cur.origin, t.cur.wrap, t.cur.charset = Style{}, false, false, charset{}
		}
		return
	}
	if cmd.Prefix() != 0 {
		if on := cmd.Final() == 'h'; cmd.Prefix() == '?' && (on || cmd.Final() == 'l') {
			params.ForEach(0, func(_, mode int, _ bool) { t.mode(mode, on) })
		}
		return
	}
	c := &t.cur
	low, high := 0, t.h
	if c.y >= t.top {
		low = t.top
	}
	if c.y < t.bottom {
		high = t.bottom
	}
	if f := cmd.Final(); f != 'm' && f != 'b' && f != 'g' && f != 'h' && f != 'l' && f != 'n' && f != 't' {
		c.wrap = false
	}
	line := t.rows[c.y]
	switch cmd.Final() {
	case 'A':
		c.y = max(c.y-n, low)
	case 'B', 'e':
		c.y = min(c.y+n, high-1)
	case 'C', 'a':
		c.x = min(c.x+n, t.w-1)
	case 'D':
		c.x = max(c.x-n, 0)
	case 'E':
		c.x, c.y = 0, min(c.y+n, high-1)
	case 'F':
		c.x, c.y = 0, max(c.y-n, low)
	case 'G', '`':
		c.x = min(n, t.w) - 1
	case 'H', 'f':
		t.move(max(arg(1, 1), 1)-1, n-1)
	case 'd':
		t.move(c.x, n-1)
	case 'I':
		t.tab(n)
	case 'Z':
		for ; n > 0 && c.x > 0; n-- {
			for c.x--; c.x > 0 && !t.tabs[c.x]; c.x-- {
			}
		}
	case 'J':
		t.eraseDisplay(arg(0, 0))
	case 'K':
		switch arg(0, 0) {
		case 0:
			t.erase(line, c.x, t.w)
		case 1:
			t.erase(line, 0, c.x+1)
		case 2:
			t.erase(line, 0, t.w)
		}
	case 'L', 'M':
		if c.y >= t.top && c.y < t.bottom {
			if cmd.Final() == 'L' {
				n = -n
			}
			t.shiftWithin(c.y, n)
			c.x = 0
		}
	case '@':
		n = min(n, t.w-c.x)
		t.mend(line, c.x)
		t.mend(line, t.w-n)
		copy(line.cells[c.x+n:], line.cells[c.x:t.w-n])
		t.erase(line, c.x, c.x+n)
	case 'P':
		n = min(n, t.w-c.x)
		t.mend(line, c.x)
		t.mend(line, c.x+n)
		copy(line.cells[c.x:], line.cells[c.x+n:])
		t.erase(line, t.w-n, t.w)
	case 'X':
		t.erase(line, c.x, min(c.x+n, t.w))
	case 'S':
		t.scroll(n)
	case 'T':
		if len(params) <= 1 { // with five it begins to follow the mouse
			t.scroll(-n)
		}
	case 'b':
		if last != 0 {
			for range min(n, t.w*t.h) {
				t.print(last)
			}
		}
	case 'g':
		switch arg(0, 0) {
		case 0:
			t.tabs[c.x] = false
		case 3:
			clear(t.tabs)
		}
	case 'h', 'l':
		params.ForEach(0, func(_, mode int, _ bool) {
			if mode == 4 {
				t.insert = cmd.Final() == 'h'
			}
		})
	case 'm':
		c.style.sgr(params)
	case 'r':
		top, bottom := max(arg(0, 1), 1)-1, arg(1, t.h)
		if bottom == 0 || bottom > t.h {
			bottom = t.h
		}
		if top < bottom-1 {
			t.top, t.bottom = top, bottom
			t.move(0, 0)
		}
	case 's':
		t.save()
	case 'u':
		t.restore()
	}
}

// shiftWithin inserts or deletes rows at y, none of which leaves at the top of
// the screen as a line of its past.
func (t *Terminal) shiftWithin(y, n int) {
	keep := t.OnScroll
	t.OnScroll = nil
	t.shift(y, n)
	t.OnScroll = keep
}

// move puts the cursor at a position, which counts from the top margin in
// origin mode.
func (t *Terminal) move(x, y int) {
	c := &t.cur
	c.x, c.wrap = min(x, t.w-1), false
	if c.origin {
		c.y = min(y+t.top, t.bottom-1)
		return
	}
	c.y = min(y, t.h-1)
}

func (t *Terminal) eraseDisplay(how int) {
	c := &t.cur
	from, to := 0, t.h
	switch how {
	case 0:
		t.erase(t.rows[c.y], c.x, t.w)
		from = c.y + 1
	case 1:
		t.erase(t.rows[c.y], 0, c.x+1)
		to = c.y
	case 2:
	default:
		return
	}
	for y := from; y < to; y++ {
		t.leaves(y)
		t.erase(t.rows[y], 0, t.w)
	}
}

// mode sets a DEC private mode.
func (t *Terminal) mode(mode int, on bool) {
	switch mode {
	case 6:
		t.cur.origin = on
		t.move(0, 0)
	case 7:
		t.noWrap = !on
		t.cur.wrap = t.cur.wrap && on
	case 25:
		t.hidden = !on
	case 47, 1047:
		t.turn(on, on)
	case 1048:
		if on {
			t.save()
		} else {
			t.restore()
		}
	case 1049:
		if on {
			if !t.alternate {
				t.save()
			}
			t.turn(true, true)
		} else if t.alternate {
			t.turn(false, false)
			t.restore()
		}
	}
}

// turn shows the alternate screen or the main one.
func (t *Terminal) turn(on, clean bool) {
	t.cur.wrap = false
	if t.alternate != on {
		for y := range t.rows {
			t.leaves(y)
		}
		if on {
			t.rows, t.other = blank(t.w, t.h), t.rows
		} else {
			t.rows, t.other = t.other, nil
		}
		t.alternate = on
		for _, r := range t.rows {
			r.dirty = true
		}
	}
	if on && clean {
		for _, r := range t.rows {
			t.erase(r, 0, t.w)
		}
	}
}
