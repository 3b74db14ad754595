package interop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	charonPath = "/usr/lib/ipsec/charon"
	patience   = 10 * time.Second // for any one thing that is to happen
)

// Addresses of both ends and behind them.
const (
	oursAddr, ours     = "10.99.0.1", "10.1.0.1"
	theirsAddr, theirs = "10.99.0.2", "10.2.0.1"
)

// requirePeer skips a test where strongSwan cannot run.
func requirePeer(t testing.TB) {
	t.Helper()
	require(t, charonPath, "swanctl")
}

// require skips a test where these programs or a network namespace are missing.
func require(t testing.TB, programs ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("not root: namespaces and TAP interfaces need it")
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Skip("there is no /dev/net/tun")
	}
	for _, p := range append(programs, "ip", "unshare") {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("there is no %s", p)
		}
	}
	if out, err := exec.Command("unshare", "--net", "--mount", "ip", "tuntap", "add", "cw0", "mode", "tap").CombinedOutput(); err != nil {
		t.Skipf("no network namespace with a TAP interface can be made: %v: %s", err, out)
	}
}

// A record is the lines that a program has printed, which a test may wait for.
type record struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{} // closed when there are new lines
}

func newRecord() *record { return &record{news: make(chan struct{})} }

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	close(r.news)
	r.news = make(chan struct{})
}

func (r *record) read(in io.Reader) {
	for s := bufio.NewScanner(in); s.Scan(); {
		r.add(s.Text())
	}
}

// mark is a place in the record: its end.
func (r *record) mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.lines)
}

func (r *record) since(mark int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines[mark:], "\n")
}

// await waits for a line after mark.
func (r *record) await(mark int, pattern string) (string, bool) {
	re := regexp.MustCompile(pattern)
	end := time.After(patience)
	for {
		r.mu.Lock()
		lines, news := r.lines[mark:], r.news
		r.mu.Unlock()
		for _, l := range lines {
			if re.MatchString(l) {
				return l, true
			}
		}
		mark += len(lines)
		select {
		case <-news:
		case <-end:
			return "", false
		}
	}
}

// A daemon is a program of others in a network namespace that ends with it.
type daemon struct {
	*record
	t    testing.TB
	name string
	dir  string
	proc *os.Process // a shell in the namespace, which minds the daemon
}

// A charon is a strongSwan daemon.
type charon struct{ daemon }

// start runs a script in a namespace of its own; it should end when its input
// does. What it prints as errors is the record.
func (d *daemon) start(script string, env ...string) {
	d.t.Helper()
	cmd := exec.Command("unshare", "--net", "--mount", "sh", "-c", script)
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe() // its end, also that of this process, ends the daemon
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.proc = cmd.Process
	read := make(chan struct{})
	go func() { d.read(out); close(read) }()
	d.t.Cleanup(func() {
		_ = in.Close()
		kill := time.AfterFunc(patience/2, func() { _ = d.proc.Kill() })
		<-read
		_ = cmd.Wait()
		kill.Stop()
		_ = os.RemoveAll(d.dir)
		if d.t.Failed() {
			d.t.Logf("%s said\n%s", d.name, d.since(0))
		}
	})
}

// newDaemon is one that has not started.
func newDaemon(t testing.TB, name string) daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "cw")
	if err != nil {
		t.Fatal(err)
	}
	return daemon{record: newRecord(), t: t, name: name, dir: dir}
}

// startCharon starts a daemon whose namespace has a TAP interface cw0, with
// ESP of its own.
func startCharon(t testing.TB) *charon {
	t.Helper()
	return startCharonWith(t, libipsec, told)
}

// What carries ESP, and how much the daemon says.
const (
	libipsec = "kernel-libipsec kernel-netlink"
	told     = "default = 1\n    ike = 2\n    cfg = 2"
	quiet    = "default = 0\n    job = 1"
)

