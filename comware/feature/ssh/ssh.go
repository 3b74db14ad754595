// Package ssh is the SSH server as the configuration sees it, and the key pairs
// of the device: settings, SSH users, sessions, local keys and those of peers.
// Command and output forms are those of the Comware 7 command references "SSH"
// and "Public key management"; public keys are printed as the
// SubjectPublicKeyInfo of RFC 5280, RSA after RFC 3279, ECDSA after RFC 5480.
//
// Limitations: the package carries no SSH connection itself; who does tells it
// of sessions. SSH version 1 is not spoken: the server key of RSA is made and
// shown, and never used. Keys come from the random stream of the box. What the
// device answers when a key pair is there already, or when a key of a peer
// cannot be read, is not documented; the wording is ours.
package ssh

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Feature is the SSH server and the keys of the device.
var Feature = feature.Feature{
	Name:     "ssh",
	Views:    []feature.View{{Name: "public-key", Parent: "system", Title: "Public-key"}},
	Commands: slices.Concat(serverCommands(), keyCommands, peerCommands, exchangeCommands),
	Install: func(b *feature.Box) {
		st := &state{box: b}
		feature.Put(b, st)
		st.read()
	},
}

// state is the keys of a box and the sessions that the server has.
type state struct {
	box      *feature.Box
	keys     []*Key // in the order they were made
	sessions []*Session
	next     int // number of the next session
}

func of(b *feature.Box) *state { return feature.Get[*state](b) }

var texts = feature.Texts{
	"ssh": "Secure Shell", "server": "Server", "enable": "Enable the server", "sftp": "Secure FTP", "scp": "Secure copy", "user": "SSH user",
	"<name>": "Name", "service-type": "Service", "all": "All services", "netconf": "NETCONF", "stelnet": "Stelnet",
	"authentication-type": "How the user is authenticated", "any": "Password or key", "password": "Password", "publickey": "Key",
	"password-publickey": "Password and key", "assign": "What clients are verified by", "<key>": "Name of the public key",
	"pki-domain": "PKI domain", "<domain>": "Name of the domain", "authentication-retries": "Limit of attempts of authentication",
	"<times>": "Number of attempts", "authentication-timeout": "Time that authentication may take", "<seconds>": "Number of seconds",
	"compatible-ssh1x": "Clients of SSH version 1", "rekey-interval": "Interval between new server keys", "<hours>": "Number of hours",
	"acl": "ACL of the clients", "<acl>": "Number of the ACL", "dscp": "DSCP of the packets", "<dscp>": "DSCP value", "ipv6": "IPv6",
	"idle-timeout": "Time after which an idle connection ends", "<minutes>": "Number of minutes", "status": "Settings of the server",
	"session": "Sessions of the server", "user-information": "SSH users",
	"public-key": "Public key", "local": "Key pairs of the device", "create": "Make a key pair", "destroy": "Destroy a key pair",
	"rsa": "RSA", "dsa": "DSA", "ecdsa": "ECDSA", "name": "Name of the key pair", "public": "Public key",
	"secp192r1": "Curve of 192 bits", "secp256r1": "Curve of 256 bits", "secp384r1": "Curve of 384 bits",
	"peer": "Key of another host", "brief": "Brief information", "export": "Give the public key to other hosts", "openssh": "Form of OpenSSH", "ssh2": "Form of SSH2",
	"<file>": "Name of the file", "import": "Take the key from a file", "sshkey": "Public key of SSH", "peer-public-key": "Key of another host", "end": "End of the key", "<code>": "Hexadecimal digits of the key",
	"telnet": "Telnet", "client": "Client", "source": "Source of the packets", "interface": "Interface", "<interface>": "Interface",
	"ip": "IPv4 address", "<ip>": "IPv4 address",
}

// Status is how the server is set.
type Status struct {
	Stelnet, SFTP, SCP, NETCONF bool
	SSH1                        bool
	Timeout                     time.Duration // of authentication
	Retries                     int
	Rekey                       time.Duration
	SFTPIdle                    time.Duration
}

// Server is how the server of a box is set.
func Server(b *feature.Box) Status {
	root := b.Conf.Root()
	on := func(key string) bool { return root.Child(key) != nil }
	number := func(key string, or int) int {
		if n := root.Child(key); n != nil {
			f := strings.Fields(n.Text)
			or, _ = strconv.Atoi(f[len(f)-1])
		}
		return or
	}
	return Status{Stelnet: on("ssh server enable"), SFTP: on("sftp server enable"), SCP: on("scp server enable"), NETCONF: on("netconf ssh server enable"),
		SSH1: on("ssh server compatible-ssh1x enable"), Timeout: time.Duration(number("ssh server authentication-timeout", 60)) * time.Second,
		Retries: number("ssh server authentication-retries", 3), Rekey: time.Duration(number("ssh server rekey-interval", 0)) * time.Hour,
		SFTPIdle: time.Duration(number("sftp server idle-timeout", 10)) * time.Minute}
}

