package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/sessions/ssh"
)

// What the servers are measured with.
const (
	benchPorts    = 1000
	benchConsoles = 1000
	benchLines    = 16 // consoles of one device
	benchKeys     = 3  // that each console types, one a second on average
	benchCommands = 3  // likewise, one every two seconds
	benchOne      = 500
)

// A contender is a server that is measured: a process that listens at
// benchPorts ports from base on.
type contender struct {
	name     string
	start    func(b *testing.B, base int) *exec.Cmd
	ports    int
	user     string
	password string
	prompt   string
	command  string // "" for none
	answer   string // in what it shows
}

const (
	benchPassword = "a password for benchmarks"
	asBare        = "CWLAB_TEST_AS_BARE" // the port of a bare server
	cisshgoModule = "github.com/tbotnz/cisshgo"
)

// BenchmarkServe measures `serve --devices 1000 --port-per-device` from outside:
// until it listens, memory of a console, echo and display at 1000 consoles,
// display on one connection. Beside it a server of x/crypto/ssh that does
// nothing but echo, and cisshgo, built from its module or, where CWLAB_CISSHGO
// names a folder, from the source there.
func BenchmarkServe(b *testing.B) {
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		b.Skip("needs /proc of Linux")
	}
	file := filepath.Join(b.TempDir(), "password")
	if err := os.WriteFile(file, []byte(benchPassword), 0o600); err != nil {
		b.Fatal(err)
	}
	key := filepath.Join(b.TempDir(), "key")
	if _, err := ssh.HostKey(key); err != nil { // shared, made once
		b.Fatal(err)
	}
	for _, c := range []contender{
		{name: "cwlab", ports: benchPorts, user: "bench", password: benchPassword, prompt: ">", command: "display ike sa", answer: "Connection-ID",
			start: func(b *testing.B, base int) *exec.Cmd {
				return command("serve", "--devices", strconv.Itoa(benchPorts), "--port-per-device", "--listen", "127.0.0.1:"+strconv.Itoa(base-1),
					"--user", "bench", "--password-file", file, "--host-key", key)
			}},
		{name: "x-crypto-alone", ports: 1, user: "bench", password: benchPassword, prompt: ">",
			start: func(b *testing.B, base int) *exec.Cmd {
				c := command()
				c.Env = append(c.Env, asBare+"="+strconv.Itoa(base), "CWLAB_TEST_KEY="+key)
				return c
			}},
		{name: "cisshgo", ports: benchPorts, user: "admin", password: "admin", prompt: "cisshgo1000v>", command: "show version", answer: "Version",
			start: func(b *testing.B, base int) *exec.Cmd {
				program, dir := buildCisshgo(b)
				c := exec.Command(program, "--listeners", strconv.Itoa(benchPorts), "--starting-port", strconv.Itoa(base))
				c.Dir = dir
				return c
			}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.measure(b)
			}
			b.ReportMetric(0, "ns/op") // says nothing here
		})
	}
}

// buildCisshgo builds cisshgo from its module, outside of ours.
func buildCisshgo(b *testing.B) (program, dir string) {
	b.Helper()
	work, source := b.TempDir(), os.Getenv("CWLAB_CISSHGO")
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	run := func(args ...string) string {
		c := exec.CommandContext(ctx, "go", args...)
		c.Dir = work
		c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		var errs bytes.Buffer
		c.Stderr = &errs
		out, err := c.Output()
		if err != nil {
			why := fmt.Sprintf("%s cannot be had: go %s: %v: %s", cisshgoModule, strings.Join(args, " "), err, bytes.TrimSpace(errs.Bytes()))
			fmt.Fprintln(os.Stderr, "skipped:", why) // a benchmark shows it by itself with -v alone
			b.Skip(why)
		}
		return strings.TrimSpace(string(out))
	}
	program = filepath.Join(work, "cisshgo")
	if source != "" {
		run("build", "-C", source, "-o", program, ".")
		return program, source
	}
	run("mod", "init", "bench")
	run("get", cisshgoModule+"@latest")
	run("build", "-o", program, cisshgoModule)
	return program, run("list", "-m", "-f", "{{.Dir}}", cisshgoModule)
}

func (c contender) measure(b *testing.B) {
	base := freePorts(b, benchPorts+1) + 1
	cmd := c.start(b, base)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	for listening(base, base+c.ports) < c.ports {
		if time.Since(begun) > time.Minute {
			b.Fatalf("%s does not listen: %s", c.name, errs.Bytes())
		}
		<-time.After(time.Millisecond)
	}
	b.ReportMetric(float64(time.Since(begun).Microseconds())/1000, "ms-to-listen")
	b.ReportMetric(onProcessor(cmd.Process.Pid), "cpu-ms-to-listen") // which a busy machine does not change

	devices := (benchConsoles + benchLines - 1) / benchLines
	port := func(i int) int { return base + i%min(devices, c.ports) }
	each(b, 32, min(devices, c.ports), func(i int) error { // devices that are there, so that consoles alone are counted
		k, err := c.open(port(i))
		if err != nil {
			return err
		}
		return k.client.Close()
	})
	before := resident(b, cmd.Process.Pid)
	all := make([]*benchConsole, benchConsoles)
	each(b, 32, len(all), func(i int) (err error) {
		all[i], err = c.open(port(i))
		return err
	})
	defer func() {
		for _, k := range all {
			k.client.Close()
		}
	}()
	after := resident(b, cmd.Process.Pid)
	b.ReportMetric(float64(after-before)/float64(len(all)), "kB/console")
	b.ReportMetric(float64(after)/1024, "MB-resident")

	b.ReportMetric(percentiles(b, all, benchKeys, time.Second, func(k *benchConsole) error { return k.do("x", "x") }, "echo"), "echo-p99-ms")
	if c.command == "" {
		return
	}
	each(b, 32, len(all), func(i int) error { return all[i].do("\x08\x08\x08"+c.command+"\r", c.prompt) })
	display := func(k *benchConsole) error { return k.do(c.command+"\r", c.answer, c.prompt) }
	b.ReportMetric(percentiles(b, all, benchCommands, 2*time.Second, display, "display"), "display-p99-ms")
	var took []time.Duration
	for range benchOne {
		begun := time.Now()
		if err := display(all[0]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "one-p50-ms")
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// A benchConsole is a shell as a client sees it.
type benchConsole struct {
	client *xssh.Client
	in     io.Writer
	out    io.Reader
	text   []byte
}

func (c contender) open(port int) (*benchConsole, error) {
	client, err := xssh.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port), clientConfig(c.user, c.password))
	if err != nil {
		return nil, err
	}
	s, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	k := &benchConsole{client: client}
	k.in, _ = s.StdinPipe()
	k.out, _ = s.StdoutPipe()
	if err := s.RequestPty("xterm", 100, 100, nil); err != nil {
		return nil, err
	}
	if err := s.Shell(); err != nil {
		return nil, err
	}
	return k, k.do("", c.prompt)
}

