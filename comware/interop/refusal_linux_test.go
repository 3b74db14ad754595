package interop

import (
	"testing"

	"cwlab/emulator/lab"
)

// What does not fit is refused with the notification that fits, whichever
// end begins: RFC 2408 section 3.14.1, RFC 2409 section 5.7. Each row has
// what strongSwan and the device say when the device begins, and when
// strongSwan begins.
func TestRefusals(t *testing.T) {
	const (
		good       = "des-sha1-modp768"
		sends      = `generating INFORMATIONAL_V1 request \d+ `
		gets       = `parsed INFORMATIONAL_V1 request \d+ `
		aggressive = " exchange-mode aggressive"
		// strongSwan protects its notification as soon as it has keys, though
		// phase 1 is not over and RFC 2409 section 5.7 wants it in clear then.
		incomplete = `Received informational exchange packet, but IKE SA is inexistent or incomplete`
	)
	c := startCharon(t)
	for _, tt := range []struct {
		name         string
		theirs       conn
		ours         settings
		asked, begun string // the device begins
		asks, taken  string // strongSwan begins
	}{
		// RFC 2409 section 5: with another key what is decrypted is noise.
		{"key", conn{ike: good, psk: "another"}, settings{},
			sends + `\[ HASH N\(PLD_MAL\) \]`, `IKE_P1_STATE_SEND5`,
			gets + `\[ N\(PLD_MAL\) \]`, `Failed to negotiate IKE SA`},
		// In aggressive mode the first hash is seen to be wrong.
		{"key in aggressive mode", conn{ike: good, psk: "another", aggressive: true}, settings{profile: aggressive},
			`queueing INFORMATIONAL_V1 request as tasks still active`, `Failed to verify the peer HASH`,
			sends + `\[ HASH N\(AUTH_FAILED\) \]`, incomplete},
		{"proposal of phase 1", conn{ike: "3des-sha1-modp1024"}, settings{},
			sends + `\[ N\(NO_PROP\) \]`, `Notification NO_PROPOSAL_CHOSEN is received`,
			`received NO_PROPOSAL_CHOSEN error notify`, `No acceptable transform`},
		{"proposal of phase 1 in aggressive mode", conn{ike: "3des-sha1-modp768", aggressive: true}, settings{profile: aggressive},
			sends + `\[ N\(NO_PROP\) \]`, `Notification NO_PROPOSAL_CHOSEN is received`,
			`received NO_PROPOSAL_CHOSEN error notify`, `No acceptable transform`},
		{"proposal of phase 2", conn{ike: good, esp: "aes128-md5"}, settings{},
			sends + `\[ HASH N\(NO_PROP\) \]`, `Notification NO_PROPOSAL_CHOSEN is received`,
			gets + `\[ HASH N\(NO_PROP\) \]`, `Failed to negotiate IPsec SA`},
		{"group of PFS", conn{ike: good, esp: "des-sha1-modp1024"}, settings{set: " esp encryption-algorithm des-cbc\n esp authentication-algorithm sha1\n pfs dh-group14"},
			sends + `\[ HASH N\(NO_PROP\) \]`, `Notification NO_PROPOSAL_CHOSEN is received`,
			gets + `\[ HASH N\(NO_PROP\) \]`, `Failed to negotiate IPsec SA`},
		{"flow", conn{ike: good, remoteTS: "10.1.0.9"}, settings{},
			sends + `\[ HASH N\(INVAL_ID\) \]`, `Notification INVALID_ID_INFORMATION is received`,
			gets + `\[ HASH N\(INVAL_ID\) \]`, `Failed to negotiate IPsec SA`},
		{"identity of the device", conn{ike: good, remoteID: "someone"}, settings{},
			sends + `\[ HASH N\(AUTH_FAILED\) \]`, incomplete,
			`IDir '10.99.0.1' does not match to 'someone'`, `Delete IKE SA`},
		{"identity of strongSwan", conn{ike: good, localID: "someone"}, settings{},
			gets + `\[ N\(INVAL_ID\) \]`, `Failed to negotiate IKE SA`,
			gets + `\[ N\(INVAL_ID\) \]`, `Failed to negotiate IKE SA`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(tt.theirs)
			b := join(t, &c, tt.ours)
			b.typ("terminal monitor", "terminal debugging", "debugging ike error", "debugging ike event")
			m, n := c.mark(), b.mark()
			b.typ("ping -a " + ours + " -c 1 -t 1 " + theirs)
			c.want(m, tt.asked)
			b.want(n, tt.begun)

			b.typ("reset ike sa")
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force") // where it has one
			b.until("no IKE SA", func(s lab.Snapshot) bool { return len(s.IKE) == 0 })
			m, n = c.mark(), b.mark()
			_, _ = c.swanctl("--initiate", "--child", "n", "--timeout", "1") // which is to fail
			c.want(m, tt.asks)
			b.want(n, tt.taken)
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			b.until("no IPsec SA", func(s lab.Snapshot) bool { return len(s.IPsec) == 0 })
		})
	}
}
