// Package login is who may come in, by which line, and what he may do then:
// lines, local users, password control, user roles, and the dialogue at the
// begin of a session. Command and output forms are those of the Comware 7
// command references "Login management", "AAA" (local users), "Password
// control" and "RBAC".
//
// Limitations: users of AAA servers, PAD and web users are not there. Of a
// command rule of a role only the words that a command always begins with are
// compared, not its arguments. What the device answers to a refused password,
// to an unknown user or to `free line` of one's own line is not documented; the
// wording is ours, as are the pauses after a wrong password. A change of the
// password at the first login is not asked for. How real devices derive their
// hashes is not public: the hash of one is kept, but no password fits it.
// Features are those of this software, so a role that names another one gives
// nothing.
package login

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Feature is lines, users and roles.
var Feature = feature.Feature{
	Name: "login",
	Views: []feature.View{
		{Name: "line", Parent: "system", Title: "Line"},
		{Name: "line-class", Parent: "system", Title: "Line class"},
		{Name: "luser-manage", Parent: "system", Title: "Local-user"},
		{Name: "luser-network", Parent: "system", Title: "Local-user"},
		{Name: "user-group", Parent: "system", Title: "User-group"},
		{Name: "role", Parent: "system", Title: "Role"},
		{Name: "role-interface", Parent: "role", Title: "Interface policy"},
		{Name: "role-vlan", Parent: "role", Title: "VLAN policy"},
		{Name: "role-zone", Parent: "role", Title: "Security zone policy"},
		{Name: "role-vpn", Parent: "role", Title: "VPN instance policy"},
		{Name: "role-feature-group", Parent: "system", Title: "Feature-group"},
	},
	Commands: slices.Concat(lineCommands, settingCommands, lineDisplays, sessionCommands, bannerCommands,
		userCommands, groupCommands, userDisplays, controlCommands, roleCommands, featureDisplays, superCommands),
	Install: install,
}

// state is what the box knows of users besides the configuration.
type state struct {
	box     *feature.Box
	records []*record  // of passwords, in order of their keys
	black   []*suspect // those who failed, in the order they did
}

func install(b *feature.Box) {
	st := &state{box: b}
	feature.Put(b, st)
	st.read()
	b.Permit = Permits
}

func stateOf(b *feature.Box) *state { return feature.Get[*state](b) }

