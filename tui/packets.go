package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"cwlab/emulator/dissect"
)

// The parts of the packet view.
const (
	partList = iota
	partLayers
	partHex
	parts
)

// A packetView lists the frames of the ring, and shows the layers and the
// bytes of one of them. It stands in place of the consoles.
type packetView struct {
	ring  *ring
	sieve sieve
	all   []record // of the ring
	shown []int    // in all, those that the sieve lets through

	follow bool
	part   int    // with the focus
	chosen uint64 // number of the record

	tree   []treeLine // of the chosen record
	treeOf uint64
	noted  int // notes in the tree
	line   int // chosen
	from   int // first row of bytes shown
}

// A treeLine is a line of the layers.
type treeLine struct {
	text string
	node *dissect.Node
}

func newPacketView(r *ring) *packetView {
	v := &packetView{ring: r, follow: true}
	v.read()
	return v
}

// read takes what is new in the ring.
func (v *packetView) read() {
	last := uint64(0)
	if n := len(v.all); n > 0 {
		last = v.all[n-1].n
	}
	fresh, first := v.ring.since(last)
	gone := 0
	for gone < len(v.all) && v.all[gone].n < first {
		gone++
	}
	if gone > 0 {
		v.all = slices.Delete(v.all, 0, gone)
		cut := 0
		for i := range v.shown {
			if v.shown[i] -= gone; v.shown[i] < 0 {
				cut++
			}
		}
		v.shown = v.shown[cut:]
	}
	for _, x := range fresh {
		v.all = append(v.all, x)
		if v.sieve.match(&x) {
			v.shown = append(v.shown, len(v.all)-1)
		}
	}
	if v.follow || v.at() < 0 {
		v.choose(len(v.shown) - 1)
	}
}

// filter changes what is shown.
func (v *packetView) filter(s sieve) {
	v.sieve, v.shown = s, nil
	for i := range v.all {
		if s.match(&v.all[i]) {
			v.shown = append(v.shown, i)
		}
	}
	if v.follow || v.at() < 0 {
		v.choose(len(v.shown) - 1)
	}
}

// at is where in shown the chosen record is, -1 for nowhere.
func (v *packetView) at() int {
	i, ok := slices.BinarySearchFunc(v.shown, v.chosen, func(i int, n uint64) int { return int(int64(v.all[i].n) - int64(n)) })
	if !ok {
		return -1
	}
	return i
}

// choose chooses a record of shown, or the nearest there is.
func (v *packetView) choose(i int) {
	n := uint64(0)
	if len(v.shown) > 0 {
		n = v.all[v.shown[min(max(i, 0), len(v.shown)-1)]].n
	}
	v.chosen = n
	v.layers()
}

// record is the chosen record, nil for none.
func (v *packetView) record() *record {
	if i := v.at(); i >= 0 {
		return &v.all[v.shown[i]]
	}
	return nil
}

// layers are the lines of the chosen record.
func (v *packetView) layers() []treeLine {
	r := v.record()
	switch {
	case r == nil:
		v.tree, v.treeOf = nil, 0
	default:
		notes := v.ring.notesOf(r.n)
		if v.treeOf == r.n && v.noted == len(notes) {
			break
		}
		at, same := v.line, v.treeOf == r.n
		old := v.noted
		v.tree, v.treeOf, v.noted = nil, r.n, len(notes)
		for _, n := range notes {
			v.tree = append(v.tree, treeLine{"= " + n, &dissect.Node{}})
		}
		p := v.ring.Packet(r.frame)
		var walk func(nodes []dissect.Node, indent string)
		walk = func(nodes []dissect.Node, indent string) {
			for i := range nodes {
				v.tree = append(v.tree, treeLine{indent + nodes[i].Text, &nodes[i]})
				walk(nodes[i].Kids, indent+"  ")
			}
		}
		walk(p.Layers, "")
		if same { // the line that was chosen has moved down
			if v.line = at; at >= old {
				v.line += len(notes) - old
			}
			break
		}
		// It begins at the layer that the list names, else at the innermost.
		for i, t := range v.tree {
			if strings.HasPrefix(t.text, " ") || strings.HasPrefix(t.text, "= ") {
				continue
			}
			v.line = i
			if strings.HasPrefix(t.text, p.Protocol) {
				break
			}
		}
		_, from, _ := v.bytes()
		v.from = from / 16
	}
	return v.tree
}

