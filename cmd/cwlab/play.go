package main

import (
	"bytes"
	"context"
	"os"
	"time"

	"cwlab/sessions/cast"
	"cwlab/tui"
)

// runPlay plays a recording on the terminal, or writes out what it shows.
func runPlay(ctx context.Context, args []string, s streams) error {
	set := newFlags("play", s)
	set.args = "FILE.cast"
	export := set.String("export", "", "write what the recording shows as `FORMAT` and do not play it: text, md, or svg for a picture")
	at := set.String("at", "", "begin at `TIME`, or export what is shown until then, as 90, 1:30 or 1h2m")
	out := set.String("o", "", "export to `FILE` in place of the standard output")
	speed := set.Float64("speed", 1, "play `N` times as fast, 0.1 to 100")
	idle := set.Duration("idle", 0, "cut pauses longer than `TIME`, as 2s")
	rest, err := set.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if *speed < cast.MinSpeed || *speed > cast.MaxSpeed {
		return misusef("speed is %g, want %g to %g", *speed, cast.MinSpeed, float64(cast.MaxSpeed))
	}
	if *idle < 0 {
		return misusef("pauses are cut to %s, want a time above 0", *idle)
	}
	if *out != "" && *export == "" {
		return misusef("-o goes with --export")
	}
	rec, err := cast.Open(rest[0])
	if err != nil {
		return misuse{err}
	}
	begin := time.Duration(0)
	if *at != "" {
		if begin, err = tui.ParseTime(*at); err != nil {
			return misuse{err}
		}
	} else if *export != "" {
		begin = rec.Duration()
	}
	if *export != "" {
		return exportTo(*out, *export, rec, begin, s)
	}
	p := cast.NewPlayer(rec)
	p.SetSpeed(*speed)
	if *idle > 0 {
		p.SetIdle(*idle)
	}
	p.Seek(begin)
	return tui.PlayReel(ctx, reel{p, rest[0]}, s.lang)
}

// exportTo writes what a recording shows.
func exportTo(file, format string, rec *cast.Recording, at time.Duration, s streams) (err error) {
	var b bytes.Buffer
	switch format {
	case "text":
		err = rec.WriteText(&b, at)
	case "md":
		err = rec.WriteMarkdown(&b, at)
	case "svg":
		err = rec.WriteSVG(&b, at)
	default:
		return misusef("format is %q, want text, md or svg", format)
	}
	if err != nil {
		return err
	}
	if file != "" {
		return os.WriteFile(file, b.Bytes(), 0o644)
	}
	_, err = s.out.Write(b.Bytes())
	return err
}

// A reel is a player as the screen sees it.
type reel struct {
	*cast.Player
	file string
}

func (r reel) Title() string {
	if t := r.Recording().Title; t != "" {
		return t
	}
	return r.file
}

// Rows are those with the cursor where there is no room for all.
func (r reel) Rows(w, h int) (rows []string, x, y int) {
	t := r.Screen()
	_, all := t.Size()
	x, y, shown := t.Cursor()
	top := min(max(y-h+1, 0), max(all-h, 0))
	for i := top; i < min(top+h, all); i++ {
		rows = append(rows, t.Line(i, w))
	}
	if y -= top; !shown {
		y = -1
	}
	return rows, x, y
}

func (r reel) Markers() (at []time.Duration, text []string) {
	for _, m := range r.Player.Markers() {
		at, text = append(at, m.At), append(text, m.Data)
	}
	return at, text
}
