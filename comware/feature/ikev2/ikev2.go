// Package ikev2 is IKE version 2 as a person at the device sees it: the
// commands of the Comware 7 "IPsec Command Reference" (IKEv2) with their lines
// in the configuration, and the displays. The protocol is package
// emulator/ikev2. IPsec policies choose it with `ikev2-profile`.
//
// Limitations: IPv4 only, pre-shared keys and RSA signatures only: other
// authentication methods are configured and a negotiation that needs them fails. No AAA, no
// configuration exchange, no address groups and no VPN instances. The layouts
// of the displays are those of the manual. Of the traces of `debugging ikev2`
// no reference of Comware 7 is public: their wording is ours, in the manner of
// `debugging ike`, and the payloads have the form of the Comware 5 manual.
package ikev2

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/pki"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/sim"
)

// Feature is IKE version 2.
var Feature = feature.Feature{
	Name: "ikev2",
	Views: []feature.View{
		{Name: "ikev2-keychain", Parent: "system", Title: "IKEv2 keychain"},
		{Name: "ikev2-peer", Parent: "ikev2-keychain", Title: "IKEv2 keychain peer"},
		{Name: "ikev2-proposal", Parent: "system", Title: "IKEv2 proposal"},
		{Name: "ikev2-policy", Parent: "system", Title: "IKEv2 policy"},
		{Name: "ikev2-profile", Parent: "system", Title: "IKEv2 profile"},
	},
	Commands: slices.Concat(globalCommands, keychainCommands, proposalCommands, policyCommands, profileCommands, displayCommands, debugCommands, keptCommands),
	Install:  install,
}

// texts are the help texts of all tokens of this package's commands.
var texts = feature.Texts{
	"3des-cbc":              "3DES-CBC algorithm",
	"aaa":                   "Ask AAA for attributes of the peer",
	"accept":                "Accept the peer's settings",
	"address":               "IP address",
	"all":                   "All debugging functions",
	"aes-cbc-128":           "128-bit AES-CBC algorithm",
	"aes-cbc-192":           "192-bit AES-CBC algorithm",
	"aes-cbc-256":           "256-bit AES-CBC algorithm",
	"aes-ctr-128":           "128-bit AES-CTR algorithm",
	"aes-ctr-192":           "192-bit AES-CTR algorithm",
	"aes-ctr-256":           "256-bit AES-CTR algorithm",
	"any":                   "Any VPN instance and the public network",
	"authorization":         "Authorization",
	"certificate":           "Certificate",
	"domain":                "PKI domain",
	"<domain>":              "Name of the PKI domain",
	"sign":                  "For signatures",
	"verify":                "For the verification of signatures",
	"dn":                    "Subject of the local certificate",
	"<policy>":              "Name of an access control policy of certificates",
	"authentication-method": "Specify an authentication method",
	"ciphertext":            "Specify a ciphertext key",
	"config-exchange":       "Exchange settings with the peer",
	"cookie-challenge":      "Ask initiators for a cookie",
	"count":                 "Number of IKEv2 SAs",
	"debugging":             "Enable system debugging functions",
	"default":               "The default one",
	"des-cbc":               "DES-CBC algorithm",
	"dh":                    "Specify Diffie-Hellman groups",
	"dpd":                   "Configure dead peer detection (DPD)",
	"dsa-signature":         "DSA digital signature",
	"duration":              "Specify the IKEv2 SA lifetime",
	"ecdsa-signature":       "ECDSA digital signature",
	"email":                 "Email address",
	"encryption":            "Specify encryption algorithms",
	"error":                 "IKEv2 error debugging",
	"event":                 "IKEv2 event debugging",
	"fast":                  "Do not wait for answers of the peers",
	"fqdn":                  "Fully qualified domain name (FQDN)",
	"group1":                "768-bit Diffie-Hellman group",
	"group14":               "2048-bit Diffie-Hellman group",
	"group24":               "2048-bit Diffie-Hellman group with a 256-bit subgroup",
	"group19":               "256-bit ECP Diffie-Hellman group",
	"group20":               "384-bit ECP Diffie-Hellman group",
	"group2":                "1024-bit Diffie-Hellman group",
	"group5":                "1536-bit Diffie-Hellman group",
	"hostname":              "Specify the host name of the peer",
	"identity":              "Specify an identity",
	"ikev2":                 "Internet Key Exchange version 2 (IKEv2) module",
	"inside-vrf":            "Specify the VPN instance of the protected packets",
	"integrity":             "Specify integrity algorithms",
	"interval":              "Specify an interval",
	"key-id":                "Key ID",
	"keychain":              "IKEv2 keychain",
	"local":                 "Local end",
	"match":                 "Specify what the settings apply to",
	"md5":                   "HMAC-MD5 algorithm",
	"name":                  "Specify a VPN instance by its name",
	"nat-keepalive":         "NAT keepalive",
	"on-demand":             "Send DPD packets when there is IPsec traffic to send",
	"peer":                  "IKEv2 peer",
	"packet":                "IKEv2 packet debugging",
	"periodic":              "Send DPD packets at regular intervals",
	"plaintext":             "Specify a plaintext key",
	"policy":                "IKEv2 policy",
	"pre-share":             "Pre-shared key",
	"pre-shared-key":        "Configure a pre-shared key",
	"prf":                   "Specify pseudorandom functions",
	"priority":              "Specify a priority",
	"profile":               "IKEv2 profile",
	"proposal":              "IKEv2 proposal",
	"range":                 "Range of IP addresses",
	"remote":                "Remote end",
	"remote-address":        "Specify the peer by its address",
	"retry":                 "Specify the interval between DPD retries",
	"rsa-signature":         "RSA digital signature",
	"sa":                    "Security association",
	"sha1":                  "HMAC-SHA1 algorithm",
	"sha256":                "HMAC-SHA256 algorithm",
	"sha384":                "HMAC-SHA384 algorithm",
	"sha512":                "HMAC-SHA512 algorithm",
	"statistics":            "IKEv2 statistics",
	"tunnel":                "IKEv2 SA of a tunnel",
	"verbose":               "Detailed information",
	"request":               "Ask the peer for settings",
	"send":                  "Send settings to the peer",
	"set":                   "Settings that one end gives the other",
	"username":              "Specify a user name",
	"vrf":                   "VPN instance",
	"<address>":             "IP address",
	"<user>":                "User name",
	"<vrf>":                 "VPN instance name",
	"<cipher>":              "Ciphertext key",
	"<high>":                "End IP address",
	"<host>":                "Host name",
	"<id>":                  "Tunnel ID",
	"<interface>":           "Interface name",
	"<interval>":            "Interval in seconds",
	"<keychain>":            "Keychain name",
	"<low>":                 "Start IP address",
	"<mask>":                "Mask or mask length",
	"<name>":                "Name",
	"<number>":              "Number of half-open IKE SAs",
	"<plain>":               "Plaintext key",
	"<priority>":            "Priority, a smaller number is a higher priority",
	"<retry>":               "Retry interval in seconds",
	"<seconds>":             "Time in seconds",
}

