package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/sessions/ssh"
)

// peerKey is a key as the configuration of a device holds it.
func peerKey(t *testing.T, name string, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "public-key peer %s\n", name)
	for hex := fmt.Sprintf("%X", der); hex != ""; {
		n := min(len(hex), 60)
		fmt.Fprintf(&b, "  %s\n", hex[:n])
		hex = hex[n:]
	}
	return b.String() + " peer-public-key end\n#\n"
}

func newRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newECDSA(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// accountOf is a local user with a password of his name.
func accountOf(name string) string {
	return fmt.Sprintf("local-user %s class manage\n password simple %s-pass-1\n service-type ssh telnet\n authorization-attribute user-role network-admin\n#\n", name, name)
}

// withUsers is sshConfig with more lines of system view and more views.
func withUsers(lines, views string) string {
	text := strings.Replace(sshConfig, " ssh server enable\n", " ssh server enable\n"+lines, 1)
	return strings.TrimSuffix(text, "return\n") + views + "return\n"
}

func methods(t *testing.T, password string, keys ...crypto.Signer) (all []xssh.AuthMethod) {
	t.Helper()
	var signers []xssh.Signer
	for _, k := range keys {
		s, err := xssh.NewSignerFromSigner(k)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, s)
	}
	if len(signers) > 0 {
		all = append(all, xssh.PublicKeys(signers...))
	}
	if password != "" {
		all = append(all, xssh.Password(password))
	}
	return all
}

// enter logs in by some methods and out again.
func (x *outside) enter(user string, m []xssh.AuthMethod) error {
	c, err := xssh.Dial("tcp", x.addr, &xssh.ClientConfig{User: user, Auth: m, HostKeyCallback: xssh.InsecureIgnoreHostKey()})
	if err == nil {
		c.Close()
	}
	return err
}

// The ways in are those of the SSH command reference, ssh user: publickey, any,
// and password-publickey, which wants the key first and then the password.
func TestServePublicKeys(t *testing.T) {
	one, two, other := newRSA(t), newECDSA(t), newECDSA(t)
	x := outsideOf(t, withUsers(` ssh server authentication-retries 5
 ssh user key service-type stelnet authentication-type publickey assign publickey K1
 ssh user any service-type all authentication-type any assign publickey k2
 ssh user both service-type all authentication-type password-publickey assign publickey k2
 ssh user files service-type sftp authentication-type any assign publickey k2
 ssh user nobody service-type all authentication-type publickey assign publickey k2
`, peerKey(t, "k1", one)+peerKey(t, "k2", two)+accountOf("key")+accountOf("any")+accountOf("both")+accountOf("files")), ssh.Options{})
	for _, tc := range []struct {
		user, password string
		keys           []crypto.Signer
		in             bool
	}{
		{"key", "", []crypto.Signer{one}, true},
		{"key", "", []crypto.Signer{two, one}, true},
		{"key", "", []crypto.Signer{two}, false},
		{"key", "key-pass-1", nil, false},
		{"any", "", []crypto.Signer{two}, true},
		{"any", "any-pass-1", nil, true},
		{"any", "any-pass-1", []crypto.Signer{other}, true},
		{"any", "wrong", []crypto.Signer{other}, false},
		{"both", "both-pass-1", []crypto.Signer{two}, true},
		{"both", "both-pass-1", nil, false},
		{"both", "", []crypto.Signer{two}, false},
		{"both", "wrong", []crypto.Signer{two}, false},
		{"files", "files-pass-1", []crypto.Signer{two}, false},
		{"nobody", "", []crypto.Signer{two}, false}, // he has no account
		{"ann", "", []crypto.Signer{two}, false},
		{"ann", "ann-pass-1", []crypto.Signer{one, two, other}, true}, // keys of an agent do no harm
		{"root", labPassword, []crypto.Signer{one, two, other}, true},
	} {
		if err := x.enter(tc.user+"+A", methods(t, tc.password, tc.keys...)); (err == nil) != tc.in {
			t.Errorf("%s with password %q and %d keys: %v, want let in %v", tc.user, tc.password, len(tc.keys), err, tc.in)
		}
	}
	x.log("Accepted publickey for key from 127.0.0.1 port ")
	x.log("Accepted password for both from 127.0.0.1 port ")
	x.log("SSHS/6/SSHS_AUTH_FAIL: -Context=1; SSH user key (IP: 127.0.0.1) didn't pass public key authentication for wrong public key.")
	// A signature by another key is no proof.
	liar := stolen{public: two.Public(), Signer: other}
	if err := x.enter("any+A", methods(t, "", liar)); err == nil {
		t.Error("who has the public key alone gets in")
	}
}

