package main

import (
	"context"
	"errors"
	"io"

	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/cast"
	"cwlab/tui"
	"cwlab/tui/words"
)

func runTUI(ctx context.Context, args []string, s streams) error {
	set := newFlags("tui", s)
	set.args = "[LAB]"
	var f labFlags
	f.add(set)
	var c castFlags
	c.add(set, "record the screen in `FILE`, as an asciicast; secrets are then shown as stars")
	var tf traceFlags
	tf.add(set)
	play := set.String("play", "", "play `SCRIPT` of the lab into the consoles")
	rest, err := set.parse(args, 0, 1)
	if err != nil {
		return err
	}
	name := defaultLab
	if len(rest) == 1 {
		name = rest[0]
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	def, err := sessions.Load(name)
	if err != nil {
		return err
	}
	if err := tf.check(def); err != nil {
		return err
	}
	traced := &traces{traceFlags: tf}
	to := tui.Options{Lab: name, Script: *play, Lang: s.lang}
	if c.file == "" {
		return errors.Join(tui.Run(ctx, catalogue{o: o, traces: traced}, to), traced.close())
	}
	cam, err := newCamera(&c)
	if err != nil {
		return err
	}
	to.Camera = cam
	return errors.Join(tui.Run(ctx, catalogue{o: o, traces: traced, camera: cam}, to), cam.close(), traced.close())
}

// A catalogue gives the screen the labs of the sessions package, run on the
// devices of the comware layer.
type catalogue struct {
	o      lab.Options
	traces *traces // nil to capture nothing
	tapes  *tapes  // nil to record nothing
	camera *camera // nil for none
}

func (catalogue) Labs() []tui.Entry {
	var all []tui.Entry
	for _, l := range sessions.Labs() {
		all = append(all, tui.Entry{Name: l.Name, Title: l.Title, Level: l.Level})
	}
	return all
}

func (c catalogue) Open(name string) (*lab.Lab, error) {
	def, err := sessions.Load(name)
	if err != nil {
		return nil, err
	}
	return c.recorded(name, def, c.o)
}

// recorded opens a lab, and records and captures it if that is wanted.
func (c catalogue) recorded(name string, def *lab.Definition, o lab.Options) (*lab.Lab, error) {
	l, err := c.traces.open(def, o, io.Discard)
	if err == nil && c.tapes != nil {
		err = c.tapes.begin(l, name, o)
	}
	if err == nil && c.camera != nil {
		c.camera.follow(l)
	}
	return l, err
}

func (c catalogue) Play(name, script string) (*lab.Lab, tui.Player, error) {
	def, err := sessions.Load(name)
	if err != nil {
		return nil, nil, err
	}
	s, err := loadScript(def, script)
	if err != nil {
		return nil, nil, err
	}
	l, err := c.recorded(name, def, s.Options(c.o))
	if err != nil {
		return nil, nil, err
	}
	return l, player{sessions.Play(l, s, createFile)}, nil
}

func (catalogue) Reel(file string) (tui.Reel, error) {
	rec, err := cast.Open(file)
	if err != nil {
		return nil, err
	}
	return reel{cast.NewPlayer(rec), file}, nil
}

// A player is a runner as the screen sees it.
type player struct{ *sessions.Runner }

func (p player) Progress() tui.Progress {
	done, of, dev := p.Runner.Progress()
	g := tui.Progress{Step: done, Total: of, Device: dev, Done: p.Done(), Err: p.Err()}
	if g.Err == nil && len(p.Diffs()) > 0 {
		g.Err = words.Errorf("%d expectations were not met", len(p.Diffs()))
	}
	return g
}
