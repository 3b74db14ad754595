package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
)

// traceFlags are the flags of verbs whose frames can be captured.
type traceFlags struct{ file, taps, keys string }

func (f *traceFlags) add(set *flagSet) {
	set.StringVar(&f.file, "pcap", "", "write every frame to `FILE`, as pcapng")
	set.StringVar(&f.taps, "tap", "", "capture at these `LINKS` or DEVICE:PORTs alone, separated by commas")
	set.StringVar(&f.keys, "keys", "", "write what decrypts the capture to `DIR`: Wireshark's ikev1_decryption_table, ikev2_decryption_table and esp_sa, dh_secrets, psk")
}

// wanted says whether anything is to be written.
func (f *traceFlags) wanted() bool { return f.file != "" || f.keys != "" }

// check says what is wrong before a lab is opened.
func (f *traceFlags) check(def *lab.Definition) error {
	if f.taps != "" && f.file == "" {
		return misusef("--tap says where to capture, --pcap FILE that it is done")
	}
	return checkTaps(def, f.taps)
}

// flushTime is how old what is on disk may be while something happens.
const flushTime = 2 * time.Second

// traces are the captures of a person who opens one lab after the other: the
// second is in FILE-2.pcapng, its keys in DIR-2. Those that are nil capture
// nothing.
type traces struct {
	traceFlags

	mu  sync.Mutex
	all []*trace
}

// A trace is the capture of one lab. Its world alone uses it.
type trace struct {
	lab     *lab.Lab
	capture *pcap.Capture // nil for none
	keys    *pcap.Keys    // nil for none
	dir     string        // of the keys
	written int           // keys that are on disk
	flushed time.Time     // wall time
	err     error
}

// open is openLab for a lab of which the frames are captured.
func (t *traces) open(def *lab.Definition, o lab.Options, warn io.Writer) (*lab.Lab, error) {
	begin, err := t.prepare(def, &o)
	if err != nil {
		return nil, err
	}
	l, err := openLab(def, o, warn)
	if err != nil {
		return nil, err
	}
	return l, begin(l)
}

// prepare makes the files for a lab that is opened with o and then given to
// begin, before it is live.
func (t *traces) prepare(def *lab.Definition, o *lab.Options) (begin func(*lab.Lab) error, err error) {
	if t == nil || !t.wanted() {
		return func(*lab.Lab) error { return nil }, nil
	}
	if err := checkTaps(def, t.taps); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.all) + 1
	x := &trace{}
	t.all = append(t.all, x)
	if t.keys != "" {
		x.keys, x.dir = new(pcap.Keys), numbered(t.keys, n)
		if err := x.keys.WriteTo(x.dir); err != nil {
			return nil, misuse{err}
		}
		listeners := lab.KeyListeners{x.keys}
		if o.Keys != nil {
			listeners = append(listeners, o.Keys)
		}
		o.Keys = listeners
	}
	var file *os.File
	q := pcap.Request{File: numbered(t.file, n)}
	if t.file != "" {
		if file, err = os.Create(q.File); err != nil {
			return nil, misuse{err}
		}
	}
	if t.taps != "" {
		q.Places = strings.Split(t.taps, ",")
	}
	return func(l *lab.Lab) (err error) {
		l.Do(func() {
			x.lab, x.flushed = l, time.Now()
			if file != nil {
				x.capture, err = pcap.Start(file, l.Network(), q)
			}
			l.AfterEvent(x.flush)
		})
		return err
	}, nil
}

// close ends all captures. Their labs must have stopped, or not be anybody
// else's.
func (t *traces) close() (err error) {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.all {
		if x.lab == nil {
			continue
		}
		x.lab.Do(func() {
			if x.capture != nil {
				err = errors.Join(err, x.capture.Stop())
			}
			x.writeKeys()
			err = errors.Join(err, x.err)
		})
	}
	t.all = nil
	return err
}

// flush writes what waits, now and then.
func (x *trace) flush() {
	if time.Since(x.flushed) < flushTime {
		return
	}
	x.flushed = time.Now()
	if x.capture != nil {
		x.capture.Flush()
	}
	x.writeKeys()
}

// writeKeys writes the keys if there are new ones. The first error is kept.
func (x *trace) writeKeys() {
	if x.keys != nil && x.keys.Added() > x.written && x.err == nil {
		x.written = x.keys.Added()
		x.err = x.keys.WriteTo(x.dir)
	}
}
