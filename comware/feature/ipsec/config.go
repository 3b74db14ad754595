package ipsec

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ip"
	"cwlab/emulator/ipsec"
)

// Places of the lines within their views.
const (
	placeProtocol = iota + 1
	placeMode
	placeAH
	placeEncryption
	placeAuthentication
	placePFS
	placeESN

	placeSets
	placeACL
	placeLocal
	placeRemote
	placeDescription
	placeProfile
	placeSeconds
	placeKilobytes
	placeIdle
	placeReverseRoute
	placeQoS

	placeApply       = 400 // in interface view
	placeInterfaceDF = 401
)

var setCommands = []feature.Command{
	command("system", "ipsec transform-set <name:string:1-63>", enterSet),
	command("system", "undo ipsec transform-set <name:string:1-63>", removeSet),
	command("ipsec-transform-set", "protocol { ah | ah-esp | esp }", setProtocol),
	command("ipsec-transform-set", "undo protocol", setProtocol),
	command("ipsec-transform-set", "ah authentication-algorithm "+anyHash(), func(x *feature.Exec, a *cli.Args) {
		set(x).AH = setHashes(x, a, placeAH, "ah authentication-algorithm")
	}),
	command("ipsec-transform-set", "undo ah authentication-algorithm", func(x *feature.Exec, _ *cli.Args) {
		set(x).AH = nil
		x.Node().Remove("ah authentication-algorithm")
	}),
	command("ipsec-transform-set", "encapsulation-mode { transport | tunnel }", func(x *feature.Exec, a *cli.Args) { setMode(x, a.Has("transport")) }),
	command("ipsec-transform-set", "undo encapsulation-mode", func(x *feature.Exec, _ *cli.Args) { setMode(x, false) }),
	command("ipsec-transform-set", "esp encryption-algorithm "+anyCipher(), setEncryption),
	command("ipsec-transform-set", "undo esp encryption-algorithm", func(x *feature.Exec, _ *cli.Args) {
		set(x).Encr = nil
		x.Node().Remove("esp encryption-algorithm")
	}),
	command("ipsec-transform-set", "esp authentication-algorithm "+anyHash(), func(x *feature.Exec, a *cli.Args) {
		set(x).Auth = setHashes(x, a, placeAuthentication, "esp authentication-algorithm")
	}),
	command("ipsec-transform-set", "undo esp authentication-algorithm", func(x *feature.Exec, _ *cli.Args) {
		set(x).Auth = nil
		x.Node().Remove("esp authentication-algorithm")
	}),
	command("ipsec-transform-set", "pfs { dh-group1 | dh-group2 | dh-group5 | dh-group14 | dh-group19 | dh-group20 | dh-group24 }", setPFS),
	command("ipsec-transform-set", "undo pfs", func(x *feature.Exec, _ *cli.Args) {
		set(x).PFS = 0
		x.Node().Remove("pfs")
	}),
	command("ipsec-transform-set", "esn enable [ both ]", setESN),
	command("ipsec-transform-set", "undo esn enable", func(x *feature.Exec, _ *cli.Args) {
		set(x).ESN = ipsec.ShortOnly
		x.Node().Remove("esn enable")
	}),
}