// startCharonWith is startCharon with other plugins to carry ESP and other
// levels of its log.
func startCharonWith(t testing.TB, carriers, levels string) *charon {
	t.Helper()
	requirePeer(t)
	c := &charon{newDaemon(t, "strongSwan")}
	c.write("strongswan.conf", fmt.Sprintf(`charon {
  load_modular = no
  load = random nonce openssl gmp aes sha1 sha2 md5 gcrypt constraints hmac kdf ctr gcm xcbc pem pkcs1 x509 pubkey %s socket-default vici updown
  install_virtual_ip = no
  dos_protection = no
  retransmit_tries = 3
  retransmit_timeout = 1.0
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  plugins { vici { socket = unix://%s/vici } }
  filelog { stderr {
    flush_line = yes
    time_format = %%T
    time_add_ms = yes
    %s
  } }
}
`, carriers, c.dir, levels))
	script := "ip link set lo up && ip addr add " + theirs + "/32 dev lo && ip tuntap add cw0 mode tap && ip addr add " + theirsAddr +
		"/16 dev cw0 && ip link set cw0 up && mount -t tmpfs tmpfs /run || exit\n" + charonPath + " & p=$!; echo daemon $p >&2; read _; kill $p; wait $p"
	c.start(script, "STRONGSWAN_CONF="+filepath.Join(c.dir, "strongswan.conf"))
	c.want(0, `spawning \d+ worker threads`)
	return c
}

func (d *daemon) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// want waits for a line of the daemon's log.
func (d *daemon) want(mark int, pattern string) string {
	d.t.Helper()
	line, ok := d.await(mark, pattern)
	if !ok {
		d.t.Fatalf("%s did not say /%s/ within %v, but\n%s", d.name, pattern, patience, d.since(mark))
	}
	return line
}

// swanctl runs a command of the daemon's.
func (c *charon) swanctl(command string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "swanctl", append([]string{command, "--uri", "unix://" + c.dir + "/vici"}, args...)...)
	cmd.Env = append(os.Environ(), "STRONGSWAN_CONF="+filepath.Join(c.dir, "strongswan.conf"), "SWANCTL_DIR="+c.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *charon) must(command string, args ...string) string {
	c.t.Helper()
	out, err := c.swanctl(command, args...)
	if err != nil {
		c.t.Fatalf("swanctl %s %q: %v\n%s", command, args, err, out)
	}
	return out
}

// A conn is how the daemon is configured.
type conn struct {
	ike, esp   string // proposals in strongSwan's words
	aggressive bool
	version    int // of IKE, 1 for 0
	psk        string
	localID    string // empty: the address
	remoteID   string
	remoteTS   string       // likewise, of the device's end
	extra      string       // more of the connection
	childExtra string       // and of its child
	certs      *credentials // in place of the key
	anyone     bool         // any address of the network may come, with any one host behind it
}

// credentials are what the daemon proves itself by and trusts, in PEM.
type credentials struct{ ca, cert, key string }

// load gives the daemon its one connection, in place of the one before. Its
// control socket may miss the first commands.
func (c *charon) load(k conn) {
	c.t.Helper()
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	yes := map[bool]string{true: "yes", false: "no"}
	local, remote := or(k.localID, theirsAddr), or(k.remoteID, oursAddr)
	from, behind := oursAddr, or(k.remoteTS, ours)+"/32"
	if k.anyone {
		from, remote, behind = "%any", "%any", "10.1.0.0/16"
	}
	auth, proves, taken := "psk", "auth = psk", "loaded ike secret"
	if k.certs != nil {
		auth, proves, taken = "pubkey", "auth = pubkey\n    certs = me.pem", "loaded RSA key"
		for name, text := range map[string]string{"x509ca": k.certs.ca, "x509": k.certs.cert, "rsa": k.certs.key} {
			if err := os.MkdirAll(filepath.Join(c.dir, name), 0o700); err != nil {
				c.t.Fatal(err)
			}
			c.write(name+"/me.pem", text)
		}
	}
	c.write("swanctl.conf", fmt.Sprintf(`connections { c {
  version = %d
  aggressive = %s
  local_addrs = %s
  remote_addrs = %s
  proposals = %s
  %s
  local { 
    %s
    id = %s
  }
  remote {
    auth = %s
    id = %s
  }
  children { n {
    local_ts = %s/32
    remote_ts = %s
    esp_proposals = %s
    %s
  } }
} }
secrets { ike-1 {
  id-a = %s
  id-b = %s
  secret = "%s"
} }
`, max(k.version, 1), yes[k.aggressive], theirsAddr, from, k.ike, k.extra, proves, local, auth, remote, theirs, behind, or(k.esp, "des-sha1"), k.childExtra, local, remote, or(k.psk, psk)))
	file := filepath.Join(c.dir, "swanctl.conf")
	for end := time.Now().Add(patience); ; {
		creds, err := c.swanctl("--load-creds", "--clear", "--file", file)
		conns, err2 := c.swanctl("--load-conns", "--file", file)
		if err == nil && err2 == nil && strings.Contains(creds, taken) && strings.Contains(conns, "successfully loaded 1") {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("strongSwan does not take its configuration: %v %v\n%s%s", err, err2, creds, conns)
		}
	}
}
