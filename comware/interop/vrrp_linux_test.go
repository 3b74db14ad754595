package interop

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// The virtual router of these tests.
const (
	routerID   = 7
	routerAddr = "10.99.0.100"
)

// A keepalived is a VRRP daemon of that name, which can start again and again.
type keepalived struct {
	daemon
	run  *exec.Cmd // nil for none
	read chan struct{}
}

func newKeepalived(t *testing.T) *keepalived {
	t.Helper()
	require(t, "keepalived", "nsenter")
	k := &keepalived{daemon: newDaemon(t, "keepalived")}
	k.start("ip link set lo up && ip tuntap add cw0 mode tap && ip addr add " + theirsAddr + "/24 dev cw0 && ip link set cw0 up && mount -t tmpfs tmpfs /run || exit\n" +
		"echo ready >&2; read _")
	k.daemon.want(0, "^ready$")
	t.Cleanup(k.stop)
	return k
}

// begin starts the daemon with that priority and those lines for the virtual
// router, in the place of one that runs.
func (k *keepalived) begin(priority int, lines string) {
	k.t.Helper()
	k.stop()
	k.write("keepalived.conf", fmt.Sprintf(`global_defs {
  vrrp_garp_master_delay 1
}
vrrp_instance R {
  state BACKUP
  interface cw0
  virtual_router_id %d
  priority %d
  virtual_ipaddress { %s/24 }
  %s
}
`, routerID, priority, routerAddr, lines))
	pids := func(name string) string { return filepath.Join(k.dir, name) }
	ns := fmt.Sprintf("/proc/%d/ns/", k.proc.Pid)
	k.run = exec.Command("nsenter", "--net="+ns+"net", "--mount="+ns+"mnt", "keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp",
		"--use-file="+pids("keepalived.conf"), "--pid="+pids("pid"), "--vrrp_pid="+pids("vrrp"))
	out, in := io.Pipe()
	k.run.Stdout, k.run.Stderr = in, in
	if err := k.run.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.read = make(chan struct{})
	go func() { k.record.read(out); close(k.read) }()
}

// stop ends the daemon as its operator does: a master says that it leaves.
func (k *keepalived) stop() {
	if k.run == nil {
		return
	}
	_ = k.run.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(patience, func() { _ = k.run.Process.Kill() })
	_ = k.run.Wait()
	kill.Stop()
	_ = k.run.Stdout.(io.Closer).Close()
	<-k.read
	k.run = nil
}

// router starts a device with a virtual router that has these lines in
// interface view.
func (k *keepalived) router(lines ...string) *box {
	k.t.Helper()
	group := fmt.Sprintf(" vrrp vrid %d ", routerID)
	config := "interface GigabitEthernet1/0/1\n port link-mode route\n ip address " + oursAddr + " 255.255.255.0\n" + group + "virtual-ip " + routerAddr + "\n"
	for _, l := range lines {
		if strings.HasPrefix(l, "vrrp ") {
			config += " " + l + "\n"
		} else {
			config += group + l + "\n"
		}
	}
	config += "#\nsecurity-zone name Untrust\n import interface GigabitEthernet1/0/1\n#\nsecurity-policy ip\n rule 0 name any\n  action pass\n#\nreturn\n"
	def := &lab.Definition{Name: "peer", Start: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		Devices: []lab.DeviceSpec{{Name: boxName, Model: "F1060", Config: config, ConfigFile: "F1060.cfg"}}}
	return open(k.t, &k.daemon, def, lab.Endpoint{Node: boxName, Port: "GigabitEthernet1/0/1"})
}

// is waits until the virtual router has a state.
func (b *box) is(state string) {
	b.t.Helper()
	b.until("virtual router "+state, func(s lab.Snapshot) bool { return len(s.VRRP) == 1 && s.VRRP[0].State == state })
}

const (
	entersMaster = `\(R\) Entering MASTER STATE`
	entersBackup = `\(R\) Entering BACKUP STATE`
)

// dialects are the ways that both speak: the words of the device, and those of
// the daemon. MD5 is not among them: see the package's limitations.
var dialects = []struct{ name, ours, theirs string }{
	{"version 3", "timer advertise 100", "version 3\n  advert_int 1"},
	{"version 3, every 200 ms", "timer advertise 20", "version 3\n  advert_int 0.2"},
	{"version 2", "vrrp version 2", "version 2\n  advert_int 1"},
	{"version 2, every 2 s", "timer advertise 200", "version 2\n  advert_int 2"},
	{"version 2, simple", "authentication-mode simple plain secret", "version 2\n  advert_int 1\n  authentication {\n    auth_type PASS\n    auth_pass secret\n  }"},
}