// bytes are what the hex part shows, and which of them the chosen line stands
// for.
func (v *packetView) bytes() (b []byte, from, to int) {
	r := v.record()
	if r == nil {
		return nil, 0, 0
	}
	b = r.frame
	if t := v.layers(); v.line < len(t) {
		n := t[v.line].node
		if n.Of != nil {
			b = n.Of
		}
		from, to = n.From, n.To
	}
	return b, from, to
}

// brief is the line of the list of a record of all.
func (v *packetView) brief(r *record) *dissect.Packet {
	if r.brief == nil {
		p := v.ring.Packet(r.frame)
		p.Layers = nil
		r.brief = &p
	}
	return r.brief
}

// jump chooses frame number n, and lifts a filter that does not let it through.
func (v *packetView) jump(n uint64) {
	v.follow, v.part = false, partList
	v.chosen = n
	if v.at() < 0 {
		v.filter(sieve{})
		v.chosen = n
	}
	v.layers()
}

// nearest chooses the first record after a console had shown that much.
func (v *packetView) nearest(console int, offset int64) {
	i := slices.IndexFunc(v.shown, func(i int) bool { return v.all[i].ends[console] >= offset })
	if i < 0 {
		i = len(v.shown) - 1
	}
	v.follow, v.part = false, partList
	v.choose(i)
}

// packetKeys are the keys of the packet view.
type packetKeys struct {
	Part, Follow, Filter, Console, Leave key.Binding
}

func (m *Model) packetKeys() packetKeys {
	b := func(shown, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, m.lang.Say(what)))
	}
	return packetKeys{
		Part:    b("Tab", "list, layers, bytes", "tab"),
		Filter:  b("/", "filter", "/"),
		Follow:  b("f", "follow", "f"),
		Console: b("Enter", "its console lines", "enter"),
		Leave:   b("Esc", "end", "esc", "q"),
	}
}

// key handles a key.
func (v *packetView) key(m *Model, k tea.KeyMsg) tea.Cmd {
	keys := m.packetKeys()
	page := max(v.place(m).room(v.part)-1, 1)
	switch {
	case key.Matches(k, keys.Leave):
		m.packets, m.inPackets = nil, false
	case key.Matches(k, keys.Part):
		v.part = (v.part + 1) % parts
	case k.String() == "shift+tab":
		v.part = (v.part + parts - 1) % parts
	case key.Matches(k, keys.Follow):
		if v.follow = !v.follow; v.follow {
			v.choose(len(v.shown) - 1)
		}
	case key.Matches(k, keys.Filter):
		m.askFilter()
	case key.Matches(k, keys.Console):
		m.toConsole()
	case key.Matches(k, m.keys.Up), k.String() == "k":
		v.move(m, -1)
	case key.Matches(k, m.keys.Down), k.String() == "j":
		v.move(m, 1)
	case key.Matches(k, m.keys.PageUp):
		v.move(m, -page)
	case key.Matches(k, m.keys.PageDown):
		v.move(m, page)
	case key.Matches(k, m.keys.Home):
		v.move(m, -1<<30)
	case key.Matches(k, m.keys.End):
		v.move(m, 1<<30)
	default:
		m.note = m.lang.Say("%s is no key of the packets", k)
	}
	return nil
}

// move moves in the part with the focus.
func (v *packetView) move(m *Model, by int) { v.moveIn(m, v.part, by) }

func (v *packetView) moveIn(m *Model, part, by int) {
	switch part {
	case partList:
		at := min(max(v.at()+by, 0), len(v.shown)-1)
		v.follow = at == len(v.shown)-1 && by > 0
		v.choose(at)
	case partLayers:
		if n := len(v.layers()); n > 0 {
			v.line = min(max(v.line+by, 0), n-1)
			_, from, _ := v.bytes()
			v.from = from / 16
		}
	case partHex:
		b, _, _ := v.bytes()
		v.from = min(max(v.from+by, 0), max((len(b)+15)/16-v.place(m).hex.h, 0))
	}
}

