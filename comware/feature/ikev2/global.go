package ikev2

import (
	"strconv"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ikev2"
)

const defaultNATKeepalive = 10 // seconds

// simple is a setting that is one line in the system view: how it takes effect
// and what its line is, "" for the default.
func simple(syntax, key string, f func(c *ikev2.Config, a *cli.Args) string) feature.Command {
	return command("system", syntax, func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		if line := f(&e.Config, a); line == "" {
			x.Box.Conf.Root().Remove(key)
		} else {
			x.Box.Conf.Root().Set(feature.PlaceIKEv2Global, key, line)
		}
		e.Changed()
	})
}

var globalCommands = []feature.Command{
	simple("ikev2 cookie-challenge <number:0-1000>", "ikev2 cookie-challenge", func(c *ikev2.Config, a *cli.Args) string {
		n := a.Int("number")
		c.CookieChallenge = &n
		return "ikev2 cookie-challenge " + a.Str("number")
	}),
	simple("undo ikev2 cookie-challenge", "ikev2 cookie-challenge", func(c *ikev2.Config, _ *cli.Args) string {
		c.CookieChallenge = nil
		return ""
	}),
	simple("ikev2 dpd interval <interval:10-3600> [ retry <retry:2-60> ] { on-demand | periodic }", "ikev2 dpd", func(c *ikev2.Config, a *cli.Args) string {
		d, line := featureike.ReadDPD(a)
		c.DPD = d
		return "ikev2 " + line
	}),
	simple("undo ikev2 dpd interval", "ikev2 dpd", func(c *ikev2.Config, _ *cli.Args) string {
		c.DPD = nil
		return ""
	}),
	simple("ikev2 nat-keepalive <seconds:5-3600>", "ikev2 nat-keepalive", func(c *ikev2.Config, a *cli.Args) string {
		c.NATKeepalive = a.Int("seconds")
		if c.NATKeepalive == defaultNATKeepalive {
			return ""
		}
		return "ikev2 nat-keepalive " + strconv.Itoa(c.NATKeepalive)
	}),
	simple("undo ikev2 nat-keepalive", "ikev2 nat-keepalive", func(c *ikev2.Config, _ *cli.Args) string {
		c.NATKeepalive = defaultNATKeepalive
		return ""
	}),
}