var policyCommands = []feature.Command{
	command("system", "ipsec policy <name:string:1-63> <seq:1-65535> [ isakmp ]", enterPolicy),
	command("system", "ipsec policy <name:string:1-63> <seq:1-65535> isakmp template <template:string:1-63>", policyFromTemplate),
	command("system", "ipsec policy <name:string:1-63> local-address <interface:interface>", setSource),
	command("system", "undo ipsec policy <name:string:1-63> local-address", undoSource),
	command("system", "undo ipsec policy <name:string:1-63> [ <seq:1-65535> ]", removePolicy),
	command("system", "ipsec policy-template <name:string:1-63> <seq:1-65535>", enterTemplate),
	command("system", "undo ipsec policy-template <name:string:1-63> [ <seq:1-65535> ]", removeTemplate),
	command(entryViews, "security acl { <acl:3000-3999> | name <acl-name:string:1-63> } [ aggregation | per-host ]", setACL),
	command(entryViews, "undo security acl", undoACL),
	command(ikeViews, "transform-set <set:string:1-63> &<1-6>", setSets),
	command(ikeViews, "undo transform-set [ <set:string:1-63> ]", undoSets),
	command(ikeViews, "ike-profile <profile:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		entry(x).Profile = a.Str("profile")
		x.Node().Set(placeProfile, "ike-profile", "ike-profile "+cli.Quote(a.Str("profile")))
	}),
	command(ikeViews, "undo ike-profile", func(x *feature.Exec, _ *cli.Args) {
		entry(x).Profile = ""
		x.Node().Remove("ike-profile")
	}),
	command(entryViews, "ikev2-profile <profile:string:1-63>", func(x *feature.Exec, a *cli.Args) { setIKEv2(x, a.Str("profile")) }),
	command(entryViews, "undo ikev2-profile", func(x *feature.Exec, _ *cli.Args) { setIKEv2(x, "") }),
	command(endViews, "local-address <address:ip>", func(x *feature.Exec, a *cli.Args) {
		setEnd(x, &entry(x).Local, placeLocal, "local-address", a.Addr("address"))
	}),
	command(endViews, "undo local-address", func(x *feature.Exec, _ *cli.Args) {
		setEnd(x, &entry(x).Local, placeLocal, "local-address", netip.Addr{})
	}),
	command(endViews, "remote-address <address:ip>", setRemote),
	command(entryViews, "remote-address <host:string:1-255>", setRemote),
	command(endViews, "undo remote-address", setRemote),
	command(ikeViews, "sa duration { time-based <seconds:180-604800> | traffic-based <kilobytes:2560-4294967295> }", setDuration),
	command(ikeViews, "undo sa duration { time-based | traffic-based }", setDuration),
	command(ikeViews, "sa idle-time <seconds:60-86400>", setIdle),
	command(ikeViews, "undo sa idle-time", setIdle),
	command(endViews+" ipsec-profile-isakmp ipsec-profile", "description <text:text:1-80>", func(x *feature.Exec, a *cli.Args) {
		entry(x).Description = a.Str("text")
		x.Node().Set(placeDescription, "description", "description "+a.Str("text"))
	}),
	command(endViews+" ipsec-profile-isakmp ipsec-profile", "undo description", func(x *feature.Exec, _ *cli.Args) {
		entry(x).Description = ""
		x.Node().Remove("description")
	}),
	command(entryViews, "redundancy replay-interval inbound <inbound:0-1000> outbound <outbound:1000-100000>", func(x *feature.Exec, a *cli.Args) {
		entry(x).Redundancy = ipsec.Redundancy{In: a.Uint32("inbound"), Out: a.Uint32("outbound")}
		x.Node().Remove("redundancy replay-interval")
		if entry(x).Redundancy != ipsec.DefaultRedundancy {
			x.Node().Set(placeQoS, "redundancy replay-interval", a.Line())
		}
	}),
	command(entryViews, "undo redundancy replay-interval", func(x *feature.Exec, _ *cli.Args) {
		entry(x).Redundancy = ipsec.Redundancy{}
		x.Node().Remove("redundancy replay-interval")
	}),
	texts.Keep(entryViews, "qos pre-classify", feature.Keep{Place: placeQoS}),
}

const (
	entryViews = "ipsec-policy ipsec-template"
	endViews   = "ipsec-policy ipsec-template ipsec-manual"
	ikeViews   = entryViews + " ipsec-profile-isakmp"
)

// An entryRef is what the views of policies, templates and profiles keep.
type entryRef struct {
	policy   string // "" for a template or a profile
	e        *ipsec.Entry
	template string // "" for a policy or a profile
}

func set(x *feature.Exec) *ipsec.TransformSet { return x.View().Obj.(*ipsec.TransformSet) }
func entry(x *feature.Exec) *ipsec.Entry      { return x.View().Obj.(entryRef).e }

// renew drops the SAs of the entry of the view: what they protect or whom they
// speak to has changed.
func renew(x *feature.Exec) {
	switch r := x.View().Obj.(entryRef); {
	case r.policy != "":
		engine(x).Changed(r.policy, r.e.Seq)
	case r.template != "":
		engine(x).TemplateChanged(r.template, r.e.Seq)
	}
}

