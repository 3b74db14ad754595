package login_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, info.Feature, login.Feature, config.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

// A paper is the terminal of a person on a virtual line, or of one who is not
// logged in yet: it answers from a list and keeps what it shows.
type paper struct {
	out      strings.Builder
	answers  []string
	gone     bool
	noted    string
	last     time.Time
	asked    []string
	page     int
	history  int
	holding  func()
	released bool
}

func (p *paper) Print(text string) { p.out.WriteString(text) }
func (p *paper) Ask(prompt string, _ bool, f func(string)) {
	p.out.WriteString(prompt)
	p.asked = append(p.asked, prompt)
	if len(p.answers) > 0 {
		a := p.answers[0]
		p.answers = p.answers[1:]
		f(a)
	}
}
func (p *paper) Hold(f func())        { p.holding = f }
func (p *paper) Release()             { p.released = true }
func (p *paper) Logout()              { p.gone = true }
func (p *paper) History() []string    { return nil }
func (p *paper) SetPageLength(n int)  { p.page = n }
func (p *paper) SetHistorySize(n int) { p.history = n }
func (p *paper) Dismiss(func())       {}
func (p *paper) Notify(text string)   { p.noted += text }
func (p *paper) LastInput() time.Time { return p.last }

// visit puts somebody on a virtual line.
func visit(d *featuretest.Desk, line, user, from string) (*feature.Shell, *paper) {
	p := &paper{last: d.Box.Now()}
	s := feature.NewShell(d.Box, p, line)
	s.User, s.From = user, from
	d.Box.Shells = append(d.Box.Shells, s)
	return s, p
}

// logs are the records of a mnemonic, from the text on.
func logs(d *featuretest.Desk, mnemonic string) []string {
	var all []string
	for _, r := range d.Box.Info.Buffer() {
		if r.Mnemonic == mnemonic {
			all = append(all, r.Text)
		}
	}
	return all
}

func TestUserAndLine(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user admin class manage", "password simple Secret", "service-type https ssh", "service-type http")
	got := d.Do("display this")
	re := `^#\nlocal-user admin class manage\n password hash \$h\$6\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==\n` +
		` service-type ssh http https\n authorization-attribute user-role network-operator\n#\nreturn\n$`
	if !regexp.MustCompile(re).MatchString(got) {
		t.Errorf("the user is\n%s\nwant %s", got, re)
	}
	for _, r := range d.Box.Info.Buffer() {
		if r.Mnemonic == "SHELL_CMD" && strings.Contains(r.Text, "Secret") {
			t.Errorf("the password is in the log buffer: %s", r.Text)
		}
	}
	if got := logs(d, "LS_PWD_CHGPWD"); len(got) != 1 || got[0] != "The password of local device-management user admin was modified." {
		t.Errorf("the change of the password is logged as %q", got)
	}
	d.Answer("one", "two")
	d.Want("password", "Password:\nConfirm :\nThe two passwords are different.\n")
	d.Answer("one", "one")
	d.Want("password", "Password:\nConfirm :\nUpdating user information. Please wait... ...\n")
	d.Do("line console 0", "idle-timeout 0 30")
	if got := login.LineSettings(d.Box, "con0").Idle; got != 30*time.Second {
		t.Errorf("idle time-out %v, want 30s", got)
	}
	d.Do("idle-timeout 10")
	d.Want("display this", "#\nline con 0\n#\nreturn\n")
}

