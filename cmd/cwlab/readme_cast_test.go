package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/sessions/cast"
	"cwlab/tui"
)

// filmed is the recording of one console while a script runs.
func filmed(name, console string) ([]byte, error) {
	labName, script, _ := strings.Cut(name, "/")
	def, err := sessions.Load(labName)
	if err != nil {
		return nil, err
	}
	s, err := loadScript(def, script)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	var w *cast.Writer
	var r *cast.Recorder
	result, err := sessions.Replay(def, device.Make, s, sessions.ReplayOptions{Opened: func(l *lab.Lab) {
		if w, err = cast.NewWriter(&b, cast.HeaderOf(l, 2, nil)); err == nil {
			r = cast.NewRecorder(l, console, w, nil)
		}
	}})
	if err == nil {
		err = result.Err
	}
	if err == nil {
		err = r.Close()
	}
	return b.Bytes(), err
}

// castLines is some lines of a recording.
func castLines(marker string) ([]string, error) {
	f := strings.Fields(marker)
	if len(f) < 4 {
		return nil, fmt.Errorf("want LAB/SCRIPT DEVICE /from/ LINES")
	}
	from, err := regexp.Compile(strings.Trim(strings.Join(f[2:len(f)-1], " "), "/"))
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(f[len(f)-1])
	if err != nil {
		return nil, err
	}
	text, err := filmed(f[0], f[1])
	if err != nil {
		return nil, err
	}
	return cut(strings.Split(string(text), "\n"), from, n)
}

// playPicture is the screen of the player.
func playPicture(marker string) ([]string, error) {
	f := strings.Fields(marker)
	if len(f) != 4 {
		return nil, fmt.Errorf("want LAB/SCRIPT DEVICE TIME WIDTHxHEIGHT")
	}
	at, err := tui.ParseTime(f[2])
	if err != nil {
		return nil, err
	}
	var w, h int
	if _, err := fmt.Sscanf(f[3], "%dx%d", &w, &h); err != nil {
		return nil, err
	}
	text, err := filmed(f[0], f[1])
	if err != nil {
		return nil, err
	}
	rec, err := cast.Parse("", text)
	if err != nil {
		return nil, err
	}
	p := cast.NewPlayer(rec)
	p.Seek(at)
	rows := tui.ReelPicture(reel{p, ""}, w, h)
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows, nil
}