// Methods are how a user may come, and to what: a shell or NETCONF.
type Methods struct {
	Stelnet, NETCONF bool
	Password, Key    bool
	Both             bool     // the key, then the password
	Keys             [][]byte // his, each a SubjectPublicKeyInfo
}

// MethodsOf are the methods of a user: who is no SSH user has the password, who
// is one for other services than those that are on has none.
func MethodsOf(b *feature.Box, user string) (m Methods) {
	s := Server(b)
	n := b.Conf.Root().Child("ssh user " + user)
	if n == nil {
		return Methods{Stelnet: s.Stelnet, NETCONF: s.NETCONF, Password: s.Stelnet || s.NETCONF}
	}
	f := strings.Fields(n.Text)
	m.Stelnet = s.Stelnet && (f[4] == "all" || f[4] == "stelnet")
	m.NETCONF = s.NETCONF && (f[4] == "all" || f[4] == "netconf")
	if !m.Stelnet && !m.NETCONF {
		return m
	}
	m.Password, m.Key, m.Both = f[6] != "publickey", f[6] != "password", f[6] == "password-publickey"
	if i := slices.Index(f, "assign"); i >= 0 && f[i+1] == "publickey" {
		for _, name := range f[i+2:] {
			if key := Peer(b, name); key != nil {
				m.Keys = append(m.Keys, key)
			}
		}
	}
	return m
}

// Holds says whether a key is one of the user's.
func (m Methods) Holds(key []byte) bool {
	return m.Key && slices.ContainsFunc(m.Keys, func(k []byte) bool { return bytes.Equal(k, key) })
}

// A Session is one connection to the server.
type Session struct {
	PID     uint32 // of the shell's process
	ID      int    // set by Enter
	Version string // "2.0"
	Cipher  string // from the server to the client
	State   string // "Established"
	Retries int    // failed attempts of authentication
	Service string // "Stelnet"
	User    string
}

// Enter lists a session from now on until leave is called.
func Enter(b *feature.Box, s *Session) (leave func()) {
	st := of(b)
	s.ID = st.next
	st.next++
	st.sessions = append(st.sessions, s)
	return func() { st.sessions = slices.DeleteFunc(st.sessions, func(x *Session) bool { return x == s }) }
}

// setting is a line that acts and its undo form. key is the line without its
// arguments.
func setting(place int, syntax, key, byDefault string) []feature.Command {
	return []feature.Command{
		texts.Command("system", syntax, func(x *feature.Exec, a *cli.Args) {
			if text := a.Line(); text == byDefault {
				x.Node().Remove(key)
			} else {
				x.Node().Set(place, key, text)
			}
		}),
		texts.Command("system", "undo "+key, func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(key) }),
	}
}

const source = "{ interface <interface:interface> | ip <ip:ip> }"

// plain says whether a name can stand as one word, and tells the person if not.
func plain(x *feature.Exec, name string) bool {
	if strings.ContainsAny(name, " \t\"\\?") {
		x.Error("The name is invalid.")
		return false
	}
	return true
}

const services = "{ all | netconf | scp | sftp | stelnet }"

