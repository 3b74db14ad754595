package tui

import (
	"errors"
	"os"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
	"cwlab/tui/words"
)

// A recorder writes the capture of a session, one at a time.
type recorder struct {
	mu      sync.Mutex
	capture *pcap.Capture // nil while none is written
	keys    *pcap.Keys    // what the lab has negotiated
}

// A recording is what there is to see of a recorder.
type recording struct {
	file   string // "" for none
	frames int
}

// state is called inside the world.
func (r *recorder) state() recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.capture == nil {
		return recording{}
	}
	return recording{r.capture.File, r.capture.Frames}
}

// start begins a capture of a lab in the working folder.
func (r *recorder) start(l *lab.Lab, q pcap.Request) error {
	f, err := os.Create(q.File)
	if err != nil {
		return err
	}
	l.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.capture != nil {
			_ = f.Close()
			err = words.Errorf("a capture is written to %s already", r.capture.File)
			return
		}
		r.capture, err = pcap.Start(f, l.Network(), q)
	})
	return err
}

// stop ends the capture, if there is one, and writes the keys to read it with.
func (r *recorder) stop(l *lab.Lab) (err error) {
	l.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.capture != nil {
			err = errors.Join(r.capture.Stop(), r.keys.WriteTo(r.capture.Keys()))
			r.capture = nil
		}
	})
	return err
}

// toggleCapture asks for a file to capture to, or ends the capture there is.
func (m *Model) toggleCapture() tea.Cmd {
	rec := &m.session.recorder
	if now := m.state.recording; now.file != "" {
		m.note = m.lang.Say("%d frames are in %s, the keys in %s", now.frames, now.file, pcap.Request{File: now.file}.Keys())
		return m.do(rec.stop)
	}
	m.dialogs = append(m.dialogs, &prompt{
		title: m.lang.Say("Capture to"), text: m.name + pcap.Suffix,
		hint: m.lang.Say("FILE.pcapng [LINK,DEVICE:PORT...] [for FILTER]: without links all of them; FILTER as isakmp, esp, host A, not, and, or"),
		done: func(m *Model, text string) tea.Cmd {
			q, err := pcap.ParseRequest(text)
			if err != nil {
				m.note = m.lang.Error(err)
				return nil
			}
			return m.do(func(l *lab.Lab) error { return rec.start(l, q) })
		},
	})
	return nil
}
