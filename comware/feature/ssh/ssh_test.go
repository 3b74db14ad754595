package ssh_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"cwlab/comware/feature"
	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ssh"
	"cwlab/comware/feature/system"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, config.Feature, ssh.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestServerSettings(t *testing.T) {
	d := desk(t)
	d.Want("display ssh server status", ` Stelnet server: Disable
 SSH version : 2.0
 SSH authentication-timeout : 60 second(s)
 SSH server key generating interval : 0 hour(s)
 SSH authentication retries : 3 time(s)
 SFTP server: Disable
 SFTP server Idle-Timeout: 10 minute(s)
 NETCONF server: Disable
 SCP server: Disable
`)
	d.Do("system-view", "ssh server enable", "sftp server enable", "scp server enable", "sftp server idle-timeout 500", "ssh server authentication-retries 4",
		"ssh server authentication-timeout 10", "ssh server compatible-ssh1x enable", "ssh server rekey-interval 3", "ssh server acl 2001", "ssh server dscp 30",
		"ssh server ipv6 dscp 30", "telnet server enable", "telnet server acl 2000", "telnet server dscp 3", "telnet server ipv6 dscp 3", "telnet client source ip 1.1.1.1",
		"ssh client source ip 2.2.2.2", "sftp client source ip 3.3.3.3", "ssh server ipv6 acl ipv6 2001", "telnet server ipv6 acl ipv6 2001",
		"ssh user yemx service-type all authentication-type password", "ssh user test service-type sftp authentication-type publickey assign publickey pubkey")
	d.Want("display ssh server status", ` Stelnet server: Enable
 SSH version : 1.99
 SSH authentication-timeout : 10 second(s)
 SSH server key generating interval : 3 hour(s)
 SSH authentication retries : 4 time(s)
 SFTP server: Enable
 SFTP server Idle-Timeout: 500 minute(s)
 NETCONF server: Disable
 SCP server: Enable
`)
	d.Want("display ssh user-information", ` Total ssh users:2
 Username            Authentication-type  User-public-key-name  Service-type
 test                publickey            pubkey                SFTP
 yemx                password             null                  Stelnet|SFTP|SCP|NETCONF
`)
	if got := d.Do("display ssh user-information yemx"); !strings.HasPrefix(got, " Total ssh users:1\n") {
		t.Errorf("one user is shown as\n%s", got)
	}
	d.Want("display telnet client", " The source IP address is 1.1.1.1.\n")
	d.Want("display ssh client source", "The source IP address of the SSH client is 2.2.2.2.\n")
	d.Want("display sftp client source", "The source IP address of the SFTP client is 3.3.3.3.\n")
	d.RoundTrip()
	d.Do("undo ssh client source", "undo sftp client source", "undo ssh server ipv6 acl", "undo telnet server ipv6 acl")
	d.Do("undo ssh server enable", "undo sftp server enable", "undo scp server enable", "undo sftp server idle-timeout", "undo ssh server authentication-retries",
		"undo ssh server authentication-timeout", "undo ssh server compatible-ssh1x enable", "undo ssh server rekey-interval", "undo ssh server acl", "undo ssh server dscp",
		"undo ssh server ipv6 dscp", "undo telnet server enable", "undo telnet server acl", "undo telnet server dscp", "undo telnet server ipv6 dscp",
		"undo telnet client source", "undo ssh user yemx", "undo ssh user test")
	if got := d.Config(); strings.Contains(got, "ssh") || strings.Contains(got, "telnet") || strings.Contains(got, "ftp") {
		t.Errorf("after undo the configuration is\n%s", got)
	}
	d.Want("undo ssh user test", "The SSH user does not exist.\n")
}

func TestSessions(t *testing.T) {
	d := desk(t)
	const head = " UserPid   SessID Ver   Encrypt    State          Retries  Serv     Username\n"
	d.Want("display ssh server session", head)
	leave := ssh.Enter(d.Box, &ssh.Session{PID: 184, Version: "2.0", Cipher: "aes128-cbc", State: "Established", Retries: 1, Service: "Stelnet", User: "abc@123"})
	d.Want("display ssh server session", head+" 184       0      2.0   aes128-cbc Established    1        Stelnet  abc@123\n")
	leave()
	d.Want("display ssh server session", head)
}