func TestUsersAreShownAndKept(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "user-group Staff", "authorization-attribute idle-cut 2", "password-control aging 2",
		"local-user root class manage", "service-type ssh telnet terminal", "service-type ftp", "access-limit 3", "group staff", "state block", "description The boss",
		"undo authorization-attribute user-role network-operator", "authorization-attribute work-directory flash:/x user-role network-admin",
		"password-control aging 3", "validity-datetime from 2020/01/01 00:00:00 to 2020/12/31 00:00:00",
		"local-user jj class network", "service-type lan-access", "bind-attribute ip 2.2.2.2 vlan 2", "authorization-attribute acl 2000")
	d.Want("display local-user", `Total 2 local users matched.

Network access user jj:
 State:                    Active
 Service type:             Lan-access
 User group:               system
 Bind attributes:
  IP address:              2.2.2.2
  VLAN ID:                 2
 Authorization attributes:
  Work directory:          flash:
  ACL number:              2000
Device management user root:
 State:                    Block
 Service type:             FTP/SSH/Telnet/Terminal
 Access limit:             Enabled           Max access number: 3
 Current access number:    0
 User group:               staff
 Bind attributes:
 Authorization attributes:
  Work directory:          flash:/x
  User role list:          network-admin
 Description:              The boss
 Password control configurations:
  Password aging:          Enabled (3 days)
`)
	d.Want("display user-group staff", `Total 1 user groups matched.

The contents of user group Staff:
 Authorization attributes:
  Idle timeOut:            2 (min)
  Work directory:          flash:
 Password control configurations:
  Password aging:          Enabled (2 days)
`)
	for filter, users := range map[string]string{"class manage": "root", "class network": "jj", "service-type telnet": "root", "state active": "jj",
		"state block": "root", "user-name jj": "jj", "idle-cut enable": "", "idle-cut disable": "jj root", "vlan 9": ""} {
		var found []string
		for _, m := range regexp.MustCompile(`user (\w+):`).FindAllStringSubmatch(d.Do("display local-user "+filter), -1) {
			found = append(found, m[1])
		}
		if got := strings.Join(found, " "); got != users {
			t.Errorf("display local-user %s shows %q, want %q", filter, got, users)
		}
	}
	d.RoundTrip()
	d.Want("undo user-group staff", "The user group has local users.\n")
	d.Do("local-user root", "undo access-limit", "undo state", "undo group", "undo description", "undo validity-datetime", "undo service-type ftp",
		"undo password-control aging", "undo authorization-attribute work-directory user-role network-admin")
	d.Want("display this", "#\nlocal-user root class manage\n service-type ssh telnet terminal\n#\nreturn\n")
	d.Do("undo user-group staff", "undo local-user root", "undo local-user all class network")
	d.Want("display local-user", "Total 0 local users matched.\n\n")
	d.Want("undo local-user root", "The user does not exist.\n")
	d.Want("local-user all", "The user name is invalid.\n")
}

func TestTheSecurityAuditorHasNoOtherRole(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user a1")
	d.Answer("y")
	d.Want("authorization-attribute user-role security-audit", "This operation will delete all other roles of the user. Are you sure? [Y/N]:y\n")
	if got := d.Do("display this"); strings.Contains(got, "network-operator") || !strings.Contains(got, "security-audit") {
		t.Errorf("the user is\n%s", got)
	}
	d.Want("authorization-attribute user-role none-such", "The user role does not exist.\n")
}

func TestAuthenticate(t *testing.T) {
	for _, row := range []struct {
		name  string
		lines []string
		want  error
		roles string
	}{
		{"who is as he should be", nil, nil, "network-operator"},
		{"with more roles", []string{"authorization-attribute user-role level-3"}, nil, "level-3 network-operator"},
		{"another password", []string{"password simple other"}, login.ErrPassword, ""},
		{"no password is set", []string{"undo password"}, nil, "network-operator"},
		{"another service", []string{"undo service-type telnet"}, login.ErrService, ""},
		{"blocked", []string{"state block"}, login.ErrState, ""},
		{"not yet valid", []string{"validity-datetime from 2021/01/01 00:00:00 to 2022/01/01 00:00:00"}, login.ErrState, ""},
		{"no role", []string{"undo authorization-attribute user-role network-operator"}, login.ErrRole, ""},
		{"the default role", []string{"undo authorization-attribute user-role network-operator", "role default-role enable"}, nil, "network-operator"},
		{"too many sessions", []string{"access-limit 1"}, login.ErrLimit, ""},
		{"nobody", []string{"undo local-user u"}, login.ErrPassword, ""},
	} {
		d := desk(t)
		visit(d, "vty9", "u", "9.9.9.9")
		d.Do("system-view", "local-user u", "password simple right", "service-type telnet")
		d.Do(row.lines...)
		roles, err := login.Authenticate(d.Box, "u", "right", "telnet", "1.1.1.1")
		if err != row.want || strings.Join(roles, " ") != row.roles {
			t.Errorf("%s: %q, %v; want %q, %v", row.name, roles, err, row.roles, row.want)
		}
	}
}

