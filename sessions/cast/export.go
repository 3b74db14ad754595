package cast

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"cwlab/sessions/vt"
)

// WriteText writes all that a recording shows until a time, as plain text:
// the lines that have left the screen at its top, and the screen. Of full
// screens, which have no past, that is the screen.
func (r *Recording) WriteText(w io.Writer, until time.Duration) error {
	var b bytes.Buffer
	for _, line := range r.lines(until) {
		b.WriteString(line + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r *Recording) lines(until time.Duration) (lines []string) {
	p := &Player{rec: r}
	p.start(frame{0, r.Width, r.Height, ""})
	p.term.OnScroll = func(row []vt.Cell) { lines = append(lines, vt.Text(row)) }
	for _, e := range r.events {
		if e.at > until {
			break
		}
		p.happen(p.term, e)
	}
	_, h := p.term.Size()
	for y := range h {
		lines = append(lines, vt.Text(p.term.Row(y)))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// WriteMarkdown writes the same as Markdown, under the recording's title and
// its markers with their times.
func (r *Recording) WriteMarkdown(w io.Writer, until time.Duration) error {
	var b bytes.Buffer
	title := r.Title
	if title == "" {
		title = "Recording"
	}
	fmt.Fprintf(&b, "# %s\n\n", escapeMarkdown(title))
	if run := r.Run; run != nil {
		fmt.Fprintf(&b, "Lab `%s`, %s, seed %d.\n\n", run.Lab, run.Start.Format(time.DateTime), run.Seed)
	}
	marked := false
	for _, e := range NewPlayer(r).Markers() {
		if e.At <= until {
			fmt.Fprintf(&b, "- `%s` %s\n", Clock(e.At), escapeMarkdown(e.Data))
			marked = true
		}
	}
	if marked {
		b.WriteByte('\n')
	}
	lines := r.lines(until)
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	b.WriteString(fence + "\n")
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	b.WriteString(fence + "\n")
	_, err := w.Write(b.Bytes())
	return err
}

// escapeMarkdown keeps what would be markup.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case strings.ContainsRune("\\`*_[]<>#&|", c):
			b.WriteByte('\\')
		case c < ' ':
			c = ' '
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Clock is a time in a recording for people: 1:02:03.4.
func Clock(d time.Duration) string {
	d = d.Truncate(100 * time.Millisecond)
	s := fmt.Sprintf("%02d:%04.1f", d/time.Minute%60, (d % time.Minute).Seconds())
	if d >= time.Hour {
		s = fmt.Sprintf("%d:%s", d/time.Hour, s)
	}
	return s
}

// The size of a cell in an SVG, in its units.
const (
	cellWidth  = 8.4
	cellHeight = 18
)

// WriteSVG writes what is shown at a time as a picture.
func (r *Recording) WriteSVG(w io.Writer, at time.Duration) error {
	p := NewPlayer(r)
	p.Seek(at)
	cols, rows := p.term.Size()
	var b bytes.Buffer
	width, height := float64(cols)*cellWidth+16, rows*cellHeight+16
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d">`+"\n", width, height, width, height)
	if r.Title != "" {
		fmt.Fprintf(&b, "<title>%s</title>\n", escapeXML(r.Title))
	}
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", background)
	b.WriteString(`<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">` + "\n")
	for y := range rows {
		svgRow(&b, p.term.Row(y), y)
	}
	if x, y, shown := p.term.Cursor(); shown {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" opacity="0.5"/>`+"\n", 8+float64(x)*cellWidth, 8+y*cellHeight, cellWidth, cellHeight, foreground)
	}
	b.WriteString("</g>\n</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// The colours of a terminal that has no others.
const (
	foreground = "#d8d8d8"
	background = "#16181c"
)

// svgRow draws a row, a rectangle and a text for each run of one style.
func svgRow(b *bytes.Buffer, cells []vt.Cell, y int) {
	for x := 0; x < len(cells); {
		n := x + 1
		for n < len(cells) && cells[n].Style == cells[x].Style {
			n++
		}
		s := cells[x].Style
		fore, back := hexColour(s.Fore, foreground), hexColour(s.Back, background)
		if s.Attrs&vt.Reverse != 0 {
			fore, back = back, fore
		}
		left, top := 8+float64(x)*cellWidth, 8+y*cellHeight
		if back != background {
			fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, float64(n-x)*cellWidth, cellHeight, back)
		}
		// Each word is placed by itself: fonts differ in their widths.
		for from := x; from < n; {
			if c := cells[from]; c.Width == 0 || c.R == ' ' {
				from++
				continue
			}
			to, text := from, ""
			for to < n && cells[to].Width > 0 && cells[to].R != ' ' {
				text += string(cells[to].R) + cells[to].More
				to += int(cells[to].Width)
			}
			if s.Attrs&vt.Conceal == 0 {
				fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s>%s</text>`+"\n", 8+float64(from)*cellWidth, top+14,
					float64(to-from)*cellWidth, fore, svgAttrs(s.Attrs), escapeXML(text))
			}
			from = to
		}
		x = n
	}
}

func svgAttrs(a vt.Attrs) string {
	out := ""
	if a&vt.Bold != 0 {
		out += ` font-weight="bold"`
	}
	if a&vt.Italic != 0 {
		out += ` font-style="italic"`
	}
	if a&vt.Faint != 0 {
		out += ` opacity="0.6"`
	}
	var lines []string
	if a&vt.Underline != 0 {
		lines = append(lines, "underline")
	}
	if a&vt.Strike != 0 {
		lines = append(lines, "line-through")
	}
	if len(lines) > 0 {
		out += ` text-decoration="` + strings.Join(lines, " ") + `"`
	}
	return out
}

func hexColour(c vt.Color, none string) string {
	r, g, b, ok := c.RGB()
	if !ok {
		return none
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}

// escapeXML escapes what markup uses, and leaves out what XML 1.0 has not.
func escapeXML(s string) string {
	return html.EscapeString(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0xfffe || c == 0xffff {
			return -1
		}
		return c
	}, s))
}