// A stolen key is a public one whose private half somebody else's stands for.
type stolen struct {
	public crypto.PublicKey
	crypto.Signer
}

func (s stolen) Public() crypto.PublicKey { return s.public }

func TestServeCountsTries(t *testing.T) {
	x := outsideOf(t, withUsers(" ssh server authentication-retries 2\n ssh user any service-type all authentication-type any assign publickey k2\n",
		peerKey(t, "k2", newECDSA(t))+accountOf("any")), ssh.Options{})
	tries := 0
	m := xssh.RetryableAuthMethod(xssh.PasswordCallback(func() (string, error) { tries++; return "wrong", nil }), 10)
	if err := x.enter("ann+A", []xssh.AuthMethod{m}); err == nil || tries != 2 {
		t.Errorf("after %d tries: %v, want 2", tries, err)
	}
	x.log("SSHS/6/SSHS_AUTH_EXCEED_RETRY_TIMES: -Context=1; SSH user ann (IP: 127.0.0.1) failed to log in, because the number of authentication attempts exceeded the upper limit.")
	// Keys count where they could have been right.
	if err := x.enter("any+A", methods(t, "any-pass-1", newECDSA(t), newECDSA(t))); err == nil {
		t.Error("a third try is heard")
	}
	if err := x.enter("any+A", methods(t, "any-pass-1", newECDSA(t))); err != nil {
		t.Error(err)
	}
}

// Who is silent in the middle of it is cut off when the device has waited as
// long as it is told to.
func TestServeAuthenticationTimeout(t *testing.T) {
	x := outsideOf(t, withUsers(" ssh server authentication-timeout 2\n", ""), ssh.Options{})
	first := true // a wrong password, which says whom it is about
	wrong := xssh.RetryableAuthMethod(xssh.PasswordCallback(func() (string, error) {
		if first {
			first = false
			return "wrong", nil
		}
		x.log("SSHS/6/SSHS_AUTH_TIMEOUT: -Context=1; Authentication timed out for 127.0.0.1.")
		return "", errors.New("too late")
	}), 2)
	if err := x.enter("ann+A", []xssh.AuthMethod{wrong}); err == nil {
		t.Error("who waits for too long gets in")
	}
}

func TestServeReportsProbes(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	x.addr = x.listen("A")
	nc, err := net.Dial("tcp", x.addr)
	if err != nil {
		t.Fatal(err)
	}
	nc.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	nc.(*net.TCPConn).CloseWrite()
	io.ReadAll(nc)
	nc.Close()
	x.log("SSHS/6/SSHS_VERSION_MISMATCH: -Context=1; SSH client 127.0.0.1 failed to log in because of version mismatch.")
	for what, config := range map[string]xssh.ClientConfig{
		"encryption":   {Config: xssh.Config{Ciphers: []string{"aes128-cbc"}}},
		"key exchange": {Config: xssh.Config{KeyExchanges: []string{"diffie-hellman-group1-sha1"}}},
		"public key":   {HostKeyAlgorithms: []string{"ssh-ed25519"}},
	} {
		config.User, config.HostKeyCallback = "ann", xssh.InsecureIgnoreHostKey()
		if _, err := xssh.Dial("tcp", x.addr, &config); err == nil {
			t.Errorf("%s: it connects", what)
		}
		x.log("SSHS/6/SSHS_ALGORITHM_MISMATCH: -Context=1; SSH client 127.0.0.1 failed to log in because of " + what + " mismatch.")
	}
}

// password-control locks a user at an address after some wrong passwords.
func TestServeLocksOut(t *testing.T) {
	x := outsideOf(t, withUsers("", accountOf("eve")+" password-control enable\n password-control login-attempt 2 exceed lock-time 5\n#\n"), ssh.Options{})
	for range 2 {
		if x.enter("eve+A", methods(t, "wrong")) == nil {
			t.Error("a wrong password gets in")
		}
	}
	x.log("PWDCTL/6/ADDBLACKLIST: -Context=1; eve was added to the blacklist for failed login attempts.")
	if x.enter("eve+A", methods(t, "eve-pass-1")) == nil {
		t.Error("who is locked out gets in")
	}
	if err := x.enter("ann+A", methods(t, "ann-pass-1")); err != nil {
		t.Errorf("another user does not get in: %v", err)
	}
}