func TestWhoFailsTooOftenIsLocked(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user u", "password simple Right-Word1", "service-type telnet", "password-control enable",
		"password-control login-attempt 2 exceed lock-time 3")
	try := func(password, from string) error {
		_, err := login.Authenticate(d.Box, "u", password, "telnet", from)
		return err
	}
	if try("bad", "1.1.1.1") != login.ErrPassword || try("Right-Word1", "1.1.1.1") != nil || try("bad", "1.1.1.1") != login.ErrPassword {
		t.Error("a success does not wipe out the failure before it")
	}
	d.Want("display password-control blacklist", " Blacklist items matched: 1.\n Username: u\n    IP: 1.1.1.1             Login failures: 1      Lock flag: unlock\n")
	if try("bad", "1.1.1.1") != login.ErrPassword || try("Right-Word1", "1.1.1.1") != login.ErrLocked || try("Right-Word1", "2.2.2.2") != nil {
		t.Error("the user is not locked at that address alone")
	}
	if got := logs(d, "ADDBLACKLIST"); len(got) != 1 || got[0] != "u was added to the blacklist for failed login attempts." {
		t.Errorf("the lock is logged as %q", got)
	}
	d.Want("display password-control blacklist ip 1.1.1.1", " Blacklist items matched: 1.\n Username: u\n    IP: 1.1.1.1             Login failures: 2      Lock flag: lock\n")
	d.Run(3 * time.Minute)
	if err := try("Right-Word1", "1.1.1.1"); err != nil {
		t.Errorf("after three minutes: %v", err)
	}
	d.Do("password-control login-attempt 2 exceed lock")
	try("bad", "3.3.3.3")
	try("bad", "3.3.3.3")
	d.Run(24 * time.Hour)
	if try("Right-Word1", "3.3.3.3") != login.ErrLocked {
		t.Error("a lock for ever ends by itself")
	}
	d.Answer("y")
	d.Do("return")
	d.Want("reset password-control blacklist user-name u", "Are you sure to delete the specified user in blacklist? [Y/N]:y\n")
	d.Want("display password-control blacklist", " Blacklist items matched: 0.\n")
	if err := try("Right-Word1", "3.3.3.3"); err != nil {
		t.Errorf("after reset: %v", err)
	}
	for range 2 {
		if err := try("bad", ""); err != login.ErrPassword {
			t.Errorf("a wrong password at the console gives %v", err)
		}
	}
	if err := try("Right-Word1", ""); err != nil {
		t.Errorf("who sits at the console is locked: %v", err)
	}
}

func TestPasswordControl(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user alice", "password simple Aa1-first", "password-control enable")
	if got := d.Do("display current-configuration"); strings.Contains(got, "password hash") || !strings.Contains(got, "\n password-control enable\n") {
		t.Errorf("the configuration under password control is\n%s", got)
	}
	d.Do("quit", "password-control length 8", "password-control composition type-number 3 type-length 2", "password-control complexity user-name check",
		"password-control complexity same-character check", "password-control history 2", "local-user alice")
	for _, row := range []struct{ password, want string }{
		{"short", "The password must have at least 8 characters."},
		{"abababab", "The password must have at least 4 different characters."},
		{"Abcdefgh1", "The password must have at least 3 types of characters, and at least 2 characters of each type."},
		{"ABalice12", "The password must not contain the user name or the reversed user name."},
		{"ABecila12", "The password must not contain the user name or the reversed user name."},
		{"ABCCCde12", "The password must not contain three or more equal characters in a row."},
		{"ABcdef12", ""}, {"ABcdef12", "The password must differ from those before it."},
		{"ABcdef34", ""}, {"ABcdef56", ""}, {"ABcdef34", "The password must differ from those before it."}, {"ABcdef12", "The password must differ from those before it."},
		{"ABcdef78", ""}, {"ABcdef12", ""}, // out of the history of two
	} {
		want := row.want
		if want != "" {
			want += "\n"
		}
		d.Want("password simple "+row.password, want)
	}
	d.Want("display password-control", ` Global password control configurations:
 Password control:                     Enabled
 Password aging:                       Enabled (90 days)
 Password length:                      Enabled (8 characters)
 Password composition:                 Enabled (3 types, 2 characters per type)
 Password history:                     Enabled (max history records:2)
 Early notice on password expiration:  7 days
 Maximum login attempts:               3
 Action for exceeding login attempts:  Lock user for 1 minutes
 Minimum interval between two updates: 24 hours
 User account idle time:               90 days
 Logins with aged password:            3 times in 30 days
 Password complexity:                  Enabled (username checking)
                                       Enabled (repeated characters checking)
`)
	d.Want("display password-control super", ` Super password control configurations:
 Password aging:                       Enabled (90 days)
 Password length:                      Enabled (10 characters)
 Password composition:                 Enabled (1 types, 1 characters per type)
`)
	d.Do("quit", "password-control length 12", "undo password-control length enable", "local-user alice", "password-control composition type-number 1")
	d.Want("password simple abcd", "")
	d.RoundTrip()
	d.Answer("y", "y")
	d.Do("return")
	d.Want("reset password-control history-record user-name alice", "Are you sure to delete the specified local user's history records? [Y/N]:y\n")
	d.Want("reset password-control history-record", "Are you sure to delete all local user's history records? [Y/N]:y\n")
	d.Do("system-view", "local-user alice", "undo password-control composition", "quit", "password-control length enable", "undo password-control length", "undo password-control composition", "undo password-control complexity user-name check",
		"undo password-control complexity same-character check", "undo password-control history", "undo password-control enable")
	if got := d.Do("display current-configuration"); !strings.Contains(got, "\n password hash ") || strings.Contains(got, "\n password-control") {
		t.Errorf("the configuration without password control is\n%s", got)
	}
}

