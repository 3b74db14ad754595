package tui

// wide is the width from which consoles stand side by side.
const wide = 160

// columns is how many consoles stand side by side at most.
const columns = 3

// A rect is a rectangle of cells. One without width or height is not there.
type rect struct{ x, y, w, h int }

func (r rect) empty() bool         { return r.w <= 0 || r.h <= 0 }
func (r rect) holds(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// A box is where a console stands.
type box struct {
	pane  int
	title rect // not there while tabs title the console
	body  rect
}

// A layout is where everything stands.
type layout struct {
	w, h   int
	tabs   rect // not there while every console has a title of its own
	boxes  []box
	strip  rect
	status rect
}

// lay says where everything stands on a screen of w by h cells with that
// many consoles, of which one has the focus. Below the wide width, and when
// zoomed, the focused console has the full width and the others are tabs. A
// low screen gives up the strip first, then the tabs, then the status line:
// a row of console is always left.
func lay(w, h, panes, focus int, zoom bool) layout {
	w, h = max(w, 0), max(h, 0)
	l := layout{w: w, h: h}
	if w == 0 || h == 0 || panes <= 0 {
		return l
	}
	focus = min(max(focus, 0), panes-1)
	top, bottom := 0, h
	if h >= 2 {
		bottom--
		l.status = rect{0, bottom, w, 1}
	}
	if h >= 6 {
		bottom--
		l.strip = rect{0, bottom, w, 1}
	}
	titled := h >= 3
	if w < wide || zoom || panes == 1 {
		if titled {
			l.tabs = rect{0, 0, w, 1}
			top++
		}
		l.boxes = []box{{pane: focus, body: rect{0, top, w, bottom - top}}}
		return l
	}
	n := min(panes, columns)
	if titled && panes > n {
		l.tabs = rect{0, 0, w, 1}
		top++
	}
	first := min(focus/n*n, panes-n)
	x, room := 0, w-(n-1) // a rule between each two
	for i := range n {
		width := room / n
		if i < room%n {
			width++
		}
		b := box{pane: first + i, body: rect{x, top, width, bottom - top}}
		if titled && bottom-top >= 2 {
			b.title = rect{x, top, width, 1}
			b.body.y++
			b.body.h--
		}
		l.boxes = append(l.boxes, b)
		x += width + 1
	}
	return l
}