// forget takes a line of the entry out.
func forget(x *feature.Exec, key string) {
	if x.Node().Remove(key) {
		renew(x)
	}
}

func setKey(name string) string { return "ipsec transform-set " + strings.ToLower(name) }

func enterSet(x *feature.Exec, a *cli.Args) {
	e, name := engine(x), a.Str("name")
	s := e.TransformSet(name)
	if s == nil {
		s = &ipsec.TransformSet{Name: name, Mode: ipsec.Tunnel}
		e.AddTransformSet(s)
	}
	n := x.Box.Conf.Root().Open(feature.PlaceIPsecTransformSet, setKey(name), "ipsec transform-set "+cli.Quote(s.Name))
	x.Enter(feature.ViewState{Name: "ipsec-transform-set", Suffix: "ipsec-transform-set-" + s.Name, Node: n, Obj: s})
}

func removeSet(x *feature.Exec, a *cli.Args) {
	name := a.Str("name")
	if engine(x).TransformSet(name) == nil {
		x.Error("The transform set does not exist.")
		return
	}
	drop(x, setKey(name))
	engine(x).RemoveTransformSet(name)
}

// drop takes a top-level line out and leaves the view it opened.
func drop(x *feature.Exec, key string) {
	root := x.Box.Conf.Root()
	x.Box.Drop(root.Child(key))
	root.Remove(key)
}

func setMode(x *feature.Exec, transport bool) {
	if transport {
		set(x).Mode = ipsec.Transport
		x.Node().Set(placeMode, "encapsulation-mode", "encapsulation-mode transport")
		return
	}
	set(x).Mode = ipsec.Tunnel
	x.Node().Remove("encapsulation-mode")
}

var ciphers = []struct {
	word, name string
	a          ipsec.Algorithm
}{
	{"3des-cbc", "3DES-CBC", ipsec.Algorithm{Encr: ipsec.DES3}},
	{"aes-cbc-128", "AES-CBC-128", ipsec.Algorithm{Encr: ipsec.AES, KeyBits: 128}},
	{"aes-cbc-192", "AES-CBC-192", ipsec.Algorithm{Encr: ipsec.AES, KeyBits: 192}},
	{"aes-cbc-256", "AES-CBC-256", ipsec.Algorithm{Encr: ipsec.AES, KeyBits: 256}},
	{"aes-ctr-128", "AES-CTR-128", ipsec.Algorithm{Encr: ipsec.AESCTR, KeyBits: 128}},
	{"aes-ctr-192", "AES-CTR-192", ipsec.Algorithm{Encr: ipsec.AESCTR, KeyBits: 192}},
	{"aes-ctr-256", "AES-CTR-256", ipsec.Algorithm{Encr: ipsec.AESCTR, KeyBits: 256}},
	{"des-cbc", "DES-CBC", ipsec.Algorithm{Encr: ipsec.DES}},
	{"gcm-128", "GCM-128", ipsec.Algorithm{Encr: ipsec.AESGCM, KeyBits: 128}},
	{"gcm-192", "GCM-192", ipsec.Algorithm{Encr: ipsec.AESGCM, KeyBits: 192}},
	{"gcm-256", "GCM-256", ipsec.Algorithm{Encr: ipsec.AESGCM, KeyBits: 256}},
	{"gmac-128", "GMAC-128", ipsec.Algorithm{Encr: ipsec.AESGMAC, KeyBits: 128}},
	{"gmac-192", "GMAC-192", ipsec.Algorithm{Encr: ipsec.AESGMAC, KeyBits: 192}},
	{"gmac-256", "GMAC-256", ipsec.Algorithm{Encr: ipsec.AESGMAC, KeyBits: 256}},
	{"null", "NULL", ipsec.Algorithm{Encr: ipsec.Null}},
}

