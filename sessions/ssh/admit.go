package ssh

import (
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync/atomic"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
)

var errDenied = errors.New("ssh: permission denied")

// How many passwords of the lab one may try on a connection, and how many keys
// that nobody has.
const (
	authRetries = 3
	keyRetries  = 20
)

// admission has the connection ask the lab and the device who may come in.
// Tries are counted here and by the device.
func (c *conn) admission(config *xssh.ServerConfig) {
	config.MaxAuthTries = -1
	password := func(second bool) (xssh.ServerAuthCallbacks, func(xssh.ConnMetadata, string) error) {
		check := func(m xssh.ConnMetadata, text string) error { return c.password(m, text, second) }
		return xssh.ServerAuthCallbacks{
			PasswordCallback: func(m xssh.ConnMetadata, text []byte) (*xssh.Permissions, error) { return nil, check(m, string(text)) },
			KeyboardInteractiveCallback: func(m xssh.ConnMetadata, ask xssh.KeyboardInteractiveChallenge) (*xssh.Permissions, error) {
				answers, err := ask("", "", []string{"Password: "}, []bool{false})
				if err != nil || len(answers) != 1 {
					return nil, c.miss(authRetries)
				}
				return nil, check(m, answers[0])
			},
		}, check
	}
	first, _ := password(false)
	second, _ := password(true)
	config.PasswordCallback, config.KeyboardInteractiveCallback = first.PasswordCallback, first.KeyboardInteractiveCallback
	config.PublicKeyCallback = func(m xssh.ConnMetadata, key xssh.PublicKey) (*xssh.Permissions, error) {
		return nil, c.offered(m, key)
	}
	config.VerifiedPublicKeyCallback = func(m xssh.ConnMetadata, key xssh.PublicKey, _ *xssh.Permissions, _ string) (*xssh.Permissions, error) {
		err := c.admit(c.caller(m), lab.Proof{Method: lab.ByKey, Key: info(key)})
		if errors.Is(err, lab.ErrMore) {
			return nil, &xssh.PartialSuccessError{Next: second}
		}
		return nil, err
	}
}

// info is a key as a SubjectPublicKeyInfo, nil for one of a kind that devices
// do not have.
func info(key xssh.PublicKey) []byte {
	k, ok := key.(xssh.CryptoPublicKey)
	if !ok {
		return nil
	}
	b, err := x509.MarshalPKIXPublicKey(k.CryptoPublicKey())
	if err != nil {
		return nil
	}
	return b
}

// aim finds what the client wants, and holds him to the time that its device
// has for him.
func (c *conn) aim(m xssh.ConnMetadata) bool {
	t, ok := c.server.find(m.User(), c.only)
	if !ok {
		return false
	}
	l, err := c.server.labOf(t)
	if err != nil {
		c.server.report(c, err, nil)
		return false
	}
	if c.lab == nil && t.user != "" {
		if patience := l.Patience(t.device); patience > 0 && patience < c.server.o.Handshake {
			_ = c.nc.SetDeadline(c.begun.Add(patience)) // a connection that is gone ends by itself
		}
	}
	c.target, c.lab = t, l
	return true
}

func (c *conn) caller(m xssh.ConnMetadata) lab.Caller {
	caller := lab.Caller{User: c.target.user, Addr: c.addr}
	if a, ok := m.(xssh.AlgorithmsConnMetadata); ok {
		caller.Cipher = a.Algorithms().Write.Cipher
	}
	return caller
}

// password checks a password, that of the lab first.
func (c *conn) password(m xssh.ConnMetadata, password string, second bool) error {
	if !c.aim(m) {
		return c.miss(authRetries)
	}
	trusted := c.server.trusts(password)
	if c.target.user == "" {
		if !trusted {
			return c.miss(authRetries)
		}
		return nil
	}
	caller := c.caller(m)
	caller.Trusted = trusted && caller.User == c.server.o.User
	return c.admit(caller, lab.Proof{Password: password, Second: second})
}

// offered is a key that a client could prove to have. The lab has none.
func (c *conn) offered(m xssh.ConnMetadata, key xssh.PublicKey) error {
	public := info(key)
	if !c.aim(m) || c.target.user == "" || public == nil {
		return c.miss(keyRetries)
	}
	caller := c.caller(m)
	err := c.lab.Offer(c.target.device, caller, public)
	if err != nil {
		return c.refused(caller, err)
	}
	return nil
}

// admit asks the device.
func (c *conn) admit(caller lab.Caller, p lab.Proof) error {
	visit, err := c.lab.Admit(c.target.device, caller, p)
	switch {
	case errors.Is(err, lab.ErrMore):
		return lab.ErrMore
	case err != nil:
		return c.refused(caller, err)
	}
	c.visit, c.tried = visit, nil
	return nil
}

// refused is a try that the device has refused.
func (c *conn) refused(caller lab.Caller, err error) error {
	c.failed(err)
	if errors.Is(err, lab.ErrRefused) {
		c.tried = &caller
	}
	if errors.Is(err, lab.ErrEnough) {
		c.wire.last.Store(true)
	}
	return c.miss(keyRetries)
}

// miss counts a try that failed; the one after which there are most is the
// last.
func (c *conn) miss(most int) error {
	if c.misses++; c.misses >= most {
		c.wire.last.Store(true)
	}
	return errDenied
}

// lost is why a client was not let in.
func (c *conn) lost(err error) lab.Loss {
	n, t := (*xssh.AlgorithmNegotiationError)(nil), net.Error(nil)
	switch {
	case c.wire.last.Load():
		return lab.LossClosed
	case !c.wire.speaksSSH():
		return lab.LossVersion
	case errors.As(err, &n) && strings.HasSuffix(n.What, "cipher"):
		return lab.LossCipher
	case errors.As(err, &n) && strings.HasSuffix(n.What, "MAC"):
		return lab.LossMAC
	case errors.As(err, &n) && n.What == "host key":
		return lab.LossHostKey
	case errors.As(err, &n):
		return lab.LossKex
	case errors.As(err, &t) && t.Timeout():
		return lab.LossTime
	}
	return lab.LossClosed
}

// leave tells the device that the connection is over. One that comes to nobody
// in particular is heard of by the device of the listener.
func (c *conn) leave() {
	switch main := c.server.labs.Main(); {
	case c.visit != nil:
		c.failed(c.visit.Leave(!c.isHung()))
	case c.tried != nil:
		c.failed(c.lab.Lost(c.target.device, *c.tried, c.loss))
	case c.lab == nil && c.only != "" && main != nil && c.loss != lab.LossClosed:
		c.failed(main.Lost(c.only, lab.Caller{Addr: c.addr}, c.loss))
	}
}

// A wire is a connection that knows how its client began, and that ends in place
// of the answer to the last try: who hears that it failed asks for another.
type wire struct {
	net.Conn
	begin []byte // at most as long as the longest ident
	last  atomic.Bool
}

// idents are those of clients of SSH version 2 (RFC 4253 sections 4.2 and 5.1).
var idents = []string{"SSH-2.0-", "SSH-1.99-"}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if room := len(idents[1]) - len(w.begin); room > 0 {
		w.begin = append(w.begin, b[:min(n, room)]...)
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	if w.last.Load() {
		_ = w.Close() // who waits for the next try hears of it
		return 0, net.ErrClosed
	}
	return w.Conn.Write(b)
}

func (w *wire) speaksSSH() bool {
	for _, ident := range idents {
		if strings.HasPrefix(string(w.begin), ident) {
			return true
		}
	}
	return false
}