func TestRSAKeysAreRealAndOutliveAReboot(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	d.Answer("100", "2048")
	got := d.Do("public-key local create rsa")
	if !strings.HasPrefix(got, "The range of public key modulus is (512 ~ 2048).\nIf the key modulus is greater than 512, it will take a few minutes.\nPress CTRL+C to abort.\n"+
		"Input the modulus length [default = 1024]:100\nInput the modulus length [default = 1024]:2048\nGenerating Keys...\n") ||
		!strings.HasSuffix(got, "++++++++\nCreate the key pair successfully.\n") || strings.Count(got, "+\n") != 4 {
		t.Errorf("the dialogue is\n%s", got)
	}
	keys := ssh.Keys(d.Box, "rsa")
	if len(keys) != 2 {
		t.Fatalf("%d keys, want the host key and the server key", len(keys))
	}
	for _, k := range keys {
		if k.Name == "serverkey" {
			continue
		}
		if err := k.RSA().Validate(); err != nil || k.N.BitLen() != 2048 {
			t.Errorf("%s of %d bits: %v", k.Name, k.N.BitLen(), err)
		}
		pub, err := x509.ParsePKIXPublicKey(k.Public())
		if r, ok := pub.(*rsa.PublicKey); !ok || r.N.Cmp(k.N) != 0 || r.E != 65537 {
			t.Errorf("the public key reads as %v, %v", pub, err)
		}
	}
	show := d.Do("display public-key local rsa public")
	for _, want := range []string{"Key name: hostkey (default)\nKey type: RSA\nTime when key pair created: 03:04:05 2020/01/02\nKey code:\n   30820122300D06092A864886F70D010101050003",
		"Key name: serverkey (default)\n", "   307C300D06092A864886F70D0101010500036B003068026100"} {
		if !strings.Contains(show, want) {
			t.Errorf("the keys are\n%s\nwant in it\n%s", show, want)
		}
	}
	if strings.Contains(d.Config(), "public-key") {
		t.Error("keys are in the configuration")
	}
	again := feature.NewBox("A", featuretest.Model, d.Box.Image, d.World, d.Net, d.Box.Flash)
	ssh.Feature.Install(again)
	if k := ssh.Keys(again, "rsa"); len(k) != 2 || !bytes.Equal(k[0].Public(), keys[0].Public()) && !bytes.Equal(k[0].Public(), keys[1].Public()) {
		t.Errorf("after a reboot there are %d keys", len(k))
	}
	d.Answer("n")
	d.Want("public-key local create rsa", "The local key pair already exists.\nConfirm to replace it? [Y/N]:n\n")
	d.Answer("512")
	d.Do("public-key local create rsa name Extra")
	if got := d.Do("display public-key local rsa public name extra"); !strings.Contains(got, "Key name: Extra\n") || strings.Contains(got, "hostkey") {
		t.Errorf("the named key is\n%s", got)
	}
	d.Answer("y", "y")
	d.Want("public-key local destroy rsa", "Confirm to destroy the key pair? [Y/N]:y\n")
	d.Do("public-key local destroy rsa name extra")
	d.Want("display public-key local rsa public", "")
	d.Want("public-key local destroy rsa", "The local key pair does not exist.\n")
	if files := d.Box.Flash.List("pkey"); len(files) != 0 {
		t.Errorf("the flash keeps %v", files)
	}
}

func TestDSAAndECDSAKeys(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	d.Answer("")
	if got := d.Do("public-key local create dsa"); strings.Count(got, "+*\n") != 2 {
		t.Errorf("the dialogue is\n%s", got)
	}
	k := ssh.Keys(d.Box, "dsa")[0]
	if k.P.BitLen() != 1024 || k.Q.BitLen() != 160 || !k.P.ProbablyPrime(20) || !k.Q.ProbablyPrime(20) ||
		new(big.Int).Exp(k.G, k.Q, k.P).Cmp(big.NewInt(1)) != 0 || new(big.Int).Exp(k.G, k.D, k.P).Cmp(k.E) != 0 {
		t.Errorf("the DSA key is %+v", k)
	}
	if _, err := x509.ParsePKIXPublicKey(k.Public()); err != nil {
		t.Errorf("the public key cannot be read: %v", err)
	}
	for name, curve := range map[string]ecdh.Curve{"secp256r1": ecdh.P256(), "secp384r1": ecdh.P384()} {
		d.Want("public-key local create ecdsa "+name+" name "+name, "Generating Keys...\nCreate the key pair successfully.\n")
		keys := ssh.Keys(d.Box, "ecdsa")
		k := keys[len(keys)-1]
		private, err := curve.NewPrivateKey(k.D.FillBytes(make([]byte, curveSize(name))))
		if err != nil {
			t.Fatal(err)
		}
		if want := private.PublicKey().Bytes(); !bytes.HasSuffix(k.Public(), want) {
			t.Errorf("the public key on %s is %x, want at its end %x", name, k.Public(), want)
		}
	}
	d.Do("public-key local create ecdsa")
	show := d.Do("display public-key local ecdsa public name ecdsakey")
	if !strings.Contains(show, "Key name: ecdsakey (default)\nKey type: ECDSA\n") || !strings.Contains(show, "\n   3049301306072A8648CE3D020106082A8648CE3D03010103320004") {
		t.Errorf("the key is\n%s", show)
	}
}