var hashes = []struct {
	word, name string
	a          ipsec.Authentication
}{
	{"md5", "MD5", ipsec.HMACMD5},
	{"sha1", "SHA1", ipsec.HMACSHA1},
	{"sha256", "SHA256", ipsec.HMACSHA256},
	{"sha384", "SHA384", ipsec.HMACSHA384},
	{"sha512", "SHA512", ipsec.HMACSHA512},
}

// anyCipher and anyHash are the grammar for one or more algorithms.
func anyCipher() string {
	var words []string
	for _, c := range ciphers {
		words = append(words, c.word)
	}
	return anyOf(words)
}

func anyHash() string {
	var words []string
	for _, h := range hashes {
		words = append(words, h.word)
	}
	return anyOf(words)
}

func anyOf(words []string) string { return "{ " + strings.Join(words, " | ") + " } *" }

func setESN(x *feature.Exec, a *cli.Args) {
	set(x).ESN = ipsec.ExtendedOnly
	line := "esn enable"
	if a.Has("both") {
		set(x).ESN = ipsec.BothLengths
		line += " both"
	}
	x.Node().Set(placeESN, "esn enable", line)
}

func cipherName(a ipsec.Algorithm) string {
	for _, c := range ciphers {
		if c.a == a {
			return c.name
		}
	}
	return a.Encr.String()
}

func hashName(a ipsec.Authentication) string {
	for _, h := range hashes {
		if h.a == a {
			return h.name
		}
	}
	return a.String()
}

// after lists the keywords typed after the given one.
func after(a *cli.Args, token string) []string {
	var out []string
	found := false
	for _, g := range a.All() {
		if found {
			out = append(out, g.Word)
		}
		found = found || g.Token == token
	}
	return out
}

func setEncryption(x *feature.Exec, a *cli.Args) {
	s, words := set(x), after(a, "encryption-algorithm")
	s.Encr = nil
	for _, w := range words {
		for _, c := range ciphers {
			if c.word == w {
				s.Encr = append(s.Encr, c.a)
			}
		}
	}
	x.Node().Set(placeEncryption, "esp encryption-algorithm", "esp encryption-algorithm "+strings.Join(words, " "))
}

// setHashes writes the line of a list of authentication algorithms and returns
// them.
func setHashes(x *feature.Exec, a *cli.Args, place int, key string) []ipsec.Authentication {
	words := after(a, "authentication-algorithm")
	var out []ipsec.Authentication
	for _, w := range words {
		for _, h := range hashes {
			if h.word == w {
				out = append(out, h.a)
			}
		}
	}
	x.Node().Set(place, key, key+" "+strings.Join(words, " "))
	return out
}

// setProtocol takes the protocols of the set, ESP for none.
func setProtocol(x *feature.Exec, a *cli.Args) {
	set(x).Protocol = ipsec.ESPAlone
	x.Node().Remove("protocol")
	for _, p := range protocols[1:] {
		if a.Has(p.word) {
			set(x).Protocol = p.p
			x.Node().Set(placeProtocol, "protocol", "protocol "+p.word)
		}
	}
}

// protocols are those of a transform set, the default first.
var protocols = []struct {
	word, name string
	p          ipsec.Protocol
}{
	{"esp", "ESP", ipsec.ESPAlone},
	{"ah", "AH", ipsec.AHAlone},
	{"ah-esp", "AH-ESP", ipsec.AHAndESP},
}

func setPFS(x *feature.Exec, a *cli.Args) {
	for _, g := range []int{1, 2, 5, 14, 19, 20, 24} {
		if name := groupName(g); a.Has(name) {
			set(x).PFS = g
			x.Node().Set(placePFS, "pfs", "pfs "+name)
		}
	}
}

func groupName(g int) string { return fmt.Sprintf("dh-group%d", g) }

func policyKey(name string, seq int) string {
	return fmt.Sprintf("ipsec policy %s %d", strings.ToLower(name), seq)
}

func templateKey(name string, seq int) string {
	return fmt.Sprintf("ipsec policy-template %s %d", strings.ToLower(name), seq)
}