func TestHiddenPasswordsOutliveARebootAndAge(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "password-control enable", "password-control aging 10", "password-control expired-user-login delay 5 times 1",
		"local-user u", "password simple Right-Word1", "service-type telnet")
	again := feature.NewBox("A", featuretest.Model, d.Box.Image, d.World, d.Net, d.Box.Flash)
	for _, f := range again.Image.Features {
		if f.Install != nil {
			f.Install(again)
		}
	}
	again.Load(d.Config())
	try := func(b *feature.Box, want error) {
		t.Helper()
		if _, err := login.Authenticate(b, "u", "Right-Word1", "telnet", "1.1.1.1"); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
	try(again, nil)
	if _, err := login.Authenticate(again, "u", "x", "telnet", "1.1.1.1"); err != login.ErrPassword {
		t.Errorf("after a reboot any password does: %v", err)
	}
	d.Run(9 * 24 * time.Hour)
	try(d.Box, nil)
	d.Run(2 * 24 * time.Hour)
	try(d.Box, nil) // expired, once more
	try(d.Box, login.ErrExpired)
	d.Do("undo password-control aging enable")
	try(d.Box, nil)
	d.Do("password-control login idle-time 30")
	d.Run(31 * 24 * time.Hour)
	try(d.Box, login.ErrState)
}

func TestTheUserOfTheNetworkHasAnEncipheredPassword(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user n class network", "password simple Secret", "authorization-attribute vlan 2", "authorization-attribute user-profile pp",
		"authorization-attribute callback-number 2:2 ip 1.1.1.1 sslvpn-policy-group spg url http://x vpn-instance v", "bind-attribute mac 1-1-1")
	n := d.Box.Conf.Root().Child("local-user n class network")
	c := n.Child("password")
	if plain, ok := feature.Decipher(strings.TrimPrefix(c.Text, "password cipher ")); !ok || plain != "Secret" {
		t.Errorf("the password is kept as %q", c.Text)
	}
	if got := d.Do("display local-user"); !strings.Contains(got, "  Callback number:         2:2\n") || !strings.HasSuffix(got, "  SSL VPN policy group:    spg\n  IP address:              1.1.1.1\n  URL:                     http://x\n  VPN instance:            v\n") {
		t.Errorf("the user is\n%s", got)
	}
	d.RoundTrip()
	d.Do("undo authorization-attribute callback-number ip sslvpn-policy-group url vpn-instance")
	d.Do("undo authorization-attribute vlan", "undo authorization-attribute user-profile", "undo bind-attribute", "undo password",
		"user-group g", "authorization-attribute idle-cut 2", "authorization-attribute acl 3000")
	d.Do("undo authorization-attribute idle-cut", "undo authorization-attribute acl")
	if len(n.Kids()) != 0 || len(d.Box.Conf.Root().Child("user-group g").Kids()) != 0 {
		t.Errorf("after undo the configuration is\n%s", d.Config())
	}
}

func TestPartsOfPasswordControlAreSwitchedOff(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "password-control enable", "password-control composition type-number 3", "password-control login-attempt 2 exceed unlock",
		"password-control update-interval 2", "password-control alert-before-expire 3", "password-control super aging 3", "local-user me", "password simple abcDEF123456")
	const types = "The password must have at least 3 types of characters, and at least 1 characters of each type.\n"
	d.Want("password simple abcdefghijkl", types)
	d.Want("password simple abcDEF123456", "The password must differ from those before it.\n")
	d.Do("quit", "undo password-control composition enable", "undo password-control history enable", "local-user me")
	d.Want("password simple abcdefghijkl", "")
	d.Want("password simple abcdefghijkl", "")
	d.Shell.User = "me"
	d.Want("password simple mnopqrstuvwx", "The password was changed too short a time ago.\n")
	d.Run(2 * time.Hour)
	d.Want("password simple mnopqrstuvwx", "")
	d.Want("display password-control super", ` Super password control configurations:
 Password aging:                       Enabled (3 days)
 Password length:                      Enabled (10 characters)
 Password composition:                 Disabled (1 types, 1 characters per type)
`)
	if got := d.Do("display password-control"); !strings.Contains(got, "password expiration:  3 days") || !strings.Contains(got, "login attempts:  Unlock\n") {
		t.Errorf("password control is\n%s", got)
	}
	d.RoundTrip()
	d.Do("quit", "password-control composition enable", "password-control history enable", "undo password-control aging enable", "password-control aging enable",
		"undo password-control composition", "undo password-control login-attempt", "undo password-control update-interval", "undo password-control alert-before-expire",
		"undo password-control super aging", "password-control login idle-time 3", "undo password-control login idle-time",
		"password-control expired-user-login delay 3 times 3", "undo password-control expired-user-login")
	if got := d.Config(); strings.Count(got, "password-control") != 1 {
		t.Errorf("after undo the configuration is\n%s", got)
	}
}