// texts are the help texts of the commands.
var texts = feature.Texts{
	"line": "Enter line view", "user-interface": "Enter line view", "class": "Class of lines or users", "aux": "AUX line", "console": "Console line",
	"tty": "TTY line", "vty": "Virtual type terminal line", "<first>": "Number of the first line", "<last>": "Number of the last line",
	"<number>": "Number of the line", "<index>": "Absolute index of the line",
	"authentication-mode": "Authentication mode", "none": "None", "password": "Password",
	"scheme": "Authenticate by AAA", "user-role": "User role of those who log in", "<role>": "Name of the role",
	"protocol": "Protocols of the line", "inbound": "Incoming", "all": "All of them", "ssh": "Secure Shell", "telnet": "Telnet", "pad": "X.25 PAD",
	"idle-timeout": "Time after which an idle session ends", "<minutes>": "Number of minutes", "<seconds>": "Number of seconds",
	"screen-length": "Lines displayed on one screen", "<lines>": "Number of lines, 0 for all", "history-command": "History buffer",
	"max-size": "Number of commands", "<size>": "Number of commands", "set": "Specify the password of the line", "authentication": "Authentication",
	"hash": "Hashed password", "simple": "Plaintext password", "cipher": "Enciphered password", "<password>": "Password",
	"terminal": "Terminal", "type": "Type of the terminal", "ansi": "ANSI", "vt100": "VT100", "shell": "Terminal service",
	"auto-execute": "Run a command after login", "command": "Command", "<command>": "Command line", "activation-key": "Key that starts a session",
	"escape-key": "Key that stops a command", "<key>": "Character, or its ASCII code", "default": "Default", "speed": "Transmission rate",
	"<bps>": "Bits per second", "databits": "Data bits", "5": "5 bits", "6": "6 bits", "7": "7 bits", "8": "8 bits", "parity": "Parity",
	"even": "Even parity", "mark": "Mark parity", "odd": "Odd parity", "space": "Space parity", "stopbits": "Stop bits",
	"1": "1 bit", "2": "2 bits", "stopbit-error": "Handling of wrong stop bits", "intolerance": "Refuse them",
	"flow-control": "Flow control", "hardware": "Hardware flow control", "software": "Software flow control",
	"authorization": "Authorize every command by a server", "accounting": "Account every command at a server",
	"users": "Users on lines", "summary": "Summary", "free": "Clear a connection", "send": "Send a message to other lines",
	"lock":   "Lock the current line",
	"header": "Banner", "incoming": "Banner of modem users", "legal": "Legal notice before authentication", "login": "Login of users",
	"motd": "Banner before authentication", "<text>": "Text between two characters of the same kind", "copyright-info": "Copyright statement at login",
	"enable":     "Enable the function",
	"local-user": "Local user", "<name>": "Name", "manage": "Device management user", "network": "Network access user",
	"service-type": "Services the user may use", "ftp": "FTP", "http": "HTTP", "https": "HTTPS", "advpn": "ADVPN", "ipoe": "IPoE",
	"lan-access": "LAN access", "portal": "Portal", "ppp": "PPP", "sslvpn": "SSL VPN",
	"authorization-attribute": "Attributes that the user gets", "work-directory": "Directory of FTP, SFTP and SCP", "<directory>": "Path of the directory",
	"idle-cut": "Time after which an idle user is cut off", "acl": "ACL of the user", "<acl>": "Number of the ACL", "vlan": "VLAN of the user",
	"<vlan>": "VLAN number", "sslvpn-policy-group": "SSL VPN policy group", "<policies>": "Name of the policy group",
	"callback-number": "Number to call back", "url": "Address that a browser is sent to", "<url>": "Address", "user-profile": "User profile", "<profile>": "Name of the profile", "ip": "IPv4 address", "<ip>": "IPv4 address",
	"access-limit": "Limit of concurrent users of the name", "<limit>": "Number of users", "bind-attribute": "What the user is bound to",
	"call-number": "Calling number", "<call>": "Calling number", "location": "Place of access", "interface": "Interface", "<interface>": "Interface",
	"mac": "MAC address", "<mac>": "MAC address", "state": "State of the user", "active": "Active", "block": "Blocked",
	"group": "User group", "<group>": "Name of the group", "description": "Description", "<description>": "Text", "user-group": "User group",
	"validity-datetime": "Period in which the user is valid", "from": "Begin of the period", "to": "End of the period",
	"<fromdate>": "Date", "<fromtime>": "Time", "<todate>": "Date", "<totime>": "Time", "user-name": "User name", "disable": "Disabled",
	"password-control": "Password control", "aging": "Age of passwords", "composition": "Composition of passwords",
	"history": "History of passwords", "length": "Length of passwords", "<days>": "Number of days", "<length>": "Least length",
	"type-number": "Least number of kinds of characters", "<types>": "Number of kinds", "type-length": "Least number of characters of each kind",
	"<each>": "Number of characters", "complexity": "Complexity of passwords", "same-character": "Three equal characters in a row",
	"check": "Refuse them", "<records>": "Number of records", "login-attempt": "Limit of failed logins", "<times>": "Number of times",
	"exceed": "What happens at the limit", "lock-time": "Lock the user for some time", "unlock": "Do not lock the user",
	"update-interval": "Least interval between two changes", "<hours>": "Number of hours", "idle-time": "Days without a login after which a user is invalid",
	"alert-before-expire": "Notice before a password expires", "expired-user-login": "Logins after the password has expired",
	"delay": "Days in which they are allowed", "times": "Number of them", "super": "Switch to another user role",
	"blacklist": "Users whose logins failed", "history-record": "History of passwords", "<address>": "IPv4 address",
	"role": "User role", "<which>": "Name of the role", "name": "By name", "rule": "Rule of the role", "<rule>": "Number of the rule", "permit": "Permit", "deny": "Deny",
	"execute": "Commands that run something", "read": "Commands that show something", "write": "Commands that configure something",
	"feature": "Feature", "<feature>": "Name of the feature", "verbose": "Commands of the features", "feature-group": "Group of features", "web-menu": "Web menu", "<menu>": "Path of the menu",
	"xml-element": "XML element", "<element>": "Path of the element", "oid": "MIB object", "<oid>": "Object identifier",
	"policy": "Policy for a resource", "security-zone": "Security zones", "vpn-instance": "VPN instances", "<zone>": "Name of the zone",
	"<vpn>": "Name of the VPN instance", "default-role": "Role of users without one", "local": "Passwords of the device",
}

// with is the help texts with some others in the place of theirs.
func with(other feature.Texts) feature.Texts {
	t := maps.Clone(texts)
	maps.Copy(t, other)
	return t
}

// plain says whether s can stand as one word without quotes, as names and
// hashes do, and tells the person if not.
func plain(x *feature.Exec, s string) bool {
	if strings.ContainsAny(s, " \t\"\\?") || s == "" {
		x.Error("The value is invalid.")
		return false
	}
	return true
}

// command is a command of the system view.
func command(syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command("system", syntax, run)
}