// toPackets shows the packets; of a console that is scrolled back, those of
// the time of its topmost row.
func (m *Model) toPackets() {
	if m.inPackets {
		m.inPackets = false
		return
	}
	m.showPackets()
	if s := m.panes[m.focus].screen; s.back {
		m.packets.nearest(m.focus, s.shows())
	}
}

func (m *Model) showPackets() {
	m.inPackets = true
	if m.packets == nil {
		m.packets = newPacketView(m.session.ring)
		return
	}
	m.packets.read()
}

// toCause shows the packet that caused a line of the console with the focus:
// the first line in view that one caused where the console is scrolled back,
// else the newest.
func (m *Model) toCause() {
	p := m.panes[m.focus]
	n := uint64(0)
	p.screen.each(func(from, to int64) bool {
		n = m.session.ring.frameOf(m.focus, p.device, from, to)
		return n == 0
	})
	if n == 0 {
		m.note = m.lang.Say("no packet that is kept caused a line here")
		return
	}
	m.showPackets()
	m.packets.jump(n)
}

// toConsole shows the first lines that the chosen frame caused, on the console
// that shows them; where it caused none, the console of its sender as it was at
// that time.
func (m *Model) toConsole() {
	r := m.packets.record()
	if r == nil {
		return
	}
	sender := m.pane(r.device)
	i, offset, caused := m.session.ring.linesOf(r, sender)
	if !caused {
		if i = sender; i < 0 {
			return
		}
		offset = r.ends[i]
	}
	m.inPackets = false
	m.focus, m.lead = i, false
	m.panes[i].screen.show(offset)
	back := m.keys.Leader.Help().Key + " " + m.keys.Packets.Help().Key
	if caused {
		m.note = m.lang.Say("%s: the lines of the frame, %s goes back", r.at.Format("15:04:05.000"), back)
	} else {
		m.note = m.lang.Say("%s: no line came of the frame, this is its time; %s goes back", r.at.Format("15:04:05.000"), back)
	}
}

func (m *Model) askFilter() {
	v := m.packets
	m.dialogs = append(m.dialogs, &prompt{
		title: m.lang.Say("Show only"), text: v.sieve.text,
		hint: m.lang.Say("device NAME, then isakmp, esp, icmp, host A, port N, spi X, cookie X, not, and, or"),
		done: func(m *Model, text string) tea.Cmd {
			s, err := parseSieve(text, m.state.devices)
			if err != nil {
				m.note = m.lang.Error(err)
				return nil
			}
			v.filter(s)
			return nil
		},
	})
}

// shortPort is a port as it is written where there is little room.
func shortPort(s string) string {
	for _, p := range [][2]string{{"Ten-GigabitEthernet", "XGE"}, {"GigabitEthernet", "GE"}, {"M-GigabitEthernet", "MGE"}} {
		if rest, ok := strings.CutPrefix(s, p[0]); ok {
			return p[1] + rest
		}
	}
	return s
}

// A packetPlace is where the parts of the view stand.
type packetPlace struct {
	title, head, list, rule, layers, hex, help rect
}

// room is how many rows a part has.
func (p packetPlace) room(part int) int { return [parts]int{p.list.h, p.layers.h, p.hex.h}[part] }

// narrow is the width below which the columns of the list have short headings.
const narrow = 120

// hexWidth is how wide a row of bytes is.
const hexWidth = 4 + 2 + 16*3 + 1 + 1 + 16

// placePackets lays the view out in w by h cells: the list above, below it
// layers and bytes, beside each other where there is room.
func placePackets(w, h int) (p packetPlace) {
	y := 0
	row := func() rect {
		if y >= h {
			return rect{}
		}
		y++
		return rect{0, y - 1, w, 1}
	}
	p.title = row()
	if h >= 6 {
		p.help = rect{0, h - 1, w, 1}
		h--
	}
	if h >= 8 {
		p.head = row()
	}
	left := h - y
	if left < 7 {
		p.list = rect{0, y, w, left}
		return p
	}
	list := left * 2 / 5
	p.list = rect{0, y, w, list}
	y += list
	p.rule = row()
	left = h - y
	if w >= wide {
		p.layers = rect{0, y, w - hexWidth - 1, left}
		p.hex = rect{w - hexWidth, y, hexWidth, left}
		return p
	}
	hex := left * 2 / 5
	p.layers = rect{0, y, w, left - hex}
	p.hex = rect{0, y + left - hex, w, hex}
	return p
}