func serverCommands() []feature.Command {
	var all []feature.Command
	for _, s := range []struct{ syntax, key, byDefault string }{
		{"ssh server enable", "ssh server enable", ""},
		{"sftp server enable", "sftp server enable", ""},
		{"scp server enable", "scp server enable", ""},
		{"sftp server idle-timeout <minutes:1-35791>", "sftp server idle-timeout", "sftp server idle-timeout 10"},
		{"ssh server authentication-retries <times:1-5>", "ssh server authentication-retries", "ssh server authentication-retries 3"},
		{"ssh server authentication-timeout <seconds:1-120>", "ssh server authentication-timeout", "ssh server authentication-timeout 60"},
		{"ssh server compatible-ssh1x enable", "ssh server compatible-ssh1x enable", ""},
		{"ssh server rekey-interval <hours:1-24>", "ssh server rekey-interval", ""},
	} {
		all = append(all, setting(feature.PlaceSSH, s.syntax, s.key, s.byDefault)...)
	}
	all = append(all, setting(feature.PlaceTelnet, "telnet server enable", "telnet server enable", "")...)
	for _, k := range []struct {
		place             int
		syntax, byDefault string
	}{
		{feature.PlaceSSH, "ssh server acl <acl:2000-4999>", ""},
		{feature.PlaceSSH, "ssh server dscp <dscp:0-63>", "ssh server dscp 48"},
		{feature.PlaceSSH, "ssh server ipv6 dscp <dscp:0-63>", "ssh server ipv6 dscp 48"},
		{feature.PlaceSSH, "ssh server ipv6 acl [ ipv6 ] <acl:2000-4999>", ""},
		{feature.PlaceSSH, "ssh client source " + source, ""},
		{feature.PlaceSSH, "sftp client source " + source, ""},
		{feature.PlaceTelnet, "telnet server ipv6 acl [ ipv6 ] <acl:2000-4999>", ""},
		{feature.PlaceTelnet, "telnet server acl <acl:2000-4999>", ""},
		{feature.PlaceTelnet, "telnet server dscp <dscp:0-63>", "telnet server dscp 48"},
		{feature.PlaceTelnet, "telnet server ipv6 dscp <dscp:0-63>", "telnet server ipv6 dscp 48"},
		{feature.PlaceTelnet, "telnet client source " + source, ""},
	} {
		all = append(all, texts.Keep("system", k.syntax, feature.Keep{Place: k.place, Default: k.byDefault}))
	}
	return append(all,
		texts.Command("system", "ssh user <name:string:1-80> service-type "+services+" authentication-type { password | { any | password-publickey | publickey } [ assign { publickey <key:string:1-64> | pki-domain <domain:string:1-31> } ] }",
			func(x *feature.Exec, a *cli.Args) {
				if plain(x, a.Str("name")) {
					x.Node().Set(feature.PlaceSSH, "ssh user "+a.Str("name"), a.Line())
				}
			}),
		texts.Command("system", "undo ssh user <name:string:1-80>", func(x *feature.Exec, a *cli.Args) {
			if !x.Node().Remove("ssh user " + a.Str("name")) {
				x.Error("The SSH user does not exist.")
			}
		}),
		displaySource("display telnet client", "telnet", " The source %s is %s.\n"),
		displaySource("display ssh client source", "ssh", "The source %s of the SSH client is %s.\n"),
		displaySource("display sftp client source", "sftp", "The source %s of the SFTP client is %s.\n"),
		texts.Command("any", "display ssh server { session | status }", displayServer),
		texts.Command("any", "display ssh user-information [ <name:string:1-80> ]", displayUsers),
	)
}

// displaySource shows what packets of a client come from, if it is set.
func displaySource(syntax, client, form string) feature.Command {
	return texts.Command("any", syntax, func(x *feature.Exec, _ *cli.Args) {
		n := x.Box.Conf.Root().Child(client + " client source")
		if n == nil {
			return
		}
		f := strings.Fields(n.Text)
		kind := "IP address"
		if f[3] == "interface" {
			kind = "interface"
		}
		x.Printf(form, kind, f[4])
	})
}

func displayServer(x *feature.Exec, a *cli.Args) {
	if a.Has("session") {
		x.Print(" UserPid   SessID Ver   Encrypt    State          Retries  Serv     Username\n")
		for _, s := range of(x.Box).sessions {
			x.Printf(" %-9d %-6d %-5s %-10s %-14s %-8d %-8s %s\n", s.PID, s.ID, s.Version, s.Cipher, s.State, s.Retries, s.Service, s.User)
		}
		return
	}
	s := Server(x.Box)
	able := map[bool]string{true: "Enable", false: "Disable"}
	version := "2.0"
	if s.SSH1 {
		version = "1.99"
	}
	x.Printf(" Stelnet server: %s\n SSH version : %s\n", able[s.Stelnet], version)
	x.Printf(" SSH authentication-timeout : %d second(s)\n", int(s.Timeout/time.Second))
	x.Printf(" SSH server key generating interval : %d hour(s)\n", int(s.Rekey/time.Hour))
	x.Printf(" SSH authentication retries : %d time(s)\n", s.Retries)
	x.Printf(" SFTP server: %s\n SFTP server Idle-Timeout: %d minute(s)\n", able[s.SFTP], int(s.SFTPIdle/time.Minute))
	x.Printf(" NETCONF server: %s\n SCP server: %s\n", able[s.NETCONF], able[s.SCP])
}

// displayUsers lists the SSH users of the configuration.
func displayUsers(x *feature.Exec, a *cli.Args) {
	var rows []string
	for _, n := range x.Box.Conf.Root().Kids() {
		if strings.HasPrefix(n.Text, "ssh user ") && (!a.Has("name") || n.Key == "ssh user "+a.Str("name")) {
			rows = append(rows, userRow(n))
		}
	}
	x.Printf(" Total ssh users:%d\n", len(rows))
	x.Print(" Username            Authentication-type  User-public-key-name  Service-type\n" + strings.Join(rows, ""))
}

// userRow is the row of an SSH user.
func userRow(n *conf.Node) string {
	f := strings.Fields(n.Text)
	names := map[string]string{"scp": "SCP", "sftp": "SFTP", "stelnet": "Stelnet", "netconf": "NETCONF", "all": "Stelnet|SFTP|SCP|NETCONF"}
	key := "null"
	if i := slices.Index(f, "assign"); i >= 0 && f[i+1] == "publickey" {
		key = f[i+2]
	}
	return fmt.Sprintf(" %-20s%-21s%-22s%s\n", f[2], f[6], key, names[f[4]])
}