// do types and waits for some texts, one behind the other.
func (k *benchConsole) do(keys string, want ...string) error {
	k.text = k.text[:0]
	if _, err := io.WriteString(k.in, keys); err != nil {
		return err
	}
	at := 0
	buf := make([]byte, 4096)
	for _, w := range want {
		for {
			if i := bytes.Index(k.text[at:], []byte(w)); i >= 0 {
				at += i + len(w)
				break
			}
			n, err := k.out.Read(buf)
			if k.text = append(k.text, buf[:n]...); err != nil {
				return fmt.Errorf("waiting for %q: %w after %q", w, err, k.text)
			}
		}
	}
	return nil
}

// each runs f for 0 to n-1, some at a time.
func each(b *testing.B, atOnce, n int, f func(i int) error) {
	b.Helper()
	var all sync.WaitGroup
	next := make(chan int)
	errs := make(chan error, n)
	for range atOnce {
		all.Go(func() {
			for i := range next {
				errs <- f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// percentiles has every console do something some times, at random moments that
// are so far apart on average. It logs the percentiles and returns the 99th in
// milliseconds.
func percentiles(b *testing.B, all []*benchConsole, times int, apart time.Duration, f func(*benchConsole) error, what string) float64 {
	b.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var bad error
	var done sync.WaitGroup
	for i, k := range all {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		done.Go(func() {
			for range times {
				<-time.After(time.Duration(r.Float64() * 2 * float64(apart)))
				begun := time.Now()
				err := f(k)
				d := time.Since(begun)
				mu.Lock()
				took, bad = append(took, d), errors.Join(bad, err)
				mu.Unlock()
			}
		})
	}
	done.Wait()
	if bad != nil {
		b.Fatal(bad)
	}
	slices.Sort(took)
	at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))] }
	b.Logf("%s at %d consoles: p50 %.2f ms, p99 %.2f ms, longest %.2f ms", what, len(all), ms(at(.5)), ms(at(.99)), ms(at(1)))
	return ms(at(.99))
}

// freePorts is the first of n ports in a row on which nobody listens.
func freePorts(b *testing.B, n int) int {
	for base := 20000; base < 60000; base += n {
		if listening(base, base+n) == 0 {
			return base
		}
	}
	b.Fatalf("no %d ports in a row are free", n)
	return 0
}

// listening is on how many ports from first to before last somebody listens.
func listening(first, last int) (n int) {
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(file) // a system without one has none
		for _, row := range strings.Split(string(text), "\n") {
			f := strings.Fields(row)
			if len(f) < 4 || f[3] != "0A" { // LISTEN
				continue
			}
			_, hex, _ := strings.Cut(f[1], ":")
			if port, err := strconv.ParseUint(hex, 16, 16); err == nil && int(port) >= first && int(port) < last {
				n++
			}
		}
	}
	return n
}

// onProcessor is how long the threads of a process have run, in milliseconds.
func onProcessor(pid int) (sum float64) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, file := range files {
		text, _ := os.ReadFile(file) // a thread that is gone has none
		ns, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseFloat(ns, 64)
		sum += n / 1e6
	}
	return sum
}

// resident is the resident memory of a process in kB.
func resident(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range strings.Split(string(text), "\n") {
		if f := strings.Fields(row); len(f) > 1 && f[0] == "VmRSS:" {
			n, _ := strconv.Atoi(f[1])
			return n
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// bare is a server of x/crypto/ssh that echoes, and does nothing else.
func bare(port, keyFile string) {
	key, err := ssh.HostKey(keyFile)
	if err != nil {
		panic(err)
	}
	config := &xssh.ServerConfig{PasswordCallback: func(xssh.ConnMetadata, []byte) (*xssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(key)
	ln, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	for {
		nc, err := ln.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			_, channels, requests, err := xssh.NewServerConn(nc, config)
			if err != nil {
				return
			}
			go xssh.DiscardRequests(requests)
			for n := range channels {
				ch, requests, err := n.Accept()
				if err != nil {
					return
				}
				go func() {
					for r := range requests {
						r.Reply(true, nil)
					}
				}()
				go func() {
					io.WriteString(ch, ">")
					io.Copy(ch, ch)
				}()
			}
		}()
	}
}