// place is where the parts stand on the screen.
func (v *packetView) place(m *Model) packetPlace {
	return placePackets(m.w, m.packetRows())
}

// packetRows is how many rows the view has.
func (m *Model) packetRows() int {
	l := m.layout()
	switch {
	case !l.strip.empty():
		return l.strip.y
	case !l.status.empty():
		return l.status.y
	}
	return m.h
}

// window is the first of n rows shown in room rows, so that row at is among
// them with that many rows above it.
func window(at, n, room, above int) int {
	return min(max(at-above, 0), max(n-room, 0))
}

// listFrom and layersFrom are the first rows shown.
func (v *packetView) listFrom(room int) int { return window(v.at(), len(v.shown), room, room/2) }
func (v *packetView) layersFrom(room int) int {
	return window(v.line, len(v.layers()), room, min(room/4, 3))
}

// draw draws the view into the rows of the screen.
func (v *packetView) draw(m *Model, rows []string) {
	p := v.place(m)
	title := m.lang.Say("Packets: %d of %d", len(v.shown), len(v.all))
	if v.sieve.text != "" {
		title += "  " + m.lang.Say("filter: %s", v.sieve.text)
	}
	if v.follow {
		title += "  " + m.lang.Say("follows")
	}
	rows[p.title.y] = m.styles.Focus.Render(fit("["+title+"]", p.title.w))
	v.drawList(m, p, rows)
	if !p.rule.empty() {
		left := ""
		if r := v.record(); r != nil {
			notes := v.ring.notesOf(r.n)
			at, port := "2006-01-02 15:04:05.000000", r.port
			if len(notes) > 0 && p.rule.w < narrow {
				at, port = "15:04:05.000000", shortPort(port)
			}
			left = fmt.Sprintf(" %s %s:%s, ", r.at.Format(at), r.device, port) + m.lang.Say("%d bytes", len(r.frame)) + " "
			if len(notes) > 0 {
				left += "= " + strings.Join(notes, "; ") + " "
			}
		}
		left = ansi.Truncate("──"+left, p.rule.w, "")
		rows[p.rule.y] = m.styles.Rule.Render(left + strings.Repeat("─", max(p.rule.w-ansi.StringWidth(left), 0)))
	}
	tree, hex := v.drawLayers(m, p.layers), v.drawHex(m, p.hex)
	if p.hex.y == p.layers.y {
		for i := range tree {
			rows[p.layers.y+i] = tree[i] + m.styles.Rule.Render("│") + hex[i]
		}
	} else {
		for i := range tree {
			rows[p.layers.y+i] = tree[i]
		}
		for i := range hex {
			rows[p.hex.y+i] = hex[i]
		}
	}
	if !p.help.empty() {
		k := m.packetKeys()
		m.help.Width = p.help.w
		rows[p.help.y] = fit(m.help.ShortHelpView([]key.Binding{k.Part, k.Filter, k.Follow, k.Console, k.Leave}), p.help.w)
	}
}

// mark draws a row that is chosen in its part.
func (v *packetView) mark(m *Model, part int, row string, w int) string {
	st := m.styles.Title
	if v.part == part {
		st = m.styles.Chosen
	}
	return st.Render(fit(">"+row, w))
}

