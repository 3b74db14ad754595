package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
	"cwlab/sessions/ssh"
)

// once is a connection with one command.
func (x *outside) once() error {
	c, err := x.dial("root+A", labPassword)
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		return err
	}
	b, err := s.Output("display clock")
	if err == nil && !strings.Contains(string(b), "UTC") {
		err = fmt.Errorf("display clock shows %q", b)
	}
	return err
}

// heap is the bytes in use when nobody is connected.
func (x *outside) heap() int64 {
	x.settled(math.MaxInt)
	runtime.GC()
	runtime.GC() // what the first has found dead
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// perConnection is the most that a connection may leave behind in a short run:
// the device keeps the commands of all sessions, a hundred bytes each and 2048
// of them at most. Its logs, which it keeps up to 10 MB, are off here.
const perConnection = 300

// TestServe500Connections has connections come one after the other; with
// CWLAB_CONNECTIONS=10000 so many.
func TestServe500Connections(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	n := 500
	if v := os.Getenv("CWLAB_CONNECTIONS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	x := outsideOf(t, withUsers(" undo info-center enable\n", ""), ssh.Options{})
	x.lab.SetPace(lab.Pace{Speed: 2000})
	for range 50 { // what a process makes once
		if err := x.once(); err != nil {
			t.Fatal(err)
		}
	}
	heap, routines := x.heap(), x.settled(math.MaxInt)
	begun := time.Now()
	for i := range n {
		if err := x.once(); err != nil {
			t.Fatal(err)
		}
		if (i+1)%2000 == 0 {
			t.Logf("after %d connections %d kB of heap", i+1, x.heap()>>10)
		}
	}
	took := time.Since(begun)
	grown := x.heap() - heap
	after := x.settled(routines + 5)
	t.Logf("%d connections one after the other: %.1f ms each, heap %+d B each, goroutines %d before and %d after", n, took.Seconds()*1000/float64(n), grown/int64(n), routines, after)
	if after > routines+5 {
		t.Errorf("%d goroutines before, %d after", routines, after)
	}
	if grown > int64(n)*perConnection {
		t.Errorf("each connection leaves %d bytes behind", grown/int64(n))
	}
}

// soakConsoles is how many people come and go at a time, soakHeap what they may
// leave behind: the rings of two consoles, the commands that two devices keep,
// the times that are reported.
const (
	soakConsoles = 200
	soakHeap     = 8 << 20
)

// TestServeSoak has 200 consoles come and go, as people and programs do, for
// the time of CWLAB_SOAK, and reports what came of it.
func TestServeSoak(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("CWLAB_SOAK"))
	if err != nil {
		t.Skip("CWLAB_SOAK is not set to a duration, as CWLAB_SOAK=1m")
	}
	x := outsideOf(t, withUsers(" undo info-center enable\n ssh server authentication-retries 1\n", ""), ssh.Options{HalfOpen: 2 * soakConsoles, Turn: time.Millisecond})
	x.patience = 10 * time.Minute // a machine may be busy with other things
	x.lab.SetPace(lab.Pace{Speed: 100})
	for range 50 {
		if err := x.once(); err != nil {
			t.Fatal(err)
		}
	}
	heap, routines := x.heap(), x.settled(math.MaxInt)
	k := &soak{x: x}
	until := time.Now().Add(d)
	var all sync.WaitGroup
	for person := range soakConsoles {
		all.Go(func() { k.person(rand.New(rand.NewPCG(uint64(person), 1)), until) })
	}
	all.Wait()
	grown := x.heap() - heap
	after := x.settled(routines + 5)
	slices.Sort(k.took)
	at := func(p float64) time.Duration {
		if len(k.took) == 0 {
			return 0
		}
		return k.took[int(p*float64(len(k.took)-1))].Round(10 * time.Microsecond)
	}
	t.Logf("soak of %v at %d consoles: %d visits, %d commands, %d gone in the middle, %d wrong passwords, %d told that all lines are taken, %d unexpected",
		d, soakConsoles, k.visits.Load(), len(k.took), k.vanished.Load(), k.refused.Load(), k.full.Load(), k.odd.Load())
	t.Logf("a command and its answer: p50 %v, p99 %v, longest %v; heap %+d kB, goroutines %d before and %d after", at(.5), at(.99), at(1), grown>>10, routines, after)
	if k.odd.Load() > 0 {
		t.Errorf("%d visits ended as they should not; the first: %v", k.odd.Load(), k.first)
	}
	if len(k.took) == 0 || k.vanished.Load() == 0 || k.refused.Load() == 0 {
		t.Error("not everything that should happen did")
	}
	if after > routines+5 {
		t.Errorf("%d goroutines before, %d after", routines, after)
	}
	if grown > soakHeap {
		t.Errorf("%d kB of heap are left behind", grown>>10)
	}
	p := x.shell("ann+A", "ann-pass-1", true)
	p.until("<A>")
	if got := p.do("display users", "<A>"); strings.Count(got, "VTY 0") != 2 || strings.Contains(got, "VTY 1") {
		t.Errorf("display users shows\n%s", got)
	}
}

// A soak is what came of many visits.
type soak struct {
	x                                    *outside
	visits, vanished, refused, full, odd atomic.Int64

	mu    sync.Mutex
	took  []time.Duration
	first error
}

func (k *soak) wrong(err error) {
	k.odd.Add(1)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.first == nil {
		k.first = err
	}
}

func (k *soak) person(r *rand.Rand, until time.Time) {
	for time.Now().Before(until) {
		k.visits.Add(1)
		user := []string{"root+A", "root+B", "ann+A", "A", "lab"}[r.IntN(5)]
		password := labPassword
		if user == "ann+A" {
			password = "ann-pass-1"
		}
		if r.IntN(10) == 0 {
			password = "wrong"
		}
		c, err := k.x.dial(user, password)
		switch {
		case err != nil && password == "wrong":
			k.refused.Add(1)
			continue
		case err != nil:
			k.wrong(err)
			continue
		case password == "wrong":
			k.wrong(fmt.Errorf("%s gets in with a wrong password", user))
		}
		if err := k.visit(r, c, user); err != nil {
			k.wrong(fmt.Errorf("%s: %w", user, err))
		}
		c.Close()
	}
}

// visit is one session. Some are gone in the middle of it.
func (k *soak) visit(r *rand.Rand, c *xssh.Client, user string) error {
	s, err := c.NewSession()
	if err != nil {
		return err
	}
	in, _ := s.StdinPipe()
	out, _ := s.StdoutPipe()
	if err := s.RequestPty("xterm", 1+r.IntN(60), 1+r.IntN(200), nil); err != nil {
		return err
	}
	if err := s.Shell(); err != nil {
		return err
	}
	p := reader{out: out}
	if user == "A" || user == "lab" {
		s.WindowChange(1+r.IntN(100), 1+r.IntN(300))
		in.Write([]byte("display clock\r"))
		k.vanished.Add(1)
		return p.any()
	}
	if err := p.until(">"); err != nil {
		if strings.Contains(p.text, "All user interfaces are used") {
			k.full.Add(1)
			return nil
		}
		return err
	}
	for i := range r.IntN(6) {
		command := []string{"screen-length disable", "display clock", "display version | include Comware", "display ike sa", "display users"}[min(i, 1)*(1+r.IntN(4))]
		begun := time.Now()
		in.Write([]byte(command + "\r"))
		if err := p.until(command + "\r\n"); err != nil {
			return err
		}
		if err := p.until(">"); err != nil {
			return err
		}
		k.mu.Lock()
		k.took = append(k.took, time.Since(begun))
		k.mu.Unlock()
	}
	switch r.IntN(3) {
	case 0:
		in.Write([]byte("quit\r"))
		return s.Wait()
	case 1:
		in.Write([]byte("ping -c 100000 127.0.0.1\r"))
		if err := p.until("icmp_seq"); err != nil {
			return err
		}
	}
	k.vanished.Add(1)
	return nil
}

// A reader reads up to a text.
type reader struct {
	out  interface{ Read([]byte) (int, error) }
	text string
}

func (p *reader) until(text string) error {
	b := make([]byte, 4096)
	for {
		if i := strings.Index(p.text, text); i >= 0 {
			p.text = p.text[i+len(text):]
			return nil
		}
		n, err := p.out.Read(b)
		p.text += string(b[:n])
		if err != nil && !strings.Contains(p.text, text) {
			return fmt.Errorf("waiting for %q: %w after %q", text, err, p.text)
		}
	}
}

// any reads something.
func (p *reader) any() error {
	_, err := p.out.Read(make([]byte, 100))
	return err
}