func curveSize(name string) int {
	if name == "secp256r1" {
		return 32
	}
	return 48
}

func TestPeerKeys(t *testing.T) {
	a, b := desk(t), desk(t)
	a.Answer("1024")
	a.Do("system-view", "public-key local create rsa name k")
	code := hex.EncodeToString(ssh.Keys(a.Box, "rsa")[0].Public())
	b.Do("system-view")
	b.Want("public-key peer idrsa", "Enter public key view. Return to system view with \"peer-public-key end\" command.\n")
	if b.Shell.Prompt() != "[H3C-pkey-public-key-idrsa]" {
		t.Errorf("the prompt is %s", b.Shell.Prompt())
	}
	b.Do(code[:100], code[100:], "peer-public-key end")
	if b.Shell.Prompt() != "[H3C]" || !bytes.Equal(ssh.Peer(b.Box, "idrsa"), ssh.Keys(a.Box, "rsa")[0].Public()) {
		t.Errorf("at %s the key is %x", b.Shell.Prompt(), ssh.Peer(b.Box, "idrsa"))
	}
	b.Want("display public-key peer brief", "Type  Modulus  Name\n---------------------------\nRSA   1024    idrsa\n")
	own := a.Do("display public-key local rsa public")
	if got := b.Do("display public-key peer name idrsa"); !strings.HasSuffix(got, own[strings.Index(own, "Key code:"):]) || !strings.Contains(got, "Key type: RSA\nKey modulus: 1024\n") {
		t.Errorf("the key is\n%s\nwant the code of\n%s", got, own)
	}
	b.RoundTrip()
	b.Do("public-key peer bad", "1234")
	b.Want("xyz", "The public key is invalid.\n")
	b.Want("peer-public-key end", "The public key is invalid.\n")
	b.Do("undo public-key peer idrsa")
	b.Want("undo public-key peer idrsa", "The public key does not exist.\n")
	b.Want("display public-key peer", "")
}

func TestKeysAreGivenAndTaken(t *testing.T) {
	d := desk(t)
	d.Answer("512", "512")
	d.Do("system-view", "public-key local create rsa name k", "public-key local create dsa name k", "public-key local create ecdsa secp256r1 name k")
	for _, kind := range []string{"rsa", "dsa", "ecdsa"} {
		k := ssh.Keys(d.Box, kind)[0]
		for _, form := range []string{"openssh", "ssh2"} {
			d.Do("public-key local export "+kind+" name k "+form+" key.pub", "public-key peer p import sshkey key.pub")
			if got := ssh.Peer(d.Box, "p"); !bytes.Equal(got, k.Public()) {
				t.Errorf("%s in the form of %s comes back as %x, want %x", kind, form, got, k.Public())
			}
		}
	}
	if got := d.Do("public-key local export rsa name k ssh2"); !strings.HasPrefix(got, "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"rsa-key-2020/01/02\"\nAAAAB3NzaC1yc2EAAAADAQAB") {
		t.Errorf("the key is shown as\n%s", got)
	}
	if got := d.Do("public-key local export rsa name k openssh"); !strings.HasPrefix(got, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB") || !strings.HasSuffix(got, " rsa-key\n") {
		t.Errorf("the key is shown as\n%s", got)
	}
	d.RoundTrip()
	d.Want("public-key local export rsa openssh", "The local key pair does not exist.\n")
	d.Want("public-key peer q import sshkey none.pub", feature.ErrNoFile.Error()+"\n")
	for _, bad := range []string{"", "x y", "ssh-rsa AAAAB3NzaC1yc2E=", "ssh-rsa AAAAAA==", "---- BEGIN SSH2 PUBLIC KEY ----\n!\n"} {
		if err := d.Box.Flash.Write("bad.pub", bad, d.Box.Now()); err != nil {
			t.Fatal(err)
		}
		d.Want("public-key peer q import sshkey bad.pub", "The public key is invalid.\n")
	}
}

func FuzzPeerKey(f *testing.F) {
	f.Add("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQ==")
	f.Add("---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\nAAAAB3NzaC1kc3M=\n")
	f.Fuzz(func(t *testing.T, text string) {
		d := desk(t)
		if d.Box.Flash.Write("f", text, d.Box.Now()) == nil {
			d.Do("system-view", "public-key peer q import sshkey f", "display public-key peer")
		}
	})
}