func (v *packetView) drawList(m *Model, p packetPlace, rows []string) {
	at := v.at()
	first := v.listFrom(p.list.h)
	var cells [][]string
	head := []string{m.lang.Say("Time"), m.lang.Say("Port"), m.lang.Say("Source"), m.lang.Say("Destination"), m.lang.Say("Protocol"), m.lang.Say("Summary")}
	if p.list.w < narrow {
		head[2], head[3], head[4] = m.lang.Say("From"), m.lang.Say("To"), m.lang.Say("What")
	}
	cells = append(cells, head)
	for i := first; i < min(first+p.list.h, len(v.shown)); i++ {
		r := &v.all[v.shown[i]]
		b := v.brief(r)
		text := b.Summary
		if notes := v.ring.notesOf(r.n); len(notes) > 0 {
			text = "= " + text
			if p.list.w >= narrow {
				text += " = " + strings.Join(notes, "; ")
			}
		}
		cells = append(cells, []string{r.at.Format("15:04:05.000"), r.device + ":" + shortPort(r.port), b.Src, b.Dst, b.Protocol, text})
	}
	widths := make([]int, len(head)-1)
	for _, c := range cells {
		for k := range widths {
			widths[k] = max(widths[k], ansi.StringWidth(c[k]))
		}
	}
	for i, c := range cells {
		text := ""
		for k, w := range widths {
			text += fit(c[k], w) + " "
		}
		text += c[len(widths)]
		switch {
		case i == 0 && !p.head.empty():
			rows[p.head.y] = m.styles.Label.Render(fit(" "+text, p.head.w))
		case i == 0:
		case first+i-1 == at:
			rows[p.list.y+i-1] = v.mark(m, partList, text, p.list.w)
		default:
			rows[p.list.y+i-1] = fit(" "+text, p.list.w)
		}
	}
	if len(v.shown) == 0 && p.list.h > 0 {
		rows[p.list.y] = fit(" "+m.lang.Say("No frame has been sent yet, or the filter lets none through."), p.list.w)
	}
}

func (v *packetView) drawLayers(m *Model, at rect) []string {
	lines := v.layers()
	first := v.layersFrom(at.h)
	out := make([]string, at.h)
	for i := range out {
		switch n := first + i; {
		case n >= len(lines):
			out[i] = strings.Repeat(" ", at.w)
		case n == v.line:
			out[i] = v.mark(m, partLayers, lines[n].text, at.w)
		default:
			out[i] = fit(" "+lines[n].text, at.w)
		}
	}
	return out
}

func (v *packetView) drawHex(m *Model, at rect) []string {
	b, from, to := v.bytes()
	out := make([]string, at.h)
	for i := range out {
		row := (v.from + i) * 16
		if row >= len(b) {
			out[i] = strings.Repeat(" ", at.w)
			continue
		}
		var hex, text strings.Builder
		for k := row; k < row+16; k++ {
			if k == row+8 {
				hex.WriteByte(' ')
			}
			if k >= len(b) {
				hex.WriteString("   ")
				continue
			}
			h, c := fmt.Sprintf("%02x", b[k]), "."
			if b[k] >= ' ' && b[k] < 0x7f {
				c = string(rune(b[k]))
			}
			if k >= from && k < to {
				h, c = m.styles.Changed.Render(h), m.styles.Changed.Render(c)
			}
			hex.WriteString(h + " ")
			text.WriteString(c)
		}
		out[i] = fit(fmt.Sprintf("%04x  ", row)+hex.String()+" "+text.String(), at.w)
	}
	return out
}

// mouse handles a click, which chooses, and the wheel.
func (v *packetView) mouse(m *Model, e tea.MouseEvent) {
	m.dirty = true
	p := v.place(m)
	for part, r := range []rect{p.list, p.layers, p.hex} {
		if !r.holds(e.X, e.Y) {
			continue
		}
		switch e.Button {
		case tea.MouseButtonLeft:
			v.part = part
			switch part {
			case partList:
				if i := v.listFrom(r.h) + e.Y - r.y; i < len(v.shown) {
					v.follow = false
					v.choose(i)
				}
			case partLayers:
				if i := v.layersFrom(r.h) + e.Y - r.y; i < len(v.layers()) {
					v.line = i
					v.moveIn(m, partLayers, 0)
				}
			}
		case tea.MouseButtonWheelUp:
			v.moveIn(m, part, -wheel)
		case tea.MouseButtonWheelDown:
			v.moveIn(m, part, wheel)
		default:
		}
	}
}