func enterPolicy(x *feature.Exec, a *cli.Args) {
	e, name, seq := engine(x), a.Str("name"), a.Int("seq")
	var old *ipsec.Entry
	if p := e.Policy(name); p != nil {
		old, name = p.Entry(seq), p.Name
	}
	switch {
	case old == nil && !a.Has("isakmp"):
		x.Error("The policy does not exist. Specify its mode to create it.")
		return
	case old != nil && old.Manual != nil && !a.Has("isakmp"):
		enterManual(x, name, seq)
		return
	case old != nil && (old.Template != "" || old.Manual != nil):
		x.Error("The mode of the policy cannot be changed.")
		return
	}
	entry := e.AddPolicy(name, seq)
	n := x.Box.Conf.Root().Open(feature.PlaceIPsecPolicy, policyKey(name, seq), fmt.Sprintf("ipsec policy %s %d isakmp", cli.Quote(name), seq))
	x.Enter(feature.ViewState{Name: "ipsec-policy", Suffix: fmt.Sprintf("ipsec-policy-isakmp-%s-%d", name, seq), Node: n, Obj: entryRef{policy: name, e: entry}})
}

func policyFromTemplate(x *feature.Exec, a *cli.Args) {
	e, name, seq := engine(x), a.Str("name"), a.Int("seq")
	if p := e.Policy(name); p != nil {
		name = p.Name
		if old := p.Entry(seq); old != nil && old.Template == "" {
			x.Error("The mode of the policy cannot be changed.")
			return
		}
	}
	e.AddPolicy(name, seq).Template = a.Str("template")
	x.Box.Conf.Root().Open(feature.PlaceIPsecPolicy, policyKey(name, seq),
		fmt.Sprintf("ipsec policy %s %d isakmp template %s", cli.Quote(name), seq, cli.Quote(a.Str("template"))))
}

func removePolicy(x *feature.Exec, a *cli.Args) {
	e, name, seq := engine(x), a.Str("name"), a.Int("seq")
	p := e.Policy(name)
	if p == nil || seq != 0 && p.Entry(seq) == nil {
		x.Error("The policy does not exist.")
		return
	}
	for _, o := range p.Entries {
		if seq == 0 || o.Seq == seq {
			drop(x, policyKey(name, o.Seq))
		}
	}
	e.RemovePolicy(name, seq)
}

func sourceKey(name string) string { return "ipsec policy " + strings.ToLower(name) + " local-address" }

func setSource(x *feature.Exec, a *cli.Args) {
	e, name := engine(x), a.Str("name")
	p := e.Policy(name)
	if p == nil {
		x.Error("The policy does not exist.")
		return
	}
	p.LocalIface = a.Str("interface")
	e.Changed(name, 0)
	x.Box.Conf.Root().Set(feature.PlaceIPsecPolicy+1, sourceKey(name), "ipsec policy "+cli.Quote(p.Name)+" local-address "+p.LocalIface)
}

func undoSource(x *feature.Exec, a *cli.Args) {
	if p := engine(x).Policy(a.Str("name")); p != nil && p.LocalIface != "" {
		p.LocalIface = ""
		engine(x).Changed(p.Name, 0)
	}
	x.Box.Conf.Root().Remove(sourceKey(a.Str("name")))
}

func enterTemplate(x *feature.Exec, a *cli.Args) {
	e, name, seq := engine(x), a.Str("name"), a.Int("seq")
	if p := e.Template(name); p != nil {
		name = p.Name
	}
	entry := e.AddTemplate(name, seq)
	n := x.Box.Conf.Root().Open(feature.PlaceIPsecTemplate, templateKey(name, seq), fmt.Sprintf("ipsec policy-template %s %d", cli.Quote(name), seq))
	x.Enter(feature.ViewState{Name: "ipsec-template", Suffix: fmt.Sprintf("ipsec-policy-template-%s-%d", name, seq), Node: n, Obj: entryRef{template: name, e: entry}})
}

func removeTemplate(x *feature.Exec, a *cli.Args) {
	e, name, seq := engine(x), a.Str("name"), a.Int("seq")
	p := e.Template(name)
	if p == nil || seq != 0 && p.Entry(seq) == nil {
		x.Error("The policy template does not exist.")
		return
	}
	for _, o := range p.Entries {
		if seq == 0 || o.Seq == seq {
			drop(x, templateKey(name, o.Seq))
		}
	}
	e.TemplateChanged(name, seq)
	e.RemoveTemplate(name, seq)
}

