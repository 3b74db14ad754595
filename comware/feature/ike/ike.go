// Package ike is IKE as a person at the device sees it: the commands of the
// Comware 7 "IPsec Command Reference" (IKE) with their lines in the
// configuration, the displays, and the traces of `debugging ike` in the
// wording of the current debugging reference and the form of the F1060 and
// F1090 releases. The protocol is package emulator/ike.
//
// Limitations: IPv4 only; pre-shared keys and RSA signatures only: DSA signatures
// are configured and never offered. A ciphertext key of a real device cannot be
// decrypted: it is kept, and a negotiation that needs it fails and says so to
// debugging.
package ike

import (
	"net/netip"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/pki"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// Feature is IKE.
var Feature = feature.Feature{
	Name: "ike",
	Views: []feature.View{
		{Name: "ike-proposal", Parent: "system", Title: "IKE proposal"},
		{Name: "ike-keychain", Parent: "system", Title: "IKE keychain"},
		{Name: "ike-profile", Parent: "system", Title: "IKE profile"},
	},
	Commands: commands(),
	Install:  install,
}

func commands() []feature.Command {
	var all []feature.Command
	for _, part := range [][]feature.Command{globalCommands, proposalCommands, keychainCommands, profileCommands, displayCommands, debugCommands} {
		all = append(all, part...)
	}
	return all
}

// texts are the help texts of all tokens of this package's commands.
var texts = feature.Texts{
	"3des-cbc":                 "3DES-CBC algorithm",
	"address":                  "IP address",
	"aes-cbc-128":              "128-bit AES-CBC algorithm",
	"aes-cbc-192":              "192-bit AES-CBC algorithm",
	"aes-cbc-256":              "256-bit AES-CBC algorithm",
	"aggressive":               "Aggressive mode",
	"all":                      "All debugging functions",
	"authentication-algorithm": "Specify an authentication algorithm",
	"authentication-method":    "Specify an authentication method",
	"cipher":                   "Specify a ciphertext key",
	"connection-id":            "IKE SA with the specified connection ID",
	"debugging":                "Enable system debugging functions",
	"des-cbc":                  "DES-CBC algorithm",
	"dh":                       "Specify a Diffie-Hellman group",
	"display":                  "Display current system information",
	"dpd":                      "Configure dead peer detection (DPD)",
	"dsa-signature":            "DSA digital signature",
	"enable":                   "Enable the function",
	"encryption-algorithm":     "Specify an encryption algorithm",
	"error":                    "IKE error debugging",
	"event":                    "IKE event debugging",
	"exchange-mode":            "Specify the IKE negotiation mode for phase 1",
	"fqdn":                     "Fully qualified domain name (FQDN)",
	"group1":                   "768-bit Diffie-Hellman group",
	"group14":                  "2048-bit Diffie-Hellman group",
	"group24":                  "2048-bit Diffie-Hellman group with a 256-bit subgroup",
	"group2":                   "1024-bit Diffie-Hellman group",
	"group5":                   "1536-bit Diffie-Hellman group",
	"identity":                 "Specify an identity",
	"ike":                      "Internet Key Exchange (IKE) module",
	"interval":                 "Specify an interval",
	"invalid-spi-recovery":     "Invalid SPI recovery",
	"keepalive":                "IKE keepalive",
	"key":                      "Specify a pre-shared key",
	"keychain":                 "IKE keychain",
	"limit":                    "Limit the number of IKE SAs",
	"local":                    "Local end",
	"local-identity":           "Specify the identity of the local end",
	"logging":                  "Logging function",
	"main":                     "Main mode",
	"match":                    "Specify what the settings apply to",
	"max-negotiating-sa":       "IKE and IPsec SAs under negotiation",
	"max-sa":                   "Established IKE SAs",
	"md5":                      "HMAC-MD5 algorithm",
	"nat-keepalive":            "NAT keepalive",
	"negotiation":              "Log IKE negotiations that fail",
	"on-demand":                "Send DPD packets when there is IPsec traffic to send",
	"packet":                   "IKE packet debugging",
	"periodic":                 "Send DPD packets at regular intervals",
	"pre-share":                "Pre-shared key",
	"pre-shared-key":           "Configure a pre-shared key",
	"priority":                 "Specify a priority",
	"profile":                  "IKE profile",
	"proposal":                 "IKE proposal",
	"range":                    "Range of IP addresses",
	"remote":                   "Remote end",
	"remote-address":           "Specify the remote address",
	"local-address":            "Specify the local address",
	"remote-port":              "Specify the remote port",
	"reset":                    "Reset operation",
	"retry":                    "Specify the interval between DPD retries",
	"rsa-signature":            "RSA digital signature",
	"sa":                       "Security association",
	"sha":                      "HMAC-SHA1 algorithm",
	"sha256":                   "HMAC-SHA256 algorithm",
	"sha384":                   "HMAC-SHA384 algorithm",
	"sha512":                   "HMAC-SHA512 algorithm",
	"signature-identity":       "Identity in signature authentication",
	"from-certificate":         "Take the identity from the subject of the certificate",
	"certificate":              "Certificate",
	"dn":                       "Subject of the local certificate",
	"domain":                   "PKI domain",
	"<policy>":                 "Name of an access control policy of certificates",
	"inside-vpn":               "VPN instance of the protected data",
	"vpn-instance":             "VPN instance",
	"simple":                   "Specify a plaintext key",
	"statistics":               "IKE statistics",
	"timeout":                  "Specify the keepalive timeout time",
	"duration":                 "Specify the IKE SA lifetime",
	"undo":                     "Cancel current setting",
	"user-fqdn":                "User FQDN",
	"verbose":                  "Detailed information",
	"hostname":                 "Host name of the peer",
	"<address>":                "IP address",
	"<cipher>":                 "Ciphertext key",
	"<host>":                   "Host name of the peer",
	"<high>":                   "End IP address",
	"<id>":                     "Connection ID of the IKE SA",
	"<interface>":              "Interface name",
	"<interval>":               "Interval in seconds",
	"<keychain>":               "Keychain name",
	"<local>":                  "Local IPv4 address",
	"<port>":                   "UDP port number",
	"<domain>":                 "Name of the PKI domain",
	"<vpn>":                    "Name of the VPN instance",
	"<low>":                    "Start IP address",
	"<mask>":                   "Mask or mask length",
	"<name>":                   "Name",
	"<number>":                 "Number",
	"<plain>":                  "Plaintext key",
	"<priority>":               "Priority, a smaller number is a higher priority",
	"<proposal>":               "Proposal number, a smaller number is a higher priority",
	"<retry>":                  "Retry interval in seconds",
	"<seconds>":                "Time in seconds",
}

// command is a command whose help comes from texts.
func command(views, syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command(views, syntax, run)
}

func engine(x *feature.Exec) *ike.Engine { return feature.Get[*ike.Engine](x.Box) }

// host is what the engine needs of the box.
type host struct {
	box   *feature.Box
	trace *tracer
}

func (h host) Now() time.Time                             { return h.box.Now() }
func (h host) After(d time.Duration, f func()) *sim.Timer { return h.box.After(d, f) }
func (h host) Stream(purpose string) *sim.Stream          { return h.box.Stream(purpose) }

// Emit words what happened, and tells of SAs that come and go.
func (h host) Emit(e ike.Event) {
	h.box.Note(e)
	switch {
	case e.Kind == ike.StateChanged && e.Phase == 1 && e.To == ike.Established:
		h.box.Changed("IKE", "SA with "+e.Remote.Addr().String(), "up", "")
	case e.Kind == ike.Deleted:
		h.box.Changed("IKE", "SA with "+e.Remote.Addr().String(), "down", e.Cause.String())
	}
	h.trace.event(e)
}

func (h host) Send(local, remote netip.AddrPort, b []byte) error {
	return h.box.Stack.SendUDP(local, remote, b)
}

func (h host) ipsec() *ipsec.Engine { return feature.Get[*ipsec.Engine](h.box) }

func (h host) LarvalSPI(remote netip.Addr) uint32 { return h.ipsec().LarvalSPI(remote) }

func (h host) PolicyFor(local, remote netip.Addr, flow ipsec.Selector, profile string) (ipsec.Request, bool) {
	if h.ipsec() == nil {
		return ipsec.Request{}, false
	}
	return h.ipsec().PolicyFor(local, remote, flow, profile)
}

func (h host) AddPair(p ipsec.Pair) error { return h.ipsec().AddPair(p) }

func (h host) DeletePairs(local, remote netip.Addr, conn uint32) {
	if e := h.ipsec(); e != nil {
		e.DeletePairs(local, remote, conn)
	}
}

func (h host) DeleteSPI(remote netip.Addr, spi uint32) {
	if e := h.ipsec(); e != nil {
		e.DeleteSPI(remote, spi)
	}
}

func install(b *feature.Box) {
	h := host{b, newTracer(b)}
	e := ike.New(h)
	e.Config.NATKeepalive = defaultNATKeepalive * time.Second
	e.Config.Hostname = b.Sysname
	e.Config.PKI = pki.Store(b)
	e.Config.InterfaceAddr = func(name string) (netip.Addr, bool) {
		i := b.Stack.Iface(name)
		if i == nil || !i.Addr().IsValid() {
			return netip.Addr{}, false
		}
		return i.Addr().Addr(), true
	}
	e.OnFailed = func(r ipsec.Request, _ ike.Cause) {
		if p := h.ipsec(); p != nil {
			p.Failed(r.Local, r.Remote)
		}
	}
	e.LastUse = func(local, remote netip.Addr) (received, sent time.Time) {
		if p := h.ipsec(); p != nil {
			return p.LastUse(local, remote)
		}
		return
	}
	feature.Put(b, e)
	receive := func(src, dst netip.AddrPort, payload []byte) {
		if v2 := feature.Get[*ikev2.Engine](b); v2 != nil && ikev2.IsIKE(dst.Port(), payload) {
			v2.Receive(dst, src, payload)
			return
		}
		e.Receive(dst, src, payload)
	}
	b.Stack.HandleUDP(ike.Port, func(src, dst netip.AddrPort, payload []byte, _ *stack.Iface) { receive(src, dst, payload) })
	b.Stack.HandleDatagram(ike.PortNATT, func(p *stack.Packet, u wire.UDP) {
		if e := h.ipsec(); e != nil && !ike.IsIKE(u.Payload) {
			e.UDP(p, u.Src, u.Payload)
			return
		}
		receive(netip.AddrPortFrom(p.Src, u.Src), netip.AddrPortFrom(p.Dst, u.Dst), u.Payload)
	})
	b.OnStop(e.Stop)
}
