package ike

import (
	"fmt"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
)

const (
	defaultNATKeepalive = 20 // seconds
	defaultRetry        = 5  // seconds
	defaultPriority     = 100
)

// set puts a one-line command of the system view into the configuration.
func set(x *feature.Exec, key, line string) {
	x.Box.Conf.Root().Set(feature.PlaceIKEGlobal, key, line)
}

func unset(x *feature.Exec, key string) { x.Box.Conf.Root().Remove(key) }

// simple is a setting that is one line in the system view: how it takes effect
// and what its line is, "" for the default.
func simple(syntax, key string, f func(c *ike.Config, a *cli.Args) string) feature.Command {
	return command("system", syntax, func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		if line := f(&e.Config, a); line == "" {
			unset(x, key)
		} else {
			set(x, key, line)
		}
		e.Changed()
	})
}

// ReadDPD is the setting and its line, without what stands in front.
func ReadDPD(a *cli.Args) (*ike.DPD, string) {
	d := &ike.DPD{Interval: time.Duration(a.Int("interval")) * time.Second, Retry: defaultRetry * time.Second, OnDemand: a.Has("on-demand")}
	line := fmt.Sprintf("dpd interval %d", a.Int("interval"))
	if a.Has("retry") && a.Int("retry") != defaultRetry {
		d.Retry = time.Duration(a.Int("retry")) * time.Second
		line += fmt.Sprintf(" retry %d", a.Int("retry"))
	}
	if d.OnDemand {
		return d, line + " on-demand"
	}
	return d, line + " periodic"
}

// readIdentity is an identity and its line.
func readIdentity(a *cli.Args) (*ike.Identity, string) {
	name := a.Str("name")
	tail := ""
	if name != "" {
		tail = " " + cli.Quote(name)
	}
	switch {
	case a.Has("dn"):
		return &ike.Identity{Kind: isakmp.IDDN}, "dn"
	case a.Has("address"):
		return &ike.Identity{Kind: isakmp.IDIPv4Addr, Addr: a.Addr("address")}, "address " + a.Addr("address").String()
	case a.Has("user-fqdn"):
		return &ike.Identity{Kind: isakmp.IDUserFQDN, Name: name}, "user-fqdn" + tail
	}
	return &ike.Identity{Kind: isakmp.IDFQDN, Name: name}, "fqdn" + tail
}

var globalCommands = []feature.Command{
	simple("ike dpd interval <interval:1-300> [ retry <retry:1-60> ] { on-demand | periodic }", "ike dpd", func(c *ike.Config, a *cli.Args) string {
		d, line := ReadDPD(a)
		c.DPD = d
		return "ike " + line
	}),
	simple("undo ike dpd interval", "ike dpd", func(c *ike.Config, _ *cli.Args) string {
		c.DPD = nil
		return ""
	}),
	simple("ike identity { address <address:ip> | dn | fqdn [ <name:string:1-255> ] | user-fqdn [ <name:string:1-255> ] }", "ike identity", func(c *ike.Config, a *cli.Args) string {
		id, line := readIdentity(a)
		c.Identity = id
		return "ike identity " + line
	}),
	simple("undo ike identity", "ike identity", func(c *ike.Config, _ *cli.Args) string {
		c.Identity = nil
		return ""
	}),
	simple("ike invalid-spi-recovery enable", "ike invalid-spi-recovery", func(c *ike.Config, _ *cli.Args) string {
		c.InvalidSPIRecovery = true
		return "ike invalid-spi-recovery enable"
	}),
	simple("undo ike invalid-spi-recovery enable", "ike invalid-spi-recovery", func(c *ike.Config, _ *cli.Args) string {
		c.InvalidSPIRecovery = false
		return ""
	}),
	simple("ike keepalive interval <seconds:20-28800>", "ike keepalive interval", func(c *ike.Config, a *cli.Args) string {
		c.KeepaliveInterval = time.Duration(a.Int("seconds")) * time.Second
		return fmt.Sprintf("ike keepalive interval %d", a.Int("seconds"))
	}),
	simple("undo ike keepalive interval", "ike keepalive interval", func(c *ike.Config, _ *cli.Args) string {
		c.KeepaliveInterval = 0
		return ""
	}),
	simple("ike keepalive timeout <seconds:20-28800>", "ike keepalive timeout", func(c *ike.Config, a *cli.Args) string {
		c.KeepaliveTimeout = time.Duration(a.Int("seconds")) * time.Second
		return fmt.Sprintf("ike keepalive timeout %d", a.Int("seconds"))
	}),
	simple("undo ike keepalive timeout", "ike keepalive timeout", func(c *ike.Config, _ *cli.Args) string {
		c.KeepaliveTimeout = 0
		return ""
	}),
	simple("ike signature-identity from-certificate", "ike signature-identity", func(c *ike.Config, _ *cli.Args) string {
		c.SignatureIdentity = true
		return "ike signature-identity from-certificate"
	}),
	simple("undo ike signature-identity from-certificate", "ike signature-identity", func(c *ike.Config, _ *cli.Args) string {
		c.SignatureIdentity = false
		return ""
	}),
	simple("ike nat-keepalive <seconds:5-300>", "ike nat-keepalive", func(c *ike.Config, a *cli.Args) string {
		c.NATKeepalive = time.Duration(a.Int("seconds")) * time.Second
		if a.Int("seconds") == defaultNATKeepalive {
			return ""
		}
		return fmt.Sprintf("ike nat-keepalive %d", a.Int("seconds"))
	}),
	simple("undo ike nat-keepalive", "ike nat-keepalive", func(c *ike.Config, _ *cli.Args) string {
		c.NATKeepalive = defaultNATKeepalive * time.Second
		return ""
	}),
	simple("ike limit max-negotiating-sa <number:1-99999>", "ike limit max-negotiating-sa", func(c *ike.Config, a *cli.Args) string {
		c.MaxNegotiating = a.Int("number")
		return fmt.Sprintf("ike limit max-negotiating-sa %d", c.MaxNegotiating)
	}),
	simple("undo ike limit max-negotiating-sa", "ike limit max-negotiating-sa", func(c *ike.Config, _ *cli.Args) string {
		c.MaxNegotiating = 0
		return ""
	}),
	simple("ike limit max-sa <number:1-99999>", "ike limit max-sa", func(c *ike.Config, a *cli.Args) string {
		c.MaxSA = a.Int("number")
		return fmt.Sprintf("ike limit max-sa %d", c.MaxSA)
	}),
	simple("undo ike limit max-sa", "ike limit max-sa", func(c *ike.Config, _ *cli.Args) string {
		c.MaxSA = 0
		return ""
	}),
	command("system", "ike logging negotiation enable", func(x *feature.Exec, _ *cli.Args) {
		feature.Get[*tracer](x.Box).logging = true
		set(x, "ike logging negotiation", "ike logging negotiation enable")
	}),
	command("system", "undo ike logging negotiation enable", func(x *feature.Exec, _ *cli.Args) {
		feature.Get[*tracer](x.Box).logging = false
		unset(x, "ike logging negotiation")
	}),
}