// Each dialect: who has the higher priority takes over from a master, who
// leaves says so, and the address is where the master is.
func TestVirtualRouters(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel() // they wait for timers, each in a namespace of its own
			k := newKeepalived(t)
			lines := []string{"shutdown", "priority 150", d.ours}
			if strings.HasPrefix(d.name, "version 2") {
				lines = append([]string{"vrrp version 2"}, lines...)
			}
			b := k.router(lines...)
			k.begin(100, d.theirs) // there is no carrier without a device
			k.daemon.want(0, entersMaster)

			// The device has a higher priority and takes over at once.
			m := k.mark()
			b.typ("system-view", "interface GigabitEthernet1/0/1", fmt.Sprintf("undo vrrp vrid %d shutdown", routerID))
			b.is("Master")
			k.daemon.want(m, entersBackup)
			b.echo(theirsAddr, routerAddr, 56)

			// It shuts its virtual router down, which is priority 0, and comes back.
			m = k.mark()
			b.typ(fmt.Sprintf("vrrp vrid %d shutdown", routerID))
			b.is("Initialize")
			k.daemon.want(m, `received priority 0 advertisement`)
			k.daemon.want(m, entersMaster)
			n := b.mark()
			b.typ("ping -q -c 20 -m 100 -t 100 " + routerAddr) // the first may come before the kernel has the address
			b.want(n, `, [1-9]\d* packet\(s\) received`)
			b.typ(fmt.Sprintf("undo vrrp vrid %d shutdown", routerID))
			b.is("Master")
			k.daemon.want(m, entersBackup)

			// The daemon comes with a higher priority and takes over.
			m = k.mark()
			k.begin(200, d.theirs)
			k.daemon.want(m, entersMaster)
			b.is("Backup")
			n = b.mark()
			b.typ("display vrrp verbose")
			b.want(n, `Master IP +: `+strings.ReplaceAll(theirsAddr, ".", `\.`)+`$`)

			// It leaves, and the device does not wait for it.
			n = b.mark()
			k.stop()
			b.want(n, `changed from Backup to Master: Zero priority packet received\.`)

			// Without preemption the device stays where it is.
			b.typ(fmt.Sprintf("undo vrrp vrid %d preempt-mode", routerID), fmt.Sprintf("vrrp vrid %d shutdown", routerID))
			b.is("Initialize")
			m = k.mark()
			k.begin(100, d.theirs)
			k.daemon.want(m, entersMaster)
			b.typ(fmt.Sprintf("undo vrrp vrid %d shutdown", routerID))
			b.is("Backup")
			n = b.mark()
			b.heard(n, 5)
			b.is("Backup")
		})
	}
}

// heard waits until the device has counted so many advertisements.
func (b *box) heard(mark, count int) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; {
		n := b.mark()
		b.typ("display vrrp statistics")
		line := b.want(n, `Adver Rcvd +: +\d+`)
		var got int
		if _, err := fmt.Sscanf(line[strings.Index(line, "Adver Rcvd")+len("Adver Rcvd"):], " : %d", &got); err != nil {
			b.t.Fatalf("%q: %v", line, err)
		}
		if got >= count {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("after %v the device has counted %d advertisements, want %d\n%s", patience, got, count, b.since(mark))
		}
		<-b.lab.Changed()
	}
}

// What does not fit is refused by both, each is master, and the device counts
// why.
func TestVirtualRoutersThatDoNotFit(t *testing.T) {
	for _, row := range []struct{ name, ours, theirs, counter string }{
		{"another key", "authentication-mode simple plain secret", "version 2\n  authentication {\n    auth_type PASS\n    auth_pass other\n  }", "Auth Failures"},
		{"no key", "authentication-mode simple plain secret", "version 2", "Auth Type Mismatch"},
		{"another interval", "vrrp version 2", "version 2\n  advert_int 2", "Advertisement Interval Errors"},
		{"another version", "vrrp version 3", "version 2", "Version Errors"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := newKeepalived(t)
			lines := []string{"vrrp version 2", row.ours}
			b := k.router(lines...)
			b.is("Master")
			k.begin(200, row.theirs)
			k.daemon.want(0, entersMaster)
			for end := time.Now().Add(patience); ; {
				n := b.mark()
				b.typ("display vrrp statistics interface GigabitEthernet1/0/1")
				b.want(n, `Priority Zero Pkts Sent|Packet Option|Zero`)
				if out := b.since(n); counted(out, row.counter) > 0 {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("the device does not count %q:\n%s", row.counter, b.since(n))
				}
				<-b.lab.Changed()
			}
			b.is("Master")
		})
	}
}

// counted is the number behind a name in a display of two columns.
func counted(out, name string) (n int) {
	i := strings.Index(out, name)
	if i >= 0 {
		_, _ = fmt.Sscanf(strings.TrimLeft(out[i+len(name):], " :"), "%d", &n)
	}
	return n
}