// command is a command whose help comes from texts.
func command(views, syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command(views, syntax, run)
}

func engine(x *feature.Exec) *ikev2.Engine { return feature.Get[*ikev2.Engine](x.Box) }

// drop takes a top-level line out and leaves the view it opened.
func drop(x *feature.Exec, key string) {
	root := x.Box.Conf.Root()
	if n := root.Child(key); n != nil {
		root.Remove(key)
		x.Box.Drop(n)
	}
}

// host is what the engine needs of the box.
type host struct {
	box   *feature.Box
	trace *tracer
}

func (h host) Now() time.Time                             { return h.box.Now() }
func (h host) After(d time.Duration, f func()) *sim.Timer { return h.box.After(d, f) }
func (h host) Stream(purpose string) *sim.Stream          { return h.box.Stream(purpose) }

func (h host) Send(local, remote netip.AddrPort, b []byte) error {
	return h.box.Stack.SendUDP(local, remote, b)
}

// Emit tells of SAs that come and go, and IPsec of its requests that came to
// nothing: their flows may ask again.
func (h host) Emit(e ikev2.Event) {
	h.box.Note(e)
	switch e.Kind {
	case ikev2.Established:
		h.box.Changed("IKEv2", "SA with "+e.SA.Remote.Addr().String(), "up", "")
	case ikev2.Deleted:
		h.box.Changed("IKEv2", "SA with "+e.SA.Remote.Addr().String(), "down", "")
	default:
	}
	h.trace.event(e)
	if p := h.ipsec(); p != nil && e.Kind == ikev2.RequestFailed {
		p.Failed(e.Request.Local, e.Request.Remote)
	}
}

func (h host) ipsec() *ipsec.Engine { return feature.Get[*ipsec.Engine](h.box) }

func (h host) LarvalSPI(remote netip.Addr) uint32 { return h.ipsec().LarvalSPI(remote) }

func (h host) Flows(local, remote netip.Addr, profile string) []ipsec.Selector {
	if h.ipsec() == nil {
		return nil
	}
	return h.ipsec().Flows(local, remote, profile)
}

func (h host) PolicyFor(local, remote netip.Addr, flow ipsec.Selector, profile string) (ipsec.Request, bool) {
	return h.ipsec().PolicyForIKEv2(local, remote, flow, profile)
}

func (h host) AddPair(p ipsec.Pair) error { return h.ipsec().AddPair(p) }

func (h host) DeleteSPI(remote netip.Addr, spi uint32) { h.ipsec().DeleteSPI(remote, spi) }

func install(b *feature.Box) {
	e := ikev2.New(host{b, newTracer(b)})
	e.Config.NATKeepalive = defaultNATKeepalive
	e.Config.Hostname = b.Sysname
	e.Config.PKI = pki.Store(b)
	e.Config.InterfaceAddr = func(name string) (netip.Addr, bool) {
		i := b.Stack.Iface(name)
		if i == nil || !i.Addr().IsValid() {
			return netip.Addr{}, false
		}
		return i.Addr().Addr(), true
	}
	e.LastUse = func(local, remote netip.Addr) (received, sent time.Time) {
		if p := feature.Get[*ipsec.Engine](b); p != nil {
			return p.LastUse(local, remote)
		}
		return
	}
	feature.Put(b, e)
	b.OnStop(e.Stop)
}
