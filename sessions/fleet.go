package sessions

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"cwlab/emulator/lab"
)

// A Fleet is a number of devices of one model, F1060-1 to F1060-N, without
// cables between them. Each is a lab of its own, which is opened and started
// when it is first asked for, so that a large fleet costs nothing until
// somebody comes, and each device has a goroutine of its own.
type Fleet struct {
	ctx   context.Context
	model string
	start time.Time
	open  func(*lab.Definition) (*lab.Lab, error)
	broke func(error)

	devices []member
}

// A member is one device of a fleet.
type member struct {
	once sync.Once
	lab  *lab.Lab
	err  error
}

// MaxFleet is how many devices a fleet may have.
const MaxFleet = 10_000

// NewFleet is a fleet of n devices, 1 to MaxFleet. open opens a lab, which is
// not live yet; broke is told, from any goroutine, of one whose world has
// stopped by a mistake of the program. What it opens is stopped by Stop.
func NewFleet(ctx context.Context, model string, n int, start time.Time, open func(*lab.Definition) (*lab.Lab, error), broke func(error)) (*Fleet, error) {
	if n < 1 || n > MaxFleet {
		return nil, fmt.Errorf("fleet has %d devices, want 1 to %d", n, MaxFleet)
	}
	return &Fleet{ctx: ctx, model: model, start: start, open: open, broke: broke, devices: make([]member, n)}, nil
}

// Name is the name of device i, counted from 1.
func (f *Fleet) Name(i int) string { return f.model + "-" + strconv.Itoa(i) }

// Len is how many devices there are.
func (f *Fleet) Len() int { return len(f.devices) }

func (f *Fleet) index(device string) (int, bool) {
	digits, ok := strings.CutPrefix(device, f.model+"-")
	i, err := strconv.Atoi(digits)
	return i, ok && err == nil && i >= 1 && i <= len(f.devices) && f.Name(i) == device
}

// Has says whether there is a device of that name.
func (f *Fleet) Has(device string) bool {
	_, ok := f.index(device)
	return ok
}

// Main is nil: no lab has all devices.
func (f *Fleet) Main() *lab.Lab { return nil }

// Lab is the lab of a device, live.
func (f *Fleet) Lab(device string) (*lab.Lab, error) {
	i, ok := f.index(device)
	if !ok {
		return nil, fmt.Errorf("%w: %q", lab.ErrDevice, device)
	}
	m := &f.devices[i-1]
	m.once.Do(func() {
		name := f.Name(i)
		m.lab, m.err = f.open(&lab.Definition{Name: name, Title: name, Start: f.start, Devices: []lab.DeviceSpec{{
			Name: name, Model: f.model, ConfigFile: name + ".cfg",
			Config: fmt.Sprintf("#\n sysname %s\n#\nline console 0\n idle-timeout 0 0\n#\nreturn\n", name),
		}}})
		if m.err == nil {
			m.lab.Start(f.ctx)
			go f.watch(m.lab)
		}
	})
	return m.lab, m.err
}

// watch tells when a world has stopped.
func (f *Fleet) watch(l *lab.Lab) {
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-l.Changed():
		}
		if err := l.Err(); err != nil {
			f.broke(err)
			return
		}
	}
}

// Stop stops the labs that were opened. Nobody may ask for one afterwards.
func (f *Fleet) Stop() {
	for i := range f.devices {
		m := &f.devices[i]
		m.once.Do(func() { m.err = lab.ErrDevice })
		if m.lab != nil {
			m.lab.Stop()
		}
	}
}