func setACL(x *feature.Exec, a *cli.Args) {
	e := entry(x)
	ref, line := a.Str("acl"), "security acl "+a.Str("acl")
	if a.Has("name") {
		ref, line = a.Str("acl-name"), "security acl name "+cli.Quote(a.Str("acl-name"))
	}
	grouping := ipsec.Standard
	switch {
	case a.Has("aggregation"):
		grouping, line = ipsec.Aggregation, line+" aggregation"
	case a.Has("per-host"):
		grouping, line = ipsec.PerHost, line+" per-host"
	}
	if e.ACL != ref || e.Grouping != grouping {
		e.ACL, e.Grouping = ref, grouping
		renew(x)
	}
	x.Node().Set(placeACL, "security acl", line)
}

func setSets(x *feature.Exec, a *cli.Args) {
	sets := a.Strs("set")
	entry(x).Sets = sets
	writeSets(x, sets)
}

func writeSets(x *feature.Exec, sets []string) {
	if len(sets) == 0 {
		x.Node().Remove("transform-set")
		return
	}
	words := make([]string, len(sets))
	for i, s := range sets {
		words[i] = cli.Quote(s)
	}
	x.Node().Set(placeSets, "transform-set", "transform-set "+strings.Join(words, " "))
}

func undoSets(x *feature.Exec, a *cli.Args) {
	e := entry(x)
	if !a.Has("set") {
		e.Sets = nil
	}
	e.Sets = slices.DeleteFunc(e.Sets, func(s string) bool { return strings.EqualFold(s, a.Str("set")) })
	writeSets(x, e.Sets)
}

func setEnd(x *feature.Exec, end *netip.Addr, place int, name string, to netip.Addr) {
	if *end != to {
		*end = to
		renew(x)
	}
	if to.IsValid() {
		x.Node().Set(place, name, name+" "+to.String())
	} else {
		x.Node().Remove(name)
	}
}

// setRemote takes the peer's address, or the name of a host: the address that
// the name has when it is typed, or when all of a configuration is loaded.
func setRemote(x *feature.Exec, a *cli.Args) {
	e, name := entry(x), a.Str("host")
	e.RemoteName = name
	if name == "" {
		setEnd(x, &e.Remote, placeRemote, "remote-address", a.Addr("address"))
		return
	}
	to, ok := ip.Resolve(x.Box, name)
	setEnd(x, &e.Remote, placeRemote, "remote-address", to)
	x.Node().Set(placeRemote, "remote-address", "remote-address "+name)
	if !ok {
		x.Box.After(0, func() {
			if e.RemoteName == name {
				e.Remote, _ = ip.Resolve(x.Box, name)
			}
		})
	}
}

// setIKEv2 has IKE version 2 negotiate for the entry, or version 1 again for "".
func setIKEv2(x *feature.Exec, profile string) {
	if e := entry(x); e.IKEv2 != profile {
		e.IKEv2 = profile
		renew(x)
	}
	if profile != "" {
		profile = cli.Quote(profile)
	}
	write(x, placeProfile, "ikev2-profile", profile)
}

func setDuration(x *feature.Exec, a *cli.Args) {
	e := entry(x)
	if a.Has("time-based") {
		e.Seconds = a.Uint32("seconds")
		write(x, placeSeconds, "sa duration time-based", a.Str("seconds"))
	}
	if a.Has("traffic-based") {
		e.Kilobytes = a.Uint32("kilobytes")
		write(x, placeKilobytes, "sa duration traffic-based", a.Str("kilobytes"))
	}
}

func setIdle(x *feature.Exec, a *cli.Args) {
	entry(x).IdleSeconds = a.Uint32("seconds")
	write(x, placeIdle, "sa idle-time", a.Str("seconds"))
	engine(x).IdleChanged()
}

// write sets a line of one argument, or takes it out where there is none.
func write(x *feature.Exec, place int, key, arg string) {
	if arg == "" {
		x.Node().Remove(key)
		return
	}
	x.Node().Set(place, key, key+" "+arg)
}
